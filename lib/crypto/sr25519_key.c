/* SPDX-License-Identifier: MIT
 * Keys: out of seeds, out of one another, and what a public key must be. Source: schnorrkel's
 * keys.rs and derive.rs. Group and scalars are libsodium's.
 */
#include "lib/base/memory.h"
#include "lib/crypto/secret.h"
#include "lib/crypto/sr25519_internal.h"

#include <assert.h>
#include <endian.h>
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(((struct sr25519_key *)NULL)->secret) == SR25519_SECRET_BYTES,
	       "the secret is handed out as bytes");

bool scalar_is_canonical(const unsigned char scalar[SCALAR_BYTES])
{
	/* L = 2^252 + 27742317777372353535851937790883648493 */
	static const uint64_t order[] = {0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0,
					 0x1000000000000000};
	uint64_t limbs[array_len(order)];
	uint64_t borrow = 0;

	memcpy(limbs, scalar, SCALAR_BYTES);
	for (size_t i = 0; i < array_len(order); i++) {
		uint64_t limb = le64toh(limbs[i]);

		borrow = (limb < order[i]) | (limb - order[i] < borrow);
	}
	sodium_memzero(limbs, sizeof(limbs));
	return borrow != 0;
}

void transcript_scalar(struct transcript *t, const char *label, unsigned char out[SCALAR_BYTES])
{
	unsigned char wide[WIDE_BYTES];

	transcript_challenge(t, label, wide, sizeof(wide));
	crypto_core_ristretto255_scalar_reduce(out, wide);
	sodium_memzero(wide, sizeof(wide));
}

/* An eighth of what the bytes say, whose lowest three bits are dropped. */
static void divide_by_8(unsigned char scalar[SCALAR_BYTES])
{
	for (int i = 0; i < SCALAR_BYTES - 1; i++)
		scalar[i] = (unsigned char)(scalar[i] >> 3 | scalar[i + 1] << 5);
	scalar[SCALAR_BYTES - 1] >>= 3;
}

void scalar_point(const unsigned char scalar[SCALAR_BYTES], unsigned char out[SR25519_PUBLIC_BYTES])
{
	int done = crypto_scalarmult_ristretto255_base(out, scalar);

	assert(done == 0);
}

static void set_public(struct sr25519_key *key)
{
	scalar_point(key->secret.scalar, key->public_key);
}

void sr25519_key_free(struct sr25519_key *key) { secret_free(key); }

struct sr25519_key *sr25519_key_of_seed(const unsigned char seed[SR25519_SEED_BYTES])
{
	struct sr25519_key *key = secret_new(sizeof(*key));
	unsigned char hash[crypto_hash_sha512_BYTES];

	crypto_hash_sha512(hash, seed, SR25519_SEED_BYTES);
	memcpy(&key->secret, hash, sizeof(hash));
	sodium_memzero(hash, sizeof(hash));
	/* Clamped as Ed25519 does it, where the division drops the three lowest bits: from 2^251 to
	 * 2^252, which is below L. */
	key->secret.scalar[SCALAR_BYTES - 1] &= 0x3f;
	key->secret.scalar[SCALAR_BYTES - 1] |= 0x40;
	divide_by_8(key->secret.scalar);
	memcpy(key->seed, seed, SR25519_SEED_BYTES);
	key->has_seed = true;
	set_public(key);
	return key;
}

bool sr25519_key_of_secret(const unsigned char secret[SR25519_SECRET_BYTES],
			   struct sr25519_key **out, struct error *err)
{
	if (sodium_is_zero(secret, SCALAR_BYTES) || !scalar_is_canonical(secret))
		return fail(err, ERROR_USAGE, "this is not the secret of an sr25519 key");

	struct sr25519_key *key = secret_new(sizeof(*key));

	memcpy(&key->secret, secret, SR25519_SECRET_BYTES);
	set_public(key);
	*out = key;
	return true;
}

bool sr25519_key_of_ed25519_secret(const unsigned char secret[SR25519_SECRET_BYTES],
				   struct sr25519_key **out, struct error *err)
{
	if (secret[0] & 7)
		return fail(err, ERROR_USAGE, "this is not the secret of an sr25519 key times 8");

	unsigned char divided[SR25519_SECRET_BYTES];

	memcpy(divided, secret, SR25519_SECRET_BYTES);
	divide_by_8(divided);

	bool done = sr25519_key_of_secret(divided, out, err);

	sodium_memzero(divided, sizeof(divided));
	return done;
}

const unsigned char *sr25519_key_public(const struct sr25519_key *key) { return key->public_key; }

const unsigned char *sr25519_key_secret(const struct sr25519_key *key)
{
	return (const unsigned char *)&key->secret;
}

const unsigned char *sr25519_key_seed(const struct sr25519_key *key)
{
	return key->has_seed ? key->seed : NULL;
}

static void start_derivation(struct transcript *t,
			     const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES])
{
	transcript_init(t, "SchnorrRistrettoHDKD");
	transcript_add(t, "sign-bytes", NULL, 0);
	transcript_add(t, "chain-code", chain_code, SR25519_CHAIN_CODE_BYTES);
}

struct sr25519_key *
sr25519_key_derive_hard(const struct sr25519_key *key,
			const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES])
{
	unsigned char seed[SR25519_SEED_BYTES];
	struct transcript t;

	start_derivation(&t, chain_code);
	transcript_add(&t, "secret-key", key->secret.scalar, SCALAR_BYTES);
	transcript_challenge(&t, "HDKD-hard", seed, sizeof(seed));

	struct sr25519_key *child = sr25519_key_of_seed(seed);

	sodium_memzero(&t, sizeof(t));
	sodium_memzero(seed, sizeof(seed));
	return child;
}

/* How far a soft child is from its parent. */
static void soft_step(struct transcript *t, const unsigned char public_key[SR25519_PUBLIC_BYTES],
		      const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES],
		      unsigned char out[SCALAR_BYTES])
{
	start_derivation(t, chain_code);
	transcript_add(t, "public-key", public_key, SR25519_PUBLIC_BYTES);
	transcript_scalar(t, "HDKD-scalar", out);
}

struct sr25519_key *
sr25519_key_derive_soft(const struct sr25519_key *key,
			const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES])
{
	struct sr25519_key *child = secret_new(sizeof(*child));
	unsigned char random[MERLIN_RANDOM_BYTES];
	unsigned char step[SCALAR_BYTES];
	struct transcript t;

	soft_step(&t, key->public_key, chain_code, step);
	crypto_core_ristretto255_scalar_add(child->secret.scalar, key->secret.scalar, step);
	randombytes_buf(random, sizeof(random));
	transcript_draw(&t, "HDKD-nonce", &key->secret, SR25519_SECRET_BYTES, random,
			child->secret.nonce, sizeof(child->secret.nonce));
	sodium_memzero(random, sizeof(random));
	/* they tell the junction, which may be somebody's secret */
	sodium_memzero(&t, sizeof(t));
	sodium_memzero(step, sizeof(step));
	set_public(child); /* zero once in 2^252 */
	return child;
}

bool sr25519_public_derive(const unsigned char public_key[SR25519_PUBLIC_BYTES],
			   const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES],
			   unsigned char out[SR25519_PUBLIC_BYTES], struct error *err)
{
	unsigned char step[SCALAR_BYTES];
	unsigned char point[SR25519_PUBLIC_BYTES];
	struct transcript t;

	if (!sr25519_public_check(public_key, err))
		return false;
	soft_step(&t, public_key, chain_code, step);

	scalar_point(step, point); /* zero once in 2^252 */

	int done = crypto_core_ristretto255_add(out, public_key, point);

	assert(done == 0); /* both are points */
	return true;
}

bool public_is_plausible(const unsigned char public_key[SR25519_PUBLIC_BYTES])
{
	return !(public_key[SR25519_PUBLIC_BYTES - 1] & 0x80) &&
	       !sodium_is_zero(public_key, SR25519_PUBLIC_BYTES);
}

bool sr25519_public_check(const unsigned char public_key[SR25519_PUBLIC_BYTES], struct error *err)
{
	if (sodium_is_zero(public_key, SR25519_PUBLIC_BYTES))
		return fail(err, ERROR_USAGE, "the public key is zero, which is nobody's");
	if (!public_is_plausible(public_key) ||
	    !crypto_core_ristretto255_is_valid_point(public_key))
		return fail(err, ERROR_USAGE, "this is not an sr25519 public key");
	return true;
}
