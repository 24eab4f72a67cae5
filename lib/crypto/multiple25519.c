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

void table_fill(const struct point *p, struct addend_z out[TABLE_SIZE])
{
	struct point doubled = *p;
	struct point sum;

	point_double(&doubled, 1);
	make_addend_z(p, &out[0]);
	for (int i = 1; i < TABLE_SIZE; i++) {
		struct factors next = add_any(&doubled, &out[i - 1], false);

		multiply_out_all(&sum, &next);
		make_addend_z(&sum, &out[i]);
	}
}

void wide_table_fill(const struct point *p, struct addend out[WIDE_TABLE_SIZE])
{
	struct point step = *p;
	struct point sums[WIDE_TABLE_SIZE] = {*p};
	struct addend_z doubled;
	struct field products[WIDE_TABLE_SIZE]; /* of all z up to this one */

	point_double(&step, 1);
	make_addend_z(&step, &doubled);
	products[0] = p->z;
	for (int i = 1; i < WIDE_TABLE_SIZE; i++) {
		struct factors next = add_any(&sums[i - 1], &doubled, false);

		multiply_out_all(&sums[i], &next);
		products[i] = field_multiply(&products[i - 1], &sums[i].z);
	}

	/* one inversion for all: 1/z of the last is taken off, then of the one before … */
	struct field inverse = field_invert(&products[WIDE_TABLE_SIZE - 1]);

	for (int i = WIDE_TABLE_SIZE - 1; i >= 0; i--) {
		struct field z = i > 0 ? field_multiply(&inverse, &products[i - 1]) : inverse;

		inverse = field_multiply(&inverse, &sums[i].z);
		sums[i].x = field_multiply(&sums[i].x, &z);
		sums[i].y = field_multiply(&sums[i].y, &z);
		sums[i].t = field_multiply(&sums[i].t, &z);
		make_addend(&sums[i], &out[i]);
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

static void make_digits(struct multiple *m, const uint64_t *limbs, int n_limbs, int width)
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
		assert(position < (int)sizeof(m->digits));
		m->digits[position] = (int8_t)digit;
		m->n_digits = position + 1;
		position += width;
	}
}

void multiple_init(struct multiple *m, const struct addend_z *table, const uint64_t *limbs,
		   int n_limbs)
{
	m->table = table;
	m->wide_table = NULL;
	m->is_negative = false;
	make_digits(m, limbs, n_limbs, TABLE_WIDTH);
}

void multiple_init_wide(struct multiple *m, const struct addend *wide_table, const uint64_t *limbs,
			int n_limbs)
{
	m->table = NULL;
	m->wide_table = wide_table;
	m->is_negative = false;
	make_digits(m, limbs, n_limbs, WIDE_TABLE_WIDTH);
}

force_inline struct factors add_digit(const struct point *p, const struct multiple *m, int8_t digit)
{
	int i = (digit < 0 ? -digit : digit) / 2;
	bool is_negative = (digit < 0) != m->is_negative;

	return m->table ? add_any(p, &m->table[i], is_negative)
			: add_affine(p, &m->wide_table[i], is_negative);
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
			int8_t digit = multiples[i].digits[position];

			if (digit == 0)
				continue;
			multiply_out_all(&sum, &next);
			next = add_digit(&sum, &multiples[i], digit);
		}
		multiply_out(&sum, &next);
	}
	return sum;
}
