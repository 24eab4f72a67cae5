/* SPDX-License-Identifier: MIT
 * Verifying: R = s B - k A, and the rules that need no curve. Source: schnorrkel's sign.rs and
 * context.rs. The curve is behind verify_internal.h.
 */
#include "lib/base/memory.h"
#include "lib/crypto/verify_internal.h"

#include <sodium.h>
#include <string.h>

/* Say whether it is for the key. */
static bool refuse(const unsigned char public_key[SR25519_PUBLIC_BYTES], struct error *err)
{
	if (sr25519_public_check(public_key, err))
		return fail(err, ERROR_AUTH, "the signature is not of this key and message");
	err->code = ERROR_AUTH;
	return false;
}

/* All that needs no curve: what of the test s B - k A = R is not in the signature as it is. */
static bool make_scalars(const struct sr25519_signed *item, unsigned char s[SCALAR_BYTES],
			 unsigned char k[SCALAR_BYTES], struct error *err)
{
	struct transcript t;

	if (item->len > MERLIN_MESSAGE_LIMIT)
		return fail(err, ERROR_AUTH, "a message of %zu bytes cannot have been signed",
			    item->len);
	if (!public_is_plausible(item->public_key))
		return refuse(item->public_key, err);
	memcpy(s, item->signature + SR25519_PUBLIC_BYTES, SCALAR_BYTES);
	if (!(s[SCALAR_BYTES - 1] & SIGNATURE_MARK))
		return fail(err, ERROR_AUTH, "the signature is not marked as sr25519");
	s[SCALAR_BYTES - 1] &= (unsigned char)~SIGNATURE_MARK;
	if (!scalar_is_canonical(s))
		return fail(err, ERROR_AUTH,
			    "the signature was altered: its second half is out of range");
	signature_start(&t, item->message, item->len, item->public_key);
	signature_challenge(&t, item->signature, k);
	return true;
}

static bool verify(const struct sr25519_signed *item, struct error *err)
{
	unsigned char s[SCALAR_BYTES];
	unsigned char k[SCALAR_BYTES];

	return make_scalars(item, s, k, err) &&
	       (verify_route()->test(item->public_key, s, k, item->signature) ||
		refuse(item->public_key, err));
}

bool sr25519_verify(const unsigned char public_key[SR25519_PUBLIC_BYTES], const void *message,
		    size_t len, const unsigned char signature[SR25519_SIGNATURE_BYTES],
		    struct error *err)
{
	return verify(&(struct sr25519_signed){public_key, signature, message, len}, err);
}

/* --- a known key */

struct sr25519_known_key {
	_Alignas(VERIFY_TABLE_ALIGNMENT) const struct verify_route *route; /* who made the table */
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	_Alignas(VERIFY_TABLE_ALIGNMENT) unsigned char table[];
};

bool sr25519_known_key_new(const unsigned char public_key[SR25519_PUBLIC_BYTES],
			   struct sr25519_known_key **out, struct error *err)
{
	if (!sr25519_public_check(public_key, err))
		return false;

	const struct verify_route *route = verify_route();
	size_t size = sizeof(struct sr25519_known_key) + route->table_bytes;

	/* aligned_alloc() wants whole lines */
	size += -size % VERIFY_TABLE_ALIGNMENT;

	struct sr25519_known_key *key = memory_check(aligned_alloc(VERIFY_TABLE_ALIGNMENT, size));

	key->route = route;
	memcpy(key->public_key, public_key, sizeof(key->public_key));
	if (!route->table_make(public_key, key->table)) {
		free(key);
		return fail(err, ERROR_USAGE, "this is not an sr25519 public key");
	}
	*out = key;
	return true;
}

void sr25519_known_key_free(struct sr25519_known_key *key) { free(key); }

bool sr25519_known_key_verify(const struct sr25519_known_key *key, const void *message, size_t len,
			      const unsigned char signature[SR25519_SIGNATURE_BYTES],
			      struct error *err)
{
	const struct sr25519_signed item = {key->public_key, signature, message, len};
	unsigned char s[SCALAR_BYTES];
	unsigned char k[SCALAR_BYTES];

	return make_scalars(&item, s, k, err) &&
	       (key->route->table_test(key->table, s, k, signature) ||
		refuse(key->public_key, err));
}

/* --- many at once */

enum { WEIGHT_BYTES = 16 };

/* z (s B - k A - R): with random z nobody can choose errors that cancel out. */
static bool weigh(const struct sr25519_signed *item, const unsigned char random[WEIGHT_BYTES],
		  unsigned char zs[SCALAR_BYTES], struct verify_item *out)
{
	struct error ignored; /* who is asked one by one says it */
	unsigned char s[SCALAR_BYTES];
	unsigned char k[SCALAR_BYTES];
	unsigned char z[SCALAR_BYTES] = {0};
	uint64_t limbs[4];

	if (!make_scalars(item, s, k, &ignored))
		return false;
	memcpy(z, random, WEIGHT_BYTES);
	z[WEIGHT_BYTES - 1] &= 0x3f; /* 126 bits */
	crypto_core_ristretto255_scalar_mul(zs, z, s);
	crypto_core_ristretto255_scalar_mul(k, z, k);
	scalar_load(limbs, z);
	scalar_load(out->zk, k);
	out->z[0] = limbs[0];
	out->z[1] = limbs[1];
	out->public_key = item->public_key;
	out->r = item->signature;
	return true;
}

/* False: look at each. At most VERIFY_BATCH_MAX. */
static bool verify_batch(const struct sr25519_signed *items, size_t n)
{
	const struct verify_route *route = verify_route();
	struct verify_item weighed[VERIFY_BATCH_MAX];
	unsigned char random[VERIFY_BATCH_MAX][WEIGHT_BYTES];
	unsigned char sum[SCALAR_BYTES] = {0};
	unsigned char zs[SCALAR_BYTES];
	uint64_t limbs[4];

	if (!route->batch_test || n < 2)
		return false;
	randombytes_buf(random, n * WEIGHT_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (!weigh(&items[i], random[i], zs, &weighed[i]))
			return false;
		crypto_core_ristretto255_scalar_add(sum, sum, zs);
	}
	scalar_load(limbs, sum);
	return route->batch_test(weighed, n, limbs);
}

bool sr25519_verify_all(const struct sr25519_signed *items, size_t n, size_t *bad,
			struct error *err)
{
	size_t len = 0;

	for (size_t start = 0; start < n; start += len) {
		len = n - start < VERIFY_BATCH_MAX ? n - start : VERIFY_BATCH_MAX;
		if (verify_batch(items + start, len))
			continue;
		for (size_t i = start; i < start + len; i++)
			if (!verify(&items[i], err)) {
				*bad = i;
				return false;
			}
	}
	return true;
}
