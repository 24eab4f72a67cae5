/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void *memory_check(void *p)
{
	if (!p) {
		fputs("chutes: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	return memory_check(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size) { return memory_check(realloc(p, size ? size : 1)); }

char *xstrdup(const char *text) { return memory_check(strdup(text)); }

char *xstrndup(const char *text, size_t len) { return memory_check(strndup(text, len)); }

void *xmemdup(const void *bytes, size_t len)
{
	void *copy = xcalloc(1, len);

	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

char *xprintf(const char *fmt, ...)
{
	char *out = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&out, fmt, args) < 0)
		out = NULL;
	va_end(args);
	return memory_check(out);
}

void *list_grow(void *items, size_t n, size_t *capacity, size_t item_size)
{
	if (n < *capacity)
		return items;
	size_t wanted = *capacity ? *capacity * 2 : 8;

	items = memory_check(reallocarray(items, wanted, item_size));
	*capacity = wanted;
	return items;
}

void wipe_text(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}
