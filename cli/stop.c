/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/running.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"

enum { GRACE_MS = 5000 }; /* beyond what the chute has itself */

struct stop_command {
	bool all;
};

static const struct option_row rows[] = {
	OPT('a', "all", FLAG, stop_command, all, NULL, "all of them"),
	OPT_END,
};

static bool choose(const struct call *call, struct strings *out, struct error *err)
{
	const struct stop_command *o = call->options;
	auto_local_chutes list = {0};
	auto_free char *name = NULL;

	if (o->all && call->args.n)
		return fail(err, ERROR_USAGE, "--all and names exclude each other");
	if (o->all) {
		if (!local_list(&list, err))
			return false;
		for (size_t i = 0; i < list.n; i++)
			strings_add(out, list.items[i].name);
		return true;
	}
	strings_add_all(out, &call->args);
	if (out->n > 0)
		return true;
	if (!running_choose(call, NULL, &name, err))
		return false;
	strings_add(out, name);
	return true;
}

/* Every one is tried; the first failure is the one that is told at the end. */
static bool stop_each(const struct strings *names, struct strings *stopped, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; i < names->n; i++) {
		struct error why;

		print_live("stop   %s", names->items[i]);
		if (local_stop(names->items[i], GRACE_MS, &why)) {
			strings_add(stopped, names->items[i]);
			print_changed();
			print_line("%s", names->items[i]);
		} else if (why.code == ERROR_INTERRUPTED) {
			*err = why;
			return false;
		} else if (ok) {
			*err = why;
			ok = false;
		} else {
			print_problem(why.message, why.hint);
		}
	}
	return ok;
}

static bool run(struct call *call, struct error *err)
{
	auto_strings names = {0};
	auto_strings stopped = {0};

	interrupt_catch();
	if (!choose(call, &names, err) || !stop_each(&names, &stopped, err))
		return false;
	if (print_is_json()) {
		struct json_out *j = print_result();

		json_out_array(j, "stopped");
		for (size_t i = 0; i < stopped.n; i++)
			json_out_text(j, NULL, stopped.items[i]);
		json_out_array_end(j);
	}
	return true;
}

const struct command command_stop = {
	.name = "stop",
	.arguments = "[CHUTE]...",
	.summary = "stop chutes that run on this machine",
	.about = "Asks them to end, as deployment does: running requests finish, shutdown\n"
		 "hooks run; what takes longer than it may is killed. Without CHUTE the one of\n"
		 "this directory, or the only one where there is no spec.",
	.options = rows,
	.options_size = sizeof(struct stop_command),
	.examples = {"chutes stop", "chutes stop --all"},
	.exits = {ERROR_NOT_FOUND, ERROR_TIMEOUT, ERROR_INTERRUPTED},
	.see_also = {"run", "ps", "logs"},
	.group = GROUP_BUILD,
	.run = run,
};
