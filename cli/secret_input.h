/* SPDX-License-Identifier: MIT
 * How a command is given a secret: never as an argument, which everybody on the machine can read.
 * Who reads one here has a process that leaves no core file (process_guard()).
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
 * it. Where standard input is a terminal, it does not show what is typed. Terminated: bytes[len] is
 * 0. `what` is for messages: "the password". */
must_use bool secret_input_read(const char *source, const char *what, struct secret *out,
				struct error *err);
/* The same for an option that names a file: "-", "fd:N", or else a path. */
must_use bool secret_input_file(const char *path, const char *what, struct secret *out,
				struct error *err);
/* Is there a person to be asked? */
bool secret_input_can_ask(void);
/* Ask for it on the terminal, which does not show it and is itself again after any signal. Blanks
 * at both ends are not part of it, as with the tools of Bittensor. USAGE naming `flag` where nobody
 * can be asked, and for nothing. Terminated likewise. */
must_use bool secret_input_ask(const char *question, const char *flag, struct secret *out,
			       struct error *err);
/* Ask twice, and anew where the second answer is another one. */
must_use bool secret_input_ask_new(const char *question, const char *flag, struct secret *out,
				   struct error *err);
#endif
