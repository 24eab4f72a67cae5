/* SPDX-License-Identifier: MIT
 * The JSON Schema of chute.yaml: one row of each kind. Whether schema and reader agree is tested
 * with a real validator elsewhere.
 */
#include "tests/unit/tap.h"

#include "lib/data/json.h"
#include "lib/spec/schema.h"
#include "lib/spec/spec.h"

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

/* What schema, man page and reference are made of. */
static void check_row(void *context, const char *path, const struct field *row)
{
	bool *is_good = context;
	bool ok = row->help && *row->help && (row->type != FIELD_CUSTOM || row->n_forms > 0) &&
		  (row->example || row->table || row->pattern);

	if (!ok)
		printf("#   %s lacks its help, its example or its forms\n", path);
	*is_good &= ok;
}

TEST(every_row_says_what_it_takes)
{
	bool is_good = true;

	spec_keys(check_row, &is_good);
	CHECK(is_good);
}

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
	CHECK_AT("[\"string\",\"number\",\"boolean\"]", "definitions", "add", "properties",
		 "source", "type");
	CHECK_AT("[\"string\"]", "properties", "logo", "type");
	CHECK_AT("[\"string\",\"boolean\"]", "definitions", "handlers", "properties", "configure",
		 "type");
	CHECK_AT("[\"string\"]", "definitions", "cord", "properties", "path", "type");
}

TEST(a_mapping_or_its_short_form)
{
	CHECK_AT("[{\"additionalProperties\":false,\"patternProperties\":{\"^x-\":true},"
		 "\"properties\":{\"call\":{\"allOf\":[{\"$ref\":\"#/definitions/line\"}],"
		 "\"description\":\"a function in handlers.file\",\"examples\":[\"load_model\"],"
		 "\"maxLength\":128,\"minLength\":1,\"not\":{\"$ref\":\"#/definitions/reference\"},"
		 "\"pattern\":\"^[A-Za-z_][A-Za-z0-9_]*$\",\"type\":[\"string\",\"boolean\"]},"
		 "\"priority\":{\"default\":50,\"description\":\"lower runs first\","
		 "\"examples\":[20],\"maximum\":100,\"minimum\":0,\"type\":\"integer\"}},"
		 "\"required\":[\"call\"],\"type\":\"object\"},"
		 "{\"allOf\":[{\"$ref\":\"#/definitions/line\"}],\"maxLength\":128,\"minLength\":1,"
		 "\"not\":{\"$ref\":\"#/definitions/reference\"},"
		 "\"pattern\":\"^[A-Za-z_][A-Za-z0-9_]*$\",\"type\":[\"string\",\"boolean\"]}]",
		 "definitions", "hook", "anyOf");
}

TEST(a_reference_to_the_environment)
{
	CHECK_AT("{\"$ref\":\"#/definitions/reference\"}", "definitions", "cord", "properties",
		 "function", "not");
	CHECK_AT("[{\"maximum\":65535,\"minimum\":1,\"type\":\"integer\"},"
		 "{\"$ref\":\"#/definitions/reference\"}]",
		 "definitions", "dev", "properties", "port", "anyOf");
}

TEST(an_overlay_requires_nothing_and_deletes_with_null)
{
	CHECK_AT("", "definitions", "scaling_overlay", "required");
	CHECK_AT("[{\"type\":\"null\"},{\"maximum\":256,\"minimum\":1,\"type\":\"integer\"}]",
		 "definitions", "scaling_overlay", "properties", "concurrency", "anyOf");
	CHECK_AT("", "definitions", "spec_overlay", "properties", "version");
}
