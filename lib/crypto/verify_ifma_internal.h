/* SPDX-License-Identifier: MIT
 * Numbers modulo p = 2^255 - 19, four at a time: one in each 64-bit lane of a vector, as five limbs
 * of 51 bits, multiplied by the IFMA instructions (52 bits by 52 bits, the low or the high half
 * added).
 *
 * Vectors of 256 bits: a point has four coordinates, and each product waits for the one before.
 * Two sums side by side in 512 bits were tried: on Zen 4, which does these in two steps, a doubling
 * took 55 ns and not 30, for four fifths of the steps.
 *
 * Two sizes of limbs are told apart. Carried: below 2^51 + 2^16. Factors must be below 2^52:
 * carried ones are, and what is subtracted from 2p, but no sum of two. Products that are not
 * carried yet are below 2^60: at most 172 halves of 52 bits, as 18 + 1 halves with 9 of them
 * counting 19 times.
 */
#ifndef CHUTES_CRYPTO_VERIFY_IFMA_INTERNAL_H
#define CHUTES_CRYPTO_VERIFY_IFMA_INTERNAL_H

#include "lib/crypto/verify_internal.h"

#ifdef __x86_64__

#include <immintrin.h>

/* Only functions marked so use the instructions; nobody calls them unless is_supported(). */
#define ifma_code   __attribute__((target("avx512f,avx512vl,avx512ifma")))
#define ifma_inline force_inline ifma_code

enum { LANES = 4, LIMBS = 5, LIMB_BITS = 51 };
#define LIMB_MASK ((UINT64_C(1) << LIMB_BITS) - 1)

/* Loops over limbs are unrolled, so that limbs stay in registers. */
struct lanes {
	__m256i limb[LIMBS];
};

/* Points of the curve -x^2 + y^2 = 1 + d x^2 y^2, carried: X, Y, Z and T, with x = X / Z, y = Y / Z
 * and x y = T / Z. */
enum { LANE_X = 1, LANE_Y = 2, LANE_Z = 4, LANE_T = 8 };

enum {
	WINDOW = 4,           /* bits of a digit: -8 to 8 */
	MULTIPLES = 9,        /* 0 to 8 times a point */
	BASE_WINDOW = 8,      /* where the table is made once */
	BASE_MULTIPLES = 129, /* 0 to 128 times */
	PIECES = 4,           /* of a scalar, which are one word */
	PIECE_BITS = 64,
};

/* A point times a scalar: its table and the digits, the lowest first. Both are borrowed. */
struct term {
	const struct lanes *multiples;
	const int16_t *digits;
	int n_digits;
	int window;
};

/* Decode up to four ristretto255 encodings (RFC 9496, 4.3.1). False when one is none. */
bool ifma_decode(const unsigned char *const encodings[], size_t n, struct lanes points[]);
/* In ristretto255, where four points of the curve are one. */
bool ifma_is_identity(const struct lanes *point);

/* 0 to n - 1 times a point, in the form in which they are added: Y - X, Y + X, 2 Z, 2 d T. */
void ifma_multiples(const struct lanes *point, struct lanes multiples[], size_t n);
/* The same of 2^0, 2^64, 2^128 and 2^192 times the point, one after the other. */
void ifma_pieces(const struct lanes *point, struct lanes *multiples, size_t n);
/* The digits of a scalar of up to 2^255 (2^127 and so on for fewer words), or of its negative. */
void ifma_digits(const uint64_t scalar[], size_t n_words, int window, bool is_negative,
		 int16_t digits[]);
bool ifma_sum_is_identity(const struct term terms[], size_t n);

/* The route's test, with halves that a caller may choose. */
bool ifma_halves_test(const unsigned char public_key[SR25519_PUBLIC_BYTES],
		      const unsigned char r[SR25519_PUBLIC_BYTES], const struct verify_halves *h);

ifma_inline __m256i everywhere(uint64_t word) { return _mm256_set1_epi64x((long long)word); }

/* The same number in all lanes. */
ifma_inline struct lanes lanes_of(const uint64_t limbs[LIMBS])
{
	struct lanes out;

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		out.limb[i] = everywhere(limbs[i]);
	return out;
}

/* n p, from which numbers can be subtracted whose limbs are not above n (2^51 - 19). */
ifma_inline struct lanes lanes_of_p(uint64_t n)
{
	const uint64_t limbs[] = {n * (LIMB_MASK - 18), n * LIMB_MASK, n * LIMB_MASK, n * LIMB_MASK,
				  n * LIMB_MASK};

	return lanes_of(limbs);
}

ifma_inline struct lanes lanes_small(uint64_t n)
{
	const uint64_t limbs[LIMBS] = {n};

	return lanes_of(limbs);
}

/* Neither this nor the next one carries. */
ifma_inline struct lanes lanes_add(struct lanes a, struct lanes b)
{
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		a.limb[i] += b.limb[i];
	return a;
}

/* No limb of `b` may be above that of `a`: see lanes_of_p(). */
ifma_inline struct lanes lanes_sub(struct lanes a, struct lanes b)
{
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		a.limb[i] -= b.limb[i];
	return a;
}

/* `b` in the lanes of the mask, elsewhere `a`. */
ifma_inline struct lanes lanes_choose(__mmask8 mask, struct lanes a, struct lanes b)
{
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		a.limb[i] = _mm256_mask_mov_epi64(a.limb[i], mask, b.limb[i]);
	return a;
}

/* All limbs at once, from limbs below 2^62: what each has too much goes to the next one, and from
 * the last to the first 19 times. */
ifma_inline struct lanes lanes_carry(struct lanes a)
{
	__m256i more[LIMBS];

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
		more[i] = _mm256_srli_epi64(a.limb[i], LIMB_BITS);
		a.limb[i] &= everywhere(LIMB_MASK);
	}
	a.limb[0] = _mm256_madd52lo_epu64(a.limb[0], more[LIMBS - 1], everywhere(19));
#pragma GCC unroll 4
	for (int i = 1; i < LIMBS; i++)
		a.limb[i] += more[i - 1];
	return a;
}

/* Ten limbs to five: limb i + 5 counts 2^255 = 19 times as much as limb i. `high` are the high
 * halves of products, which begin one bit above the limb that they belong to. */
ifma_inline struct lanes lanes_fold(const __m256i low[2 * LIMBS], const __m256i high[2 * LIMBS])
{
	struct lanes out;

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
		__m256i above = low[i + LIMBS] + high[i + LIMBS] + high[i + LIMBS];

		out.limb[i] = low[i] + high[i] + high[i] + above + (above + above) +
			      _mm256_slli_epi64(above, 4);
	}
	return out;
}

/* Not carried. */
ifma_inline struct lanes lanes_product(struct lanes a, struct lanes b)
{
	__m256i low[2 * LIMBS] = {{0}};
	__m256i high[2 * LIMBS] = {{0}};

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
#pragma GCC unroll 5
		for (int j = 0; j < LIMBS; j++) {
			__m256i *l = &low[i + j];
			__m256i *h = &high[i + j + 1];

			*l = _mm256_madd52lo_epu64(*l, a.limb[i], b.limb[j]);
			*h = _mm256_madd52hi_epu64(*h, a.limb[i], b.limb[j]);
		}
	return lanes_fold(low, high);
}

ifma_inline struct lanes lanes_mul(struct lanes a, struct lanes b)
{
	return lanes_carry(lanes_product(a, b));
}

ifma_inline struct lanes lanes_square(struct lanes a)
{
	__m256i low[2 * LIMBS] = {{0}};
	__m256i high[2 * LIMBS] = {{0}};

#pragma GCC unroll 4
	for (int i = 0; i < LIMBS - 1; i++)
#pragma GCC unroll 4
		for (int j = i + 1; j < LIMBS; j++) {
			__m256i *l = &low[i + j];
			__m256i *h = &high[i + j + 1];

			*l = _mm256_madd52lo_epu64(*l, a.limb[i], a.limb[j]);
			*h = _mm256_madd52hi_epu64(*h, a.limb[i], a.limb[j]);
		}
#pragma GCC unroll 10
	for (int i = 0; i < 2 * LIMBS; i++) {
		low[i] += low[i];
		high[i] += high[i];
	}
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
		__m256i *l = &low[2 * i];
		__m256i *h = &high[2 * i + 1];

		*l = _mm256_madd52lo_epu64(*l, a.limb[i], a.limb[i]);
		*h = _mm256_madd52hi_epu64(*h, a.limb[i], a.limb[i]);
	}
	return lanes_carry(lanes_fold(low, high));
}

/* From carried limbs the one form below p. */
ifma_inline struct lanes lanes_reduce(struct lanes a)
{
	__m256i carry = everywhere(19);

	/* is a + 19 at least 2^255? */
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		carry = _mm256_srli_epi64(a.limb[i] + carry, LIMB_BITS);
	a.limb[0] = _mm256_madd52lo_epu64(a.limb[0], carry, everywhere(19));
#pragma GCC unroll 4
	for (int i = 1; i < LIMBS; i++) {
		a.limb[i] += _mm256_srli_epi64(a.limb[i - 1], LIMB_BITS);
		a.limb[i - 1] &= everywhere(LIMB_MASK);
	}
	a.limb[LIMBS - 1] &= everywhere(LIMB_MASK);
	return a;
}

/* In which lanes is it so, of carried limbs? Odd numbers are the negative ones. */
ifma_inline __mmask8 lanes_zero(struct lanes a)
{
	a = lanes_reduce(a);
	return _mm256_cmpeq_epi64_mask(a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3] | a.limb[4],
				       everywhere(0));
}

ifma_inline __mmask8 lanes_odd(struct lanes a)
{
	return _mm256_test_epi64_mask(lanes_reduce(a).limb[0], everywhere(1));
}

#endif
#endif
