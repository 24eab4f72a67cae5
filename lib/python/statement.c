/* SPDX-License-Identifier: MIT
 * Statements without a block: imports, assignments, expressions.
 */
#include "lib/python/module_internal.h"

#include <string.h>

bool reader_is(const struct reader *r, size_t i, const char *text)
{
	return python_token_is(r->t, i, text);
}

bool reader_is_kind(const struct reader *r, size_t i, enum python_token_kind kind)
{
	return r->t->items[i].kind == kind;
}

const char *reader_text(struct reader *r, size_t i)
{
	const struct python_token *token = &r->t->items[i];

	return arena_strndup(r->p.arena, r->t->text + token->at, token->len);
}

bool reader_fault(struct reader *r, size_t i, const char *message)
{
	return python_fault_at(r->p.fault, r->t, i, "invalid syntax: %s", message);
}

static struct python_field *add_name(struct reader *r, struct scope *scope, size_t i)
{
	struct python_field *f = python_list_add(&scope->names, sizeof(*f), r->p.arena);

	f->name = reader_text(r, i);
	f->line = r->t->items[i].line;
	return f;
}

/* A name that is bound, nobody knows to what. */
static void add_unknown(struct reader *r, struct scope *scope, size_t i)
{
	if (scope->kind == SCOPE_MODULE)
		add_name(r, scope, i);
	else if (scope->kind == SCOPE_CLASS)
		scope->is_open = true;
}

void reader_add_targets(struct reader *r, struct scope *scope, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (python_token_is_identifier(r->t, i) && !(i > from && reader_is(r, i - 1, ".")))
			add_unknown(r, scope, i);
}

/* Behind the lambda at `i`, whose scope is its own. */
static size_t lambda_end(const struct reader *r, size_t i, size_t to)
{
	size_t n_lambdas = 0; /* whose ':' is still to come */

	for (; i < to; i = python_token_next(r->t, i))
		if (reader_is(r, i, "lambda"))
			n_lambdas++;
		else if (n_lambdas > 0 && reader_is(r, i, ":"))
			n_lambdas--;
		else if (reader_is(r, i, ")") || reader_is(r, i, "]") || reader_is(r, i, "}") ||
			 (n_lambdas == 0 && (reader_is(r, i, ",") || reader_is(r, i, ":"))))
			return i;
	return to;
}

void reader_scan(struct reader *r, struct scope *scope, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (!reader_is_kind(r, i, TOKEN_NAME) && !reader_is(r, i, ":="))
			continue;
		if (reader_is(r, i, "lambda"))
			i = lambda_end(r, i, to) - 1;
		else if (reader_is(r, i, "yield"))
			scope->is_generator = true;
		else if (reader_is(r, i, ":=") && i > from)
			add_unknown(r, scope, i - 1);
		else if (reader_is(r, i, "globals") || reader_is(r, i, "exec"))
			r->module->is_open = true;
	}
}

static struct python_import *add_import(struct reader *r, size_t i, const char *module)
{
	struct python_import *import = python_list_add(&r->imports, sizeof(*import), r->p.arena);

	*import = (struct python_import){
		.module = module,
		.line = r->t->items[i].line,
		.column = r->t->items[i].column,
		.is_guarded = r->n_blocks > 0,
		.is_inner = r->n_functions > 0,
	};
	return import;
}

/* Behind "a.b.c" at `i`; `i` when there is no name. */
static size_t dotted_end(const struct reader *r, size_t i)
{
	if (!python_token_is_identifier(r->t, i))
		return i;
	while (reader_is(r, i + 1, ".") && python_token_is_identifier(r->t, i + 2))
		i += 2;
	return i + 1;
}

/* The text of dots and names without the blanks that may be between them. */
static const char *dotted_text(struct reader *r, size_t from, size_t to)
{
	char *text = arena_alloc(r->p.arena, r->t->items[to - 1].at + r->t->items[to - 1].len -
						     r->t->items[from].at + 1);
	size_t len = 0;

	for (size_t i = from; i < to; i++) {
		memcpy(text + len, r->t->text + r->t->items[i].at, r->t->items[i].len);
		len += r->t->items[i].len;
	}
	return text;
}

/* `import a.b as c, d`. */
static bool read_import(struct reader *r, size_t i, size_t to)
{
	do {
		size_t start = ++i;

		i = dotted_end(r, start);
		if (i == start)
			return reader_fault(r, i, "a module's name is wanted");
		struct python_import *import = add_import(r, start, dotted_text(r, start, i));
		bool is_renamed = reader_is(r, i, "as") && python_token_is_identifier(r->t, i + 1);

		import->alias = reader_text(r, is_renamed ? i + 1 : start);
		i += is_renamed ? 2 : 0;
	} while (i < to && reader_is(r, i, ","));
	return i == to || reader_fault(r, i, "',' or the end of the import is wanted");
}

/* The names behind `import`, which are imports from `module` at token `at`. */
static bool read_imported(struct reader *r, struct scope *scope, size_t at, const char *module,
			  size_t from, size_t to)
{
	for (size_t end; from < to; from = end + 1) {
		bool is_star = reader_is(r, from, "*") && to - from == 1;

		end = python_find_token(r->t, from, to, ",");
		if (!is_star &&
		    !(python_token_is_identifier(r->t, from) &&
		      (end - from == 1 || (end - from == 3 && reader_is(r, from + 1, "as") &&
					   python_token_is_identifier(r->t, from + 2)))))
			return reader_fault(r, from, "a name to import is wanted");
		struct python_import *import = add_import(r, at, module);

		import->name = reader_text(r, from);
		import->alias = end - from == 3 ? reader_text(r, from + 2) : import->name;
		if (is_star && scope->kind == SCOPE_MODULE)
			scope->is_open = true;
	}
	return true;
}

/* `from ..a import b as c, d`. */
static bool read_from(struct reader *r, struct scope *scope, size_t at, size_t to)
{
	size_t i = at + 1;

	while (reader_is(r, i, ".") || reader_is(r, i, "..."))
		i++;
	i = dotted_end(r, i);
	if (i == at + 1 || !reader_is(r, i, "import") || i + 1 == to)
		return reader_fault(r, i, "'from MODULE import NAME' is wanted");
	const char *module = dotted_text(r, at + 1, i);

	if (reader_is(r, i + 1, "(") && python_token_next(r->t, i + 1) == to)
		return read_imported(r, scope, at + 1, module, i + 2, to - 1);
	return read_imported(r, scope, at + 1, module, i + 1, to);
}

/* One target of an assignment. */
static void read_target(struct reader *r, struct scope *scope, size_t from, size_t to,
			const struct python_expr *value)
{
	if (to - from == 1 && python_token_is_identifier(r->t, from))
		add_name(r, scope, from)->value = value;
	else
		reader_add_targets(r, scope, from, to);
}

/* `a = b = value`; `equals` is the first '='. */
static void read_assignment(struct reader *r, struct scope *scope, size_t from, size_t equals,
			    size_t to)
{
	size_t last = equals;

	for (size_t next = equals; next < to; next = python_find_token(r->t, next + 1, to, "="))
		last = next;
	const struct python_expr *value = python_parse_expr(&r->p, last + 1, to);

	for (; from <= last; from = python_find_token(r->t, from, to, "=") + 1)
		read_target(r, scope, from, python_find_token(r->t, from, to, "="), value);
}

/* `name: annotation = value`. */
static void read_annotated(struct reader *r, struct scope *scope, size_t from, size_t colon,
			   size_t to)
{
	size_t equals = python_find_token(r->t, colon + 1, to, "=");

	if (colon - from != 1 || !python_token_is_identifier(r->t, from)) {
		reader_add_targets(r, scope, from, colon);
		return;
	}
	struct python_field *f = add_name(r, scope, from);

	f->annotation = python_parse_expr(&r->p, colon + 1, equals);
	if (equals < to)
		f->value = python_parse_expr(&r->p, equals + 1, to);
}

/* `type Name[T] = value`, of Python 3.12: two names in a row are nothing else. */
static bool is_type_alias(const struct reader *r, size_t from, size_t to)
{
	return to - from > 3 && reader_is(r, from, "type") &&
	       python_token_is_identifier(r->t, from + 1) &&
	       (reader_is(r, from + 2, "=") || reader_is(r, from + 2, "["));
}

/* An expression, or `target += value`. */
static void read_expression(struct reader *r, struct scope *scope, size_t from, size_t to)
{
	static const char *const inert[] = {"pass", "...", "assert"};

	for (size_t i = from; i < to; i = python_token_next(r->t, i)) {
		const struct python_token *token = &r->t->items[i];

		if (token->kind == TOKEN_OPERATOR && token->len > 1 &&
		    r->t->text[token->at + token->len - 1] == '=' && !reader_is(r, i, "==") &&
		    !reader_is(r, i, "!=") && !reader_is(r, i, "<=") && !reader_is(r, i, ">=") &&
		    !reader_is(r, i, ":="))
			reader_add_targets(r, scope, from, i);
	}
	if (reader_is(r, from, "del"))
		reader_add_targets(r, scope, from + 1, to);
	for (size_t i = 0; i < array_len(inert); i++)
		if (reader_is(r, from, inert[i]))
			return;
	if (to - from > 1 || !reader_is_kind(r, from, TOKEN_STRING))
		scope->is_open |= scope->kind == SCOPE_CLASS;
}

bool reader_read_simple(struct reader *r, struct scope *scope, size_t from, size_t to)
{
	if (reader_is(r, from, "import"))
		return read_import(r, from, to);
	if (reader_is(r, from, "from"))
		return read_from(r, scope, from, to);
	if (reader_is(r, from, "global")) {
		reader_add_targets(r, r->module, from + 1, to);
		return true;
	}
	size_t equals = python_find_token(r->t, from, to, "=");
	size_t colon = python_find_token(r->t, from, equals, ":");

	scope->returns_value |= reader_is(r, from, "return") && to - from > 1;
	reader_scan(r, scope, from, to);
	if (is_type_alias(r, from, to) && equals < to)
		add_name(r, scope, from + 1)->value = python_parse_expr(&r->p, equals + 1, to);
	else if (colon < equals)
		read_annotated(r, scope, from, colon, to);
	else if (equals < to)
		read_assignment(r, scope, from, equals, to);
	else
		read_expression(r, scope, from, to);
	return true;
}
