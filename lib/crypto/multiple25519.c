/* SPDX-License-Identifier: MIT */
#include "lib/crypto/multiple25519_internal.h"

#include <assert.h>
#include <string.h>

static const struct field one = {{1}};
static const struct field curve_2d = {
	{1859910466990425, 932731440258426, 1072319116312658, 1815898335770999, 633789495995903}};

/* --- tables */

static void make_addend(const struct point *p, struct addend *out)
{
	out->y_plus_x = field_add(&p->y, &p->x);
	out->y_minus_x = field_subtract(&p->y, &p->x);
	out->xy2d = field_multiply(&p->t, &curve_2d);
}

static void make_addend_z(const struct point *p, struct addend_z *out)
{
	make_addend(p, &out->addend);
	out->z2 = field_add(&p->z, &p->z);
}

void point_double(struct point *p, int n)
{
	while (n-- > 0) {
		struct factors doubled = twice(p);

		multiply_out_all(p, &doubled);
	}
}

void odd_multiples(const struct point *p, struct point out[], size_t n)
{
	struct point doubled = *p;
	struct addend_z step;

	point_double(&doubled, 1);
	make_addend_z(&doubled, &step);
	out[0] = *p;
	for (size_t i = 1; i < n; i++) {
		struct factors next = add_any(&out[i - 1], &step, false);

		multiply_out_all(&out[i], &next);
	}
}

void table_fill(const struct point *p, struct addend_z out[TABLE_SIZE])
{
	struct point points[TABLE_SIZE];

	odd_multiples(p, points, TABLE_SIZE);
	for (int i = 0; i < TABLE_SIZE; i++)
		make_addend_z(&points[i], &out[i]);
}

void affine_table_fill(const struct point points[], size_t n, struct addend out[])
{
	/* until 1/z of a point is known, its place holds the product of all z up to it */
	out[0].xy2d = points[0].z;
	for (size_t i = 1; i < n; i++)
		out[i].xy2d = field_multiply(&out[i - 1].xy2d, &points[i].z);

	/* one inversion for all: 1/z of the last is taken off, then of the one before … */
	struct field inverse = field_invert(&out[n - 1].xy2d);

	for (size_t i = n; i-- > 0;) {
		struct field z = i > 0 ? field_multiply(&inverse, &out[i - 1].xy2d) : inverse;
		struct point affine = {.x = field_multiply(&points[i].x, &z),
				       .y = field_multiply(&points[i].y, &z),
				       .t = field_multiply(&points[i].t, &z)};

		inverse = field_multiply(&inverse, &points[i].z);
		make_addend(&affine, &out[i]);
	}
}

/* --- sums of multiples */

/* The limb's bits from `position` on, which end with zeros. */
static uint64_t bits_from(const uint64_t *limbs, int n_limbs, int position)
{
	int limb = position / 64;
	int bit = position % 64;
	uint64_t low = limb < n_limbs ? limbs[limb] >> bit : 0;
	uint64_t high = bit && limb + 1 < n_limbs ? limbs[limb + 1] << (64 - bit) : 0;

	return low | high;
}

static void make_digits(struct multiple *m, int width, const uint64_t *limbs, int n_limbs)
{
	const int half = 1 << (width - 1);
	int position = 0;
	int carried = 0; /* 1 is to be added to what stands from `position` on */

	memset(m->digits, 0, sizeof(m->digits));
	m->n_digits = 0;
	while (position <= 64 * n_limbs) {
		uint64_t bits = bits_from(limbs, n_limbs, position);

		if (carried)
			bits = ~bits; /* zeros are passed over; carrying, ones are */
		if (bits == 0) {
			position += 64;
			continue;
		}
		position += __builtin_ctzll(bits);
		if (position > 64 * n_limbs)
			break;

		int digit = (int)(bits_from(limbs, n_limbs, position) & (uint64_t)(2 * half - 1)) +
			    carried;

		carried = digit > half;
		if (carried)
			digit -= 2 * half;
		assert(position < MULTIPLE_BITS);
		m->digits[position] = (int16_t)digit;
		m->n_digits = position + 1;
		position += width;
	}
}

void multiple_init(struct multiple *m, const struct addend_z table[TABLE_SIZE],
		   const uint64_t *limbs, int n_limbs)
{
	m->table = table;
	m->affine_table = NULL;
	m->is_negative = false;
	make_digits(m, TABLE_WIDTH, limbs, n_limbs);
}

void multiple_init_affine(struct multiple *m, const struct addend *table, int width,
			  const uint64_t *limbs, int n_limbs)
{
	m->table = NULL;
	m->affine_table = table;
	m->is_negative = false;
	make_digits(m, width, limbs, n_limbs);
}

force_inline struct factors add_digit(const struct point *p, const struct multiple *m, int digit)
{
	int i = (digit < 0 ? -digit : digit) / 2;
	bool is_negative = (digit < 0) != m->is_negative;

	return m->table ? add_any(p, &m->table[i], is_negative)
			: add_affine(p, &m->affine_table[i], is_negative);
}

struct point multiples_add(const struct multiple *multiples, size_t n)
{
	struct point sum = {{{0}}, one, one, {{0}}};
	int n_digits = 0;

	for (size_t i = 0; i < n; i++)
		if (multiples[i].n_digits > n_digits)
			n_digits = multiples[i].n_digits;
	for (int position = n_digits - 1; position >= 0; position--) {
		struct factors next = twice(&sum);

		for (size_t i = 0; i < n; i++) {
			int digit = multiples[i].digits[position];

			if (digit == 0)
				continue;
			multiply_out_all(&sum, &next);
			next = add_digit(&sum, &multiples[i], digit);
		}
		multiply_out(&sum, &next);
	}
	return sum;
}
