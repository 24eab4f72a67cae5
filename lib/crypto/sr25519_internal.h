/* SPDX-License-Identifier: MIT
 * What keys and signatures share.
 */
#ifndef CHUTES_CRYPTO_SR25519_INTERNAL_H
#define CHUTES_CRYPTO_SR25519_INTERNAL_H

#include "lib/crypto/merlin_internal.h"
#include "lib/crypto/sr25519.h"

enum { SCALAR_BYTES = 32, WIDE_BYTES = 64, SIGNATURE_MARK = 0x80 /* in the last byte */ };

struct sr25519_key {
	struct {
		unsigned char scalar[SCALAR_BYTES];
		unsigned char nonce[SR25519_SECRET_BYTES - SCALAR_BYTES];
	} secret;
	unsigned char seed[SR25519_SEED_BYTES];
	bool has_seed;
	unsigned char public_key[SR25519_PUBLIC_BYTES];
};

/* Below L, the order of the group? Takes the same time for all scalars. */
bool scalar_is_canonical(const unsigned char scalar[SCALAR_BYTES]);
/* Not the identity, and bit 255 clear, which libsodium 1.0.18 does not look at: each key would have
 * two spellings. Whether it is a point at all, libsodium says. */
bool public_is_plausible(const unsigned char public_key[SR25519_PUBLIC_BYTES]);
/* `scalar`, which must not be zero, times the base point. */
void scalar_point(const unsigned char scalar[SCALAR_BYTES],
		  unsigned char out[SR25519_PUBLIC_BYTES]);
/* The next challenge as a scalar. */
void transcript_scalar(struct transcript *t, const char *label, unsigned char out[SCALAR_BYTES]);

/* What signer and verifier say to a transcript; after R the challenge can be drawn. */
void signature_start(struct transcript *t, const void *message, size_t len,
		     const unsigned char public_key[SR25519_PUBLIC_BYTES]);
void signature_challenge(struct transcript *t, const unsigned char r[SR25519_PUBLIC_BYTES],
			 unsigned char out[SCALAR_BYTES]);

/* For tests: sign with random bytes that are not. */
must_use bool sr25519_sign_with(const struct sr25519_key *key, const void *message, size_t len,
				const unsigned char random[MERLIN_RANDOM_BYTES],
				unsigned char signature[SR25519_SIGNATURE_BYTES],
				struct error *err);

#endif
