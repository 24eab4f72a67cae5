/* SPDX-License-Identifier: MIT
 * From argv to an exit status: parse, run, print the end.
 */
#include "cli/command.h"

#include "cli/help.h"
#include "cli/plugin.h"
#include "cli/print.h"
#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/http/http.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

const char *command_group_title(enum command_group group)
{
	static const char *const titles[] = {"Start",   "Build",   "Ship",
					     "Operate", "Account", "Tools"};

	static_assert(array_len(titles) == GROUP_N, "one title per group");
	return titles[group];
}

static bool set_log_level(const struct globals *g, struct error *err)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	const char *wanted = env_get(ENV_CHUTES_LOG);

	if (g->debug)
		log_set_level(LOG_LEVEL_DEBUG);
	if (g->debug || !wanted)
		return true;
	for (size_t i = 0; i < array_len(names); i++)
		if (strcmp(wanted, names[i]) == 0) {
			log_set_level((enum log_level)i);
			return true;
		}
	return fail(err, ERROR_USAGE,
		    "variable 'CHUTES_LOG' must be error, warning, info or debug, not '%s'",
		    wanted);
}

static bool run(struct call *call, struct error *err)
{
	const struct globals *g = &call->globals;

	const struct http_network network = {.proxy = g->proxy, .ca_file = g->ca_file};

	if (!set_log_level(g, err))
		return false;
	http_set_network(&network);
	if (g->version)
		return help_version(call, err);
	if (g->help)
		return help_command(call, err);
	if (g->directory && chdir(g->directory) < 0)
		return fail_errno(err, "changing to '%s'", g->directory);
	return call->command->run(call, err);
}

int command_main(const struct command *root, int argc, char **argv)
{
	const char *const *words = (const char *const *)argv;
	struct call call = {0};
	struct error err = {0};

	/* a reader who had enough ends us quietly, whatever our parent did with the signal */
	signal(SIGPIPE, SIG_DFL);
	bool ok = command_parse(root, argc, words, &call, &err);

	if (ok && call.plugin)
		ok = plugin_run(&call, argv, &err);
	/* a limit on the size of files is an error that is told, as a full disk is */
	signal(SIGXFSZ, SIG_IGN);
	if (!ok)
		command_read_looks(words + (argc > 0), &call.globals);
	print_begin(&call.globals, call.globals.version ? "version" : call.name);
	if (argc < 2 && !call.globals.json) {
		help_overview(root);
		print_next("chutes %s", file_exists("chute.yaml") ? "run" : "init");
		ok = true;
		call.exit_status = error_row(ERROR_USAGE)->exit_status;
	} else if (ok) {
		ok = run(&call, &err);
	}
	int status = print_end(ok ? NULL : &err, call.exit_status);

	call_release(&call);
	return status;
}
