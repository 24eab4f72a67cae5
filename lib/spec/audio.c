/* SPDX-License-Identifier: MIT
 * `template: {kind: audio}`: handlers that come with the program. Their document, in
 * templates/audio/engines/ beside the program, is laid under the author's, so that everything in it
 * can be written otherwise; what stands nowhere in the author's file is placed at its `template`.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/data/yaml_merge.h"

#include <string.h>

enum { DOCUMENT_LIMIT = 64 * 1024 };

/* The first engine of a task is its default. */
static const struct engine {
	const char *task;
	const char *name;
	const char *document; /* in templates/audio/engines/; its handlers have the same name */
	const char *model;    /* the default; NULL: the engine brings its own */
} engines[] = {
	{"speak", "espeak-ng", "speak_espeak_ng", NULL},
	{"transcribe", "pocketsphinx", "transcribe_pocketsphinx", NULL},
	{"transcribe", "whisper", "transcribe_whisper", "Systran/faster-whisper-large-v3"},
};

/* Copying the document with values filled in. */
struct filling {
	struct arena *arena;
	struct place place; /* of everything in it */
	char *model;        /* NULL: none */
	char *revision;     /* NULL: none */
};

/* A key's text when that is a scalar, NULL otherwise. */
static char *scalar(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_find(map, key);

	return node && node->kind == YAML_SCALAR ? node->text : NULL;
}

/* The text of a scalar; NULL when it stands for a value that there is none of. */
static char *filled(const struct filling *f, const struct yaml_node *node)
{
	if (strcmp(node->text, "@MODEL@") == 0)
		return f->model;
	if (strcmp(node->text, "@REVISION@") == 0)
		return f->revision;
	return node->text;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static const struct yaml_node *fill(const struct filling *f, const struct yaml_node *node)
{
	struct yaml_node *copy = arena_alloc(f->arena, sizeof(*copy));

	*copy = *node;
	copy->place = f->place;
	if (node->kind == YAML_SCALAR) {
		copy->text = filled(f, node);
		return copy->text ? copy : NULL;
	}
	copy->n = 0;
	if (node->kind == YAML_SEQUENCE)
		copy->items = arena_alloc(f->arena, node->n * sizeof(*copy->items));
	else
		copy->pairs = arena_alloc(f->arena, node->n * sizeof(*copy->pairs));
	for (size_t i = 0; i < node->n; i++) {
		bool is_list = node->kind == YAML_SEQUENCE;
		const struct yaml_node *value =
			fill(f, is_list ? node->items[i] : node->pairs[i].value);

		if (value && is_list)
			copy->items[copy->n++] = value;
		else if (value)
			copy->pairs[copy->n++] =
				(struct yaml_pair){node->pairs[i].key, f->place, value};
	}
	return copy;
}

/* The engine of a task; a task that is missing or wrong has a finding of its own. */
static const struct engine *find_engine(struct spec_checker *c, const struct yaml_node *template)
{
	const char *task = scalar(template, "task");
	const char *name = scalar(template, "engine");
	const struct engine *fallback = NULL;
	auto_text known = {0};

	for (size_t i = 0; i < array_len(engines); i++) {
		if (task && strcmp(engines[i].task, task) != 0)
			continue;
		if (name && strcmp(engines[i].name, name) == 0)
			return &engines[i];
		fallback = fallback ? fallback : &engines[i];
		text_addf(&known, "%s%s", known.len ? ", " : "", engines[i].name);
	}
	if (name && fallback)
		finding_hint(field_finding(&c->reader, "E114", spec_value_place(template, "engine"),
					   "there is no engine '%s' for the task '%s'", name,
					   fallback->task),
			     "choose one of %s", text_str(&known));
	return fallback ? fallback : &engines[0];
}

static void check_model(struct spec_checker *c, const struct yaml_node *template,
			const struct engine *engine)
{
	static const char *const keys[] = {"model", "revision"};

	for (size_t i = 0; i < array_len(keys) && !engine->model; i++) {
		const struct yaml_pair *pair = yaml_find_pair(template, keys[i]);

		if (pair)
			finding_hint(field_finding(&c->reader, "E210", pair->key_place,
						   "'%s' is not for the engine '%s', which brings "
						   "its own model",
						   pair->key, engine->name),
				     "remove it");
	}
}

/* The document of an engine. NULL after a finding: the program is not whole. */
static const struct yaml_node *read_document(struct spec_checker *c, const struct engine *engine,
					     const struct filling *filling)
{
	struct spec *spec = c->spec;
	auto_free char *share = NULL;
	auto_text text = {0};
	auto_findings findings = {0};
	struct error err;

	if (path_share(&share, &err)) {
		auto_free char *path =
			xprintf("%s/templates/audio/engines/%s.yaml", share, engine->document);

		if (file_read(path, DOCUMENT_LIMIT, &text, &err)) {
			struct yaml_source source =
				yaml_source_new(path, text_str(&text), text.len, &spec->arena);
			const struct yaml_node *root = yaml_parse(&source, &spec->arena, &findings);

			c->shipped_handlers =
				arena_printf(&spec->arena, "%s/templates/audio/engines/%s.py",
					     share, engine->document);
			if (root)
				return fill(filling, root);
			fail(&err, ERROR_FAILURE, "'%s' is no YAML", path);
		}
	}
	finding_hint(field_finding(&c->reader, "E220", filling->place,
				   "the files of the template cannot be read"),
		     "%s", err.message);
	return NULL;
}

const struct yaml_node *spec_lay_audio(struct spec_checker *c, const struct yaml_node *root)
{
	const struct yaml_node *template = yaml_find(root, "template");
	const char *kind = scalar(template, "kind");

	if (!kind || strcmp(kind, "audio") != 0)
		return root;
	const struct engine *engine = find_engine(c, template);
	const char *model = scalar(template, "model");
	struct filling filling = {.arena = &c->spec->arena,
				  .place = template->place,
				  .revision = scalar(template, "revision")};

	if (model || engine->model)
		filling.model = arena_strdup(filling.arena, model ? model : engine->model);
	check_model(c, template, engine);
	const struct yaml_node *document = read_document(c, engine, &filling);

	if (yaml_find(yaml_find(root, "handlers"), "file"))
		c->shipped_handlers = NULL; /* the author's own functions */
	return document ? yaml_merge(document, root, filling.arena) : root;
}
