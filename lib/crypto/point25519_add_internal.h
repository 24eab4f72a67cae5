/* SPDX-License-Identifier: MIT
 * Doubling and adding. Everything is expanded where it is used: a call would write the factors to
 * memory and read them again. Source: Hisil and others, "Twisted Edwards Curves Revisited", 2008.
 */
#ifndef CHUTES_CRYPTO_POINT25519_ADD_INTERNAL_H
#define CHUTES_CRYPTO_POINT25519_ADD_INTERNAL_H

#include "lib/crypto/point25519_internal.h"

/* What is added to a point: one whose z is 1 ... */
struct addend {
	struct field y_plus_x;
	struct field y_minus_x;
	struct field xy2d; /* 2 d x y */
};

/* ... and one that has another; then the members above stand for its x, y and t. */
struct addend_z {
	struct addend addend;
	struct field z2; /* 2 z */
};

/* A point before its last products: x = e f, y = g h, z = f g, t = e h. */
struct factors {
	struct field e;
	struct field f;
	struct field g;
	struct field h;
};

force_inline void multiply_out(struct point *out, const struct factors *p)
{
	out->x = field_multiply(&p->e, &p->f);
	out->y = field_multiply(&p->g, &p->h);
	out->z = field_multiply(&p->f, &p->g);
}

/* t too, without which nothing can be added */
force_inline void multiply_out_all(struct point *out, const struct factors *p)
{
	multiply_out(out, p);
	out->t = field_multiply(&p->e, &p->h);
}

/* p's t is not read. */
force_inline struct factors twice(const struct point *p)
{
	struct factors out;
	struct field xx = field_square(&p->x);
	struct field yy = field_square(&p->y);
	struct field zz = field_square(&p->z);
	struct field sum = field_add(&p->x, &p->y);

	zz = field_add(&zz, &zz);
	sum = field_square(&sum);
	out.h = field_add(&yy, &xx);
	out.g = field_subtract(&yy, &xx);
	out.e = field_subtract_sum(&sum, &out.h);
	out.f = field_subtract_sum(&zz, &out.g);
	return out;
}

/* p + q or p - q; `zz` is twice the product of their z. */
force_inline struct factors add(const struct point *p, const struct addend *q,
				const struct field *zz, bool is_negative)
{
	struct factors out;
	struct field a = field_subtract(&p->y, &p->x);
	struct field b = field_add(&p->y, &p->x);
	struct field c = field_multiply(&p->t, &q->xy2d);

	a = field_multiply(&a, is_negative ? &q->y_plus_x : &q->y_minus_x);
	b = field_multiply(&b, is_negative ? &q->y_minus_x : &q->y_plus_x);
	out.e = field_subtract(&b, &a);
	out.h = field_add(&b, &a);
	*(is_negative ? &out.g : &out.f) = field_subtract(zz, &c);
	*(is_negative ? &out.f : &out.g) = field_add(zz, &c);
	return out;
}

force_inline struct factors add_affine(const struct point *p, const struct addend *q,
				       bool is_negative)
{
	struct field zz = field_add(&p->z, &p->z);

	return add(p, q, &zz, is_negative);
}

force_inline struct factors add_any(const struct point *p, const struct addend_z *q,
				    bool is_negative)
{
	struct field zz = field_multiply(&p->z, &q->z2);

	return add(p, &q->addend, &zz, is_negative);
}

#endif
