/* SPDX-License-Identifier: MIT */
#include "lib/data/json.h"

#include "tests/unit/tap.h"

static bool parse(const char *text, struct json **out, struct error *err)
{
	return json_parse(text, strlen(text), 1 << 20, out, err);
}

TEST(hostile_documents_are_refused_with_their_place)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"", "line 1, column 0: unexpected token near end of file"},
		{"{", "line 1, column 1: string or '}' expected near end of file"},
		{"{\"a\":1,\n\"a\":2}", "line 2, column 3: duplicate object key near '\"a\"'"},
		{"[1] x", "line 1, column 5: end of file expected near 'x'"},
		{"[\"\\u0000\"]",
		 "line 1, column 9: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"\\u0000\"'"},
		{"[\"\xff\"]", "line 1, column 2: unable to decode byte 0xff near '\"'"},
		{"[99999999999999999999]",
		 "line 1, column 21: too big integer near '99999999999999999999'"},
		{"[1e999]", "line 1, column 6: real number overflow near '1e999'"},
		{"[NaN]", "line 1, column 4: invalid token near 'NaN'"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *j = NULL;
		struct error err;

		CHECK(!parse(cases[i].text, &j, &err));
		CHECK_TEXT(err.message, cases[i].message);
		CHECK(err.code == ERROR_SPEC && !j);
	}
}

TEST(size_and_depth_are_limited)
{
	auto_json struct json *j = NULL;
	struct error err;

	CHECK_OK(json_parse("[1]", 3, 3, &j, &err), err);
	CHECK(!json_parse("[1]", 3, 2, &j, &err));
	CHECK_TEXT(err.message, "more than the limit of 2 bytes");
	for (size_t depth = 64; depth <= 65; depth++) {
		auto_json struct json *deep = NULL;
		auto_text text = {0};

		text_add(&text, "{\"[[\\\"[\":");
		for (size_t i = 1; i < depth; i++)
			text_add_char(&text, '[');
		for (size_t i = 1; i < depth; i++)
			text_add_char(&text, ']');
		text_add_char(&text, '}');
		CHECK(parse(text_str(&text), &deep, &err) == (depth == 64));
	}
	CHECK_TEXT(err.message, "nested deeper than the limit of 64");
}

TEST(members_are_typed)
{
	auto_json struct json *j = NULL;
	struct error err;
	const char *text = "kept";
	int64_t number = 7;
	bool flag = false;
	const struct json *list = NULL;

	CHECK_OK(parse("{\"t\":\"x\",\"n\":3,\"b\":true,\"l\":[1,2.5],\"z\":null}", &j, &err), err);
	CHECK(json_kind(j) == JSON_KIND_OBJECT && json_count(j) == 5);
	CHECK(json_find_text(j, "none", &text, &err) == 0);
	CHECK(json_find_text(j, "z", &text, &err) == 0);
	CHECK_TEXT(text, "kept");
	CHECK(json_find_text(j, "t", &text, &err) == 1);
	CHECK_TEXT(text, "x");
	CHECK(json_find_text(j, "n", &text, &err) == -1);
	CHECK_TEXT(err.message, "'n' must be a string, not an integer");
	CHECK_OK(json_get_integer(j, "n", &number, &err), err);
	CHECK(number == 3);
	CHECK(json_find_bool(j, "b", &flag, &err) == 1 && flag);
	CHECK_OK(json_get_list(j, "l", &list, &err), err);
	CHECK(json_count(list) == 2 && json_integer_of(json_at(list, 0)) == 1);
	CHECK(json_real_of(json_at(list, 1)) > 2.4 && !json_at(list, 2));
	CHECK_OK(json_expect(json_at(list, 0), JSON_KIND_REAL, "l", &err), err);
	CHECK(!json_get_object(j, "l", &list, &err));
	CHECK_TEXT(err.message, "'l' must be an object, not a list");
	CHECK(!json_get_text(j, "z", &text, &err));
	CHECK_TEXT(err.message, "'z' is missing");
	CHECK(!json_find(list, "no object"));
}

TEST(writing_is_canonical)
{
	static const char *const known[] = {"b", NULL};
	auto_json struct json *j = NULL;
	auto_text out = {0};
	struct error err;

	CHECK_OK(parse(" { \"b\" : [ ] , \"a\\n\" : { \"y\" : -0.5 , \"x\" : 1.0 }, \"\xc3\xa9\":"
		       " \"<\\u0001\\/\" , \"B\": [null, true,false, {}] } ",
		       &j, &err),
		 err);
	json_write(j, &out);
	CHECK_TEXT(text_str(&out), "{\"B\":[null,true,false,{}],\"a\\n\":{\"x\":1.0,\"y\":-0.5},"
				   "\"b\":[],\"\xc3\xa9\":\"<\\u0001/\"}");
	text_clear(&out);
	json_write_others(j, known, &out);
	CHECK(text_starts_with(text_str(&out), ",\"B\":[null") && !strstr(text_str(&out), "\"b\""));
}

TEST(a_member_more)
{
	static const char *const cases[][2] = {
		{"{}", "{\"a\":1}"},
		{" { } ", " {\"a\":1 } "},
		{"{\"b\": {}}", "{\"a\":1,\"b\": {}}"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *j = NULL;
		auto_text out = {0};
		struct error err;

		CHECK_OK(parse(cases[i][0], &j, &err), err);
		json_write_with(j, cases[i][0], strlen(cases[i][0]), "\"a\":1", &out);
		CHECK_TEXT(text_str(&out), cases[i][1]);
	}
}
