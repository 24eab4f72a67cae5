/* SPDX-License-Identifier: MIT
 * The body of `POST /chutes/`, as the platform's own client composes it (SDK 0.6.9).
 */
#include "lib/lower/codegen_internal.h"
#include "lib/lower/lower.h"
#include "lib/lower/lower_internal.h"
#include "lib/lower/template.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/data/json_out.h"
#include "lib/python/module.h"

#include <string.h>

enum { SSH_PORT = 2202 };

static void add_texts(struct json_out *j, const char *key, const struct field_texts *texts)
{
	if (texts->n == 0) {
		json_out_text(j, key, NULL);
		return;
	}
	json_out_array(j, key);
	for (size_t i = 0; i < texts->n; i++)
		json_out_text(j, NULL, texts->items[i]);
	json_out_array_end(j);
}

static void add_real(struct json_out *j, const char *key, double value)
{
	auto_text digits = {0};

	python_add_real(&digits, value); /* a JSON number as well */
	json_out_raw(j, key, text_str(&digits));
}

static void add_node_selector(struct json_out *j, const struct spec_node_selector *selector)
{
	json_out_object(j, "node_selector");
	json_out_number(j, "gpu_count", selector->gpu_count);
	json_out_number(j, "min_vram_gb_per_gpu", selector->min_vram_gb_per_gpu);
	if (selector->max_hourly_price_micro_usd)
		add_real(j, "max_hourly_price_per_gpu",
			 (double)selector->max_hourly_price_micro_usd / 1e6);
	else
		json_out_text(j, "max_hourly_price_per_gpu", NULL);
	add_texts(j, "include", &selector->include);
	add_texts(j, "exclude", &selector->exclude);
	json_out_object_end(j);
}

static void add_scaling(struct json_out *j, const struct spec_scaling *scaling)
{
	json_out_number(j, "concurrency", scaling->concurrency);
	json_out_number(j, "max_instances", scaling->max_instances);
	add_real(j, "scaling_threshold", scaling->threshold);
	json_out_number(j, "shutdown_after_seconds", (int64_t)(scaling->shutdown_after_ms / 1000));
}

static void add_security(struct json_out *j, const struct spec_security *security)
{
	json_out_bool(j, "allow_external_egress", security->allow_external_egress);
	json_out_bool(j, "encrypted_fs", security->encrypted_fs);
	json_out_bool(j, "tee", security->tee);
	if (security->lock_modules == LOCK_MODULES_UNSET)
		json_out_text(j, "lock_modules", NULL);
	else
		json_out_bool(j, "lock_modules", security->lock_modules == LOCK_MODULES_YES);
}

static void add_json(struct json_out *j, const char *key, const struct text *document)
{
	json_out_raw(j, key, document->len ? text_str(document) : "null");
}

static bool add_cord(struct json_out *j, const struct spec *spec, const struct spec_cord *cord,
		     const struct python_module *module, struct findings *f, struct error *err)
{
	auto_lowered_schemas schemas = {0};
	const struct spec_route *public_route = &cord->public_route;

	if (!lower_schemas(spec, cord, module, &schemas, f, err))
		return fail_in(err, "cord '%s'", cord->function);
	json_out_object(j, NULL);
	json_out_text(j, "method", cord->forward.path ? cord->forward.method : "POST");
	json_out_text(j, "path", cord->path);
	json_out_text(j, "public_api_path", public_route->path);
	json_out_text(j, "public_api_method", public_route->path ? public_route->method : "POST");
	json_out_bool(j, "stream", cord->is_stream);
	json_out_text(j, "function", cord->function);
	add_json(j, "input_schema", &schemas.input);
	add_json(j, "output_schema", &schemas.output);
	json_out_text(j, "output_content_type",
		      schemas.content_type.len ? text_str(&schemas.content_type) : NULL);
	add_json(j, "minimal_input_schema", &schemas.minimal_input);
	json_out_bool(j, "passthrough", cord->forward.path != NULL);
	json_out_object_end(j);
	return true;
}

/* What the code registers: the cords of a template are recorded ones. */
static bool add_cords(struct json_out *j, const char *key, const struct spec *spec,
		      const struct python_module *module, struct findings *f, struct error *err)
{
	if (spec->mode == SPEC_TEMPLATE) {
		auto_text cords = {0};

		template_add_cords(spec, &cords);
		json_out_raw(j, key, text_str(&cords));
		return true;
	}
	json_out_array(j, key);
	for (size_t i = 0; i < spec->cords.n; i++)
		if (!add_cord(j, spec, &spec->cords.items[i], module, f, err))
			return false;
	json_out_array_end(j);
	return true;
}

static void add_port(struct json_out *j, const char *name, int64_t port, const char *protocol)
{
	json_out_object(j, NULL);
	json_out_text(j, "name", name);
	json_out_number(j, "port", port);
	json_out_text(j, "proto", protocol);
	json_out_object_end(j);
}

static void add_job(struct json_out *j, const struct spec_job *job)
{
	json_out_object(j, NULL);
	json_out_array(j, "ports");
	for (size_t i = 0; i < job->ports.n; i++)
		add_port(j, job->ports.items[i].name, job->ports.items[i].port,
			 codegen_protocol(job->ports.items[i].protocol));
	if (job->ssh)
		add_port(j, "ssh", SSH_PORT, "tcp");
	json_out_array_end(j);
	if (job->timeout_ms)
		json_out_number(j, "timeout", (int64_t)(job->timeout_ms / 1000));
	else
		json_out_text(j, "timeout", NULL);
	json_out_text(j, "name", job->function);
	json_out_bool(j, "upload", job->upload);
	json_out_object_end(j);
}

static bool add_registrations(struct json_out *j, const struct spec *spec,
			      const struct python_module *module, struct findings *f,
			      struct error *err)
{
	if (!add_cords(j, "cords", spec, module, f, err))
		return false;
	json_out_array(j, "jobs");
	for (size_t i = 0; i < spec->jobs.n; i++)
		add_job(j, &spec->jobs.items[i]);
	json_out_array_end(j);
	return true;
}

/* Only running it tells what a module for the SDK registers. */
static bool check_known(const struct spec *spec, struct error *err)
{
	if (spec->mode != SPEC_PYTHON || spec->cords.n > 0 || spec->jobs.n > 0)
		return true;
	fail(err, ERROR_SPEC, "the cords of '%s' are only known to Python", spec->python.file);
	return fail_hint(err, "deploy it with the platform's Python client, or list its cords or "
			      "jobs in the spec");
}

static bool check_text(const struct lowered_code *code, struct error *err)
{
	const struct text *text = &code->code;

	if (strlen(text_str(text)) == text->len && utf8_is_valid(text_str(text), text->len))
		return true;
	fail(err, ERROR_SPEC, "'%s' is not UTF-8 text and cannot be sent", code->filename);
	return fail_hint(err, "save it as UTF-8");
}

static void add_description(struct json_out *j, const struct spec *spec, const char *image)
{
	const char *standard = spec->standard_template;

	if (spec->mode == SPEC_TEMPLATE)
		standard = template_standard(spec->template.kind);
	json_out_text(j, "name", spec->name);
	json_out_text(j, "tagline", spec->tagline);
	json_out_text(j, "readme", spec->readme.text);
	if (*spec->tool_description.text) /* which the platform's own client cannot send */
		json_out_text(j, "tool_description", spec->tool_description.text);
	json_out_text(j, "logo_id", NULL);
	json_out_text(j, "image", image);
	json_out_bool(j, "public", spec->is_public);
	json_out_text(j, "standard_template", standard);
}

bool payload_add(struct text *out, const struct spec *spec, const struct lower_names *names,
		 const struct lowered_code *code, const struct python_module *module,
		 struct findings *f, struct error *err)
{
	auto_free char *image = lower_image(spec, names);
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	add_description(&j, spec, image);
	add_node_selector(&j, &spec->node_selector);
	json_out_text(&j, "filename", code->filename);
	json_out_text(&j, "ref_str", code->ref_str);
	json_out_text(&j, "code", text_str(&code->code));
	add_scaling(&j, &spec->scaling);
	add_security(&j, &spec->security);
	json_out_text(&j, "revision",
		      spec->mode == SPEC_TEMPLATE ? template_revision(&spec->template)
						  : spec->revision);
	if (!add_registrations(&j, spec, module, f, err))
		return false;
	json_out_object_end(&j);
	text_add_bytes(out, text_str(&j.text), j.text.len);
	return true;
}

/* The Python file of the mode; `module` stays empty where there is none. */
static bool read_module(const struct spec *spec, struct python_module *module, struct error *err)
{
	const char *file = lower_source_file(spec);
	auto_free char *path = file ? path_join(spec->directory, file) : NULL;
	auto_text source = {0};

	return !path || (file_read(path, LOWER_FILE_MAX_BYTES, &source, err) &&
			 python_module_read(text_str(&source), source.len, file, module, err));
}

bool lower_cords(const struct spec *spec, struct text *out, struct findings *f, struct error *err)
{
	const struct python_module *described = NULL;
	auto_python_module module = {0};
	auto_json_out j = {0};

	if (spec->cords.n > 0) {
		if (!read_module(spec, &module, err))
			return false;
		described = lower_source_file(spec) ? &module : NULL;
	}
	if (!add_cords(&j, NULL, spec, described, f, err))
		return false;
	text_add_bytes(out, text_str(&j.text), j.text.len);
	return true;
}

bool lower_payload(const struct spec *spec, const struct lower_names *names,
		   const struct lowered_code *code, struct text *out, struct findings *f,
		   struct error *err)
{
	auto_python_module module = {0};

	if (!check_known(spec, err) || !check_text(code, err) || !read_module(spec, &module, err))
		return false;
	return payload_add(out, spec, names, code, lower_source_file(spec) ? &module : NULL, f,
			   err);
}
