/* SPDX-License-Identifier: MIT
 * How a command is given a secret: never as an argument, which everybody on the machine can read.
 */
#ifndef CHUTES_CLI_SECRET_INPUT_H
#define CHUTES_CLI_SECRET_INPUT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/crypto/secret.h"

enum { SECRET_INPUT_LIMIT = 8192 }; /* bytes */

/* Where it comes from: "-" is standard input, "@PATH" a file, "fd:N" a descriptor. USAGE for
 * anything else, without repeating it, for it may be the secret itself; for more than
 * SECRET_INPUT_LIMIT bytes, for none, and for a NUL byte. One line break at the end is not part of
 * it. Terminated: bytes[len] is 0. `what` is for messages: "the password". */
must_use bool secret_input_read(const char *source, const char *what, struct secret *out,
				struct error *err);
/* Ask for it on the terminal, which does not show it and is itself again after any signal. USAGE
 * naming `flag` where nobody can be asked. Terminated likewise. */
must_use bool secret_input_ask(const char *question, const char *flag, struct secret *out,
			       struct error *err);
/* Ask twice. */
must_use bool secret_input_ask_new(const char *question, const char *flag, struct secret *out,
				   struct error *err);
#endif
