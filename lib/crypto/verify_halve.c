/* SPDX-License-Identifier: MIT
 * Euclid's algorithm on (L, k), stopped half-way: each remainder is k t mod L for a t that grows as
 * the remainder shrinks.
 */
#include "lib/crypto/uint128_internal.h"
#include "lib/crypto/verify_internal.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

struct wide {
	uint128 high;
	uint128 low;
};

/* L */
static const struct wide order = {(uint128)1 << 124,
				  (uint128)0x14def9dea2f79cd6 << 64 | 0x5812631a5cf5d3ed};

/* Of a number that is not zero. */
static int count_bits_of_half(uint128 a)
{
	return a >> 64 ? 128 - __builtin_clzll((uint64_t)(a >> 64))
		       : 64 - __builtin_clzll((uint64_t)a);
}

static int count_bits(const struct wide *a)
{
	return a->high ? 128 + count_bits_of_half(a->high) : count_bits_of_half(a->low);
}

/* By less than 128 bits, none of which is lost. */
static struct wide shift_left(const struct wide *a, int n)
{
	return (struct wide){a->high << n | a->low >> 1 >> (127 - n), a->low << n};
}

static bool is_below(const struct wide *a, const struct wide *b)
{
	return a->high != b->high ? a->high < b->high : a->low < b->low;
}

static void subtract(struct wide *a, const struct wide *b)
{
	a->high -= b->high + (a->low < b->low);
	a->low -= b->low;
}

void verify_halve(const unsigned char s[SCALAR_BYTES], const unsigned char k[SCALAR_BYTES],
		  struct verify_halves *out)
{
	uint64_t limbs[4];
	unsigned char d[SCALAR_BYTES] = {0};
	unsigned char e[SCALAR_BYTES];

	scalar_load(limbs, k);

	/* remainder = k t mod L for both pairs; the signs of t alternate, t is the magnitude */
	struct wide before = order;
	struct wide now = {(uint128)limbs[3] << 64 | limbs[2], (uint128)limbs[1] << 64 | limbs[0]};
	uint128 t_before = 0;
	uint128 t = 1;
	bool t_is_negative = false;

	while (now.high || now.low >> VERIFY_HALF_BITS) {
		while (!is_below(&before, &now)) {
			int shift = count_bits(&before) - count_bits(&now);
			struct wide part = shift_left(&now, shift);

			if (is_below(&before, &part))
				part = shift_left(&now, --shift);
			subtract(&before, &part);
			t_before += t << shift;
		}

		struct wide rest = before;
		uint128 t_rest = t_before;

		before = now;
		t_before = t;
		now = rest;
		t = t_rest;
		t_is_negative = !t_is_negative;
	}
	out->c[0] = (uint64_t)now.low;
	out->c[1] = (uint64_t)(now.low >> 64);
	out->d[0] = (uint64_t)t;
	out->d[1] = (uint64_t)(t >> 64);
	out->d_is_negative = t_is_negative;

	uint64_t little_endian[2] = {htole64(out->d[0]), htole64(out->d[1])};

	memcpy(d, little_endian, sizeof(little_endian));
	crypto_core_ristretto255_scalar_mul(e, d, s);
	scalar_load(out->e, e);
}
