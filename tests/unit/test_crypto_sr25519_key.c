/* SPDX-License-Identifier: MIT
 * Keys against tests/vectors/crypto/sr25519_keys.json.
 */
#include "lib/crypto/sr25519_internal.h"

#include "tests/unit/vectors.h"

#include <sodium.h>

/* L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
static const char order[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
static const char order_minus_1[] =
	"ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

static struct sr25519_key *key_of(const struct json *row, const char *field)
{
	unsigned char seed[SR25519_SEED_BYTES];

	vector_exactly(row, field, seed, sizeof(seed));
	return sr25519_key_of_seed(seed);
}

static bool has_public(const struct sr25519_key *key, const char *hex)
{
	return is_hex(sr25519_key_public(key), SR25519_PUBLIC_BYTES, hex);
}

TEST(expand)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *rows = json_find(document, "expand");

	CHECK(json_count(rows) == 5);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		auto_sr25519_key struct sr25519_key *key = key_of(row, "seed");

		CHECK(has_public(key, vector_text(row, "public")));
		CHECK(is_hex(sr25519_key_seed(key), SR25519_SEED_BYTES, vector_text(row, "seed")));
		if (json_find(row, "scalar")) {
			CHECK(is_hex(sr25519_key_secret(key), 32, vector_text(row, "scalar")));
			CHECK(is_hex(sr25519_key_secret(key) + 32, 32, vector_text(row, "nonce")));
		}
	}
}

/* What two keys agree on, each with the other's public one: their scalars are the right ones. */
TEST(agreement)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *rows = json_find(document, "agreement");

	CHECK(json_count(rows) == 2);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		auto_sr25519_key struct sr25519_key *a = key_of(row, "seed");
		auto_sr25519_key struct sr25519_key *b = key_of(row, "agree_with_seed");
		unsigned char point[SR25519_PUBLIC_BYTES];

		CHECK(crypto_scalarmult_ristretto255(point, sr25519_key_secret(a),
						     sr25519_key_public(b)) == 0);
		CHECK(is_hex(point, sizeof(point), vector_text(row, "agree")));
	}
}

TEST(secret_and_back)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	auto_sr25519_key struct sr25519_key *key =
		key_of(json_at(json_find(document, "expand"), 0), "seed");
	auto_sr25519_key struct sr25519_key *again = NULL;
	struct error err = {0};

	CHECK_OK(sr25519_key_of_secret(sr25519_key_secret(key), &again, &err), err);
	CHECK(memcmp(sr25519_key_secret(key), sr25519_key_secret(again), SR25519_SECRET_BYTES) ==
	      0);
	CHECK(memcmp(sr25519_key_public(key), sr25519_key_public(again), SR25519_PUBLIC_BYTES) ==
	      0);
	CHECK(sr25519_key_seed(again) == NULL);
}

TEST(secrets_of_ed25519_form)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *rows = json_find(document, "expand");
	struct error err = {0};

	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		unsigned char secret[SR25519_SECRET_BYTES] = {0};
		auto_sr25519_key struct sr25519_key *key = NULL;

		if (!json_find(row, "scalar_x8"))
			continue;
		vector_exactly(row, "scalar_x8", secret, 32);
		vector_exactly(row, "nonce", secret + 32, 32);
		CHECK_OK(sr25519_key_of_ed25519_secret(secret, &key, &err), err);
		CHECK(has_public(key, vector_text(row, "public")));
	}

	const struct json *row = json_at(json_find(document, "ed25519_secret"), 0);
	unsigned char secret[SR25519_SECRET_BYTES];
	auto_sr25519_key struct sr25519_key *key = NULL;

	vector_exactly(row, "ed25519_expanded", secret, sizeof(secret));
	CHECK_OK(sr25519_key_of_ed25519_secret(secret, &key, &err), err);
	CHECK(is_hex(sr25519_key_secret(key), SR25519_SECRET_BYTES, vector_text(row, "canonical")));
	for (int bit = 1; bit < 8; bit <<= 1) {
		struct sr25519_key *none = NULL;

		secret[0] ^= (unsigned char)bit;
		CHECK(!sr25519_key_of_ed25519_secret(secret, &none, &err) && !none);
		CHECK_TEXT(err.message, "this is not the secret of an sr25519 key times 8");
		CHECK(err.code == ERROR_USAGE);
		secret[0] ^= (unsigned char)bit;
	}
}

TEST(scalars_that_are_none)
{
	static const struct {
		const char *scalar;
		bool is_one;
	} rows[] = {
		{"0000000000000000000000000000000000000000000000000000000000000000", false},
		{"0100000000000000000000000000000000000000000000000000000000000000", true},
		{order_minus_1, true},
		{order, false},
		{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		unsigned char secret[SR25519_SECRET_BYTES] = {0};
		auto_free unsigned char *scalar = NULL;
		auto_sr25519_key struct sr25519_key *key = NULL;
		struct error err = {0};

		hex_bytes(rows[i].scalar, &scalar);
		memcpy(secret, scalar, SCALAR_BYTES);
		CHECK(sr25519_key_of_secret(secret, &key, &err) == rows[i].is_one);
		if (!rows[i].is_one)
			CHECK_TEXT(err.message, "this is not the secret of an sr25519 key");
	}
}

/* The scalars 1 and 2 have public keys that RFC 9496 names. */
TEST(multiples_of_the_base_point)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *points = json_find(json_find(document, "base_point"), "hex");

	for (size_t i = 0; i < 2; i++) {
		unsigned char secret[SR25519_SECRET_BYTES] = {(unsigned char)(i + 1)};
		auto_sr25519_key struct sr25519_key *key = NULL;
		struct error err = {0};

		CHECK_OK(sr25519_key_of_secret(secret, &key, &err), err);
		CHECK(has_public(key, json_text(json_at(points, i))));
	}
}

TEST(derive)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *rows = json_find(document, "derive");

	CHECK(json_count(rows) == 2);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		unsigned char pair[SR25519_SECRET_BYTES + SR25519_PUBLIC_BYTES];
		unsigned char public_key[SR25519_PUBLIC_BYTES];
		unsigned char chain_code[SR25519_CHAIN_CODE_BYTES];
		unsigned char child_public[SR25519_PUBLIC_BYTES];
		struct error err = {0};

		if (json_find(row, "secret64_public32")) {
			auto_sr25519_key struct sr25519_key *key = NULL;

			vector_exactly(row, "secret64_public32", pair, sizeof(pair));
			CHECK_OK(sr25519_key_of_secret(pair, &key, &err), err);
			memcpy(public_key, sr25519_key_public(key), SR25519_PUBLIC_BYTES);
			CHECK(memcmp(public_key, pair + SR25519_SECRET_BYTES,
				     SR25519_PUBLIC_BYTES) == 0);
			vector_exactly(row, "hard_cc", chain_code, sizeof(chain_code));

			auto_sr25519_key struct sr25519_key *hard =
				sr25519_key_derive_hard(key, chain_code);

			CHECK(has_public(hard, vector_text(row, "hard_public")));
			CHECK(sr25519_key_seed(hard) != NULL);
			vector_exactly(row, "soft_cc", chain_code, sizeof(chain_code));

			auto_sr25519_key struct sr25519_key *soft =
				sr25519_key_derive_soft(key, chain_code);

			CHECK(has_public(soft, vector_text(row, "soft_public")));
			CHECK(sr25519_key_seed(soft) == NULL);
		} else {
			vector_exactly(row, "public", public_key, sizeof(public_key));
			vector_exactly(row, "soft_cc", chain_code, sizeof(chain_code));
		}
		CHECK_OK(sr25519_public_derive(public_key, chain_code, child_public, &err), err);
		CHECK(is_hex(child_public, sizeof(child_public), vector_text(row, "soft_public")));
	}
}

/* A soft child signs for the public key that the parent's public key gives; its nonces are its own.
 */
TEST(soft_child_signs)
{
	unsigned char seed[SR25519_SEED_BYTES] = {9};
	unsigned char chain_code[SR25519_CHAIN_CODE_BYTES] = {1, 2, 3};
	unsigned char child_public[SR25519_PUBLIC_BYTES];
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);
	auto_sr25519_key struct sr25519_key *child = sr25519_key_derive_soft(key, chain_code);
	auto_sr25519_key struct sr25519_key *again = sr25519_key_derive_soft(key, chain_code);
	struct error err = {0};

	CHECK_OK(sr25519_public_derive(sr25519_key_public(key), chain_code, child_public, &err),
		 err);
	CHECK_OK(sr25519_sign(child, "x", 1, signature, &err), err);
	CHECK_OK(sr25519_verify(child_public, "x", 1, signature, &err), err);
	CHECK(memcmp(sr25519_key_secret(child), sr25519_key_secret(again), 32) == 0);
	CHECK(memcmp(sr25519_key_secret(child) + 32, sr25519_key_secret(again) + 32, 32) != 0);
}

TEST(strings_that_are_no_key)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *strings = json_find(json_find(document, "not_a_key"), "hex");
	unsigned char zero[SR25519_PUBLIC_BYTES] = {0};
	unsigned char out[SR25519_PUBLIC_BYTES];
	struct error err = {0};

	CHECK(json_count(strings) == 39);
	for (size_t i = 0; i < json_count(strings); i++) {
		auto_free unsigned char *bytes = NULL;

		CHECK(hex_bytes(json_text(json_at(strings, i)), &bytes) == SR25519_PUBLIC_BYTES);
		CHECK(!sr25519_public_check(bytes, &err));
		CHECK_TEXT(err.message, "this is not an sr25519 public key");
		CHECK(!sr25519_public_derive(bytes, zero, out, &err));
	}
	CHECK(!sr25519_public_check(zero, &err));
	CHECK_TEXT(err.message, "the public key is zero, which is nobody's");
}

TEST(no_key) { sr25519_key_free(NULL); }
