/* SPDX-License-Identifier: MIT
 * Tests for the routes of verification: scalars, and cases of which it is known whether they hold,
 * because all points are known multiples of the base. The random ones are the same in each run.
 */
#ifndef CHUTES_TESTS_VERIFY_FIXTURE_H
#define CHUTES_TESTS_VERIFY_FIXTURE_H

#include "lib/crypto/verify_internal.h"
#include "tests/unit/vectors.h"

#include <endian.h>
#include <sodium.h>

struct scalar {
	unsigned char bytes[SCALAR_BYTES];
};
struct encoding {
	unsigned char bytes[SR25519_PUBLIC_BYTES];
};

static inline void any_bytes(void *out, size_t len)
{
	static unsigned char seed[randombytes_SEEDBYTES];

	sodium_increment(seed, sizeof(seed));
	randombytes_buf_deterministic(out, len, seed);
}

static inline unsigned any_below(unsigned n)
{
	uint32_t x;

	any_bytes(&x, sizeof(x));
	return x % n;
}

static inline struct scalar scalar_reduce(const unsigned char *bytes, size_t len)
{
	unsigned char wide[WIDE_BYTES] = {0};
	struct scalar out;

	memcpy(wide, bytes, len);
	crypto_core_ristretto255_scalar_reduce(out.bytes, wide);
	return out;
}

static inline struct scalar scalar_of(const uint64_t words[], size_t n_words)
{
	uint64_t bytes[4];

	for (size_t i = 0; i < n_words; i++)
		bytes[i] = htole64(words[i]);
	return scalar_reduce((const unsigned char *)bytes, 8 * n_words);
}

static inline void scalar_words(struct scalar s, uint64_t out[4]) { scalar_load(out, s.bytes); }

static inline struct scalar any_scalar(void)
{
	unsigned char wide[WIDE_BYTES];

	any_bytes(wide, sizeof(wide));
	return scalar_reduce(wide, sizeof(wide));
}

static inline struct scalar scalar_mul(struct scalar a, struct scalar b)
{
	crypto_core_ristretto255_scalar_mul(a.bytes, a.bytes, b.bytes);
	return a;
}

static inline struct scalar scalar_add(struct scalar a, struct scalar b)
{
	crypto_core_ristretto255_scalar_add(a.bytes, a.bytes, b.bytes);
	return a;
}

static inline struct scalar scalar_sub(struct scalar a, struct scalar b)
{
	crypto_core_ristretto255_scalar_sub(a.bytes, a.bytes, b.bytes);
	return a;
}

static inline struct scalar scalar_inverse(struct scalar a)
{
	if (crypto_core_ristretto255_scalar_invert(a.bytes, a.bytes) != 0)
		memset(&a, 0, sizeof(a));
	return a;
}

static inline struct scalar scalar_negative(struct scalar a)
{
	crypto_core_ristretto255_scalar_negate(a.bytes, a.bytes);
	return a;
}

/* A multiple of the base; of zero the identity, where libsodium fails. */
static inline struct encoding point_of(struct scalar s)
{
	struct encoding out = {0};

	if (!sodium_is_zero(s.bytes, sizeof(s.bytes)) &&
	    crypto_scalarmult_ristretto255_base(out.bytes, s.bytes) != 0)
		printf("# no multiple of the base\n");
	return out;
}

/* Words of up to `bits` bits: mostly random, sometimes of those that are an edge of something. */
static inline void any_words(uint64_t out[], int n_words, int bits)
{
	static const uint64_t edges[] = {0,
					 1,
					 UINT64_MAX,
					 0x8888888888888888,
					 0x7777777777777777,
					 0x8080808080808080,
					 0x7f7f7f7f7f7f7f7f,
					 0x8000000000000000};
	unsigned edge = any_below(3 * array_len(edges));

	for (int i = 0; i < n_words; i++) {
		any_bytes(&out[i], sizeof(out[i]));
		if (edge < array_len(edges))
			out[i] = edges[edge];
	}
	out[n_words - 1] &= UINT64_MAX >> (64 * n_words - bits);
}

/* A key and what it signed: s B - k A = R. */
struct signed_case {
	struct scalar a, s, k, r; /* of R, too, it is known how many times the base it is */
	struct encoding public_key, point;
	struct verify_halves halves; /* of s and k; others than those of verify_halve() */
};

/* R, and what follows from another s. */
static inline void case_finish(struct signed_case *v)
{
	scalar_words(scalar_mul(scalar_of(v->halves.d, 2), v->s), v->halves.e);
	v->r = scalar_sub(v->s, scalar_mul(v->k, v->a));
	v->point = point_of(v->r);
}

/* Neither s nor k is zero: nobody can make such a signature, and libsodium's route refuses it. */
static inline void any_case(struct signed_case *out)
{
	struct verify_halves *h = &out->halves;
	uint64_t e[4];

	do
		any_words(h->c, 2, VERIFY_HALF_BITS);
	while (!h->c[0] && !h->c[1]);
	do
		any_words(h->d, 2, VERIFY_HALF_BITS);
	while (!h->d[0] && !h->d[1]);
	if (any_below(50) == 0) {
		h->d[0] = 0;
		h->d[1] = UINT64_C(1) << (VERIFY_HALF_BITS - 64);
	}
	h->d_is_negative = any_below(2) == 1;
	do
		any_words(e, 4, 252);
	while (!e[0]);

	struct scalar inverse = scalar_inverse(scalar_of(h->d, 2));

	out->a = any_scalar();
	out->public_key = point_of(out->a);
	out->s = scalar_mul(scalar_of(e, 4), inverse);
	out->k = scalar_mul(scalar_of(h->c, 2), inverse);
	if (h->d_is_negative)
		out->k = scalar_negative(out->k);
	case_finish(out);
}

#endif
