/* SPDX-License-Identifier: MIT
 * Signing and verifying: R = r B, k = the challenge, s = k a + r; and R = s B - k A. Source:
 * schnorrkel's sign.rs and context.rs. Group and scalars are libsodium's.
 */
#include "lib/crypto/sr25519_internal.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { POINT_BYTES = SR25519_PUBLIC_BYTES, MARK = 0x80 };

static struct transcript signing_context;

static void make_context(void)
{
	transcript_init(&signing_context, "SigningContext");
	transcript_add(&signing_context, "", "substrate", 9);
}

static void start_signature(struct transcript *t, const void *message, size_t len,
			    const unsigned char public_key[SR25519_PUBLIC_BYTES])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_context);
	*t = signing_context;
	transcript_add(t, "sign-bytes", message, len);
	transcript_add(t, "proto-name", "Schnorr-sig", 11);
	transcript_add(t, "sign:pk", public_key, SR25519_PUBLIC_BYTES);
}

static void challenge(struct transcript *t, const unsigned char point[POINT_BYTES],
		      unsigned char out[SCALAR_BYTES])
{
	transcript_add(t, "sign:R", point, POINT_BYTES);
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
	start_signature(&t, message, len, key->public_key);
	transcript_draw(&t, "signing", key->secret.nonce, sizeof(key->secret.nonce), random, wide,
			sizeof(wide));
	crypto_core_ristretto255_scalar_reduce(r, wide);

	scalar_point(r, made); /* zero once in 2^252 */
	challenge(&t, made, k);
	crypto_core_ristretto255_scalar_mul(k, k, key->secret.scalar);
	crypto_core_ristretto255_scalar_add(made + POINT_BYTES, k, r);
	sodium_memzero(wide, sizeof(wide));
	sodium_memzero(r, sizeof(r));
	sodium_memzero(k, sizeof(k)); /* times the secret scalar */
	memcpy(signature, made, sizeof(made));
	signature[SR25519_SIGNATURE_BYTES - 1] |= MARK;
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

/* Say whether it is for the key. */
static bool refuse(const unsigned char public_key[SR25519_PUBLIC_BYTES], struct error *err)
{
	if (sr25519_public_check(public_key, err))
		return fail(err, ERROR_AUTH, "the signature is not of this key and message");
	err->code = ERROR_AUTH;
	return false;
}

/* The rules that need no curve. */
static bool check_shape(const unsigned char signature[SR25519_SIGNATURE_BYTES],
			unsigned char s[SCALAR_BYTES], struct error *err)
{
	memcpy(s, signature + POINT_BYTES, SCALAR_BYTES);
	if (!(s[SCALAR_BYTES - 1] & MARK))
		return fail(err, ERROR_AUTH, "the signature is not marked as sr25519");
	s[SCALAR_BYTES - 1] &= (unsigned char)~MARK;
	if (!scalar_is_canonical(s))
		return fail(err, ERROR_AUTH,
			    "the signature was altered: its second half is out "
			    "of range");
	return true;
}

bool sr25519_verify(const unsigned char public_key[SR25519_PUBLIC_BYTES], const void *message,
		    size_t len, const unsigned char signature[SR25519_SIGNATURE_BYTES],
		    struct error *err)
{
	unsigned char s[SCALAR_BYTES];
	unsigned char k[SCALAR_BYTES];
	unsigned char s_b[POINT_BYTES];
	unsigned char k_a[POINT_BYTES];
	unsigned char r[POINT_BYTES];
	struct transcript t;

	if (len > MERLIN_MESSAGE_LIMIT)
		return fail(err, ERROR_AUTH, "a message of %zu bytes cannot have been signed", len);
	if (!public_is_plausible(public_key))
		return refuse(public_key, err);
	if (!check_shape(signature, s, err))
		return false;
	start_signature(&t, message, len, public_key);
	challenge(&t, signature, k);
	/* a product fails where it would be the identity, or the key is no point */
	if (crypto_scalarmult_ristretto255_base(s_b, s) != 0 ||
	    crypto_scalarmult_ristretto255(k_a, k, public_key) != 0 ||
	    crypto_core_ristretto255_sub(r, s_b, k_a) != 0 ||
	    memcmp(r, signature, POINT_BYTES) != 0)
		return refuse(public_key, err);
	return true;
}
