/* SPDX-License-Identifier: MIT
 * The route through libsodium: everywhere, slow, and what the others must agree with.
 */
#include "lib/crypto/verify_internal.h"

#include <sodium.h>
#include <string.h>

static bool is_supported(void) { return true; }

static bool test(const unsigned char public_key[SR25519_PUBLIC_BYTES],
		 const unsigned char s[SCALAR_BYTES], const unsigned char k[SCALAR_BYTES],
		 const unsigned char r[SR25519_PUBLIC_BYTES])
{
	unsigned char s_b[SR25519_PUBLIC_BYTES];
	unsigned char k_a[SR25519_PUBLIC_BYTES];
	unsigned char difference[SR25519_PUBLIC_BYTES];

	if (!crypto_core_ristretto255_is_valid_point(public_key))
		return false;
	/* these fail where the product is the identity, which is encoded as zero */
	if (crypto_scalarmult_ristretto255_base(s_b, s) != 0)
		memset(s_b, 0, sizeof(s_b));
	if (crypto_scalarmult_ristretto255(k_a, k, public_key) != 0)
		memset(k_a, 0, sizeof(k_a));
	return crypto_core_ristretto255_sub(difference, s_b, k_a) == 0 &&
	       memcmp(difference, r, sizeof(difference)) == 0;
}

static bool table_make(const unsigned char public_key[SR25519_PUBLIC_BYTES], void *table)
{
	if (!crypto_core_ristretto255_is_valid_point(public_key))
		return false;
	memcpy(table, public_key, SR25519_PUBLIC_BYTES);
	return true;
}

static bool table_test(const void *table, const unsigned char s[SCALAR_BYTES],
		       const unsigned char k[SCALAR_BYTES],
		       const unsigned char r[SR25519_PUBLIC_BYTES])
{
	return test(table, s, k, r);
}

const struct verify_route verify_route_libsodium = {
	.name = "libsodium",
	.is_supported = is_supported,
	.test = test,
	.table_bytes = SR25519_PUBLIC_BYTES,
	.table_make = table_make,
	.table_test = table_test,
};
