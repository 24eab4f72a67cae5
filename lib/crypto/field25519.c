/* SPDX-License-Identifier: MIT */
#include "lib/crypto/field25519_internal.h"

#include <endian.h>
#include <string.h>

struct field field_load(const unsigned char bytes[32])
{
	uint64_t w[4];

	memcpy(w, bytes, sizeof(w));
	for (int i = 0; i < 4; i++)
		w[i] = le64toh(w[i]);
	return (struct field){{w[0] & FIELD_LIMB_MASK, (w[0] >> 51 | w[1] << 13) & FIELD_LIMB_MASK,
			       (w[1] >> 38 | w[2] << 26) & FIELD_LIMB_MASK,
			       (w[2] >> 25 | w[3] << 39) & FIELD_LIMB_MASK,
			       w[3] >> 12 & FIELD_LIMB_MASK}};
}

/* Every limb hands on what is above 51 bits; `first` comes into the lowest, what leaves the highest
 * is returned. */
static uint64_t carry(struct field *a, uint64_t first)
{
	for (int i = 0; i < 5; i++) {
		a->limb[i] += first;
		first = a->limb[i] >> 51;
		a->limb[i] &= FIELD_LIMB_MASK;
	}
	return first;
}

struct field field_reduce(const struct field *a)
{
	struct field out = *a;

	uint64_t above = carry(&out, 0);

	/* below 2^255 + 2^10: p is to be taken off once if adding 19 reaches 2^255 */
	out.limb[0] += 19 * above;

	struct field sum = out;

	out.limb[0] += 19 * carry(&sum, 19);
	carry(&out, 0);
	return out;
}

bool field_is_zero(const struct field *a)
{
	struct field r = field_reduce(a);

	return !(r.limb[0] | r.limb[1] | r.limb[2] | r.limb[3] | r.limb[4]);
}

bool field_is_equal(const struct field *a, const struct field *b)
{
	struct field difference = field_subtract(a, b);

	return field_is_zero(&difference);
}

bool field_is_negative(const struct field *a) { return field_reduce(a).limb[0] & 1; }

/* Square each of `n` numbers, 1 or 2, `times` times. */
static void square(struct field x[], int n, int times)
{
	struct field first = x[0];
	struct field second = x[n - 1];

	if (n == 1) {
		while (times-- > 0)
			first = field_square(&first);
		x[0] = first;
		return;
	}
	while (times-- > 0) {
		first = field_square(&first);
		second = field_square(&second);
	}
	x[0] = first;
	x[1] = second;
}

static void multiply(struct field x[], const struct field y[], int n)
{
	for (int i = 0; i < n; i++)
		x[i] = field_multiply(&x[i], &y[i]);
}

/* x^(2^(bits + more) - 1) of ones = x^(2^bits - 1) and tail = x^(2^more - 1) */
static void lengthen(struct field ones[], const struct field tail[], int more, int n)
{
	square(ones, n, more);
	multiply(ones, tail, n);
}

void field_raise(struct field x[], int n)
{
	struct field ones[2] = {x[0], x[n - 1]};
	struct field five[2];
	struct field ten[2];
	struct field fifty[2];
	struct field tail[2];

	/* the exponent of `ones` has as many bits as stand beside, all set */
	lengthen(ones, x, 1, n); /* 2 */
	lengthen(ones, x, 1, n); /* 3 */
	lengthen(ones, x, 1, n); /* 4 */
	lengthen(ones, x, 1, n); /* 5 */
	memcpy(five, ones, sizeof(five));
	lengthen(ones, five, 5, n); /* 10 */
	memcpy(ten, ones, sizeof(ten));
	lengthen(ones, ten, 10, n); /* 20 */
	memcpy(tail, ones, sizeof(tail));
	lengthen(ones, tail, 20, n); /* 40 */
	lengthen(ones, ten, 10, n);  /* 50 */
	memcpy(fifty, ones, sizeof(fifty));
	lengthen(ones, fifty, 50, n); /* 100 */
	memcpy(tail, ones, sizeof(tail));
	lengthen(ones, tail, 100, n); /* 200 */
	lengthen(ones, fifty, 50, n); /* 250 */
	lengthen(ones, x, 2, n);      /* 2^252 - 4 + 1 */
	memcpy(x, ones, sizeof(*x) * (size_t)n);
}

/* a^(p - 2), p - 2 = 8 (2^252 - 3) + 3 */
struct field field_invert(const struct field *a)
{
	struct field power = *a;
	struct field cube = field_square(a);

	cube = field_multiply(&cube, a);
	field_raise(&power, 1);
	square(&power, 1, 3);
	return field_multiply(&power, &cube);
}
