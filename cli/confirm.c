/* SPDX-License-Identifier: MIT */
#include "cli/confirm.h"
#include "cli/print.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool confirm(const char *question, const char *flag, struct error *err)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || !print_may_ask()) {
		fail(err, ERROR_USAGE, "%s", question);
		return fail_hint(err, "say so with %s: there is nobody to ask", flag);
	}
	print_question("%s [y/N] ", question);
	if (!fgets(answer, sizeof(answer), stdin))
		answer[0] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	if (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0)
		return true;
	return fail(err, ERROR_FAILURE, "nothing was done");
}
