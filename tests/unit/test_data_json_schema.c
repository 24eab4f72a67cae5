/* SPDX-License-Identifier: MIT
 * What the official suite and the comparison with the Python package do not ask: the words, the
 * limits, and schemas that make no sense.
 */
#include "lib/data/json_schema.h"

#include "tests/unit/tap.h"

struct schema_case {
	const char *schema, *value;
	const char *where; /* "": fits */
};

static struct json *parse(const char *text)
{
	struct json *j = NULL;
	struct error err;

	if (!tap_note(json_parse(text, strlen(text), SIZE_MAX, &j, &err), __FILE__, __LINE__, text))
		printf("# %s\n", err.message);
	return j;
}

TEST(words)
{
	static const struct schema_case cases[] = {
		{"{\"maximum\":3}", "3.0", ""},
		{"{\"maximum\":3}", "5", "5 is more than 3"},
		{"{\"properties\":{\"n\":{\"maximum\":3}}}", "{\"n\":5}", "/n: 5 is more than 3"},
		{"{\"properties\":{\"a/~\":{\"items\":{\"type\":\"integer\"}}}}",
		 "{\"a/~\":[1,\"x\"]}", "/a~1~0/1: must be an integer, not a string"},
		{"{\"type\":[\"string\",\"null\"]}", "[]", "must be a string or null, not a list"},
		{"{\"enum\":[\"a\",1]}", "2", "2 is not one of [\"a\",1]"},
		{"{\"const\":{\"a\":0.1}}", "null", "null is not {\"a\":0.10000000000000001}"},
		{"{\"multipleOf\":0.1}", "0.35", "0.35 is not a multiple of 0.1"},
		{"{\"multipleOf\":0.1}", "0.3", ""},
		{"{\"minLength\":2}", "\"\xc3\xa9\"", "has 1 character, fewer than 2"},
		{"{\"maxItems\":1}", "[1,2]", "has 2 items, more than 1"},
		{"{\"maxProperties\":0}", "{\"a\":1}", "has 1 member, more than 0"},
		{"{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},3,{\"b\":2.0,\"a\":1}]",
		 "items 0 and 2 are the same"},
		{"{\"required\":[\"a\"]}", "{\"a\":null}", ""},
		{"{\"required\":[\"a\"]}", "{}", "'a' is missing"},
		{"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}",
		 "'b' is missing beside 'a'"},
		{"{\"additionalProperties\":false}", "{\"a\":1}", "'a' is not known"},
		{"{\"unevaluatedProperties\":false,\"anyOf\":[{\"properties\":{\"a\":true}}]}",
		 "{\"a\":1,\"b\":1}", "'b' is not known"},
		{"{\"properties\":{\"a\":false}}", "{\"a\":1}", "/a: nothing may be here"},
		{"{\"pattern\":\"^a\"}", "\"b\"", "\"b\" does not match the pattern \"^a\""},
		{"{\"not\":{}}", "1", "is what 'not' excludes"},
		{"{\"contains\":{\"const\":1},\"minContains\":2}", "[1,3]",
		 "has 1 items that 'contains' asks for, fewer than 2"},
		{"{\"oneOf\":[{},{}]}", "1", "is 2 of what 'oneOf' allows, not one"},
		{"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1",
		 "is none of what 'anyOf' allows"},
		/* the alternative that came furthest is the one that was meant */
		{"{\"anyOf\":[{\"type\":\"string\"},{\"properties\":{\"a\":{\"minimum\":1}}}]}",
		 "{\"a\":0}", "/a: 0 is less than 1"},
		{"{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}",
		 "/ab: has 2 characters, more than 1"},
		{"{\"const\":1}",
		 "\"01234567890123456789012345678901234567890123456789012345678901\"",
		 "\"01234567890123456789012345678901234567890123456789012345678... is not 1"},
		{"{\"maximum\":9007199254740992}", "9007199254740993",
		 "9007199254740993 is more than 9007199254740992"},
		{"{\"maximum\":9007199254740992.0}", "9007199254740993",
		 "9007199254740993 is more than 9007199254740992"},
		{"{\"type\":\"string\",\"const\":\"\\u001b\"}", "\"\\u0007\"",
		 "\"\\u0007\" is not \"\\u001b\""},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *schema = parse(cases[i].schema);
		auto_json struct json *value = parse(cases[i].value);
		auto_text where = {0};
		struct error err;
		bool fits = false;

		CHECK_OK(json_schema_check(schema, value, &fits, &where, &err), err);
		CHECK_TEXT(text_str(&where), cases[i].where);
		CHECK(fits == !*cases[i].where);
	}
}

TEST(schemas_that_make_no_sense)
{
	static const struct {
		const char *schema, *message;
	} cases[] = {
		{"3", "a schema must be an object, true or false, not an integer"},
		{"{\"items\":[{}]}", "in the schema 'items' must be a schema, not a list"},
		{"{\"type\":\"float\"}", "in the schema there is no type 'float'"},
		{"{\"type\":1}",
		 "in the schema 'type' must be a string or a list of strings, not an integer"},
		{"{\"required\":{\"a\":1}}",
		 "in the schema 'required' must be a list of strings, not an object"},
		{"{\"minLength\":-1}", "in the schema 'minLength' must be a count, not an integer"},
		{"{\"multipleOf\":0}", "in the schema 'multipleOf' must be more than 0"},
		{"{\"allOf\":[]}", "in the schema 'allOf' must be a list of schemas, not a list"},
		{"{\"properties\":{\"a\":1}}",
		 "a schema must be an object, true or false, not an integer"},
		{"{\"pattern\":\"(\"}", "the pattern '(' has a '(' that is never closed"},
		{"{\"$ref\":\"#/$defs/none\"}",
		 "the schema refers to '#/$defs/none', which is not in it"},
		{"{\"$ref\":\"other.json\"}",
		 "the schema refers to 'other.json', which is not in it"},
		{"{\"$ref\":\"#/const\",\"const\":1}",
		 "a schema must be an object, true or false, not an integer"},
		{"{\"$ref\":\"#/x\",\"x\":{\"minimum\":\"a\"}}",
		 "in the schema 'minimum' must be a number, not a string"},
		{"{\"$ref\":\"#\"}",
		 "the schema leads into itself without end, or is deeper than 256"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *schema = parse(cases[i].schema);
		auto_json struct json *value = parse("1");
		auto_text where = {0};
		struct error err = {0};
		bool fits = false;

		CHECK(!json_schema_check(schema, value, &fits, &where, &err));
		CHECK(err.code == ERROR_SPEC && !fits && where.len == 0);
		CHECK_TEXT(err.message, cases[i].message);
	}
}

/* Each level doubles the ways: 2^40 are not walked. */
TEST(work_is_limited)
{
	auto_text text = {0};
	auto_json struct json *value = parse("1");
	struct error err;
	bool fits = false;

	text_add(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
	for (int i = 0; i < 40; i++)
		text_addf(&text,
			  "\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":"
			  "\"#/$defs/d%d\"}]},",
			  i, i + 1, i + 1);
	text_add(&text, "\"d40\":true}}");
	auto_json struct json *schema = parse(text_str(&text));

	CHECK(!json_schema_check(schema, value, &fits, NULL, &err));
	CHECK_TEXT(err.message, "the schema is too much work for this value");
}

/* Each item fits, but only after all the others were looked at. */
TEST(work_is_limited_when_all_fits)
{
	auto_text schema = {0};
	auto_text value = {0};
	auto_json struct json *parsed_schema = NULL;
	auto_json struct json *parsed_value = NULL;
	struct error err = {0};
	bool fits = false;

	text_add(&schema, "{\"items\":{\"enum\":[");
	for (int i = 5000; i > 0; i--)
		text_addf(&schema, "%d%s", i, i > 1 ? "," : "]}}");
	for (int i = 0; i < 5000; i++)
		text_add(&value, i ? ",1" : "[1");
	text_add_char(&value, ']');
	CHECK_OK(json_parse(text_str(&schema), schema.len, SIZE_MAX, &parsed_schema, &err), err);
	CHECK_OK(json_parse(text_str(&value), value.len, SIZE_MAX, &parsed_value, &err), err);
	CHECK(!json_schema_check(parsed_schema, parsed_value, &fits, NULL, &err));
	CHECK_TEXT(err.message, "the schema is too much work for this value");
}

TEST(long_lists)
{
	auto_text text = {0};
	auto_json struct json *schema = parse("{\"uniqueItems\":true,\"items\":{\"minimum\":0}}");
	struct error err;
	bool fits = false;

	text_add_char(&text, '[');
	for (int i = 0; i < 100000; i++)
		text_addf(&text, "%d,", i);
	text_add(&text, "100000]");
	auto_json struct json *value = parse(text_str(&text));

	CHECK_OK(json_schema_check(schema, value, &fits, NULL, &err), err);
	CHECK(fits);
}
