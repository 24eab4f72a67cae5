/* SPDX-License-Identifier: MIT
 * Addresses against tests/vectors/crypto/ss58.json, and where the lengths end.
 */
#include "lib/crypto/ss58.h"

#include "lib/crypto/blake2b.h"
#include "tests/unit/vectors.h"

static const char alice[] = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

TEST(there_and_back)
{
	auto_json struct json *document = vectors_load("crypto/ss58.json");
	const struct json *rows = json_find(document, "encode_decode");

	CHECK(json_count(rows) == 27);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		const char *text = vector_text(row, "address");
		char again[SS58_TEXT_SIZE] = "";
		struct ss58 address = {0};
		struct error err = {0};

		CHECK_OK(ss58_parse(text, &address, &err), err);
		CHECK(address.network == json_integer_of(json_find(row, "format")));
		CHECK(is_hex(address.account, address.len, vector_text(row, "payload")));
		CHECK_OK(ss58_format(&address, again, &err), err);
		CHECK_TEXT(again, text);
	}
}

TEST(invalid)
{
	auto_json struct json *document = vectors_load("crypto/ss58.json");
	const struct json *rows = json_find(document, "invalid");

	CHECK(json_count(rows) == 27);
	for (size_t i = 0; i < json_count(rows); i++) {
		struct ss58 address = {.network = 7};
		struct error err = {0};

		CHECK(!ss58_parse(vector_text(json_at(rows, i), "address"), &address, &err));
		CHECK(err.code == ERROR_USAGE && address.network == 7);
		CHECK_TEXT(err.message, vector_text(json_at(rows, i), "error"));
	}
}

TEST(keys)
{
	auto_json struct json *document = vectors_load("crypto/ss58.json");
	const struct json *other = json_at(json_find(document, "other_network"), 0);
	unsigned char key[SS58_KEY_BYTES] = {0};
	char text[SS58_TEXT_SIZE];
	struct error err = {0};

	CHECK_OK(ss58_parse_key(alice, key, &err), err);
	CHECK(is_hex(key, sizeof(key),
		     "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"));
	ss58_format_key(key, text);
	CHECK_TEXT(text, alice);
	CHECK(!ss58_parse_key("F7NZ", key, &err));
	CHECK_TEXT(err.message, "address 'F7NZ' is not that of a key of 32 bytes");
	CHECK(!ss58_parse_key(vector_text(other, "address"), key, &err));
	CHECK_TEXT(err.message, "address 'HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F' is of "
				"network 2, not of Bittensor (42)");
	CHECK(!ss58_parse_key("", key, &err));
}

/* All zero: an address as good as any, which sr25519_public_check() refuses as a key. */
TEST(nobody)
{
	static const unsigned char zero[SS58_KEY_BYTES];
	char text[SS58_TEXT_SIZE];

	ss58_format_key(zero, text);
	CHECK_TEXT(text, "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM");
}

TEST(every_network_and_length)
{
	static const size_t lens[] = {1, 2, 4, 8, 32, 33};

	for (unsigned network = 0; network <= SS58_MAX_NETWORK; network += network < 300 ? 1 : 97) {
		struct ss58 address = {.network = network, .len = lens[network % array_len(lens)]};
		struct ss58 again = {0};
		char text[SS58_TEXT_SIZE];
		struct error err = {0};

		if (network == 46 || network == 47)
			continue;
		memset(address.account, (int)(network % 256), address.len);
		CHECK_OK(ss58_format(&address, text, &err), err);
		CHECK_OK(ss58_parse(text, &again, &err), err);
		CHECK(memcmp(&address, &again, sizeof(address)) == 0);
	}
}

/* The longest texts are the biggest numbers. */
TEST(longest)
{
	struct ss58 address = {.network = SS58_MAX_NETWORK, .len = SS58_MAX_ACCOUNT_BYTES};
	char text[SS58_TEXT_SIZE];
	struct error err = {0};

	memset(address.account, 0xff, sizeof(address.account));
	CHECK_OK(ss58_format(&address, text, &err), err);
	CHECK(strlen(text) == SS58_TEXT_SIZE - 1);
	address = (struct ss58){.network = 0, .len = SS58_MAX_ACCOUNT_BYTES};
	CHECK_OK(ss58_format(&address, text, &err), err);
	CHECK_OK(ss58_parse(text, &address, &err), err);
}

TEST(what_has_no_address)
{
	static const struct {
		unsigned network;
		size_t len;
		const char *error; /* NULL: it has one */
	} rows[] = {
		{16383, 32, NULL},
		{16384, 32, "no address is of network 16384"},
		{45, 32, NULL},
		{46, 32, "no address is of network 46"},
		{47, 32, "no address is of network 47"},
		{48, 32, NULL},
		{42, 0, "no address is of an account of 0 bytes"},
		{42, 3, "no address is of an account of 3 bytes"},
		{42, 31, "no address is of an account of 31 bytes"},
		{42, 34, "no address is of an account of 34 bytes"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct ss58 address = {.network = rows[i].network, .len = rows[i].len};
		char text[SS58_TEXT_SIZE] = "-";
		struct error err = {0};

		CHECK(ss58_format(&address, text, &err) == !rows[i].error);
		if (rows[i].error) {
			CHECK_TEXT(err.message, rows[i].error);
			CHECK_TEXT(text, "-");
		}
	}
}

/* The account of two signatories: a hash of their keys in order. */
TEST(multisig)
{
	auto_json struct json *document = vectors_load("crypto/ss58.json");
	const struct json *v = json_find(document, "multisig");
	const struct json *signatories = json_find(v, "signatories");
	unsigned char keys[2][SS58_KEY_BYTES] = {{0}};
	auto_text bytes = {0};
	unsigned char account[SS58_KEY_BYTES];
	char text[SS58_TEXT_SIZE];
	struct error err = {0};

	for (size_t i = 0; i < 2; i++)
		CHECK_OK(ss58_parse_key(json_text(json_at(signatories, i)), keys[i], &err), err);

	size_t first = memcmp(keys[0], keys[1], SS58_KEY_BYTES) < 0 ? 0 : 1;

	text_add(&bytes, "modlpy/utilisuba");
	text_add_bytes(&bytes, "\x08", 1); /* two, as SCALE writes it */
	text_add_bytes(&bytes, keys[first], SS58_KEY_BYTES);
	text_add_bytes(&bytes, keys[1 - first], SS58_KEY_BYTES);
	text_add_bytes(&bytes, "\x02\x00", 2); /* of two */
	blake2b_of(bytes.bytes, bytes.len, account, sizeof(account));
	ss58_format_key(account, text);
	CHECK_TEXT(text, vector_text(v, "address"));
}
