/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/running.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"

#include <inttypes.h>
#include <string.h>

enum { ALL_LINES = -1 };

struct logs_command {
	bool follow;
	int64_t tail;
};

static const struct logs_command defaults = {.tail = ALL_LINES};

static const struct option_row rows[] = {
	OPT('f', "follow", FLAG, logs_command, follow, NULL,
	    "go on with what comes, until the chute ends"),
	OPT('n', "tail", NUMBER, logs_command, tail, "LINES", "only the last LINES (default: all)"),
	OPT_END};

/* `context`: the beginning of a character whose end is still to come. */
static bool on_bytes(void *context, const char *bytes, size_t len, struct error *err)
{
	struct text *tail = context;
	auto_text shown = {0};

	text_add_bytes(tail, bytes, len);
	size_t whole = utf8_whole(text_str(tail), tail->len);

	text_add_printable(&shown, text_str(tail), whole, true);
	memmove(tail->bytes, tail->bytes + whole, tail->len - whole);
	tail->len -= whole;
	if (!print_stream(text_str(&shown), shown.len, err))
		return false;
	print_flush();
	return true;
}

/* The chute of the spec that is here, running or not. */
static char *find_own(const struct call *call)
{
	auto_local_chute chute = {0};
	auto_spec spec = {0};
	auto_findings ignored_findings = {0};
	const struct spec_options o = {.file = call->globals.file,
				       .overlay = call->globals.overlay};
	struct error ignored; /* then it is not said by where we are */

	if (running_find_here(call, &chute))
		return take(chute.name);
	return spec_load(&o, &spec, &ignored_findings, &ignored) ? xstrdup(spec.name) : NULL;
}

/* A chute that has ended is looked for first of all: that another one runs elsewhere is no reason
 * to show the log of that. */
static bool choose(const struct call *call, char **out, struct error *err)
{
	const char *name = call->args.n ? call->args.items[0] : NULL;
	auto_free char *own = name ? NULL : find_own(call);

	if (own && local_has_log(own)) {
		*out = take(own);
		return true;
	}
	if (running_choose(call, name, out, err))
		return true;
	if (!own || err->code != ERROR_NOT_FOUND)
		return false;
	*out = take(own);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct logs_command *o = call->options;
	auto_free char *name = NULL;
	auto_text tail = {0};

	if (o->tail < ALL_LINES)
		return fail(err, ERROR_USAGE, "--tail must not be negative");
	interrupt_catch();
	bool ok = choose(call, &name, err) &&
		  local_logs(name, o->tail, o->follow, on_bytes, &tail, err);

	if (tail.len > 0) { /* it never came */
		auto_text shown = {0};

		text_add_printable(&shown, text_str(&tail), tail.len, true);
		print_bytes(text_str(&shown), shown.len);
	}
	return ok;
}

const struct command command_logs = {
	.name = "logs",
	.arguments = "[CHUTE]",
	.summary = "show what a chute on this machine wrote",
	.about = "Shows output, requests and restarts of a chute that 'chutes run' serves, or\n"
		 "served: they stay until the next one of that name starts. Without CHUTE the\n"
		 "one of this directory, or the only one where there is no spec.",
	.options = rows,
	.options_size = sizeof(struct logs_command),
	.defaults = &defaults,
	.formats = "text",
	.examples = {"chutes logs -f", "chutes logs -n 100 demo | grep -i error"},
	.exits = {ERROR_NOT_FOUND, ERROR_INTERRUPTED},
	.see_also = {"run", "ps", "stop"},
	.group = GROUP_BUILD,
	.run = run,
};
