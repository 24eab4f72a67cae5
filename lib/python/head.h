/* SPDX-License-Identifier: MIT
 * Where the first statement of a Python file starts.
 */
#ifndef CHUTES_PYTHON_HEAD_H
#define CHUTES_PYTHON_HEAD_H

#include <stddef.h>

/* Length of the head of a module: comments, docstring and `from __future__` imports, up to the
 * start of the line of the first other statement. What is no Python has no head but its byte order
 * mark. */
size_t python_head_length(const char *code, size_t len);

#endif
