/* SPDX-License-Identifier: MIT
 * Products of limbs as large as they may be are those of the reduced ones, which vectors check.
 */
#include "lib/base/memory.h"
#include "lib/crypto/field25519_internal.h"
#include "tests/unit/random.h"
#include "tests/unit/tap.h"

enum { ROUNDS = 20000 };

/* Limbs up to the largest that a factor may have, more often at the ends than in between. */
static uint64_t draw_limb(struct random *r)
{
	static const uint64_t ends[] = {0,
					1,
					FIELD_LIMB_MASK,
					FIELD_LIMB_MASK + (1 << 15),
					((uint64_t)1 << 54) - 1,
					(uint64_t)1 << 54};
	uint64_t at = random_number(r);

	return at % 2 ? random_number(r) % (((uint64_t)1 << 54) + 1)
		      : ends[at / 2 % array_len(ends)];
}

static struct field draw(struct random *r)
{
	struct field out;

	for (int i = 0; i < 5; i++)
		out.limb[i] = draw_limb(r);
	return out;
}

static bool is_tight(const struct field *a)
{
	for (int i = 0; i < 5; i++)
		if (a->limb[i] >= ((uint64_t)1 << 51) + (1 << 15))
			return false;
	return true;
}

TEST(products_of_the_largest_factors)
{
	const uint64_t most = (uint64_t)1 << 54;
	const struct field largest = {{most, most, most, most, most}};
	struct random r = random_start();

	for (int i = 0; i < ROUNDS; i++) {
		struct field a = i ? draw(&r) : largest;
		struct field b = i ? draw(&r) : largest;
		struct field small_a = field_reduce(&a);
		struct field small_b = field_reduce(&b);
		struct field product = field_multiply(&a, &b);
		struct field square = field_square(&a);
		struct field expected = field_multiply(&small_a, &small_b);
		struct field expected_square = field_multiply(&small_a, &small_a);

		CHECK(is_tight(&product));
		CHECK(is_tight(&square));
		CHECK(field_is_equal(&product, &expected));
		CHECK(field_is_equal(&square, &expected_square));
	}
}
