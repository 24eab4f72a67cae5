/* SPDX-License-Identifier: MIT */
#include "lib/lower/codegen_internal.h"

#include "lib/base/strings.h"
#include "lib/lower/schema_internal.h"

#include <inttypes.h>
#include <string.h>

/* The classes of one field map on their way into `out`. */
struct classes {
	struct text *out;
	const char *name;
	unsigned n_inner; /* objects inside so far */
};

static const char indent[] = "    ";

static bool add_class(struct classes *c, const char *name, const struct field_schemas *fields,
		      struct error *err);

static void add_separator(struct text *arguments)
{
	if (arguments->len)
		text_add(arguments, ", ");
}

static void add_number(struct text *arguments, const char *key, const char *json)
{
	if (!json)
		return;
	add_separator(arguments);
	text_addf(arguments, "%s=%s", key, json); /* a JSON number is a Python number */
}

static void add_text(struct text *arguments, const char *key, const char *value)
{
	add_separator(arguments);
	text_addf(arguments, "%s=", key);
	text_add_python(arguments, value);
}

static void add_length(struct text *arguments, const char *key, int64_t length)
{
	if (length < 0)
		return;
	add_separator(arguments);
	text_addf(arguments, "%s=%" PRId64, key, length);
}

/* The checks that a type's own name does not make. */
static void add_checks(struct text *arguments, const struct field_schema *field)
{
	bool is_scalar = field->type == SCHEMA_STRING || field->type == SCHEMA_INTEGER ||
			 field->type == SCHEMA_NUMBER || field->type == SCHEMA_BOOLEAN;

	if (field->enum_json.n) /* the values say it all */
		return;
	if (is_scalar) /* pydantic alone would take "5" for 5, which the published schema refuses */
		text_add(arguments, "strict=True");
	add_number(arguments, "ge", field->ge);
	add_number(arguments, "gt", field->gt);
	add_number(arguments, "le", field->le);
	add_number(arguments, "lt", field->lt);
	add_number(arguments, "multiple_of", field->multiple_of);
	if (field->type != SCHEMA_FILE) { /* a file's count bytes, and stand inside of its type */
		add_length(arguments, "min_length", field->min_length);
		add_length(arguments, "max_length", field->max_length);
	}
	if (field->pattern)
		add_text(arguments, "pattern", field->pattern);
	if (field->format) { /* annotates, as in JSON Schema */
		add_separator(arguments);
		text_add(arguments, "json_schema_extra={\"format\": ");
		text_add_python(arguments, field->format);
		text_add_char(arguments, '}');
	}
}

static bool add_enum(struct text *type, const struct field_schema *field, struct error *err)
{
	text_add(type, "Literal[");
	for (size_t i = 0; i < field->enum_json.n; i++) {
		text_add(type, i ? ", " : "");
		if (!python_add_json(type, field->enum_json.items[i], "enum", err))
			return false;
	}
	/* Optional[Literal[…]] would not take a list among the values */
	text_add(type, field->is_nullable ? ", None]" : "]");
	return true;
}

static bool add_type(struct classes *c, struct text *type, const struct field_schema *field,
		     struct error *err);

static bool add_object_type(struct classes *c, struct text *type,
			    const struct field_schemas *properties, struct error *err)
{
	if (properties->n == 0) {
		text_add(type, "Dict[str, Any]"); /* `dict` may be a field */
		return true;
	}
	auto_text name = {0};

	text_addf(&name, "%s%u", c->name, ++c->n_inner + 1);
	text_add(type, text_str(&name));
	return add_class(c, text_str(&name), properties, err);
}

/* Bytes that are read from base64: described as the text that they are in JSON. */
static bool add_file(struct text *type, const struct field_schema *field, struct error *err)
{
	auto_arena arena = {0};
	auto_text limits = {0};
	auto_text json = {0};

	add_length(&limits, "min_length", field->min_length);
	add_length(&limits, "max_length", field->max_length);
	value_write(schema_of_file(&arena, field), &json);
	text_add(type, "Annotated[bytes, ");
	if (limits.len)
		text_addf(type, "Field(%s), ", text_str(&limits));
	text_add(type, "BeforeValidator(decoded), WithJsonSchema(");
	if (!python_add_json(type, text_str(&json), "file", err))
		return false;
	text_add(type, ")]");
	return true;
}

static bool add_union(struct classes *c, struct text *type, const struct field_schemas *members,
		      struct error *err)
{
	text_add(type, "Union[");
	for (size_t i = 0; i < members->n; i++) {
		text_add(type, i ? ", " : "");
		if (!add_type(c, type, &members->items[i], err))
			return false;
	}
	text_add_char(type, ']');
	return true;
}

static bool add_bare_type(struct classes *c, struct text *type, const struct field_schema *field,
			  struct error *err)
{
	static const char *const names[] = {
		[SCHEMA_STRING] = "str",   [SCHEMA_INTEGER] = "int", [SCHEMA_NUMBER] = "float",
		[SCHEMA_BOOLEAN] = "bool", [SCHEMA_ANY] = "Any",
	};

	if (field->enum_json.n)
		return add_enum(type, field, err);
	if (field->type == SCHEMA_OBJECT)
		return add_object_type(c, type, &field->properties, err);
	if (field->type == SCHEMA_FILE)
		return add_file(type, field, err);
	if (field->type == SCHEMA_UNION)
		return add_union(c, type, &field->any_of, err);
	if (field->type != SCHEMA_ARRAY) {
		text_add(type, names[field->type]);
		return true;
	}
	text_add(type, "list[");
	if (!field->items)
		text_add(type, "Any");
	else if (!add_type(c, type, field->items, err))
		return false;
	text_add_char(type, ']');
	return true;
}

/* `type` with `arguments` of Field(), if there are any. */
static void add_annotated(struct text *out, const struct text *type, const struct text *arguments)
{
	if (arguments->len)
		text_addf(out, "Annotated[%s, Field(%s)]", text_str(type), text_str(arguments));
	else
		text_add(out, text_str(type));
}

static bool is_optional(const struct field_schema *field)
{
	return field->is_nullable && field->enum_json.n == 0;
}

static bool add_type(struct classes *c, struct text *type, const struct field_schema *field,
		     struct error *err)
{
	auto_text bare = {0};
	auto_text checks = {0};

	if (!add_bare_type(c, &bare, field, err))
		return false;
	add_checks(&checks, field);
	if (field->description && !field->name) /* of a named one it stands beside the default */
		add_text(&checks, "description", field->description);
	text_add(type, is_optional(field) ? "Optional[" : "");
	add_annotated(type, &bare, &checks);
	text_add(type, is_optional(field) ? "]" : "");
	return true;
}

static bool add_default(struct text *arguments, const struct field_schema *field, struct error *err)
{
	if (field->is_required)
		return true;
	add_separator(arguments);
	if (field->default_json) {
		text_add(arguments, "default=");
		return python_add_json(arguments, field->default_json, field->name, err);
	}
	/* absent is None for the function; as a null in the body is still refused, the published
	 * schema must not have it as the default */
	text_add(arguments, field->is_nullable
				    ? "default=None"
				    : "default_factory=lambda: None, validate_default=False");
	return true;
}

/* An attribute that none of `taken` has. */
static void choose_attribute(struct text *attribute, struct strings *taken, const char *name)
{
	python_add_attribute(attribute, name);
	while (strings_has(taken, text_str(attribute)))
		text_add_char(attribute, '_');
	strings_add(taken, text_str(attribute));
}

/* Attributes that every model has. A field may have their name, but pydantic before 2.10 takes the
 * attribute for the field's default unless one is assigned. */
static bool is_attribute_of_models(const char *name)
{
	static const char *const words[] = {
		"construct",           "copy",      "dict",      "from_orm", "json",
		"parse_file",          "parse_obj", "parse_raw", "schema",   "schema_json",
		"update_forward_refs", "validate",
	};

	for (size_t i = 0; i < array_len(words); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}

/* One line "name: Annotated[type, Field(…)]". "name: type = Field(…)" only where it must be: a
 * field called `list` would then stand in for the type in the lines below it. */
static bool add_field(struct classes *c, struct text *body, const struct field_schema *field,
		      struct strings *taken, struct error *err)
{
	auto_text attribute = {0};
	auto_text type = {0};
	auto_text arguments = {0};
	bool is_assigned = is_attribute_of_models(field->name);
	bool has_own_checks = is_assigned || is_optional(field); /* they stand inside the type */
	bool ok = has_own_checks ? add_type(c, &type, field, err)
				 : add_bare_type(c, &type, field, err);

	if (!has_own_checks)
		add_checks(&arguments, field);
	if (!ok || !add_default(&arguments, field, err))
		return fail_in(err, "input '%s'", field->name);
	choose_attribute(&attribute, taken, field->name);
	if (strcmp(text_str(&attribute), field->name) != 0)
		add_text(&arguments, "alias", field->name);
	if (field->description)
		add_text(&arguments, "description", field->description);
	text_addf(body, "%s%s%s: ", indent, indent, text_str(&attribute));
	if (is_assigned)
		text_addf(body, "%s = Field(%s)", text_str(&type), text_str(&arguments));
	else
		add_annotated(body, &type, &arguments);
	text_add_char(body, '\n');
	return true;
}

static bool add_class(struct classes *c, const char *name, const struct field_schemas *fields,
		      struct error *err)
{
	auto_text body = {0};
	auto_strings taken = {0};

	for (size_t i = 0; i < fields->n; i++)
		if (!add_field(c, &body, &fields->items[i], &taken, err))
			return false;
	text_addf(c->out, "\n%sclass %s(BaseModel):\n", indent, name);
	text_addf(c->out,
		  "%s%smodel_config = ConfigDict(validate_default=True, protected_namespaces=())\n",
		  indent, indent);
	text_add(c->out, body.len ? "\n" : "");
	text_add(c->out, text_str(&body));
	return true;
}

bool codegen_classes(struct text *out, const char *name, const struct field_schemas *fields,
		     struct error *err)
{
	struct classes c = {.out = out, .name = name};

	return add_class(&c, name, fields, err);
}
