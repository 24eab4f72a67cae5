/* SPDX-License-Identifier: MIT */
#include "lib/spec/codegen_internal.h"

#include "lib/base/strings.h"

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
	add_number(arguments, "ge", field->ge);
	add_number(arguments, "gt", field->gt);
	add_number(arguments, "le", field->le);
	add_number(arguments, "lt", field->lt);
	add_number(arguments, "multiple_of", field->multiple_of);
	add_length(arguments, "min_length", field->min_length);
	add_length(arguments, "max_length", field->max_length);
	if (field->pattern) {
		add_separator(arguments);
		text_add(arguments, "pattern=");
		text_add_python(arguments, field->pattern);
	}
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
	text_add_char(type, ']');
	return true;
}

static bool add_type(struct classes *c, struct text *type, const struct field_schema *field,
		     struct error *err);

static bool add_object_type(struct classes *c, struct text *type,
			    const struct field_schemas *properties, struct error *err)
{
	if (properties->n == 0) {
		text_add(type, "dict[str, Any]");
		return true;
	}
	auto_text name = {0};

	text_addf(&name, "%s%u", c->name, ++c->n_inner + 1);
	text_add(type, text_str(&name));
	return add_class(c, text_str(&name), properties, err);
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

static bool add_type(struct classes *c, struct text *type, const struct field_schema *field,
		     struct error *err)
{
	auto_text bare = {0};
	auto_text checks = {0};
	bool is_scalar = field->type != SCHEMA_OBJECT && field->type != SCHEMA_ARRAY &&
			 field->type != SCHEMA_ANY;

	if (!add_bare_type(c, &bare, field, err))
		return false;
	if (!field->enum_json.n) {
		/* pydantic alone would take "5" for 5, which the published schema refuses */
		if (is_scalar)
			text_add(&checks, "strict=True");
		add_checks(&checks, field);
	}
	text_add(type, field->is_nullable ? "Optional[" : "");
	if (checks.len)
		text_addf(type, "Annotated[%s, Field(%s)]", text_str(&bare), text_str(&checks));
	else
		text_add(type, text_str(&bare));
	text_add(type, field->is_nullable ? "]" : "");
	return true;
}

static bool add_default(struct text *arguments, const struct field_schema *field, struct error *err)
{
	if (field->is_required) {
		text_add(arguments, "...");
		return true;
	}
	if (field->default_json)
		return python_add_json(arguments, field->default_json, field->name, err);
	/* absent is None for the function, and a null in the body is still refused */
	text_add(arguments, field->is_nullable ? "None" : "None, validate_default=False");
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

static bool add_field(struct classes *c, struct text *body, const struct field_schema *field,
		      struct strings *taken, struct error *err)
{
	auto_text attribute = {0};
	auto_text type = {0};
	auto_text arguments = {0};

	choose_attribute(&attribute, taken, field->name);
	if (!add_type(c, &type, field, err) || !add_default(&arguments, field, err))
		return fail_in(err, "input '%s'", field->name);
	if (strcmp(text_str(&attribute), field->name) != 0) {
		text_add(&arguments, ", alias=");
		text_add_python(&arguments, field->name);
	}
	if (field->description) {
		text_add(&arguments, ", description=");
		text_add_python(&arguments, field->description);
	}
	text_addf(body, "%s%s%s: %s = Field(%s)\n", indent, indent, text_str(&attribute),
		  text_str(&type), text_str(&arguments));
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
