/* SPDX-License-Identifier: MIT
 * Signing: R = r B, k = the challenge, s = k a + r. Source: schnorrkel's sign.rs and context.rs.
 * Group and scalars are libsodium's, which takes the same time for all secrets.
 */
#include "lib/crypto/sr25519_internal.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

static struct transcript signing_context;

static void make_context(void)
{
	transcript_init(&signing_context, "SigningContext");
	transcript_add(&signing_context, "", "substrate", 9);
}

void signature_start(struct transcript *t, const void *message, size_t len,
		     const unsigned char public_key[SR25519_PUBLIC_BYTES])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_context);
	*t = signing_context;
	transcript_add(t, "sign-bytes", message, len);
	transcript_add(t, "proto-name", "Schnorr-sig", 11);
	transcript_add(t, "sign:pk", public_key, SR25519_PUBLIC_BYTES);
}

void signature_challenge(struct transcript *t, const unsigned char r[SR25519_PUBLIC_BYTES],
			 unsigned char out[SCALAR_BYTES])
{
	transcript_add(t, "sign:R", r, SR25519_PUBLIC_BYTES);
	transcript_scalar(t, "sign:c", out);
}

bool sr25519_sign_with(const struct sr25519_key *key, const void *message, size_t len,
		       const unsigned char random[MERLIN_RANDOM_BYTES],
		       unsigned char signature[SR25519_SIGNATURE_BYTES], struct error *err)
{
	unsigned char wide[WIDE_BYTES];
	unsigned char r[SCALAR_BYTES];
	unsigned char k[SCALAR_BYTES];
	unsigned char made[SR25519_SIGNATURE_BYTES];
	struct transcript t;

	if (len > MERLIN_MESSAGE_LIMIT)
		return fail(err, ERROR_USAGE, "a message of %zu bytes cannot be signed, at most %u",
			    len, MERLIN_MESSAGE_LIMIT);
	signature_start(&t, message, len, key->public_key);
	transcript_draw(&t, "signing", key->secret.nonce, sizeof(key->secret.nonce), random, wide,
			sizeof(wide));
	crypto_core_ristretto255_scalar_reduce(r, wide);

	scalar_point(r, made); /* zero once in 2^252 */
	signature_challenge(&t, made, k);
	crypto_core_ristretto255_scalar_mul(k, k, key->secret.scalar);
	crypto_core_ristretto255_scalar_add(made + SR25519_PUBLIC_BYTES, k, r);
	sodium_memzero(wide, sizeof(wide));
	sodium_memzero(r, sizeof(r));
	sodium_memzero(k, sizeof(k)); /* times the secret scalar */
	memcpy(signature, made, sizeof(made));
	signature[SR25519_SIGNATURE_BYTES - 1] |= SIGNATURE_MARK;
	return true;
}

bool sr25519_sign(const struct sr25519_key *key, const void *message, size_t len,
		  unsigned char signature[SR25519_SIGNATURE_BYTES], struct error *err)
{
	unsigned char random[MERLIN_RANDOM_BYTES];

	randombytes_buf(random, sizeof(random));

	bool done = sr25519_sign_with(key, message, len, random, signature, err);

	sodium_memzero(random, sizeof(random));
	return done;
}
