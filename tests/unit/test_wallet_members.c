/* SPDX-License-Identifier: MIT
 * The JSON of key files: what is JSON and what is not, decoding in place, limits.
 */
#include "lib/wallet/members_internal.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

static bool parse(const char *text, char **bytes, struct members *m, struct error *err)
{
	free(*bytes);
	*bytes = xstrdup(text);
	return members_parse(*bytes, strlen(text), m, err);
}

TEST(strings)
{
	static const struct {
		const char *text;
		const char *value;
	} cases[] = {
		{"[\"\"]", ""},
		{"[\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"]", "a\"\\/\b\f\n\r\tz"},
		{"[\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"]",
		 "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"[\"\xc3\xa9\"]", "\xc3\xa9"},
	};
	auto_free char *bytes = NULL;

	for (size_t i = 0; i < array_len(cases); i++) {
		struct members m = {0};
		struct error err = {0};

		CHECK_OK(parse(cases[i].text, &bytes, &m, &err), err);
		CHECK(m.n == 1 && m.items[0].kind == MEMBER_TEXT);
		CHECK(slice_equals(m.items[0].value, cases[i].value));
	}
}

TEST(kinds)
{
	auto_free char *bytes = NULL;
	struct members m = {0};
	struct error err = {0};

	CHECK_OK(
		parse("\t{ \"a\" : null , \"b\":-1.5e+3,\"c\":{\"d\":[]},\" e\":\"f\",\"g\":true}\n",
		      &bytes, &m, &err),
		err);
	CHECK(m.n == 5 && !members_find(&m, "a") && m.items[0].kind == MEMBER_NULL);
	CHECK(members_find(&m, "b")->kind == MEMBER_NUMBER);
	CHECK(slice_equals(members_find(&m, "b")->value, "-1.5e+3"));
	CHECK(slice_equals(members_find(&m, "c")->value, "{\"d\":[]}"));
	CHECK(slice_equals(members_find(&m, "e")->value, "f"));
	CHECK(members_find(&m, "g")->kind == MEMBER_OTHER);

	struct members inner = {0};
	const struct member *c = members_find(&m, "c");

	CHECK_OK(members_parse(c->inside, c->value.len, &inner, &err), err);
	CHECK(inner.n == 1 && slice_equals(inner.items[0].name, "d"));
}

TEST(not_json)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"", "byte 1: an object is expected"},
		{"1", "byte 1: an object is expected"},
		{"{", "byte 2: a string is expected"},
		{"{\"a\"", "byte 5: a ':' is expected"},
		{"{\"a\":1,}", "byte 8: a string is expected"},
		{"{\"a\":1 \"b\":2}", "byte 8: a ',' or an end is expected"},
		{"{\"a\":1}{", "byte 8: more than one value"},
		{"{\"a\":1,\"a\":2}", "byte 11: a name that stands twice"},
		{"{\"a\":1,\" \\u0061\":2}", "byte 17: a name that stands twice"},
		{"{\"a\":\"b", "byte 8: a string does not end"},
		{"[\"\\x\"]", "byte 4: an escape that JSON does not have"},
		{"[\"\\u12G4\"]", "byte 7: four hex digits are expected"},
		{"[\"\\uD800\"]", "byte 9: half of a pair of surrogates"},
		{"[\"\\uDC00\"]", "byte 9: half of a pair of surrogates"},
		{"[\"\\uD800\\u0041\"]", "byte 15: half of a pair of surrogates"},
		{"[\"a\nb\"]", "byte 4: a control character in a string"},
		{"[01]", "byte 4: not a number"},
		{"[-]", "byte 3: not a number"},
		{"[1.]", "byte 4: not a number"},
		{"[1e]", "byte 4: not a number"},
		{"[nul]", "byte 2: a value is expected"},
		{"[true,]", "byte 7: not a number"},
		{"[[1}]", "byte 4: a ',' or an end is expected"},
		{"[{\"a\"}]", "byte 6: a ':' is expected"},
		{"[\"\xff\"]", "binary, or not UTF-8"},
	};
	auto_free char *bytes = NULL;

	for (size_t i = 0; i < array_len(cases); i++) {
		struct members m = {0};
		struct error err = {0};

		CHECK(!parse(cases[i].text, &bytes, &m, &err) && err.code == ERROR_FAILURE);
		CHECK_TEXT(err.message, cases[i].message);
		CHECK(m.n == 0);
	}
}

TEST(limits)
{
	auto_free char *bytes = NULL;
	auto_free char *deep = xprintf("%.*s%.*s", MEMBERS_DEPTH_LIMIT + 1, "[[[[[[[[[[[[[[[[[[[[",
				       MEMBERS_DEPTH_LIMIT + 1, "]]]]]]]]]]]]]]]]]]]]");
	auto_free char *deepest = xprintf("%.*s%.*s", MEMBERS_DEPTH_LIMIT, deep,
					  MEMBERS_DEPTH_LIMIT, "]]]]]]]]]]]]]]]]]]]]");
	char many[2 * (MEMBERS_MAX + 1) + 2] = "[1";
	struct members m = {0};
	struct error err = {0};

	CHECK_OK(parse(deepest, &bytes, &m, &err), err);
	CHECK(!parse(deep, &bytes, &m, &err));
	CHECK_TEXT(err.message, "byte 18: nested too deep");
	for (size_t i = 2; i < 2 * MEMBERS_MAX; i++)
		many[i] = i % 2 == 0 ? ',' : '1';
	size_t end = 2 * (size_t)MEMBERS_MAX;

	many[end] = ']';
	CHECK_OK(parse(many, &bytes, &m, &err), err);
	CHECK(m.n == MEMBERS_MAX);
	memcpy(many + end, ",1]", 4);
	CHECK(!parse(many, &bytes, &m, &err));
	CHECK_TEXT(err.message, "byte 130: too many members");
}
