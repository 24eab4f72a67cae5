/* SPDX-License-Identifier: MIT
 * What the module and the request of a chute have in common.
 */
#ifndef CHUTES_LOWER_LOWER_INTERNAL_H
#define CHUTES_LOWER_LOWER_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/lower/lower.h"

/* Of the platform; and the same in bytes, at most. */
enum { LOWER_CODE_MAX_CHARACTERS = 150000, LOWER_FILE_MAX_BYTES = 4 * LOWER_CODE_MAX_CHARACTERS };

/* The Python file that the mode takes from the project, or NULL. */
const char *lower_source_file(const struct spec *spec);
/* lower_payload() behind its checks, with the file as it was read: NULL in a mode without one. */
must_use bool payload_add(struct text *out, const struct spec *spec,
			  const struct lower_names *names, const struct lowered_code *code,
			  const struct python_module *module, struct findings *f,
			  struct error *err);

#endif
