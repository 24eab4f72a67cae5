/* SPDX-License-Identifier: MIT
 * Prints what the reader of Python files sees: `pymodule FILE…`, one JSON value a line. For the
 * test that compares it with Python's own parser.
 */
#include "lib/base/io.h"
#include "lib/base/text.h"
#include "lib/python/module.h"

#include <stdio.h>

static void add_expr(struct text *out, const struct python_expr *e);

static void add_exprs(struct text *out, const struct python_expr **items, size_t n)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		text_add(out, i ? "," : "");
		add_expr(out, items[i]);
	}
	text_add_char(out, ']');
}

static void add_keywords(struct text *out, const struct python_keyword *keywords, size_t n)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		text_add(out, i ? ",[" : "[");
		text_add_json(out, keywords[i].name);
		text_add_char(out, ',');
		add_expr(out, keywords[i].value);
		text_add_char(out, ']');
	}
	text_add_char(out, ']');
}

/* [kind, line, text, args, keywords], or null. */
static void add_expr(struct text *out, const struct python_expr *e)
{
	static const char *const kinds[] = {"name",  "attribute", "string", "bytes", "integer",
					    "float", "true",      "false",  "none",  "ellipsis",
					    "list",  "tuple",     "set",    "dict",  "subscript",
					    "call",  "or",        "other"};

	if (!e) {
		text_add(out, "null");
		return;
	}
	text_addf(out, "[\"%s\",%zu,", kinds[e->kind], e->line);
	text_add_json(out, e->text ? e->text : "");
	text_add_char(out, ',');
	add_exprs(out, e->args, e->n_args);
	text_add_char(out, ',');
	add_keywords(out, e->keywords, e->n_keywords);
	text_add_char(out, ']');
}

static void add_text(struct text *out, const char *key, const char *text)
{
	text_addf(out, ",\"%s\":", key);
	if (text)
		text_add_json(out, text);
	else
		text_add(out, "null");
}

static void add_head(struct text *out, size_t i, const char *name, size_t line)
{
	text_addf(out, "%s{\"line\":%zu", i ? "," : "", line);
	add_text(out, "name", name);
}

static void add_parameters(struct text *out, const struct python_function *f)
{
	static const char *const kinds[] = {"plain", "star", "keyword", "stars"};

	text_add(out, ",\"parameters\":[");
	for (size_t i = 0; i < f->n_parameters; i++) {
		const struct python_parameter *p = &f->parameters[i];

		text_addf(out, "%s[\"%s\",", i ? "," : "", kinds[p->kind]);
		text_add_json(out, p->name);
		text_add_char(out, ',');
		add_expr(out, p->annotation);
		text_add_char(out, ',');
		add_expr(out, p->value);
		text_add_char(out, ']');
	}
	text_add_char(out, ']');
}

static void add_functions(struct text *out, const char *key, const struct python_function *items,
			  size_t n)
{
	text_addf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < n; i++) {
		const struct python_function *f = &items[i];

		add_head(out, i, f->name, f->line);
		text_addf(out, ",\"async\":%d,\"generator\":%d,\"guarded\":%d", f->is_async,
			  f->is_generator, f->is_guarded);
		add_parameters(out, f);
		text_add(out, ",\"returns\":");
		add_expr(out, f->returns);
		text_add(out, ",\"decorators\":");
		add_exprs(out, f->decorators, f->n_decorators);
		add_text(out, "doc", f->doc);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

static void add_field(struct text *out, size_t i, const struct python_field *f)
{
	add_head(out, i, f->name, f->line);
	text_add(out, ",\"annotation\":");
	add_expr(out, f->annotation);
	text_add(out, ",\"value\":");
	add_expr(out, f->value);
	text_add_char(out, '}');
}

static void add_classes(struct text *out, const struct python_class *items, size_t n)
{
	text_add(out, ",\"classes\":[");
	for (size_t i = 0; i < n; i++) {
		const struct python_class *c = &items[i];

		add_head(out, i, c->name, c->line);
		text_addf(out, ",\"open\":%d,\"guarded\":%d,\"bases\":", c->is_open, c->is_guarded);
		add_exprs(out, c->bases, c->n_bases);
		text_add(out, ",\"keywords\":");
		add_keywords(out, c->keywords, c->n_keywords);
		text_add(out, ",\"decorators\":");
		add_exprs(out, c->decorators, c->n_decorators);
		add_text(out, "doc", c->doc);
		text_add(out, ",\"fields\":[");
		for (size_t k = 0; k < c->n_fields; k++)
			add_field(out, k, &c->fields[k]);
		text_add_char(out, ']');
		add_functions(out, "methods", c->methods, c->n_methods);
		add_classes(out, c->classes, c->n_classes);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

static void add_module(struct text *out, const struct python_module *m)
{
	text_addf(out, "{\"open\":%d,\"imports\":[", m->is_open);
	for (size_t i = 0; i < m->n_imports; i++) {
		const struct python_import *one = &m->imports[i];

		add_head(out, i, one->name, one->line);
		text_addf(out, ",\"column\":%zu,\"guarded\":%d,\"inner\":%d", one->column,
			  one->is_guarded, one->is_inner);
		add_text(out, "module", one->module);
		add_text(out, "alias", one->alias);
		text_add_char(out, '}');
	}
	text_add(out, "],\"names\":[");
	for (size_t i = 0; i < m->n_assignments; i++) {
		const struct python_assignment *a = &m->assignments[i];

		add_field(out, i,
			  &(struct python_field){a->name, a->line, a->annotation, a->value});
	}
	text_add_char(out, ']');
	add_functions(out, "functions", m->functions, m->n_functions);
	add_classes(out, m->classes, m->n_classes);
	text_add_char(out, '}');
}

static void print_file(const char *file)
{
	auto_text code = {0};
	auto_text out = {0};
	auto_python_module m = {0};
	struct error err;

	if (file_read(file, PYTHON_MAX_BYTES, &code, &err) &&
	    python_module_read(text_str(&code), code.len, file, &m, &err)) {
		add_module(&out, &m);
	} else {
		text_add(&out, "{\"error\":");
		text_add_json(&out, err.message);
		text_add_char(&out, '}');
	}
	puts(text_str(&out));
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		print_file(argv[i]);
	return 0;
}
