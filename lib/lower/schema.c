/* SPDX-License-Identifier: MIT
 * The schemas of a cord as the platform stores them: what the generated module registers.
 */
#include "lib/lower/codegen_internal.h"
#include "lib/lower/lower.h"
#include "lib/lower/lower_internal.h"
#include "lib/lower/schema_reader.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <string.h>

void lowered_schemas_release(struct lowered_schemas *s)
{
	text_release(&s->input);
	text_release(&s->minimal_input);
	text_release(&s->output);
	text_release(&s->content_type);
	*s = (struct lowered_schemas){0};
}

/* One cord on its way. */
struct lowering {
	const struct spec *spec;
	const struct spec_cord *cord;
	const struct python_module *module;
	struct arena arena;
	struct findings *findings;
};

static struct schema_reader reader_of(struct lowering *l, const char *prefix)
{
	return (struct schema_reader){.arena = &l->arena,
				      .module = l->module,
				      .prefix = prefix,
				      .definitions = value_object(&l->arena)};
}

static struct place place_of(const struct lowering *l, const char *key)
{
	const struct yaml_node *value = yaml_find(l->cord->node, key);

	return value ? value->place : l->cord->place;
}

/* Why there is no schema. */
static void add_unknown(struct lowering *l, const struct schema_reader *r, const char *key)
{
	const char *file = lower_source_file(l->spec);
	const char *what = strcmp(key, "function") == 0 ? l->cord->function : key;
	const char *problem = r->problem ? r->problem : "there is no such class";
	auto_text where = {0};

	text_addf(&where, "'%s'", file ? file : "-");
	if (r->problem_line)
		text_addf(&where, ", line %zu", r->problem_line);
	struct finding *f =
		findings_add(l->findings, "W310", "the schema of '%s' is not known: %s: %s", what,
			     text_str(&where), problem);

	spec_place(l->spec, f, place_of(l, key));
	finding_hint(f, "write 'input' as fields, or simplify the annotation");
}

static bool write_file(struct lowering *l, const char *json, struct text *out, struct error *err)
{
	auto_json struct json *document = NULL;

	if (!json)
		return fail(err, ERROR_SPEC, "a JSON Schema of cord '%s' has not been read",
			    l->cord->function);
	if (!json_parse(json, strlen(json), YAML_MAX_BYTES, &document, err))
		return false;
	value_write(value_from_json(&l->arena, document), out);
	return true;
}

/* A class of the file in the form of a request body. */
static void write_model(struct lowering *l, const char *name, const char *key, struct text *out)
{
	struct schema_reader r = reader_of(l, "#/definitions/");
	const struct python_class *class = l->module ? python_find_class(l->module, name) : NULL;
	struct value *schema = NULL;
	struct value *definitions = value_object(&l->arena);

	if (!class) {
		add_unknown(l, &r, key);
		return;
	}
	if (!schema_of_model(&r, class, &schema)) {
		add_unknown(l, &r, key);
		return;
	}
	struct value *inner = value_get(schema, "$defs");

	value_remove(schema, "$defs");
	value_remove(schema, "title");
	value_set(&l->arena, definitions, name, schema);
	if (inner)
		value_merge(&l->arena, definitions, inner);
	value_write(schema_described(&l->arena, name, definitions), out);
}

static void write_fields(struct lowering *l, const struct spec_input *input, const char *suffix,
			 struct text *out)
{
	struct value *definitions = value_object(&l->arena);
	auto_text name = {0};

	codegen_add_class_name(&name, l->cord->function, suffix);
	schema_of_fields(&l->arena, text_str(&name), &input->fields, definitions);
	value_write(schema_described(&l->arena, text_str(&name), definitions), out);
}

static bool write_input(struct lowering *l, const struct spec_input *input, bool is_minimal,
			struct text *out, struct error *err)
{
	switch (input->kind) {
	case INPUT_FIELDS:
		write_fields(l, input, is_minimal ? "MinimalInput" : "Input", out);
		return true;
	case INPUT_MODEL:
		write_model(l, input->model, is_minimal ? "minimal_input" : "input", out);
		return true;
	case INPUT_SCHEMA:
		return write_file(l, input->schema_json, out, err);
	case INPUT_NONE:
		break;
	}
	return true;
}

/* model_json_schema() of the class, its definitions inside. */
static void write_output_model(struct lowering *l, struct text *out)
{
	struct schema_reader r = reader_of(l, "#/$defs/");
	const struct python_class *class =
		l->module ? python_find_class(l->module, l->cord->output.model) : NULL;
	struct value *schema = NULL;

	if (class && schema_of_model(&r, class, &schema))
		value_write(schema, out);
	else
		add_unknown(l, &r, "output");
}

/* Decorators of the author may put another function in its place. */
static bool is_itself(struct schema_reader *r, const struct python_function *function)
{
	for (size_t i = 0; i < function->n_decorators; i++) {
		const struct python_expr *decorator = function->decorators[i];
		const struct python_expr *head =
			decorator->kind == EXPR_CALL ? decorator->args[0] : decorator;

		if (!text_starts_with(schema_dotted(r, head), "torch."))
			return schema_give_up(r, function->line, "it has a decorator");
	}
	return true;
}

/* What the annotations of the cord's function say. */
static void read_function(struct lowering *l, struct schema_function *out)
{
	static const struct python_function forwarded = {.name = "forwarded"};
	struct schema_reader r = reader_of(l, "#/definitions/");
	bool has_input = l->cord->input.kind == INPUT_NONE;
	bool has_output = !l->cord->output.model && !l->cord->output.schema_file;
	const struct python_function *function =
		l->module ? python_find_function(l->module, l->cord->function) : NULL;

	bool is_forwarded =
		l->spec->mode == SPEC_SERVER || (l->cord->forward.path && l->module &&
						 !python_may_have(l->module, l->cord->function));

	*out = (struct schema_function){0};
	if (is_forwarded)
		schema_of_function(&r, &forwarded, has_input, out);
	else if (function && !function->is_guarded && is_itself(&r, function))
		schema_of_function(&r, function, has_input, out);
	else if (!r.problem)
		schema_give_up(&r, 0, "the function is not defined once in the file");
	if (r.problem && (has_input || has_output))
		add_unknown(l, &r, "function");
}

bool lower_schemas(const struct spec *spec, const struct spec_cord *cord,
		   const struct python_module *module, struct lowered_schemas *out,
		   struct findings *f, struct error *err)
{
	struct lowering l = {.spec = spec, .cord = cord, .module = module, .findings = f};
	auto_lowered_schemas schemas = {0};
	struct schema_function function;
	bool ok = write_input(&l, &cord->input, false, &schemas.input, err) &&
		  write_input(&l, &cord->minimal_input, true, &schemas.minimal_input, err);

	read_function(&l, &function);
	if (ok && cord->input.kind == INPUT_NONE && function.input)
		value_write(function.input, &schemas.input);
	if (ok && cord->output.model)
		write_output_model(&l, &schemas.output);
	else if (ok && cord->output.schema_file)
		ok = write_file(&l, cord->output.schema_json, &schemas.output, err);
	else if (ok && function.output)
		value_write(function.output, &schemas.output);
	if (ok && cord->output.content_type)
		text_add(&schemas.content_type, cord->output.content_type);
	else if (ok && function.content_type)
		text_add(&schemas.content_type, function.content_type);
	arena_release(&l.arena);
	if (ok) {
		*out = schemas;
		schemas = (struct lowered_schemas){0};
	}
	return ok;
}

void lower_check_schemas(const struct spec *spec, struct findings *f)
{
	const char *file = lower_source_file(spec);
	auto_free char *path = file ? path_join(spec->directory, file) : NULL;
	auto_python_module module = {0};
	auto_text source = {0};
	struct error ignored; /* spec_load() has said it */

	if (spec->mode != SPEC_HANDLERS ||
	    !file_read(path, LOWER_FILE_MAX_BYTES, &source, &ignored) ||
	    !python_module_read(text_str(&source), source.len, file, &module, &ignored))
		return;
	for (size_t i = 0; i < spec->cords.n; i++) {
		auto_lowered_schemas schemas = {0};

		if (!lower_schemas(spec, &spec->cords.items[i], &module, &schemas, f, &ignored))
			return;
	}
}
