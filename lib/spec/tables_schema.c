/* SPDX-License-Identifier: MIT
 * The rows of an input field, and the three ways to say what a cord takes: a map of fields, a
 * class of the Python file, a file with a JSON Schema.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/memory.h"
#include "lib/data/json.h"

#include <string.h>

enum { ENUM_MAX_VALUES = 1000, UNION_MAX_TYPES = 16 };

static const char *const type_names[] = {
	[SCHEMA_STRING] = "string",   [SCHEMA_INTEGER] = "integer", [SCHEMA_NUMBER] = "number",
	[SCHEMA_BOOLEAN] = "boolean", [SCHEMA_ARRAY] = "array",     [SCHEMA_OBJECT] = "object",
	[SCHEMA_ANY] = "any",         [SCHEMA_FILE] = "file",       NULL};

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

static const struct field any_of_forms[] = {{.key = "any_of",
					     .type = FIELD_LIST,
					     .table = &spec_schema_table,
					     .min = 2,
					     .max = UNION_MAX_TYPES}};

static bool read_any_of(struct field_reader *r, const struct field *row,
			const struct yaml_node *node, void *slot)
{
	struct field_schema *schema =
		(void *)((char *)slot - offsetof(struct field_schema, any_of));

	if (!field_read_value(r, row->forms, node, slot))
		return false;
	schema->type = SCHEMA_UNION;
	return true;
}

static const struct field type_forms[] = {
	{.key = "type",
	 .type = FIELD_TEXT,
	 .pattern = "^(string|integer|number|boolean|array|object|any|file)[?]?$"}};

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
	 .help = "what it is; any_of stands for it",
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
	LENGTH_ROW(min_length, "fewest characters, entries of an array, or bytes of a file"),
	LENGTH_ROW(max_length, "most characters, entries of an array, or bytes of a file"),
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
	{.key = "content_type",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct field_schema, content_type),
	 .min = 1,
	 .max = 256,
	 .pattern = "^[a-z]+/[a-z0-9.+-]+$",
	 .form = "a type such as image/png",
	 .help = "what a file holds, as a note for readers of the schema",
	 .example = "image/png"},
	{.key = "any_of",
	 .type = FIELD_CUSTOM,
	 .offset = offsetof(struct field_schema, any_of),
	 .read = read_any_of,
	 FIELD_FORMS(any_of_forms),
	 .help = "it is one of several: each a field of its own",
	 .example = "[string, {type: array, items: string}]"},
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
	.node_member = FIELD_MEMBER(struct field_schema, node),
	.read_short = read_type,
	FIELD_SHORT_FORMS(type_forms),
};

static const struct field input_model_rows[] = {
	{.key = "model",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_input, model),
	 .min = 1,
	 .max = 128,
	 .pattern = SPEC_PATTERN_CLASS,
	 .form = SPEC_FORM_CLASS,
	 .is_required = true,
	 .help = "a pydantic class of handlers.file",
	 .example = "UpscaleInput"},
};
static const struct field_table input_model_table = {
	.name = "an input by a class",
	FIELD_ROWS(input_model_rows, struct spec_input),
	.place_member = FIELD_MEMBER(struct spec_input, place),
};

static const struct field input_schema_rows[] = {
	{.key = "schema",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_input, schema_file),
	 .min = 1,
	 .max = 4096,
	 .pattern = "[.]json$",
	 .form = "a file whose name ends with .json",
	 .is_required = true,
	 .help = "a file with a JSON Schema",
	 .example = "schemas/rank.json"},
};
static const struct field_table input_schema_table = {
	.name = "an input by a JSON Schema",
	FIELD_ROWS(input_schema_rows, struct spec_input),
	.place_member = FIELD_MEMBER(struct spec_input, place),
};

const struct field spec_input_forms[SPEC_INPUT_FORMS] = {
	{.key = "input",
	 .type = FIELD_MAP,
	 .table = &spec_schema_table,
	 .max = 256,
	 .pattern = "^[A-Za-z][A-Za-z0-9_]*$",
	 .form = "letters, digits and '_', starting with a letter"},
	{.key = "input", .type = FIELD_STRUCT, .table = &input_model_table},
	{.key = "input", .type = FIELD_STRUCT, .table = &input_schema_table},
};

/* The only key of a mapping that is not the author's own; NULL when there are more, or none. */
static const struct yaml_pair *only_pair(const struct yaml_node *node)
{
	const struct yaml_pair *found = NULL;

	for (size_t i = 0; node->kind == YAML_MAPPING && i < node->n; i++) {
		if (text_starts_with(node->pairs[i].key, "x-"))
			continue;
		if (found)
			return NULL;
		found = &node->pairs[i];
	}
	return found;
}

/* `{model: Class}` and `{schema: file.json}` look like field maps: no type has such a name. */
static enum spec_input_kind kind_of_input(const struct yaml_node *node)
{
	const struct yaml_pair *pair = only_pair(node);

	if (pair && pair->value->kind == YAML_SCALAR) {
		const char *text = pair->value->text;

		if (strcmp(pair->key, "model") == 0 && text[0] >= 'A' && text[0] <= 'Z')
			return INPUT_MODEL;
		if (strcmp(pair->key, "schema") == 0 && text_ends_with(text, ".json"))
			return INPUT_SCHEMA;
	}
	return INPUT_FIELDS;
}

bool spec_read_input(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		     void *slot)
{
	struct spec_input *input = slot;
	enum spec_input_kind kind = kind_of_input(node);
	struct field form = row->forms[kind - INPUT_FIELDS];

	form.key = row->key;
	if (!field_read_value(r, &form, node,
			      kind == INPUT_FIELDS ? (void *)&input->fields : input))
		return false;
	input->kind = kind;
	input->place = node->place;
	return true;
}
