/* SPDX-License-Identifier: MIT
 * Whom requests are signed for.
 */
#include "tests/unit/sign_fixture.h"

static const struct sign_server hosted = {"https://api.chutes.ai", "chutes", NULL};
static const struct sign_server own = {"http://127.0.0.1:8600", "btauth", BOB};

TEST(addresses_of_the_server)
{
	static const struct {
		const struct sign_server *server;
		const char *url;
	} rows[] = {
		{&hosted, "https://api.chutes.ai"},
		{&hosted, "https://api.chutes.ai/"},
		{&hosted, "HTTPS://API.Chutes.AI:443/users/me"},
		{&hosted, "https://api.chutes.ai?x=1"},
		{&hosted, "https://api.chutes.ai/a?b=https://evil.example/"},
		{&hosted, "https://api.chutes.ai/@evil.example"},
		{&hosted, "https://api.chutes.ai#x"},
		{&own, "http://127.0.0.1:8600/images/"},
		{&own, "HTTP://127.0.0.1:8600"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct sign_peer peer = {0};
		struct error err = {0};

		CHECK_OK(sign_server_check(rows[i].server, rows[i].url, &peer, &err), err);
		CHECK(peer.scheme == (rows[i].server == &hosted ? SIGN_CHUTES : SIGN_BTAUTH));
	}
}

TEST(other_addresses)
{
	static const struct {
		const struct sign_server *server;
		const char *url;
		const char *shown; /* NULL: the same */
	} rows[] = {
		{&hosted, "https://evil.example/"},
		{&hosted, "https://api.chutes.ai.evil.example/"},
		{&hosted, "https://api.chutes.ai@evil.example/", "https://...@evil.example/"},
		{&hosted, "https://user@api.chutes.ai/", "https://...@api.chutes.ai/"},
		{&hosted, "https://api.chutes.ai:8443/"},
		{&hosted, "https://api.chutes.ai:0443/"},
		{&hosted, "https://api.chutes.ai:443:443/"},
		{&own, "http://127.0.0.1:8600:80/"},
		{&own, "http://[127.0.0.1:8600"},
		{&hosted, "https://api.chutes.ai./"},
		{&hosted, "https://api.chutes.ai\\@evil.example/", "https://...@evil.example/"},
		{&hosted, "https://evil.example\\.api.chutes.ai/"},
		{&hosted, "https://api.chutes.a"},
		{&hosted, "http://api.chutes.ai/"},
		{&hosted, "http://api.chutes.ai:443/"},
		{&own, "http://127.0.0.1/"},
		{&own, "http://127.0.0.1:86001/"},
		{&own, "http://127.0.0.1:8600@evil.example/", "http://...@evil.example/"},
		{&own, "https://127.0.0.1:8600/"},
		{&own, "http://localhost:8600/"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct sign_peer peer = {0};
		struct error err = {0};
		auto_free char *want = xprintf("'%s' is not at the profile's server, '%s': nothing "
					       "is signed for it",
					       rows[i].shown ? rows[i].shown : rows[i].url,
					       rows[i].server->base_url);

		CHECK(!sign_server_check(rows[i].server, rows[i].url, &peer, &err));
		CHECK(err.code == ERROR_AUTH);
		CHECK_TEXT(err.message, want);
		CHECK_TEXT(err.hint, "choose the profile of that server with --profile");
	}
}

TEST(no_addresses)
{
	static const char *const urls[] = {"",
					   "api.chutes.ai",
					   "ftp://api.chutes.ai/",
					   "https:/api.chutes.ai/",
					   "https://",
					   "https:///users/me",
					   "https://api.chutes.ai/a b",
					   "https://api.chutes.ai/\n",
					   "https://api.chutes.ai/\x7f",
					   "https://api.chutes.ai/\xc3\xa4",
					   "file:///etc/passwd"};

	for (size_t i = 0; i < array_len(urls); i++) {
		struct sign_peer peer = {0};
		struct error err = {0};
		char *target = NULL;

		CHECK(!sign_server_check(&hosted, urls[i], &peer, &err));
		CHECK(err.code == ERROR_USAGE);
		CHECK(strstr(err.message, "is no address to which requests are sent") != NULL);
		CHECK(!sign_url_target(urls[i], &target, &err));
		CHECK(!target);
	}
}

TEST(plain_http)
{
	static const char *const local[] = {"http://127.0.0.1:8600", "http://[::1]:8600",
					    "http://localhost", "http://chutes.localhost:1"};
	static const char *const remote[] = {"http://192.168.0.2:8600", "http://example.com",
					     "http://[::2]:81", "http://127.evil.example"};
	struct sign_peer peer = {0};
	struct error err = {0};

	for (size_t i = 0; i < array_len(local); i++) {
		struct sign_server server = {local[i], "btauth", BOB};

		CHECK_OK(sign_server_check(&server, local[i], &peer, &err), err);
	}
	for (size_t i = 0; i < array_len(remote); i++) {
		struct sign_server server = {remote[i], "chutes", NULL};

		CHECK(!sign_server_check(&server, remote[i], &peer, &err));
		CHECK(err.code == ERROR_AUTH);
		CHECK(strstr(err.message, "is not encrypted") != NULL);
		CHECK_TEXT(err.hint, "use an address with https; http is for this machine only");
	}
}

TEST(scheme_and_key)
{
	struct sign_server unknown = {"https://a.example", NULL, BOB};
	struct sign_server strange = {"https://a.example", "basic", BOB};
	struct sign_server keyless = {"https://a.example", "btauth", NULL};
	struct sign_server wrong = {"https://a.example", "btauth", "5Grwva"};
	unsigned char bob[SR25519_PUBLIC_BYTES];
	struct sign_peer peer = {0};
	struct error err = {0};

	CHECK(!sign_server_check(&unknown, unknown.base_url, &peer, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "how requests to 'https://a.example' are signed is not known");
	CHECK(strstr(err.hint, "api.scheme 'btauth'") != NULL);
	CHECK(!sign_server_check(&strange, strange.base_url, &peer, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK(!sign_server_check(&keyless, keyless.base_url, &peer, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "the key of 'https://a.example' is not known");
	CHECK(!sign_server_check(&wrong, wrong.base_url, &peer, &err));
	CHECK(strstr(err.message, "the key of 'https://a.example': address '5Grwva'") != NULL);

	CHECK_OK(ss58_parse_key(BOB, bob, &err), err);
	CHECK_OK(sign_server_check(&own, own.base_url, &peer, &err), err);
	CHECK(memcmp(peer.key, bob, sizeof(bob)) == 0);
}

TEST(targets)
{
	static const struct {
		const char *url;
		const char *target;
	} rows[] = {
		{"https://a.example", "/"},         {"https://a.example/", "/"},
		{"https://a.example?x=1", "/?x=1"}, {"https://a.example/a/b?c=%2f#d", "/a/b?c=%2f"},
		{"https://a.example#d", "/"},       {"http://[::1]:1/a//b/../c", "/a//b/../c"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_free char *target = NULL;
		struct error err = {0};

		CHECK_OK(sign_url_target(rows[i].url, &target, &err), err);
		CHECK_TEXT(target, rows[i].target);
	}
}

TEST(scheme_names)
{
	CHECK_TEXT(sign_scheme_name(SIGN_CHUTES), "chutes");
	CHECK_TEXT(sign_scheme_name(SIGN_BTAUTH), "btauth");
}
