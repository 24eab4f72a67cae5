/* SPDX-License-Identifier: MIT
 * What the files of this room share.
 */
#ifndef CHUTES_CALL_CALL_INTERNAL_H
#define CHUTES_CALL_CALL_INTERNAL_H

#include "lib/call/call.h"

/* Hold an answer to what a test expects; what it does not meet goes to `problem`, a line or more
 * for each. False is a schema file that cannot be read, or makes no sense. */
must_use bool call_expect(const struct spec *spec, const struct call_test *test,
			  const struct http_answer *answer, struct text *problem,
			  struct error *err);

#endif
