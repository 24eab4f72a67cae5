/* SPDX-License-Identifier: MIT
 * Expressions. A range of tokens is first looked at from above, which says what it is, and then
 * taken apart once: nothing is tried and given up.
 */
#include "lib/python/parser.h"

#include <string.h>

/* Of a tree of expressions, so that whoever walks it may call itself. */
enum { EXPR_MAX_HEIGHT = 100 };

void *python_list_add(struct python_list *l, size_t item_size, struct arena *arena)
{
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 4;
		void *items = arena_alloc(arena, capacity * item_size);

		if (l->n > 0)
			memcpy(items, l->items, l->n * item_size);
		l->items = items;
		l->capacity = capacity;
	}
	return (char *)l->items + l->n++ * item_size;
}

size_t python_token_next(const struct python_tokens *t, size_t i)
{
	return t->items[i].match ? t->items[i].match + 1 : i + 1;
}

size_t python_find_token(const struct python_tokens *t, size_t from, size_t to, const char *wanted)
{
	size_t n_lambdas = 0; /* whose ':' is still to come */

	for (size_t i = from; i < to; i = python_token_next(t, i)) {
		if (n_lambdas == 0 && python_token_is(t, i, wanted))
			return i;
		if (python_token_is(t, i, "lambda"))
			n_lambdas++;
		else if (n_lambdas > 0 && python_token_is(t, i, ":"))
			n_lambdas--;
	}
	return to;
}

static struct python_expr *new_expr(struct python_parser *p, enum python_expr_kind kind, size_t at)
{
	struct python_expr *e = arena_alloc(p->arena, sizeof(*e));

	e->kind = kind;
	e->line = p->tokens->items[at].line;
	e->height = 1;
	return e;
}

static const char *token_text(struct python_parser *p, size_t i)
{
	const struct python_token *token = &p->tokens->items[i];

	return arena_strndup(p->arena, p->tokens->text + token->at, token->len);
}

/* The text as written. */
static const struct python_expr *new_other(struct python_parser *p, size_t from, size_t to)
{
	struct python_expr *e = new_expr(p, EXPR_OTHER, from);
	const struct python_token *items = p->tokens->items;
	size_t start = items[from].at;
	size_t end = to > from ? items[to - 1].at + items[to - 1].len : start;

	e->text = arena_strndup(p->arena, p->tokens->text + start, end - start);
	return e;
}

static void raise_height(struct python_expr *e, const struct python_expr *below)
{
	if (e->height <= below->height)
		e->height = below->height + 1;
}

static void set_args(struct python_expr *e, const struct python_list *args)
{
	e->args = args->items;
	e->n_args = args->n;
	for (size_t i = 0; i < e->n_args; i++)
		raise_height(e, e->args[i]);
}

static void add_arg(struct python_parser *p, struct python_list *args, const struct python_expr *e)
{
	*(const struct python_expr **)python_list_add(args, sizeof(struct python_expr *),
						      p->arena) = e;
}

struct python_list python_parse_items(struct python_parser *p, size_t from, size_t to)
{
	struct python_list items = {0};

	while (from < to) {
		size_t end = python_find_token(p->tokens, from, to, ",");

		add_arg(p, &items, python_parse_expr(p, from, end));
		from = end + 1;
	}
	return items;
}

void python_parse_arguments(struct python_parser *p, size_t from, size_t to,
			    struct python_list *args, struct python_list *keywords)
{
	const struct python_tokens *t = p->tokens;

	while (from < to) {
		size_t end = python_find_token(t, from, to, ",");
		bool is_named = end - from > 2 && python_token_is(t, from + 1, "=");
		bool is_spread = python_token_is(t, from, "**");

		if (is_named || is_spread) {
			struct python_keyword *k = python_list_add(keywords, sizeof(*k), p->arena);

			k->name = token_text(p, from);
			k->value = python_parse_expr(p, from + (is_named ? 2 : 1), end);
		} else {
			add_arg(p, args, python_parse_expr(p, from, end));
		}
		from = end + 1;
	}
}

/* Words and operators that bind weaker than '|', and the stars of a call. `await` binds stronger.
 */
static bool is_weak(const struct python_tokens *t, size_t i)
{
	static const char *const weak[] = {
		"<",   ">",  "==", "!=", "<=",   ">=",     ":=",    "=",   ":",    "and",  "or",
		"not", "in", "is", "if", "else", "lambda", "yield", "for", "from", "async"};

	for (size_t k = 0; k < array_len(weak); k++)
		if (python_token_is(t, i, weak[k]))
			return true;
	return false;
}

static bool has_weak(const struct python_tokens *t, size_t from, size_t to)
{
	if (python_token_is(t, from, "*") || python_token_is(t, from, "**"))
		return true;
	for (size_t i = from; i < to; i = python_token_next(t, i))
		if (is_weak(t, i))
			return true;
	return false;
}

/* `[x for x in y]` and the like. */
static bool is_comprehension(const struct python_tokens *t, size_t open)
{
	return python_find_token(t, open + 1, t->items[open].match, "for") < t->items[open].match;
}

/* Behind the atom at `from`; `from` when there is none. */
static size_t atom_end(const struct python_tokens *t, size_t from, size_t to)
{
	size_t i = from;

	if (t->items[from].match)
		return python_token_next(t, from);
	while (i < to && t->items[i].kind == TOKEN_STRING)
		i++;
	if (i > from)
		return i;
	if (t->items[from].kind == TOKEN_NUMBER || python_token_is_identifier(t, from) ||
	    python_token_is(t, from, "True") || python_token_is(t, from, "False") ||
	    python_token_is(t, from, "None") || python_token_is(t, from, "..."))
		return from + 1;
	return from;
}

/* Behind the attribute, call or subscript at `i`; `i` when there is none. */
static size_t trailer_end(const struct python_tokens *t, size_t i, size_t to)
{
	if (python_token_is(t, i, "(") || python_token_is(t, i, "["))
		return python_token_next(t, i);
	if (python_token_is(t, i, ".") && i + 1 < to && t->items[i + 1].kind == TOKEN_NAME)
		return i + 2;
	return i;
}

/* Is it an atom with attributes, calls and subscripts, and nothing else? */
static bool is_primary(const struct python_tokens *t, size_t from, size_t to)
{
	size_t i = atom_end(t, from, to);

	if (i == from)
		return false;
	while (i < to) {
		size_t end = trailer_end(t, i, to);

		if (end == i)
			return false;
		i = end;
	}
	return true;
}

static const struct python_expr *parse_display(struct python_parser *p, size_t open,
					       enum python_expr_kind kind)
{
	struct python_expr *e = new_expr(p, kind, open);
	struct python_list items = python_parse_items(p, open + 1, p->tokens->items[open].match);

	set_args(e, &items);
	return e;
}

/* `(…)`: what is inside, a tuple, or a generator. */
static const struct python_expr *parse_parentheses(struct python_parser *p, size_t open)
{
	size_t from = open + 1;
	size_t to = p->tokens->items[open].match;

	if (from == to || (python_find_token(p->tokens, from, to, ",") < to &&
			   !python_token_is(p->tokens, from, "yield")))
		return parse_display(p, open, EXPR_TUPLE);
	return python_parse_expr(p, from, to);
}

/* `{…}`: a dict when its first item has a ':'. */
static const struct python_expr *parse_braces(struct python_parser *p, size_t open)
{
	const struct python_tokens *t = p->tokens;
	size_t from = open + 1;
	size_t to = t->items[open].match;
	struct python_list items = {0};

	if (from < to && !python_token_is(t, from, "**") &&
	    python_find_token(t, from, python_find_token(t, from, to, ","), ":") ==
		    python_find_token(t, from, to, ","))
		return parse_display(p, open, EXPR_SET);
	while (from < to) {
		size_t end = python_find_token(t, from, to, ",");
		size_t colon = python_find_token(t, from, end, ":");

		if (colon == end) /* `**other` */
			return new_other(p, open, to + 1);
		add_arg(p, &items, python_parse_expr(p, from, colon));
		add_arg(p, &items, python_parse_expr(p, colon + 1, end));
		from = end + 1;
	}
	struct python_expr *e = new_expr(p, EXPR_DICT, open);

	set_args(e, &items);
	return e;
}

static const struct python_expr *parse_constant(struct python_parser *p, size_t at)
{
	static const struct {
		const char *word;
		enum python_expr_kind kind;
	} constants[] = {
		{"True", EXPR_TRUE},
		{"False", EXPR_FALSE},
		{"None", EXPR_NONE},
		{"...", EXPR_ELLIPSIS},
	};

	for (size_t i = 0; i < array_len(constants); i++)
		if (python_token_is(p->tokens, at, constants[i].word))
			return new_expr(p, constants[i].kind, at);
	struct python_expr *e = new_expr(p, EXPR_NAME, at);

	e->text = token_text(p, at);
	return e;
}

static const struct python_expr *parse_number(struct python_parser *p, size_t from, size_t to)
{
	struct python_expr *e = new_expr(p, EXPR_INTEGER, from);

	return python_number_value(p, to - 1, to - from > 1, e) ? e : new_other(p, from, to);
}

static const struct python_expr *parse_atom(struct python_parser *p, size_t from, size_t to)
{
	const struct python_tokens *t = p->tokens;

	if (t->items[from].kind == TOKEN_NUMBER)
		return parse_number(p, from, to);
	if (t->items[from].kind == TOKEN_STRING) {
		struct python_expr *e = new_expr(p, EXPR_STRING, from);

		return python_string_value(p, from, to, e) ? e : new_other(p, from, to);
	}
	if (!t->items[from].match)
		return parse_constant(p, from);
	if (is_comprehension(t, from))
		return new_other(p, from, to);
	if (python_token_is(t, from, "("))
		return parse_parentheses(p, from);
	return python_token_is(t, from, "[") ? parse_display(p, from, EXPR_LIST)
					     : parse_braces(p, from);
}

/* `a[b, c]` and `a[(b, c)]` are the same. */
static void add_index(struct python_parser *p, size_t open, struct python_list *args)
{
	struct python_list items = python_parse_items(p, open + 1, p->tokens->items[open].match);
	const struct python_expr **index = items.items;
	size_t n = items.n;

	if (n == 1 && index[0]->kind == EXPR_TUPLE && index[0]->n_args > 0) {
		n = index[0]->n_args;
		index = index[0]->args;
	}
	for (size_t i = 0; i < n; i++)
		add_arg(p, args, index[i]);
}

static struct python_expr *parse_trailer(struct python_parser *p, const struct python_expr *of,
					 size_t at)
{
	const struct python_tokens *t = p->tokens;
	bool is_call = python_token_is(t, at, "(");
	struct python_list args = {0};
	struct python_list keywords = {0};

	add_arg(p, &args, of);
	struct python_expr *e = new_expr(p,
					 is_call              ? EXPR_CALL
					 : t->items[at].match ? EXPR_SUBSCRIPT
							      : EXPR_ATTRIBUTE,
					 at);

	if (is_call)
		python_parse_arguments(p, at + 1, t->items[at].match, &args, &keywords);
	else if (e->kind == EXPR_SUBSCRIPT)
		add_index(p, at, &args);
	else
		e->text = token_text(p, at + 1);
	e->line = of->line;
	e->keywords = keywords.items;
	e->n_keywords = keywords.n;
	set_args(e, &args);
	for (size_t i = 0; i < keywords.n; i++)
		raise_height(e, e->keywords[i].value);
	return e;
}

static const struct python_expr *parse_primary(struct python_parser *p, size_t from, size_t to)
{
	size_t i = atom_end(p->tokens, from, to);
	const struct python_expr *e = parse_atom(p, from, i);

	while (i < to && e->height <= EXPR_MAX_HEIGHT) {
		e = parse_trailer(p, e, i);
		i = trailer_end(p->tokens, i, to);
	}
	return e;
}

static const struct python_expr *parse_or(struct python_parser *p, size_t from, size_t to)
{
	struct python_expr *e = new_expr(p, EXPR_OR, from);
	struct python_list parts = {0};

	while (from < to) {
		size_t end = python_find_token(p->tokens, from, to, "|");

		add_arg(p, &parts, python_parse_expr(p, from, end));
		from = end + 1;
	}
	set_args(e, &parts);
	return e;
}

const struct python_expr *python_parse_expr(struct python_parser *p, size_t from, size_t to)
{
	const struct python_tokens *t = p->tokens;
	const struct python_expr *e = NULL;

	if (from >= to || python_token_is(t, from, "yield"))
		return new_other(p, from, to);
	if (python_find_token(t, from, to, ",") < to) {
		struct python_expr *tuple = new_expr(p, EXPR_TUPLE, from);
		struct python_list items = python_parse_items(p, from, to);

		set_args(tuple, &items);
		e = tuple;
	} else if (python_find_token(t, from, to, "|") < to && !has_weak(t, from, to)) {
		e = parse_or(p, from, to);
	} else if (is_primary(t, from, to)) {
		e = parse_primary(p, from, to);
	} else if (to - from == 2 && python_token_is(t, from, "-") &&
		   t->items[from + 1].kind == TOKEN_NUMBER) {
		e = parse_number(p, from, to);
	} else {
		return new_other(p, from, to);
	}
	return e->height > EXPR_MAX_HEIGHT ? new_other(p, from, to) : e;
}

const struct python_expr *python_expression_read(const char *text, struct arena *arena)
{
	auto_python_tokens tokens = {0};
	struct python_fault fault;
	struct python_parser p = {&tokens, arena, &fault};

	if (python_tokens_read_expression(text, strlen(text), &tokens, &fault)) {
		size_t end = tokens.n - 1;

		return python_parse_expr(
			&p, 0, end && tokens.items[end - 1].kind == TOKEN_NEWLINE ? end - 1 : end);
	}
	struct python_expr *e = arena_alloc(arena, sizeof(*e));

	*e = (struct python_expr){
		.kind = EXPR_OTHER, .line = 1, .text = arena_strdup(arena, text), .height = 1};
	return e;
}
