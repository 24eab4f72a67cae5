/* SPDX-License-Identifier: MIT
 * A list of owned strings. `{0}` is empty; `items` is NULL-terminated as soon as anything was
 * added, so it can be an argv.
 */
#ifndef CHUTES_BASE_STRINGS_H
#define CHUTES_BASE_STRINGS_H

#include "lib/base/compiler.h"

struct strings {
	char **items;
	size_t n;
	size_t capacity;
};

#define auto_strings __attribute__((cleanup(strings_release))) struct strings

void strings_release(struct strings *s);
void strings_add(struct strings *s, const char *item);
void strings_addf(struct strings *s, const char *fmt, ...) printf_like(2, 3);
/* Takes ownership of `item`. */
void strings_add_taken(struct strings *s, char *item);
void strings_add_all(struct strings *s, const struct strings *more);
bool strings_has(const struct strings *s, const char *item);
/* By bytes (strcmp), as everything reproducible is. */
void strings_sort(struct strings *s);
/* "NAME=value" lists: the value (borrowed) or NULL; set replaces in place or appends. */
const char *strings_env_find(const struct strings *s, const char *name);
void strings_env_set(struct strings *s, const char *name, const char *value);
/* Set each of `entries`, all of them "NAME=value". */
void strings_env_set_all(struct strings *s, const struct strings *entries);
/* Split at each `separator`; empty parts are kept. */
void strings_split(struct strings *s, const char *text, char separator);
/* NULL-terminated array even when empty. Borrowed. */
char *const *strings_argv(const struct strings *s);

#endif
