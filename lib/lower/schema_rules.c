/* SPDX-License-Identifier: MIT
 * What Field(), Annotated[…] and the constrained types say beside a type.
 */
#include "lib/lower/schema_reader.h"

#include <string.h>

/* pydantic's name of a rule, and what it is called in a schema of each family. */
static const struct {
	const char *rule, *number, *text, *list, *map;
} rule_names[] = {
	{"ge", "minimum", NULL, NULL, NULL},
	{"gt", "exclusiveMinimum", NULL, NULL, NULL},
	{"le", "maximum", NULL, NULL, NULL},
	{"lt", "exclusiveMaximum", NULL, NULL, NULL},
	{"multiple_of", "multipleOf", NULL, NULL, NULL},
	{"min_length", NULL, "minLength", "minItems", "minProperties"},
	{"max_length", NULL, "maxLength", "maxItems", "maxProperties"},
	{"pattern", NULL, "pattern", NULL, NULL},
};

/* The name in a schema; NULL: such a type does not take the rule. */
static const char *name_of_rule(enum schema_family family, const char *rule)
{
	for (size_t i = 0; i < array_len(rule_names); i++) {
		if (strcmp(rule_names[i].rule, rule) != 0)
			continue;
		switch (family) {
		case FAMILY_NUMBER:
		case FAMILY_DECIMAL:
			return rule_names[i].number;
		case FAMILY_TEXT:
			return rule_names[i].text;
		case FAMILY_BYTES:
			return strcmp(rule, "pattern") == 0 ? NULL : rule_names[i].text;
		case FAMILY_LIST:
			return rule_names[i].list;
		case FAMILY_MAP:
			return rule_names[i].map;
		case FAMILY_UNION: /* shown as it is called */
			return strcmp(rule, "pattern") == 0 ? NULL : rule;
		case FAMILY_TIME:
		case FAMILY_NULLABLE:
		case FAMILY_OTHER:
			break;
		}
	}
	return NULL;
}

static bool apply_inside(struct schema_reader *r, struct schema_shape *type,
			 const struct value *rules, size_t line)
{
	struct value *members = value_list(r->arena);

	if (!schema_apply_rules(r, type->inner, rules, line))
		return false;
	value_push(r->arena, members, type->inner->schema);
	value_push(r->arena, members, value_pair(r->arena, "type", value_text(r->arena, "null")));
	type->schema = schema_any_of(r->arena, members);
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the type */
bool schema_apply_rules(struct schema_reader *r, struct schema_shape *type,
			const struct value *rules, size_t line)
{
	if (value_count(rules) == 0)
		return true;
	if (type->family == FAMILY_NULLABLE)
		return apply_inside(r, type, rules, line);
	struct value *schema = value_copy(r->arena, type->schema);
	struct value *target = schema;

	if (type->family == FAMILY_DECIMAL) {
		struct value *members = value_copy(r->arena, value_get(schema, "anyOf"));

		target = value_copy(r->arena, value_at(members, 0, NULL));
		struct value *changed = value_list(r->arena);

		value_push(r->arena, changed, target);
		value_push(r->arena, changed, value_at(members, 1, NULL));
		value_set(r->arena, schema, "anyOf", changed);
	}
	for (size_t i = 0; i < value_count(rules); i++) {
		const char *rule = NULL;
		struct value *value = value_at(rules, i, &rule);
		const char *name = name_of_rule(type->family, rule);
		bool is_hidden = type->family == FAMILY_TIME && strlen(rule) == 2;

		if (is_hidden) /* of dates; checked, not shown */
			continue;
		if (!name)
			return schema_give_up(r, line, "'%s' stands beside a type without it",
					      rule);
		if (value_get(target, name))
			return schema_give_up(r, line, "'%s' is given twice", rule);
		value_set(r->arena, target, name, value);
	}
	type->schema = schema;
	return true;
}

/* --- arguments */

enum argument_kind { ARGUMENT_RULE, ARGUMENT_NOTE, ARGUMENT_HIDDEN, ARGUMENT_REFUSED };

/* Arguments that are spelled out; what is not here is shown as it is called. */
static enum argument_kind kind_of_argument(const char *name)
{
	static const char *const hidden[] = {
		"strict",
		"frozen",
		"repr",
		"exclude",
		"init",
		"init_var",
		"kw_only",
		"validate_default",
		"allow_inf_nan",
		"max_digits",
		"decimal_places",
		"union_mode",
		"fail_fast",
		"coerce_numbers_to_str",
		"serialization_alias",
		"strip_whitespace",
		"to_lower",
		"to_upper",
	};
	static const char *const refused[] = {
		"discriminator",  "field_title_generator",
		"alias_priority", "min_items",
		"max_items",      "unique_items",
		"const",          "regex",
		"include",        "final",
		"allow_mutation", "**",
		"exclude_if",     "*",
	};

	for (size_t i = 0; i < array_len(rule_names); i++)
		if (strcmp(rule_names[i].rule, name) == 0)
			return ARGUMENT_RULE;
	for (size_t i = 0; i < array_len(hidden); i++)
		if (strcmp(hidden[i], name) == 0)
			return ARGUMENT_HIDDEN;
	for (size_t i = 0; i < array_len(refused); i++)
		if (strcmp(refused[i], name) == 0)
			return ARGUMENT_REFUSED;
	return ARGUMENT_NOTE;
}

static bool read_default(struct schema_reader *r, const struct python_expr *value,
			 struct schema_field *field)
{
	if (value->kind == EXPR_ELLIPSIS)
		return true;
	field->is_optional = true;
	return schema_literal_value(r, value, &field->default_value);
}

static bool read_alias(struct schema_reader *r, const struct python_expr *value, bool is_for_input,
		       struct schema_field *field)
{
	if (value->kind == EXPR_NONE)
		return true;
	if (value->kind != EXPR_STRING)
		return schema_give_up(r, value->line, "an alias is computed when the file runs");
	if (is_for_input || !field->alias)
		field->alias = value->text;
	return true;
}

/* What is shown of a note; whatever says that a field is deprecated is shown as true. */
static bool read_note(struct schema_reader *r, const char *name, const struct python_expr *expr,
		      struct schema_field *field)
{
	struct value *value = NULL;

	if (expr->kind == EXPR_NONE)
		return true;
	if (strcmp(name, "deprecated") == 0) {
		if (expr->kind != EXPR_FALSE)
			value_set(r->arena, field->notes, name, value_bool(r->arena, true));
		return expr->kind == EXPR_TRUE || expr->kind == EXPR_FALSE ||
		       expr->kind == EXPR_STRING ||
		       schema_give_up(r, expr->line, "'deprecated' is computed");
	}
	if (!schema_literal_value(r, expr, &value))
		return false;
	if (strcmp(name, "json_schema_extra") != 0) {
		value_set(r->arena, field->notes, name, value);
		return true;
	}
	if (!value_is_object(value))
		return schema_give_up(r, expr->line, "'json_schema_extra' is computed");
	value_merge(r->arena, field->notes, value);
	return true;
}

static bool read_argument(struct schema_reader *r, const char *name,
			  const struct python_expr *value, struct schema_field *field)
{
	struct value *rule = NULL;

	if (strcmp(name, "default") == 0)
		return read_default(r, value, field);
	if (strcmp(name, "default_factory") == 0) {
		field->is_optional = true;
		return true;
	}
	if (strcmp(name, "alias") == 0 || strcmp(name, "validation_alias") == 0)
		return read_alias(r, value, name[0] == 'v', field);
	switch (kind_of_argument(name)) {
	case ARGUMENT_RULE:
		if (value->kind == EXPR_NONE)
			return true;
		if (!schema_literal_value(r, value, &rule))
			return false;
		value_set(r->arena, field->rules, name, rule);
		return true;
	case ARGUMENT_NOTE:
		return read_note(r, name, value, field);
	case ARGUMENT_HIDDEN:
		return true;
	case ARGUMENT_REFUSED:
		break;
	}
	return schema_give_up(r, value->line, "what '%s' does is not known here", name);
}

static bool read_field(struct schema_reader *r, const struct python_expr *call,
		       struct schema_field *field)
{
	if (call->n_args > 2)
		return schema_give_up(r, call->line, "Field() has too many arguments");
	if (call->n_args == 2 && !read_default(r, call->args[1], field))
		return false;
	for (size_t i = 0; i < call->n_keywords; i++)
		if (!read_argument(r, call->keywords[i].name, call->keywords[i].value, field))
			return false;
	return true;
}

/* annotated_types.Ge(1), Len(1, 2) … */
static bool read_annotated_type(struct schema_reader *r, const char *name,
				const struct python_expr *call, struct schema_field *field)
{
	static const struct {
		const char *name, *rule, *second;
	} known[] = {
		{"Ge", "ge", NULL},
		{"Gt", "gt", NULL},
		{"Le", "le", NULL},
		{"Lt", "lt", NULL},
		{"MultipleOf", "multiple_of", NULL},
		{"MinLen", "min_length", NULL},
		{"MaxLen", "max_length", NULL},
		{"Len", "min_length", "max_length"},
	};

	for (size_t i = 0; i < array_len(known); i++) {
		size_t n = known[i].second ? 3 : 2;

		if (strcmp(known[i].name, name) != 0 || call->n_keywords > 0 || call->n_args < 2 ||
		    call->n_args > n)
			continue;
		return read_argument(r, known[i].rule, call->args[1], field) &&
		       (call->n_args == 2 ||
			read_argument(r, known[i].second, call->args[2], field));
	}
	return schema_give_up(r, call->line, "what '%s' does is not known here", name);
}

/* Only validators that do not say what they take leave the schema alone. */
static bool is_silent(const char *dotted, const struct python_expr *call)
{
	static const char *const silent[] = {"pydantic.AfterValidator", "pydantic.BeforeValidator",
					     "pydantic.WrapValidator",  "pydantic.PlainSerializer",
					     "pydantic.WrapSerializer", "pydantic.Strict"};

	for (size_t i = 0; i < call->n_keywords; i++)
		if (strcmp(call->keywords[i].name, "json_schema_input_type") == 0)
			return false;
	for (size_t i = 0; i < array_len(silent); i++)
		if (strcmp(silent[i], dotted) == 0)
			return true;
	return false;
}

bool schema_read_metadata(struct schema_reader *r, const struct python_expr *expr,
			  struct schema_field *field)
{
	if (expr->kind == EXPR_STRING || expr->kind == EXPR_INTEGER || expr->kind == EXPR_NONE)
		return true; /* a note for others */
	const char *dotted =
		expr->kind == EXPR_CALL && expr->n_args > 0 ? schema_dotted(r, expr->args[0]) : "";

	if (strcmp(dotted, "pydantic.Field") == 0)
		return read_field(r, expr, field);
	if (text_starts_with(dotted, "annotated_types."))
		return read_annotated_type(r, dotted + strlen("annotated_types."), expr, field);
	if (strcmp(dotted, "pydantic.StringConstraints") == 0 && expr->n_args == 1)
		return read_field(r, expr, field);
	if (*dotted && is_silent(dotted, expr))
		return true;
	return schema_give_up(r, expr->line, "what stands in Annotated[…] is not known here");
}

bool schema_of_call(struct schema_reader *r, const struct python_expr *call,
		    struct schema_shape *out)
{
	static const struct {
		const char *dotted, *json;
		enum schema_family family;
	} known[] = {
		{"pydantic.conint", "integer", FAMILY_NUMBER},
		{"pydantic.confloat", "number", FAMILY_NUMBER},
		{"pydantic.constr", "string", FAMILY_TEXT},
		{"pydantic.conlist", "array", FAMILY_LIST},
	};
	const char *dotted = call->n_args > 0 ? schema_dotted(r, call->args[0]) : "";
	struct schema_field field = {.rules = value_object(r->arena),
				     .notes = value_object(r->arena)};
	struct schema_shape item = {0};

	for (size_t i = 0; i < array_len(known); i++) {
		bool is_list = known[i].family == FAMILY_LIST;

		if (strcmp(known[i].dotted, dotted) != 0 || call->n_args != (is_list ? 2 : 1))
			continue;
		*out = (struct schema_shape){
			.family = known[i].family,
			.schema =
				value_pair(r->arena, "type", value_text(r->arena, known[i].json))};
		if (is_list) {
			if (!schema_of_type(r, call->args[1], &item))
				return false;
			value_set(r->arena, out->schema, "items", item.schema);
		}
		for (size_t k = 0; k < call->n_keywords; k++)
			if (!read_argument(r, call->keywords[k].name, call->keywords[k].value,
					   &field))
				return false;
		return schema_apply_rules(r, out, field.rules, call->line);
	}
	return schema_give_up(r, call->line, "a type is computed when the file runs");
}
