/* SPDX-License-Identifier: MIT
 * Addresses: their hosts, and what of them is shown.
 */
#include "lib/base/url.h"

#include "tests/unit/tap.h"

TEST(hosts)
{
	static const struct {
		const char *origin;
		const char *host;
	} cases[] = {
		{"https://api.test", "api.test"},
		{"https://api.test:8443", "api.test"},
		{"http://[::1]:8000", "[::1]"},
		{"http://[::1]", "[::1]"},
		{"http://[::1", "[::1"},
		{"http://127.0.0.1:80/", "127.0.0.1"},
		{"https://", ""},
		{"", ""},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct slice host = url_host(cases[i].origin);
		auto_text text = {0};

		text_add_bytes(&text, host.at, host.len);
		CHECK_TEXT(text_str(&text), cases[i].host);
	}
}

TEST(nothing_secret_is_shown)
{
	static const struct {
		const char *url;
		const char *shown;
	} cases[] = {
		{"https://api.test/users/me", "https://api.test/users/me"},
		{"https://api.test/a?token=s3cret", "https://api.test/a"},
		{"https://api.test/a#s3cret", "https://api.test/a"},
		{"https://ada:s3cret@api.test/a?b", "https://...@api.test/a"},
		{"https://ada:s3@cret@api.test", "https://...@api.test"},
		{"https://ada:s3/cret@api.test", "https://...@api.test"},
		{"https://ada:s3?cr#et@api.test", "https://...@api.test"},
		{"https:ada:s3cret@api.test", "...@api.test"},
		{"ada:s3://cret@api.test", "...@api.test"},
		{"https://a\x1b[1m", "https://a\\x1b[1m"},
		{"", ""},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text shown = {0};

		url_show(cases[i].url, &shown);
		CHECK_TEXT(text_str(&shown), cases[i].shown);
	}
}
