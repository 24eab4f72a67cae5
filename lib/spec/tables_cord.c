/* SPDX-License-Identifier: MIT
 * The rows of cords, their input fields, and tests.
 */
#include "lib/spec/spec_internal.h"

#include "lib/data/json.h"

#include <string.h>

enum { ENUM_MAX_VALUES = 1000 };

static const char *const type_names[] = {[SCHEMA_STRING] = "string", [SCHEMA_INTEGER] = "integer",
					 [SCHEMA_NUMBER] = "number", [SCHEMA_BOOLEAN] = "boolean",
					 [SCHEMA_ARRAY] = "array",   [SCHEMA_OBJECT] = "object",
					 [SCHEMA_ANY] = "any",       NULL};

/* A number that stays as it is written. */
static const struct field number_forms[] = {{.key = "a limit", .type = FIELD_NUMBER}};

static bool read_json_number(struct field_reader *r, const struct field *row,
			     const struct yaml_node *node, void *slot)
{
	const struct field number_row = {.key = row->key, .type = FIELD_NUMBER};
	const struct field json_row = {.key = row->key, .type = FIELD_JSON};
	double ignored; /* only whether it is one */

	return field_read_value(r, &number_row, node, &ignored) &&
	       field_read_value(r, &json_row, node, slot);
}

/* A value as json_write() writes it, so that equal values are equal texts. */
static bool read_canonical(struct field_reader *r, const struct yaml_node *node, char **out)
{
	static const struct field row = {.key = "enum", .type = FIELD_JSON};
	auto_json struct json *json = NULL;
	auto_text canonical = {0};
	struct error err;
	char *text = NULL;

	if (!field_read_value(r, &row, node, &text))
		return false;
	if (!json_parse(text, strlen(text), SIZE_MAX, &json, &err)) {
		field_finding(r, "E111", node->place, "'enum': %s", err.message);
		return false;
	}
	json_write(json, &canonical);
	*out = arena_strdup(r->arena, text_str(&canonical));
	return true;
}

static const struct field enum_forms[] = {
	{.key = "enum", .type = FIELD_LIST, .min = 1, .max = ENUM_MAX_VALUES}};

static bool read_enum(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      void *slot)
{
	struct field_texts values = {0};

	if (node->kind != YAML_SEQUENCE || node->n == 0 || node->n > ENUM_MAX_VALUES) {
		field_finding(r, "E111", node->place, "'%s' must be a list of 1 to %d values",
			      row->key, ENUM_MAX_VALUES);
		return false;
	}
	values.items = arena_alloc(r->arena, (node->n + 1) * sizeof(char *));
	values.places = arena_alloc(r->arena, (node->n + 1) * sizeof(struct place));
	for (size_t i = 0; i < node->n; i++) {
		if (!read_canonical(r, node->items[i], &values.items[values.n]))
			return false;
		values.places[values.n++] = node->items[i]->place;
	}
	memcpy(slot, &values, sizeof(values));
	return true;
}

static const struct field items_forms[] = {
	{.key = "items", .type = FIELD_STRUCT, .table = &spec_schema_table}};

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static bool read_items(struct field_reader *r, const struct field *row,
		       const struct yaml_node *node, void *slot)
{
	struct field_schema *items = arena_alloc(r->arena, sizeof(*items));

	(void)row;
	if (!fields_read(r, &spec_schema_table, node, items))
		return false;
	memcpy(slot, &items, sizeof(items));
	return true;
}

static const struct field type_forms[] = {
	{.key = "type",
	 .type = FIELD_TEXT,
	 .pattern = "^(string|integer|number|boolean|array|object|any)[?]?$"}};

/* "string", or "string?" for one that may be null. */
static bool read_type(struct field_reader *r, const struct yaml_node *node, void *out)
{
	static const struct field row = {
		.key = "type", .type = FIELD_CHOICE, .choices = type_names};
	struct field_schema *schema = out;
	size_t len = node->kind == YAML_SCALAR ? strlen(node->text) : 0;
	struct yaml_node word = *node;

	if (len > 0 && node->text[len - 1] == '?') {
		word.text = arena_strndup(r->arena, node->text, len - 1);
		schema->is_nullable = true;
	}
	return field_read_value(r, &row, &word, &schema->type);
}

#define LIMIT_ROW(name, words)                                                                     \
	{                                                                                          \
		.key = #name, .type = FIELD_CUSTOM, .offset = offsetof(struct field_schema, name), \
		.read = read_json_number, FIELD_FORMS(number_forms), .help = (words),              \
		.example = "1"                                                                     \
	}
#define LENGTH_ROW(name, words)                                                                    \
	{                                                                                          \
		.key = #name, .type = FIELD_INTEGER,                                               \
		.offset = offsetof(struct field_schema, name), .fallback = "-1", .min = -1,        \
		.max = 1e9, .help = (words), .example = "64"                                       \
	}

static const struct field schema_rows[] = {
	{.key = "type",
	 .type = FIELD_CHOICE,
	 .offset = offsetof(struct field_schema, type),
	 .choices = type_names,
	 .is_required = true,
	 .help = "what it is",
	 .example = "string"},
	{.key = "required",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct field_schema, is_required),
	 .help = "must it be there",
	 .example = "true"},
	{.key = "nullable",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct field_schema, is_nullable),
	 .help = "may it be null",
	 .example = "true"},
	{.key = "default",
	 .type = FIELD_JSON,
	 .offset = offsetof(struct field_schema, default_json),
	 .help = "its value when it is absent",
	 .example = "1024"},
	{.key = "description",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct field_schema, description),
	 .max = 4096,
	 .has_lines = true,
	 .help = "what it is for",
	 .example = "who is greeted"},
	{.key = "enum",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct field_schema, enum_json),
	 .read = read_enum,
	 FIELD_FORMS(enum_forms),
	 .help = "all allowed values",
	 .example = "[small, large]"},
	LIMIT_ROW(ge, "not less than"),
	LIMIT_ROW(gt, "more than"),
	LIMIT_ROW(le, "not more than"),
	LIMIT_ROW(lt, "less than"),
	LIMIT_ROW(multiple_of, "a multiple of"),
	LENGTH_ROW(min_length, "fewest characters, or entries of an array"),
	LENGTH_ROW(max_length, "most characters, or entries of an array"),
	{.key = "pattern",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct field_schema, pattern),
	 .min = 1,
	 .max = 1024,
	 .help = "a regular expression that is found in the text",
	 .example = "^[a-z]+$"},
	{.key = "format",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct field_schema, format),
	 .min = 1,
	 .max = 64,
	 .pattern = "^[a-z][a-z0-9-]*$",
	 .form = "a word such as date-time",
	 .help = "a note for readers of the schema",
	 .example = "date-time"},
	{.key = "items",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct field_schema, items),
	 .read = read_items,
	 FIELD_FORMS(items_forms),
	 .help = "what an array holds",
	 .example = "{type: string}"},
	{.key = "properties",
	 .type = FIELD_MAP,
	 .offset = offsetof(struct field_schema, properties),
	 .table = &spec_schema_table,
	 .max = 256,
	 .pattern = SPEC_PATTERN_VARIABLE,
	 .form = SPEC_FORM_VARIABLE,
	 .help = "the fields of an object",
	 .example = "{name: string}"},
};
const struct field_table spec_schema_table = {
	.name = "a field",
	FIELD_ROWS(schema_rows, struct field_schema),
	.place_member = FIELD_MEMBER(struct field_schema, place),
	.name_member = FIELD_MEMBER(struct field_schema, name),
	.read_short = read_type,
	FIELD_SHORT_FORMS(type_forms),
};

/* `{model: Class}` and `{schema: file.json}` are no field maps, although they look like some. */
static bool is_other_input(const struct yaml_node *node)
{
	const struct yaml_node *model = yaml_find(node, "model");
	const struct yaml_node *schema = yaml_find(node, "schema");

	if (node->kind != YAML_MAPPING || node->n != 1)
		return false;
	return (model && model->kind == YAML_SCALAR && model->text[0] >= 'A' &&
		model->text[0] <= 'Z') ||
	       (schema && schema->kind == YAML_SCALAR && text_ends_with(schema->text, ".json"));
}

static const struct field input_forms[] = {
	{.key = "input",
	 .type = FIELD_MAP,
	 .table = &spec_schema_table,
	 .max = 256,
	 .pattern = "^[A-Za-z][A-Za-z0-9_]*$",
	 .form = "letters, digits and '_', starting with a letter"},
};

static bool read_input(struct field_reader *r, const struct field *row,
		       const struct yaml_node *node, void *slot)
{
	struct field map_row = row->forms[0];

	map_row.key = row->key;

	if (is_other_input(node)) {
		struct finding *f =
			field_finding(r, "E115", node->pairs[0].key_place,
				      "an input by '%s' is not supported yet", node->pairs[0].key);

		finding_hint(f, "list the fields: {prompt: {type: string, required: true}}");
		return false;
	}
	struct spec_input *input = slot;

	if (!field_read_value(r, &map_row, node, &input->fields))
		return false;
	input->kind = INPUT_FIELDS;
	input->place = node->place;
	return true;
}

static const struct field public_forms[] = {
	{.key = "public",
	 .type = FIELD_TEXT,
	 .min = 1,
	 .max = 1024,
	 .pattern = "^(GET|POST) (/[a-z][a-z0-9_-]*)+$",
	 .form = "GET or POST and a path of lower-case letters, digits, '_' and '-'"}};
static const struct field forward_forms[] = {
	{.key = "forward",
	 .type = FIELD_TEXT,
	 .min = 1,
	 .max = 1024,
	 .pattern = "^(GET|POST|PUT|PATCH|DELETE) /[!-~]*$",
	 .form = "a method and a path, such as POST /api/rank"}};

/* "POST /generate" */
static bool read_route(struct field_reader *r, const struct field *row,
		       const struct yaml_node *node, void *slot)
{
	struct spec_route *route = slot;
	char *text = NULL;

	if (!field_read_value(r, row->forms, node, &text))
		return false;
	char *blank = strchr(text, ' ');

	*blank = '\0';
	*route = (struct spec_route){.method = text, .path = blank + 1};
	return true;
}

static const struct field output_rows[] = {
	{.key = "content_type",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_output, content_type),
	 .min = 1,
	 .max = 256,
	 .pattern = "^[a-z]+/[a-z0-9.+-]+( *;.*)?$",
	 .form = "a type such as image/jpeg",
	 .help = "what the answer is",
	 .example = "image/jpeg"},
	{.key = "schema",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_output, schema_file),
	 .min = 1,
	 .max = 4096,
	 .help = "a file with the JSON Schema of the answer",
	 .example = "schemas/reply.json"},
	{.key = "model",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_output, model),
	 .min = 1,
	 .max = 128,
	 .pattern = SPEC_PATTERN_VARIABLE,
	 .form = SPEC_FORM_VARIABLE,
	 .help = "a pydantic class in handlers.file that describes the answer",
	 .example = "UpscaleResult"},
};
static const struct field_table output_table = {
	.name = "output",
	FIELD_ROWS(output_rows, struct spec_output),
	.place_member = FIELD_MEMBER(struct spec_output, place),
};

static const struct field cord_rows[] = {
	{.key = "function",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_cord, function),
	 .min = 1,
	 .max = 128,
	 .pattern = SPEC_PATTERN_FUNCTION,
	 .form = SPEC_FORM_FUNCTION,
	 .is_required = true,
	 .help = "the function that answers; its name is the cord's",
	 .example = "generate"},
	{.key = "public",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct spec_cord, public_route),
	 .read = read_route,
	 FIELD_FORMS(public_forms),
	 .help = "the route that others call; without it the cord is internal",
	 .example = "POST /generate"},
	{.key = "path",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_cord, path),
	 .max = 512,
	 .pattern = SPEC_PATTERN_PATH,
	 .form = "a path of lower-case letters, digits and '_'",
	 .help = "the internal path; /FUNCTION by default",
	 .example = "/generate"},
	{.key = "stream",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_cord, is_stream),
	 .fallback = "false",
	 .help = "does it answer piece by piece",
	 .example = "true"},
	{.key = "forward",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct spec_cord, forward),
	 .read = read_route,
	 FIELD_FORMS(forward_forms),
	 .help = "the route of the process that answers",
	 .example = "POST /api/rank"},
	{.key = "port",
	 .type = FIELD_INTEGER,
	 .offset = offsetof(struct spec_cord, port),
	 .min = 1024,
	 .max = 65535,
	 .help = "where that process listens; server.port by default",
	 .example = "9000"},
	{.key = "timeout",
	 .type = FIELD_DURATION,
	 .offset = offsetof(struct spec_cord, timeout_ms),
	 .min = 1,
	 .max = 1800,
	 .help = "how long that process may take",
	 .example = "300"},
	{.key = "abort_on_disconnect",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_cord, abort_on_disconnect),
	 .fallback = "false",
	 .help = "an sglang process is told when a client goes away",
	 .example = "true"},
	{.key = "session",
	 .type = FIELD_VALUES,
	 .offset = offsetof(struct spec_cord, session),
	 .max = 32,
	 .pattern = SPEC_PATTERN_VARIABLE,
	 .form = SPEC_FORM_VARIABLE,
	 .help = "further arguments of the HTTP session of aiohttp",
	 .example = "{raise_for_status: true}"},
	{.key = "provision_timeout",
	 .type = FIELD_DURATION,
	 .offset = offsetof(struct spec_cord, provision_timeout_ms),
	 .fallback = "180",
	 .min = 1,
	 .max = 86400,
	 .help = "how long a caller waits for an instance to come up",
	 .example = "10m"},
	{.key = "input",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct spec_cord, input),
	 .read = read_input,
	 FIELD_FORMS(input_forms),
	 .help = "the fields of the request",
	 .example = "{prompt: {type: string, required: true}}"},
	{.key = "minimal_input",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct spec_cord, minimal_input),
	 .read = read_input,
	 FIELD_FORMS(input_forms),
	 .help = "the fields that a form shows first",
	 .example = "{prompt: string}"},
	{.key = "output",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_cord, output),
	 .table = &output_table,
	 .help = "the answer",
	 .example = "{content_type: image/jpeg}"},
	{.key = "example",
	 .type = FIELD_JSON,
	 .offset = offsetof(struct spec_cord, example_json),
	 .help = "a request that works",
	 .example = "{prompt: a red bicycle}"},
};
const struct field_table spec_cord_table = {
	.name = "a cord",
	FIELD_ROWS(cord_rows, struct spec_cord),
	.node_member = FIELD_MEMBER(struct spec_cord, node),
	.place_member = FIELD_MEMBER(struct spec_cord, place),
};

static const struct field expect_rows[] = {
	{.key = "status",
	 .type = FIELD_INTEGER,
	 .offset = offsetof(struct spec_expect, status),
	 .fallback = "200",
	 .min = 100,
	 .max = 599,
	 .help = "the HTTP status",
	 .example = "200"},
	{.key = "content_type",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_expect, content_type),
	 .min = 1,
	 .max = 256,
	 .help = "the type of the answer",
	 .example = "application/json"},
	{.key = "json",
	 .type = FIELD_JSON,
	 .offset = offsetof(struct spec_expect, json),
	 .help = "what the answer must at least hold",
	 .example = "{message: \"hello, Ada\"}"},
	{.key = "schema",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_expect, schema),
	 .min = 1,
	 .max = 4096,
	 .help = "a JSON Schema that the answer must satisfy",
	 .example = "schemas/reply.json"},
	{.key = "contains",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_expect, contains),
	 .min = 1,
	 .max = 65536,
	 .has_lines = true,
	 .help = "a text that the answer must hold",
	 .example = "hello"},
	{.key = "max_ms",
	 .type = FIELD_INTEGER,
	 .offset = offsetof(struct spec_expect, max_ms),
	 .min = 1,
	 .max = 3600000,
	 .help = "how long the answer may take, in milliseconds",
	 .example = "500"},
};
static const struct field_table expect_table = {
	.name = "expect",
	FIELD_ROWS(expect_rows, struct spec_expect),
};

static const struct field test_rows[] = {
	{.key = "name",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_test, name),
	 .min = 1,
	 .max = 128,
	 .is_required = true,
	 .help = "what is tested",
	 .example = "greets by name"},
	{.key = "cord",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_test, cord),
	 .min = 1,
	 .max = 128,
	 .is_required = true,
	 .help = "the function of the cord",
	 .example = "hello"},
	{.key = "input",
	 .type = FIELD_JSON,
	 .offset = offsetof(struct spec_test, input_json),
	 .help = "the request",
	 .example = "{name: Ada}"},
	{.key = "expect",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_test, expect),
	 .table = &expect_table,
	 .help = "what must come back"},
};
const struct field_table spec_test_table = {
	.name = "a test",
	FIELD_ROWS(test_rows, struct spec_test),
	.node_member = FIELD_MEMBER(struct spec_test, node),
	.place_member = FIELD_MEMBER(struct spec_test, place),
};
