/* SPDX-License-Identifier: MIT
 * The schema that pydantic makes of the classes which codegen_fields.c writes.
 */
#include "lib/lower/schema_internal.h"

#include <ctype.h>
#include <string.h>

/* The classes of one field map, as codegen_fields.c counts them. */
struct classes {
	struct arena *arena;
	struct value *definitions;
	const char *name;
	unsigned n_inner;
};

static struct value *field_schema(struct classes *c, const struct field_schema *field);
static void add_class(struct classes *c, const char *name, const struct field_schemas *fields);

struct value *schema_title(struct arena *arena, const char *name)
{
	auto_text title = {0};
	bool is_start = true;

	for (; *name; name++) {
		bool is_blank = *name == '_';

		char upper = ascii_upper(*name);
		char lower = ascii_lower(*name);

		if (is_blank && title.len > 0)
			text_add_char(&title, ' ');
		if (!is_blank && is_start)
			text_add_char(&title, upper);
		if (!is_blank && !is_start)
			text_add_char(&title, lower);
		is_start = !isalpha((unsigned char)*name);
	}
	while (title.len > 0 && title.bytes[title.len - 1] == ' ')
		title.bytes[--title.len] = '\0';
	return value_text(arena, text_str(&title));
}

struct value *schema_ref(struct arena *arena, const char *prefix, const char *name)
{
	return value_pair(arena, "$ref",
			  value_text(arena, arena_printf(arena, "%s%s", prefix, name)));
}

static void push_new(struct arena *arena, struct value *list, struct value *value)
{
	for (size_t i = 0; i < value_count(list); i++)
		if (value_is_equal(value_at(list, i, NULL), value))
			return;
	value_push(arena, list, value);
}

struct value *schema_any_of(struct arena *arena, const struct value *members)
{
	struct value *flat = value_list(arena);

	for (size_t i = 0; i < value_count(members); i++) {
		struct value *member = value_at(members, i, NULL);
		const struct value *inner = value_get(member, "anyOf");

		if (!inner || value_count(member) != 1) {
			push_new(arena, flat, member);
			continue;
		}
		for (size_t k = 0; k < value_count(inner); k++)
			push_new(arena, flat, value_at(inner, k, NULL));
	}
	return value_count(flat) == 1 ? value_at(flat, 0, NULL) : value_pair(arena, "anyOf", flat);
}

/* The type of JSON that a value has by itself; NULL for null and objects. */
static const char *type_of_value(const struct value *value)
{
	const char *raw = value_raw_text(value);

	if (!raw)
		return value_is_object(value) ? NULL : "array";
	if (raw[0] == '"')
		return "string";
	if (raw[0] == 't' || raw[0] == 'f')
		return "boolean";
	if (raw[0] == 'n')
		return "null";
	return strpbrk(raw, ".eE") ? "number" : "integer";
}

struct value *schema_literal(struct arena *arena, const struct value *values)
{
	struct value *unique = value_list(arena);
	const char *type = NULL;

	for (size_t i = 0; i < value_count(values); i++) {
		struct value *value = value_at(values, i, NULL);
		const char *is = type_of_value(value);

		push_new(arena, unique, value);
		if (i > 0 && (!type || !is || strcmp(type, is) != 0))
			type = NULL;
		else
			type = is;
	}
	struct value *result = value_count(unique) == 1
				       ? value_pair(arena, "const", value_at(unique, 0, NULL))
				       : value_pair(arena, "enum", unique);

	if (type)
		value_set_text(arena, result, "type", type);
	return result;
}

struct value *schema_described(struct arena *arena, const char *name, struct value *definitions)
{
	struct value *schema = value_object(arena);
	struct value *required = value_list(arena);

	value_push(arena, required, value_text(arena, "input_args"));
	value_set_text(arena, schema, "type", "object");
	value_set(arena, schema, "properties",
		  value_pair(arena, "input_args", schema_ref(arena, "#/definitions/", name)));
	value_set(arena, schema, "required", required);
	value_set(arena, schema, "definitions", definitions);
	return schema;
}

static struct value *enum_schema(struct classes *c, const struct field_schema *field)
{
	struct value *values = value_list(c->arena);

	for (size_t i = 0; i < field->enum_json.n; i++)
		value_push(c->arena, values, value_raw(c->arena, field->enum_json.items[i]));
	if (field->is_nullable)
		value_push(c->arena, values, value_null(c->arena));
	return schema_literal(c->arena, values);
}

static void set_raw(struct classes *c, struct value *object, const char *key, const char *json)
{
	if (json)
		value_set(c->arena, object, key, value_raw(c->arena, json));
}

static void set_length(struct arena *arena, struct value *object, const char *key, int64_t length)
{
	if (length >= 0)
		value_set(arena, object, key, value_integer(arena, length));
}

static void set_rules(struct classes *c, struct value *object, const struct field_schema *field)
{
	bool is_array = field->type == SCHEMA_ARRAY;

	set_raw(c, object, "minimum", field->ge);
	set_raw(c, object, "exclusiveMinimum", field->gt);
	set_raw(c, object, "maximum", field->le);
	set_raw(c, object, "exclusiveMaximum", field->lt);
	set_raw(c, object, "multipleOf", field->multiple_of);
	set_length(c->arena, object, is_array ? "minItems" : "minLength", field->min_length);
	set_length(c->arena, object, is_array ? "maxItems" : "maxLength", field->max_length);
	if (field->pattern)
		value_set_text(c->arena, object, "pattern", field->pattern);
	if (field->format)
		value_set_text(c->arena, object, "format", field->format);
}

/* Bytes as digits of base64. */
static int64_t in_base64(int64_t n_bytes) { return n_bytes < 0 ? -1 : (n_bytes + 2) / 3 * 4; }

struct value *schema_of_file(struct arena *arena, const struct field_schema *field)
{
	struct value *file = value_object(arena);

	value_set_text(arena, file, "type", "string");
	value_set_text(arena, file, "contentEncoding", "base64");
	if (field->content_type)
		value_set_text(arena, file, "contentMediaType", field->content_type);
	value_set_text(arena, file, "pattern", SCHEMA_BASE64_PATTERN);
	set_length(arena, file, "minLength", in_base64(field->min_length));
	set_length(arena, file, "maxLength", in_base64(field->max_length));
	return file;
}

static struct value *object_schema(struct classes *c, const struct field_schema *field)
{
	struct value *object = NULL;

	if (field->properties.n == 0) {
		object = value_pair(c->arena, "type", value_text(c->arena, "object"));
		value_set(c->arena, object, "additionalProperties", value_bool(c->arena, true));
		return object;
	}
	char *name = arena_printf(c->arena, "%s%u", c->name, ++c->n_inner + 1);

	add_class(c, name, &field->properties);
	return schema_ref(c->arena, "#/definitions/", name);
}

static struct value *union_schema(struct classes *c, const struct field_schema *field)
{
	struct value *members = value_list(c->arena);

	for (size_t i = 0; i < field->any_of.n; i++)
		value_push(c->arena, members, field_schema(c, &field->any_of.items[i]));
	return schema_any_of(c->arena, members);
}

static struct value *bare_schema(struct classes *c, const struct field_schema *field)
{
	static const char *const types[] = {[SCHEMA_STRING] = "string",
					    [SCHEMA_INTEGER] = "integer",
					    [SCHEMA_NUMBER] = "number",
					    [SCHEMA_BOOLEAN] = "boolean",
					    [SCHEMA_ARRAY] = "array"};
	struct value *schema = value_object(c->arena);

	if (field->enum_json.n)
		return enum_schema(c, field);
	switch (field->type) {
	case SCHEMA_OBJECT:
		return object_schema(c, field);
	case SCHEMA_FILE:
		return schema_of_file(c->arena, field);
	case SCHEMA_UNION:
		return union_schema(c, field);
	case SCHEMA_ANY:
		return schema;
	case SCHEMA_ARRAY:
		value_set(c->arena, schema, "items",
			  field->items ? field_schema(c, field->items) : value_object(c->arena));
		break;
	case SCHEMA_STRING:
	case SCHEMA_INTEGER:
	case SCHEMA_NUMBER:
	case SCHEMA_BOOLEAN:
		break;
	}
	value_set_text(c->arena, schema, "type", types[field->type]);
	set_rules(c, schema, field);
	return schema;
}

/* A field without what only a name can have. */
/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static struct value *field_schema(struct classes *c, const struct field_schema *field)
{
	struct value *schema = bare_schema(c, field);

	if (field->description && !field->name)
		value_set_text(c->arena, schema, "description", field->description);
	if (field->is_nullable && field->enum_json.n == 0) {
		struct value *members = value_list(c->arena);

		value_push(c->arena, members, schema);
		value_push(c->arena, members,
			   value_pair(c->arena, "type", value_text(c->arena, "null")));
		schema = schema_any_of(c->arena, members);
	}
	if (field->description && field->name)
		value_set_text(c->arena, schema, "description", field->description);
	return schema;
}

static void add_class(struct classes *c, const char *name, const struct field_schemas *fields)
{
	struct value *class = value_object(c->arena);
	struct value *properties = value_object(c->arena);
	struct value *required = value_list(c->arena);

	value_set(c->arena, c->definitions, name, class);
	for (size_t i = 0; i < fields->n; i++) {
		const struct field_schema *field = &fields->items[i];
		struct value *schema = field_schema(c, field);

		if (field->type != SCHEMA_OBJECT || field->properties.n == 0 || field->enum_json.n)
			value_set(c->arena, schema, "title", schema_title(c->arena, field->name));
		if (field->is_required)
			value_push(c->arena, required, value_text(c->arena, field->name));
		else if (field->default_json)
			set_raw(c, schema, "default", field->default_json);
		else if (field->is_nullable)
			set_raw(c, schema, "default", "null");
		value_set(c->arena, properties, field->name, schema);
	}
	value_set(c->arena, class, "properties", properties);
	if (value_count(required) > 0)
		value_set(c->arena, class, "required", required);
	if (strcmp(name, c->name) != 0)
		value_set_text(c->arena, class, "title", name);
	value_set_text(c->arena, class, "type", "object");
}

void schema_of_fields(struct arena *arena, const char *name, const struct field_schemas *fields,
		      struct value *definitions)
{
	struct classes c = {.arena = arena, .definitions = definitions, .name = name};

	add_class(&c, name, fields);
}
