/* SPDX-License-Identifier: MIT */
#include "lib/base/base64.h"

#include "tests/unit/tap.h"

TEST(both_ways)
{
	static const char *const cases[][2] = {
		{"", ""},        {"a", "YQ=="},        {"ab", "YWI="},
		{"abc", "YWJj"}, {"abcd", "YWJjZA=="}, {"\xff\xfe", "//4="}};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text encoded = {0};
		char decoded[8] = "";
		size_t len = 99;

		base64_encode(cases[i][0], strlen(cases[i][0]), &encoded);
		CHECK_TEXT(text_str(&encoded), cases[i][1]);
		CHECK(base64_decode(cases[i][1], strlen(cases[i][1]), decoded, &len));
		CHECK(len == strlen(cases[i][0]) && memcmp(decoded, cases[i][0], len) == 0);
	}
}

TEST(bad)
{
	static const char *const cases[] = {"Z",    "Zg=",  "Zg==Zg==", "Zm 9v", "Zm9v\n", "=AAA",
					    "Z===", "Zm-_", "====",     "Zh==",  "Zm9="};

	for (size_t i = 0; i < array_len(cases); i++) {
		char decoded[8];
		size_t len = 0;

		tap_note(!base64_decode(cases[i], strlen(cases[i]), decoded, &len), __FILE__,
			 __LINE__, cases[i]);
	}
}

/* Each byte at each place of a group of four: a digit, or refused. */
TEST(all_digits)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n_wrong = 0;

	for (unsigned c = 0; c < 256; c++)
		for (size_t at = 0; at < 4; at++) {
			char group[] = "AAAA";
			unsigned char bytes[3] = {0};
			size_t len = 0;

			group[at] = (char)c;

			const char *digit = c ? strchr(digits, (int)c) : NULL;
			bool is_read = base64_decode(group, 4, bytes, &len);
			unsigned bits =
				(unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];

			if (at == 3 && c == '=') /* padding */
				n_wrong += !is_read || len != 2;
			else if (!digit)
				n_wrong += is_read;
			else
				n_wrong += !is_read || len != 3 ||
					   bits != (unsigned)(digit - digits) << (18 - 6 * at);
		}
	CHECK(n_wrong == 0);
}
