/* SPDX-License-Identifier: MIT
 * Where the first statement of a Python file starts, and where any statement ends.
 */
#ifndef CHUTES_PYTHON_HEAD_H
#define CHUTES_PYTHON_HEAD_H

#include <stddef.h>

/* Length of the head of a module: comments, docstring and `from __future__` imports, up to the
 * start of the line of the first other statement. */
size_t python_head_length(const char *code, size_t len);
/* Behind the newline that ends the logical line at `p`: strings, brackets and comments in it are
 * known, so that their line breaks do not count. */
const char *python_skip_statement(const char *p, const char *end);

#endif
