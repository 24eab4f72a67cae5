/* SPDX-License-Identifier: MIT
 * Sums of multiples of points: all share the doublings, and what is added comes out of tables.
 */
#ifndef CHUTES_CRYPTO_MULTIPLE25519_INTERNAL_H
#define CHUTES_CRYPTO_MULTIPLE25519_INTERNAL_H

#include "lib/crypto/point25519_add_internal.h"

/* Odd multiples: 1, 3, 5 ... times a point. The wide ones, of a point that never changes, have
 * z = 1 and are added for an eighth less. */
enum { TABLE_WIDTH = 5, TABLE_SIZE = 8, WIDE_TABLE_WIDTH = 8, WIDE_TABLE_SIZE = 64 };

/* A number times the point of a table. */
struct multiple {
	const struct addend_z *table;    /* TABLE_SIZE of them, or NULL: */
	const struct addend *wide_table; /* WIDE_TABLE_SIZE */
	bool is_negative;                /* subtract it */
	int n_digits;
	/* Of powers of 2: odd or zero, below 2^(width - 1); two that are not zero are at least
	 * `width` apart. */
	int8_t digits[256];
};

void table_fill(const struct point *p, struct addend_z out[TABLE_SIZE]);
void wide_table_fill(const struct point *p, struct addend out[WIDE_TABLE_SIZE]);
/* p = 2^n p */
void point_double(struct point *p, int n);

/* A number of `n_limbs`, at most 4, below 2^255; `table` is borrowed. */
void multiple_init(struct multiple *m, const struct addend_z *table, const uint64_t *limbs,
		   int n_limbs);
void multiple_init_wide(struct multiple *m, const struct addend *wide_table, const uint64_t *limbs,
			int n_limbs);
/* The t of their sum is not set. */
struct point multiples_add(const struct multiple *multiples, size_t n);

#endif
