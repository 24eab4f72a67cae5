/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/running.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"

#include <inttypes.h>

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

static bool on_bytes(void *context maybe_unused, const char *bytes, size_t len, struct error *err)
{
	auto_text shown = {0};

	text_add_printable(&shown, bytes, len, true);
	if (!print_stream(text_str(&shown), shown.len, err))
		return false;
	print_flush();
	return true;
}

/* Nothing runs: the logs of the spec's own chute may still be there. */
static char *find_ended(const struct call *call)
{
	auto_spec spec = {0};
	auto_findings ignored_findings = {0};
	const struct spec_options o = {.file = call->globals.file};
	struct error ignored;

	return spec_load(&o, &spec, &ignored_findings, &ignored) ? xstrdup(spec.name) : NULL;
}

static bool choose(const struct call *call, char **out, struct error *err)
{
	if (running_choose(call, call->args.n ? call->args.items[0] : NULL, out, err))
		return true;
	*out = err->code == ERROR_NOT_FOUND ? find_ended(call) : NULL;
	return *out != NULL;
}

static bool run(struct call *call, struct error *err)
{
	const struct logs_command *o = call->options;
	auto_free char *name = NULL;

	if (o->tail < ALL_LINES)
		return fail(err, ERROR_USAGE, "--tail must not be negative");
	interrupt_catch();
	return choose(call, &name, err) &&
	       local_logs(name, o->tail, o->follow, on_bytes, NULL, err);
}

const struct command command_logs = {
	.name = "logs",
	.arguments = "[CHUTE]",
	.summary = "show what a chute on this machine wrote",
	.about = "Shows output, requests and restarts of a chute that 'chutes run' serves, or\n"
		 "served: they stay until the next one of that name starts. Without CHUTE the\n"
		 "one of this directory, or the only one.",
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
