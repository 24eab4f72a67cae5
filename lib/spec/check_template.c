/* SPDX-License-Identifier: MIT
 * Rules of what runs models: `template`, its engine's arguments, and `models`.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

enum {
	LANGUAGE_KINDS = 1 << TEMPLATE_VLLM | 1 << TEMPLATE_SGLANG | 1 << TEMPLATE_EMBEDDING,
};

/* Keys that only some kinds know. */
static const struct {
	const char *key;
	int kinds; /* 1 << enum spec_template_kind */
	const char *who;
} kind_keys[] = {
	{"engine_args", LANGUAGE_KINDS, "vllm, sglang and embedding"},
	{"pooling_type", 1 << TEMPLATE_EMBEDDING, "embedding"},
	{"max_embed_len", 1 << TEMPLATE_EMBEDDING, "embedding"},
	{"enable_chunked_processing", 1 << TEMPLATE_EMBEDDING, "embedding"},
	{"version", 1 << TEMPLATE_DIFFUSION, "diffusion"},
	{"pipeline_args", 1 << TEMPLATE_DIFFUSION, "diffusion"},
	{"task", 1 << TEMPLATE_AUDIO, "audio"},
	{"engine", 1 << TEMPLATE_AUDIO, "audio"},
};

static void check_kind_keys(struct spec_checker *c, const struct yaml_node *node)
{
	enum spec_template_kind kind = c->spec->template.kind;

	for (size_t i = 0; i < array_len(kind_keys); i++) {
		const struct yaml_pair *pair = yaml_find_pair(node, kind_keys[i].key);

		if (pair && !(kind_keys[i].kinds & 1 << kind))
			finding_hint(field_finding(&c->reader, "E210", pair->key_place,
						   "'%s' is for %s, not for %s", pair->key,
						   kind_keys[i].who, spec_template_kinds[kind]),
				     "remove it");
	}
	if (kind == TEMPLATE_AUDIO && !yaml_find(node, "task"))
		finding_hint(field_finding(&c->reader, "E112", node->place,
					   "'task' is missing in template"),
			     "add 'task: speak' or 'task: transcribe'");
}

static bool is_address(const char *model)
{
	return text_starts_with(model, "https://") || text_starts_with(model, "http://");
}

/* Hugging Face has commits of a model, civitai.com has versions. */
static void check_address(struct spec_checker *c, const struct yaml_node *node)
{
	const struct spec_template *template = &c->spec->template;

	if (template->revision)
		finding_hint(field_finding(&c->reader, "E210", spec_value_place(node, "revision"),
					   "'revision' means nothing for an address"),
			     "%s", template->version ? "remove it" : "write 'version'");
}

static void add_without_revision(struct spec_checker *c, struct place place, const char *model)
{
	finding_hint(
		field_finding(&c->reader, "W311", place, "the model '%s' has no 'revision'", model),
		"add 'revision: COMMIT', the 40 hex digits of the one that it is tested with");
}

static void check_repository(struct spec_checker *c, const struct yaml_node *node)
{
	const struct spec_template *template = &c->spec->template;

	if (template->version && template->kind == TEMPLATE_DIFFUSION)
		finding_hint(field_finding(&c->reader, "E210", spec_value_place(node, "version"),
					   "'version' means nothing for a repository"),
			     "write 'revision'");
	if (!yaml_find(node, "revision"))
		add_without_revision(c, spec_value_place(node, "model"), template->model);
}

static void add_wrong_model(struct spec_checker *c, const struct yaml_node *node)
{
	const struct spec_template *template = &c->spec->template;
	const struct yaml_node *written = yaml_find(node, "model");

	if (written)
		finding_hint(field_finding(&c->reader, "E114", written->place,
					   "'%s' is not allowed for 'model'", template->model),
			     "it must be " SPEC_FORM_MODEL "%s",
			     template->kind == TEMPLATE_DIFFUSION ? ", or an address" : "");
	else
		finding_hint(field_finding(&c->reader, "E112", node->place,
					   "'model' is missing in template: the chute's name '%s' "
					   "is no Hugging Face repository",
					   template->model),
			     "add 'model', such as org/model");
}

static void check_model(struct spec_checker *c, const struct yaml_node *node)
{
	const struct spec_template *template = &c->spec->template;
	bool is_diffusion = template->kind == TEMPLATE_DIFFUSION;

	if (!template->model && is_diffusion && !yaml_find(node, "model"))
		finding_hint(field_finding(&c->reader, "E112", node->place,
					   "'model' is missing in template"),
			     "diffusion does not take it from the chute's name: add 'model: "
			     "stabilityai/stable-diffusion-xl-base-1.0'");
	if (!template->model)
		return;
	if (is_diffusion && is_address(template->model))
		check_address(c, node);
	else if (field_matches(SPEC_PATTERN_MODEL, template->model))
		check_repository(c, node);
	else
		add_wrong_model(c, node);
}

/* Does the word give this flag, as "--flag" or "--flag=…"? Engines take '_' for '-'. */
static bool is_flag(const char *word, const char *flag)
{
	size_t i = 0;

	for (; flag[i] && word[i]; i++)
		if (word[i] != flag[i] && !(word[i] == '_' && flag[i] == '-' && i > 1))
			return false;
	return !flag[i] && (word[i] == '\0' || word[i] == '=');
}

/* What the template gives the engine itself. */
static void check_refused(struct spec_checker *c, const char *word, struct place place)
{
	static const struct {
		const char *flag;
		const char *hint;
	} refused[] = {
		{"--revision", "write it as 'template.revision'"},
		{"--served-model-name", "the model is served under the chute's name"},
		{"--api-key", "remove it: the platform makes one"},
		{"--host", "remove it"},
		{"--port", "remove it"},
	};

	for (size_t i = 0; i < array_len(refused); i++)
		if (is_flag(word, refused[i].flag))
			finding_hint(field_finding(&c->reader, "E215", place,
						   "the template itself sets '%s'",
						   refused[i].flag),
				     "%s", refused[i].hint);
}

static bool is_parallel(const char *word)
{
	static const char *const flags[] = {"--tensor-parallel-size", "--tp-size", "--tp", "-tp"};

	for (size_t i = 0; i < array_len(flags); i++)
		if (is_flag(word, flags[i]))
			return true;
	return false;
}

/* The template looks for one spelling, and adds a flag of its own when it does not find it. */
static void check_parallel(struct spec_checker *c)
{
	const struct field_texts *args = &c->spec->template.engine_args;
	const char *known =
		c->spec->template.kind == TEMPLATE_SGLANG ? "--tp" : "--tensor-parallel-size";
	size_t len = strlen(known);
	bool is_given = false;

	for (size_t i = 0; i < args->n; i++) {
		const char *word = args->items[i];

		if (!is_parallel(word))
			continue;
		bool is_known =
			strncmp(word, known, len) == 0 && (word[len] == '\0' || word[len] == '=');

		if (!is_known)
			finding_hint(field_finding(&c->reader, "E215", args->places[i],
						   "%s would be a second tensor-parallel flag: "
						   "the template adds '%s'",
						   field_quoted(&c->reader, word), known),
				     "write '%s', or leave it to gpu_count", known);
		else if (is_given)
			finding_hint(field_finding(&c->reader, "E215", args->places[i],
						   "a second tensor-parallel flag"),
				     "keep one of the two");
		is_given = true;
	}
}

/* Would the template of a language model make something else of the word? It makes blanks of
 * backslashes and splits at what Python calls blank. */
static bool is_split(const char *word)
{
	static const char *const wide[] = {
		"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if (strpbrk(word, " \t\n\v\f\r\x1c\x1d\x1e\x1f\\"))
		return true;
	for (size_t i = 0; i < array_len(wide); i++)
		if (strstr(word, wide[i]))
			return true;
	for (const char *c = word; (c = strstr(c, "\xe2\x80")); c += 2)
		if ((unsigned char)c[2] >= 0x80 && (unsigned char)c[2] <= 0x8a)
			return true; /* U+2000 to U+200A */
	return *word == '\0';
}

static void check_engine_args(struct spec_checker *c)
{
	const struct spec_template *template = &c->spec->template;
	const struct field_texts *args = &template->engine_args;

	for (size_t i = 0; i < args->n; i++) {
		const char *word = args->items[i];

		check_refused(c, word, args->places[i]);
		if (template->kind != TEMPLATE_EMBEDDING && is_split(word))
			finding_hint(field_finding(&c->reader, "E114", args->places[i],
						   "%s cannot be one word of 'engine_args': the "
						   "template of %s splits at blanks and "
						   "backslashes",
						   field_quoted(&c->reader, word),
						   spec_template_kinds[template->kind]),
				     "write it without, or put it into a file of the image");
	}
	check_parallel(c);
}

static void check_lock_modules(struct spec_checker *c)
{
	if (c->spec->mode == SPEC_TEMPLATE && c->spec->security.lock_modules == LOCK_MODULES_NO)
		finding_hint(field_finding(&c->reader, "E210",
					   spec_value_place(yaml_find(c->spec->root, "security"),
							    "lock_modules"),
					   "a template always locks its modules"),
			     "remove 'lock_modules'");
}

static void check_models(struct spec_checker *c)
{
	const struct spec_models *models = &c->spec->models;

	for (size_t i = 0; i < models->n; i++) {
		const struct spec_model *model = &models->items[i];

		if (!model->repo)
			continue;
		if (!yaml_find(model->node, "revision"))
			add_without_revision(c, model->place, model->repo);
		for (size_t k = 0; k < i; k++)
			if (models->items[k].repo &&
			    strcmp(models->items[k].repo, model->repo) == 0)
				finding_hint(field_finding(&c->reader, "E211", model->place,
							   "the model '%s' is named twice",
							   model->repo),
					     "name it once, with all of its files");
	}
}

void spec_check_template(struct spec_checker *c)
{
	const struct yaml_node *node = yaml_find(c->spec->root, "template");
	const struct yaml_node *kind = yaml_find(node, "kind");

	check_models(c);
	/* a kind that could not be read is vllm, too */
	if (!kind || kind->kind != YAML_SCALAR ||
	    strcmp(kind->text, spec_template_kinds[c->spec->template.kind]) != 0)
		return;
	check_kind_keys(c, node);
	check_model(c, node);
	check_engine_args(c);
	check_lock_modules(c);
}
