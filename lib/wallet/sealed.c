/* SPDX-License-Identifier: MIT */
#include "lib/wallet/sealed_internal.h"

#include <string.h>

/* Where the parts of an export of polkadot-js begin. */
enum {
	POLKADOT_N_AT = 32, /* behind the salt; three numbers, little-endian: N, p, r */
	POLKADOT_P_AT = 36,
	POLKADOT_R_AT = 40,
	POLKADOT_BOX_AT = 44,
	POLKADOT_MIN_BYTES = POLKADOT_BOX_AT + SEAL_EXTRA_BYTES,
	/* what versions of polkadot-js write or take; 128 MiB at the most */
	SCRYPT_MIN_N = 1 << 13,
	SCRYPT_MAX_N = 1 << 17,
	SCRYPT_MAX_P = 10,
	SCRYPT_R = 8,
};

bool nacl_key(const void *password, size_t len, struct secret *key, struct error *err)
{
	static const struct seal_argon2i cost = {NACL_OPERATIONS,
						 NACL_MEMORY_MIB,
						 {0x13, 0x71, 0x83, 0xdf, 0xf1, 0x5a, 0x09, 0xbc,
						  0x9c, 0x90, 0xb5, 0x51, 0x87, 0x39, 0xe9, 0xb1}};

	return seal_key_argon2i(&cost, (struct slice){password, len}, key, err);
}

bool nacl_open(const struct secret *sealed, const struct secret *key, struct secret *out,
	       struct error *err)
{
	const struct slice box = {(const char *)sealed->bytes + NACL_MARK_BYTES,
				  sealed->len - NACL_MARK_BYTES};

	return seal_open(box, key, out, err);
}

void nacl_seal(const struct secret *plain, const struct secret *key, struct secret *out)
{
	auto_secret sealed = {0};

	secret_init(&sealed, NACL_MIN_BYTES + plain->len);
	memcpy(sealed.bytes, NACL_MARK, NACL_MARK_BYTES);
	seal_close(plain, key, sealed.bytes + NACL_MARK_BYTES);
	secret_move(&sealed, out);
}

static uint32_t read_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static bool polkadot_key(const struct secret *sealed, struct slice password, struct secret *key,
			 struct error *err)
{
	const struct seal_scrypt cost = {.n = read_u32(sealed->bytes + POLKADOT_N_AT),
					 .r = read_u32(sealed->bytes + POLKADOT_R_AT),
					 .p = read_u32(sealed->bytes + POLKADOT_P_AT),
					 .salt = {(const char *)sealed->bytes, POLKADOT_N_AT}};

	if (cost.n < SCRYPT_MIN_N || cost.n > SCRYPT_MAX_N || (cost.n & (cost.n - 1)) != 0 ||
	    cost.p < 1 || cost.p > SCRYPT_MAX_P || cost.r != SCRYPT_R)
		return fail(err, ERROR_FAILURE, "its password is to be hashed in an unknown way");
	return seal_key_scrypt(&cost, password, key, err);
}

bool polkadot_open(struct slice encoded, struct slice password, struct secret *out,
		   struct error *err)
{
	auto_secret sealed = {0};
	auto_secret key = {0};

	if (!secret_of_base64(encoded, &sealed, err))
		return fail_in(err, "member 'encoded'");
	if (sealed.len < POLKADOT_MIN_BYTES)
		return fail(err, ERROR_FAILURE, "member 'encoded': cut off");
	const struct slice box = {(const char *)sealed.bytes + POLKADOT_BOX_AT,
				  sealed.len - POLKADOT_BOX_AT};

	return polkadot_key(&sealed, password, &key, err) && seal_open(box, &key, out, err);
}
