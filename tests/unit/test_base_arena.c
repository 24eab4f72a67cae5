/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include "tests/unit/tap.h"

TEST(a_cleared_arena_hands_out_zeros_again)
{
	auto_arena memory = {0};
	struct arena *a = &memory;

	arena_clear(a);
	for (int round = 0; round < 3; round++) {
		for (size_t size = 1; size < 70000; size *= 3) {
			unsigned char *p = arena_alloc(a, size);

			CHECK((uintptr_t)p % 16 == 0);
			for (size_t i = 0; i < size; i++)
				if (p[i])
					CHECK(p[i] == 0);
			memset(p, 0xff, size);
		}
		CHECK(a->used_bytes > 70000 / 3);
		arena_clear(a);
		CHECK(a->used_bytes == 0);
	}
}

TEST(a_cleared_arena_keeps_a_block)
{
	auto_arena a = {0};
	const void *first = arena_alloc(&a, 100);

	arena_clear(&a);
	const void *second = arena_alloc(&a, 200);

	CHECK(first == second);
}
