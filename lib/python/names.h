/* SPDX-License-Identifier: MIT
 * Which names a Python file defines, read without running it. Knows Python's strings, comments,
 * brackets and indentation, nothing of what the code means.
 */
#ifndef CHUTES_PYTHON_NAMES_H
#define CHUTES_PYTHON_NAMES_H

#include "lib/base/compiler.h"
#include "lib/base/strings.h"

struct python_names {
	struct strings names; /* sorted: functions, classes, variables, imports */
	bool is_open;         /* `from x import *`: there may be more */
};

#define auto_python_names __attribute__((cleanup(python_names_release))) struct python_names

void python_names_release(struct python_names *n);
/* What is bound on the module's level, in `if`, `try` and `with` blocks, too. */
void python_names_read(const char *code, size_t len, struct python_names *out);
bool python_names_has(const struct python_names *n, const char *name);

#endif
