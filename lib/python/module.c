/* SPDX-License-Identifier: MIT
 * Definitions and blocks. Blocks are read by a call for each level of indentation, of which there
 * are at most PYTHON_MAX_INDENTS; what is in a block goes to the scope that it belongs to.
 */
#include "lib/python/module.h"

#include "lib/python/module_internal.h"

#include <string.h>

/* The NEWLINE that ends the logical line of `i`. */
static size_t line_end(const struct reader *r, size_t i)
{
	while (!reader_is_kind(r, i, TOKEN_NEWLINE) && !reader_is_kind(r, i, TOKEN_END))
		i = python_token_next(r->t, i);
	return i;
}

/* What needs a block of its own cannot stand behind a ':' or ';'. */
static bool is_compound(const struct reader *r, size_t i)
{
	static const char *const words[] = {"if",    "while",  "for",    "try", "with",
					    "async", "def",    "class",  "@",   "else",
					    "elif",  "except", "finally"};

	for (size_t k = 0; k < array_len(words); k++)
		if (reader_is(r, i, words[k]))
			return true;
	return false;
}

/* Statements up to the end of the line, split at ';'. */
static bool read_line(struct reader *r, struct scope *scope)
{
	size_t end = line_end(r, r->at);

	if (r->at == end)
		return reader_fault(r, end, "a statement is wanted");
	while (r->at < end) {
		size_t stop = python_find_token(r->t, r->at, end, ";");

		if (stop == r->at || is_compound(r, r->at))
			return reader_fault(r, r->at, "no such statement here");
		if (!reader_read_simple(r, scope, r->at, stop))
			return false;
		r->at = stop + 1;
	}
	r->at = end + 1;
	return true;
}

static bool read_statement(struct reader *r, struct scope *scope);

/* What stands behind ':': a block, or statements on the same line. */
static bool read_suite(struct reader *r, struct scope *scope, size_t colon)
{
	if (!reader_is(r, colon, ":"))
		return reader_fault(r, colon, "':' is wanted");
	r->at = colon + 1;
	if (!reader_is_kind(r, r->at, TOKEN_NEWLINE))
		return read_line(r, scope);
	if (!reader_is_kind(r, ++r->at, TOKEN_INDENT))
		return reader_fault(r, r->at, "an indented block is wanted");
	for (r->at++; !reader_is_kind(r, r->at, TOKEN_DEDENT);)
		if (!read_statement(r, scope))
			return false;
	r->at++;
	return true;
}

/* The string that is a body's first statement; NULL: none. `colon` is in front of the body. */
static const char *read_doc(struct reader *r, size_t colon)
{
	size_t from = colon + 1;

	if (reader_is_kind(r, from, TOKEN_NEWLINE) && reader_is_kind(r, from + 1, TOKEN_INDENT))
		from += 2;
	if (!reader_is_kind(r, from, TOKEN_STRING) && !reader_is(r, from, "("))
		return NULL;
	size_t end = python_find_token(r->t, from, line_end(r, from), ";");
	const struct python_expr *e = python_parse_expr(&r->p, from, end);

	return e->kind == EXPR_STRING ? python_clean_doc(r->p.arena, e->text) : NULL;
}

/* Over `[T, *Ts]` behind a name. */
static size_t skip_type_parameters(const struct reader *r, size_t i)
{
	return reader_is(r, i, "[") ? python_token_next(r->t, i) : i;
}

static bool read_function(struct reader *r, struct scope *scope,
			  const struct python_list *decorators)
{
	struct scope body = {.kind = SCOPE_FUNCTION};
	struct python_function f = {.is_guarded = r->n_blocks > 0};

	f.decorators = decorators->items;
	f.n_decorators = decorators->n;
	f.line = r->t->items[r->at].line;
	f.is_async = reader_is(r, r->at, "async");
	r->at += f.is_async ? 2 : 1;
	if (!python_token_is_identifier(r->t, r->at))
		return reader_fault(r, r->at, "a function's name is wanted");
	f.name = reader_text(r, r->at);
	size_t open = skip_type_parameters(r, r->at + 1);

	if (!reader_is(r, open, "("))
		return reader_fault(r, open, "'(' is wanted");
	size_t close = r->t->items[open].match;
	size_t colon = python_find_token(r->t, close + 1, line_end(r, close), ":");

	if (!python_parse_parameters(&r->p, open + 1, close, &f))
		return false;
	if (reader_is(r, close + 1, "->"))
		f.returns = python_parse_expr(&r->p, close + 2, colon);
	else if (colon != close + 1)
		return reader_fault(r, close + 1, "':' is wanted");
	reader_scan(r, scope, r->at, colon);
	f.doc = read_doc(r, colon);
	r->n_functions++;
	bool ok = read_suite(r, &body, colon);

	r->n_functions--;
	f.is_generator = body.is_generator;
	f.returns_value = body.returns_value;
	*(struct python_function *)python_list_add(&scope->functions, sizeof(f), r->p.arena) = f;
	return ok;
}

static bool read_class(struct reader *r, struct scope *scope, const struct python_list *decorators)
{
	struct scope body = {.kind = SCOPE_CLASS};
	struct python_class c = {.is_guarded = r->n_blocks > 0};
	struct python_list bases = {0};
	struct python_list keywords = {0};

	c.line = r->t->items[r->at].line;
	if (!python_token_is_identifier(r->t, ++r->at))
		return reader_fault(r, r->at, "a class's name is wanted");
	c.name = reader_text(r, r->at);
	size_t colon = skip_type_parameters(r, r->at + 1);

	if (reader_is(r, colon, "(")) {
		python_parse_arguments(&r->p, colon + 1, r->t->items[colon].match, &bases,
				       &keywords);
		colon = python_token_next(r->t, colon);
	}
	reader_scan(r, scope, r->at, colon);
	c.doc = read_doc(r, colon);
	if (!read_suite(r, &body, colon))
		return false;
	c.bases = bases.items;
	c.n_bases = bases.n;
	c.keywords = keywords.items;
	c.n_keywords = keywords.n;
	c.decorators = decorators->items;
	c.n_decorators = decorators->n;
	c.fields = body.names.items;
	c.n_fields = body.names.n;
	c.methods = body.functions.items;
	c.n_methods = body.functions.n;
	c.classes = body.classes.items;
	c.n_classes = body.classes.n;
	c.is_open = body.is_open;
	*(struct python_class *)python_list_add(&scope->classes, sizeof(c), r->p.arena) = c;
	return true;
}

/* `@decorator` lines and the definition behind them. */
static bool read_definition(struct reader *r, struct scope *scope)
{
	struct python_list decorators = {0};

	while (reader_is(r, r->at, "@")) {
		size_t end = line_end(r, r->at);

		*(const struct python_expr **)python_list_add(
			&decorators, sizeof(struct python_expr *), r->p.arena) =
			python_parse_expr(&r->p, r->at + 1, end);
		reader_scan(r, scope, r->at, end);
		r->at = end + 1;
	}
	if (reader_is(r, r->at, "class"))
		return read_class(r, scope, &decorators);
	if (reader_is(r, r->at, "def") ||
	    (reader_is(r, r->at, "async") && reader_is(r, r->at + 1, "def")))
		return read_function(r, scope, &decorators);
	return reader_fault(r, r->at, "a function or class is wanted");
}

/* The names that the head of a block binds. */
static void read_head(struct reader *r, struct scope *scope, size_t from, size_t to)
{
	if (reader_is(r, from, "for"))
		reader_add_targets(r, scope, from + 1, python_find_token(r->t, from, to, "in"));
	else if (reader_is(r, from, "case"))
		reader_add_targets(r, scope, from + 1, python_find_token(r->t, from, to, "if"));
	else if (reader_is(r, from, "with") || reader_is(r, from, "except"))
		for (size_t i = from; i < to; i++)
			if (reader_is(r, i, "as"))
				reader_add_targets(r, scope, i + 1,
						   reader_is(r, i + 1, "(")
							   ? python_token_next(r->t, i + 1)
							   : i + 2);
	reader_scan(r, scope, from, to);
}

/* `if`, `for`, `try` and the like. */
static bool read_block(struct reader *r, struct scope *scope)
{
	size_t from = r->at + (reader_is(r, r->at, "async") ? 1 : 0);
	size_t colon = python_find_token(r->t, from, line_end(r, from), ":");

	read_head(r, scope, from, colon);
	scope->is_open |= scope->kind == SCOPE_CLASS;
	r->n_blocks++;
	bool ok = read_suite(r, scope, colon);

	r->n_blocks--;
	return ok;
}

/* `match` is a name, unless its line ends in ':' with a `case` behind. */
static bool is_match(const struct reader *r)
{
	if (!reader_is(r, r->at, "match") || reader_is(r, r->at + 1, ":"))
		return false;
	size_t end = line_end(r, r->at);

	return reader_is(r, end - 1, ":") && reader_is_kind(r, end, TOKEN_NEWLINE) &&
	       reader_is_kind(r, end + 1, TOKEN_INDENT) && reader_is(r, end + 2, "case");
}

static bool read_match(struct reader *r, struct scope *scope)
{
	size_t end = line_end(r, r->at);

	reader_scan(r, scope, r->at, end);
	for (r->at = end + 2; !reader_is_kind(r, r->at, TOKEN_DEDENT);) {
		if (!reader_is(r, r->at, "case"))
			return reader_fault(r, r->at, "'case' is wanted");
		if (!read_block(r, scope))
			return false;
	}
	r->at++;
	return true;
}

static bool read_statement(struct reader *r, struct scope *scope)
{
	if (reader_is_kind(r, r->at, TOKEN_INDENT))
		return reader_fault(r, r->at, "unexpected indentation");
	if (reader_is(r, r->at, "@") || reader_is(r, r->at, "def") ||
	    reader_is(r, r->at, "class") ||
	    (reader_is(r, r->at, "async") && reader_is(r, r->at + 1, "def")))
		return read_definition(r, scope);
	if (is_compound(r, r->at))
		return read_block(r, scope);
	return is_match(r) ? read_match(r, scope) : read_line(r, scope);
}

static void keep_assignments(struct python_module *m, const struct scope *scope)
{
	const struct python_field *names = scope->names.items;

	m->n_assignments = scope->names.n;
	m->assignments = arena_alloc(&m->arena, m->n_assignments * sizeof(*m->assignments));
	for (size_t i = 0; i < m->n_assignments; i++)
		m->assignments[i] = (struct python_assignment){
			.name = names[i].name,
			.line = names[i].line,
			.annotation = names[i].annotation,
			.value = names[i].value,
		};
}

bool python_module_parse(const char *code, size_t len, struct python_module *out,
			 struct python_fault *fault)
{
	auto_python_tokens tokens = {0};
	auto_python_module m = {0};
	struct scope scope = {.kind = SCOPE_MODULE};
	struct reader r = {.p = {&tokens, &m.arena, fault}, .t = &tokens, .module = &scope};

	if (!python_tokens_read(code, len, &tokens, fault))
		return false;
	while (!reader_is_kind(&r, r.at, TOKEN_END))
		if (!read_statement(&r, &scope))
			return false;
	m.imports = r.imports.items;
	m.n_imports = r.imports.n;
	m.functions = scope.functions.items;
	m.n_functions = scope.functions.n;
	m.classes = scope.classes.items;
	m.n_classes = scope.classes.n;
	m.is_open = scope.is_open;
	keep_assignments(&m, &scope);
	*out = m;
	m = (struct python_module){0};
	return true;
}

void python_module_release(struct python_module *m)
{
	arena_release(&m->arena);
	*m = (struct python_module){0};
}

bool python_module_read(const char *code, size_t len, const char *name, struct python_module *out,
			struct error *err)
{
	struct python_fault fault;

	if (python_module_parse(code, len, out, &fault))
		return true;
	if (fault.line)
		fail(err, ERROR_SPEC, "'%s': line %zu: %s", name, fault.line, fault.message);
	else
		fail(err, ERROR_SPEC, "'%s': %s", name, fault.message);
	return *fault.hint ? fail_hint(err, "%s", fault.hint) : false;
}

const struct python_function *python_find_function(const struct python_module *m, const char *name)
{
	for (size_t i = m->n_functions; i > 0; i--)
		if (strcmp(m->functions[i - 1].name, name) == 0)
			return &m->functions[i - 1];
	return NULL;
}

const struct python_class *python_find_class(const struct python_module *m, const char *name)
{
	for (size_t i = m->n_classes; i > 0; i--)
		if (strcmp(m->classes[i - 1].name, name) == 0)
			return &m->classes[i - 1];
	return NULL;
}

const struct python_assignment *python_find_assignment(const struct python_module *m,
						       const char *name)
{
	for (size_t i = m->n_assignments; i > 0; i--)
		if (strcmp(m->assignments[i - 1].name, name) == 0)
			return &m->assignments[i - 1];
	return NULL;
}

const struct python_import *python_find_import(const struct python_module *m, const char *alias)
{
	for (size_t i = m->n_imports; i > 0; i--)
		if (strcmp(m->imports[i - 1].alias, alias) == 0 && !m->imports[i - 1].is_inner)
			return &m->imports[i - 1];
	return NULL;
}

bool python_may_have(const struct python_module *m, const char *name)
{
	return m->is_open || python_find_function(m, name) || python_find_class(m, name) ||
	       python_find_assignment(m, name) || python_find_import(m, name);
}
