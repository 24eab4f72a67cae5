/* SPDX-License-Identifier: MIT
 * Sums of multiples of points by IFMA: Straus' method, with windows of a fixed size and digits that
 * may be negative, so that nothing branches on a digit. The formulas are those of Hisil and others,
 * "Twisted Edwards Curves Revisited" (2008), arranged so that four products are one.
 */
#include "lib/crypto/verify_ifma_internal.h"

#ifdef __x86_64__

#include <string.h>

/* From F, H, G, E: X = F E, Y = H G, Z = G F, T = E H. */
ifma_inline struct lanes finish(struct lanes a)
{
	struct lanes b;

	a = lanes_carry(a);
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++)
		b.limb[i] = _mm256_permutex_epi64(a.limb[i], _MM_SHUFFLE(1, 0, 2, 3));
	return lanes_mul(a, b);
}

/* F = 2 Z^2 + X^2 - Y^2, H = X^2 + Y^2, G = Y^2 - X^2, E = 2 X Y, from one product: with X Y = T Z.
 */
ifma_inline struct lanes twice(struct lanes p)
{
	const struct lanes bias = lanes_of_p(1024);
	struct lanes q;

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) /* X, Y, Z, Z */
		q.limb[i] = _mm256_mask_unpacklo_epi64(p.limb[i], LANE_T, p.limb[i], p.limb[i]);
	q = lanes_product(p, q);
#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
		__m256i s = q.limb[i];
		__m256i first = _mm256_permutex_epi64(s, _MM_SHUFFLE(3, 1, 0, 0));
		__m256i second = _mm256_permutex_epi64(s, _MM_SHUFFLE(3, 0, 1, 1));
		__m256i z2 = _mm256_permutex_epi64(s + s, _MM_SHUFFLE(2, 2, 2, 2));

		z2 = _mm256_mask_add_epi64(bias.limb[i], LANE_X, bias.limb[i], z2);
		q.limb[i] =
			_mm256_mask_sub_epi64(first + second, LANE_X | LANE_Z, first + z2, second);
	}
	return finish(q);
}

/* Y - X, Y + X, Z, T, carried */
ifma_inline struct lanes spread(struct lanes p)
{
	const struct lanes twice_p = lanes_of_p(2);

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
		__m256i swapped = _mm256_shuffle_epi32(p.limb[i], _MM_SHUFFLE(1, 0, 3, 2));
		__m256i s = _mm256_mask_sub_epi64(p.limb[i], LANE_X, twice_p.limb[i], p.limb[i]);

		p.limb[i] = _mm256_mask_add_epi64(s, LANE_X | LANE_Y, s, swapped);
	}
	return lanes_carry(p);
}

/* p + q, `q` as in a table; they may be the same point. With the product's lanes A, B, D, C: F = D
 * - C, H = B + A, G = D + C, E = B - A. */
ifma_inline struct lanes sum(struct lanes p, struct lanes q)
{
	const struct lanes bias = lanes_of_p(1024);
	struct lanes s = lanes_product(spread(p), q);

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
		__m256i first = _mm256_permutex_epi64(s.limb[i], _MM_SHUFFLE(1, 2, 1, 2));
		__m256i second = _mm256_permutex_epi64(s.limb[i], _MM_SHUFFLE(0, 3, 0, 3));

		s.limb[i] = _mm256_mask_sub_epi64(first + second, LANE_X | LANE_T,
						  first + bias.limb[i], second);
	}
	return finish(s);
}

/* As it is in tables. */
ifma_inline struct lanes to_add(struct lanes p)
{
	static const uint64_t factors[LIMBS][LANES] = {
		{1, 1, 2, 0x69b9426b2f159}, {0, 0, 0, 0x35050762add7a}, {0, 0, 0, 0x3cf44c0038052},
		{0, 0, 0, 0x6738cc7407977}, {0, 0, 0, 0x2406d9dc56dff},
	};
	struct lanes by;

	memcpy(&by, factors, sizeof(by));
	return lanes_mul(spread(p), by);
}

/* `digit` times the point of the table. */
ifma_inline struct lanes pick(const struct lanes *multiples, int digit)
{
	const struct lanes twice_p = lanes_of_p(2);
	struct lanes p = multiples[digit < 0 ? -digit : digit];
	__mmask8 negative = digit < 0 ? LANE_X | LANE_Y | LANE_Z | LANE_T : 0;

#pragma GCC unroll 5
	for (int i = 0; i < LIMBS; i++) {
		p.limb[i] = _mm256_mask_permutex_epi64(p.limb[i], negative & (LANE_X | LANE_Y),
						       p.limb[i], _MM_SHUFFLE(3, 2, 0, 1));
		p.limb[i] = _mm256_mask_sub_epi64(p.limb[i], negative & LANE_T, twice_p.limb[i],
						  p.limb[i]);
	}
	return p;
}

ifma_code static struct lanes twice_each(struct lanes p, int times)
{
	for (; times > 0; times--)
		p = twice(p);
	return p;
}

ifma_inline struct lanes identity(void)
{
	struct lanes p = {0};

	p.limb[0] = _mm256_maskz_mov_epi64(LANE_Y | LANE_Z, everywhere(1));
	return p;
}

ifma_code void ifma_multiples(const struct lanes *point, struct lanes multiples[], size_t n)
{
	struct lanes p = *point;

	multiples[0] = to_add(identity());
	multiples[1] = to_add(p);
	for (size_t i = 2; i < n; i++) {
		p = sum(p, multiples[1]);
		multiples[i] = to_add(p);
	}
}

ifma_code void ifma_pieces(const struct lanes *point, struct lanes *multiples, size_t n)
{
	struct lanes p = *point;

	for (size_t i = 0; i < PIECES; i++) {
		ifma_multiples(&p, multiples + i * n, n);
		p = twice_each(p, PIECE_BITS);
	}
}

void ifma_digits(const uint64_t scalar[], size_t n_words, int window, bool is_negative,
		 int16_t digits[])
{
	/* half a window in each digit, so that they come out as 0 to 2^window - 1 */
	const uint64_t bias = window == WINDOW ? 0x8888888888888888 : 0x8080808080808080;
	uint64_t carry = 0;

	for (size_t i = 0; i < n_words; i++) {
		uint64_t word = scalar[i] + carry;

		carry = word < carry;
		word += bias;
		carry += word < bias;
		for (int bit = 0; bit < 64; bit += window) {
			int digit = (int)(word >> bit) & ((1 << window) - 1);

			digit -= 1 << (window - 1);
			*digits++ = (int16_t)(is_negative ? -digit : digit);
		}
	}
}

ifma_code bool ifma_sum_is_identity(const struct term terms[], size_t n)
{
	struct lanes p = identity();
	int bits = 0;

	for (size_t i = 0; i < n; i++)
		if (terms[i].n_digits * terms[i].window > bits)
			bits = terms[i].n_digits * terms[i].window;
	for (int bit = bits - WINDOW; bit >= 0; bit -= WINDOW) {
		p = twice_each(p, WINDOW);
		for (const struct term *t = terms; t < terms + n; t++)
			if (bit % t->window == 0 && bit / t->window < t->n_digits)
				p = sum(p, pick(t->multiples, t->digits[bit / t->window]));
	}
	return ifma_is_identity(&p);
}

#endif
