/* SPDX-License-Identifier: MIT
 * Encryption with a password: a key made of it (Argon2i, scrypt), and a box that opens with that
 * key alone (XSalsa20-Poly1305, libsodium's "secretbox"). Which of these a file has, and where in
 * it, is the caller's to know.
 */
#ifndef CHUTES_CRYPTO_SEAL_H
#define CHUTES_CRYPTO_SEAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/crypto/secret.h"

enum {
	SEAL_KEY_BYTES = 32,
	SEAL_NONCE_BYTES = 24,
	SEAL_TAG_BYTES = 16,
	SEAL_EXTRA_BYTES = SEAL_NONCE_BYTES + SEAL_TAG_BYTES, /* a box is longer by these */
	SEAL_SALT_BYTES = 16,                                 /* of Argon2i; scrypt's is any */
};

/* A key by Argon2i, version 1.3. Takes time, on purpose, and so much memory: MISSING where that is
 * not there. */
struct seal_argon2i {
	unsigned operations;
	unsigned memory_mib;
	unsigned char salt[SEAL_SALT_BYTES];
};
must_use bool seal_key_argon2i(const struct seal_argon2i *cost, struct slice password,
			       struct secret *key, struct error *err);

/* A key by scrypt, with 128 * n * r bytes of memory. The caller bounds the numbers. MISSING. */
struct seal_scrypt {
	uint32_t n; /* a power of two */
	uint32_t r;
	uint32_t p;
	struct slice salt;
};
must_use bool seal_key_scrypt(const struct seal_scrypt *cost, struct slice password,
			      struct secret *key, struct error *err);

/* A box is a nonce, a tag and what is encrypted. AUTH for another key than it was closed with,
 * which is that of a wrong password, and cannot be told from a box that was changed; for one of
 * less than SEAL_EXTRA_BYTES, too. */
must_use bool seal_open(struct slice box, const struct secret *key, struct secret *out,
			struct error *err);
/* `box` gets SEAL_EXTRA_BYTES more than `plain` has; its nonce is a new random one. */
void seal_close(const struct secret *plain, const struct secret *key, unsigned char *box);

#endif
