/* SPDX-License-Identifier: MIT
 * Decoding, and what is the same point.
 */
#include "lib/crypto/point25519_internal.h"

#include <string.h>

static const struct field one = {{1}};
/* d = -121665/121666 */
static const struct field curve_d = {
	{929955233495203, 466365720129213, 1662059464998953, 2033849074728123, 1442794654840575}};
static const struct field root_of_minus_one = {
	{1718705420411056, 234908883556509, 2233514472574048, 2117202627021982, 765476049583133}};

/* The names are those of RFC 9496, 4.3.1. */
struct decoding {
	struct field s;
	struct field u1;
	struct field u2;
	struct field v;
	struct field w;  /* v u2^2, of whose inverse the root is taken */
	struct field w3; /* its cube */
};

/* `power` gets w^7. */
static bool start_decoding(struct decoding *d, const unsigned char bytes[POINT_BYTES],
			   struct field *power)
{
	d->s = field_load(bytes);

	struct field reduced = field_reduce(&d->s);

	if (bytes[POINT_BYTES - 1] & 0x80 || memcmp(&reduced, &d->s, sizeof(reduced)) != 0 ||
	    bytes[0] & 1)
		return false;

	struct field ss = field_square(&d->s);

	d->u1 = field_subtract(&one, &ss);
	d->u2 = field_add(&one, &ss);

	struct field u1_squared = field_square(&d->u1);
	struct field u2_squared = field_square(&d->u2);
	struct field sum = field_multiply(&curve_d, &u1_squared);

	sum = field_add(&sum, &u2_squared);
	d->v = field_subtract_sum(&(struct field){{0}}, &sum);
	d->w = field_multiply(&d->v, &u2_squared);

	d->w3 = field_square(&d->w);
	d->w3 = field_multiply(&d->w3, &d->w);
	*power = field_square(&d->w3);
	*power = field_multiply(power, &d->w);
	return true;
}

/* `power` is w^7 raised to (p - 5)/8. */
static bool finish_decoding(const struct decoding *d, const struct field *power, struct point *out)
{
	struct field root = field_multiply(&d->w3, power);
	struct field check = field_square(&root);

	check = field_multiply(&check, &d->w);
	if (!field_is_equal(&check, &one)) {
		check = field_add(&check, &one);
		if (!field_is_zero(&check))
			return false; /* w has no root */
		root = field_multiply(&root, &root_of_minus_one);
	}

	struct field x_part = field_multiply(&root, &d->u2);
	struct field y_part = field_multiply(&root, &x_part);

	y_part = field_multiply(&y_part, &d->v);
	out->x = field_multiply(&x_part, &d->s);
	out->x = field_add(&out->x, &out->x);
	if (field_is_negative(&out->x))
		out->x = field_subtract_sum(&(struct field){{0}}, &out->x);
	out->x = field_reduce(&out->x);
	out->y = field_multiply(&d->u1, &y_part);
	out->z = one;
	out->t = field_multiply(&out->x, &out->y);
	return !field_is_negative(&out->t) && !field_is_zero(&out->y);
}

bool point_decode(const unsigned char *const bytes[], int n, struct point out[])
{
	struct decoding parts[2];
	struct field powers[2];

	for (int i = 0; i < n; i++)
		if (!start_decoding(&parts[i], bytes[i], &powers[i]))
			return false;
	field_raise(powers, n);
	for (int i = 0; i < n; i++)
		if (!finish_decoding(&parts[i], &powers[i], &out[i]))
			return false;
	return true;
}

bool point_is_identity(const struct point *p)
{
	return field_is_zero(&p->x) || field_is_zero(&p->y);
}

static bool is_same_product(const struct field *a, const struct field *b, const struct field *c,
			    const struct field *d)
{
	struct field first = field_multiply(a, b);
	struct field second = field_multiply(c, d);

	return field_is_equal(&first, &second);
}

bool point_is_equal(const struct point *p, const struct point *q)
{
	return is_same_product(&p->x, &q->y, &p->y, &q->x) ||
	       is_same_product(&p->y, &q->y, &p->x, &q->x);
}
