/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

#include "lib/base/time.h"
#include "tests/unit/tap.h"

TEST(a_maximum_cuts)
{
	auto_text t = {.max = 5};

	text_add(&t, "abc");
	text_add(&t, "defg");
	CHECK_TEXT(text_str(&t), "abcde");
	CHECK(t.is_cut);
}

TEST(long_formats)
{
	auto_text t = {0};

	text_addf(&t, "%01000d", 7);
	CHECK(t.len == 1000 && t.bytes[999] == '7');
}

TEST(quoting)
{
	auto_text t = {0};

	text_add_json(&t, "a\"\\\n\x01\xff\xc3\xa9");
	CHECK_TEXT(text_str(&t), "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\"");
	text_clear(&t);
	text_add_json(&t, "\xc2\x9b\xc2\x9f\xc2\xa0\xe2\x80\xa7\xe2\x80\xae\xe2\x81\xa6\x7f");
	CHECK_TEXT(text_str(&t), "\"\\u009b\\u009f\xc2\xa0\xe2\x80\xa7\\u202e\\u2066\\u007f\"");
	text_clear(&t);
	text_add_shell(&t, "it's");
	text_add_char(&t, ' ');
	text_add_shell(&t, "plain-1.0");
	text_add_char(&t, ' ');
	text_add_shell(&t, "");
	CHECK_TEXT(text_str(&t), "'it'\\''s' plain-1.0 ''");
	text_clear(&t);
	text_add_python(&t, "\xc3\xa9\xf0\x9f\x98\x80\"\t");
	CHECK_TEXT(text_str(&t), "\"\\u00e9\\U0001f600\\\"\\x09\"");
	text_clear(&t);
	text_add_printable(&t, "a\x1b[1m\xc2\x9b\n", 8, false);
	CHECK_TEXT(text_str(&t), "a\\x1b[1m\\xc2\\x9b\\x0a");
	static const char turned[] = "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf";
	static const char isolated[] = "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa";

	text_clear(&t);
	text_add_printable(&t, turned, strlen(turned), false);
	CHECK_TEXT(text_str(&t), "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xae\xe2\x80\xaf");
	text_clear(&t);
	text_add_printable(&t, isolated, strlen(isolated), false);
	CHECK_TEXT(text_str(&t), "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9\xe2\x81\xaa");
}

TEST(utf8)
{
	CHECK(utf8_is_valid("\xc3\xa9", 2));
	CHECK(!utf8_is_valid("\xc0\x80", 2));
	CHECK(!utf8_is_valid("\xed\xa0\x80", 3));
	CHECK(!utf8_is_valid("\xf4\x90\x80\x80", 4));
	CHECK(!utf8_is_valid("\xc3", 1));
	CHECK(utf8_count("", 0) == 0);
	CHECK(utf8_count("a\xc3\xa9\xf0\x9f\x99\x82", 7) == 3);
	CHECK(utf8_count("\xc3\xc3\xa9", 3) == 2);
}

TEST(nearest)
{
	static const char *const names[] = {"gpu_count", "include", "exclude", NULL};

	CHECK_TEXT(text_nearest("gpu_cuont", names), "gpu_count");
	CHECK_TEXT(text_nearest("exlude", names), "exclude");
	CHECK(!text_nearest("models", names));
	CHECK(!text_nearest("x", names));
	CHECK(text_distance("ab", "ba", 2) == 1);
}

TEST(sizes_and_durations)
{
	auto_text t = {0};
	struct error err;
	uint64_t value = 0;

	text_add_size(&t, 61000000);
	text_add_char(&t, ' ');
	text_add_size(&t, 1234);
	text_add_char(&t, ' ');
	text_add_size(&t, 812);
	CHECK_TEXT(text_str(&t), "61 MB 1.2 kB 812 B");
	CHECK_OK(size_parse("512MiB", &value, &err), err);
	CHECK(value == 536870912);
	CHECK_OK(duration_parse("1.5m", &value, &err), err);
	CHECK(value == 90000);
	CHECK(!duration_parse("1x", &value, &err));
	CHECK(!duration_parse("-1", &value, &err));
	CHECK(!duration_parse("", &value, &err));
}

TEST(the_whole_part_of_a_piece)
{
	static const struct {
		const char *piece;
		size_t whole;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"a\xc3\xa9", 3},
		{"a\xc3", 1},
		{"a\xe2\x82", 1},
		{"\xf0\x9f\x98", 0},
		{"\xf0\x9f\x98\x80", 4},
		{"a\x80", 2},
		{"a\xff", 2},
		{"\x80\x80\x80", 3},
		{"a\xc0", 2},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		CHECK(utf8_whole(cases[i].piece, strlen(cases[i].piece)) == cases[i].whole);
}

TEST(times)
{
	auto_text t = {0};
	struct error err;
	int64_t when = 0;

	text_add_time(&t, 1686355200);
	CHECK_TEXT(text_str(&t), "2023-06-10T00:00:00Z");
	CHECK_OK(time_parse("2023-06-10T00:00:00.5Z", &when, &err), err);
	CHECK(when == 1686355200);
	CHECK(!time_parse("2023-06-10", &when, &err));
}
