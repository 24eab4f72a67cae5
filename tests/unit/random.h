/* SPDX-License-Identifier: MIT
 * Random inputs that can be had again: the seed is printed, and CHUTES_TEST_SEED sets it.
 */
#ifndef CHUTES_TESTS_RANDOM_H
#define CHUTES_TESTS_RANDOM_H

#include "tests/unit/tap.h"

#include <sys/random.h>

struct random {
	uint64_t state;
};

static inline struct random random_start(void)
{
	const char *text = getenv("CHUTES_TEST_SEED");
	uint32_t fresh = 0;

	if (!text && getrandom(&fresh, sizeof(fresh), 0) != (ssize_t)sizeof(fresh)) {
		puts("Bail out! no random bytes");
		exit(1);
	}

	struct random r = {text ? strtoull(text, NULL, 10) : fresh};

	printf("# CHUTES_TEST_SEED=%llu\n", (unsigned long long)r.state);
	return r;
}

/* splitmix64 */
static inline uint64_t random_number(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline size_t random_below(struct random *r, size_t n) { return random_number(r) % n; }

static inline void random_fill(struct random *r, unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)random_number(r);
}

#endif
