/* SPDX-License-Identifier: MIT
 * Random inputs of the test s B - k A = R, of kinds that are hard on an implementation: many hold,
 * and many fail at the last step only. Made with libsodium, which is also asked what is right.
 */
#ifndef CHUTES_TESTS_VERIFY_INPUTS_H
#define CHUTES_TESTS_VERIFY_INPUTS_H

#include "lib/crypto/verify_internal.h"
#include "tests/unit/random.h"

#include <endian.h>
#include <sodium.h>

struct verify_input {
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	unsigned char s[SCALAR_BYTES];
	unsigned char k[SCALAR_BYTES];
	unsigned char r[SR25519_PUBLIC_BYTES];
};

enum verify_input_kind {
	INPUT_ANY,
	INPUT_S_CHANGED,
	INPUT_K_CHANGED,
	INPUT_R_CHANGED,
	INPUT_A_CHANGED,
	INPUT_R_IS_ANYTHING,
	INPUT_A_IS_ANYTHING,
	INPUT_R_IS_NO_ENCODING, /* of what it would stand for */
	INPUT_A_IS_NO_ENCODING,
	INPUT_R_IS_IDENTITY,
	INPUT_R_IS_KEY,
	INPUT_KEY_IS_SMALL, /* a few times B, or minus that */
	INPUT_K_IS_SMALL,   /* 0, 1 ... */
	INPUT_S_IS_SMALL,
	INPUT_K_IS_NEAR_L,
	INPUT_K_IS_NEAR_POWER, /* of 2 */
	INPUT_K_IS_FRACTION,   /* of two numbers below 2^128, as halving finds them */
	INPUT_HAS_RUNS,        /* of equal bits, over which digits carry */
	N_INPUT_KINDS
};

static inline void random_scalar(struct random *random, unsigned char out[SCALAR_BYTES])
{
	unsigned char wide[WIDE_BYTES];

	random_fill(random, wide, sizeof(wide));
	crypto_core_ristretto255_scalar_reduce(out, wide);
}

/* Of up to `n_bits`, at most 256; then mod L. */
static inline void random_bits(struct random *random, size_t n_bits,
			       unsigned char out[SCALAR_BYTES])
{
	unsigned char wide[WIDE_BYTES] = {0};

	n_bits = random_below(random, n_bits + 1);
	random_fill(random, wide, (n_bits + 7) / 8);
	if (n_bits % 8)
		wide[n_bits / 8] &= (unsigned char)((1 << n_bits % 8) - 1);
	crypto_core_ristretto255_scalar_reduce(out, wide);
}

static inline void random_runs(struct random *random, unsigned char out[SCALAR_BYTES])
{
	unsigned char wide[WIDE_BYTES] = {0};
	size_t bit = 0;

	for (bool is_set = random_below(random, 2); bit < 253; is_set = !is_set)
		for (size_t len = 1 + random_below(random, 80); len > 0 && bit < 253; len--, bit++)
			if (is_set)
				wide[bit / 8] |= (unsigned char)(1 << bit % 8);
	crypto_core_ristretto255_scalar_reduce(out, wide);
}

static inline void random_near_power(struct random *random, unsigned char out[SCALAR_BYTES])
{
	unsigned char difference[SCALAR_BYTES] = {(unsigned char)random_below(random, 5)};
	size_t bit = random_below(random, 2) ? 120 + random_below(random, 12)
					     : random_below(random, 252);

	memset(out, 0, SCALAR_BYTES);
	out[bit / 8] = (unsigned char)(1 << bit % 8);
	if (random_below(random, 2))
		crypto_core_ristretto255_scalar_add(out, out, difference);
	else
		crypto_core_ristretto255_scalar_sub(out, out, difference);
}

static inline void random_fraction(struct random *random, unsigned char out[SCALAR_BYTES])
{
	unsigned char divisor[SCALAR_BYTES];

	do
		random_bits(random, 128, divisor);
	while (sodium_is_zero(divisor, sizeof(divisor)));
	random_bits(random, 128, out);
	crypto_core_ristretto255_scalar_invert(divisor, divisor);
	crypto_core_ristretto255_scalar_mul(out, out, divisor);
	if (random_below(random, 2))
		crypto_core_ristretto255_scalar_negate(out, out);
}

/* `n` B */
static inline void point_of(const unsigned char n[SCALAR_BYTES],
			    unsigned char out[SR25519_PUBLIC_BYTES])
{
	if (crypto_scalarmult_ristretto255_base(out, n) != 0)
		memset(out, 0, SR25519_PUBLIC_BYTES); /* the identity */
}

/* A string that decodes to nothing: p and more, negative (odd), bit 255. */
static inline void make_no_encoding(struct random *random, unsigned char point[SCALAR_BYTES],
				    bool may_have_bit_255)
{
	switch (random_below(random, may_have_bit_255 ? 4 : 3)) {
	case 0: /* p to p + 18 */
		memset(point, 0xff, SR25519_PUBLIC_BYTES);
		point[0] = (unsigned char)(0xed + random_below(random, 19));
		point[31] = 0x7f;
		break;
	case 1: /* p - s */
		for (int i = 0, borrow = 0; i < SR25519_PUBLIC_BYTES; i++) {
			int of_p = i == 0 ? 0xed : i == 31 ? 0x7f : 0xff;
			int digit = of_p - point[i] - borrow;

			borrow = digit < 0;
			point[i] = (unsigned char)digit;
		}
		break;
	case 2:
		point[0] ^= 1;
		break;
	default:
		point[31] |= 0x80;
	}
}

static inline void flip_bit(struct random *random, unsigned char *bytes, size_t n_bits)
{
	size_t bit = random_below(random, n_bits);

	bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
}

/* The key's scalar, s and k: what the kind says of them, else random. */
static inline void make_input_scalars(struct random *random, enum verify_input_kind kind,
				      unsigned char a[SCALAR_BYTES], struct verify_input *in)
{
	random_scalar(random, a);
	random_scalar(random, in->s);
	random_scalar(random, in->k);
	if (kind == INPUT_KEY_IS_SMALL) {
		memset(a, 0, SCALAR_BYTES);
		a[0] = (unsigned char)(1 + random_below(random, 40));
		if (random_below(random, 2))
			crypto_core_ristretto255_scalar_negate(a, a);
	}
	if (kind == INPUT_K_IS_SMALL || kind == INPUT_K_IS_NEAR_L)
		random_bits(random, random_below(random, 2) ? 3 : 127, in->k);
	if (kind == INPUT_K_IS_NEAR_L)
		crypto_core_ristretto255_scalar_negate(in->k, in->k);
	if (kind == INPUT_S_IS_SMALL)
		random_bits(random, random_below(random, 2) ? 3 : 127, in->s);
	if (kind == INPUT_K_IS_NEAR_POWER)
		random_near_power(random, in->k);
	if (kind == INPUT_K_IS_FRACTION)
		random_fraction(random, in->k);
	if (kind == INPUT_HAS_RUNS) {
		random_runs(random, in->s);
		random_runs(random, in->k);
	}
	if (kind == INPUT_R_IS_IDENTITY || kind == INPUT_R_IS_KEY) /* s = k a, and that plus a */
		crypto_core_ristretto255_scalar_mul(in->s, in->k, a);
	if (kind == INPUT_R_IS_KEY)
		crypto_core_ristretto255_scalar_add(in->s, in->s, a);
}

static inline struct verify_input verify_input_make(struct random *random,
						    enum verify_input_kind kind)
{
	struct verify_input in;
	unsigned char a[SCALAR_BYTES];
	unsigned char r[SCALAR_BYTES];

	make_input_scalars(random, kind, a, &in);
	point_of(a, in.public_key);
	crypto_core_ristretto255_scalar_mul(r, in.k, a);
	crypto_core_ristretto255_scalar_sub(r, in.s, r);
	if (kind == INPUT_R_CHANGED) /* still a point */
		flip_bit(random, r, 252);
	point_of(r, in.r);
	if (kind == INPUT_A_CHANGED) {
		flip_bit(random, a, 252);
		point_of(a, in.public_key);
	}
	if (kind == INPUT_S_CHANGED)
		flip_bit(random, in.s, 252);
	if (kind == INPUT_K_CHANGED)
		flip_bit(random, in.k, 252);
	if (kind == INPUT_R_IS_ANYTHING)
		random_fill(random, in.r, sizeof(in.r));
	if (kind == INPUT_A_IS_ANYTHING)
		random_fill(random, in.public_key, sizeof(in.public_key));
	if (kind == INPUT_R_IS_NO_ENCODING)
		make_no_encoding(random, in.r, true);
	if (kind == INPUT_A_IS_NO_ENCODING)
		make_no_encoding(random, in.public_key, false);
	in.public_key[SR25519_PUBLIC_BYTES - 1] &= 0x7f; /* as public_is_plausible() demands */
	return in;
}

#endif
