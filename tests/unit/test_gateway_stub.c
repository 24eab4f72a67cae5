/* SPDX-License-Identifier: MIT
 * What a stub answers: values that fit their schema, small media, the forms of OpenAI's API.
 */
#include "lib/gateway/stub.h"

#include "lib/data/json_schema.h"
#include "tests/unit/spec_fixture.h"

/* The value made for a schema, which must fit it. */
static void check_value(const char *schema, const char *wanted)
{
	const struct cord cord = {.function = "f", .output_json = schema};
	auto_json struct json *input = NULL;
	auto_json struct json *parsed = NULL;
	auto_json struct json *value = NULL;
	auto_text made = {0};
	auto_text where = {0};
	struct error err;
	bool fits = false;

	CHECK_OK(json_parse("{\"a\":1}", 7, SIZE_MAX, &input, &err), err);
	stub_add_value(&cord, input, &made);
	CHECK_TEXT(text_str(&made), wanted);
	CHECK_OK(json_parse(text_str(&made), made.len, SIZE_MAX, &value, &err), err);
	if (!schema || !value)
		return;
	CHECK_OK(json_parse(schema, strlen(schema), SIZE_MAX, &parsed, &err), err);
	CHECK_OK(json_schema_check(parsed, value, &fits, &where, &err), err);
	if (!CHECK(fits))
		printf("# %s\n", text_str(&where));
}

TEST(values)
{
	static const struct {
		const char *schema;
		const char *value;
	} cases[] = {
		{NULL, "{\"stub\":true,\"cord\":\"f\",\"input\":{\"a\":1}}"},
		{"{}", "{\"stub\":true,\"cord\":\"f\",\"input\":{\"a\":1}}"},
		{"{\"type\":\"object\"}", "{\"stub\":true,\"cord\":\"f\",\"input\":{\"a\":1}}"},
		{"{\"type\":\"string\"}", "\"stub\""},
		{"{\"type\":\"string\",\"minLength\":6}", "\"stub..\""},
		{"{\"type\":\"string\",\"maxLength\":2}", "\"st\""},
		{"{\"type\":\"string\",\"maxLength\":0}", "\"\""},
		{"{\"type\":\"string\",\"contentEncoding\":\"base64\"}", "\"c3R1Yg==\""},
		{"{\"type\":\"string\",\"contentEncoding\":\"base64\",\"minLength\":9}",
		 "\"AAAAc3R1Yg==\""},
		{"{\"type\":\"string\",\"contentEncoding\":\"base64\",\"maxLength\":7}",
		 "\"c3R1\""},
		{"{\"type\":\"integer\"}", "0"},
		{"{\"type\":\"integer\",\"minimum\":3,\"multipleOf\":2}", "4"},
		{"{\"type\":\"integer\",\"exclusiveMinimum\":0}", "1"},
		{"{\"type\":\"integer\",\"maximum\":-5}", "-5"},
		{"{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":1}", "0.5"},
		{"{\"type\":\"number\",\"exclusiveMaximum\":0}", "-1.0"},
		{"{\"type\":\"boolean\"}", "false"},
		{"{\"type\":\"null\"}", "null"},
		{"{\"type\":[\"null\",\"boolean\"]}", "false"},
		{"{\"enum\":[\"b\",\"a\"]}", "\"b\""},
		{"{\"const\":7}", "7"},
		{"{\"type\":\"string\",\"default\":\"d\"}", "\"d\""},
		{"{\"type\":\"string\",\"examples\":[\"e\"]}", "\"e\""},
		{"{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"integer\"}]}", "0"},
		{"{\"type\":\"array\",\"items\":{\"type\":\"boolean\"}}", "[false]"},
		{"{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":2}", "[0,0]"},
		{"{\"type\":\"array\",\"maxItems\":0,\"items\":{}}", "[]"},
		{"{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}",
		 "[0,\"stub\"]"},
		{"{\"properties\":{\"b\":{\"type\":\"integer\"},\"a\":{\"type\":\"boolean\"}}}",
		 "{\"b\":0,\"a\":false}"},
		{"{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/A\"}},"
		 "\"$defs\":{\"A\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}}",
		 "{\"a\":[0]}"},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		check_value(cases[i].schema, cases[i].value);
}

/* What a module writes into its schemas is not looked at before. */
TEST(schemas_that_make_no_sense)
{
	static const struct {
		const char *schema;
		const char *value;
	} cases[] = {
		{"{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":-3}", "[0]"},
		{"{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"maxItems\":-3}", "[]"},
		{"{\"type\":\"string\",\"minLength\":-1,\"maxLength\":-1}", "\"\""},
		{"{\"type\":\"number\",\"minimum\":5,\"multipleOf\":1e-310}", "0.0"},
		{"{\"type\":\"object\",\"properties\":[\"a\",\"b\"]}",
		 "{\"stub\":true,\"cord\":\"f\",\"input\":\"a\"}"},
		{"{\"type\":[1,[2]],\"anyOf\":3,\"allOf\":[[1]],\"prefixItems\":{\"a\":1}}",
		 "null"},
		{"true", "{\"stub\":true,\"cord\":\"f\",\"input\":\"a\"}"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		const struct cord cord = {.function = "f", .output_json = cases[i].schema};
		auto_json struct json *input = json_text_new("a");
		auto_text made = {0};

		stub_add_value(&cord, input, &made);
		CHECK_TEXT(text_str(&made), cases[i].value);
	}
}

/* Two in each: as many as there are atoms, if nobody counted. */
TEST(a_schema_that_contains_itself_twice)
{
	static const char schema[] =
		"{\"$ref\":\"#/$defs/A\",\"$defs\":{\"A\":{\"type\":\"object\",\"properties\":{"
		"\"a\":{\"$ref\":\"#/$defs/A\"},\"b\":{\"$ref\":\"#/$defs/A\"}},"
		"\"required\":[\"a\",\"b\"]}}}";
	const struct cord cord = {.function = "f", .output_json = schema};
	auto_json struct json *input = json_text_new("a");
	auto_text made = {0};

	stub_add_value(&cord, input, &made);
	CHECK(made.len > 1 << 20 && made.len < 2 << 20);
}

/* It ends, though the schema has no end. */
TEST(a_schema_that_contains_itself)
{
	static const char schema[] =
		"{\"$ref\":\"#/$defs/A\",\"$defs\":{\"A\":{\"type\":\"object\",\"properties\":{"
		"\"a\":{\"$ref\":\"#/$defs/A\"}},\"required\":[\"a\"]}}}";
	const struct cord cord = {.function = "f", .output_json = schema};
	auto_json struct json *input = NULL;
	auto_text made = {0};
	struct error err;

	CHECK_OK(json_parse("{}", 2, SIZE_MAX, &input, &err), err);
	stub_add_value(&cord, input, &made);
	CHECK(text_starts_with(text_str(&made), "{\"a\":{\"a\":") && made.len < 1000);
	CHECK(strstr(text_str(&made), "null"));
}

TEST(media)
{
	static const char *const known[] = {"image/png",  "image/jpeg",           "image/gif",
					    "image/webp", "image/svg+xml",        "audio/wav",
					    "audio/mpeg", "audio/wav; rate=16000"};
	static const char *const unknown[] = {"", "image/", "image/pngx", "text/plain",
					      "application/json"};

	for (size_t i = 0; i < array_len(known); i++) {
		auto_text made = {0};
		struct slice bytes = {0};

		CHECK(stub_media(known[i], &made, &bytes) && bytes.len > 20);
	}
	for (size_t i = 0; i < array_len(unknown); i++) {
		auto_text made = {0};
		struct slice bytes = {0};

		CHECK(!stub_media(unknown[i], &made, &bytes));
	}
}

TEST(forms_of_openai_where_the_route_is_one)
{
	static const struct {
		const char *method;
		const char *path;
		bool is_stream;
		const char *output;
		bool wanted;
	} cases[] = {
		{"POST", "/v1/chat/completions", false, NULL, true},
		{"POST", "/v1/chat/completions", true, NULL, true},
		{"GET", "/v1/chat/completions", false, NULL, false},
		{"POST", "/v1/chat/completions", false, "{}", false}, /* it says otherwise */
		{"GET", "/v1/models", false, NULL, true},
		{"GET", "/v1/models", true, NULL, false},
		{"POST", "/v1/embeddings", false, NULL, true},
		{"POST", "/chat", false, NULL, false},
	};
	auto_json struct json *input = NULL;
	struct spec spec = {.mode = SPEC_SERVER, .name = (char[]){"mine"}};
	struct error err;

	CHECK_OK(json_parse("[]", 2, SIZE_MAX, &input, &err), err);
	for (size_t i = 0; i < array_len(cases); i++) {
		const struct cord cord = {.function = "f",
					  .method = cases[i].method,
					  .path = cases[i].path,
					  .is_stream = cases[i].is_stream,
					  .output_json = cases[i].output};
		auto_text made = {0};

		CHECK(stub_add_openai(&spec, &cord, input, &made) == cases[i].wanted);
		CHECK((made.len > 0) == cases[i].wanted);
		if (cases[i].wanted)
			CHECK(strstr(text_str(&made), "\"mine\""));
	}
}

TEST(inputs)
{
	static const char schema[] =
		"{\"type\":\"object\",\"properties\":{\"input_args\":{\"$ref\":"
		"\"#/definitions/A\"}},\"required\":[\"input_args\"],"
		"\"definitions\":{\"A\":{\"type\":\"object\",\"properties\":{"
		"\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"]}}}";
	const struct cord body = {.function = "f", .method = "POST", .input_json = schema};
	const struct cord query = {.function = "f", .method = "GET", .input_json = schema};
	static const struct {
		const char *input;
		bool fits;
	} cases[] = {{"{\"n\":1}", true}, {"{\"n\":\"1\"}", false}, {"{}", false}, {"[]", false}};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *input = NULL;
		auto_input_problems why = {0};
		struct error err;

		CHECK_OK(json_parse(cases[i].input, strlen(cases[i].input), SIZE_MAX, &input, &err),
			 err);
		CHECK(stub_input_fits(&body, input, &why) == cases[i].fits);
		CHECK((why.n == 0) == cases[i].fits);
		CHECK(stub_input_fits(&query, input, &why)); /* its values are texts */
	}
}
