/* SPDX-License-Identifier: MIT */
#include "lib/crypto/seal.h"

#include "lib/base/memory_room.h"

#include <assert.h>
#include <sodium.h>

static_assert(SEAL_KEY_BYTES == crypto_secretbox_KEYBYTES, "the key of a secretbox");
static_assert(SEAL_NONCE_BYTES == crypto_secretbox_NONCEBYTES, "the nonce of a secretbox");
static_assert(SEAL_TAG_BYTES == crypto_secretbox_MACBYTES, "the tag of a secretbox");
static_assert(SEAL_SALT_BYTES == crypto_pwhash_SALTBYTES, "the salt of Argon2i");

static bool fail_memory(uint64_t mib, struct error *err)
{
	fail(err, ERROR_MISSING, "needs %ju MiB of memory to make a key of the password",
	     (uintmax_t)mib);
	return fail_hint(err, "free memory, or raise the limit of this shell or container");
}

bool seal_key_argon2i(const struct seal_argon2i *cost, struct slice password, struct secret *key,
		      struct error *err)
{
	const size_t size = (size_t)cost->memory_mib << 20;
	auto_secret made = {0};

	secret_init(&made, SEAL_KEY_BYTES);
	/* what is taken beyond a limit ends the process; only what is refused makes this fail */
	if (memory_room() < size ||
	    crypto_pwhash(made.bytes, made.len, password.at, password.len, cost->salt,
			  cost->operations, size, crypto_pwhash_ALG_ARGON2I13) != 0)
		return fail_memory(cost->memory_mib, err);
	secret_move(&made, key);
	return true;
}

bool seal_key_scrypt(const struct seal_scrypt *cost, struct slice password, struct secret *key,
		     struct error *err)
{
	const uint64_t size = (uint64_t)128 * cost->n * cost->r;
	auto_secret made = {0};

	secret_init(&made, SEAL_KEY_BYTES);
	if (memory_room() < size ||
	    crypto_pwhash_scryptsalsa208sha256_ll(
		    (const uint8_t *)password.at, password.len, (const uint8_t *)cost->salt.at,
		    cost->salt.len, cost->n, cost->r, cost->p, made.bytes, made.len) != 0)
		return fail_memory(size >> 20, err);
	secret_move(&made, key);
	return true;
}

bool seal_open(struct slice box, const struct secret *key, struct secret *out, struct error *err)
{
	const unsigned char *nonce = (const unsigned char *)box.at;
	auto_secret plain = {0};
	bool is_open = false;

	assert(key->len == SEAL_KEY_BYTES);
	if (box.len >= SEAL_EXTRA_BYTES) {
		secret_init(&plain, box.len - SEAL_EXTRA_BYTES);
		is_open = crypto_secretbox_open_easy(plain.bytes, nonce + SEAL_NONCE_BYTES,
						     box.len - SEAL_NONCE_BYTES, nonce,
						     key->bytes) == 0;
	}
	if (is_open) {
		secret_move(&plain, out);
		return true;
	}
	fail(err, ERROR_AUTH, "wrong password, or a damaged file");
	return fail_hint(err, "type the password of this file again");
}

void seal_close(const struct secret *plain, const struct secret *key, unsigned char *box)
{
	assert(key->len == SEAL_KEY_BYTES);
	randombytes_buf(box, SEAL_NONCE_BYTES);
	crypto_secretbox_easy(box + SEAL_NONCE_BYTES, plain->bytes, plain->len, box, key->bytes);
}
