/* SPDX-License-Identifier: MIT
 * The Chute object itself, and what runs before it takes requests.
 */
#include "lib/lower/codegen_internal.h"

#include <inttypes.h>

static void add_gpus(struct text *out, const char *key, const struct field_texts *gpus)
{
	if (gpus->n == 0)
		return;
	text_addf(out, ", %s=", key);
	python_add_list(out, gpus);
}

void codegen_add_selector(struct text *out, const struct spec_node_selector *selector)
{
	text_addf(out, "NodeSelector(gpu_count=%" PRId64 ", min_vram_gb_per_gpu=%" PRId64,
		  selector->gpu_count, selector->min_vram_gb_per_gpu);
	if (selector->max_hourly_price_micro_usd) {
		text_add(out, ", max_hourly_price_per_gpu=");
		python_add_real(out, (double)selector->max_hourly_price_micro_usd / 1e6);
	}
	add_gpus(out, "include", &selector->include);
	add_gpus(out, "exclude", &selector->exclude);
	text_add_char(out, ')');
}

static void add_scaling(struct text *out, const struct spec_scaling *scaling)
{
	argument_integer(out, "concurrency", scaling->concurrency);
	argument_integer(out, "max_instances", scaling->max_instances);
	text_add(out, "        scaling_threshold=");
	python_add_real(out, scaling->threshold);
	text_add(out, ",\n");
	argument_integer(out, "shutdown_after_seconds",
			 (int64_t)(scaling->shutdown_after_ms / 1000));
}

static void add_security(struct text *out, const struct spec_security *security)
{
	static const char *const lock_modules[] = {[LOCK_MODULES_UNSET] = "None",
						   [LOCK_MODULES_NO] = "False",
						   [LOCK_MODULES_YES] = "True"};

	argument_bool(out, "allow_external_egress", security->allow_external_egress);
	argument_bool(out, "encrypted_fs", security->encrypted_fs);
	argument_bool(out, "tee", security->tee);
	text_addf(out, "        lock_modules=%s,\n", lock_modules[security->lock_modules]);
}

bool codegen_add_chute(struct text *out, const struct spec *spec, const struct codegen_names *names,
		       struct error *err)
{
	const struct field_pairs *headers =
		spec->mode == SPEC_SERVER ? &spec->server.headers : &spec->passthrough_headers;

	text_add(out, "\n    chute = Chute(\n");
	argument_text(out, "username", names->username);
	argument_text(out, "name", spec->name);
	argument_text(out, "image", names->image);
	argument_text(out, "tagline", spec->tagline);
	argument_text(out, "readme", spec->readme.text);
	if (spec->standard_template)
		argument_text(out, "standard_template", spec->standard_template);
	if (spec->revision)
		argument_text(out, "revision", spec->revision);
	if (spec->node_selector.gpu_count) { /* CPU only: the platform's class does not know it */
		text_add(out, "        node_selector=");
		codegen_add_selector(out, &spec->node_selector);
		text_add(out, ",\n");
	}
	add_scaling(out, &spec->scaling);
	add_security(out, &spec->security);
	if (headers->n) {
		text_add(out, "        passthrough_headers=");
		python_add_dict(out, headers);
		text_add(out, ",\n");
	}
	if (!argument_values(out, &spec->handlers.app, err))
		return false;
	text_add(out, "    )\n");
	return true;
}

static void add_hooks(struct text *out, const char *event, const struct spec_hooks *hooks)
{
	for (size_t i = 0; i < hooks->n; i++) {
		text_addf(out, "    chute.%s(priority=%" PRId64 ")(user[", event,
			  hooks->items[i].priority);
		text_add_python(out, hooks->items[i].call);
		text_add(out, "])\n");
	}
}

void codegen_add_hooks(struct text *out, const struct spec *spec)
{
	if (spec->handlers.configure) {
		text_add(out, "    user[");
		text_add_python(out, spec->handlers.configure);
		text_add(out, "](chute)\n");
	}
	add_hooks(out, "on_startup", &spec->handlers.startup);
	add_hooks(out, "on_shutdown", &spec->handlers.shutdown);
}

static void add_patterns(struct text *out, const char *key, const struct field_texts *patterns)
{
	if (patterns->n == 0)
		return;
	text_addf(out, ", \"%s\": ", key);
	python_add_list(out, patterns);
}

void codegen_add_models(struct text *out, const struct spec_models *models)
{
	enum { PRIORITY = 5 }; /* before what the author's own hooks have by default, 50 */

	if (models->n == 0)
		return;
	text_add(out, "\n    models = [\n");
	for (size_t i = 0; i < models->n; i++) {
		const struct spec_model *model = &models->items[i];

		text_add(out, "        {\"repo_id\": ");
		text_add_python(out, model->repo);
		if (model->revision) {
			text_add(out, ", \"revision\": ");
			text_add_python(out, model->revision);
		}
		add_patterns(out, "allow_patterns", &model->allow);
		add_patterns(out, "ignore_patterns", &model->ignore);
		text_add(out, "},\n");
	}
	text_addf(out, "    ]\n    chute.on_startup(priority=%d)(fetching(models))\n", PRIORITY);
}
