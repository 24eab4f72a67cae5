/* SPDX-License-Identifier: MIT
 * The parameters of a function: `a, /, b: int = 1, *args, c, **rest`.
 */
#include "lib/python/parser.h"

/* `name`, `name: annotation`, `name = value`; behind the stars. */
static bool parse_one(struct python_parser *p, size_t from, size_t to, struct python_parameter *out)
{
	const struct python_tokens *t = p->tokens;

	if (from >= to || !python_token_is_identifier(t, from))
		return python_fault_at(p->fault, t, from,
				       "invalid syntax: a parameter has no name");
	size_t equals = python_find_token(t, from, to, "=");
	size_t colon = python_find_token(t, from, equals, ":");

	out->name = arena_strndup(p->arena, t->text + t->items[from].at, t->items[from].len);
	if (from + 1 != colon)
		return python_fault_at(p->fault, t, from + 1, "invalid syntax in a parameter");
	if (colon < equals)
		out->annotation = python_parse_expr(p, colon + 1, equals);
	if (equals < to)
		out->value = python_parse_expr(p, equals + 1, to);
	return true;
}

bool python_parse_parameters(struct python_parser *p, size_t from, size_t to,
			     struct python_function *out)
{
	const struct python_tokens *t = p->tokens;
	enum python_parameter_kind kind = PARAMETER_PLAIN;
	struct python_list list = {0};

	for (size_t end; from < to; from = end + 1) {
		bool is_star = python_token_is(t, from, "*");
		bool is_stars = python_token_is(t, from, "**");

		end = python_find_token(t, from, to, ",");
		if (end - from == 1 && python_token_is(t, from, "/"))
			continue;
		if (is_star)
			kind = PARAMETER_KEYWORD;
		if (end - from == 1 && is_star)
			continue;
		struct python_parameter *one = python_list_add(&list, sizeof(*one), p->arena);

		if (!parse_one(p, from + (is_star || is_stars), end, one))
			return false;
		one->kind = is_star ? PARAMETER_STAR : is_stars ? PARAMETER_STARS : kind;
	}
	out->parameters = list.items;
	out->n_parameters = list.n;
	return true;
}
