/* SPDX-License-Identifier: MIT
 * Regular expressions as JSON Schema writes them (ECMA-262), matched in a time that grows with the
 * text and the expression and never with their combinations, so that both may come from a stranger.
 */
#ifndef CHUTES_DATA_PATTERN_H
#define CHUTES_DATA_PATTERN_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

struct pattern;

/* SPEC: no regular expression, or one that looks around or back, or asks for Unicode properties:
 * "looks around, which is not known here". */
must_use bool pattern_parse(const char *text, struct pattern **out, struct error *err);
void pattern_free(struct pattern *p); /* accepts NULL */
static inline void pattern_free_slot(struct pattern **p) { pattern_free(*p); }
#define auto_pattern __attribute__((cleanup(pattern_free_slot)))

/* Is it anywhere in these UTF-8 bytes? Bytes that are not UTF-8 count as characters of their own.
 */
must_use bool pattern_fits(const struct pattern *p, const char *value, size_t len);
/* Steps that one character may take. */
size_t pattern_steps(const struct pattern *p);

#endif
