/* SPDX-License-Identifier: MIT
 * What is sent about a cord. That it is what the platform's SDK would send is tested against that
 * SDK elsewhere; here is what that comparison rests on, and what is given up.
 */
#include "lib/lower/lower.h"

#include "lib/lower/schema_value.h"
#include "lib/python/module.h"
#include "tests/unit/spec_fixture.h"

/* One cord of the fixture's chute with `code` as its file: what is sent as one text, and the
 * findings behind it. */
static void lower(const char *cord, const char *code, struct text *shown)
{
	auto_free char *lines = xprintf("cords: [{function: hello, public: POST /hello%s}]", cord);
	auto_lowered_schemas schemas = {0};
	auto_python_module module = {0};
	auto_findings f = {0};
	auto_text findings = {0};
	auto_spec spec = {0};
	struct error err;

	if (!CHECK(fixture_read(lines, &spec, &findings)) ||
	    !CHECK(python_module_read(code, strlen(code), "app.py", &module, &err)))
		return;
	if (!lower_schemas(&spec, &spec.cords.items[0], &module, &schemas, &f, &err)) {
		text_addf(shown, "error %s", err.message);
		return;
	}
	text_addf(shown, "%s|%s|%s|%s", text_str(&schemas.input), text_str(&schemas.minimal_input),
		  text_str(&schemas.output), text_str(&schemas.content_type));
	for (size_t i = 0; i < f.n; i++)
		text_addf(shown, "\n%s %s", f.items[i].row->code, f.items[i].message);
}

static void check(const char *cord, const char *code, const char *wanted)
{
	auto_text shown = {0};

	lower(cord, code, &shown);
	if (!tap_note(strcmp(text_str(&shown), wanted) == 0, __FILE__, __LINE__, code))
		printf("#   got:  %s\n#   want: %s\n", text_str(&shown), wanted);
}

#define NOTHING "{\"type\":\"object\",\"properties\":{},\"required\":[],\"definitions\":{}}"
#define WRAPPED(name, definitions)                                                                 \
	"{\"type\":\"object\",\"properties\":{\"input_args\":{\"$ref\":\"#/definitions/" name      \
	"\"}},\"required\":[\"input_args\"],\"definitions\":{" definitions "}}"

TEST(fields)
{
	check(", input: {n: {type: integer, required: true, ge: 1}}, minimal_input: {n: integer}",
	      "def hello(self, p): pass",
	      WRAPPED("HelloInput",
		      "\"HelloInput\":{\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1,"
		      "\"title\":\"N\"}},\"required\":[\"n\"],\"type\":\"object\"}") "|" WRAPPED("HelloMinimalInput",
												 "\"HelloMinimalInput\":{\"properties\":{\"n\":{\"type\":\"integer\","
												 "\"title\":\"N\"}},\"type\":\"object\"}") "||");
	check(", input: {f: {type: file, content_type: image/png, min_length: 1, max_length: 4}}",
	      "def hello(self, p): pass",
	      WRAPPED("HelloInput",
		      "\"HelloInput\":{\"properties\":{\"f\":{\"type\":\"string\","
		      "\"contentEncoding\":\"base64\",\"contentMediaType\":\"image/png\","
		      "\"pattern\":\"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)"
		      "?$\",\"minLength\":4,\"maxLength\":8,\"title\":\"F\"}},"
		      "\"type\":\"object\"}") "|||");
}

TEST(annotations)
{
	check("", "def hello(self): pass", NOTHING "|||");
	check("", "def hello(self, n: int) -> dict: pass",
	      "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":"
	      "[\"n\"],\"definitions\":{}}||{\"type\":\"object\"}|application/json");
	check("", "def hello(self) -> str: pass", NOTHING "||{\"type\":\"string\"}|text/plain");
	check(", output: {content_type: image/png}", "def hello(self) -> str: pass",
	      NOTHING "||{\"type\":\"string\"}|image/png");
	/* with an input of the spec the annotations of parameters are not looked at */
	check(", input: {n: integer}", "def hello(self, p: unknown()) -> str: pass",
	      WRAPPED("HelloInput",
		      "\"HelloInput\":{\"properties\":{\"n\":{\"type\":\"integer\","
		      "\"title\":\"N\"}},\"type\":\"object\"}") "||{\"type\":\"string\"}|"
								"text/plain");
}

#define MODEL        "from pydantic import BaseModel\nclass M(BaseModel):\n    a: int = 1\n"
#define MODEL_SCHEMA "\"properties\":{\"a\":{\"type\":\"integer\",\"default\":1,\"title\":\"A\"}}"

TEST(classes)
{
	check(", input: {model: M}, output: {model: M}", MODEL "def hello(self, p): pass",
	      WRAPPED("M", "\"M\":{" MODEL_SCHEMA
			   ",\"type\":\"object\"}") "||{" MODEL_SCHEMA
						    ",\"title\":\"M\",\"type\":\"object\"}|");
	check(", input: {model: N}",
	      MODEL "class N(BaseModel):\n    m: M\ndef hello(self, p): pass",
	      WRAPPED("N", "\"N\":{\"properties\":{\"m\":{\"$ref\":\"#/definitions/M\"}},"
			   "\"required\":[\"m\"],\"type\":\"object\"},\"M\":{" MODEL_SCHEMA
			   ",\"title\":\"M\",\"type\":\"object\"}") "|||");
}

/* Each is null with the reason why. */
TEST(what_is_not_known)
{
	static const struct {
		const char *code, *problem;
	} cases[] = {
		{"def hello(self, a: f()): pass",
		 ", line 1: a type is computed when the file runs"},
		{"def hello(self, a: b): pass", ", line 1: 'b' is not known before the file runs"},
		{"import x\ndef hello(self, a: x.Y): pass", ", line 2: 'x.Y' comes from elsewhere"},
		{"T = int\nT = str\ndef hello(self, a: T): pass",
		 ", line 3: 'T' is bound more than once"},
		{"A = B\nB = A\ndef hello(self, a: A): pass",
		 ", line 2: refers to itself without end"},
		{"class A(A): pass\ndef hello(self, a: A): pass",
		 ", line 1: refers to itself without end"},
		{"@cache\ndef hello(self, a: int): pass", ", line 2: it has a decorator"},
		{"from x import hello", ": the function is not defined once in the file"},
		{MODEL "class N(M):\n    x = 5\ndef hello(self, a: N): pass",
		 ", line 5: 'x' has no type"},
		{MODEL "class N(M):\n    x: int = f()\ndef hello(self, a: N): pass",
		 ", line 5: 'f' is not known before the file runs"},
		{MODEL "class N(M):\n    model_config = {'alias_generator': g}\n"
		       "def hello(self, a: N): pass",
		 ", line 5: what 'alias_generator' does is not known here"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *wanted = xprintf("|||\nW310 the schema of 'hello' is not known: "
						 "'app.py'%s",
						 cases[i].problem);

		check("", cases[i].code, wanted);
	}
	check(", input: {model: M}", "from x import M\ndef hello(self, p): pass",
	      "|||\nW310 the schema of 'input' is not known: 'app.py': there is no such "
	      "class");
}

/* A cord of a server with these schemas of files. */
static bool lower_files(char *input, char *output, struct lowered_schemas *out, struct error *err)
{
	const struct spec_cord cord = {
		.function = (char[]){"hello"},
		.input = {.kind = INPUT_SCHEMA, .schema_json = input},
		.output = {.schema_file = (char[]){"o.json"}, .schema_json = output}};
	const struct spec spec = {.mode = SPEC_SERVER};
	auto_findings f = {0};

	return lower_schemas(&spec, &cord, NULL, out, &f, err) && f.n == 0;
}

TEST(a_forwarded_cord_without_a_function)
{
#define ELSEWHERE ", forward: POST /, port: 9000"
	check(ELSEWHERE, "", NOTHING "|||");
	check(ELSEWHERE, "def hello(a: int): pass\n",
	      "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"],"
	      "\"definitions\":{}}|||");
	check(ELSEWHERE, "from x import *\n",
	      "|||\nW310 the schema of 'hello' is not known: 'app.py': the function is not "
	      "defined once in the file");
}

TEST(schema_files_that_were_not_read)
{
	char input[] = "{\"type\": \"object\"}";
	auto_lowered_schemas schemas = {0};
	struct error err = {0};

	CHECK(!lower_files(input, NULL, &schemas, &err));
	CHECK_TEXT(err.message, "a JSON Schema of cord 'hello' has not been read");
}

TEST(schema_files)
{
	char input[] = "{ \"b\": 1.5,\n\"a\": [] }";
	char output[] = "{}";
	auto_lowered_schemas schemas = {0};
	struct error err = {0};

	CHECK(lower_files(input, output, &schemas, &err));
	CHECK_TEXT(text_str(&schemas.input), "{\"b\":1.5,\"a\":[]}");
	CHECK_TEXT(text_str(&schemas.output), "{}");
}

/* Types that stand for exponentially many others end. */
TEST(work_is_bounded)
{
	auto_text code = {0};
	auto_text shown = {0};

	text_add(&code, "from typing import Tuple\nT0 = int\n");
	for (int i = 1; i < 40; i++)
		text_addf(&code, "T%d = Tuple[T%d, T%d]\n", i, i - 1, i - 1);
	text_add(&code, "def hello(self, a: T39): pass\n");
	lower("", text_str(&code), &shown);
	CHECK(strstr(text_str(&shown), "refers to itself without end"));
}

TEST(values)
{
	auto_arena arena = {0};
	auto_text out = {0};
	struct value *object = value_object(&arena);
	struct value *list = value_list(&arena);

	for (int i = 0; i < 9; i++)
		value_push(&arena, list, value_integer(&arena, i));
	value_set_text(&arena, object, "a", "\"\n");
	value_set(&arena, object, "b", list);
	value_set(&arena, object, "c", value_null(&arena));
	value_set(&arena, object, "a", value_bool(&arena, true));
	value_remove(object, "c");
	value_remove(object, "none");
	value_write(object, &out);
	CHECK_TEXT(text_str(&out), "{\"a\":true,\"b\":[0,1,2,3,4,5,6,7,8]}");
	struct value *other = value_pair(&arena, "b", value_copy(&arena, list));

	CHECK(!value_is_equal(object, other));
	value_set(&arena, other, "a", value_bool(&arena, true));
	CHECK(value_is_equal(object, other));
}
