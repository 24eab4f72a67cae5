/* SPDX-License-Identifier: MIT
 * Looks for a secret in all of the memory that this process can write to: stacks, heap, buffers.
 */
#ifndef CHUTES_TESTS_MEMORY_SEARCH_H
#define CHUTES_TESTS_MEMORY_SEARCH_H

#include "tests/unit/tap.h"

#include <pthread.h>
#include <stdio.h>

/* Some bytes of the middle of a secret, written so that they do not find themselves. */
enum { NEEDLE_BYTES = 12, NEEDLE_MASK = 0x55 };
struct needle {
	unsigned char masked[NEEDLE_BYTES];
};

static inline struct needle needle_of(const void *secret, size_t len)
{
	const unsigned char *from = (const unsigned char *)secret + (len - NEEDLE_BYTES) / 2;
	struct needle n;

	for (size_t i = 0; i < NEEDLE_BYTES; i++)
		n.masked[i] = from[i] ^ NEEDLE_MASK;
	return n;
}

static inline size_t needle_count(const struct needle *n, const volatile unsigned char *from,
				  size_t len)
{
	size_t found = 0;

	for (size_t i = 0; i + NEEDLE_BYTES <= len; i++) {
		size_t k = 0;

		while (k < NEEDLE_BYTES && (from[i + k] ^ NEEDLE_MASK) == n->masked[k])
			k++;
		found += k == NEEDLE_BYTES;
	}
	return found;
}

/* Neither a sanitizer nor valgrind lets one look everywhere. */
static inline bool memory_can_search(void) { return tap_slowness() == 1; }

/* How often it is there. */
static inline size_t memory_search(const struct needle *n)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	size_t found = 0;

	while (maps && fgets(line, sizeof(line), maps)) {
		char *end = NULL;
		uintptr_t from = strtoul(line, &end, 16);
		uintptr_t to = strtoul(end + 1, &end, 16);

		if (strncmp(end, " rw", 3) == 0)
			found += needle_count(n, (const volatile unsigned char *)from, to - from);
	}
	if (maps)
		fclose(maps);
	return found;
}

/* Run something on a stack that nothing else uses until it is searched. */
struct apart {
	void (*run)(void *context);
	void *context;
};
static _Alignas(64) unsigned char apart_stack[512 * 1024];

/* Deeper than the end of a thread reaches. */
static inline void *apart_start(void *p)
{
	const struct apart *a = p;
	volatile unsigned char room[8192];

	room[0] = 0;
	a->run(a->context);
	room[sizeof(room) - 1] = room[0];
	return NULL;
}

static inline void run_apart(void (*run)(void *), void *context)
{
	struct apart a = {run, context};
	pthread_attr_t attributes;
	pthread_t thread;

	memset(apart_stack, 0, sizeof(apart_stack));
	CHECK(pthread_attr_init(&attributes) == 0 &&
	      pthread_attr_setstack(&attributes, apart_stack, sizeof(apart_stack)) == 0 &&
	      pthread_create(&thread, &attributes, apart_start, &a) == 0 &&
	      pthread_join(thread, NULL) == 0);
	pthread_attr_destroy(&attributes);
}

#endif
