/* SPDX-License-Identifier: MIT
 * The encryptions of key files: bytes and passwords to secrets and back. Private; knows nothing of
 * what is encrypted.
 */
#ifndef CHUTES_WALLET_SEALED_INTERNAL_H
#define CHUTES_WALLET_SEALED_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/crypto/secret.h"

#define NACL_MARK "$NACL"
enum {
	NACL_MARK_BYTES = 5,
	NACL_NONCE_BYTES = 24,
	NACL_TAG_BYTES = 16,
	NACL_MIN_BYTES = NACL_MARK_BYTES + NACL_NONCE_BYTES + NACL_TAG_BYTES,
	NACL_OPERATIONS = 8, /* of Argon2i */
	NACL_MEMORY_MIB = 512,
};

/* The form that the wallet library writes: the mark, a nonce, a secretbox. Its key is made of the
 * password by Argon2i with the same salt for all files, so one key opens all that have this
 * password. Takes seconds, on purpose, and 512 MiB: MISSING when they are not there. */
must_use bool nacl_key(const void *password, size_t len, struct secret *key, struct error *err);
/* Of NACL_MIN_BYTES or more. AUTH for the key of a wrong password, which cannot be told from a
 * changed file. */
must_use bool nacl_open(const struct secret *sealed, const struct secret *key, struct secret *out,
			struct error *err);
void nacl_seal(const struct secret *plain, const struct secret *key, struct secret *out);

/* The form of polkadot-js: base64 of a salt, the parameters of scrypt, a nonce and a secretbox.
 * Errors as above; FAILURE for parameters that polkadot-js does not write, too. */
must_use bool polkadot_open(struct slice encoded, const void *password, size_t password_len,
			    struct secret *out, struct error *err);

/* Base64 with padding, in secret memory. FAILURE; `out` may be empty then. */
must_use bool base64_secret(struct slice text, struct secret *out, struct error *err);
/* Exactly `len` bytes out of twice as many hex digits, in a time that does not depend on them. */
must_use bool hex_secret(struct slice digits, unsigned char *out, size_t len);
/* Are they equal? In a time that does not depend on where they differ. */
bool secret_equals(const unsigned char *a, const unsigned char *b, size_t len);

#endif
