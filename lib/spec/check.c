/* SPDX-License-Identifier: MIT
 * Rules between the fields of a chute.yaml: names, variables, secrets.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

/* The hosted platform wants these names to say what they are (its rule for TEE chutes). */
static void check_tee(struct spec_checker *c)
{
	const char *name = c->spec->name;

	if (!name || c->spec->security.tee)
		return;
	if (strstr(name, "TEE") || text_ends_with(name, "tee"))
		finding_hint(field_finding(&c->reader, "E212",
					   spec_value_place(c->spec->root, "name"),
					   "the name '%s' is for chutes with security.tee", name),
			     "choose another name, or set 'security: {tee: true}'");
}

static void check_public(struct spec_checker *c)
{
	const struct yaml_node *image = yaml_find(c->spec->root, "image");

	if (c->spec->is_public && !c->spec->image.is_public && yaml_find(image, "public"))
		finding_hint(field_finding(&c->reader, "E213", spec_value_place(image, "public"),
					   "a public chute needs a public image"),
			     "remove the key: the image follows the chute");
}

enum variable_rule { VARIABLE_FREE, VARIABLE_REFUSED, VARIABLE_WARNED };

static enum variable_rule variable_rule(const char *name)
{
	static const char *const refused_prefixes[] = {"CHUTES_", "LD_"};
	static const char *const refused[] = {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy",
					      "https_proxy", "PYTHONPATH"};
	static const char *const warned[] = {"HF_HOME", "CIVITAI_HOME"};

	for (size_t i = 0; i < array_len(refused_prefixes); i++)
		if (text_starts_with(name, refused_prefixes[i]))
			return VARIABLE_REFUSED;
	for (size_t i = 0; i < array_len(refused); i++)
		if (strcmp(name, refused[i]) == 0)
			return VARIABLE_REFUSED;
	for (size_t i = 0; i < array_len(warned); i++)
		if (strcmp(name, warned[i]) == 0)
			return VARIABLE_WARNED;
	return text_starts_with(name, "CUDA_") ? VARIABLE_WARNED : VARIABLE_FREE;
}

static void check_variables(struct spec_checker *c)
{
	const struct field_pairs *env = &c->spec->env;

	for (size_t i = 0; i < env->n; i++) {
		const struct field_pair *pair = &env->items[i];
		enum variable_rule rule = variable_rule(pair->name);

		if (rule == VARIABLE_REFUSED)
			finding_hint(field_finding(&c->reader, "E204", pair->place,
						   "the variable '%s' belongs to the platform",
						   pair->name),
				     "use another name");
		else if (rule == VARIABLE_WARNED)
			field_finding(&c->reader, "W306", pair->place,
				      "the variable '%s' changes what the platform has set",
				      pair->name);
	}
}

static void check_secret_names(struct spec_checker *c)
{
	const struct spec_secrets *secrets = &c->spec->secrets;
	const struct field_pairs *env = &c->spec->env;

	for (size_t i = 0; i < secrets->n; i++) {
		const struct spec_secret *secret = &secrets->items[i];

		if (!secret->name)
			continue;
		if (variable_rule(secret->name) == VARIABLE_REFUSED)
			field_finding(&c->reader, "E204", secret->place,
				      "the variable '%s' belongs to the platform", secret->name);
		for (size_t k = 0; k < i; k++)
			if (secrets->items[k].name &&
			    strcmp(secrets->items[k].name, secret->name) == 0)
				field_finding(&c->reader, "E211", secret->place,
					      "the secret '%s' is named twice", secret->name);
		for (size_t k = 0; k < env->n; k++)
			if (strcmp(env->items[k].name, secret->name) == 0)
				finding_hint(field_finding(&c->reader, "E211", secret->place,
							   "'%s' is a secret and stands in 'env'",
							   secret->name),
					     "remove it from 'env'");
	}
}

void spec_check_whole_seconds(struct spec_checker *c, const struct yaml_node *node, const char *key,
			      uint64_t ms)
{
	if (ms % 1000 != 0)
		field_finding(&c->reader, "E113", spec_value_place(node, key),
			      "'%s' is %.15g seconds; it must be whole seconds", key,
			      (double)ms / 1000);
}

void spec_check_known(struct spec_checker *c, const struct field_values *values, const char *where,
		      const char *const *known, const char *hint)
{
	for (size_t i = 0; i < values->n; i++) {
		bool is_known = false;

		for (size_t k = 0; known[k]; k++)
			is_known = is_known || strcmp(known[k], values->items[i].name) == 0;
		if (is_known)
			continue;
		struct finding *f =
			field_finding(&c->reader, "E110", values->items[i].place,
				      "unknown key '%s' in %s", values->items[i].name, where);
		const char *near = text_nearest(values->items[i].name, known);

		if (near)
			finding_hint(f, "did you mean '%s'?", near);
		else
			finding_hint(f, "%s", hint);
	}
}

/* What FastAPI() itself takes; anything else would fail when the chute starts. */
static void check_app(struct spec_checker *c)
{
	static const char *const known[] = {"title",
					    "summary",
					    "description",
					    "version",
					    "openapi_url",
					    "openapi_tags",
					    "docs_url",
					    "redoc_url",
					    "root_path",
					    "terms_of_service",
					    "contact",
					    "license_info",
					    "servers",
					    "redirect_slashes",
					    "debug",
					    "deprecated",
					    "include_in_schema",
					    "separate_input_output_schemas",
					    "swagger_ui_parameters",
					    NULL};
	spec_check_known(c, &c->spec->handlers.app, "app", known,
			 "it must be an argument of FastAPI()");
}

static void check_shutdown(struct spec_checker *c)
{
	const struct spec_hooks *hooks = &c->spec->handlers.shutdown;

	for (size_t i = 0; i < hooks->n; i++)
		if (hooks->items[i].call)
			field_finding(&c->reader, "W301", hooks->items[i].place,
				      "the hosted platform never calls '%s' at shutdown",
				      hooks->items[i].call);
}

void spec_check_fields(struct spec_checker *c)
{
	spec_check_whole_seconds(c, yaml_find(c->spec->root, "scaling"), "shutdown_after_seconds",
				 c->spec->scaling.shutdown_after_ms);
	check_tee(c);
	check_public(c);
	check_variables(c);
	check_secret_names(c);
	check_app(c);
	check_shutdown(c);
}
