/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"

#include <sys/utsname.h>

bool help_version(struct call *call maybe_unused, struct error *err maybe_unused)
{
	if (print_result())
		json_out_text(print_result(), "version", CHUTES_VERSION);
	else
		print_line("chutes %s", CHUTES_VERSION);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	struct json_out *j = print_result();
	struct utsname host = {0};

	if (!help_version(call, err))
		return false;
	if (uname(&host) < 0)
		return fail_errno(err, "asking for the kernel's name");
	if (j) {
		json_out_text(j, "compiler", __VERSION__);
		json_out_text(j, "machine", host.machine);
		json_out_text(j, "kernel", host.release);
	} else {
		print_line("compiler  %s", __VERSION__);
		print_line("machine   %s", host.machine);
		print_line("kernel    %s", host.release);
	}
	return true;
}

const struct command command_version = {
	.name = "version",
	.summary = "show what this program is",
	.about = "Shows the version, the compiler that built it, and the machine it runs on:\n"
		 "what a report of a fault should name.",
	.examples = {"chutes version", "chutes version --json | jq -r .result.version"},
	.see_also = {"help"},
	.group = GROUP_TOOLS,
	.run = run,
};
