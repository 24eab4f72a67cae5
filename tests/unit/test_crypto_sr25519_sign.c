/* SPDX-License-Identifier: MIT
 * Signatures against tests/vectors/crypto/sr25519_sign.json, on every route that verifies them; and
 * what becomes of them when a bit is changed.
 */
#include "lib/crypto/sha256.h"
#include "tests/unit/vectors.h"
#include "tests/unit/verify_routes.h"

static const char not_of_this[] = "the signature is not of this key and message";

struct row {
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	unsigned char *message;
	size_t len;
};

/* On the route that is chosen: alone, by a known key, and among others. All must say the same. */
static bool verify(const struct row *r, struct error *err)
{
	auto_sr25519_known_key struct sr25519_known_key *known = NULL;
	struct error known_err = {0};
	struct error batch_err = {0};
	const struct sr25519_signed pair[] = {
		{r->public_key, r->signature, r->message, r->len},
		{r->public_key, r->signature, r->message, r->len},
	};
	size_t bad = 2;
	bool is_good = sr25519_verify(r->public_key, r->message, r->len, r->signature, err);
	bool is_key = sr25519_known_key_new(r->public_key, &known, &known_err);

	CHECK(is_good == (is_key && sr25519_known_key_verify(known, r->message, r->len,
							     r->signature, &known_err)));
	CHECK(is_good == sr25519_verify_all(pair, array_len(pair), &bad, &batch_err));
	CHECK(bad == (is_good ? 2 : 0));
	if (!is_good) {
		CHECK_TEXT(known_err.message, err->message);
		CHECK(known_err.code == (is_key ? ERROR_AUTH : ERROR_USAGE));
		CHECK_TEXT(batch_err.message, err->message);
		CHECK(batch_err.code == ERROR_AUTH);
	}
	return is_good;
}

static struct row row_of(const struct json *v)
{
	struct row r = {0};

	vector_exactly(v, "public", r.public_key, sizeof(r.public_key));
	vector_exactly(v, "sig", r.signature, sizeof(r.signature));
	r.len = vector_bytes(v, "msg", &r.message);
	return r;
}

static void check_valid(void)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_sign.json");
	const struct json *rows = json_find(document, "valid");

	CHECK(json_count(rows) == 10);
	for (size_t i = 0; i < json_count(rows); i++) {
		struct row r = row_of(json_at(rows, i));
		struct error err = {0};

		CHECK_OK(verify(&r, &err), err);
		free(r.message);
	}
}

TEST(valid) { on_every_route(check_valid); }

static void check_invalid(void)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_sign.json");
	const struct json *rows = json_find(document, "invalid");

	CHECK(json_count(rows) == 18);
	for (size_t i = 0; i < json_count(rows); i++) {
		struct row r = row_of(json_at(rows, i));
		struct error err = {0};

		if (!CHECK(!verify(&r, &err) && err.code == ERROR_AUTH))
			printf("# %s\n", vector_text(json_at(rows, i), "why"));
		CHECK_TEXT(err.message, vector_text(json_at(rows, i), "error"));
		free(r.message);
	}
}

TEST(invalid) { on_every_route(check_invalid); }

TEST(deterministic)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_sign.json");
	const struct json *rows = json_find(document, "deterministic");

	CHECK(json_count(rows) == 5);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *v = json_at(rows, i);
		unsigned char seed[SR25519_SEED_BYTES];
		unsigned char random[MERLIN_RANDOM_BYTES];
		unsigned char signature[SR25519_SIGNATURE_BYTES];
		auto_free unsigned char *message = NULL;
		size_t len = vector_bytes(v, "msg", &message);
		struct error err = {0};

		vector_exactly(v, "seed", seed, sizeof(seed));
		vector_exactly(v, "rnd32", random, sizeof(random));

		auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);

		CHECK_OK(sr25519_sign_with(key, message, len, random, signature, &err), err);
		CHECK(is_hex(signature, sizeof(signature), vector_text(v, "sig")));
		CHECK_OK(sr25519_verify(sr25519_key_public(key), message, len, signature, &err),
			 err);
	}
}

/* Messages of 0 to 399 bytes, so that every message ends at every place of a block. */
TEST(sweep)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_sign.json");
	const struct json *v = json_find(document, "deterministic_sweep");
	unsigned char seed[SR25519_SEED_BYTES];
	unsigned char random[MERLIN_RANDOM_BYTES];
	unsigned char message[399];
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	unsigned char hash[SHA256_BYTES];
	auto_sha256 struct sha256 *all = sha256_new();
	struct error err = {0};

	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (unsigned char)(i * 7 + 3);
	vector_exactly(v, "seed", seed, sizeof(seed));
	vector_exactly(v, "rnd32", random, sizeof(random));

	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);

	CHECK(is_hex(sr25519_key_public(key), SR25519_PUBLIC_BYTES, vector_text(v, "public")));
	for (size_t len = 0; len < 400; len++) {
		CHECK_OK(sr25519_sign_with(key, message, len, random, signature, &err), err);
		sha256_update(all, signature, sizeof(signature));
	}
	sha256_finish(all, hash);
	CHECK(is_hex(hash, sizeof(hash), vector_text(v, "sha256_of_400_concatenated_signatures")));
}

TEST(trace)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_trace.json");
	const struct json *v = json_find(document, "trace");
	unsigned char seed[SR25519_SEED_BYTES];

	vector_exactly(v, "seed", seed, sizeof(seed));

	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);

	CHECK(is_hex(key->secret.scalar, 32, vector_text(v, "scalar")));
	CHECK(is_hex(key->secret.nonce, 32, vector_text(v, "nonce")));
	CHECK(is_hex(key->public_key, 32, vector_text(v, "public")));
}

/* No bit of a signature, of the key or of the message is without meaning. */
static void check_every_bit_counts(void)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_sign.json");
	struct row r = row_of(json_at(json_find(document, "valid"), 0));
	struct error err = {0};
	const struct {
		unsigned char *bytes;
		size_t len;
	} parts[] = {
		{r.signature, sizeof(r.signature)},
		{r.public_key, sizeof(r.public_key)},
		{r.message, r.len},
	};

	for (size_t part = 0; part < array_len(parts); part++)
		for (size_t bit = 0; bit < 8 * parts[part].len; bit++) {
			unsigned char *byte = &parts[part].bytes[bit / 8];

			*byte ^= (unsigned char)(1 << bit % 8);
			CHECK(!verify(&r, &err));
			*byte ^= (unsigned char)(1 << bit % 8);
		}
	CHECK(verify(&r, &err));
	r.len--;
	CHECK(!verify(&r, &err));
	CHECK_TEXT(err.message, not_of_this);
	free(r.message);
}

TEST(every_bit_counts) { on_every_route(check_every_bit_counts); }

/* Two signatures differ, and each is of its message only. */
TEST(sign)
{
	unsigned char seed[SR25519_SEED_BYTES] = {1};
	unsigned char signatures[2][SR25519_SIGNATURE_BYTES];
	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);
	struct error err = {0};

	for (int i = 0; i < 2; i++) {
		CHECK_OK(sr25519_sign(key, "abc", 3, signatures[i], &err), err);
		CHECK_OK(sr25519_verify(sr25519_key_public(key), "abc", 3, signatures[i], &err),
			 err);
		CHECK(!sr25519_verify(sr25519_key_public(key), "abd", 3, signatures[i], &err));
		CHECK_TEXT(err.message, not_of_this);
	}
	CHECK(memcmp(signatures[0], signatures[1], sizeof(signatures[0])) != 0);
	CHECK_OK(sr25519_sign(key, NULL, 0, signatures[0], &err), err);
	CHECK_OK(sr25519_verify(sr25519_key_public(key), NULL, 0, signatures[0], &err), err);
}

TEST(messages_of_more_than_4_gib)
{
	const size_t len = (size_t)MERLIN_MESSAGE_LIMIT + 1;
	unsigned char seed[SR25519_SEED_BYTES] = {1};
	unsigned char signature[SR25519_SIGNATURE_BYTES] = {5};
	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);
	struct error err = {0};

	CHECK(!sr25519_sign(key, "", len, signature, &err) && err.code == ERROR_USAGE);
	CHECK_TEXT(err.message,
		   "a message of 4294967296 bytes cannot be signed, at most 4294967295");
	CHECK(signature[0] == 5);
	CHECK(!sr25519_verify(sr25519_key_public(key), "", len, signature, &err));
	CHECK_TEXT(err.message, "a message of 4294967296 bytes cannot have been signed");
	CHECK(err.code == ERROR_AUTH);
}
