/* SPDX-License-Identifier: MIT
 * Halved scalars are what they say: checked with libsodium's arithmetic mod L.
 */
#include "lib/crypto/verify_internal.h"
#include "tests/unit/random.h"

#include <endian.h>
#include <sodium.h>

/* L - 1 */
static const unsigned char minus_one[SCALAR_BYTES] = {0xec,
						      0xd3,
						      0xf5,
						      0x5c,
						      0x1a,
						      0x63,
						      0x12,
						      0x58,
						      0xd6,
						      0x9c,
						      0xf7,
						      0xa2,
						      0xde,
						      0xf9,
						      0xde,
						      0x14,
						      [SCALAR_BYTES - 1] = 0x10};

static void scalar_store(const uint64_t *limbs, int n, unsigned char out[SCALAR_BYTES])
{
	memset(out, 0, SCALAR_BYTES);
	for (int i = 0; i < n; i++) {
		uint64_t limb = htole64(limbs[i]);

		memcpy(out + sizeof(limb) * (size_t)i, &limb, sizeof(limb));
	}
}

static bool is_half(const unsigned char k[SCALAR_BYTES], const unsigned char s[SCALAR_BYTES])
{
	struct verify_halves halves;
	unsigned char c[SCALAR_BYTES];
	unsigned char d[SCALAR_BYTES];
	unsigned char e[SCALAR_BYTES];
	unsigned char product[SCALAR_BYTES];
	const uint64_t top = (uint64_t)1 << (VERIFY_HALF_BITS - 64);

	verify_halve(s, k, &halves);
	scalar_store(halves.c, 2, c);
	scalar_store(halves.d, 2, d);
	scalar_store(halves.e, 4, e);
	if (halves.c[1] >= top || sodium_is_zero(d, sizeof(d)) || halves.d[1] > top ||
	    (halves.d[1] == top && halves.d[0] > 0))
		return false;
	crypto_core_ristretto255_scalar_mul(product, d, s);
	if (memcmp(product, e, sizeof(e)) != 0)
		return false;
	if (halves.d_is_negative)
		crypto_core_ristretto255_scalar_negate(d, d);
	crypto_core_ristretto255_scalar_mul(product, d, k);
	return memcmp(product, c, sizeof(c)) == 0;
}

/* Around each power of two, and as far from L. */
TEST(edges)
{
	unsigned char one[SCALAR_BYTES] = {1};

	for (int bit = 0; bit < 252; bit++) {
		unsigned char power[SCALAR_BYTES] = {0};
		unsigned char k[SCALAR_BYTES];

		power[bit / 8] = (unsigned char)(1 << bit % 8);
		for (int step = -1; step <= 1; step++) {
			memcpy(k, power, sizeof(k));
			if (step < 0)
				crypto_core_ristretto255_scalar_sub(k, power, one);
			if (step > 0)
				crypto_core_ristretto255_scalar_add(k, power, one);
			if (!CHECK(is_half(k, minus_one)))
				printf("# 2^%d %+d\n", bit, step);
			crypto_core_ristretto255_scalar_negate(k, k);
			if (!CHECK(is_half(k, minus_one)))
				printf("# L - (2^%d %+d)\n", bit, step);
		}
	}
	CHECK(is_half(minus_one, (unsigned char[SCALAR_BYTES]){0}));
}

TEST(random)
{
	struct random random = random_start();

	for (int i = 0; i < 20000 / tap_slowness(); i++) {
		unsigned char wide[WIDE_BYTES];
		unsigned char k[SCALAR_BYTES];
		unsigned char s[SCALAR_BYTES];

		random_fill(&random, wide, sizeof(wide));
		crypto_core_ristretto255_scalar_reduce(k, wide);
		random_fill(&random, wide, sizeof(wide));
		crypto_core_ristretto255_scalar_reduce(s, wide);
		CHECK_OR_STOP(is_half(k, s));
	}
}
