/* SPDX-License-Identifier: MIT
 * Headers that we make: their names, order and form, what is signed, and what never is.
 */
#include "tests/unit/sign_fixture.h"

#define BODY_HASH  "341c57448e531310fbbe83f44cea2a5e838bd9e8a6b82b269f01d0dbbc23c3cc"
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void hash_of(const char *body, unsigned char hash[SHA256_BYTES])
{
	sha256_of(body, strlen(body), hash);
}

/* Did //Alice sign `text`? */
static bool is_signed(const char *text, const char *hex)
{
	auto_free unsigned char *signature = NULL;
	unsigned char alice[SR25519_PUBLIC_BYTES];
	struct error err = {0};

	return hex_bytes(hex, &signature) == SR25519_SIGNATURE_BYTES &&
	       ss58_parse_key(ALICE, alice, &err) &&
	       sr25519_verify(alice, text, strlen(text), signature, &err);
}

/* The value of a line that begins with `name`. */
static const char *value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	return CHECK(strncmp(line, name, len) == 0) ? line + len : "";
}

TEST(chutes_body)
{
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(SIGN_CHUTES);
	unsigned char hash[SHA256_BYTES];
	struct sign_request request = {.body_hash = hash};
	auto_strings headers = {0};
	struct error err = {0};

	hash_of("{\"prompt\": \"hello\"}", hash);
	CHECK_OK(sign_make(&peer, key, &request, test_now_ns + 999999999, &headers, &err), err);
	CHECK_OR_STOP(headers.n == 3);
	CHECK_TEXT(headers.items[0], "X-Chutes-Hotkey: " ALICE);
	CHECK_TEXT(headers.items[1], "X-Chutes-Nonce: 1752076800");
	CHECK(is_signed(ALICE ":1752076800:" BODY_HASH,
			value_of(headers.items[2], "X-Chutes-Signature: ")));
}

TEST(chutes_purpose)
{
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(SIGN_CHUTES);
	unsigned char hash[SHA256_BYTES];
	struct sign_request request = {.purpose = "registration", .body_hash = hash};
	auto_strings headers = {0};
	struct error err = {0};

	/* as servers do: where there is a purpose, a body is not looked at */
	hash_of("", hash);
	CHECK_OK(sign_make(&peer, key, &request, test_now_ns, &headers, &err), err);
	CHECK_OR_STOP(headers.n == 3);
	CHECK(is_signed(ALICE ":1752076800:registration",
			value_of(headers.items[2], "X-Chutes-Signature: ")));
}

static void check_btauth(const struct sign_request *request, const char *hash)
{
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(SIGN_BTAUTH);
	auto_strings headers = {0};
	struct error err = {0};
	auto_free char *body = xprintf("X-Bittensor-Body-SHA256: %s", hash);
	auto_free char *text =
		xprintf("btauth/1\nsr25519\nPOST\n/generate?stream=false\n%s\n1752076800000000007\n"
			"%s\n%s",
			hash, ALICE, BOB);

	CHECK_OK(sign_make(&peer, key, request, test_now_ns + 7, &headers, &err), err);
	CHECK_OR_STOP(headers.n == 6);
	CHECK_TEXT(headers.items[0], "X-Bittensor-Version: 1");
	CHECK_TEXT(headers.items[1], "X-Bittensor-Hotkey: " ALICE);
	CHECK_TEXT(headers.items[2], "X-Bittensor-Nonce: 1752076800000000007");
	CHECK(is_signed(text, value_of(headers.items[3], "X-Bittensor-Signature: 0x")));
	CHECK_TEXT(headers.items[4], "X-Bittensor-Receiver: " BOB);
	CHECK_TEXT(headers.items[5], body);
}

TEST(btauth)
{
	unsigned char hash[SHA256_BYTES];
	struct sign_request request = {
		.method = "POST", .target = "/generate?stream=false", .body_hash = hash};

	hash_of("{\"prompt\": \"hello\"}", hash);
	check_btauth(&request, BODY_HASH);
	request.body_hash = NULL;
	check_btauth(&request, EMPTY_HASH);
	/* purposes are the other scheme's */
	request.purpose = "me";
	check_btauth(&request, EMPTY_HASH);
}

static void check_refused(enum sign_scheme scheme, const struct sign_request *request,
			  const char *message)
{
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(scheme);
	auto_strings headers = {0};
	struct error err = {0};

	CHECK(!sign_make(&peer, key, request, test_now_ns, &headers, &err));
	CHECK(headers.n == 0);
	CHECK(err.code == ERROR_USAGE);
	if (!CHECK(strstr(err.message, message) != NULL))
		printf("#   got: %s\n", err.message);
}

TEST(no_purpose_can_be_a_hash)
{
	static const char *const purposes[] = {
		"",    "Me",       "me2",
		"a b", "a:b",      "a-b",
		"a\n", "\xc3\xa4", "abcdefghijklmnopqrstuvwxyzabcdefg"};
	struct sign_request request = {0};
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(SIGN_CHUTES);
	auto_strings headers = {0};
	struct error err = {0};

	check_refused(SIGN_CHUTES, &request, "neither a purpose nor a body");
	for (size_t i = 0; i < array_len(purposes); i++) {
		request.purpose = purposes[i];
		check_refused(SIGN_CHUTES, &request, "is no purpose: it is a word of at most 32");
	}
	request.purpose = "abcdefghijklmnopqrstuvwxyz_abcde"; /* 32 */
	CHECK_OK(sign_make(&peer, key, &request, test_now_ns, &headers, &err), err);
}

TEST(methods_and_targets)
{
	static const char *const methods[] = {
		"", "get", "GE T", "GET\n", "G\xc3\x84T", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"};
	static const char *const targets[] = {"",       "x",         "*",    "/a b",     "/\n",
					      "/a\x7f", "/\xc3\xa4", "/a#b", "http://a/"};
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(SIGN_BTAUTH);
	auto_free char *longest = xcalloc(65536 + 2, 1);
	struct sign_request request = {.target = "/"};
	auto_strings headers = {0};
	struct error err = {0};

	check_refused(SIGN_BTAUTH, &request, "'' is no method");
	for (size_t i = 0; i < array_len(methods); i++) {
		request.method = methods[i];
		check_refused(SIGN_BTAUTH, &request, "is no method: it is a word of A-Z");
	}
	request = (struct sign_request){.method = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDE"};
	check_refused(SIGN_BTAUTH, &request, "'' is no target");
	for (size_t i = 0; i < array_len(targets); i++) {
		request.target = targets[i];
		check_refused(SIGN_BTAUTH, &request, "is no target of a request");
	}
	memset(longest, '/', 65537);
	request.target = longest;
	check_refused(SIGN_BTAUTH, &request, "is no target of a request");
	longest[65536] = '\0';
	CHECK_OK(sign_make(&peer, key, &request, test_now_ns, &headers, &err), err);
}

TEST(login_nonce)
{
	static const char *const others[] = {"",
					     "hello",
					     ALICE ":1752076800:" BODY_HASH,
					     "3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a0",
					     "3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a011",
					     "3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a0g",
					     "3f1c0f1e09f0a-5d62-9d2e-6d3b3f6f0a01",
					     "{3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a}",
					     "3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a01\n"};
	static const char uuid[] = "3f1c0f1e-9f0a-5d62-9D2E-6d3b3f6f0a01";
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(SIGN_CHUTES);
	struct sign_peer own = peer_of(SIGN_BTAUTH);
	char hex[2 * SR25519_SIGNATURE_BYTES + 1] = "untouched";
	struct error err = {0};

	for (size_t i = 0; i < array_len(others); i++) {
		CHECK(!sign_login_nonce(&peer, key, others[i], hex, &err));
		CHECK(err.code == ERROR_USAGE);
		CHECK(strstr(err.message, "is no login nonce, which is a UUID") != NULL);
	}
	CHECK(!sign_login_nonce(&own, key, uuid, hex, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "a login nonce is never signed for a server whose scheme is "
				"'btauth'");
	CHECK_TEXT(hex, "untouched");
	CHECK_OK(sign_login_nonce(&peer, key, uuid, hex, &err), err);
	CHECK(is_signed(uuid, hex));
}

TEST(fingerprint)
{
	static const char *const others[] = {"", "a b", "a:b", "a\n", "\xc3\xa4"};
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(SIGN_CHUTES);
	struct sign_peer own = peer_of(SIGN_BTAUTH);
	char longest[258] = {0};
	auto_strings headers = {0};
	struct error err = {0};

	memset(longest, 'x', 257);
	for (size_t i = 0; i < array_len(others); i++)
		CHECK(!sign_fingerprint(&peer, key, others[i], test_now_ns, &headers, &err));
	CHECK(!sign_fingerprint(&peer, key, longest, test_now_ns, &headers, &err));
	CHECK(err.code == ERROR_USAGE);
	CHECK_TEXT(err.message,
		   "a fingerprint is of 1 to 256 visible ASCII characters without ':'");
	CHECK(!sign_fingerprint(&own, key, "abc", test_now_ns, &headers, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK(headers.n == 0);
	longest[256] = '\0';
	CHECK_OK(sign_fingerprint(&peer, key, longest, test_now_ns, &headers, &err), err);
	strings_release(&headers);

	CHECK_OK(sign_fingerprint(&peer, key, "Abc0", test_now_ns, &headers, &err), err);
	CHECK_OR_STOP(headers.n == 3);
	CHECK_TEXT(headers.items[0], "X-Chutes-Hotkey: " ALICE);
	CHECK(is_signed(ALICE ":Abc0:1752076800",
			value_of(headers.items[1], "X-Chutes-Signature: ")));
	CHECK_TEXT(headers.items[2], "X-Chutes-Nonce: 1752076800");
}
