/* SPDX-License-Identifier: MIT
 * The encrypted forms of key files: bytes and passwords to secrets and back. Private; knows nothing
 * of what is encrypted.
 */
#ifndef CHUTES_WALLET_SEALED_INTERNAL_H
#define CHUTES_WALLET_SEALED_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/crypto/seal.h"
#include "lib/crypto/secret.h"

#define NACL_MARK "$NACL"
enum {
	NACL_MARK_BYTES = 5,
	NACL_MIN_BYTES = NACL_MARK_BYTES + SEAL_EXTRA_BYTES,
	NACL_OPERATIONS = 8, /* of Argon2i */
	NACL_MEMORY_MIB = 512,
};

/* The form that the wallet library writes: the mark and a box (seal.h). Its key is made of the
 * password by Argon2i with the same salt for all files, so one key opens all that have this
 * password. Takes seconds, on purpose, and 512 MiB: MISSING when they are not there. */
must_use bool nacl_key(const void *password, size_t len, struct secret *key, struct error *err);
/* Of NACL_MIN_BYTES or more. AUTH as seal_open(). */
must_use bool nacl_open(const struct secret *sealed, const struct secret *key, struct secret *out,
			struct error *err);
void nacl_seal(const struct secret *plain, const struct secret *key, struct secret *out);

/* The form of polkadot-js: base64 of a salt, the parameters of scrypt, and a box. Errors as above;
 * FAILURE for parameters that polkadot-js does not write, too. */
must_use bool polkadot_open(struct slice encoded, struct slice password, struct secret *out,
			    struct error *err);

#endif
