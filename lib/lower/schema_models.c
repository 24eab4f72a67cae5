/* SPDX-License-Identifier: MIT
 * What pydantic (2.14) makes of the classes of a file: models with their fields, and enums.
 */
#include "lib/lower/schema_reader.h"

#include <string.h>

enum { FIELDS_MAX = 1000, CLASSES_MAX = 64 };

/* A class and what it is made from, in the order in which fields are collected. */
struct line {
	const struct python_class *classes[CLASSES_MAX];
	size_t n;
};

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
static bool collect_classes(struct schema_reader *r, const struct python_class *class,
			    struct line *line)
{
	struct schema_name base = {0};

	for (size_t i = 0; i < line->n; i++)
		if (line->classes[i] == class)
			return true;
	if (!schema_enter(r, class->line))
		return false;
	for (size_t i = class->n_bases; i > 0; i--)
		if (!schema_find_name(r, class->bases[i - 1], &base) ||
		    (base.kind == NAME_CLASS && !collect_classes(r, base.class, line)))
			return false;
	schema_leave(r);
	if (line->n == CLASSES_MAX)
		return schema_give_up(r, class->line, "'%s' is made from too many classes",
				      class->name);
	line->classes[line->n++] = class;
	return true;
}

static const char *keyword_text(const struct python_expr *call, const char *name)
{
	for (size_t i = 0; i < call->n_keywords; i++)
		if (strcmp(call->keywords[i].name, name) == 0)
			return call->keywords[i].value->text ? call->keywords[i].value->text : "";
	return NULL;
}

/* Methods that could change what the schema shows. */
static bool check_method(struct schema_reader *r, const struct python_function *method)
{
	static const char *const refused[] = {"__get_pydantic_core_schema__",
					      "__get_pydantic_json_schema__",
					      "model_json_schema",
					      "__init_subclass__",
					      "__pydantic_init_subclass__",
					      "__class_getitem__"};

	for (size_t i = 0; i < array_len(refused); i++)
		if (strcmp(method->name, refused[i]) == 0)
			return schema_give_up(r, method->line, "'%s' may change the schema",
					      method->name);
	for (size_t i = 0; i < method->n_decorators; i++) {
		const struct python_expr *decorator = method->decorators[i];

		if (decorator->kind != EXPR_CALL)
			continue;
		const char *mode = keyword_text(decorator, "mode");

		if ((mode && strcmp(mode, "plain") == 0) ||
		    keyword_text(decorator, "json_schema_input_type"))
			return schema_give_up(r, method->line, "'%s' may change the schema",
					      method->name);
	}
	return true;
}

static bool check_class(struct schema_reader *r, const struct python_class *class)
{
	if (class->is_open)
		return schema_give_up(r, class->line, "the body of '%s' is more than fields",
				      class->name);
	if (class->n_decorators > 0)
		return schema_give_up(r, class->line, "'%s' has a decorator", class->name);
	for (size_t i = 0; i < class->n_methods; i++)
		if (!check_method(r, &class->methods[i]))
			return false;
	return true;
}

static bool is_class_variable(struct schema_reader *r, const struct python_expr *annotation)
{
	if (annotation->kind == EXPR_STRING)
		annotation = python_expression_read(annotation->text, r->arena);
	const struct python_expr *head =
		annotation->kind == EXPR_SUBSCRIPT ? annotation->args[0] : annotation;

	return strcmp(schema_dotted(r, head), "typing.ClassVar") == 0;
}

/* --- fields */

struct fields {
	const struct python_field *items[FIELDS_MAX];
	size_t n;
};

static bool add_field(struct schema_reader *r, const struct python_field *field,
		      struct fields *fields)
{
	if (field->name[0] == '_' || strcmp(field->name, "model_config") == 0)
		return true;
	if (!field->annotation)
		return schema_give_up(r, field->line, "'%s' has no type", field->name);
	if (is_class_variable(r, field->annotation))
		return true;
	for (const char *c = field->name; *c; c++)
		if ((unsigned char)*c >= 0x80)
			return schema_give_up(r, field->line, "'%s' is not plain ASCII",
					      field->name);
	for (size_t i = 0; i < fields->n; i++)
		if (strcmp(fields->items[i]->name, field->name) == 0) {
			fields->items[i] = field;
			return true;
		}
	if (fields->n == FIELDS_MAX)
		return schema_give_up(r, field->line, "there are too many fields");
	fields->items[fields->n++] = field;
	return true;
}

static bool collect_fields(struct schema_reader *r, const struct python_class *class,
			   struct fields *fields)
{
	struct line line = {.n = 0};

	if (!collect_classes(r, class, &line))
		return false;
	for (size_t i = 0; i < line.n; i++) {
		const struct python_class *from = line.classes[i];

		if (!check_class(r, from))
			return false;
		for (size_t k = 0; k < from->n_fields; k++)
			if (!add_field(r, &from->fields[k], fields))
				return false;
	}
	return true;
}

/* The default of a field that is an object of a class of the file: all its own defaults. */
static bool instance_value(struct schema_reader *r, const struct python_expr *call,
			   struct value **out);

/* What stands behind '=' of a field. */
static bool read_value(struct schema_reader *r, const struct python_expr *value,
		       struct schema_field *info)
{
	if (value->kind == EXPR_ELLIPSIS)
		return true;
	if (value->kind == EXPR_CALL && value->n_args > 0 &&
	    strcmp(schema_dotted(r, value->args[0]), "pydantic.Field") == 0)
		return schema_read_metadata(r, value, info);
	info->is_optional = true;
	return value->kind == EXPR_CALL ? instance_value(r, value, &info->default_value)
					: schema_literal_value(r, value, &info->default_value);
}

/* Annotated[…] around a whole field belongs to the field: what is inside is said first. */
/* NOLINTNEXTLINE(misc-no-recursion): an expression's height is bounded */
static const struct python_expr *unwrap(struct schema_reader *r, const struct python_expr *type,
					struct schema_field *info)
{
	if (type->kind == EXPR_STRING)
		type = python_expression_read(type->text, r->arena);
	if (type->kind != EXPR_SUBSCRIPT || type->n_args < 2 ||
	    strcmp(schema_dotted(r, type->args[0]), "typing.Annotated") != 0)
		return type;
	const struct python_expr *bare = unwrap(r, type->args[1], info);

	for (size_t i = 2; bare && i < type->n_args; i++)
		if (!schema_read_metadata(r, type->args[i], info))
			return NULL;
	return bare;
}

static bool read_info(struct schema_reader *r, const struct python_field *field,
		      struct schema_field *info, struct schema_shape *type)
{
	*info = (struct schema_field){.rules = value_object(r->arena),
				      .notes = value_object(r->arena)};
	const struct python_expr *bare = unwrap(r, field->annotation, info);

	return bare && (!field->value || read_value(r, field->value, info)) &&
	       (!type || (schema_of_type(r, bare, type) &&
			  schema_apply_rules(r, type, info->rules, field->line)));
}

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
static bool class_defaults(struct schema_reader *r, const struct python_class *class,
			   struct value **out)
{
	struct fields *fields = arena_alloc(r->arena, sizeof(*fields));
	struct value *object = value_object(r->arena);

	if (!collect_fields(r, class, fields))
		return false;
	for (size_t i = 0; i < fields->n; i++) {
		struct schema_field info;

		if (!read_info(r, fields->items[i], &info, NULL))
			return false;
		if (!info.default_value || info.alias)
			return schema_give_up(r, fields->items[i]->line,
					      "the default of '%s' is computed",
					      fields->items[i]->name);
		value_set(r->arena, object, fields->items[i]->name, info.default_value);
	}
	*out = object;
	return true;
}

static bool instance_value(struct schema_reader *r, const struct python_expr *call,
			   struct value **out)
{
	const struct python_expr *head = call->n_args > 0 ? call->args[0] : NULL;
	enum schema_class_kind kind = CLASS_PLAIN;
	struct schema_name name = {0};

	if (!head || call->n_args != 1 || call->n_keywords > 0 || head->kind != EXPR_NAME ||
	    !schema_find_name(r, head, &name) || name.kind != NAME_CLASS ||
	    !schema_class_kind(r, name.class, &kind) || kind != CLASS_MODEL ||
	    !schema_enter(r, call->line))
		return schema_give_up(r, call->line, "a default is computed when the file runs");
	bool ok = class_defaults(r, name.class, out);

	schema_leave(r);
	return ok;
}

/* What the class itself says is not said again beside a reference to it. */
static void drop_repeated(struct schema_reader *r, struct value *schema)
{
	const struct value *reference = value_get(schema, "$ref");
	const struct value *class = NULL;
	const char *key = NULL;

	for (size_t i = 0; reference && i < value_count(r->definitions); i++) {
		struct value *one = value_at(r->definitions, i, &key);

		if (value_is_equal(value_get(schema_ref(r->arena, r->prefix, key), "$ref"),
				   reference))
			class = one;
	}
	for (size_t i = value_count(schema); class && i > 0; i--) {
		const struct value *value = value_at(schema, i - 1, &key);
		const struct value *other = value_get(class, key);

		if (strcmp(key, "$ref") != 0 && other && value_is_equal(value, other))
			value_remove(schema, key);
	}
}

static bool field_schema(struct schema_reader *r, const struct python_field *field,
			 struct value *properties, struct value *required)
{
	struct schema_field info;
	struct schema_shape type = {0};

	if (!read_info(r, field, &info, &type))
		return false;
	struct value *schema = value_copy(r->arena, type.schema);
	const char *name = info.alias ? info.alias : field->name;

	if (info.default_value)
		value_set(r->arena, schema, "default", info.default_value);
	value_merge(r->arena, schema, info.notes);
	if (!value_get(schema, "title") && !type.is_reference)
		value_set(r->arena, schema, "title", schema_title(r->arena, name));
	drop_repeated(r, schema);
	value_set(r->arena, properties, name, schema);
	if (!info.is_optional)
		value_push(r->arena, required, value_text(r->arena, name));
	return true;
}

static bool fill_model(struct schema_reader *r, const struct python_class *class,
		       struct value *model)
{
	const struct schema_config *around = r->config;
	struct fields *fields = arena_alloc(r->arena, sizeof(*fields));
	struct value *properties = value_object(r->arena);
	struct value *required = value_list(r->arena);
	struct schema_config config = {0};
	bool ok = schema_read_config(r, class, &config) && collect_fields(r, class, fields);

	r->config = &config;
	for (size_t i = 0; ok && i < fields->n; i++)
		ok = field_schema(r, fields->items[i], properties, required);
	r->config = around;
	if (!ok)
		return false;
	if (config.additional)
		value_set(r->arena, model, "additionalProperties", config.additional);
	if (class->doc && *class->doc)
		value_set_text(r->arena, model, "description", class->doc);
	value_set(r->arena, model, "properties", properties);
	if (value_count(required) > 0)
		value_set(r->arena, model, "required", required);
	value_set(r->arena, model, "title",
		  config.title ? config.title : value_text(r->arena, class->name));
	value_set_text(r->arena, model, "type", "object");
	if (config.extra_json)
		value_merge(r->arena, model, config.extra_json);
	return true;
}

static bool fill_enum(struct schema_reader *r, const struct python_class *class,
		      struct value *schema)
{
	struct value *values = NULL;

	if (!schema_enum_values(r, class, true, &values))
		return false;
	const struct value *type = value_get(schema_literal(r->arena, values), "type");

	if (class->doc && *class->doc)
		value_set_text(r->arena, schema, "description", class->doc);
	value_set(r->arena, schema, "enum", values);
	value_set_text(r->arena, schema, "title", class->name);
	if (type)
		value_set(r->arena, schema, "type", value_copy(r->arena, type));
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
bool schema_of_class(struct schema_reader *r, const struct python_class *class,
		     struct schema_shape *out)
{
	const struct python_class *plain = python_find_class(r->module, class->name);
	enum schema_class_kind kind = CLASS_PLAIN;

	if (!schema_class_kind(r, class, &kind))
		return false;
	if (kind == CLASS_PLAIN)
		return schema_give_up(r, class->line,
				      "'%s' is neither a pydantic model nor an enum", class->name);
	if (plain && plain != class)
		return schema_give_up(r, class->line, "two classes are called '%s'", class->name);
	if (!value_get(r->definitions, class->name)) {
		struct value *schema = value_object(r->arena);

		value_set(r->arena, r->definitions, class->name, schema);
		if (!schema_enter(r, class->line) ||
		    !(kind == CLASS_ENUM ? fill_enum(r, class, schema)
					 : fill_model(r, class, schema)))
			return false;
		schema_leave(r);
	}
	*out = (struct schema_shape){.family = FAMILY_OTHER,
				     .schema = schema_ref(r->arena, r->prefix, class->name),
				     .is_reference = true};
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as what was built */
static bool has_reference(const struct value *schema, const struct value *reference)
{
	const char *key = NULL;

	for (size_t i = 0; i < value_count(schema); i++) {
		const struct value *member = value_at(schema, i, &key);

		if (key && strcmp(key, "$ref") == 0 && value_is_equal(member, reference))
			return true;
		if (has_reference(member, reference))
			return true;
	}
	return false;
}

bool schema_of_model(struct schema_reader *r, const struct python_class *class, struct value **out)
{
	struct value *outer = r->definitions;
	struct value *inner = value_object(r->arena);
	struct schema_shape type = {0};

	r->definitions = inner;
	bool ok = schema_of_class(r, class, &type);

	r->definitions = outer;
	if (!ok)
		return false;
	struct value *schema = type.schema;

	if (!has_reference(inner, value_get(schema, "$ref"))) {
		schema = value_copy(r->arena, value_get(inner, class->name));
		value_remove(inner, class->name);
	}
	if (value_count(inner) > 0)
		value_set(r->arena, schema, "$defs", inner);
	*out = schema;
	return true;
}
