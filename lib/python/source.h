/* SPDX-License-Identifier: MIT
 * The bytes of a Python file as text: encoding and line breaks.
 */
#ifndef CHUTES_PYTHON_SOURCE_H
#define CHUTES_PYTHON_SOURCE_H

#include "lib/python/tokens.h"

/* A copy without byte order mark, every line break a '\n', free of NUL, valid UTF-8. The
 * platform stores code as UTF-8 text, so another encoding that is declared, and would matter, is a
 * fault that names it. The caller frees `*text`. */
must_use bool python_source_read(const char *code, size_t len, char **text, size_t *text_len,
				 struct python_fault *fault);

#endif
