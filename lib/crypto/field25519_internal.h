/* SPDX-License-Identifier: MIT
 * Numbers mod p = 2^255 - 19 in five limbs of 51 bits, for what is not secret. Limbs are written
 * out: compilers keep loops over them in memory, which takes half as long again.
 *
 * "Tight": every limb below 2^51 + 2^15, as products are. Factors may have limbs up to 2^54; a sum
 * or a difference of few tight ones has.
 */
#ifndef CHUTES_CRYPTO_FIELD25519_INTERNAL_H
#define CHUTES_CRYPTO_FIELD25519_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/crypto/uint128_internal.h"

struct field {
	uint64_t limb[5];
};

#define FIELD_LIMB_MASK (((uint64_t)1 << 51) - 1)

force_inline struct field field_add(const struct field *a, const struct field *b)
{
	return (struct field){{a->limb[0] + b->limb[0], a->limb[1] + b->limb[1],
			       a->limb[2] + b->limb[2], a->limb[3] + b->limb[3],
			       a->limb[4] + b->limb[4]}};
}

/* a + n p - b, for b with limbs below those of n p, which are n (2^51 - 19) and n (2^51 - 1). */
force_inline struct field field_subtract_from(const struct field *a, const struct field *b,
					      uint64_t n)
{
	const uint64_t first = n * (FIELD_LIMB_MASK - 18);
	const uint64_t other = n * FIELD_LIMB_MASK;

	return (struct field){{a->limb[0] + first - b->limb[0], a->limb[1] + other - b->limb[1],
			       a->limb[2] + other - b->limb[2], a->limb[3] + other - b->limb[3],
			       a->limb[4] + other - b->limb[4]}};
}

/* For a tight b. */
force_inline struct field field_subtract(const struct field *a, const struct field *b)
{
	return field_subtract_from(a, b, 2);
}

/* For b a sum or a difference of two tight ones. */
force_inline struct field field_subtract_sum(const struct field *a, const struct field *b)
{
	return field_subtract_from(a, b, 4);
}

/* Columns of a product of factors, to tight limbs. What each hands on is split off in two steps, in
 * none of which a limb waits for another. The largest are 77 * 2^108, and 5 * 2^108 in c4, so
 * nothing here reaches 2^64. */
force_inline struct field field_carry(uint128 c0, uint128 c1, uint128 c2, uint128 c3, uint128 c4)
{
	uint64_t l0 = ((uint64_t)c0 & FIELD_LIMB_MASK) + 19 * (uint64_t)(c4 >> 51);
	uint64_t l1 = ((uint64_t)c1 & FIELD_LIMB_MASK) + (uint64_t)(c0 >> 51);
	uint64_t l2 = ((uint64_t)c2 & FIELD_LIMB_MASK) + (uint64_t)(c1 >> 51);
	uint64_t l3 = ((uint64_t)c3 & FIELD_LIMB_MASK) + (uint64_t)(c2 >> 51);
	uint64_t l4 = ((uint64_t)c4 & FIELD_LIMB_MASK) + (uint64_t)(c3 >> 51);

	return (struct field){
		{(l0 & FIELD_LIMB_MASK) + 19 * (l4 >> 51), (l1 & FIELD_LIMB_MASK) + (l0 >> 51),
		 (l2 & FIELD_LIMB_MASK) + (l1 >> 51), (l3 & FIELD_LIMB_MASK) + (l2 >> 51),
		 (l4 & FIELD_LIMB_MASK) + (l3 >> 51)}};
}

force_inline struct field field_multiply(const struct field *a, const struct field *b)
{
	const uint64_t a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3],
		       a4 = a->limb[4];
	const uint64_t b0 = b->limb[0], b1 = b->limb[1], b2 = b->limb[2], b3 = b->limb[3],
		       b4 = b->limb[4];
	/* 2^255 = 19 */
	const uint64_t b1_19 = 19 * b1, b2_19 = 19 * b2, b3_19 = 19 * b3, b4_19 = 19 * b4;

	return field_carry((uint128)a0 * b0 + (uint128)a1 * b4_19 + (uint128)a2 * b3_19 +
				   (uint128)a3 * b2_19 + (uint128)a4 * b1_19,
			   (uint128)a0 * b1 + (uint128)a1 * b0 + (uint128)a2 * b4_19 +
				   (uint128)a3 * b3_19 + (uint128)a4 * b2_19,
			   (uint128)a0 * b2 + (uint128)a1 * b1 + (uint128)a2 * b0 +
				   (uint128)a3 * b4_19 + (uint128)a4 * b3_19,
			   (uint128)a0 * b3 + (uint128)a1 * b2 + (uint128)a2 * b1 +
				   (uint128)a3 * b0 + (uint128)a4 * b4_19,
			   (uint128)a0 * b4 + (uint128)a1 * b3 + (uint128)a2 * b2 +
				   (uint128)a3 * b1 + (uint128)a4 * b0);
}

force_inline struct field field_square(const struct field *a)
{
	const uint64_t a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3],
		       a4 = a->limb[4];
	const uint64_t a0_2 = 2 * a0, a1_2 = 2 * a1, a3_19 = 19 * a3, a4_19 = 19 * a4;
	const uint64_t a4_38 = 2 * a4_19;

	return field_carry((uint128)a0 * a0 + (uint128)a1 * a4_38 + (uint128)(2 * a2) * a3_19,
			   (uint128)a0_2 * a1 + (uint128)a2 * a4_38 + (uint128)a3 * a3_19,
			   (uint128)a0_2 * a2 + (uint128)a1 * a1 + (uint128)a3 * a4_38,
			   (uint128)a0_2 * a3 + (uint128)a1_2 * a2 + (uint128)a4 * a4_19,
			   (uint128)a0_2 * a4 + (uint128)a1_2 * a3 + (uint128)a2 * a2);
}

force_inline struct field field_negate(const struct field *a)
{
	return field_subtract(&(struct field){{0}}, a);
}

/* 32 bytes, little-endian; bit 255 is left out. */
struct field field_load(const unsigned char bytes[32]);
/* The one with limbs below 2^51 and the value below p. */
struct field field_reduce(const struct field *a);
bool field_is_zero(const struct field *a);
bool field_is_equal(const struct field *a, const struct field *b); /* b tight */
/* What RFC 9496 calls negative: odd. */
bool field_is_negative(const struct field *a);
/* Raise `n` numbers, 1 or 2, to the power of 2^252 - 3. Two take little more time than one: each is
 * a chain of squarings that wait for each other. */
void field_raise(struct field x[], int n);
struct field field_invert(const struct field *a);

#endif
