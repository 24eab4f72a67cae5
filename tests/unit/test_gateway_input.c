/* SPDX-License-Identifier: MIT
 * What a request says to its cord: bodies and queries as values, and whether the cord takes them.
 */
#include "lib/gateway/input.h"

#include "tests/unit/spec_fixture.h"

static const char fields_spec[] = "cords:\n"
				  "  - function: hello\n"
				  "    public: POST /hello\n"
				  "    input:\n"
				  "      name: {type: string, required: true, max_length: 5}\n"
				  "      times: {type: integer, default: 1, ge: 1, le: 3}\n"
				  "      factor: {type: number, nullable: true}\n"
				  "      loud: {type: boolean}\n"
				  "      tags: {type: array, items: {type: integer}}\n"
				  "      extra: any\n";

static void read_fields(struct spec *spec)
{
	auto_text shown = {0};

	if (!CHECK(fixture_read(fields_spec, spec, &shown)))
		printf("# %s\n", text_str(&shown));
}

static void show(const struct json *value, struct text *out) { json_write(value, out); }

TEST(bodies)
{
	static const struct {
		const char *body;
		const char *value; /* NULL: refused */
		const char *problem;
	} cases[] = {
		{"{\"a\":1}", "{\"a\":1}", NULL},
		{" [1]\n", "[1]", NULL},
		{"7", "7", NULL},
		/* empty is "all defaults" */
		{"", "{}", NULL},
		{" \r\n\t", "{}", NULL},
		{"{}", "{}", NULL},
		{"[]", "{}", NULL},
		{"null", "{}", NULL},
		{"false", "{}", NULL},
		{"0", "{}", NULL},
		{"0.0", "{}", NULL},
		{"\"\"", "{}", NULL},
		{"{bad", NULL, "is no JSON: line 1, column 4: string or '}' expected near 'bad'"},
		{"{\"a\":1}x", NULL, "is no JSON: line 1, column 8: end of file expected near 'x'"},
		{"\"\xff\"", NULL,
		 "is no JSON: line 1, column 1: unable to decode byte 0xff near '\"'"},
		{"{\"a\":1,\"a\":2}", NULL,
		 "is no JSON: line 1, column 10: duplicate object key near '\"a\"'"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *value = NULL;
		auto_input_problems why = {0};
		auto_text shown = {0};
		bool is_good = input_of_body(cases[i].body, strlen(cases[i].body), &value, &why);

		if (is_good)
			show(value, &shown);
		else
			text_add_bytes(&shown, text_str(&why.json), why.json.len);
		auto_free char *wanted = NULL;
		auto_text problem = {0};

		if (cases[i].problem)
			text_add_json(&problem, cases[i].problem);
		wanted = cases[i].value
				 ? xstrdup(cases[i].value)
				 : xprintf("{\"field\":null,\"problem\":%s}", text_str(&problem));
		CHECK_TEXT(text_str(&shown), wanted);
	}
}

TEST(a_body_with_nul_bytes)
{
	auto_json struct json *value = NULL;
	auto_input_problems why = {0};

	CHECK(!input_of_body("{}\0", 3, &value, &why));
	CHECK(!input_of_body("\0", 1, &value, &why));
	CHECK(why.n == 2);
}

TEST(queries)
{
	static const struct {
		const char *query;
		const char *value; /* NULL: refused */
	} cases[] = {
		{"", "{}"},
		{"name=a+b%20c", "{\"name\":\"a b c\"}"},
		{"name=%C3%A4&&", "{\"name\":\"\xc3\xa4\"}"},
		{"name=1", "{\"name\":\"1\"}"},
		{"name", "{\"name\":\"\"}"},
		{"name=a=b", "{\"name\":\"a=b\"}"},
		{"name=100%", "{\"name\":\"100%\"}"},
		{"name=%zz", "{\"name\":\"%zz\"}"},
		{"times=2&loud=true&factor=0.5", "{\"factor\":0.5,\"loud\":true,\"times\":2}"},
		{"times=two", "{\"times\":\"two\"}"},
		{"times=02", "{\"times\":\"02\"}"},
		{"times=1&times=2", "{\"times\":2}"},
		{"tags=1&tags=2", "{\"tags\":[1,2]}"},
		{"tags=1", "{\"tags\":[1]}"},
		{"tags=[1,2]", "{\"tags\":[1,2]}"},
		{"tags=a", "{\"tags\":[\"a\"]}"},
		{"extra={\"a\":1}", "{\"extra\":{\"a\":1}}"},
		{"extra=x", "{\"extra\":\"x\"}"},
		{"unknown=1", "{\"unknown\":\"1\"}"},
		{"na%00me=x", NULL},
		{"name=%ff", NULL},
		{"name=%ed%a0%80", NULL},
	};
	auto_spec spec = {0};

	read_fields(&spec);
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *value = NULL;
		auto_input_problems why = {0};
		auto_text shown = {0};
		bool is_good = input_of_query(cases[i].query, &spec.cords.items[0].input.fields,
					      &value, &why);

		if (is_good)
			show(value, &shown);
		CHECK(is_good == (cases[i].value != NULL));
		CHECK_TEXT(text_str(&shown), cases[i].value ? cases[i].value : "");
	}
}

TEST(a_check_as_the_chute_does_it)
{
	static const struct {
		const char *body;
		const char *refusal; /* "": fits */
	} cases[] = {
		{"{\"name\":\"Ada\"}", ""},
		{"{\"name\":\"Ada\",\"unknown\":1}", ""}, /* the chute ignores it */
		{"{\"name\":\"12345\",\"times\":3}", ""},
		{"{\"name\":\"Ada\",\"factor\":null}", ""},
		{"", "{\"field\":\"name\",\"problem\":\"is missing\"}"},
		{"{\"name\":\"123456\"}",
		 "{\"field\":\"name\",\"problem\":\"has 6 characters, more than 5\"}"},
		{"{\"name\":\"a\",\"times\":4}",
		 "{\"field\":\"times\",\"problem\":\"must be at most 3\"}"},
		{"{\"name\":\"a\",\"times\":\"1\"}",
		 "{\"field\":\"times\",\"problem\":\"must be a whole number, not a string\"}"},
		{"{\"name\":null,\"times\":0}",
		 "{\"field\":\"name\",\"problem\":\"must not be null\"},"
		 "{\"field\":\"times\",\"problem\":\"must be at least 1\"}"},
		{"[1]", "{\"field\":null,\"problem\":\"must be an object, not a list\"}"},
	};
	auto_spec spec = {0};

	read_fields(&spec);
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *value = NULL;
		auto_input_problems why = {0};

		CHECK_OR_STOP(input_of_body(cases[i].body, strlen(cases[i].body), &value, &why));
		bool fits = input_fits(value, &spec.cords.items[0].input.fields, &why);

		CHECK(fits == !*cases[i].refusal);
		CHECK_TEXT(text_str(&why.json), cases[i].refusal);
	}
}

TEST(refusals)
{
	auto_input_problems why = {0};
	auto_text plain = {0};
	auto_text explained = {0};

	for (int i = 0; i <= INPUT_PROBLEMS_MAX; i++)
		input_problems_add(&why, "a\"", "is wrong");
	CHECK(why.n == INPUT_PROBLEMS_MAX);
	input_add_refusal(&plain, &why, false);
	CHECK_TEXT(text_str(&plain), "{\"detail\":\"Invalid input parameters\"}");
	input_problems_release(&why);
	input_problems_add(&why, "a\"", "is wrong");
	input_add_refusal(&explained, &why, true);
	CHECK_TEXT(text_str(&explained), "{\"detail\":\"Invalid input parameters\",\"errors\":"
					 "[{\"field\":\"a\\\"\",\"problem\":\"is wrong\"}]}");
}

TEST(the_stream_flag)
{
	static const struct {
		const char *body; /* NULL: none */
		const char *query;
		bool wanted;
	} cases[] = {
		{"{\"stream\":true}", "", true},
		{"{\"stream\":false}", "stream=true", false},
		{"{\"stream\":null}", "stream=1", true},
		{"{\"a\":1}", "", false},
		{"{\"a\":1}", "a=1&stream=True", true},
		{"[true]", "", false},
		{NULL, "stream=0", false},
		{NULL, "stream=true", true},
		{NULL, "stream=%ff", false},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_json struct json *body = NULL;
		auto_input_problems why = {0};

		if (cases[i].body)
			CHECK(input_of_body(cases[i].body, strlen(cases[i].body), &body, &why));
		if (!CHECK(input_wants_stream(body, cases[i].query) == cases[i].wanted))
			printf("# %s %s\n", cases[i].body, cases[i].query);
	}
}
