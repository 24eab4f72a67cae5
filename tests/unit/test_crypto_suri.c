/* SPDX-License-Identifier: MIT
 * Secret URIs against tests/vectors/crypto/suri.json, and what is none.
 */
#include "lib/crypto/suri.h"

#include "lib/crypto/ss58.h"
#include "tests/unit/vectors.h"

#define SEED "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"

static bool key_of(const char *text, struct sr25519_key **out, struct error *err)
{
	struct suri uri;

	return suri_parse(text, &uri, err) && suri_key(&uri, out, err);
}

/* Do two URIs name the same key? */
static bool is_same(const char *a, const char *b)
{
	auto_sr25519_key struct sr25519_key *first = NULL;
	auto_sr25519_key struct sr25519_key *second = NULL;
	struct error err = {0};

	CHECK_OK(key_of(a, &first, &err), err);
	CHECK_OK(key_of(b, &second, &err), err);
	return first && second &&
	       memcmp(sr25519_key_public(first), sr25519_key_public(second),
		      SR25519_PUBLIC_BYTES) == 0;
}

TEST(vectors)
{
	auto_json struct json *document = vectors_load("crypto/suri.json");
	const struct json *rows = json_find(document, "suri");

	CHECK(json_count(rows) == 39);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		auto_sr25519_key struct sr25519_key *key = NULL;
		char address[SS58_TEXT_SIZE];
		struct ss58 other = {.network = 0, .len = SS58_KEY_BYTES};
		struct error err = {0};

		CHECK_OK(key_of(vector_text(row, "suri"), &key, &err), err);
		CHECK_OR_STOP(key);
		ss58_format_key(sr25519_key_public(key), address);
		if (json_find(row, "ss58_42"))
			CHECK_TEXT(address, vector_text(row, "ss58_42"));
		if (json_find(row, "public"))
			CHECK(is_hex(sr25519_key_public(key), 32, vector_text(row, "public")));
		if (json_find(row, "private_64"))
			CHECK(is_hex(sr25519_key_secret(key), 64, vector_text(row, "private_64")));
		if (json_find(row, "ss58_0")) {
			memcpy(other.account, sr25519_key_public(key), SS58_KEY_BYTES);
			CHECK_OK(ss58_format(&other, address, &err), err);
			CHECK_TEXT(address, vector_text(row, "ss58_0"));
		}
	}
}

TEST(junctions)
{
	auto_json struct json *document = vectors_load("crypto/suri.json");
	const struct json *rows = json_find(document, "junctions");

	CHECK(json_count(rows) == 4);
	for (size_t i = 0; i < json_count(rows); i++) {
		const char *text = vector_text(json_at(rows, i), "junction");
		unsigned char out[SR25519_CHAIN_CODE_BYTES];

		suri_chain_code((struct slice){text, strlen(text)}, out);
		CHECK(is_hex(out, sizeof(out), vector_text(json_at(rows, i), "chain_code")));
	}
}

/* What is a number, and where texts get longer than a chain code: values by hand from the rules of
 * SCALE, the hash from Python's hashlib. */
TEST(chain_codes)
{
	static const struct {
		const char *text;
		const char *wanted;
	} rows[] = {
		{"0", "0000000000000000000000000000000000000000000000000000000000000000"},
		{"007", "0700000000000000000000000000000000000000000000000000000000000000"},
		{"+7", "0700000000000000000000000000000000000000000000000000000000000000"},
		{"+", "042b000000000000000000000000000000000000000000000000000000000000"},
		{"-7", "082d370000000000000000000000000000000000000000000000000000000000"},
		{"7 ", "0837200000000000000000000000000000000000000000000000000000000000"},
		{"18446744073709551615",
		 "ffffffffffffffff000000000000000000000000000000000000000000000000"},
		{"18446744073709551616",
		 "5031383434363734343037333730393535313631360000000000000000000000"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "7c61616161616161616161616161616161616161616161616161616161616161"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "75ad2af4378b683f716ddf82fef713e873c85a6376ce2acf71d04f79e221a068"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "a101052146c123fe0f31128cf11ae7fd9c46efb7ce41731e990f752d35cdefe3"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "7490fc8e93029b795c2c8797c48815e54ae8d119384704d4e6ca790187723afa"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		unsigned char out[SR25519_CHAIN_CODE_BYTES];

		suri_chain_code((struct slice){rows[i].text, strlen(rows[i].text)}, out);
		if (!CHECK(is_hex(out, sizeof(out), rows[i].wanted)))
			printf("# %s\n", rows[i].text);
	}
}

TEST(parts)
{
	static const struct {
		const char *text, *phrase, *path, *password;
	} rows[] = {
		{"", "", "", ""},
		{"//Alice", "", "//Alice", ""},
		{"a b//c/d", "a b", "//c/d", ""},
		{"a b//c/d///e f", "a b", "//c/d", "e f"},
		{"///e", "", "", "e"},
		{"a///", "a", "", ""},
		{"a///b//c/d", "a", "", "b//c/d"},
		{"//a////b", "", "//a", "/b"},
		{"0x12", "0x12", "", ""},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct suri uri = {0};
		struct error err = {0};
		auto_free char *parts = NULL;
		auto_free char *wanted =
			xprintf("%s|%s|%s", rows[i].phrase, rows[i].path, rows[i].password);

		CHECK_OK(suri_parse(rows[i].text, &uri, &err), err);
		parts = xprintf("%.*s|%.*s|%.*s", (int)uri.phrase.len, uri.phrase.at,
				(int)uri.path.len, uri.path.at, (int)uri.password.len,
				uri.password.at ? uri.password.at : "");
		CHECK_TEXT(parts, wanted);
	}
}

TEST(same_keys)
{
	CHECK(is_same("//Alice", "bottom drive obey lake curtain smoke basket hold race lonely fit "
				 "walk//Alice"));
	CHECK(is_same("//Alice", "//Alice///"));
	CHECK(is_same("//7", "//007"));
	CHECK(is_same("0x" SEED, ""));
	CHECK(!is_same("//Alice", "/Alice"));
	CHECK(!is_same("//Alice", "//alice"));
	CHECK(!is_same("//Alice", "//Alice///secret"));
	CHECK(!is_same("//a/b", "//b/a"));
}

/* A seed is known unless the path ends softly. */
TEST(seeds)
{
	static const struct {
		const char *text;
		bool has_seed;
	} rows[] = {
		{"", true}, {"//a", true}, {"/a", false}, {"//a/b", false}, {"/a//b", true},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_sr25519_key struct sr25519_key *key = NULL;
		struct error err = {0};

		CHECK_OK(key_of(rows[i].text, &key, &err), err);
		CHECK((sr25519_key_seed(key) != NULL) == rows[i].has_seed);
	}
}

TEST(invalid)
{
	static const struct {
		const char *text;
		const char *error;
	} rows[] = {
		{"a/", "part 1 of the path of the secret URI is empty"},
		{"a//", "part 1 of the path of the secret URI is empty"},
		{"//a/b//", "part 3 of the path of the secret URI is empty"},
		{"//a///b\nc", "the password of the secret URI has a line break"},
		{"//\xff", "the secret URI is not UTF-8"},
		{"foo bar baz//Alice", "a phrase has 12, 15, 18, 21 or 24 words, not 3"},
		{" //Alice", "a phrase has 12, 15, 18, 21 or 24 words, not 0"},
		{"0x", "a seed is 0x and 64 hex digits"},
		{"0x12", "a seed is 0x and 64 hex digits"},
		{"0x" SEED "00", "a seed is 0x and 64 hex digits"},
		{"0xg" SEED, "a seed is 0x and 64 hex digits"},
		{"0xgac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
		 "a seed is 0x and 64 hex digits"},
		{"0X" SEED, "a phrase has 12, 15, 18, 21 or 24 words, not 1"},
		{"0x" SEED "///x", "a seed has no password, only a phrase has"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_sr25519_key struct sr25519_key *key = NULL;
		struct error err = {0};

		CHECK(!key_of(rows[i].text, &key, &err) && !key && err.code == ERROR_USAGE);
		CHECK_TEXT(err.message, rows[i].error);
	}
}

TEST(limit)
{
	auto_free char *text = xcalloc(1, SURI_LIMIT + 2);
	auto_sr25519_key struct sr25519_key *key = NULL;
	struct error err = {0};

	memset(text, 'a', SURI_LIMIT + 1);
	memcpy(text, "//", 2);
	CHECK(!key_of(text, &key, &err));
	CHECK_TEXT(err.message, "a secret URI has at most 4096 bytes");
	text[SURI_LIMIT] = '\0';
	CHECK_OK(key_of(text, &key, &err), err);
}
