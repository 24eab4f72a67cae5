/* SPDX-License-Identifier: MIT
 * What pydantic (2.14) makes of a type.
 */
#include "lib/lower/schema_reader.h"

#include <string.h>

/* Types by themselves. */
static const struct {
	const char *dotted;
	enum schema_family family;
	const char *schema;
} plain_types[] = {
	{"builtins.str", FAMILY_TEXT, "{\"type\":\"string\"}"},
	{"typing.Text", FAMILY_TEXT, "{\"type\":\"string\"}"},
	{"builtins.int", FAMILY_NUMBER, "{\"type\":\"integer\"}"},
	{"builtins.float", FAMILY_NUMBER, "{\"type\":\"number\"}"},
	{"builtins.bool", FAMILY_OTHER, "{\"type\":\"boolean\"}"},
	{"builtins.bytes", FAMILY_BYTES, "{\"type\":\"string\",\"format\":\"binary\"}"},
	{"builtins.complex", FAMILY_OTHER, "{\"type\":\"string\"}"},
	{"builtins.object", FAMILY_OTHER, "{}"},
	{"typing.Any", FAMILY_OTHER, "{}"},
	{"typing.Hashable", FAMILY_OTHER, "{}"},
	{"datetime.date", FAMILY_TIME, "{\"type\":\"string\",\"format\":\"date\"}"},
	{"datetime.datetime", FAMILY_TIME, "{\"type\":\"string\",\"format\":\"date-time\"}"},
	{"datetime.time", FAMILY_TIME, "{\"type\":\"string\",\"format\":\"time\"}"},
	{"datetime.timedelta", FAMILY_TIME, "{\"type\":\"string\",\"format\":\"duration\"}"},
	{"uuid.UUID", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"uuid\"}"},
	{"decimal.Decimal", FAMILY_DECIMAL,
	 "{\"anyOf\":[{\"type\":\"number\"},{\"type\":\"string\"}]}"},
	{"pathlib.Path", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"path\"}"},
	{"pathlib.PurePath", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"path\"}"},
	{"re.Pattern", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"regex\"}"},
	{"typing.Pattern", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"regex\"}"},
	{"ipaddress.IPv4Address", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"ipv4\"}"},
	{"ipaddress.IPv6Address", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"ipv6\"}"},
	{"ipaddress.IPv4Network", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"ipv4network\"}"},
	{"ipaddress.IPv6Network", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"ipv6network\"}"},
	{"pydantic.HttpUrl", FAMILY_OTHER,
	 "{\"type\":\"string\",\"format\":\"uri\",\"maxLength\":2083,\"minLength\":1}"},
	{"pydantic.AnyUrl", FAMILY_OTHER,
	 "{\"type\":\"string\",\"format\":\"uri\",\"minLength\":1}"},
	{"pydantic.AnyHttpUrl", FAMILY_OTHER,
	 "{\"type\":\"string\",\"format\":\"uri\",\"minLength\":1}"},
	{"pydantic.FileUrl", FAMILY_OTHER,
	 "{\"type\":\"string\",\"format\":\"uri\",\"minLength\":1}"},
	{"pydantic.EmailStr", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"email\"}"},
	{"pydantic.SecretStr", FAMILY_OTHER,
	 "{\"type\":\"string\",\"format\":\"password\",\"writeOnly\":true}"},
	{"pydantic.UUID1", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"uuid1\"}"},
	{"pydantic.UUID3", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"uuid3\"}"},
	{"pydantic.UUID4", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"uuid4\"}"},
	{"pydantic.UUID5", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"uuid5\"}"},
	{"pydantic.FilePath", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"file-path\"}"},
	{"pydantic.DirectoryPath", FAMILY_OTHER,
	 "{\"type\":\"string\",\"format\":\"directory-path\"}"},
	{"pydantic.Base64Bytes", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"base64\"}"},
	{"pydantic.Base64Str", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"base64\"}"},
	{"pydantic.Base64UrlBytes", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"base64url\"}"},
	{"pydantic.Base64UrlStr", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"base64url\"}"},
	{"pydantic.PositiveInt", FAMILY_NUMBER, "{\"type\":\"integer\",\"exclusiveMinimum\":0}"},
	{"pydantic.NegativeInt", FAMILY_NUMBER, "{\"type\":\"integer\",\"exclusiveMaximum\":0}"},
	{"pydantic.NonNegativeInt", FAMILY_NUMBER, "{\"type\":\"integer\",\"minimum\":0}"},
	{"pydantic.NonPositiveInt", FAMILY_NUMBER, "{\"type\":\"integer\",\"maximum\":0}"},
	{"pydantic.PositiveFloat", FAMILY_NUMBER, "{\"type\":\"number\",\"exclusiveMinimum\":0}"},
	{"pydantic.NegativeFloat", FAMILY_NUMBER, "{\"type\":\"number\",\"exclusiveMaximum\":0}"},
	{"pydantic.NonNegativeFloat", FAMILY_NUMBER, "{\"type\":\"number\",\"minimum\":0}"},
	{"pydantic.NonPositiveFloat", FAMILY_NUMBER, "{\"type\":\"number\",\"maximum\":0}"},
	{"pydantic.FiniteFloat", FAMILY_NUMBER, "{\"type\":\"number\"}"},
	{"pydantic.StrictInt", FAMILY_NUMBER, "{\"type\":\"integer\"}"},
	{"pydantic.StrictFloat", FAMILY_NUMBER, "{\"type\":\"number\"}"},
	{"pydantic.StrictStr", FAMILY_TEXT, "{\"type\":\"string\"}"},
	{"pydantic.StrictBool", FAMILY_OTHER, "{\"type\":\"boolean\"}"},
	{"pydantic.StrictBytes", FAMILY_BYTES, "{\"type\":\"string\",\"format\":\"binary\"}"},
	{"pydantic.Json", FAMILY_OTHER,
	 "{\"type\":\"string\",\"contentMediaType\":\"application/json\",\"contentSchema\":{}}"},
	{"pydantic.PastDate", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"date\"}"},
	{"pydantic.FutureDate", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"date\"}"},
	{"pydantic.PastDatetime", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"date-time\"}"},
	{"pydantic.FutureDatetime", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"date-time\"}"},
	{"pydantic.AwareDatetime", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"date-time\"}"},
	{"pydantic.NaiveDatetime", FAMILY_OTHER, "{\"type\":\"string\",\"format\":\"date-time\"}"},
	{"pydantic.JsonValue", FAMILY_OTHER, "{}"},
};

/* Types of several: their shape, and what pydantic makes of them. */
enum shape { SHAPE_LIST, SHAPE_SET, SHAPE_MAP, SHAPE_TUPLE };
static const struct {
	const char *dotted;
	enum shape shape;
} collections[] = {
	{"builtins.list", SHAPE_LIST},
	{"typing.List", SHAPE_LIST},
	{"typing.Sequence", SHAPE_LIST},
	{"typing.MutableSequence", SHAPE_LIST},
	{"typing.Iterable", SHAPE_LIST},
	{"typing.Deque", SHAPE_LIST},
	{"collections.deque", SHAPE_LIST},
	{"collections.abc.Sequence", SHAPE_LIST},
	{"collections.abc.MutableSequence", SHAPE_LIST},
	{"collections.abc.Iterable", SHAPE_LIST},
	{"builtins.set", SHAPE_SET},
	{"builtins.frozenset", SHAPE_SET},
	{"typing.Set", SHAPE_SET},
	{"typing.FrozenSet", SHAPE_SET},
	{"typing.AbstractSet", SHAPE_SET},
	{"typing.MutableSet", SHAPE_SET},
	{"collections.abc.Set", SHAPE_SET},
	{"collections.abc.MutableSet", SHAPE_SET},
	{"builtins.dict", SHAPE_MAP},
	{"typing.Dict", SHAPE_MAP},
	{"typing.Mapping", SHAPE_MAP},
	{"typing.MutableMapping", SHAPE_MAP},
	{"typing.OrderedDict", SHAPE_MAP},
	{"typing.DefaultDict", SHAPE_MAP},
	{"collections.OrderedDict", SHAPE_MAP},
	{"collections.defaultdict", SHAPE_MAP},
	{"collections.abc.Mapping", SHAPE_MAP},
	{"collections.abc.MutableMapping", SHAPE_MAP},
	{"builtins.tuple", SHAPE_TUPLE},
	{"typing.Tuple", SHAPE_TUPLE},
};

static struct value *parse(struct schema_reader *r, const char *json)
{
	auto_json struct json *document = NULL;
	struct error ignored; /* it is ours */

	if (!json_parse(json, strlen(json), SIZE_MAX, &document, &ignored))
		return value_object(r->arena);
	return value_from_json(r->arena, document);
}

static struct value *array_schema(struct schema_reader *r, struct value *items)
{
	struct value *schema = value_object(r->arena);

	value_set(r->arena, schema, "items", items);
	value_set_text(r->arena, schema, "type", "array");
	return schema;
}

static bool find_collection(const char *dotted, enum shape *out)
{
	for (size_t i = 0; i < array_len(collections); i++)
		if (strcmp(collections[i].dotted, dotted) == 0) {
			*out = collections[i].shape;
			return true;
		}
	return false;
}

static bool map_type(struct schema_reader *r, struct schema_shape *key, struct schema_shape *value,
		     struct schema_shape *out)
{
	struct value *schema = value_pair(r->arena, "type", value_text(r->arena, "object"));
	struct value *keys = key ? value_copy(r->arena, key->schema) : value_object(r->arena);
	struct value *values = value ? value_copy(r->arena, value->schema) : value_object(r->arena);
	bool is_reference = value_get(keys, "$ref") != NULL;
	struct value *pattern = is_reference ? NULL : value_get(keys, "pattern");

	value_remove(values, "title");
	if (!is_reference) {
		value_remove(keys, "pattern");
		value_remove(keys, "title");
	}
	if (pattern && value_raw_text(pattern)) {
		auto_json struct json *json = NULL;
		const char *raw = value_raw_text(pattern);
		struct error ignored; /* it is ours */

		if (!json_parse(raw, strlen(raw), SIZE_MAX, &json, &ignored))
			return false;
		value_set(r->arena, schema, "patternProperties",
			  value_pair(r->arena, arena_strdup(r->arena, json_text(json)), values));
	} else {
		value_set(r->arena, schema, "additionalProperties",
			  value_count(values) > 0 ? values : value_bool(r->arena, true));
	}
	const struct value *type = value_get(keys, "type");
	bool is_text = type && value_is_equal(type, value_text(r->arena, "string"));

	if (is_reference || (is_text && value_count(keys) > 1)) {
		value_remove(keys, "type");
		value_set(r->arena, schema, "propertyNames", keys);
	}
	*out = (struct schema_shape){.family = FAMILY_MAP, .schema = schema};
	return true;
}

/* tuple[A, B] and tuple[A, ...] */
static bool tuple_type(struct schema_reader *r, const struct python_expr *expr,
		       struct schema_shape *out)
{
	struct value *items = value_list(r->arena);
	struct value *schema = value_pair(r->arena, "type", value_text(r->arena, "array"));
	size_t n = expr->n_args - 1;

	if (n == 1 && expr->args[1]->kind == EXPR_TUPLE && expr->args[1]->n_args == 0)
		n = 0;
	*out = (struct schema_shape){.family = FAMILY_LIST, .schema = schema};
	for (size_t i = 0; i < n; i++) {
		const struct python_expr *arg = expr->args[i + 1];
		struct schema_shape item = {0};

		if (arg->kind == EXPR_ELLIPSIS && i == 1 && n == 2) {
			value_set(r->arena, schema, "items", value_at(items, 0, NULL));
			return true;
		}
		if (!schema_of_type(r, arg, &item))
			return false;
		value_push(r->arena, items, item.schema);
	}
	if (n > 0)
		value_set(r->arena, schema, "prefixItems", items);
	value_set(r->arena, schema, "minItems", value_integer(r->arena, (int64_t)n));
	value_set(r->arena, schema, "maxItems", value_integer(r->arena, (int64_t)n));
	return true;
}

/* A collection with the types in its brackets; `expr` is NULL without them. */
static bool collection_type(struct schema_reader *r, enum shape shape,
			    const struct python_expr *expr, size_t line, struct schema_shape *out)
{
	struct schema_shape types[2] = {{0}};
	size_t n = expr ? expr->n_args - 1 : 0;

	if (shape == SHAPE_TUPLE && expr)
		return tuple_type(r, expr, out);
	if (n > 0 && n != (shape == SHAPE_MAP ? 2 : 1))
		return schema_give_up(r, line, "a type has too many or too few arguments");
	for (size_t i = 0; i < n; i++)
		if (!schema_of_type(r, expr->args[i + 1], &types[i]))
			return false;
	if (shape == SHAPE_MAP)
		return map_type(r, n ? &types[0] : NULL, n ? &types[1] : NULL, out);
	struct value *schema = array_schema(r, n ? types[0].schema : value_object(r->arena));

	if (shape == SHAPE_SET)
		value_set(r->arena, schema, "uniqueItems", value_bool(r->arena, true));
	*out = (struct schema_shape){.family = FAMILY_LIST, .schema = schema};
	return true;
}

static bool outside_type(struct schema_reader *r, const char *dotted, size_t line,
			 struct schema_shape *out)
{
	enum shape shape;

	for (size_t i = 0; i < array_len(plain_types); i++) {
		if (strcmp(plain_types[i].dotted, dotted) != 0)
			continue;
		*out = (struct schema_shape){.family = plain_types[i].family,
					     .schema = parse(r, plain_types[i].schema)};
		if (out->family == FAMILY_BYTES && r->config && r->config->is_base64)
			value_set_text(r->arena, out->schema, "format", "base64url");
		return true;
	}
	if (find_collection(dotted, &shape))
		return collection_type(r, shape, NULL, line, out);
	return schema_give_up(r, line, "'%s' is no type that is known here", dotted);
}

/* --- unions */

struct union_parts {
	struct value *members;
	struct schema_shape first;
	bool is_nullable;
};

static bool add_part(struct schema_reader *r, const struct python_expr *expr,
		     struct union_parts *parts);

static bool is_union(struct schema_reader *r, const struct python_expr *expr)
{
	return expr->kind == EXPR_SUBSCRIPT &&
	       strcmp(schema_dotted(r, expr->args[0]), "typing.Union") == 0;
}

static bool is_optional(struct schema_reader *r, const struct python_expr *expr)
{
	return expr->kind == EXPR_SUBSCRIPT &&
	       strcmp(schema_dotted(r, expr->args[0]), "typing.Optional") == 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): an expression's height is bounded */
static bool add_parts(struct schema_reader *r, const struct python_expr *expr,
		      struct union_parts *parts)
{
	for (size_t i = expr->kind == EXPR_OR ? 0 : 1; i < expr->n_args; i++)
		if (!add_part(r, expr->args[i], parts))
			return false;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): an expression's height is bounded */
static bool add_part(struct schema_reader *r, const struct python_expr *expr,
		     struct union_parts *parts)
{
	struct schema_name name = {0};
	struct schema_shape type = {0};

	if (expr->kind == EXPR_NONE) {
		parts->is_nullable = true;
		return true;
	}
	if (expr->kind == EXPR_STRING)
		return add_part(r, python_expression_read(expr->text, r->arena), parts);
	if (is_optional(r, expr))
		parts->is_nullable = true;
	if (expr->kind == EXPR_OR || is_union(r, expr) || is_optional(r, expr))
		return add_parts(r, expr, parts);
	if (expr->kind == EXPR_NAME && *schema_dotted(r, expr) == '\0') {
		if (!schema_find_name(r, expr, &name))
			return false;
		if (name.kind == NAME_VALUE) {
			bool ok = schema_enter(r, expr->line) && add_part(r, name.value, parts);

			schema_leave(r);
			return ok;
		}
	}
	if (!schema_of_type(r, expr, &type))
		return false;
	if (value_count(parts->members) == 0)
		parts->first = type;
	for (size_t i = 0; i < value_count(parts->members); i++)
		if (value_is_equal(value_at(parts->members, i, NULL), type.schema))
			return true;
	value_push(r->arena, parts->members, type.schema);
	return true;
}

static void make_nullable(struct schema_reader *r, struct schema_shape *inner,
			  struct schema_shape *out)
{
	struct value *members = value_list(r->arena);
	struct schema_shape *kept = arena_alloc(r->arena, sizeof(*kept));

	*kept = *inner;
	value_push(r->arena, members, inner->schema);
	value_push(r->arena, members, value_pair(r->arena, "type", value_text(r->arena, "null")));
	*out = (struct schema_shape){.family = FAMILY_NULLABLE,
				     .schema = schema_any_of(r->arena, members),
				     .inner = kept,
				     .is_reference = inner->is_reference};
}

static bool union_type(struct schema_reader *r, const struct python_expr *expr,
		       struct schema_shape *out)
{
	struct union_parts parts = {.members = value_list(r->arena),
				    .is_nullable = is_optional(r, expr)};
	struct schema_shape type = {0};

	if (!add_parts(r, expr, &parts))
		return false;
	if (value_count(parts.members) == 0) {
		*out = (struct schema_shape){
			.family = FAMILY_OTHER,
			.schema = value_pair(r->arena, "type", value_text(r->arena, "null"))};
		return true;
	}
	type = value_count(parts.members) == 1
		       ? parts.first
		       : (struct schema_shape){.family = FAMILY_UNION,
					       .schema = schema_any_of(r->arena, parts.members)};
	if (parts.is_nullable)
		make_nullable(r, &type, out);
	else
		*out = type;
	return true;
}

/* --- Annotated, Literal and the rest */

static bool annotated_type(struct schema_reader *r, const struct python_expr *expr,
			   struct schema_shape *out)
{
	struct schema_field field = {.rules = value_object(r->arena),
				     .notes = value_object(r->arena)};
	struct schema_shape type = {0};

	if (expr->n_args < 2 || !schema_of_type(r, expr->args[1], &type))
		return schema_give_up(r, expr->line, "Annotated has no type");
	for (size_t i = 2; i < expr->n_args; i++)
		if (!schema_read_metadata(r, expr->args[i], &field))
			return false;
	if (field.is_optional || field.alias)
		return schema_give_up(r, expr->line,
				      "a default or an alias stands inside of a type");
	if (!schema_apply_rules(r, &type, field.rules, expr->line))
		return false;
	type.schema = value_copy(r->arena, type.schema);
	value_merge(r->arena, type.schema, field.notes);
	*out = type;
	return true;
}

static bool subscript_type(struct schema_reader *r, const struct python_expr *expr,
			   struct schema_shape *out)
{
	const char *dotted = schema_dotted(r, expr->args[0]);
	enum shape shape;

	if (strcmp(dotted, "typing.Union") == 0 || strcmp(dotted, "typing.Optional") == 0)
		return union_type(r, expr, out);
	if (strcmp(dotted, "typing.Annotated") == 0)
		return annotated_type(r, expr, out);
	if (strcmp(dotted, "typing.Literal") == 0) {
		struct value *values = value_list(r->arena);

		if (!schema_literal_values(r, expr, values))
			return false;
		*out = (struct schema_shape){.family = FAMILY_OTHER,
					     .schema = schema_literal(r->arena, values)};
		return true;
	}
	if (find_collection(dotted, &shape))
		return collection_type(r, shape, expr, expr->line, out);
	return schema_give_up(r, expr->line, "a type with arguments is not known here");
}

static bool named_type(struct schema_reader *r, const struct python_expr *expr,
		       struct schema_shape *out)
{
	struct schema_name name = {0};

	if (!schema_find_name(r, expr, &name))
		return false;
	switch (name.kind) {
	case NAME_CLASS:
		return schema_of_class(r, name.class, out);
	case NAME_VALUE:
		return schema_of_type(r, name.value, out);
	case NAME_OUTSIDE:
		break;
	}
	return outside_type(r, name.dotted, expr->line, out);
}

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
bool schema_of_type(struct schema_reader *r, const struct python_expr *expr,
		    struct schema_shape *out)
{
	bool ok = false;

	if (!schema_enter(r, expr->line))
		return false;
	switch (expr->kind) {
	case EXPR_STRING:
		ok = schema_of_type(r, python_expression_read(expr->text, r->arena), out);
		break;
	case EXPR_NONE:
		*out = (struct schema_shape){
			.family = FAMILY_OTHER,
			.schema = value_pair(r->arena, "type", value_text(r->arena, "null"))};
		ok = true;
		break;
	case EXPR_OR:
		ok = union_type(r, expr, out);
		break;
	case EXPR_NAME:
	case EXPR_ATTRIBUTE:
		ok = named_type(r, expr, out);
		break;
	case EXPR_SUBSCRIPT:
		ok = subscript_type(r, expr, out);
		break;
	case EXPR_CALL:
		ok = schema_of_call(r, expr, out);
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
		schema_give_up(r, expr->line, "'%s' is no type that is known here",
			       expr->text ? expr->text : "an expression");
		break;
	}
	schema_leave(r);
	return ok;
}
