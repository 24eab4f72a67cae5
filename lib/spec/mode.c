/* SPDX-License-Identifier: MIT
 * Which mode a chute has, the defaults that follow from it, and what each mode allows beside it.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

/* What the platform's SDK 0.6.9 takes for each kind (chutes/image/standard, chutes/chute/template).
 */
static const struct {
	const char *image;
	int64_t concurrency;
} template_defaults[] = {
	[TEMPLATE_VLLM] = {"chutes/vllm:nightly-2025111700", 32},
	[TEMPLATE_SGLANG] = {"chutes/sglang:nightly-2025111800", 32},
	[TEMPLATE_EMBEDDING] = {"chutes/vllm:nightly-2025111700", 32},
	[TEMPLATE_DIFFUSION] = {"chutes/diffusion:0.34.0.po", 3},
};

const char *spec_template_image(enum spec_template_kind kind)
{
	return kind < array_len(template_defaults) ? template_defaults[kind].image : NULL;
}

/* `audio` stands for handlers. */
static bool is_platform_template(const struct spec *spec)
{
	return yaml_find(spec->root, "template") && spec->template.kind != TEMPLATE_AUDIO;
}

static bool is_commands_only(const struct spec_jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++)
		if (jobs->items[i].command.n == 0)
			return false;
	return jobs->n > 0;
}

static enum spec_mode mode_of(const struct spec *spec)
{
	if (is_platform_template(spec))
		return SPEC_TEMPLATE;
	if (yaml_find(spec->root, "python"))
		return SPEC_PYTHON;
	if (yaml_find(spec->root, "server"))
		return SPEC_SERVER;
	if (yaml_find(spec->root, "handlers") || !is_commands_only(&spec->jobs))
		return SPEC_HANDLERS;
	return SPEC_COMMANDS;
}

void spec_complete_mode(struct spec *spec)
{
	const struct yaml_node *root = spec->root;
	struct spec_template *template = &spec->template;

	spec->mode = mode_of(spec);
	if (spec->mode == SPEC_TEMPLATE) {
		if (!template->model && template->kind != TEMPLATE_DIFFUSION)
			template->model = spec->name;
		if (!yaml_find(root, "image"))
			spec->image.reference =
				arena_strdup(&spec->arena, spec_template_image(template->kind));
		if (spec->security.lock_modules == LOCK_MODULES_UNSET)
			spec->security.lock_modules = LOCK_MODULES_YES;
	}
	if (spec->scaling.concurrency == 0) {
		spec->scaling.is_concurrency_imported = spec->mode == SPEC_PYTHON;
		spec->scaling.concurrency = spec->mode == SPEC_TEMPLATE
						    ? template_defaults[template->kind].concurrency
						    : 1;
	}
	if (spec->mode == SPEC_PYTHON && !yaml_find(root, "cords") && !yaml_find(root, "jobs"))
		spec->cords.is_imported = true;
}

const char *const spec_mode_keys[] = {"template", "handlers", "server", "python", NULL};

bool spec_is_mode_key(const char *key)
{
	for (const char *const *mode = spec_mode_keys; *mode; mode++)
		if (strcmp(*mode, key) == 0)
			return true;
	return false;
}

/* A template of our own stands for handlers. */
static bool is_mode_here(const struct spec *spec, const char *key)
{
	return spec_is_mode_key(key) &&
	       (strcmp(key, "template") != 0 || is_platform_template(spec));
}

/* false when there are several: what the rest would say is no help then. */
static bool check_one_mode(struct spec_checker *c)
{
	const struct yaml_node *root = c->spec->root;
	const struct yaml_pair *first = NULL;
	bool is_good = true;

	for (size_t i = 0; i < root->n; i++) {
		const struct yaml_pair *pair = &root->pairs[i];

		if (!is_mode_here(c->spec, pair->key))
			continue;
		if (first)
			finding_hint(field_finding(&c->reader, "E201", pair->key_place,
						   "'%s' stands beside '%s': a chute has one mode",
						   pair->key, first->key),
				     "keep one of the two");
		is_good = !first;
		first = first ? first : pair;
	}
	/* without a mode, jobs have findings of their own, and so has a template of our own */
	if (!first && !yaml_find(root, "jobs") && !yaml_find(root, "template"))
		finding_hint(field_finding(&c->reader, "E201", root->place,
					   "none of 'template', 'handlers', 'server' and "
					   "'python': what shall run?"),
			     "add 'handlers: {file: app.py}' for Python functions, or 'server' for "
			     "any process that speaks HTTP");
	return is_good;
}

static void check_import(struct spec_checker *c, const struct yaml_pair *cords)
{
	const struct yaml_node *import = yaml_find(cords->value, "import");

	if (!import)
		return;
	if (c->spec->mode != SPEC_PYTHON)
		finding_hint(field_finding(&c->reader, "E210", cords->key_place,
					   "cords are imported in python mode only"),
			     "list them");
	else if (!c->spec->cords.is_imported)
		finding_hint(field_finding(&c->reader, "E114", import->place,
					   "'import' can only be true"),
			     "write it, or list the cords");
}

static void check_cords_or_jobs(struct spec_checker *c)
{
	const struct yaml_node *root = c->spec->root;
	const struct yaml_pair *cords = yaml_find_pair(root, "cords");
	const struct yaml_pair *jobs = yaml_find_pair(root, "jobs");
	enum spec_mode mode = c->spec->mode;

	if (mode == SPEC_TEMPLATE && (cords || jobs)) {
		const struct yaml_pair *pair = cords ? cords : jobs;

		finding_hint(field_finding(&c->reader, "E210", pair->key_place,
					   "'%s' stands beside a template, which has its own cords",
					   pair->key),
			     "remove it");
		return;
	}
	if (cords && jobs)
		finding_hint(field_finding(&c->reader, "E214", jobs->key_place,
					   "'jobs' stands beside 'cords': a chute has one of them"),
			     "make two chutes of them");
	else if (cords)
		check_import(c, cords);
	else if (!jobs && (mode == SPEC_HANDLERS || mode == SPEC_SERVER))
		finding_hint(field_finding(&c->reader, "E112", root->place,
					   "'cords' is missing in the spec"),
			     "say what it answers: cords: [{function: hello, public: POST "
			     "/hello}]");
}

enum { NOT_IN_PYTHON = ~(1 << SPEC_PYTHON) };

/* Keys of the top level that some modes cannot follow. */
static const struct {
	const char *key;
	int modes; /* 1 << enum spec_mode */
	const char *why;
} mode_keys[] = {
	{"standard_template", 1 << SPEC_HANDLERS | 1 << SPEC_SERVER,
	 "is for handlers and server mode"},
	{"revision", 1 << SPEC_HANDLERS | 1 << SPEC_SERVER, "is for handlers and server mode"},
	{"passthrough_headers", 1 << SPEC_HANDLERS, "is for handlers mode"},
	{"models", NOT_IN_PYTHON, "cannot be added to a module that is sent as it is"},
	{"env", NOT_IN_PYTHON, "cannot be added to a module that is sent as it is"},
};

static const char *mode_key_hint(enum spec_mode mode, const char *key)
{
	if (mode == SPEC_SERVER)
		return "write it as 'server.headers'";
	if (mode == SPEC_TEMPLATE && strcmp(key, "revision") == 0)
		return "write it as 'template.revision'";
	return mode == SPEC_PYTHON ? "say it in the module" : "remove it";
}

static void check_mode_keys(struct spec_checker *c)
{
	enum spec_mode mode = c->spec->mode;

	for (size_t i = 0; i < array_len(mode_keys); i++) {
		const struct yaml_pair *pair = yaml_find_pair(c->spec->root, mode_keys[i].key);

		if (!pair || mode_keys[i].modes & 1 << mode)
			continue;
		finding_hint(field_finding(&c->reader, "E210", pair->key_place, "'%s' %s",
					   pair->key, mode_keys[i].why),
			     "%s", mode_key_hint(mode, pair->key));
	}
}

static void check_standard_template(struct spec_checker *c)
{
	const struct spec *spec = c->spec;
	bool is_allowed = spec->mode == SPEC_HANDLERS || spec->mode == SPEC_SERVER;

	if (is_allowed && spec->standard_template && strcmp(spec->standard_template, "vllm") == 0 &&
	    !yaml_find(spec->root, "revision"))
		finding_hint(field_finding(&c->reader, "E112",
					   spec_value_place(spec->root, "standard_template"),
					   "'revision' is missing: the standard template vllm "
					   "needs it"),
			     "add 'revision' with the commit of the model: 40 hex digits");
}

void spec_check_mode(struct spec_checker *c)
{
	const struct spec *spec = c->spec;

	if (spec->root->kind != YAML_MAPPING || !check_one_mode(c))
		return;
	check_cords_or_jobs(c);
	check_mode_keys(c);
	check_standard_template(c);
	if (spec->mode != SPEC_TEMPLATE && !yaml_find(spec->root, "image"))
		finding_hint(field_finding(&c->reader, "E112", spec->root->place,
					   "'image' is missing in the spec"),
			     "add the image that it runs on: image: {name: my-chute}");
}
