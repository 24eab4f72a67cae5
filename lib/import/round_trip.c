/* SPDX-License-Identifier: MIT
 * Does the spec that was written say what the module registers? It is read again as any other, and
 * compared with the record, fact by fact.
 */
#include "lib/import/import_internal.h"

#include "lib/base/memory.h"
#include "lib/spec/spec.h"

#include <inttypes.h>
#include <string.h>

struct comparison {
	struct importer *m;
	const struct spec *spec;
	size_t n_differences;
};

static void differ(struct comparison *c, const char *what, const char *before, const char *after)
{
	c->n_differences++;
	import_note(c->m, "W318", 0, "%s was '%s', the spec says '%s'", what, before, after);
}

static void compare_text(struct comparison *c, const char *what, const struct json *before,
			 const char *after)
{
	if (before && json_text(before) && strcmp(json_text(before), after ? after : "") != 0)
		differ(c, what, json_text(before), after ? after : "");
}

static void compare_number(struct comparison *c, const char *what, const struct json *before,
			   double after)
{
	if (!before ||
	    (json_kind(before) != JSON_KIND_INTEGER && json_kind(before) != JSON_KIND_REAL))
		return;
	double was = json_real_of(before);
	auto_free char *written = xprintf("%g", was);
	auto_free char *read = xprintf("%g", after);

	if (was - after > 1e-9 || after - was > 1e-9)
		differ(c, what, written, read);
}

static void compare_bool(struct comparison *c, const char *what, const struct json *before,
			 bool after)
{
	if (before && json_kind(before) == JSON_KIND_BOOL && json_bool(before) != after)
		differ(c, what, after ? "false" : "true", after ? "true" : "false");
}

static void compare_count(struct comparison *c, const char *what, size_t before, size_t after)
{
	auto_free char *was = xprintf("%zu", before);
	auto_free char *is = xprintf("%zu", after);

	if (before != after)
		differ(c, what, was, is);
}

static void compare_settings(struct comparison *c)
{
	const struct json *a = c->m->arguments;
	const struct json *selector = json_find(json_find(a, "node_selector"), "arguments");
	const struct spec *s = c->spec;

	compare_text(c, "name", json_find(a, "name"), s->name);
	compare_text(c, "username", json_find(a, "username"), s->username);
	compare_text(c, "tagline", json_find(a, "tagline"), s->tagline);
	compare_text(c, "readme", json_find(a, "readme"), s->readme.text);
	compare_number(c, "gpu_count", json_find(selector, "gpu_count"),
		       (double)s->node_selector.gpu_count);
	compare_number(c, "min_vram_gb_per_gpu", json_find(selector, "min_vram_gb_per_gpu"),
		       (double)s->node_selector.min_vram_gb_per_gpu);
	compare_number(c, "max_hourly_price_per_gpu",
		       json_find(selector, "max_hourly_price_per_gpu"),
		       (double)s->node_selector.max_hourly_price_micro_usd / 1e6);
	compare_count(c, "the number of included GPUs", json_count(json_find(selector, "include")),
		      s->node_selector.include.n);
	compare_count(c, "the number of excluded GPUs", json_count(json_find(selector, "exclude")),
		      s->node_selector.exclude.n);
	compare_number(c, "concurrency", json_find(a, "concurrency"),
		       (double)s->scaling.concurrency);
	compare_number(c, "max_instances", json_find(a, "max_instances"),
		       (double)s->scaling.max_instances);
	compare_number(c, "scaling_threshold", json_find(a, "scaling_threshold"),
		       s->scaling.threshold);
	compare_number(c, "shutdown_after_seconds", json_find(a, "shutdown_after_seconds"),
		       (double)s->scaling.shutdown_after_ms / 1000);
	compare_bool(c, "allow_external_egress", json_find(a, "allow_external_egress"),
		     s->security.allow_external_egress);
	compare_bool(c, "tee", json_find(a, "tee"), s->security.tee);
	compare_bool(c, "encrypted_fs", json_find(a, "encrypted_fs"), s->security.encrypted_fs);
}

static void compare_template(struct comparison *c)
{
	const struct json *a = c->m->arguments;
	const struct spec_template *t = &c->spec->template;

	compare_text(c, "model_name", json_find(a, "model_name"), t->model);
	compare_text(c, "model_name_or_url", json_find(a, "model_name_or_url"), t->model);
	compare_text(c, "pooling_type", json_find(a, "pooling_type"), t->pooling_type);
	compare_text(c, "version", json_find(a, "version"), t->version);
	compare_number(c, "max_embed_len", json_find(a, "max_embed_len"), (double)t->max_embed_len);
}

static void compare_image(struct comparison *c)
{
	const struct json *image = json_find(c->m->arguments, "image");
	const struct json *arguments = json_find(image, "arguments");
	const struct json *steps = json_find(image, "steps");
	size_t n_steps = json_count(json_find(c->m->read, "siblings"));

	if (!image || import_is_standard_image(image))
		return;
	if (json_text(image)) {
		compare_text(c, "image", image, c->spec->image.reference);
		return;
	}
	compare_text(c, "the image's name", json_find(arguments, "name"), c->spec->image.name);
	compare_text(c, "the image's tag", json_find(arguments, "tag"), c->spec->image.tag);
	for (size_t i = 0; i < json_count(steps); i++)
		n_steps += import_is_step(json_at(steps, i));
	compare_count(c, "the number of steps", n_steps, c->spec->image.steps.n);
}

static void compare_cord(struct comparison *c, const struct json *before,
			 const struct spec_cord *after)
{
	const struct json *a = json_find(before, "arguments");
	const struct json *method = json_find(a, "public_api_method");
	const char *model;

	compare_text(c, "a cord", json_find(before, "function"), after->function);
	compare_text(c, "public_api_path", json_find(a, "public_api_path"),
		     after->public_route.path);
	if (method && json_text(method) && after->public_route.method &&
	    strcasecmp(json_text(method), after->public_route.method) != 0)
		differ(c, "public_api_method", json_text(method), after->public_route.method);
	compare_bool(c, "stream", json_find(a, "stream"), after->is_stream);
	compare_text(c, "output_content_type", json_find(a, "output_content_type"),
		     after->output.content_type);
	compare_number(c, "passthrough_port", json_find(a, "passthrough_port"),
		       (double)after->port);
	if (json_find(a, "input_schema") && import_is_model(json_find(a, "input_schema"), &model) &&
	    (after->input.kind != INPUT_MODEL || strcmp(after->input.model, model) != 0))
		differ(c, "input_schema", model, after->input.model ? after->input.model : "");
}

static void compare_parts(struct comparison *c)
{
	const struct json *cords = json_find(c->m->chute, "cords");
	const struct json *jobs = json_find(c->m->chute, "jobs");
	const struct spec *s = c->spec;

	compare_count(c, "the number of cords", json_count(cords), s->cords.n);
	for (size_t i = 0; i < s->cords.n && i < json_count(cords); i++)
		compare_cord(c, json_at(cords, i), &s->cords.items[i]);
	compare_count(c, "the number of jobs", json_count(jobs), s->jobs.n);
	for (size_t i = 0; i < s->jobs.n && i < json_count(jobs); i++)
		compare_text(c, "a job", json_find(json_at(jobs, i), "function"),
			     s->jobs.items[i].function);
	compare_count(c, "the number of hooks", json_count(json_find(c->m->chute, "hooks")),
		      s->handlers.startup.n + s->handlers.shutdown.n);
}

static void compare(struct comparison *c)
{
	compare_settings(c);
	compare_image(c);
	if (c->spec->mode == SPEC_TEMPLATE)
		compare_template(c);
	else if (c->spec->mode == SPEC_HANDLERS)
		compare_parts(c);
}

bool import_round_trip(struct importer *m, struct error *err)
{
	const struct text *yaml = &m->result->yaml;
	struct spec_options so = {.file = "chute.yaml", .directory = "/"};
	auto_spec spec = {0};
	auto_findings f = {0};

	/* what the SDK took and the platform does not is the author's to mend: whoever loads the
	 * spec is told */
	if (!spec_parse(text_str(yaml), yaml->len, &so, &spec, &f, err))
		return err->code == ERROR_SPEC;
	struct comparison c = {.m = m, .spec = &spec};

	compare(&c);
	text_clear(&m->notes);
	if (c.n_differences == 0 || m->o->allows_loss)
		return true;
	fail(err, ERROR_SPEC, "%zu of what '%s' registers would be lost", c.n_differences,
	     m->o->file);
	return fail_hint(err, "read the warnings; --allow-lossy writes it nevertheless, --mode "
			      "python keeps the module");
}
