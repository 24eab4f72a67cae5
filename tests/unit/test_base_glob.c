/* SPDX-License-Identifier: MIT */
#include "lib/base/glob.h"

#include "lib/base/text.h"
#include "lib/base/time.h"
#include "tests/unit/tap.h"

struct row {
	const char *pattern;
	const char *text;
	bool path;
	bool name;
};

static const struct row rows[] = {
	{"", "", true, true},
	{"a", "a", true, true},
	{"a", "ab", false, false},
	{"a*", "abc", true, true},
	{"*c", "abc", true, true},
	{"a*b*c", "a12b34c", true, true},
	{"a*b*c", "a12b34", false, false},
	{"*", "", true, true},
	{"**", "", true, true},
	{"?", "", false, false},
	{"?", "/", false, true},
	{"*", "a/b", false, true},
	{"a/*", "a/b", true, true},
	{"a/*", "a/b/c", false, true},
	{"a/**", "a/b/c", true, true},
	{"a/**", "a", false, false},
	{"**/c", "a/b/c", true, true},
	{"**/c", "c", true, false},
	{"**/c", "bc", false, false},
	{"a/**/c", "a/c", true, false},
	{"a/**/c", "a/b/b/c", true, true},
	{"a/**/b/**/c", "a/x/b/y/b/c", true, true},
	{"a/**/b/**/c", "a/x/y/c", false, false},
	{"a**c", "abc", true, true},
	{"a**c", "a/c", false, true},
	{"**/*.o", "a/b/x.o", true, true},
	{"**/a*b", "x/ac/ab", true, true},
	{"[a-c]x", "bx", true, true},
	{"[!a-c]x", "bx", false, false},
	{"[^a-c]x", "dx", true, true},
	{"[]-]", "]", true, true},
	{"[]-]", "-", true, true},
	{"[a-]", "-", true, true},
	{"[!/]", "/", false, false},
	{"[[:digit:]_]", "7", true, true},
	{"[[:digit:]_]", "_", true, true},
	{"[[:digit:]-z]", "q", false, false},
	{"[[:nothing:]]", "n", false, false},
	{"[[:]x", "[x", true, true},
	{"[\\]]", "]", true, true},
	{"[a", "a", false, false},
	{"[[:alpha:]", "a", false, false},
	{"\\*", "*", true, true},
	{"\\*", "x", false, false},
	{"x\\", "x", false, false},
	{"x\\", "x\\", false, false},
	{"\xc3\xa4?", "\xc3\xa4x", true, true},
};

TEST(patterns_and_texts)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct row *r = &rows[i];

		if (!CHECK(glob_match(r->pattern, r->text, GLOB_PATH) == r->path) ||
		    !CHECK(glob_match(r->pattern, r->text, GLOB_NAME) == r->name))
			printf("#   pattern '%s' text '%s'\n", r->pattern, r->text);
	}
}

TEST(many_stars_take_no_time)
{
	auto_text pattern = {0};
	char text[4000];
	uint64_t start = clock_ms();

	for (int i = 0; i < 40; i++)
		text_add(&pattern, "*a**/");
	text_add(&pattern, "b");
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 5 == 4 ? '/' : 'a';
	text[sizeof(text) - 1] = '\0';
	CHECK(!glob_match(text_str(&pattern), text, GLOB_PATH));
	CHECK(!glob_match(text_str(&pattern), text, GLOB_NAME));
	CHECK(clock_ms() - start < 20000); /* else it takes years */
}

TEST(literal_beginning)
{
	CHECK(glob_literal_length("abc") == 3);
	CHECK(glob_literal_length("ab*") == 2);
	CHECK(glob_literal_length("\\ab") == 0);
}
