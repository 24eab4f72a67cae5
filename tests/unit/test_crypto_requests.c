/* SPDX-License-Identifier: MIT
 * Signatures of requests: those that the Python client was recorded making, and made ones with
 * known random bytes, of tests/vectors/sign.
 */
#include "lib/crypto/sha256.h"
#include "lib/crypto/sr25519_internal.h"
#include "lib/crypto/ss58.h"
#include "tests/unit/vectors.h"

/* What the client signed: the document says how it is made. */
static char *message_of(const struct json *row, const char *hotkey)
{
	const char *nonce = vector_text(row, "nonce");
	const char *rule = vector_text(row, "rule");
	const char *body = json_text(json_find(row, "body"));
	char hex[SHA256_HEX_SIZE];
	unsigned char hash[SHA256_BYTES];

	if (strcmp(rule, "fingerprint") == 0)
		return xprintf("%s:%s:%s", hotkey, vector_text(row, "fingerprint"), nonce);
	if (strcmp(rule, "body") != 0)
		return xprintf("%s:%s:%s", hotkey, nonce, rule);
	if (!body)
		return xprintf("%s:%s:%s", hotkey, nonce, vector_text(row, "body_sha256"));
	sha256_of(body, strlen(body), hash);
	sha256_hex(hash, hex);
	return xprintf("%s:%s:%s", hotkey, nonce, hex);
}

TEST(recorded)
{
	auto_json struct json *document = vectors_load("sign/recorded_0.6.9.json");
	const struct json *rows = json_find(document, "requests");
	const char *hotkey = vector_text(document, "hotkey");
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	char address[SS58_TEXT_SIZE];

	vector_exactly(document, "public", public_key, sizeof(public_key));
	ss58_format_key(public_key, address);
	CHECK_TEXT(address, hotkey);
	CHECK(json_count(rows) == 105);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		auto_free char *message = message_of(row, hotkey);
		unsigned char signature[SR25519_SIGNATURE_BYTES];
		size_t len = strlen(message);
		struct error err = {0};

		vector_exactly(row, "signature", signature, sizeof(signature));
		CHECK_OK(sr25519_verify(public_key, message, len, signature, &err), err);
		message[len - 1] ^= 1;
		CHECK(!sr25519_verify(public_key, message, len, signature, &err));
	}
}

/* //Alice, whose key the made ones are signed with. */
static const char alice_seed[] = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";

TEST(made)
{
	auto_json struct json *document = vectors_load("sign/requests.json");
	const struct json *rows = json_find(document, "requests");
	auto_free unsigned char *seed = NULL;
	size_t n_made = 0;

	CHECK(hex_bytes(alice_seed, &seed) == SR25519_SEED_BYTES);
	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);

	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		const char *payload = vector_text(row, "payload");
		unsigned char public_key[SR25519_PUBLIC_BYTES];
		unsigned char random[MERLIN_RANDOM_BYTES];
		unsigned char signature[SR25519_SIGNATURE_BYTES];
		struct error err = {0};

		/* one is of another kind of key */
		if (!json_find(row, "rnd32"))
			continue;
		n_made++;
		vector_exactly(row, "public", public_key, sizeof(public_key));
		vector_exactly(row, "rnd32", random, sizeof(random));
		CHECK(memcmp(sr25519_key_public(key), public_key, sizeof(public_key)) == 0);
		CHECK_OK(sr25519_sign_with(key, payload, strlen(payload), random, signature, &err),
			 err);
		CHECK(is_hex(signature, sizeof(signature), vector_text(row, "sig")));
		CHECK_OK(sr25519_verify(public_key, payload, strlen(payload), signature, &err),
			 err);
	}
	CHECK(n_made == 3);
}
