/* SPDX-License-Identifier: MIT */
#include "lib/data/pattern.h"

#include "lib/base/text.h"
#include "tests/unit/tap.h"

TEST(what_fits)
{
	static const struct {
		const char *pattern, *value;
		bool fits;
	} cases[] = {
		{"", "", true},
		{"a", "xay", true},
		{"^a$", "xay", false},
		{"^a|b$", "xb", true},
		{"^(a|bc|d)*$", "abcda", true},
		{"^(a|bc|d)*$", "abda", false},
		{"^(?:ab)+$", "ababab", true},
		{"^(?<n>ab)?$", "", true},
		{"^a{2}$", "aa", true},
		{"^a{2}$", "a", false},
		{"^a{2}$", "aaa", false},
		{"^a{2,}$", "aaaa", true},
		{"^a{2,3}$", "aaaa", false},
		{"^a{0,2}$", "", true},
		{"^a{0,2}$", "aaa", false},
		{"^a{0}b$", "b", true},
		{"^a{0}b$", "ab", false},
		{"^(a{2}){2}$", "aaaa", true},
		{"^(a{2}|b){2}$", "aab", true},
		{"a{,2}", "a{,2}", true},
		{"^(a*)*$", "aaaa", true},
		{"^(a*)+b$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
		{"^a.c$", "a\nc", false},
		{"^a.c$",
		 "a\xc3\xa9"
		 "c",
		 true},
		{"^.$", "\xf0\x9f\x90\xb2", true},
		{"^\\u{1f432}$", "\xf0\x9f\x90\xb2", true},
		{"^\\uD83D\\uDC32$", "\xf0\x9f\x90\xb2", true},
		{"^[\xc3\xa0-\xc3\xbf]$", "\xc3\xa9", true},
		{"^[^a-c]$", "d", true},
		{"^[^a-c]$", "b", false},
		{"^[a-c-]$", "-", true},
		{"^[\\w-]+$", "a-b_9", true},
		{"^[^\\d]$", "5", false},
		{"^\\D$", "x", true},
		{"^\\S+$", "a b", false},
		{"^\\s$", "\xe2\x80\xa8", true},
		{"\\bab\\b", "x ab y", true},
		{"\\bab\\b", "xab", false},
		{"\\Bb", "ab", true},
		{"^\\cA\\x41\\t\\/\\.$",
		 "\x01"
		 "A\t/.",
		 true},
		{"^[]$", "", false},
		{"^[^]$", "x", true},
		{"^a+?b$", "aab", true},
		{"^.$", "\xff", true},
		{"^a$", "\xff", false},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_pattern struct pattern *p = NULL;
		struct error err;

		CHECK_OK(pattern_parse(cases[i].pattern, &p, &err), err);
		if (!tap_note(p && pattern_fits(p, cases[i].value, strlen(cases[i].value)) ==
					      cases[i].fits,
			      __FILE__, __LINE__, cases[i].pattern))
			printf("#   value: %s\n", cases[i].value);
	}
}

TEST(what_is_refused)
{
	static const struct {
		const char *pattern, *message;
	} cases[] = {
		{"a\\", "ends with a backslash"},
		{"[a\\", "ends with a backslash"},
		{"[a", "has a '[' that is never closed"},
		{"(a", "has a '(' that is never closed"},
		{"a)", "has a ')' without its '('"},
		{"*", "repeats what is not there"},
		{"a|+", "repeats what is not there"},
		{"[z-a]", "has a range that runs backwards"},
		{"a{3,2}", "has a repetition whose end is before its start"},
		{"(a)\\1", "refers back to a group, which is not known here"},
		{"(?=a)", "looks around or sets a flag, which is not known here"},
		{"(?<!a)", "looks around or sets a flag, which is not known here"},
		{"\\p{L}", "asks for a Unicode property, which is not known here"},
		{"\\a", "has an escape that is not known"},
		{"\\x4", "has a number of a character that is none"},
		{"\\u{110000}", "has a number of a character that is none"},
		{"a{10001}", "is too large"},
		{"((a{100}){100}){100}", "is too large"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_pattern struct pattern *p = NULL;
		struct error err = {0};

		CHECK(!pattern_parse(cases[i].pattern, &p, &err) && !p && err.code == ERROR_SPEC);
		CHECK_TEXT(err.message, cases[i].message);
	}
}

TEST(limits)
{
	auto_text nested = {0};
	struct error err;

	for (size_t n = 50; n <= 51; n++) {
		auto_pattern struct pattern *p = NULL;

		text_clear(&nested);
		for (size_t i = 0; i < n; i++)
			text_add_char(&nested, '(');
		for (size_t i = 0; i < n; i++)
			text_add_char(&nested, ')');
		CHECK(pattern_parse(text_str(&nested), &p, &err) == (n == 50));
	}
	CHECK_TEXT(err.message, "has too many groups inside of each other");
	for (size_t n = 19999; n <= 20000; n++) { /* and one step at the end */
		auto_pattern struct pattern *p = NULL;
		auto_text many = {0};

		for (size_t i = 0; i < n; i++)
			text_add_char(&many, '^');
		CHECK(pattern_parse(text_str(&many), &p, &err) == (n == 19999));
	}
	CHECK_TEXT(err.message, "is too large");
}
