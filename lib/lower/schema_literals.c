/* SPDX-License-Identifier: MIT
 * Values in a Python file as JSON: literals, members of enums, the arguments of Literal[…].
 */
#include "lib/lower/schema_reader.h"

#include "lib/lower/codegen_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool give_up(struct schema_reader *r, const struct python_expr *expr)
{
	return schema_give_up(r, expr->line, "a value is computed when the file runs");
}

static bool real_value(struct schema_reader *r, const struct python_expr *expr, struct value **out)
{
	double value = strtod(expr->text, NULL);
	auto_text digits = {0};

	if (!isfinite(value))
		return give_up(r, expr);
	python_add_real(&digits, value);
	*out = value_raw(r->arena, text_str(&digits));
	return true;
}

static bool list_value(struct schema_reader *r, const struct python_expr *expr, struct value **out)
{
	struct value *list = value_list(r->arena);

	for (size_t i = 0; i < expr->n_args; i++) {
		struct value *item = NULL;

		if (!schema_literal_value(r, expr->args[i], &item))
			return false;
		value_push(r->arena, list, item);
	}
	*out = list;
	return true;
}

static int compare_raw(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* pydantic shows the texts of a set in order; of other things we do not know the order. */
static bool set_value(struct schema_reader *r, const struct python_expr *expr, struct value **out)
{
	struct value *list = NULL;

	if (!list_value(r, expr, &list))
		return false;
	const char **texts = arena_alloc(r->arena, (value_count(list) + 1) * sizeof(*texts));

	for (size_t i = 0; i < value_count(list); i++) {
		texts[i] = value_raw_text(value_at(list, i, NULL));
		if (value_count(list) > 1 && (!texts[i] || texts[i][0] != '"'))
			return give_up(r, expr);
		if (!texts[i])
			return give_up(r, expr);
	}
	qsort(texts, value_count(list), sizeof(*texts), compare_raw);
	*out = value_list(r->arena);
	for (size_t i = 0; i < value_count(list); i++)
		if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
			value_push(r->arena, *out, value_raw(r->arena, texts[i]));
	return true;
}

static bool map_value(struct schema_reader *r, const struct python_expr *expr, struct value **out)
{
	struct value *object = value_object(r->arena);

	for (size_t i = 0; i + 1 < expr->n_args; i += 2) {
		struct value *value = NULL;

		if (expr->args[i]->kind != EXPR_STRING)
			return give_up(r, expr);
		if (!schema_literal_value(r, expr->args[i + 1], &value))
			return false;
		value_set(r->arena, object, expr->args[i]->text, value);
	}
	*out = object;
	return true;
}

static bool is_inside_of_enum(const char *name)
{
	size_t len = strlen(name);

	return text_starts_with(name, "__") || (len > 2 && name[0] == '_' && name[len - 1] == '_');
}

/* What auto() gives: the next number, or the name in lower case. */
static bool auto_value(struct schema_reader *r, const struct python_class *class,
		       const struct python_field *member, const struct value *before,
		       struct value **out)
{
	const char *base = class->n_bases == 1 ? schema_dotted(r, class->bases[0]) : "";
	int64_t last = 0;

	if (strcmp(base, "enum.StrEnum") == 0) {
		char *name = arena_strdup(r->arena, member->name);

		for (char *c = name; *c; c++)
			*c = ascii_lower(*c);
		*out = value_text(r->arena, name);
		return true;
	}
	if (strcmp(base, "enum.Enum") != 0 && strcmp(base, "enum.IntEnum") != 0)
		return give_up(r, member->value);
	for (size_t i = 0; i < value_count(before); i++) {
		const char *raw = value_raw_text(value_at(before, i, NULL));
		char *end = NULL;
		long long number = raw ? strtoll(raw, &end, 10) : 0;

		if (!raw || *end)
			return give_up(r, member->value);
		last = number > last ? number : last;
	}
	*out = value_integer(r->arena, last + 1);
	return true;
}

/* Does a base such as `str` turn the value into another one? */
static bool is_kept(struct schema_reader *r, const struct python_class *class,
		    const struct value *value)
{
	const char *raw = value_raw_text(value);

	for (size_t i = 0; i < class->n_bases; i++) {
		const char *base = schema_dotted(r, class->bases[i]);
		bool is_number = raw && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));

		if ((strcmp(base, "builtins.str") == 0 || strcmp(base, "enum.StrEnum") == 0) &&
		    !(raw && raw[0] == '"'))
			return false;
		if ((strcmp(base, "builtins.int") == 0 || strcmp(base, "enum.IntEnum") == 0) &&
		    (!is_number || strpbrk(raw, ".e")))
			return false;
		if (strcmp(base, "builtins.float") == 0 && !(is_number && strpbrk(raw, ".e")))
			return false;
		if (!*base)
			return false;
	}
	return true;
}

static bool member_value(struct schema_reader *r, const struct python_class *class,
			 const struct python_field *member, const struct value *before,
			 struct value **out)
{
	const struct python_expr *value = member->value;

	if (value->kind == EXPR_CALL && value->n_args == 1 &&
	    strcmp(schema_dotted(r, value->args[0]), "enum.auto") == 0)
		return auto_value(r, class, member, before, out);
	if (value->kind == EXPR_TUPLE || value->kind == EXPR_NAME || value->kind == EXPR_DICT ||
	    value->kind == EXPR_LIST || value->kind == EXPR_SET)
		return give_up(r, value);
	if (!schema_literal_value(r, value, out))
		return false;
	return is_kept(r, class, *out) || give_up(r, value);
}

bool schema_enum_values(struct schema_reader *r, const struct python_class *class, bool has_aliases,
			struct value **out)
{
	struct value *values = value_list(r->arena);

	if (class->is_open || class->n_decorators > 0 || class->n_keywords > 0)
		return schema_give_up(r, class->line,
				      "what '%s' holds is not known before the file runs",
				      class->name);
	for (size_t i = 0; i < class->n_fields; i++) {
		const struct python_field *member = &class->fields[i];
		struct value *value = NULL;
		bool is_new = true;

		if (is_inside_of_enum(member->name) || !member->value)
			continue;
		if (!member_value(r, class, member, values, &value))
			return false;
		for (size_t k = 0; k < value_count(values); k++)
			is_new = is_new && !value_is_equal(value_at(values, k, NULL), value);
		if (is_new || has_aliases)
			value_push(r->arena, values, value);
	}
	*out = values;
	return true;
}

/* Color.RED of an enum of the file. */
static bool enum_member(struct schema_reader *r, const struct python_expr *expr, struct value **out)
{
	enum schema_class_kind kind = CLASS_PLAIN;
	struct schema_name owner = {0};

	if (expr->args[0]->kind != EXPR_NAME || !schema_find_name(r, expr->args[0], &owner) ||
	    owner.kind != NAME_CLASS || !schema_class_kind(r, owner.class, &kind) ||
	    kind != CLASS_ENUM)
		return give_up(r, expr);
	struct value *before = value_list(r->arena);

	for (size_t i = 0; i < owner.class->n_fields; i++) {
		const struct python_field *member = &owner.class->fields[i];

		if (is_inside_of_enum(member->name) || !member->value)
			continue;
		if (!member_value(r, owner.class, member, before, out))
			return false;
		if (strcmp(member->name, expr->text) == 0)
			return true;
		value_push(r->arena, before, *out);
	}
	return give_up(r, expr);
}

/* The value behind a name of the file. */
static bool named_value(struct schema_reader *r, const struct python_expr *expr, struct value **out)
{
	struct schema_name name = {0};

	if (!schema_find_name(r, expr, &name))
		return false;
	if (name.kind != NAME_VALUE || !schema_enter(r, expr->line))
		return give_up(r, expr);
	bool ok = schema_literal_value(r, name.value, out);

	schema_leave(r);
	return ok;
}

/* NOLINTNEXTLINE(misc-no-recursion): an expression's height is bounded */
bool schema_literal_value(struct schema_reader *r, const struct python_expr *expr,
			  struct value **out)
{
	switch (expr->kind) {
	case EXPR_STRING:
		*out = value_text(r->arena, expr->text);
		return true;
	case EXPR_INTEGER:
		*out = value_raw(r->arena, *expr->text == '+' ? expr->text + 1 : expr->text);
		return true;
	case EXPR_FLOAT:
		return real_value(r, expr, out);
	case EXPR_TRUE:
	case EXPR_FALSE:
		*out = value_bool(r->arena, expr->kind == EXPR_TRUE);
		return true;
	case EXPR_NONE:
		*out = value_null(r->arena);
		return true;
	case EXPR_LIST:
	case EXPR_TUPLE:
		return list_value(r, expr, out);
	case EXPR_SET:
		return set_value(r, expr, out);
	case EXPR_DICT:
		return map_value(r, expr, out);
	case EXPR_NAME:
		return named_value(r, expr, out);
	case EXPR_ATTRIBUTE:
		return enum_member(r, expr, out);
	case EXPR_BYTES:
	case EXPR_ELLIPSIS:
	case EXPR_SUBSCRIPT:
	case EXPR_CALL:
	case EXPR_OR:
	case EXPR_OTHER:
		break;
	}
	return give_up(r, expr);
}

/* NOLINTNEXTLINE(misc-no-recursion): an expression's height is bounded */
bool schema_literal_values(struct schema_reader *r, const struct python_expr *subscript,
			   struct value *out)
{
	for (size_t i = 1; i < subscript->n_args; i++) {
		const struct python_expr *arg = subscript->args[i];
		struct value *value = NULL;

		if (arg->kind == EXPR_SUBSCRIPT &&
		    strcmp(schema_dotted(r, arg->args[0]), "typing.Literal") == 0) {
			if (!schema_literal_values(r, arg, out))
				return false;
			continue;
		}
		if (arg->kind == EXPR_LIST || arg->kind == EXPR_DICT || arg->kind == EXPR_SET ||
		    arg->kind == EXPR_TUPLE || arg->kind == EXPR_NAME || arg->kind == EXPR_FLOAT)
			return give_up(r, arg);
		if (!schema_literal_value(r, arg, &value))
			return false;
		value_push(r->arena, out, value);
	}
	return true;
}
