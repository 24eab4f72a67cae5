/* SPDX-License-Identifier: MIT
 * The curve's part of a verification, s B - k A = R, in variable time: only what everybody may know
 * comes here, never a secret. There are routes for different processors; all of them accept exactly
 * the same signatures, and the route through libsodium is the one that they are tested against.
 *
 * Halved scalars (Antipa and others, 2005): c = k d mod L with c and |d| below 2^126, so the test
 * becomes e B - c A - d R = 0 with e = d s mod L, and half the doublings. Exact, because the group
 * has the prime order L and d is not zero.
 */
#ifndef CHUTES_CRYPTO_VERIFY_INTERNAL_H
#define CHUTES_CRYPTO_VERIFY_INTERNAL_H

#include "lib/crypto/sr25519_internal.h"

/* The test for one signature; scalars little-endian. The key is plausible (public_is_plausible()),
 * s canonical; whether `public_key` and `r` are encodings of points, the route finds out. */
struct verify_terms {
	const unsigned char *public_key;
	const unsigned char *r; /* the first half of the signature */
	uint64_t c[2];          /* below 2^126 */
	uint64_t d[2];          /* |d|, not zero, at most 2^126 */
	bool d_is_negative;
	uint64_t e[4]; /* |d| s mod L; the test is e B - (d's sign) c A - |d| R = 0 */
};

/* One test of a batch: z (s B - k A - R), summed over all. */
struct verify_item {
	const unsigned char *public_key;
	const unsigned char *r;
	uint64_t z[2];  /* random, below 2^126 */
	uint64_t zk[4]; /* z k mod L; the sum of all z s mod L is given beside the items */
};

struct verify_route {
	const char *name; /* "portable", "ifma" */
	bool (*is_supported)(void);
	/* Do both decode, and does the test hold? */
	bool (*test)(const struct verify_terms *t);
	/* A key that verifies again and again: its tables, `table_bytes` at an address divisible by
	 * 64. False: it is no point. */
	size_t table_bytes;
	bool (*table_make)(const unsigned char public_key[SR25519_PUBLIC_BYTES], void *table);
	/* s B - k A = R, k below L and not halved */
	bool (*table_test)(const void *table, const unsigned char s[SCALAR_BYTES],
			   const unsigned char k[SCALAR_BYTES],
			   const unsigned char r[SR25519_PUBLIC_BYTES]);
	/* Does everything decode, and is sum_zs B - sum(zk A) - sum(z R) = 0? At most
	 * VERIFY_BATCH_MAX items. */
	bool (*batch_test)(const struct verify_item *items, size_t n, const uint64_t sum_zs[4]);
};
enum { VERIFY_BATCH_MAX = 64 };
extern const struct verify_route verify_route_portable;
extern const struct verify_route verify_route_ifma; /* x86-64 with AVX-512 IFMA */

#endif
