/* SPDX-License-Identifier: MIT
 * Memory that dies together: one parsed document, one request. Everything taken from an arena ends
 * with arena_release(); nothing is freed alone.
 */
#ifndef CHUTES_BASE_ARENA_H
#define CHUTES_BASE_ARENA_H

#include "lib/base/compiler.h"

struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t used_bytes; /* sum of what was handed out, for limits */
};

#define auto_arena __attribute__((cleanup(arena_release))) struct arena

void arena_release(struct arena *a);
/* As arena_release(), but a block is kept for what comes next. */
void arena_clear(struct arena *a);
/* Zeroed, aligned for any type. */
must_use void *arena_alloc(struct arena *a, size_t size);
must_use char *arena_strdup(struct arena *a, const char *s);
must_use char *arena_strndup(struct arena *a, const char *s, size_t len);
must_use char *arena_printf(struct arena *a, const char *fmt, ...) printf_like(2, 3);

#endif
