/* SPDX-License-Identifier: MIT
 * The files of a new project: which, with what filled in, written all or none.
 */
#include "cli/init.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/data/fields.h"
#include "lib/spec/schema.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA_FILE ".chutes/chute.v1.json"

enum {
	TEMPLATE_LIMIT = 64 * 1024,
	NAME_SHORTEST = 3, /* of a chute and of its image */
	NAME_LONGEST = 65,
	MODEL_NAME_LONGEST = 127, /* of a chute that has no image of its own */
	FIRST_PORT = 9000,
};

static const struct init_template templates[] = {
	{.name = "handlers", .files = {"app.py", ".chutesignore", "README.md"}, .is_built = true},
	{.name = "server", .files = {"server.py", ".chutesignore", "README.md"}, .is_built = true},
	{.name = "job", .files = {"job.py", ".chutesignore", "README.md"}, .is_built = true},
	{.name = "audio", .files = {"README.md"}, .model = "", .is_built = true},
	{.name = "vllm",
	 .files = {"README.md"},
	 .model = "unsloth/Llama-3.2-1B-Instruct",
	 .is_language = true},
	{.name = "sglang",
	 .files = {"README.md"},
	 .model = "unsloth/Llama-3.2-1B-Instruct",
	 .is_language = true},
	{.name = "embedding",
	 .files = {"README.md"},
	 .model = "BAAI/bge-small-en-v1.5",
	 .is_language = true},
	{.name = "diffusion",
	 .files = {"README.md"},
	 .model = "stabilityai/stable-diffusion-xl-base-1.0"},
};

const struct init_template *init_template_find(const char *name)
{
	for (size_t i = 0; i < array_len(templates); i++)
		if (strcmp(templates[i].name, name) == 0)
			return &templates[i];
	return NULL;
}

void init_project_release(struct init_project *p)
{
	free(p->directory);
	free(p->name);
	for (size_t i = 0; i < p->n_files; i++) {
		free(p->files[i].source);
		free(p->files[i].name);
		text_release(&p->files[i].text);
	}
}

/* --- names */

static bool is_name_char(char c)
{
	return islower((unsigned char)c) || isdigit((unsigned char)c) || c == '-' || c == '_' ||
	       c == '.';
}

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!is_name_char(name[i]) || (i == 0 && ispunct((unsigned char)name[i])))
			return false;
	/* YAML reads "null" as no name at all */
	return len >= NAME_SHORTEST && len <= NAME_LONGEST && strcmp(name, "null") != 0;
}

/* "My Project!" → "my-project"; what is too short gets "-chute" behind it. */
static char *name_of_directory(const char *directory)
{
	auto_text name = {.max = NAME_LONGEST};

	for (const char *c = path_name(directory); *c; c++) {
		char next = ascii_lower(*c);

		if (!is_name_char(next))
			next = '-';
		bool is_leading = name.len == 0 && ispunct((unsigned char)next);
		bool is_repeated = next == '-' && text_ends_with(text_str(&name), "-");

		if (!is_leading && !is_repeated)
			text_add_char(&name, next);
	}
	while (name.len > 0 && name.bytes[name.len - 1] == '-')
		name.bytes[--name.len] = '\0';
	if (!is_name(text_str(&name)))
		text_add(&name, name.len ? "-chute" : "chute");
	return text_take(&name);
}

/* The name of a chute that has no image of its own may look like a model's. */
static bool is_model_name(const char *name)
{
	size_t len = strlen(name);

	return len >= NAME_SHORTEST && len <= MODEL_NAME_LONGEST && strcmp(name, "null") != 0 &&
	       field_matches("^([A-Za-z0-9_.-]+/)*[A-Za-z0-9][A-Za-z0-9_./-]*$", name);
}

static bool check_name(const struct init_project *p, const char *name, struct error *err)
{
	bool is_built = !p->template || p->template->is_built;

	if (is_built ? is_name(name) : is_model_name(name))
		return true;
	fail(err, ERROR_USAGE, "'%s' cannot be the name of a chute", name);
	if (!is_built)
		return fail_hint(err, "use %d to %d letters, digits, '.', '_', '-' and '/'",
				 NAME_SHORTEST, MODEL_NAME_LONGEST);
	return fail_hint(err, "use %d to %d of a-z, 0-9, '.', '_' and '-', a letter or digit first",
			 NAME_SHORTEST, NAME_LONGEST);
}

static bool check_model(const struct init_project *p, const char *model, struct error *err)
{
	bool is_diffusion = strcmp(p->template->name, "diffusion") == 0;

	if (is_diffusion && field_matches("^https://[!-~]+$", model))
		return true;
	if (field_matches("^[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_][A-Za-z0-9_.-]*$", model))
		return true;
	fail(err, ERROR_USAGE, "'%s' is no model", model);
	return fail_hint(err, "name a Hugging Face repository, such as org/model%s",
			 is_diffusion ? ", or an https address" : "");
}

bool init_choose(struct init_project *p, const struct init_options *o, struct error *err)
{
	const struct init_template *template = p->template;
	bool has_base = template ? template->is_built : !p->found->dockerfile;

	if (o->base && !has_base)
		return fail(err, ERROR_USAGE, "--base: the image is %s",
			    template ? "the template's own" : "the Dockerfile's");
	if (o->model && (!template || !template->model)) {
		fail(err, ERROR_USAGE, "--model is for templates that run models");
		return fail_hint(err, "add --template vllm, for example");
	}
	if (o->model && !check_model(p, o->model, err))
		return false;
	if (o->name && !check_name(p, o->name, err))
		return false;
	p->base = o->base;
	if (template && template->model)
		p->model = o->model ? o->model : *template->model ? template->model : NULL;
	if (o->name)
		p->name = xstrdup(o->name);
	else if (template && template->is_language)
		p->name = xstrdup(p->model);
	else
		p->name = name_of_directory(p->directory);
	return true;
}

/* --- what is filled in */

struct value {
	const char *key;
	char *text;
};
struct values {
	struct value items[16];
	size_t n;
};

static void values_release(struct values *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->items[i].text);
}

static void add_value(struct values *v, const char *key, char *text)
{
	v->items[v->n++] = (struct value){key, text};
}

static char *base_value(const struct init_project *p)
{
	auto_text base = {0};

	if (p->base)
		text_add_json(&base, p->base);
	else
		text_add(&base, "{debian: bookworm}");
	return text_take(&base);
}

/* A project that lists its packages keeps its list, and one with an application of its own chooses
 * the versions of that. */
static char *pip_value(const struct init_found *found)
{
	bool has_list = found->has_requirements || found->packages.n;
	auto_text pip = {0};

	if (found->has_requirements)
		text_add(&pip, "{requirements: requirements.txt, packages: ");
	if (found->module && has_list)
		text_add(&pip, "[\"uvicorn>=0.29\"");
	else
		text_add(&pip,
			 "[\"fastapi>=0.110,<1\", \"uvicorn>=0.29,<1\", \"pydantic>=2.9,<3\"");
	for (size_t i = 0; i < found->packages.n; i++) {
		text_add(&pip, ", ");
		text_add_json(&pip, found->packages.items[i]);
	}
	text_add(&pip, found->has_requirements ? "]}" : "]");
	return text_take(&pip);
}

/* The image of a program that was there before. */
static char *image_value(const struct init_project *p)
{
	const struct init_found *found = p->found;

	if (found->dockerfile)
		return xprintf("  dockerfile: %s\n", found->dockerfile);
	auto_free char *base = base_value(p);
	auto_free char *pip = pip_value(found);

	return xprintf("  base: %s\n  steps:\n    - pip: %s\n%s", base, pip,
		       text_str(&found->steps));
}

static void fill_values(const struct init_project *p, struct values *v)
{
	const struct init_found *found = p->found;
	bool is_run = p->template ? p->template->is_built : !found->dockerfile;

	add_value(v, "@NAME@", xstrdup(p->name));
	add_value(v, "@BASE@", base_value(p));
	add_value(v, "@PIP@", pip_value(found));
	add_value(v, "@MODEL@", xstrdup(p->model ? p->model : ""));
	add_value(v, "@RUN@", xstrdup(is_run ? ", serve it with `chutes run`" : ""));
	add_value(v, "@COMMAND@", xstrdup(text_str(&found->command)));
	add_value(v, "@PORT@", xprintf("%d", (int)(found->port ? found->port : FIRST_PORT)));
	add_value(v, "@READY@", xstrdup(found->ready ? found->ready : "/"));
	add_value(v, "@IMAGE@", image_value(p));
	add_value(v, "@CORDS@", xstrdup(text_str(&found->cords)));
	add_value(
		v, "@CONTAINER@",
		xstrdup(is_run ? "{image: debian:bookworm, options: --privileged} # a build mounts "
				 "file systems"
			       : "debian:bookworm"));
	add_value(v, "@BUILD_GITHUB@",
		  xstrdup(is_run ? "\n      - name: Build\n        run: chutes build" : ""));
	add_value(v, "@BUILD_GITLAB@",
		  xstrdup(is_run ? "\n    - chutes build # needs a privileged runner" : ""));
}

/* Copy a template's text with each @KEY@ replaced. */
static void expand(const char *template, const struct values *values, struct text *out)
{
	while (*template) {
		const struct value *found = NULL;

		for (size_t i = 0; i < values->n && *template == '@'; i++)
			if (text_starts_with(template, values->items[i].key))
				found = &values->items[i];
		if (found) {
			text_add(out, found->text);
			template += strlen(found->key);
		} else {
			text_add_char(out, *template ++);
		}
	}
}

/* --- files */

static void add_file(struct init_project *p, const char *folder, const char *from, const char *name,
		     enum init_stay stay)
{
	p->files[p->n_files++] = (struct init_file){
		.source = folder ? xprintf("%s/%s", folder, from) : NULL,
		.name = xstrdup(name),
		.stay = stay,
	};
}

static const char *spec_source(const struct init_project *p)
{
	if (!p->template)
		return "server.yaml";
	/* only one engine of audio takes a model */
	return p->model && strcmp(p->template->name, "audio") == 0 ? "whisper.yaml" : "chute.yaml";
}

static void choose_files(struct init_project *p, const char *ci)
{
	const struct init_template *template = p->template;
	const char *folder = template ? template->name : "existing";

	add_file(p, folder, spec_source(p), "chute.yaml", STAY_NEVER);
	for (size_t i = 0; template && template->files[i]; i++)
		add_file(p, folder, template->files[i], template->files[i], STAY_NEVER);
	if (!template)
		add_file(p, folder, ".chutesignore", ".chutesignore", STAY_ALWAYS);
	add_file(p, NULL, NULL, SCHEMA_FILE, STAY_UNFORCED);
	if (ci && strcmp(ci, "github") == 0)
		add_file(p, "ci", "github.yml", ".github/workflows/chute.yml", STAY_ALWAYS);
	else if (ci)
		add_file(p, "ci", "gitlab.yml", ".gitlab-ci.yml", STAY_ALWAYS);
}

/* Nothing is written at all when one file would have to go. */
static bool check_free(struct init_project *p, bool force, struct error *err)
{
	auto_text taken = {0};
	size_t n = 0;

	for (size_t i = 0; i < p->n_files; i++) {
		struct init_file *file = &p->files[i];
		auto_free char *path = path_join(p->directory, file->name);

		if (!file_exists(path))
			continue;
		file->is_kept =
			file->stay == STAY_ALWAYS || (file->stay == STAY_UNFORCED && !force);
		if (!file->is_kept && !force)
			text_addf(&taken, "%s'%s'", n++ ? ", " : "", file->name);
	}
	if (n == 0)
		return true;
	fail(err, ERROR_CONFLICT, "%s %s already", text_str(&taken), n == 1 ? "exists" : "exist");
	return fail_hint(err, "choose another directory, or replace with --force");
}

static bool read_files(struct init_project *p, struct error *err)
{
	auto_free char *share = NULL;
	__attribute__((cleanup(values_release))) struct values values = {0};

	if (!path_share(&share, err))
		return false;
	fill_values(p, &values);
	for (size_t i = 0; i < p->n_files; i++) {
		struct init_file *file = &p->files[i];
		auto_text template = {0};

		if (!file->source) {
			spec_schema_write(&file->text);
			continue;
		}
		auto_free char *path = xprintf("%s/templates/%s", share, file->source);

		if (!file_read(path, TEMPLATE_LIMIT, &template, err))
			return false;
		expand(text_str(&template), &values, &file->text);
	}
	return true;
}

static bool write_file(const struct init_project *p, const struct init_file *file, bool force,
		       struct error *err)
{
	auto_free char *path = path_join(p->directory, file->name);
	auto_free char *directory = path_directory(path);
	const char *bytes = text_str(&file->text);

	if (!directory_make(directory, 0777, err))
		return false;
	return force ? file_write(path, bytes, file->text.len, 0644, err)
		     : file_create(path, bytes, file->text.len, 0644, err);
}

static void remove_files(const struct init_project *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_free char *path = path_join(p->directory, p->files[i].name);

		if (!p->files[i].is_kept)
			(void)unlink(path); /* already failing: the first error counts */
	}
}

bool init_write(struct init_project *p, const char *ci, bool force, struct error *err)
{
	choose_files(p, ci);
	if (!check_free(p, force, err) || !read_files(p, err))
		return false;
	for (size_t i = 0; i < p->n_files; i++) {
		if (p->files[i].is_kept || write_file(p, &p->files[i], force, err))
			continue;
		if (!force)
			remove_files(p, i);
		return false;
	}
	return true;
}
