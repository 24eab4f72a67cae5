/* SPDX-License-Identifier: MIT
 * Why a chute ended, or does not get ready, in words that help.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/launch/door.h"
#include "lib/launch/launch_internal.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

enum {
	PORTS_SHOWN = 8,
	VMSTAT_LIMIT = 1 << 20,
	TAIL_LINES = 20,
};

uint64_t memory_kills(void)
{
	static const char name[] = "\noom_kill ";
	auto_text text = {0};
	struct error ignored; /* no counter: no evidence */

	if (!file_read("/proc/vmstat", VMSTAT_LIMIT, &text, &ignored))
		return 0;
	const char *line = strstr(text_str(&text), name);

	return line ? strtoull(line + strlen(name), NULL, 10) : 0;
}

void tell_last_lines(const struct launch *l)
{
	auto_text text = {0};

	tail_format(l->tail, TAIL_LINES, &text);
	if (text.len > 0 && l->options->on_last_lines)
		l->options->on_last_lines(l->options->context, text_str(&text));
}

/* The last sentence of the runner, "error: …", without its first word; NULL when there is none. The
 * caller's to free. */
static char *last_error(const struct launch *l)
{
	static const char begin[] = "error: ";
	auto_text text = {0};
	auto_strings lines = {0};

	tail_format(l->tail, TAIL_LINES, &text);
	strings_split(&lines, text_str(&text), '\n');
	for (size_t i = lines.n; i > 0; i--)
		if (text_starts_with(lines.items[i - 1], begin))
			return xstrdup(lines.items[i - 1] + strlen(begin));
	return NULL;
}

static bool fail_program(const struct launch *l, struct error *err)
{
	const char *program = l->argv.items[0];

	if (!l->ended.result.is_not_found)
		return fail(err, ERROR_START, "'%s' cannot be executed", program);
	fail(err, ERROR_START, "'%s' is not in the image", program);
	if (l->is_run_by_us)
		return fail_hint(err, "add '- apt: [python3, python3-pip]' to 'image.steps', or "
				      "choose a base that has Python");
	return fail_hint(err, "install it in a step of 'image.steps'");
}

/* The runner says what is missing, and behind ": add this" the step that brings it. */
static bool fail_package(const struct launch *l, struct error *err)
{
	auto_free char *said = last_error(l);
	char *remedy = said ? strstr(said, ": add ") : NULL;

	if (!remedy)
		return fail(err, ERROR_START, "%s",
			    said ? said : "the image lacks a package that the chute needs");
	*remedy = '\0';
	fail(err, ERROR_START, "%s", said);
	return fail_hint(err, "%s", remedy + 2);
}

static bool fail_signal(const struct launch *l, const char *when, struct error *err)
{
	int number = l->ended.result.status - 128;

	if (number != SIGKILL) {
		fail(err, ERROR_START, "%s died of signal %d (%s)%s", l->subject, number,
		     strsignal(number), when);
		return fail_hint(err, "its output stands above");
	}
	if (memory_kills() > l->memory_kills) {
		fail(err, ERROR_START, "memory ran out, and the kernel killed %s%s", l->subject,
		     when);
		return fail_hint(err, "give this machine more, or let the chute hold less: a "
				      "smaller model, smaller batches");
	}
	fail(err, ERROR_START, "%s was killed (signal 9)%s", l->subject, when);
	return fail_hint(err, "not by us, and not because memory ran out: the kernel counts that");
}

bool fail_ended(const struct launch *l, struct error *err)
{
	const struct run_result *r = &l->ended.result;
	const char *when = l->is_ready || l->job ? "" : " before it was ready";

	if (r->is_not_found || r->is_not_executable)
		return fail_program(l, err);
	if (l->is_run_by_us && r->status == EXIT_PACKAGE_MISSING)
		return fail_package(l, err);
	if (r->status > 128)
		return fail_signal(l, when, err);
	auto_free char *said = l->is_run_by_us ? last_error(l) : NULL;

	if (r->status == EXIT_JOB && said && l->is_run_by_us)
		return fail(err, ERROR_JOB, "%s", said);
	fail(err, ERROR_START, "%s ended with status %d%s%s%s", l->subject, r->status, when,
	     said ? ": " : "", said ? said : "");
	if (l->n_restarts > 0)
		return fail_hint(err, "it was restarted %u times; its output stands above",
				 l->n_restarts);
	return fail_hint(err, "its output stands above");
}

/* --- not ready */

bool describe_other_ports(const struct launch *l, struct text *out)
{
	uint16_t ports[PORTS_SHOWN];
	size_t n = l->is_run_by_us ? 0 : door_ports(l->options->door, ports, array_len(ports));
	int64_t wanted = l->options->spec->server.port;

	for (size_t i = 0; i < n; i++)
		if (ports[i] == wanted)
			return false;
	for (size_t i = 0; i < n; i++)
		text_addf(out, "%s%d", i ? ", " : "the server listens on port ", (int)ports[i]);
	if (n > 0)
		text_addf(out, ", not on 'server.port' %" PRId64, wanted);
	return n > 0;
}

bool fail_unready(const struct launch *l, struct error *err)
{
	const struct spec_server *server = &l->options->spec->server;
	unsigned long long seconds = l->ready_ms / 1000;
	auto_text ports = {0};

	if (l->is_run_by_us) {
		fail(err, ERROR_START, "the chute did not get ready in %llu s", seconds);
		return fail_hint(err, "its output stands above: do its startup hooks end?");
	}
	bool is_elsewhere = describe_other_ports(l, &ports);

	if (is_elsewhere) {
		fail(err, ERROR_START, "the chute did not get ready in %llu s: %s", seconds,
		     text_str(&ports));
		return fail_hint(err, "let both be the same port");
	}
	fail(err, ERROR_START, "the chute did not get ready in %llu s: GET %s at port %d", seconds,
	     l->ready_path, (int)server->port);
	if (l->last_status)
		return fail_hint(err, "it answers %d, and 'server.ready.status' is %d",
				 l->last_status, l->ready_status);
	if (l->last_fault)
		return fail_hint(err, "its answer is no HTTP/1.1: %s", l->last_fault);
	return fail_hint(err, "its output stands above; see 'server.ready' of the spec");
}
