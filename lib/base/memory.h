/* SPDX-License-Identifier: MIT
 * Heap memory that never fails: a program without memory ends. Sizes that come from outside are
 * bounded by the caller before they reach these functions.
 */
#ifndef CHUTES_BASE_MEMORY_H
#define CHUTES_BASE_MEMORY_H

#include "lib/base/compiler.h"

#include <stdlib.h>

must_use void *xcalloc(size_t count, size_t size);
must_use void *xrealloc(void *p, size_t size);
must_use char *xstrdup(const char *text);
must_use char *xstrndup(const char *text, size_t len);
must_use void *xmemdup(const void *bytes, size_t len);
must_use char *xprintf(const char *fmt, ...) printf_like(1, 2);

/* For other allocators: `p` itself; without memory (NULL) the program ends. */
must_use void *memory_check(void *p);

/* Make room for one more element: returns `items`, moved if it had to grow.
 * `capacity` is in elements and doubles. `items = list_grow(items, n, &cap, sizeof(*items))`. */
must_use void *list_grow(void *items, size_t n, size_t *capacity, size_t item_size);

static inline void free_pointer(void *p)
{
	void **slot = p;

	free(*slot);
}

/* Free at the end of the scope: `auto_free char *name = NULL;` */
#define auto_free __attribute__((cleanup(free_pointer)))

/* Overwrite a terminated text, and free it. Accepts NULL. */
void wipe_text(char *secret);
static inline void wipe_pointer(void *p) { wipe_text(*(char **)p); }
/* Text that may be secret: `auto_wipe char *seed = NULL;` */
#define auto_wipe __attribute__((cleanup(wipe_pointer)))

#endif
