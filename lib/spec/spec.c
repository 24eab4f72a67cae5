/* SPDX-License-Identifier: MIT
 * Finding a chute.yaml, reading it, and putting the checks in their order.
 */
#include "lib/spec/spec.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/crypto/sha256.h"
#include "lib/spec/spec_internal.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_NAME "chute.yaml"
#define DEFAULT_BASE "parachutes/python:3.12"

void spec_release(struct spec *spec)
{
	arena_release(&spec->arena);
	*spec = (struct spec){0};
}

void spec_place(const struct spec *spec, struct finding *f, struct place place)
{
	yaml_place(&spec->source, f, place);
}

struct place spec_value_place(const struct yaml_node *node, const char *key)
{
	const struct yaml_node *value = yaml_find(node, key);

	return value ? value->place : node ? node->place : (struct place){0};
}

static void complete_document(struct spec *spec, struct spec_document *document, const char *text)
{
	if (!document->text)
		document->text = arena_strdup(&spec->arena, text);
}

/* Lower priorities first; equal ones stay in the order of the file. */
static void sort_hooks(struct spec_hooks *hooks)
{
	for (size_t i = 1; i < hooks->n; i++) {
		struct spec_hook moved = hooks->items[i];
		size_t j = i;

		for (; j > 0 && hooks->items[j - 1].priority > moved.priority; j--)
			hooks->items[j] = hooks->items[j - 1];
		hooks->items[j] = moved;
	}
}

static void lower_case(struct field_texts *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		for (char *c = texts->items[i]; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c += 'a' - 'A';
}

/* The source of a Python has all three parts of its version: the newest of each we know of. */
static char *whole_python(struct spec *spec, char *version)
{
	static const char *const known[] = {"3.10.19", "3.11.14", "3.12.12", "3.13.9"};

	for (size_t i = 0; version && i < array_len(known); i++)
		if (strlen(version) == strlen("3.10") && text_starts_with(known[i], version))
			return arena_strdup(&spec->arena, known[i]);
	return version;
}

static void complete_image(struct spec *spec)
{
	struct spec_image *image = &spec->image;
	const struct yaml_node *node = yaml_find(spec->root, "image");
	struct spec_base *base = &image->base;

	complete_document(spec, &image->readme, image->name ? image->name : "");
	if (!yaml_find(node, "public"))
		image->is_public = spec->is_public;
	if (image->reference) /* prebuilt: there is nothing else to it */
		return;
	image->python = whole_python(spec, image->python);
	if (!yaml_find(node, "base")) {
		char *text = arena_strdup(&spec->arena, DEFAULT_BASE);

		*base = (struct spec_base){.place = image->place, .text = text, .reference = text};
	} else if (base->suite) {
		base->kind = BASE_DEBIAN;
		base->text = arena_printf(&spec->arena, "debian:%s", base->suite);
	}
	for (size_t i = 0; i < image->steps.n; i++) {
		struct spec_step *step = &image->steps.items[i];

		if (step->kind == STEP_RUN && step->run.script)
			step->run.is_exec_script = strchr(step->run.script, '\n') != NULL;
	}
}

void spec_complete(struct spec *spec)
{
	spec_complete_mode(spec);
	complete_document(spec, &spec->readme, "");
	complete_document(spec, &spec->tool_description, "");
	complete_image(spec);
	sort_hooks(&spec->handlers.startup);
	sort_hooks(&spec->handlers.shutdown);
	lower_case(&spec->node_selector.include);
	lower_case(&spec->node_selector.exclude);
	for (size_t i = 0; i < spec->cords.n; i++) {
		struct spec_cord *cord = &spec->cords.items[i];

		if (!cord->path && cord->function)
			cord->path = arena_printf(&spec->arena, "/%s", cord->function);
		if (cord->port == 0 && cord->forward.path && spec->mode == SPEC_SERVER)
			cord->port = spec->server.port;
	}
}

struct spec_checker spec_checker_new(struct spec *spec, struct findings *f,
				     const struct gpu_table *gpus)
{
	return (struct spec_checker){
		.spec = spec,
		.reader = {.source = &spec->source,
			   .arena = &spec->arena,
			   .findings = f,
			   .env_places = "'name', 'tagline', 'env', 'dev', 'image.name' and "
					 "'image.tag'"},
		.gpus = gpus ? gpus : gpu_table_builtin(),
	};
}

void spec_read_document(struct spec_checker *c)
{
	struct spec *spec = c->spec;

	spec->root = spec_lay_audio(c, spec->root);
	fields_read(&c->reader, &spec_table, spec->root, spec);
	if (c->shipped_handlers) {
		spec->handlers.file = c->shipped_handlers;
		spec->handlers.is_shipped = true;
	}
	spec_complete(spec);
	spec_check_mode(c);
	spec_check_template(c);
	spec_check_fields(c);
	spec_check_image(c);
	spec_check_selector(c);
	spec_check_cords(c);
	spec_check_jobs(c);
	spec_check_secrets(c);
	field_reader_release(&c->reader);
}

/* A NUL stands in no document, so that no other document with an overlay has the same bytes. */
static void hash_source(struct spec *spec, const char *text, size_t len, const char *overlay)
{
	unsigned char hash[SHA256_BYTES];
	auto_text both = {0};

	if (overlay) {
		text_add_bytes(&both, text, len);
		text_add_bytes(&both, "", 1);
		text_add(&both, overlay);
		sha256_of(text_str(&both), both.len, hash);
	} else {
		sha256_of(text, len, hash);
	}
	sha256_hex(hash, spec->sha256);
}

/* Read what stands in the text; what is wrong with it is a finding, and without a root there is
 * nothing more to check. */
static bool read_text(struct spec_checker *c, const char *text, size_t len, const char *file,
		      const struct spec_options *o, struct error *err)
{
	struct spec *spec = c->spec;

	spec->file = arena_strdup(&spec->arena, file);
	spec->source = yaml_source_new(file, text, len, &spec->arena);
	hash_source(spec, text, len, o->overlay);
	const struct yaml_node *document =
		yaml_parse(&spec->source, &spec->arena, c->reader.findings);

	spec->root = document;
	if (!document)
		return true;
	if (o->overlay && document->kind == YAML_MAPPING && !spec_lay_over(c, o->overlay, err))
		return false;
	spec_read_document(c);
	if (spec->directory)
		spec_check_project(c);
	spec_check_overlays(c, document, spec->directory && o->checks_all_files);
	return true;
}

/* `spec` becomes `out`, unless there are errors. */
static bool finish(struct spec *spec, struct spec *out, struct findings *f, struct error *err)
{
	findings_sort(f);
	if (!findings_pass(f, err))
		return fail_in(err, "'%s'", spec->file);
	*out = *spec;
	*spec = (struct spec){0};
	return true;
}

bool spec_parse(const char *text, size_t len, const struct spec_options *o, struct spec *out,
		struct findings *f, struct error *err)
{
	auto_spec spec = {0};
	struct spec_checker c = spec_checker_new(&spec, f, o->gpus);

	return read_text(&c, text, len, o->file, o, err) && finish(&spec, out, f, err);
}

/* chute.yaml in a directory or the nearest above it. */
static bool find_upward(const char *directory, char **out, struct error *err)
{
	auto_free char *at = xstrdup(directory);

	for (;;) {
		auto_free char *path = path_join(at, DEFAULT_NAME);

		if (file_exists(path)) {
			*out = take(path);
			return true;
		}
		if (strcmp(at, "/") == 0)
			break;
		char *parent = path_directory(at);

		free(at);
		at = parent;
	}
	fail(err, ERROR_NOT_FOUND, "no " DEFAULT_NAME " in '%s' or above it", directory);
	return fail_hint(err, "run 'chutes init' to make one, or name a file with -f");
}

/* The absolute form of a directory. */
static bool absolute(const char *directory, char **out, struct error *err)
{
	auto_free char *resolved = realpath(directory ? directory : ".", NULL);

	if (!resolved)
		return fail_errno(err, "'%s'", directory ? directory : ".");
	*out = take(resolved);
	return true;
}

/* The name under which messages speak of a file: from the working directory where it lies there. */
static const char *shown_name(struct arena *arena, const char *path)
{
	auto_free char *cwd = getcwd(NULL, 0);
	size_t len = cwd ? strlen(cwd) : 0;

	if (len > 1 && strncmp(path, cwd, len) == 0 && path[len] == '/')
		path += len + 1;
	return arena_strdup(arena, path);
}

bool spec_find(const char *directory, char **out, struct error *err)
{
	auto_arena arena = {0};
	auto_free char *start = NULL;
	auto_free char *path = NULL;

	if (!absolute(directory, &start, err) || !find_upward(start, &path, err))
		return false;
	*out = xstrdup(shown_name(&arena, path));
	return true;
}

bool spec_load(const struct spec_options *o, struct spec *out, struct findings *f,
	       struct error *err)
{
	const char *file = o->file;
	const char *directory = o->directory;
	auto_spec spec = {0};
	struct spec_checker c = spec_checker_new(&spec, f, o->gpus);
	auto_free char *start = NULL;
	auto_free char *path = NULL;
	auto_text text = {0};
	const char *shown = file;

	if (!absolute(directory, &start, err))
		return false;
	if (file && strcmp(file, "-") == 0) {
		path = xstrdup(file);
	} else if (file) {
		path = directory ? path_join(start, file) : xstrdup(file);
	} else {
		if (!find_upward(start, &path, err))
			return false;
		shown = shown_name(&spec.arena, path);
	}
	if (!file_read(path, YAML_MAX_BYTES, &text, err) && !text.is_cut)
		return false;
	if (strcmp(path, "-") != 0) {
		auto_free char *beside = path_directory(path);

		free(take(start));
		if (!absolute(beside, &start, err))
			return false;
	}
	spec.directory = arena_strdup(&spec.arena, start);
	if (text.is_cut) {
		spec.file = arena_strdup(&spec.arena, shown);
		yaml_add_too_large(&(struct yaml_source){.file = shown}, f);
	} else if (!read_text(&c, text_str(&text), text.len, shown, o, err)) {
		return false;
	}
	return finish(&spec, out, f, err);
}
