/* SPDX-License-Identifier: MIT
 * Euclid's algorithm on (L, k), stopped half-way: each remainder is k t mod L for a t that grows as
 * the remainder shrinks. Most steps are found from leading bits, many at once (Lehmer; the test of
 * each is Jebelean's, "A Double-Digit Lehmer-Euclid Algorithm", 1995).
 */
#include "lib/crypto/uint128_internal.h"
#include "lib/crypto/verify_internal.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

enum { LEADING_BITS = 63 };

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

/* Its bits from `n` on, 64 to 255, if they are not more than 64. */
static uint64_t leading(const struct wide *a, int n)
{
	if (n >= 128)
		return (uint64_t)(a->high >> (n - 128));
	return (uint64_t)(a->low >> n | a->high << 1 << (127 - n));
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

/* a n mod 2^256 */
static struct wide multiply(const struct wide *a, uint64_t n)
{
	uint128 first = (uint128)(uint64_t)a->low * n;
	uint128 second = (a->low >> 64) * n + (first >> 64);

	return (struct wide){a->high * n + (second >> 64), second << 64 | (uint64_t)first};
}

/* Two remainders that follow each other, and their t: the signs of t alternate, these are the
 * magnitudes. */
struct pair {
	struct wide before;
	struct wide now;
	uint128 t_before;
	uint128 t;
	bool t_is_negative;
};

/* The two after them. */
static void step(struct pair *p)
{
	struct wide rest = p->before;
	uint128 t_rest = p->t_before;

	while (!is_below(&rest, &p->now)) {
		int shift = count_bits(&rest) - count_bits(&p->now);
		struct wide part = shift_left(&p->now, shift);

		if (is_below(&rest, &part))
			part = shift_left(&p->now, --shift);
		subtract(&rest, &part);
		t_rest += p->t << shift;
	}
	p->before = p->now;
	p->t_before = p->t;
	p->now = rest;
	p->t = t_rest;
	p->t_is_negative = !p->t_is_negative;
}

/* A remainder as `a` times the one that was before, less `b` times the one that was now, or the
 * other way round. */
struct row {
	uint64_t x; /* its leading bits, as far as they are known */
	uint64_t a;
	uint64_t b;
};

static struct wide combine(const struct pair *p, const struct row *row, bool is_negative)
{
	struct wide plus = multiply(&p->before, row->a);
	struct wide minus = multiply(&p->now, row->b);

	subtract(is_negative ? &minus : &plus, is_negative ? &plus : &minus);
	return is_negative ? minus : plus;
}

/* As many steps as leading bits are enough for, as long as remainders stay above 2^126. */
static void leap(struct pair *p)
{
	int shift = count_bits(&p->before) - LEADING_BITS;
	/* of what is dropped here, a remainder may have lost b times one, or the next one gained */
	struct row before = {leading(&p->before, shift), 1, 0};
	struct row now = {leading(&p->now, shift), 0, 1};
	uint64_t least = shift < VERIFY_HALF_BITS ? (uint64_t)1 << (VERIFY_HALF_BITS - shift) : 1;
	bool is_odd = false;

	while (now.x > 0) {
		uint64_t quotient = before.x / now.x;
		struct row next = {before.x - quotient * now.x, before.a + quotient * now.a,
				   before.b + quotient * now.b};

		if (next.x < next.b + least || now.x - next.x < now.b + next.b)
			break;
		before = now;
		now = next;
		is_odd = !is_odd;
	}

	struct pair next = {combine(p, &before, is_odd), combine(p, &now, !is_odd),
			    before.a * p->t_before + before.b * p->t,
			    now.a * p->t_before + now.b * p->t, p->t_is_negative != is_odd};

	*p = next;
}

void verify_halve(const unsigned char s[SCALAR_BYTES], const unsigned char k[SCALAR_BYTES],
		  struct verify_halves *out)
{
	uint64_t limbs[4];
	unsigned char d[SCALAR_BYTES] = {0};
	unsigned char e[SCALAR_BYTES];

	scalar_load(limbs, k);

	struct pair p = {
		.before = order,
		.now = {(uint128)limbs[3] << 64 | limbs[2], (uint128)limbs[1] << 64 | limbs[0]},
		.t = 1};

	while (p.now.high || p.now.low >> VERIFY_HALF_BITS) {
		leap(&p);
		step(&p);
	}
	out->c[0] = (uint64_t)p.now.low;
	out->c[1] = (uint64_t)(p.now.low >> 64);
	out->d[0] = (uint64_t)p.t;
	out->d[1] = (uint64_t)(p.t >> 64);
	out->d_is_negative = p.t_is_negative;

	uint64_t little_endian[2] = {htole64(out->d[0]), htole64(out->d[1])};

	memcpy(d, little_endian, sizeof(little_endian));
	crypto_core_ristretto255_scalar_mul(e, d, s);
	scalar_load(out->e, e);
}
