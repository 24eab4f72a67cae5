/* SPDX-License-Identifier: MIT
 * The curve's part of a verification, s B - k A = R, in variable time: only what everybody may know
 * comes here, never a secret. There are routes for different processors; all of them accept exactly
 * the same signatures, and the route through libsodium is the one that they are tested against.
 */
#ifndef CHUTES_CRYPTO_VERIFY_INTERNAL_H
#define CHUTES_CRYPTO_VERIFY_INTERNAL_H

#include "lib/crypto/sr25519_internal.h"

/* One test of a batch: z (s B - k A - R), summed over all. */
struct verify_item {
	const unsigned char *public_key;
	const unsigned char *r;
	uint64_t z[2];  /* random, below 2^126 */
	uint64_t zk[4]; /* z k mod L; the sum of all z s mod L is given beside the items */
};

enum { VERIFY_BATCH_MAX = 64, VERIFY_TABLE_ALIGNMENT = 64, VERIFY_HALF_BITS = 126 };

/* Keys come here plausible (public_is_plausible()); whether they and R are encodings of points, the
 * route finds out. Scalars are canonical. `r` is the first half of a signature. */
struct verify_route {
	const char *name; /* "libsodium", "portable", "ifma" */
	bool (*is_supported)(void);
	/* s B - k A = R? */
	bool (*test)(const unsigned char public_key[SR25519_PUBLIC_BYTES],
		     const unsigned char s[SCALAR_BYTES], const unsigned char k[SCALAR_BYTES],
		     const unsigned char r[SR25519_PUBLIC_BYTES]);
	/* A key that verifies again and again: its tables, `table_bytes` at an address divisible by
	 * VERIFY_TABLE_ALIGNMENT. False: it is no point. */
	size_t table_bytes;
	bool (*table_make)(const unsigned char public_key[SR25519_PUBLIC_BYTES], void *table);
	bool (*table_test)(const void *table, const unsigned char s[SCALAR_BYTES],
			   const unsigned char k[SCALAR_BYTES],
			   const unsigned char r[SR25519_PUBLIC_BYTES]);
	/* Does everything decode, and is sum_zs B - sum(zk A) - sum(z R) = 0? At most
	 * VERIFY_BATCH_MAX items. NULL: one by one is as fast. */
	bool (*batch_test)(const struct verify_item *items, size_t n, const uint64_t sum_zs[4]);
};
extern const struct verify_route verify_route_libsodium; /* the reference, everywhere */
extern const struct verify_route verify_route_portable;  /* compilers with 128-bit integers */
extern const struct verify_route verify_route_ifma;      /* x86-64 with AVX-512 IFMA */

/* The fastest that this processor can take; always the same, but for tests: these choose by name.
 * False: there is none of this name here. NULL: the fastest. */
const struct verify_route *verify_route(void);
bool verify_route_use(const char *name);

/* Little-endian bytes of a scalar as numbers. */
void scalar_load(uint64_t out[4], const unsigned char scalar[SCALAR_BYTES]);

/* Halved scalars (Antipa and others, 2005): c = k d mod L, so the test becomes e B - c A - d R = 0
 * with half the doublings. Exact, because the group has the prime order L and d is not zero. */
struct verify_halves {
	uint64_t c[2]; /* below 2^126 */
	uint64_t d[2]; /* |d|, not zero, at most 2^126 */
	bool d_is_negative;
	uint64_t e[4]; /* |d| s mod L; the test is e B - (d's sign) c A - |d| R = 0 */
};
void verify_halve(const unsigned char s[SCALAR_BYTES], const unsigned char k[SCALAR_BYTES],
		  struct verify_halves *out);

#endif
