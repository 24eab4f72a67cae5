/* SPDX-License-Identifier: MIT
 * The schemas of every function and class of a Python file from a stranger: each is one JSON
 * document, or not known for a reason.
 */
#include "lib/data/json.h"
#include "lib/lower/lower.h"
#include "lib/python/module.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES_MAX = 20 };

static const char text[] = "version: 1\nname: demo\nhandlers: {file: app.py}\n"
			   "image: {name: demo, base: scratch}\ncords: [{function: f}]\n";

static void check_json(const struct text *schema)
{
	auto_json struct json *json = NULL;
	struct error err;

	/* ours may be deeper than documents from outside may be, and have larger numbers */
	if (schema->len > 0 && !json_parse(text_str(schema), schema->len, SIZE_MAX, &json, &err))
		assert(strstr(err.message, "nested deeper") || strstr(err.message, "too big"));
}

static void lower(const struct spec *spec, const struct spec_cord *cord,
		  const struct python_module *module)
{
	auto_lowered_schemas schemas = {0};
	auto_findings f = {0};
	struct error err;

	if (!lower_schemas(spec, cord, module, &schemas, &f, &err))
		assert(!"there are no schema files");
	check_json(&schemas.input);
	check_json(&schemas.output);
	assert(schemas.input.len > 0 || f.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_python_module module = {0};
	auto_findings f = {0};
	auto_spec spec = {0};
	struct error err;

	if (!python_module_read((const char *)data, size, "app.py", &module, &err))
		return 0;
	if (!spec_parse(text, strlen(text), &(struct spec_options){.file = "chute.yaml"}, &spec, &f,
			&err))
		assert(!"the spec is ours");
	struct spec_cord *cord = &spec.cords.items[0];

	for (size_t i = 0; i < module.n_functions && i < ENTRIES_MAX; i++) {
		cord->function = arena_strdup(&spec.arena, module.functions[i].name);
		lower(&spec, cord, &module);
	}
	for (size_t i = 0; i < module.n_classes && i < ENTRIES_MAX; i++) {
		cord->input.kind = INPUT_MODEL;
		cord->input.model = arena_strdup(&spec.arena, module.classes[i].name);
		cord->output.model = cord->input.model;
		lower(&spec, cord, &module);
	}
	return 0;
}
