/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include "lib/base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 16384, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(ALIGN) unsigned char bytes[];
};

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_release(struct arena *a)
{
	free_blocks(a->blocks);
	*a = (struct arena){0};
}

void arena_clear(struct arena *a)
{
	struct arena_block *kept = a->blocks;

	if (!kept)
		return;
	if (kept->size > BLOCK_BYTES) {
		arena_release(a);
		return;
	}
	free_blocks(kept->next);
	memset(kept->bytes, 0, kept->used);
	kept->next = NULL;
	kept->used = 0;
	a->used_bytes = 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	struct arena_block *b = a->blocks;

	if (!b || b->size - b->used < size) {
		size_t block_size = size > BLOCK_BYTES ? size : BLOCK_BYTES;

		b = xcalloc(1, sizeof(*b) + block_size);
		b->size = block_size;
		b->next = a->blocks;
		a->blocks = b;
	}
	void *p = b->bytes + b->used;

	b->used += size;
	a->used_bytes += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len)
		memcpy(copy, s, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s) { return arena_strndup(a, s, strlen(s)); }

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	auto_free char *formatted = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&formatted, fmt, args) < 0)
		abort();
	va_end(args);
	return arena_strdup(a, formatted);
}
