/* SPDX-License-Identifier: MIT
 * Prints what is sent about the cords of specs: `schemas SPEC…` gives one line of JSON for each,
 * {"errors": […], "warnings": […], "cords": [{…}]}. For the tests that compare it.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/data/json_out.h"
#include "lib/lower/lower.h"
#include "lib/python/module.h"

#include <stdio.h>

enum { FILE_MAX_BYTES = 1024 * 1024 };

static void add_schema(struct json_out *j, const char *key, const struct text *schema)
{
	json_out_raw(j, key, schema->len ? text_str(schema) : "null");
}

static void add_findings(struct json_out *j, const char *key, const struct findings *f,
			 enum severity severity)
{
	json_out_array(j, key);
	for (size_t i = 0; i < f->n; i++) {
		auto_text line = {0};

		if (f->items[i].row->severity != severity)
			continue;
		text_addf(&line, "%s %zu %s", f->items[i].row->code, f->items[i].line,
			  f->items[i].message);
		json_out_text(j, NULL, text_str(&line));
	}
	json_out_array_end(j);
}

static bool add_cord(struct json_out *j, const struct spec *spec, const struct spec_cord *cord,
		     const struct python_module *module, struct findings *f, struct error *err)
{
	auto_lowered_schemas schemas = {0};

	if (!lower_schemas(spec, cord, module, &schemas, f, err))
		return false;
	json_out_object(j, NULL);
	add_schema(j, "input_schema", &schemas.input);
	add_schema(j, "minimal_input_schema", &schemas.minimal_input);
	add_schema(j, "output_schema", &schemas.output);
	json_out_text(j, "output_content_type",
		      schemas.content_type.len ? text_str(&schemas.content_type) : NULL);
	json_out_object_end(j);
	return true;
}

static bool read_module(const struct spec *spec, struct python_module *module, struct error *err)
{
	auto_free char *path = path_join(spec->directory, spec->handlers.file);
	auto_text code = {0};

	return file_read(path, FILE_MAX_BYTES, &code, err) &&
	       python_module_read(text_str(&code), code.len, spec->handlers.file, module, err);
}

static bool add_spec(struct json_out *j, const char *file, struct findings *f, struct error *err)
{
	auto_spec spec = {0};
	auto_python_module module = {0};

	if (!spec_load(&(struct spec_options){.file = file}, &spec, f, err))
		return true; /* the findings say why */
	bool has_module = spec.mode == SPEC_HANDLERS;

	if (has_module && !read_module(&spec, &module, err))
		return false;
	json_out_array(j, "cords");
	for (size_t i = 0; i < spec.cords.n; i++)
		if (!add_cord(j, &spec, &spec.cords.items[i], has_module ? &module : NULL, f, err))
			return false;
	json_out_array_end(j);
	return true;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		auto_json_out j = {0};
		auto_findings f = {0};
		struct error err;

		json_out_object(&j, NULL);
		if (!add_spec(&j, argv[i], &f, &err)) {
			fprintf(stderr, "%s: %s\n", argv[i], err.message);
			return 1;
		}
		add_findings(&j, "errors", &f, SEVERITY_ERROR);
		add_findings(&j, "warnings", &f, SEVERITY_WARNING);
		json_out_object_end(&j);
		printf("%s\n", text_str(&j.text));
	}
	return 0;
}
