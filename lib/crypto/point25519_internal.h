/* SPDX-License-Identifier: MIT
 * Points of ristretto255, in variable time. A point of the group is any of four of the curve
 * -x^2 + y^2 = 1 + d x^2 y^2, which differ by the points with x = 0 or y = 0. Source: RFC 9496.
 */
#ifndef CHUTES_CRYPTO_POINT25519_INTERNAL_H
#define CHUTES_CRYPTO_POINT25519_INTERNAL_H

#include "lib/crypto/field25519_internal.h"

enum { POINT_BYTES = 32 };

/* (x/z, y/z), and t = x y / z. Limbs are tight. */
struct point {
	struct field x;
	struct field y;
	struct field z;
	struct field t;
};

/* Decode `n` points, 1 or 2, which takes little more time for two. False when one is no encoding:
 * not below p, odd, or of no point. z is 1. */
must_use bool point_decode(const unsigned char *const bytes[], int n, struct point out[]);
bool point_is_identity(const struct point *p);
bool point_is_equal(const struct point *p, const struct point *q);

#endif
