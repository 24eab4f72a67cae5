/* SPDX-License-Identifier: MIT
 * Sums of multiples of points: all share the doublings, and what is added comes out of tables.
 */
#ifndef CHUTES_CRYPTO_MULTIPLE25519_INTERNAL_H
#define CHUTES_CRYPTO_MULTIPLE25519_INTERNAL_H

#include "lib/crypto/point25519_add_internal.h"

/* Tables hold odd multiples of a point: 1, 3, 5 ... times it. Those for numbers in digits of
 * `width` bits have 2^(width - 2). */
enum { TABLE_WIDTH = 5, TABLE_SIZE = 8, MULTIPLE_BITS = 256 };

/* A number times the point of a table. */
struct multiple {
	const struct addend_z *table; /* or NULL: */
	const struct addend *affine_table;
	bool is_negative; /* subtract it */
	int n_digits;
	/* Of powers of 2: odd or zero, below 2^(width - 1); two that are not zero are at least
	 * `width` apart. */
	int16_t digits[MULTIPLE_BITS];
};

void table_fill(const struct point *p, struct addend_z out[TABLE_SIZE]);
/* Tables for what is used again and again, whose points have z = 1 and are added for an eighth
 * less: make the odd multiples of points, then turn all of them into tables at the cost of one
 * inversion. */
void odd_multiples(const struct point *p, struct point out[], size_t n);
void affine_table_fill(const struct point points[], size_t n, struct addend out[]);
/* p = 2^n p */
void point_double(struct point *p, int n);

/* A number of `n_limbs`, at most 4, below 2^255; the table is borrowed. */
void multiple_init(struct multiple *m, const struct addend_z table[TABLE_SIZE],
		   const uint64_t *limbs, int n_limbs);
void multiple_init_affine(struct multiple *m, const struct addend *table, int width,
			  const uint64_t *limbs, int n_limbs);
/* The t of their sum is not set. */
struct point multiples_add(const struct multiple *multiples, size_t n);

#endif
