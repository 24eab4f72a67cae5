/* SPDX-License-Identifier: MIT
 * What changed between two texts, line by line, as `diff -u` shows it.
 */
#ifndef CHUTES_BASE_DIFF_H
#define CHUTES_BASE_DIFF_H

#include "lib/base/text.h"

/* Nothing when they are equal. Where the texts differ in more lines than could be compared in a
 * moment, all between the first and the last difference counts as changed. */
void text_add_diff(struct text *out, const char *name, const char *before, const char *after);

#endif
