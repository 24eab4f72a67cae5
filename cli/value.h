/* SPDX-License-Identifier: MIT
 * Values of options, as they land in a command's options.
 */
#ifndef CHUTES_CLI_VALUE_H
#define CHUTES_CLI_VALUE_H

#include "cli/command.h"

/* In what follows `what` is how the user named it: "option '--port'", "variable 'CHUTES_FORMAT'".
 * What does not fit is USAGE. */

/* Is `word` one of "a|b|c"? */
bool value_is_choice(const char *choices, const char *word);
must_use bool value_check_choice(const char *what, const char *choices, const char *value,
				 struct error *err);
void value_set_flag(const struct option_row *row, void *options, bool value);
/* For all types but FLAG. Text is borrowed. */
must_use bool value_store(const struct option_row *row, void *options, const char *what,
			  const char *value, struct error *err);

#endif
