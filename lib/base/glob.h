/* SPDX-License-Identifier: MIT
 * Wildcards as gitignore(5) has them: '*' and '?' within a path component, "**" across components,
 * [sets], '\' before a character that is meant as itself. Touches no file.
 */
#ifndef CHUTES_BASE_GLOB_H
#define CHUTES_BASE_GLOB_H

#include "lib/base/compiler.h"

enum glob_kind {
	GLOB_PATH, /* '*', '?' and sets do not match '/' */
	GLOB_NAME, /* there is no '/' in the text; "**" is '*' */
};
/* Does `pattern` match all of `text`? By bytes. A pattern with an unclosed '[' or a final '\'
 * matches nothing. Time is bounded by the product of both lengths and the number of components. */
bool glob_match(const char *pattern, const char *text, enum glob_kind kind);
/* Length of the beginning of `pattern` that stands for itself. */
size_t glob_literal_length(const char *pattern);

#endif
