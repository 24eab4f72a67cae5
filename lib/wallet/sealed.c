/* SPDX-License-Identifier: MIT */
#include "lib/wallet/sealed_internal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(NACL_NONCE_BYTES == crypto_secretbox_NONCEBYTES, "the nonce of a secretbox");
static_assert(NACL_TAG_BYTES == crypto_secretbox_MACBYTES, "the tag of a secretbox");

/* Where the parts of an export of polkadot-js begin. */
enum {
	POLKADOT_N_AT = 32, /* behind the salt; three numbers, little-endian: N, p, r */
	POLKADOT_P_AT = 36,
	POLKADOT_R_AT = 40,
	POLKADOT_NONCE_AT = 44,
	POLKADOT_BOX_AT = POLKADOT_NONCE_AT + crypto_secretbox_NONCEBYTES,
	POLKADOT_MIN_BYTES = POLKADOT_BOX_AT + crypto_secretbox_MACBYTES,
	SCRYPT_BYTES = 64, /* of which the key is the first half */
	/* what versions of polkadot-js write or take; 128 MiB at the most */
	SCRYPT_MIN_N = 1 << 13,
	SCRYPT_MAX_N = 1 << 17,
	SCRYPT_MAX_P = 10,
	SCRYPT_R = 8,
};

static bool fail_memory(unsigned mib, struct error *err)
{
	fail(err, ERROR_MISSING, "needs %u MiB of memory to make a key of the password", mib);
	return fail_hint(err, "free memory, or raise the limit of this shell or container");
}

static bool fail_password(struct error *err)
{
	fail(err, ERROR_AUTH, "wrong password, or a damaged file");
	return fail_hint(err, "type the password of this file again");
}

bool nacl_key(const void *password, size_t len, struct secret *key, struct error *err)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES] = {
		0x13, 0x71, 0x83, 0xdf, 0xf1, 0x5a, 0x09, 0xbc,
		0x9c, 0x90, 0xb5, 0x51, 0x87, 0x39, 0xe9, 0xb1};

	secret_init(key, crypto_secretbox_KEYBYTES);
	if (crypto_pwhash(key->bytes, key->len, password, len, salt, NACL_OPERATIONS,
			  (size_t)NACL_MEMORY_MIB << 20, crypto_pwhash_ALG_ARGON2I13) != 0)
		return fail_memory(NACL_MEMORY_MIB, err);
	return true;
}

static bool box_open(const unsigned char *box, size_t len, const unsigned char *nonce,
		     const struct secret *key, struct secret *out, struct error *err)
{
	auto_secret plain = {0};

	assert(key->bytes && len >= crypto_secretbox_MACBYTES);
	secret_init(&plain, len - crypto_secretbox_MACBYTES);
	if (crypto_secretbox_open_easy(plain.bytes, box, len, nonce, key->bytes) != 0)
		return fail_password(err);
	secret_move(&plain, out);
	return true;
}

bool nacl_open(const struct secret *sealed, const struct secret *key, struct secret *out,
	       struct error *err)
{
	const unsigned char *nonce = sealed->bytes + NACL_MARK_BYTES;

	return box_open(nonce + NACL_NONCE_BYTES, sealed->len - NACL_MARK_BYTES - NACL_NONCE_BYTES,
			nonce, key, out, err);
}

void nacl_seal(const struct secret *plain, const struct secret *key, struct secret *out)
{
	auto_secret sealed = {0};

	secret_init(&sealed, NACL_MIN_BYTES + plain->len);
	unsigned char *nonce = sealed.bytes + NACL_MARK_BYTES;

	memcpy(sealed.bytes, NACL_MARK, NACL_MARK_BYTES);
	randombytes_buf(nonce, NACL_NONCE_BYTES);
	crypto_secretbox_easy(nonce + NACL_NONCE_BYTES, plain->bytes, plain->len, nonce,
			      key->bytes);
	secret_move(&sealed, out);
}

static uint32_t read_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static bool polkadot_key(const struct secret *sealed, const void *password, size_t password_len,
			 struct secret *key, struct error *err)
{
	uint32_t n = read_u32(sealed->bytes + POLKADOT_N_AT);
	uint32_t p = read_u32(sealed->bytes + POLKADOT_P_AT);
	uint32_t r = read_u32(sealed->bytes + POLKADOT_R_AT);

	if (n < SCRYPT_MIN_N || n > SCRYPT_MAX_N || (n & (n - 1)) != 0 || p < 1 ||
	    p > SCRYPT_MAX_P || r != SCRYPT_R)
		return fail(err, ERROR_FAILURE, "its password is to be hashed in an unknown way");
	secret_init(key, SCRYPT_BYTES);
	if (crypto_pwhash_scryptsalsa208sha256_ll(password, password_len, sealed->bytes,
						  POLKADOT_N_AT, n, r, p, key->bytes,
						  key->len) != 0)
		return fail_memory(n / 1024, err); /* 128 * n * r bytes */
	return true;
}

bool polkadot_open(struct slice encoded, const void *password, size_t password_len,
		   struct secret *out, struct error *err)
{
	auto_secret sealed = {0};
	auto_secret key = {0};

	if (!base64_secret(encoded, &sealed, err))
		return fail_in(err, "member 'encoded'");
	if (sealed.len < POLKADOT_MIN_BYTES)
		return fail(err, ERROR_FAILURE, "member 'encoded': cut off");
	if (!polkadot_key(&sealed, password, password_len, &key, err))
		return false;
	return box_open(sealed.bytes + POLKADOT_BOX_AT, sealed.len - POLKADOT_BOX_AT,
			sealed.bytes + POLKADOT_NONCE_AT, &key, out, err);
}

bool base64_secret(struct slice text, struct secret *out, struct error *err)
{
	auto_secret decoded = {0};
	auto_secret bytes = {0};
	size_t len = 0;

	secret_init(&decoded, text.len / 4 * 3 + 1);
	if (sodium_base642bin(decoded.bytes, decoded.len, text.at, text.len, NULL, &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		return fail(err, ERROR_FAILURE, "not base64");
	secret_init(&bytes, len);
	memcpy(bytes.bytes, decoded.bytes, len);
	secret_move(&bytes, out);
	return true;
}

bool hex_secret(struct slice digits, unsigned char *out, size_t len)
{
	size_t n = 0;

	return digits.len == 2 * len &&
	       sodium_hex2bin(out, len, digits.at, digits.len, NULL, &n, NULL) == 0 && n == len;
}

bool secret_equals(const unsigned char *a, const unsigned char *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}
