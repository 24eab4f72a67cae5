/* SPDX-License-Identifier: MIT
 * sr25519 signatures and keys as Substrate uses them: Schnorr signatures over ristretto255, the
 * signing context "substrate". Compatible to the byte with schnorrkel, and stricter: see
 * sr25519_verify(). Everything that touches a secret takes the same time whatever the secret is.
 */
#ifndef CHUTES_CRYPTO_SR25519_H
#define CHUTES_CRYPTO_SR25519_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum {
	SR25519_SEED_BYTES = 32,   /* the "mini secret": any 32 bytes */
	SR25519_SECRET_BYTES = 64, /* scalar, little-endian and below L; then the seed of nonces */
	SR25519_PUBLIC_BYTES = 32, /* a ristretto255 encoding (RFC 9496) */
	SR25519_SIGNATURE_BYTES =
		64, /* R, an encoding; then s, little-endian, its top bit the mark */
	SR25519_CHAIN_CODE_BYTES = 32, /* names a child of a key */
};

/* A secret key with its public key, in memory for secrets. */
struct sr25519_key;
void sr25519_key_free(struct sr25519_key *key); /* wipes it; accepts NULL */
static inline void sr25519_key_free_slot(struct sr25519_key **key) { sr25519_key_free(*key); }
#define auto_sr25519_key __attribute__((cleanup(sr25519_key_free_slot)))

/* The key of a seed, expanded as Substrate does it (schnorrkel's "Ed25519" mode). The caller wipes
 * the seed. */
must_use struct sr25519_key *sr25519_key_of_seed(const unsigned char seed[SR25519_SEED_BYTES]);
/* A key from its secret as key files have it. USAGE when the scalar is zero or not below L. */
must_use bool sr25519_key_of_secret(const unsigned char secret[SR25519_SECRET_BYTES],
				    struct sr25519_key **out, struct error *err);
/* The same where the scalar is eight times as big, as polkadot-js keeps it. USAGE when it cannot
 * be divided. */
must_use bool sr25519_key_of_ed25519_secret(const unsigned char secret[SR25519_SECRET_BYTES],
					    struct sr25519_key **out, struct error *err);

/* Borrowed from the key. The seed is NULL where there is none: the key was made from a secret, or
 * derived softly. */
const unsigned char *sr25519_key_public(const struct sr25519_key *key);
const unsigned char *sr25519_key_secret(const struct sr25519_key *key);
const unsigned char *sr25519_key_seed(const struct sr25519_key *key);

/* Children ("//name" and "/name" of a secret URI). A hard child has a seed; nobody can tell whose
 * child it is. The public key of a soft child can be found without the secret, but who knows its
 * secret and name, and the parent's public key, knows the parent's secret. The seed of nonces of a
 * soft child is random, so its secret is another one each time. */
must_use struct sr25519_key *
sr25519_key_derive_hard(const struct sr25519_key *key,
			const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES]);
must_use struct sr25519_key *
sr25519_key_derive_soft(const struct sr25519_key *key,
			const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES]);
/* The public key of the soft child. USAGE as sr25519_public_check(). */
must_use bool sr25519_public_derive(const unsigned char public_key[SR25519_PUBLIC_BYTES],
				    const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES],
				    unsigned char out[SR25519_PUBLIC_BYTES], struct error *err);

/* Is this a key that can have signed? USAGE when it is not the one encoding of a point, or the
 * identity: all zero, for which anyone can sign, and which a chain shows where nobody is set. */
must_use bool sr25519_public_check(const unsigned char public_key[SR25519_PUBLIC_BYTES],
				   struct error *err);

/* Sign `message`, of any content. Each signature of a message is another one: its nonce comes from
 * the key, the message and fresh random bytes, so a poor source of these gives nothing away.
 * USAGE for messages of more than 4,294,967,295 bytes. */
must_use bool sr25519_sign(const struct sr25519_key *key, const void *message, size_t len,
			   unsigned char signature[SR25519_SIGNATURE_BYTES], struct error *err);
/* Did the owner of `public_key` sign `message`? AUTH, with the reason, if not. Refused besides what
 * is forged: a key as sr25519_public_check(); no mark (a signature of before 2019, or ed25519); s
 * not below L, and R not the one encoding, so that nobody can change a signature into another one.
 * schnorrkel takes the identity as a key; we do not. Not constant time: nothing here is secret. */
must_use bool sr25519_verify(const unsigned char public_key[SR25519_PUBLIC_BYTES],
			     const void *message, size_t len,
			     const unsigned char signature[SR25519_SIGNATURE_BYTES],
			     struct error *err);

/* A key whose signatures are checked again and again: some 6 KiB, with which the third verification
 * is already cheaper, and each takes about two thirds of the time. Threads may share it. */
struct sr25519_known_key;
/* USAGE as sr25519_public_check(). */
must_use bool sr25519_known_key_new(const unsigned char public_key[SR25519_PUBLIC_BYTES],
				    struct sr25519_known_key **out, struct error *err);
void sr25519_known_key_free(struct sr25519_known_key *key); /* accepts NULL */
static inline void sr25519_known_key_free_slot(struct sr25519_known_key **key)
{
	sr25519_known_key_free(*key);
}
#define auto_sr25519_known_key __attribute__((cleanup(sr25519_known_key_free_slot)))
/* As sr25519_verify(). */
must_use bool sr25519_known_key_verify(const struct sr25519_known_key *key, const void *message,
				       size_t len,
				       const unsigned char signature[SR25519_SIGNATURE_BYTES],
				       struct error *err);

/* A message and who is said to have signed it; all borrowed. */
struct sr25519_signed {
	const unsigned char *public_key;
	const unsigned char *signature;
	const void *message;
	size_t len;
};
/* Are all good, as sr25519_verify() says it of each? Faster from some ten on, and only where all
 * are. AUTH with what is wrong with the first that is not; then `*bad` is its index. */
must_use bool sr25519_verify_all(const struct sr25519_signed *items, size_t n, size_t *bad,
				 struct error *err);

#endif
