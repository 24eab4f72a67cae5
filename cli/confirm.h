/* SPDX-License-Identifier: MIT
 * A question that a person answers; where nobody can, a flag has to.
 */
#ifndef CHUTES_CLI_CONFIRM_H
#define CHUTES_CLI_CONFIRM_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

/* "question [y/N]" on stderr, the answer from the terminal; anything but y and yes is no: FAILURE,
 * with nothing done. Without a terminal, with --no-input, or where CI is set: USAGE,
 * naming `flag`. */
must_use bool confirm(const char *question, const char *flag, struct error *err);

#endif
