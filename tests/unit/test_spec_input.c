/* SPDX-License-Identifier: MIT
 * JSON Schemas as far as their keywords tell, and limits of input fields.
 */
#include "lib/spec/spec_internal.h"

#include "lib/data/json.h"
#include "tests/unit/spec_fixture.h"

static void check_schema(const char *json, const char *wanted)
{
	auto_json struct json *document = NULL;
	struct error err = {0};

	if (!CHECK(json_parse(json, strlen(json), SIZE_MAX, &document, &err)))
		return;
	bool is_good = spec_check_json_schema(document, &err);

	CHECK_TEXT(is_good ? "" : err.message, wanted);
}

TEST(keywords)
{
	check_schema("{\"type\": [\"object\", \"null\"], \"x-own\": 5, \"$ref\": \"#/a\"}", "");
	check_schema("{\"properties\": {\"a\": true, \"b\": {\"items\": [{}, false]}}}", "");
	check_schema("{\"minimum\": 0.5, \"minLength\": 0, \"required\": [\"a\"], \"enum\": []}",
		     "");
	check_schema("{}", "must be an object with at least one keyword");
	check_schema("[]", "must be an object with at least one keyword");
	check_schema("{\"type\": 5}", "'type': must be a type of JSON, such as object");
	check_schema("{\"type\": [\"object\", \"any\"]}", "'type': must hold types of JSON");
	check_schema("{\"properties\": [1]}", "'properties': must be an object");
	check_schema("{\"$defs\": {\"a\": 1}}", "'$defs': 'a': must be an object, not an integer");
	check_schema("{\"required\": true}", "'required': must be a list");
	check_schema("{\"required\": [1]}", "'required': must hold text");
	check_schema("{\"minLength\": -1}", "'minLength': must be a whole number, 0 or more");
	check_schema("{\"maximum\": \"1\"}", "'maximum': must be a number");
	check_schema("{\"anyOf\": {}}", "'anyOf': must be a list");
	check_schema("{\"anyOf\": []}", "'anyOf': has no schemas");
	check_schema("{\"not\": {\"pattern\": 1}}", "'not': 'pattern': must be text");
}

#define FIELD(rules) "cords: [{function: hello, input: {a: {" rules "}}}]"

TEST(limits)
{
	fixture_check(FIELD("any_of: [boolean, {{string,*15}}]"), "");
	fixture_check(FIELD("any_of: [boolean, {{string,*16}}]"),
		      "E113 1:47 'any_of' has 17 items; it may have at most 16");
	fixture_check(FIELD("type: file, content_type: image/{{a*250}}"), "");
	fixture_check(FIELD("type: file, content_type: image/{{a*251}}"),
		      "E113 1:65 'content_type' has 257 characters; it may have at most 256");
	fixture_check(FIELD("type: file, max_length: 1000000000"), "");
	fixture_check(FIELD("type: file, max_length: 1000000001"),
		      "E113 1:63 'max_length' is 1000000001; it must be at most 1000000000");
}

/* A union of unions is tried only so often. */
TEST(work_is_bounded)
{
	auto_text lines = {0};
	auto_text shown = {0};
	auto_spec spec = {0};

	text_add(&lines, "cords: [{function: hello, input: {a: ");
	for (int i = 0; i < 9; i++)
		text_add(&lines, "{any_of: [{type: array, items: string}, {type: array, items: ");
	text_add(&lines, "string");
	for (int i = 0; i < 9; i++)
		text_add(&lines, "}]}");
	text_add(&lines, "}, example: {a: ");
	for (int i = 0; i < 9; i++)
		text_add(&lines, "[");
	text_add(&lines, "1");
	for (int i = 0; i < 9; i++)
		text_add(&lines, "]");
	text_add(&lines, "}}]");
	CHECK(!fixture_read(text_str(&lines), &spec, &shown));
	CHECK(strstr(text_str(&shown), "'a' is none of what 'any_of' allows"));
}
