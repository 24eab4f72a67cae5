/* SPDX-License-Identifier: MIT
 * A Dockerfile as a list of instructions, as far as one must read it to check it: which they are,
 * what stands behind them, on which line. Follows BuildKit's reader: continued lines, comments,
 * the escape directive, here-documents. Does not replace variables and runs nothing.
 */
#ifndef CHUTES_SPEC_DOCKERFILE_H
#define CHUTES_SPEC_DOCKERFILE_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"

/* Far beyond what anybody writes; a hostile file is not read any further. */
enum { DOCKERFILE_MAX_BYTES = 1024 * 1024, DOCKERFILE_MAX_INSTRUCTIONS = 10000 };

struct dockerfile_instruction {
	char *word;      /* "RUN": upper case, one of those that exist */
	char *arguments; /* in one line, blanks at both ends removed; never empty */
	size_t line;     /* where it begins, from 1 */
};
struct dockerfile {
	struct arena arena;
	struct dockerfile_instruction *items;
	size_t n;
	size_t capacity;
};
#define auto_dockerfile __attribute__((cleanup(dockerfile_release))) struct dockerfile
void dockerfile_release(struct dockerfile *d);
/* SPEC: "line 3: unknown instruction 'FORM'". Bodies of here-documents are passed over. */
must_use bool dockerfile_parse(const char *text, size_t len, struct dockerfile *out,
			       struct error *err);

/* "FROM --platform=x name AS stage": false when there is no name. The texts are the arena's;
 * `stage` is NULL without AS. */
must_use bool dockerfile_from(struct dockerfile *d, const struct dockerfile_instruction *from,
			      char **name, char **stage);

#endif
