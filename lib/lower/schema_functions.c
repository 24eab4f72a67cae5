/* SPDX-License-Identifier: MIT
 * What the platform's SDK (0.6.9) registers for a function that says nothing but its annotations.
 * Its extractor is not pydantic: it knows a few types, shows all others as anything, and requires
 * every parameter that has an annotation.
 */
#include "lib/lower/schema_reader.h"

#include <string.h>

static struct value *of_hint(struct schema_reader *r, const struct python_expr *expr);

static struct value *typed(struct schema_reader *r, const char *type)
{
	return value_pair(r->arena, "type", value_text(r->arena, type));
}

static struct value *array_of(struct schema_reader *r, struct value *items)
{
	struct value *schema = typed(r, "array");

	value_set(r->arena, schema, "items", items);
	return schema;
}

/* --- classes */

static struct value *enum_hint(struct schema_reader *r, const struct python_class *class)
{
	struct value *values = NULL;
	size_t n_texts = 0;
	size_t n_integers = 0;
	size_t n_reals = 0;

	if (!schema_enum_values(r, class, false, &values))
		return NULL;
	for (size_t i = 0; i < value_count(values); i++) {
		const char *raw = value_raw_text(value_at(values, i, NULL));
		bool is_number = raw && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));
		bool is_real = is_number && strpbrk(raw, ".e");

		n_texts += raw && raw[0] == '"';
		n_integers += (is_number && !is_real) || (raw && strchr("tf", raw[0]));
		n_reals += is_real;
	}
	size_t n = value_count(values);
	const char *type = n_texts == n      ? "string"
			   : n_integers == n ? "integer"
			   : n_reals == n    ? "number"
					     : NULL;
	struct value *schema = type ? typed(r, type) : value_object(r->arena);

	value_set(r->arena, schema, "enum", values);
	return schema;
}

static struct value *class_hint(struct schema_reader *r, const struct python_class *class)
{
	enum schema_class_kind kind = CLASS_PLAIN;
	struct value *schema = NULL;

	if (!schema_class_kind(r, class, &kind))
		return NULL;
	if (kind == CLASS_ENUM)
		return enum_hint(r, class);
	if (kind == CLASS_PLAIN)
		return value_object(r->arena);
	if (!value_get(r->definitions, class->name)) {
		if (!schema_of_model(r, class, &schema))
			return NULL;
		value_remove(schema, "title");
		value_set(r->arena, r->definitions, class->name, schema);
	}
	return schema_ref(r->arena, r->prefix, class->name);
}

/* --- what comes from outside */

static const struct {
	const char *dotted;
	const char *json; /* NULL: anything */
} outside_types[] = {
	{"builtins.str", "{\"type\":\"string\"}"},
	{"typing.Text", "{\"type\":\"string\"}"},
	{"builtins.int", "{\"type\":\"integer\"}"},
	{"builtins.float", "{\"type\":\"number\"}"},
	{"builtins.bool", "{\"type\":\"boolean\"}"},
	{"builtins.list", "{\"type\":\"array\",\"items\":{}}"},
	{"typing.List", "{\"type\":\"array\",\"items\":{}}"},
	{"builtins.dict", "{\"type\":\"object\"}"},
	{"typing.Dict", "{\"type\":\"object\"}"},
	{"typing.Tuple", "{\"type\":\"array\",\"items\":[],\"minItems\":0,\"maxItems\":0}"},
	{"typing.Set", "{\"type\":\"array\",\"items\":{},\"uniqueItems\":true}"},
	/* types of pydantic that are others with notes, which the SDK takes off */
	{"pydantic.PositiveInt", "{\"type\":\"integer\"}"},
	{"pydantic.NegativeInt", "{\"type\":\"integer\"}"},
	{"pydantic.NonNegativeInt", "{\"type\":\"integer\"}"},
	{"pydantic.NonPositiveInt", "{\"type\":\"integer\"}"},
	{"pydantic.StrictInt", "{\"type\":\"integer\"}"},
	{"pydantic.PositiveFloat", "{\"type\":\"number\"}"},
	{"pydantic.NegativeFloat", "{\"type\":\"number\"}"},
	{"pydantic.NonNegativeFloat", "{\"type\":\"number\"}"},
	{"pydantic.NonPositiveFloat", "{\"type\":\"number\"}"},
	{"pydantic.StrictFloat", "{\"type\":\"number\"}"},
	{"pydantic.FiniteFloat", "{\"type\":\"number\"}"},
	{"pydantic.StrictStr", "{\"type\":\"string\"}"},
	{"pydantic.Base64Str", "{\"type\":\"string\"}"},
	{"pydantic.Base64UrlStr", "{\"type\":\"string\"}"},
	{"pydantic.StrictBool", "{\"type\":\"boolean\"}"},
	{"pydantic.conint", "{\"type\":\"integer\"}"},
	{"pydantic.confloat", "{\"type\":\"number\"}"},
	{"pydantic.constr", "{\"type\":\"string\"}"},
};

/* Modules whose classes are no models of pydantic. */
static bool is_anything(const char *dotted)
{
	static const char *const modules[] = {
		"builtins.", "typing.",    "collections.", "datetime.", "uuid.",      "decimal.",
		"pathlib.",  "enum.",      "re.",          "io.",       "ipaddress.", "types.",
		"fastapi.",  "starlette.", "numpy.",       "torch.",    "PIL.",       "asyncio.",
	};
	static const char *const pydantic[] = {
		"HttpUrl",        "AnyUrl",        "AnyHttpUrl",    "FileUrl",     "EmailStr",
		"SecretStr",      "SecretBytes",   "UUID1",         "UUID3",       "UUID4",
		"UUID5",          "FilePath",      "DirectoryPath", "Base64Bytes", "Base64UrlBytes",
		"StrictBytes",    "Json",          "PastDate",      "FutureDate",  "PastDatetime",
		"FutureDatetime", "AwareDatetime", "NaiveDatetime", "ByteSize",    "BaseModel"};

	for (size_t i = 0; i < array_len(modules); i++)
		if (text_starts_with(dotted, modules[i]))
			return true;
	for (size_t i = 0; i + 1 < array_len(pydantic); i++)
		if (text_starts_with(dotted, "pydantic.") &&
		    strcmp(dotted + strlen("pydantic."), pydantic[i]) == 0)
			return true;
	return false;
}

static struct value *outside_hint(struct schema_reader *r, const char *dotted, size_t line)
{
	for (size_t i = 0; i < array_len(outside_types); i++) {
		auto_json struct json *json = NULL;
		struct error ignored; /* it is ours */

		if (strcmp(outside_types[i].dotted, dotted) == 0 &&
		    json_parse(outside_types[i].json, strlen(outside_types[i].json), SIZE_MAX,
			       &json, &ignored))
			return value_from_json(r->arena, json);
	}
	if (is_anything(dotted))
		return value_object(r->arena);
	schema_give_up(r, line, "'%s' comes from elsewhere", dotted);
	return NULL;
}

static struct value *name_hint(struct schema_reader *r, const struct python_expr *expr)
{
	struct schema_name name = {0};

	if (!schema_find_name(r, expr, &name))
		return NULL;
	switch (name.kind) {
	case NAME_CLASS:
		return class_hint(r, name.class);
	case NAME_VALUE:
		return of_hint(r, name.value);
	case NAME_OUTSIDE:
		break;
	}
	return outside_hint(r, name.dotted, expr->line);
}

/* --- unions: those of typing are listed, `a | b` of plain classes is anything */

struct parts {
	struct value *keys; /* the types as text: equal ones are one */
	struct value *schemas;
};

static bool is_annotated(struct schema_reader *r, const struct python_expr *expr)
{
	return expr->kind == EXPR_SUBSCRIPT && expr->n_args > 1 &&
	       strcmp(schema_dotted(r, expr->args[0]), "typing.Annotated") == 0;
}

/* The expression as a text that is equal for equal types. */
/* NOLINTNEXTLINE(misc-no-recursion): an expression's height is bounded */
static void write_key(struct schema_reader *r, const struct python_expr *expr, struct text *out)
{
	const char *dotted = schema_dotted(r, expr);

	if (expr->kind == EXPR_STRING) {
		write_key(r, python_expression_read(expr->text, r->arena), out);
		return;
	}
	if (is_annotated(r, expr)) {
		write_key(r, expr->args[1], out);
		return;
	}
	text_addf(out, "%d %s(", (int)expr->kind, *dotted ? dotted : expr->text ? expr->text : "");
	for (size_t i = 0; i < expr->n_args; i++) {
		write_key(r, expr->args[i], out);
		text_add_char(out, ',');
	}
	text_add_char(out, ')');
}

/* What a name of the file stands for, if that is a type written out. */
static const struct python_expr *behind(struct schema_reader *r, const struct python_expr *expr)
{
	for (size_t i = 0; i < SCHEMA_DEPTH_MAX; i++) {
		const struct python_assignment *assignment =
			expr->kind == EXPR_NAME ? python_find_assignment(r->module, expr->text)
						: NULL;

		if (expr->kind == EXPR_STRING)
			expr = python_expression_read(expr->text, r->arena);
		else if (assignment && assignment->value)
			expr = assignment->value;
		else
			break;
	}
	return expr;
}

static const char *head_of(struct schema_reader *r, const struct python_expr *expr)
{
	return expr->kind == EXPR_SUBSCRIPT ? schema_dotted(r, expr->args[0])
					    : schema_dotted(r, expr);
}

/* Does `|` with it give a Union of typing? */
static bool is_of_typing(struct schema_reader *r, const struct python_expr *expr)
{
	expr = behind(r, expr);
	const char *head = head_of(r, expr);

	if (expr->kind == EXPR_SUBSCRIPT)
		return text_starts_with(head, "typing.");
	if (expr->kind == EXPR_CALL)
		return true;
	return text_starts_with(head, "typing.") && strcmp(head, "typing.Any") != 0 &&
	       strcmp(head, "typing.Text") != 0;
}

static bool is_listed(struct schema_reader *r, const struct python_expr *expr)
{
	for (size_t i = 0; i < expr->n_args; i++) {
		const struct python_expr *arg = behind(r, expr->args[i]);

		if (arg->kind == EXPR_OR ? is_listed(r, arg) : is_of_typing(r, arg))
			return true;
	}
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
static bool add_part(struct schema_reader *r, const struct python_expr *expr, struct parts *parts)
{
	const struct python_expr *type = behind(r, expr);

	while (is_annotated(r, type))
		type = behind(r, type->args[1]);
	const char *head = head_of(r, type);
	bool is_optional = type->kind == EXPR_SUBSCRIPT && strcmp(head, "typing.Optional") == 0;
	bool is_union = type->kind == EXPR_SUBSCRIPT && strcmp(head, "typing.Union") == 0;
	auto_text key = {0};

	if (is_optional || is_union || type->kind == EXPR_OR) {
		static const struct python_expr none = {.kind = EXPR_NONE};

		if (!schema_enter(r, expr->line))
			return false;
		for (size_t i = type->kind == EXPR_OR ? 0 : 1; i < type->n_args; i++)
			if (!add_part(r, type->args[i], parts))
				return false;
		schema_leave(r);
		return !is_optional || add_part(r, &none, parts);
	}
	write_key(r, type, &key);
	struct value *text = value_text(r->arena, text_str(&key));

	for (size_t i = 0; i < value_count(parts->keys); i++)
		if (value_is_equal(value_at(parts->keys, i, NULL), text))
			return true;
	struct value *schema = of_hint(r, type);

	if (!schema)
		return false;
	value_push(r->arena, parts->keys, text);
	value_push(r->arena, parts->schemas, schema);
	return true;
}

static struct value *union_hint(struct schema_reader *r, const struct python_expr *expr)
{
	struct parts parts = {value_list(r->arena), value_list(r->arena)};

	if (expr->kind == EXPR_OR && !is_listed(r, expr))
		return value_object(r->arena);
	if (!add_part(r, expr, &parts))
		return NULL;
	return value_count(parts.schemas) == 1 ? value_at(parts.schemas, 0, NULL)
					       : value_pair(r->arena, "oneOf", parts.schemas);
}

/* --- types with arguments */

static struct value *tuple_hint(struct schema_reader *r, const struct python_expr *expr)
{
	struct value *items = value_list(r->arena);
	struct value *schema = typed(r, "array");
	bool is_empty = expr->n_args == 2 && expr->args[1]->kind == EXPR_TUPLE &&
			expr->args[1]->n_args == 0;

	for (size_t i = 1; !is_empty && i < expr->n_args; i++) {
		struct value *item = expr->args[i]->kind == EXPR_ELLIPSIS
					     ? value_object(r->arena)
					     : of_hint(r, expr->args[i]);

		if (!item)
			return NULL;
		value_push(r->arena, items, item);
	}
	value_set(r->arena, schema, "items", items);
	value_set(r->arena, schema, "minItems",
		  value_integer(r->arena, (int64_t)value_count(items)));
	value_set(r->arena, schema, "maxItems",
		  value_integer(r->arena, (int64_t)value_count(items)));
	return schema;
}

static struct value *literal_hint(struct schema_reader *r, const struct python_expr *expr)
{
	struct value *values = value_list(r->arena);
	struct value *unique = value_list(r->arena);

	for (size_t i = 1; i < expr->n_args; i++)
		if (expr->args[i]->kind == EXPR_ATTRIBUTE) {
			schema_give_up(r, expr->line, "a member of an enum stands in Literal");
			return NULL;
		}
	if (!schema_literal_values(r, expr, values))
		return NULL;
	for (size_t i = 0; i < value_count(values); i++) {
		bool is_new = true;

		for (size_t k = 0; k < i; k++)
			is_new = is_new && !value_is_equal(value_at(values, i, NULL),
							   value_at(values, k, NULL));
		if (is_new)
			value_push(r->arena, unique, value_at(values, i, NULL));
	}
	return value_pair(r->arena, "enum", unique);
}

static struct value *subscript_hint(struct schema_reader *r, const struct python_expr *expr)
{
	const char *head = schema_dotted(r, expr->args[0]);
	bool is_list = strcmp(head, "builtins.list") == 0 || strcmp(head, "typing.List") == 0;
	bool is_set = strcmp(head, "builtins.set") == 0 || strcmp(head, "typing.Set") == 0;
	bool is_map = strcmp(head, "builtins.dict") == 0 || strcmp(head, "typing.Dict") == 0;

	if (strcmp(head, "typing.Union") == 0 || strcmp(head, "typing.Optional") == 0)
		return union_hint(r, expr);
	if (strcmp(head, "typing.Annotated") == 0 && expr->n_args > 1)
		return of_hint(r, expr->args[1]);
	if (strcmp(head, "typing.Literal") == 0)
		return literal_hint(r, expr);
	if (strcmp(head, "builtins.tuple") == 0 || strcmp(head, "typing.Tuple") == 0)
		return tuple_hint(r, expr);
	if ((is_list || is_set || is_map) && expr->n_args == (is_map ? 3 : 2)) {
		struct value *inner = of_hint(r, expr->args[expr->n_args - 1]);
		struct value *schema = NULL;

		if (!inner)
			return NULL;
		schema = is_map ? typed(r, "object") : array_of(r, inner);
		if (is_map)
			value_set(r->arena, schema, "additionalProperties", inner);
		if (is_set)
			value_set(r->arena, schema, "uniqueItems", value_bool(r->arena, true));
		return schema;
	}
	if (is_anything(head))
		return value_object(r->arena);
	schema_give_up(r, expr->line, "a type with arguments is not known here");
	return NULL;
}

/* conint(…) and the like are the type below their notes; a new name for a type is anything. */
static struct value *call_hint(struct schema_reader *r, const struct python_expr *expr)
{
	const char *head = expr->n_args > 0 ? schema_dotted(r, expr->args[0]) : "";

	if (strcmp(head, "pydantic.conlist") == 0 && expr->n_args == 2) {
		struct value *items = of_hint(r, expr->args[1]);

		return items ? array_of(r, items) : NULL;
	}
	if (strcmp(head, "pydantic.conint") == 0 || strcmp(head, "pydantic.confloat") == 0 ||
	    strcmp(head, "pydantic.constr") == 0)
		return outside_hint(r, head, expr->line);
	if (strcmp(head, "typing.NewType") == 0 || strcmp(head, "typing.TypeVar") == 0)
		return value_object(r->arena);
	schema_give_up(r, expr->line, "a type is computed when the file runs");
	return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
static struct value *of_hint(struct schema_reader *r, const struct python_expr *expr)
{
	struct value *schema = NULL;

	if (!schema_enter(r, expr->line))
		return NULL;
	switch (expr->kind) {
	case EXPR_STRING:
		schema = of_hint(r, python_expression_read(expr->text, r->arena));
		break;
	case EXPR_NONE:
		schema = value_object(r->arena);
		break;
	case EXPR_OR:
		schema = union_hint(r, expr);
		break;
	case EXPR_NAME:
	case EXPR_ATTRIBUTE:
		schema = name_hint(r, expr);
		break;
	case EXPR_SUBSCRIPT:
		schema = subscript_hint(r, expr);
		break;
	case EXPR_CALL:
		schema = call_hint(r, expr);
		break;
	case EXPR_BYTES:
	case EXPR_INTEGER:
	case EXPR_FLOAT:
	case EXPR_TRUE:
	case EXPR_FALSE:
	case EXPR_ELLIPSIS:
	case EXPR_LIST:
	case EXPR_TUPLE:
	case EXPR_SET:
	case EXPR_DICT:
	case EXPR_OTHER:
		schema_give_up(r, expr->line, "an annotation is computed when the file runs");
		break;
	}
	schema_leave(r);
	return schema;
}

/* --- functions */

static bool fill_input(struct schema_reader *r, const struct python_function *function,
		       struct value *properties, struct value *required)
{
	for (size_t i = 0; i < function->n_parameters; i++) {
		const struct python_parameter *parameter = &function->parameters[i];

		if (!parameter->annotation)
			continue;
		struct value *schema = of_hint(r, parameter->annotation);

		if (!schema)
			return false;
		value_set(r->arena, properties, parameter->name, schema);
		value_push(r->arena, required, value_text(r->arena, parameter->name));
	}
	return true;
}

/* A model is shown as itself, with a reference to it nothing could be done. */
static struct value *inlined(struct schema_reader *r, struct value *schema)
{
	const char *name = NULL;
	struct value *result = typed(r, "object");

	if (!value_get(schema, "$ref"))
		return schema;
	for (size_t i = 0; i < value_count(r->definitions); i++) {
		struct value *class = value_at(r->definitions, i, &name);

		if (value_is_equal(schema_ref(r->arena, r->prefix, name), schema)) {
			value_merge(r->arena, result, class);
			return result;
		}
	}
	return schema;
}

void schema_of_function(struct schema_reader *r, const struct python_function *function,
			bool has_input, struct schema_function *out)
{
	struct value *input = typed(r, "object");
	struct value *properties = value_object(r->arena);
	struct value *required = value_list(r->arena);

	*out = (struct schema_function){0};
	value_set(r->arena, input, "properties", properties);
	value_set(r->arena, input, "required", required);
	value_set(r->arena, input, "definitions", r->definitions);
	if (has_input && fill_input(r, function, properties, required))
		out->input = input;
	if (!function->returns)
		return;
	r->depth = 0;
	struct value *schema = of_hint(r, function->returns);

	if (!schema)
		return;
	out->output = inlined(r, schema);
	const struct value *type = value_get(out->output, "type");

	out->content_type = type && value_is_equal(type, value_text(r->arena, "object"))
				    ? "application/json"
				    : "text/plain";
}
