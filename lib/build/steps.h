/* SPDX-License-Identifier: MIT
 * Private to lib/build: what single steps do, inside the sandbox, on a mounted root.
 */
#ifndef CHUTES_BUILD_STEPS_H
#define CHUTES_BUILD_STEPS_H

#include "lib/build/builder.h"

struct execution {
	struct builder *builder;
	struct workshop workshop;
	struct layers layers; /* so far */
	int step;             /* the one that runs, for messages */
};

/* Do step `i` on `root`. BUILD when it fails, with its last lines told to the outside. */
must_use bool step_run(struct execution *x, size_t i, const struct root *root, struct error *err);

#endif
