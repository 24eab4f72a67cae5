/* SPDX-License-Identifier: MIT
 * What a cord takes: do its three forms fit the mode, each other, and the files they name?
 */
#include "lib/spec/spec_internal.h"

#include "lib/data/json.h"

#include <string.h>

static void check_mode(struct spec_checker *c, const struct spec_cord *cord,
		       const struct spec_input *input, const char *key)
{
	struct place place = spec_value_place(cord->node, key);

	if (input->kind == INPUT_MODEL && c->spec->mode != SPEC_HANDLERS)
		finding_hint(
			field_finding(&c->reader, "E210", place,
				      "'model' is a class of handlers.file, and there is none"),
			"list the fields, or name a file with 'schema'");
	if (input->kind == INPUT_SCHEMA && c->spec->mode == SPEC_HANDLERS && !cord->forward.path &&
	    input == &cord->input)
		finding_hint(field_finding(&c->reader, "W312", place,
					   "the runtime does not check requests against '%s'",
					   input->schema_file),
			     "check them in '%s', or list the fields here", cord->function);
}

static void check_minimal(struct spec_checker *c, const struct spec_cord *cord)
{
	const struct field_schemas *fields = &cord->minimal_input.fields;

	for (size_t i = 0; cord->input.kind == INPUT_FIELDS && i < fields->n; i++) {
		const struct field_schema *field = &fields->items[i];

		if (!spec_find_field(&cord->input.fields, field->name))
			field_finding(&c->reader, "E205", field->place,
				      "'%s' is not a field of the input", field->name);
	}
}

void spec_check_input(struct spec_checker *c, const struct spec_cord *cord)
{
	check_mode(c, cord, &cord->input, "input");
	check_mode(c, cord, &cord->minimal_input, "minimal_input");
	spec_check_schemas(c, &cord->input.fields);
	spec_check_schemas(c, &cord->minimal_input.fields);
	check_minimal(c, cord);
	if (cord->example_json && cord->input.kind == INPUT_FIELDS)
		spec_check_value(c, &cord->input.fields, cord->example_json,
				 spec_value_place(cord->node, "example"), "example");
}

/* What the value of a keyword must be. */
enum keyword_kind {
	KEYWORD_TEXT,
	KEYWORD_COUNT,
	KEYWORD_NUMBER,
	KEYWORD_TEXTS,
	KEYWORD_VALUES,
	KEYWORD_TYPE,
	KEYWORD_SCHEMA,
	KEYWORD_SCHEMAS,       /* a list of them */
	KEYWORD_NAMED_SCHEMAS, /* a mapping to them */
	KEYWORD_ITEMS,         /* one, or a list */
};
static const struct {
	const char *key;
	enum keyword_kind kind;
} keywords[] = {
	{"$ref", KEYWORD_TEXT},
	{"$schema", KEYWORD_TEXT},
	{"$defs", KEYWORD_NAMED_SCHEMAS},
	{"definitions", KEYWORD_NAMED_SCHEMAS},
	{"properties", KEYWORD_NAMED_SCHEMAS},
	{"patternProperties", KEYWORD_NAMED_SCHEMAS},
	{"additionalProperties", KEYWORD_SCHEMA},
	{"propertyNames", KEYWORD_SCHEMA},
	{"contains", KEYWORD_SCHEMA},
	{"not", KEYWORD_SCHEMA},
	{"if", KEYWORD_SCHEMA},
	{"then", KEYWORD_SCHEMA},
	{"else", KEYWORD_SCHEMA},
	{"items", KEYWORD_ITEMS},
	{"prefixItems", KEYWORD_SCHEMAS},
	{"anyOf", KEYWORD_SCHEMAS},
	{"oneOf", KEYWORD_SCHEMAS},
	{"allOf", KEYWORD_SCHEMAS},
	{"type", KEYWORD_TYPE},
	{"enum", KEYWORD_VALUES},
	{"required", KEYWORD_TEXTS},
	{"title", KEYWORD_TEXT},
	{"description", KEYWORD_TEXT},
	{"pattern", KEYWORD_TEXT},
	{"format", KEYWORD_TEXT},
	{"minLength", KEYWORD_COUNT},
	{"maxLength", KEYWORD_COUNT},
	{"minItems", KEYWORD_COUNT},
	{"maxItems", KEYWORD_COUNT},
	{"minProperties", KEYWORD_COUNT},
	{"maxProperties", KEYWORD_COUNT},
	{"minimum", KEYWORD_NUMBER},
	{"maximum", KEYWORD_NUMBER},
	{"multipleOf", KEYWORD_NUMBER},
};

static bool is_type_word(const struct json *value)
{
	static const char *const words[] = {"string", "number", "integer", "boolean",
					    "array",  "object", "null"};

	for (size_t i = 0; i < array_len(words); i++)
		if (json_kind(value) == JSON_KIND_TEXT && strcmp(json_text(value), words[i]) == 0)
			return true;
	return false;
}

static bool check_json_schema(const struct json *schema, struct error *err);

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static bool check_schemas(const struct json *value, struct error *err)
{
	void *position = NULL;
	const char *key;
	const struct json *member;

	if (json_kind(value) == JSON_KIND_LIST) {
		for (size_t i = 0; i < json_count(value); i++)
			if (!check_json_schema(json_at(value, i), err))
				return false;
		return json_count(value) > 0 || fail(err, ERROR_SPEC, "has no schemas");
	}
	while (json_next(value, &position, &key, &member))
		if (!check_json_schema(member, err))
			return fail_in(err, "'%s'", key);
	return true;
}

static bool check_list(const struct json *value, bool (*is_good)(const struct json *),
		       const char *what, struct error *err)
{
	if (json_kind(value) != JSON_KIND_LIST)
		return fail(err, ERROR_SPEC, "must be a list");
	for (size_t i = 0; is_good && i < json_count(value); i++)
		if (!is_good(json_at(value, i)))
			return fail(err, ERROR_SPEC, "must hold %s", what);
	return true;
}

static bool is_text(const struct json *value) { return json_kind(value) == JSON_KIND_TEXT; }

static bool want(bool is_good, const char *what, struct error *err)
{
	return is_good || fail(err, ERROR_SPEC, "must be %s", what);
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static bool check_keyword(enum keyword_kind kind, const struct json *value, struct error *err)
{
	enum json_kind is = json_kind(value);

	switch (kind) {
	case KEYWORD_TEXT:
		return want(is_text(value), "text", err);
	case KEYWORD_COUNT:
		return want(is == JSON_KIND_INTEGER && json_integer_of(value) >= 0,
			    "a whole number, 0 or more", err);
	case KEYWORD_NUMBER:
		return want(is == JSON_KIND_INTEGER || is == JSON_KIND_REAL, "a number", err);
	case KEYWORD_TEXTS:
		return check_list(value, is_text, "text", err);
	case KEYWORD_VALUES:
		return check_list(value, NULL, "values", err);
	case KEYWORD_TYPE:
		if (is == JSON_KIND_LIST)
			return check_list(value, is_type_word, "types of JSON", err);
		return want(is_type_word(value), "a type of JSON, such as object", err);
	case KEYWORD_SCHEMA:
		return check_json_schema(value, err);
	case KEYWORD_SCHEMAS:
		return want(is == JSON_KIND_LIST, "a list", err) && check_schemas(value, err);
	case KEYWORD_NAMED_SCHEMAS:
		return want(is == JSON_KIND_OBJECT, "an object", err) && check_schemas(value, err);
	case KEYWORD_ITEMS:
		return is == JSON_KIND_LIST ? check_schemas(value, err)
					    : check_json_schema(value, err);
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static bool check_json_schema(const struct json *schema, struct error *err)
{
	void *position = NULL;
	const char *key;
	const struct json *value;

	if (json_kind(schema) == JSON_KIND_BOOL)
		return true;
	if (json_kind(schema) != JSON_KIND_OBJECT)
		return fail(err, ERROR_SPEC, "must be an object, not %s",
			    json_kind_name(json_kind(schema)));
	while (json_next(schema, &position, &key, &value))
		for (size_t i = 0; i < array_len(keywords); i++)
			if (strcmp(keywords[i].key, key) == 0 &&
			    !check_keyword(keywords[i].kind, value, err))
				return fail_in(err, "'%s'", key);
	return true;
}

bool spec_check_json_schema(const struct json *schema, struct error *err)
{
	if (json_kind(schema) != JSON_KIND_OBJECT || json_count(schema) == 0)
		return fail(err, ERROR_SPEC, "must be an object with at least one keyword");
	return check_json_schema(schema, err);
}
