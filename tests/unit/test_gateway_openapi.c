/* SPDX-License-Identifier: MIT
 * The OpenAPI document: operations of cords, and schemas that become components. A validator looks
 * at whole documents in the tests of the gateway.
 */
#include "lib/gateway/openapi.h"

#include "lib/base/strings.h"
#include "lib/data/json.h"
#include "lib/lower/schema_value.h"
#include "tests/unit/spec_fixture.h"

static struct json *document_of(const char *lines)
{
	auto_spec spec = {0};
	auto_text shown = {0};
	auto_text document = {0};
	auto_cords struct cords *cords = NULL;
	struct json *json = NULL;
	struct error err;

	if (!CHECK(fixture_read(lines, &spec, &shown)))
		printf("# %s\n", text_str(&shown));
	CHECK_OK(cords_of_spec(&spec, &cords, &err), err);
	openapi_add(&spec, cords, &document);
	CHECK_OK(json_parse(text_str(&document), document.len, SIZE_MAX, &json, &err), err);
	return json;
}

/* The value at "paths /one post", canonically. */
static void check_at(const struct json *document, const char *path, const char *wanted)
{
	auto_strings keys = {0};
	auto_text shown = {0};
	const struct json *at = document;

	strings_split(&keys, path, ' ');
	for (size_t i = 0; at && i < keys.n; i++)
		at = json_find(at, keys.items[i]);
	if (at)
		json_write(at, &shown);
	CHECK_TEXT(at ? text_str(&shown) : "(nothing)", wanted);
}

TEST(operations)
{
	auto_json struct json *document = document_of(
		"name: mine\n"
		"tagline: It is mine\n"
		"server: {command: [a], port: 9000}\n"
		"cords:\n"
		"  - {function: one, public: POST /one, forward: POST /, input: {a: {type: integer, "
		"required: true}}, example: {a: 1}}\n"
		"  - {function: two, public: GET /one, forward: GET /, input: {b: string}}\n"
		"  - {function: sing, public: POST /sing, forward: POST /, stream: true}\n"
		"  - {function: paint, public: POST /paint, forward: POST /, output: {content_type: "
		"image/png}}\n");

	CHECK_OR_STOP(document);
	check_at(document, "openapi", "\"3.1.0\"");
	check_at(document, "info",
		 "{\"summary\":\"It is mine\",\"title\":\"mine\",\"version\":\"1.0.0\"}");
	check_at(document, "paths /one post operationId", "\"one\"");
	check_at(document, "paths /one post requestBody",
		 "{\"content\":{\"application/json\":{\"example\":{\"a\":1},\"schema\":{\"$ref\":"
		 "\"#/components/schemas/OneInput\"}}},\"required\":true}");
	check_at(document, "components schemas OneInput properties",
		 "{\"a\":{\"title\":\"A\",\"type\":\"integer\"}}");
	check_at(document, "paths /one get requestBody", "(nothing)");
	check_at(document, "paths /one get parameters",
		 "[{\"in\":\"query\",\"name\":\"b\",\"required\":false,\"schema\":{\"title\":\"B\","
		 "\"type\":\"string\"}}]");
	check_at(document, "paths /sing post responses 200 content", "{\"text/event-stream\":{}}");
	check_at(document, "paths /sing post x-chutes",
		 "{\"stream\":true,\"stream_is_chosen\":false}");
	check_at(document, "paths /paint post responses 200 content", "{\"image/png\":{}}");
}

TEST(two_cords_with_one_route)
{
	auto_json struct json *document =
		document_of("template: {kind: vllm, revision: {{0*40}}}\n");

	CHECK_OR_STOP(document);
	check_at(document, "paths /v1/chat/completions post operationId", "\"chat\"");
	check_at(document, "paths /v1/chat/completions post x-chutes",
		 "{\"stream\":true,\"stream_is_chosen\":true}");
	check_at(document,
		 "paths /v1/chat/completions post responses 200 content text/event-stream", "{}");
	check_at(document,
		 "paths /v1/chat/completions post responses 200 content application/json schema",
		 "{\"$ref\":\"#/components/schemas/chat_output\"}");
	check_at(document, "paths /v1/models get operationId", "\"get_models\"");
}

/* A stored schema, and the components that it leaves. */
static void check_schema(const char *json, bool is_input, const char *wanted,
			 const char *components)
{
	auto_arena arena = {0};
	struct openapi o = {&arena, value_object(&arena), value_object(&arena)};
	auto_text shown = {0};
	auto_text placed = {0};

	value_write(openapi_schema(&o, json, "f_x", is_input), &shown);
	value_write(o.components, &placed);
	CHECK_TEXT(text_str(&shown), wanted);
	CHECK_TEXT(text_str(&placed), components);
}

#define BODY(definitions)                                                                          \
	"{\"type\":\"object\",\"properties\":{\"input_args\":{\"$ref\":\"#/definitions/A\"}},"     \
	"\"required\":[\"input_args\"],\"definitions\":" definitions "}"

TEST(schemas)
{
	check_schema(NULL, true, "{}", "{}");
	check_schema("{}", true, "{}", "{}");
	check_schema("{\"type\":\"string\"}", false, "{\"type\":\"string\"}", "{}");
	check_schema(BODY("{\"A\":{\"type\":\"object\"}}"), true,
		     "{\"$ref\":\"#/components/schemas/A\"}", "{\"A\":{\"type\":\"object\"}}");
	/* definitions inside of definitions, each other's, and names that are no keywords */
	check_schema(BODY("{\"A\":{\"$defs\":{\"B C\":{\"$ref\":\"#/definitions/A\"}},"
			  "\"properties\":{\"$ref\":{\"$ref\":\"#/$defs/B C\"}},"
			  "\"default\":{\"$ref\":\"x\"}}}"),
		     true, "{\"$ref\":\"#/components/schemas/A\"}",
		     "{\"A\":{\"properties\":{\"$ref\":{\"$ref\":\"#/components/schemas/B_C\"}},"
		     "\"default\":{\"$ref\":\"x\"}},"
		     "\"B_C\":{\"$ref\":\"#/components/schemas/A\"}}");
	/* what leads nowhere is anything */
	check_schema(BODY("{\"A\":{\"items\":{\"$ref\":\"#/definitions/Gone\"}}}"), true,
		     "{\"$ref\":\"#/components/schemas/A\"}", "{\"A\":{\"items\":{}}}");
	/* an author's own document */
	check_schema("{\"type\":\"object\",\"$id\":\"x\",\"properties\":{\"a\":{\"$ref\":\"#\"},"
		     "\"b\":{\"$ref\":\"#/properties/a\"},\"c\":{\"$ref\":\"https://x\"}}}",
		     true, "{\"$ref\":\"#/components/schemas/f_x\"}",
		     "{\"f_x\":{\"type\":\"object\",\"properties\":{"
		     "\"a\":{\"$ref\":\"#/components/schemas/f_x\"},"
		     "\"b\":{\"$ref\":\"#/components/schemas/f_x/properties/a\"},\"c\":{}}}}");
	/* a list of items has another name today */
	check_schema("{\"type\":\"array\",\"items\":[{\"type\":\"string\"}]}", false,
		     "{\"$ref\":\"#/components/schemas/f_x\"}",
		     "{\"f_x\":{\"type\":\"array\",\"prefixItems\":[{\"type\":\"string\"}]}}");
}

TEST(equal_names)
{
	static const char first[] = BODY("{\"A\":{\"type\":\"object\"}}");
	static const char other[] = BODY("{\"A\":{\"type\":\"array\"}}");
	auto_arena arena = {0};
	struct openapi o = {&arena, value_object(&arena), value_object(&arena)};
	auto_text shown = {0};

	value_write(openapi_schema(&o, first, "f", true), &shown);
	value_write(openapi_schema(&o, other, "g", true), &shown);
	value_write(openapi_schema(&o, first, "h", true), &shown);
	CHECK_TEXT(text_str(&shown), "{\"$ref\":\"#/components/schemas/A\"}"
				     "{\"$ref\":\"#/components/schemas/A_2\"}"
				     "{\"$ref\":\"#/components/schemas/A\"}");
	CHECK(value_count(o.components) == 2);
}
