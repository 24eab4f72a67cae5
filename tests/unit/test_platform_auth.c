/* SPDX-License-Identifier: MIT
 * Which credential a request shows, and what nobody may add to it.
 */
#include "lib/platform/platform.h"

#include "lib/base/memory.h"

#include "tests/unit/tap.h"

#define ADDRESS "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"

TEST(which_credential)
{
	enum { HOTKEY = 1, KEY = 2 };
	static const struct {
		const char *scheme;
		const char *method;
		const char *target;
		enum platform_auth asked;
		int has;
		const char *want; /* a name, or the failure */
	} cases[] = {
		{"chutes", "GET", "/users/me?x=1", PLATFORM_AUTH_AUTO, HOTKEY | KEY, "hotkey"},
		{"chutes", "GET", "/users/me", PLATFORM_AUTH_AUTO, KEY, "key"},
		{"chutes", "GET", "/users/me", PLATFORM_AUTH_KEY, HOTKEY | KEY, "key"},
		{"chutes", "GET", "/users/me", PLATFORM_AUTH_NONE, HOTKEY | KEY, "none"},
		{"chutes", "GET", "/ping", PLATFORM_AUTH_AUTO, HOTKEY | KEY, "none"},
		{"chutes", "GET", "/ping", PLATFORM_AUTH_AUTO, 0, "none"},
		{"chutes", "POST", "/chutes/", PLATFORM_AUTH_AUTO, HOTKEY, "hotkey"},
		{"chutes", "GET", "/jobs/1", PLATFORM_AUTH_AUTO, HOTKEY | KEY, "key"},
		{"chutes", "GET", "/jobs/1", PLATFORM_AUTH_AUTO, HOTKEY,
		 "GET /jobs/1 needs an API key: no signature is known to be accepted there"},
		{"chutes", "GET", "/jobs/1?a=b", PLATFORM_AUTH_HOTKEY, HOTKEY | KEY,
		 "GET /jobs/1 needs an API key: no signature is known to be accepted there"},
		{"btauth", "GET", "/jobs/1", PLATFORM_AUTH_AUTO, HOTKEY | KEY, "hotkey"},
		{"btauth", "GET", "/ping", PLATFORM_AUTH_AUTO, HOTKEY, "hotkey"},
		{NULL, "GET", "/users/me", PLATFORM_AUTH_AUTO, HOTKEY | KEY, "key"},
		{NULL, "GET", "/users/me", PLATFORM_AUTH_AUTO, HOTKEY, "hotkey"},
		{"chutes", "GET", "/users/me", PLATFORM_AUTH_AUTO, 0,
		 "GET /users/me needs a hotkey or an API key, and there is neither"},
		{"chutes", "GET", "/users/me", PLATFORM_AUTH_HOTKEY, KEY,
		 "GET /users/me needs a hotkey, and there is none"},
		{"chutes", "GET", "/users/me", PLATFORM_AUTH_KEY, HOTKEY,
		 "GET /users/me needs an API key, and there is none"},
		{"chutes", "POST", "/users/change_fingerprint", PLATFORM_AUTH_HOTKEY, HOTKEY,
		 "POST /users/change_fingerprint needs a signature of a form of its own"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		const struct sign_server server = {.base_url = "https://a",
						   .scheme = cases[i].scheme};
		const struct platform_request r = {.method = cases[i].method,
						   .target = cases[i].target,
						   .auth = cases[i].asked};
		enum platform_auth auth;
		struct error err;
		bool ok = platform_auth_choose(&server, &r, cases[i].has & HOTKEY,
					       cases[i].has & KEY, &auth, &err);

		CHECK(ok || (err.code == ERROR_AUTH && err.hint[0]));
		CHECK_TEXT(ok ? platform_auth_name(auth) : err.message, cases[i].want);
	}
}

TEST(a_purpose_that_is_said_is_signed)
{
	const struct sign_server server = {.base_url = "https://a", .scheme = "chutes"};
	const struct platform_request r = {.method = "GET", .target = "/jobs/1", .purpose = "jobs"};
	enum platform_auth auth;
	struct error err;

	CHECK_OK(platform_auth_choose(&server, &r, true, true, &auth, &err), err);
	CHECK(auth == PLATFORM_AUTH_HOTKEY);
}

TEST(where_an_api_key_may_go)
{
	static const char *const good[] = {"https://api.test", "http://127.0.0.1:8600",
					   "http://localhost", "http://[::1]:80",
					   "http://api.localhost:1"};
	static const char *const bad[] = {"http://api.test", "http://10.0.0.1:80",
					  "http://127.0.0.1.evil.test", "http://localhost.evil",
					  "http://[::2]:80"};
	struct error err;

	for (size_t i = 0; i < array_len(good); i++)
		CHECK_OK(platform_key_check(good[i], &err), err);
	for (size_t i = 0; i < array_len(bad); i++)
		CHECK(!platform_key_check(bad[i], &err) && err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "an API key would go to http://[::2]:80 in plain text");
}

TEST(headers_of_callers)
{
	static const char *const good[] = {"Accept: text/plain", "X-A:b", "content-type: a/b; c",
					   "X-Chutes-Version: 1"};
	static const char *const bad[] = {"",
					  "a",
					  ": b",
					  "a b: c",
					  "a:",
					  "a: ",
					  "a: b\r\nc: d",
					  "a: b\n",
					  "Authorization: x",
					  "authorization:x",
					  "HOST: a",
					  "Content-Length: 1",
					  "X-Chutes-Signature: 00",
					  "x-chutes-nonce: 1",
					  "X-Chutes-Hotkey: 5",
					  "X-Bittensor-Nonce: 1",
					  "x-bittensor-anything: 1",
					  "Cookie: a=b",
					  "Transfer-Encoding: chunked",
					  "Proxy-Authorization: x"};
	struct error err;

	for (size_t i = 0; i < array_len(good); i++)
		CHECK_OK(platform_header_check(good[i], &err), err);
	for (size_t i = 0; i < array_len(bad); i++)
		if (!CHECK(!platform_header_check(bad[i], &err) && err.code == ERROR_USAGE))
			printf("# %s\n", bad[i]);
	CHECK(!platform_header_check("Authorization: Bearer secret", &err));
	CHECK_TEXT(err.message, "the header 'Authorization' cannot be set");
	CHECK(!platform_header_check("Bearer secret", &err));
	CHECK_TEXT(err.message, "'Bearer' is no header");
}

TEST(targets)
{
	static const char *const bad[] = {"",     "users/me",  "http://a/b", "/a b",
					  "/a#b", "/\xc3\xa4", "/a\n",       "/a\x7f"};
	struct error err;

	CHECK_OK(platform_target_check("/a/../%2e?b=c&d=%20+", &err), err);
	for (size_t i = 0; i < array_len(bad); i++)
		CHECK(!platform_target_check(bad[i], &err) && err.code == ERROR_USAGE);
	CHECK_TEXT(err.hint, "write it as %7F");
}

static bool headers_of(const struct platform *p, const struct platform_request *r,
		       enum platform_auth auth, struct text *shown, struct error *err)
{
	unsigned char hash[SHA256_BYTES];
	auto_strings headers = {0};

	sha256_of("{}", 2, hash);
	if (!platform_headers(p, r, auth, r->body ? hash : NULL, &headers, err))
		return false;
	text_clear(shown);
	for (size_t i = 0; i < headers.n; i++) {
		auto_text line = {0};

		platform_header_show(headers.items[i], &line);
		/* what is of this attempt */
		text_addf(shown, "%.*s\n",
			  strstr(text_str(&line), "Nonce") ? (int)strcspn(text_str(&line), ":")
							   : (int)line.len,
			  text_str(&line));
	}
	return true;
}

TEST(what_is_sent_and_what_of_it_is_shown)
{
	static const unsigned char seed[SR25519_SEED_BYTES] = {1};
	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);
	const struct http_body body = {.len = 2};
	struct platform p = {
		.server = {.base_url = "https://a", .scheme = "chutes", .key = ADDRESS},
		.user_id = "u",
		.sdk_version = "0.6.9",
		.hotkey = key,
		.api_key = "cpk_secret",
	};
	struct platform_request r = {.method = "POST", .target = "/images/?a", .body = &body};
	char hotkey[SS58_TEXT_SIZE];
	auto_text shown = {0};
	struct error err;

	ss58_format_key(sr25519_key_public(key), hotkey);
	auto_free char *chutes =
		xprintf("X-Chutes-UserID: u\nX-Chutes-Hotkey: %s\nX-Chutes-Nonce\n"
			"X-Chutes-Signature: <redacted>\nContent-Type: application/json\n"
			"X-Chutes-Version: 0.6.9\n",
			hotkey);

	CHECK_OK(headers_of(&p, &r, PLATFORM_AUTH_HOTKEY, &shown, &err), err);
	CHECK_TEXT(text_str(&shown), chutes);
	CHECK_OK(headers_of(&p, &r, PLATFORM_AUTH_KEY, &shown, &err), err);
	CHECK_TEXT(text_str(&shown), "Authorization: <redacted>\nContent-Type: application/json\n"
				     "X-Chutes-Version: 0.6.9\n");
	r = (struct platform_request){.method = "GET", .target = "/users/me"};
	CHECK_OK(headers_of(&p, &r, PLATFORM_AUTH_NONE, &shown, &err), err);
	CHECK_TEXT(text_str(&shown), "");
	p.server.scheme = "btauth";
	CHECK_OK(headers_of(&p, &r, PLATFORM_AUTH_HOTKEY, &shown, &err), err);
	CHECK(strstr(text_str(&shown), "X-Bittensor-Receiver: " ADDRESS "\n") &&
	      strstr(text_str(&shown), "X-Bittensor-Signature: <redacted>\n") &&
	      !strstr(text_str(&shown), "X-Chutes"));
	p.server.key = NULL;
	CHECK(!headers_of(&p, &r, PLATFORM_AUTH_HOTKEY, &shown, &err) && err.code == ERROR_AUTH);
	p.server.base_url = "http://a";
	CHECK(!headers_of(&p, &r, PLATFORM_AUTH_KEY, &shown, &err) && err.code == ERROR_AUTH);
}
