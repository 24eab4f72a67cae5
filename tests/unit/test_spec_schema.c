/* SPDX-License-Identifier: MIT
 * The JSON Schema of chute.yaml: one row of each kind. Whether schema and reader agree is tested
 * with a real validator elsewhere.
 */
#include "tests/unit/tap.h"

#include "lib/data/json.h"
#include "lib/spec/schema.h"

/* The value below `path`, a list of keys that ends with NULL; as JSON. */
static void check_at(const char *const *path, const char *wanted)
{
	auto_text schema = {0};
	auto_text found = {0};
	auto_json struct json *json = NULL;
	struct error err = {0};

	spec_schema_write(&schema);
	CHECK(json_parse(text_str(&schema), schema.len, SIZE_MAX, &json, &err));
	const struct json *at = json;

	for (; *path; path++)
		at = json_find(at, *path);
	if (at)
		json_write(at, &found);
	CHECK_TEXT(text_str(&found), wanted);
}
#define CHECK_AT(wanted, ...) check_at((const char *const[]){__VA_ARGS__, NULL}, wanted)

TEST(head)
{
	CHECK_AT("\"http://json-schema.org/draft-07/schema#\"", "$schema");
	CHECK_AT("\"chute.v1.json\"", "$id");
	CHECK_AT("false", "additionalProperties");
}

TEST(rows)
{
	CHECK_AT("{\"default\":1,\"description\":\"GPUs of one instance; 0: CPU only\","
		 "\"examples\":[1],\"maximum\":8,\"minimum\":0,\"type\":\"integer\"}",
		 "definitions", "node_selector", "properties", "gpu_count");
	CHECK_AT("0", "definitions", "scaling", "properties", "scaling_threshold",
		 "exclusiveMinimum");
	CHECK_AT("300", "definitions", "scaling", "properties", "shutdown_after_seconds",
		 "default");
	CHECK_AT("[\"never\",\"on-failure\"]", "definitions", "server", "properties", "restart",
		 "enum");
}

TEST(a_text_takes_a_number_where_its_pattern_does)
{
	CHECK_AT("[\"string\",\"number\",\"boolean\"]", "properties", "tagline", "type");
	CHECK_AT("[\"string\",\"boolean\"]", "definitions", "handlers", "properties", "configure",
		 "type");
	CHECK_AT("[\"string\"]", "definitions", "cord", "properties", "path", "type");
}

TEST(a_mapping_or_its_short_form)
{
	CHECK_AT(
		"[{\"additionalProperties\":false,\"patternProperties\":{\"^x-\":true},"
		"\"properties\":{\"file\":{\"allOf\":[{\"$ref\":\"#/definitions/line\"}],"
		"\"description\":\"the file with the text\",\"examples\":[\"README.md\"],"
		"\"maxLength\":4096,\"minLength\":1,\"type\":[\"string\",\"number\",\"boolean\"]}},"
		"\"required\":[\"file\"],\"type\":\"object\"},"
		"{\"allOf\":[{\"$ref\":\"#/definitions/lines\"}],\"maxLength\":16384,"
		"\"type\":[\"string\",\"number\",\"boolean\"]}]",
		"definitions", "document", "anyOf");
}
