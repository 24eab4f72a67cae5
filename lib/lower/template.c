/* SPDX-License-Identifier: MIT */
#include "lib/lower/template.h"

#include "lib/lower/codegen_internal.h"

#include <inttypes.h>
#include <string.h>

/* lib/sdk/chutes/chute/template/, embedded when the library is built. */
extern const unsigned char vllm_cords_json[];
extern const size_t vllm_cords_json_len;
extern const unsigned char sglang_cords_json[];
extern const size_t sglang_cords_json_len;
extern const unsigned char embedding_cords_json[];
extern const size_t embedding_cords_json_len;
extern const unsigned char diffusion_cords_json[];
extern const size_t diffusion_cords_json_len;

#define NAME_KEY "@NAME@"

struct template_record {
	const char *standard;
	const unsigned char *cords; /* an array of JSON, one cord a line */
	const size_t *cords_len;
	bool is_language; /* named after its model, at a fixed commit; an engine with arguments */
	bool is_quoted;   /* arguments are split as a shell does, else at blanks only */
};

static const struct template_record records[] = {
	[TEMPLATE_VLLM] = {.standard = "vllm",
			   .cords = vllm_cords_json,
			   .cords_len = &vllm_cords_json_len,
			   .is_language = true},
	[TEMPLATE_SGLANG] = {.standard = "vllm",
			     .cords = sglang_cords_json,
			     .cords_len = &sglang_cords_json_len,
			     .is_language = true},
	[TEMPLATE_EMBEDDING] = {.standard = "embedding",
				.cords = embedding_cords_json,
				.cords_len = &embedding_cords_json_len,
				.is_language = true,
				.is_quoted = true},
	[TEMPLATE_DIFFUSION] = {.standard = "diffusion",
				.cords = diffusion_cords_json,
				.cords_len = &diffusion_cords_json_len},
};

static const struct template_record *record_of(const struct spec_template *template)
{
	return &records[template->kind];
}

const char *template_standard(enum spec_template_kind kind) { return records[kind].standard; }

const char *template_revision(const struct spec_template *template)
{
	return record_of(template)->is_language ? template->revision : NULL;
}

void template_add_cords(const struct spec *spec, struct text *out)
{
	const struct template_record *record = record_of(&spec->template);
	const char *c = (const char *)record->cords;
	const char *end = c + *record->cords_len;

	while (c < end) {
		size_t left = (size_t)(end - c);

		if (left > strlen(NAME_KEY) && memcmp(c, NAME_KEY, strlen(NAME_KEY)) == 0) {
			/* inside a string; names need no escapes */
			text_add(out, spec->name);
			c += strlen(NAME_KEY);
		} else if (*c++ != '\n') {
			text_add_char(out, c[-1]);
		}
	}
}

static void add_text(struct text *out, const char *key, const char *value)
{
	text_addf(out, "    %s=", key);
	text_add_python(out, value);
	text_add(out, ",\n");
}

static void add_integer(struct text *out, const char *key, int64_t value, int64_t fallback)
{
	if (value != fallback)
		text_addf(out, "    %s=%" PRId64 ",\n", key, value);
}

static void add_true(struct text *out, const char *key, bool value)
{
	if (value)
		text_addf(out, "    %s=True,\n", key);
}

/* The builder splits one text into words; those of the others than embedding have no blanks. */
static void add_engine_args(struct text *out, const struct template_record *record,
			    const struct field_texts *words)
{
	auto_text joined = {0};

	for (size_t i = 0; i < words->n; i++) {
		text_add(&joined, i ? " " : "");
		if (record->is_quoted)
			text_add_shell(&joined, words->items[i]);
		else
			text_add(&joined, words->items[i]);
	}
	if (words->n)
		add_text(out, "engine_args", text_str(&joined));
}

static void add_embedding(struct text *out, const struct spec_template *template)
{
	if (template->pooling_type && strcmp(template->pooling_type, "auto") != 0)
		add_text(out, "pooling_type", template->pooling_type);
	add_integer(out, "max_embed_len", template->max_embed_len, 3072000);
	if (!template->enable_chunked_processing)
		text_add(out, "    enable_chunked_processing=False,\n");
}

static bool add_diffusion(struct text *out, const struct spec_template *template, struct error *err)
{
	const struct field_values *args = &template->pipeline_args;

	if (template->version)
		add_text(out, "version", template->version);
	if (args->n == 0)
		return true;
	text_add(out, "    pipeline_args={");
	for (size_t i = 0; i < args->n; i++) {
		text_add(out, i ? ", " : "");
		text_add_python(out, args->items[i].name);
		text_add(out, ": ");
		if (!python_add_json(out, args->items[i].value, args->items[i].name, err))
			return fail_in(err, "pipeline_args");
	}
	text_add(out, "},\n");
	return true;
}

static void add_common(struct text *out, const struct spec *spec,
		       const struct template_record *record)
{
	const struct spec_scaling *scaling = &spec->scaling;

	text_add(out, "    node_selector=");
	codegen_add_selector(out, &spec->node_selector);
	text_add(out, ",\n");
	if (*spec->tagline)
		add_text(out, "tagline", spec->tagline);
	if (*spec->readme.text)
		add_text(out, "readme", spec->readme.text);
	text_addf(out, "    concurrency=%" PRId64 ",\n", scaling->concurrency);
	add_integer(out, "max_instances", scaling->max_instances, 1);
	if (scaling->threshold != 0.75) {
		text_add(out, "    scaling_threshold=");
		python_add_real(out, scaling->threshold);
		text_add(out, ",\n");
	}
	add_integer(out, "shutdown_after_seconds", (int64_t)(scaling->shutdown_after_ms / 1000),
		    300);
	if (record->is_language)
		add_true(out, "allow_external_egress", spec->security.allow_external_egress);
	add_true(out, "tee", spec->security.tee);
}

static bool add_call(struct text *out, const struct spec *spec, const struct codegen_names *names,
		     struct error *err)
{
	const struct spec_template *template = &spec->template;
	const struct template_record *record = record_of(template);
	const char *kind = spec_template_kinds[template->kind];

	text_addf(out,
		  "from chutes.chute import NodeSelector\n"
		  "from chutes.chute.template.%s import build_%s_chute\n\n"
		  "chute = build_%s_chute(\n",
		  kind, kind, kind);
	add_text(out, "username", names->username);
	if (!record->is_language)
		add_text(out, "name", spec->name);
	add_text(out, record->is_language ? "model_name" : "model_name_or_url", template->model);
	if (template->revision)
		add_text(out, "revision", template->revision);
	add_text(out, "image", names->image);
	add_common(out, spec, record);
	add_engine_args(out, record, &template->engine_args);
	if (template->kind == TEMPLATE_EMBEDDING)
		add_embedding(out, template);
	if (template->kind == TEMPLATE_DIFFUSION && !add_diffusion(out, template, err))
		return false;
	text_add(out, ").chute\n");
	return true;
}

/* What a Chute has and the builder does not take. */
static void add_attributes(struct text *out, const struct spec *spec)
{
	const struct spec_security *security = &spec->security;

	if (security->encrypted_fs)
		text_add(out, "chute.encrypted_fs = True\n");
	if (!record_of(&spec->template)->is_language && security->allow_external_egress)
		text_add(out, "chute.allow_external_egress = True\n");
	if (security->lock_modules != LOCK_MODULES_UNSET)
		text_addf(out, "chute.lock_modules = %s\n",
			  security->lock_modules == LOCK_MODULES_YES ? "True" : "False");
}

/* A language model is served under the chute's name, which the builder takes from the model. */
static void add_name(struct text *out, const struct spec *spec)
{
	if (!record_of(&spec->template)->is_language ||
	    strcmp(spec->name, spec->template.model) == 0)
		return;
	text_add(out, "\n# a name of its own: the builder names the chute after its model\n"
		      "chute._name = ");
	text_add_python(out, spec->name);
	text_add(out, "\nchute._uid = str(\n"
		      "    uuid.uuid5(uuid.NAMESPACE_OID, "
		      "f\"{chute._username}::chute::{chute._name}\")\n"
		      ")\n"
		      "for cord in chute.cords:\n"
		      "    for model in (cord.minimal_input_schema or {}).get(\"definitions\", "
		      "{}).values():\n"
		      "        field = model[\"properties\"].get(\"model\", {})\n"
		      "        if field.get(\"default\") == ");
	text_add_python(out, spec->template.model);
	text_add(out, ":\n            field[\"default\"] = chute.name\n");
}

static bool check(const struct spec *spec, struct error *err)
{
	const struct spec_template *template = &spec->template;
	const char *kind = spec_template_kinds[template->kind];

	if (record_of(template)->is_language && !template->revision) {
		fail(err, ERROR_SPEC, "template.revision is missing: '%s' needs the commit of '%s'",
		     kind, template->model);
		return fail_hint(err, "set template.revision to the 40 hex digits of the commit, "
				      "as the model's repository lists them");
	}
	if (spec->node_selector.gpu_count == 0) {
		fail(err, ERROR_SPEC, "template '%s' needs a GPU", kind);
		return fail_hint(err, "set node_selector.gpu_count to 1 or more");
	}
	return true;
}

bool template_add_code(const struct spec *spec, const struct codegen_names *names, struct text *out,
		       struct error *err)
{
	auto_text module = {0};

	if (!check(spec, err))
		return false;
	codegen_add_banner(&module, spec, names);
	if (spec->env.n)
		codegen_add_env(&module, &spec->env);
	if (record_of(&spec->template)->is_language &&
	    strcmp(spec->name, spec->template.model) != 0)
		text_add(&module, "import uuid\n\n");
	if (!add_call(&module, spec, names, err))
		return false;
	add_attributes(&module, spec);
	add_name(&module, spec);
	codegen_add_fetching(&module, spec);
	text_add_bytes(out, text_str(&module), module.len);
	return true;
}
