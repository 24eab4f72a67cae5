/* SPDX-License-Identifier: MIT
 * The Image of the SDK as `image`: the same steps in the same order.
 */
#include "lib/import/import_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <string.h>

#define SDK_DEFAULT_BASE "parachutes/python:3.12"

static const char *text_argument(const struct json *arguments, const char *name)
{
	const struct json *value = json_find(arguments, name);

	return value ? json_text(value) : NULL;
}

/* "git curl" and ["git", "curl"] are the same packages. */
static void out_packages(struct importer *m, const char *key, const struct json *package)
{
	struct text *out = &m->result->yaml;

	import_out_notes(m, 4);
	text_addf(out, "    - %s: ", key);
	if (!json_text(package)) { /* a list; of anything else the check of the spec speaks */
		import_flow(out, package);
	} else {
		auto_strings words = {0};
		const char *separator = "[";

		strings_split(&words, json_text(package), ' ');
		for (size_t i = 0; i < words.n; i++) {
			if (!*words.items[i])
				continue;
			text_add(out, separator);
			import_flow_text(out, words.items[i]);
			separator = ", ";
		}
		text_add(out, *separator == '[' ? "[]" : "]");
	}
	text_add_char(out, '\n');
}

static bool is_address(const char *source)
{
	return text_starts_with(source, "http://") || text_starts_with(source, "https://");
}

static void check_source(struct importer *m, const char *source, int64_t line)
{
	auto_free char *directory = path_directory(m->o->file);
	auto_free char *path = path_join(directory, source);

	if (is_address(source) || strpbrk(source, "*?[") || file_exists(path))
		return;
	import_note(m, "W318", line, "there is no '%s' beside the file: put it there", source);
}

static void out_add(struct importer *m, const struct json *step)
{
	static const char *const known[] = {"source", "dest",  "keep_git_dir", "checksum",
					    "chown",  "chmod", "exclude",      NULL};
	const struct json *arguments = json_find(step, "arguments");
	struct text *out = &m->result->yaml;
	const char *source = text_argument(arguments, "source");
	const char *separator = "";

	if (source)
		check_source(m, source, import_line(step));
	if (json_find(arguments, "build_dir"))
		import_note(m, "W318", import_line(step),
			    "'build_dir' of add() is left out: see 'image.context.root'");
	import_out_notes(m, 4);
	text_add(out, "    - add: {");
	for (size_t i = 0; known[i]; i++) {
		const struct json *value = json_find(arguments, known[i]);

		if (!value)
			continue;
		text_addf(out, "%s%s: ", separator, known[i]);
		/* 0755 is a number for Python; a mode is text here */
		if (strcmp(known[i], "chmod") == 0 && json_kind(value) == JSON_KIND_INTEGER)
			text_addf(out, "\"%o\"", (unsigned)json_integer_of(value));
		else
			import_flow(out, value);
		separator = ", ";
	}
	text_add(out, "}\n");
}

static void out_env(struct importer *m, const struct json *arguments)
{
	const char *key = text_argument(arguments, "key");
	const struct json *value = json_find(arguments, "value");
	struct text *out = &m->result->yaml;

	import_out_notes(m, 4);
	text_add(out, "    - env: {");
	import_flow_text(out, key ? key : "");
	text_add(out, ": ");
	if (value && json_text(value)) {
		import_flow_text(out, json_text(value));
	} else if (value) {
		auto_text written = {0};

		json_write(value, &written);
		import_flow_text(out, text_str(&written));
	}
	text_add(out, "}\n");
}

static void out_step(struct importer *m, const struct json *step)
{
	const struct json *arguments = json_find(step, "arguments");
	const char *what = import_text(step, "do");
	const struct json *package = json_find(arguments, "package");

	if (strcmp(what, "set_user") == 0)
		import_out_value(m, 4, "- user", json_find(arguments, "user"));
	else if (strcmp(what, "set_workdir") == 0)
		import_out_value(m, 4, "- workdir", json_find(arguments, "directory"));
	else if (strcmp(what, "apt_install") == 0 && package)
		out_packages(m, "apt", package);
	else if (strcmp(what, "apt_remove") == 0 && package)
		out_packages(m, "apt_remove", package);
	else if (strcmp(what, "with_env") == 0)
		out_env(m, arguments);
	else if (strcmp(what, "run_command") == 0)
		import_out_value(m, 4, "- run", json_find(arguments, "command"));
	else if (strcmp(what, "add") == 0)
		out_add(m, step);
}

/* What an Image says once: the last call counts. */
static const struct json *last_argument(const struct json *steps, const char *method,
					const char *name)
{
	const struct json *found = NULL;

	for (size_t i = 0; i < json_count(steps); i++) {
		const struct json *step = json_at(steps, i);

		if (strcmp(import_text(step, "do"), method) == 0)
			found = json_find(json_find(step, "arguments"), name);
	}
	return found;
}

bool import_is_step(const struct json *step)
{
	static const char *const others[] = {"from_base", "with_maintainer", "with_python",
					     "with_entrypoint", NULL};
	const char *what = import_text(step, "do");

	for (size_t i = 0; others[i]; i++)
		if (strcmp(what, others[i]) == 0)
			return false;
	return *what != '\0';
}

/* The modules that the file imports from beside it have to be in the image. */
static void out_siblings(struct importer *m)
{
	const struct json *siblings = json_find(m->read, "siblings");

	for (size_t i = 0; i < json_count(siblings); i++) {
		const char *name = json_text(json_at(siblings, i));

		if (!name)
			continue;
		auto_free char *directory = path_directory(m->o->file);
		auto_free char *package = path_join(directory, name);
		bool is_package = directory_exists(package);

		import_note(m, "W317", 0,
			    "'%s' lies beside the file, which imports it: it is added to the image",
			    name);
		import_out_notes(m, 4);
		auto_free char *source = xprintf("%s%s", name, is_package ? "/" : ".py");
		auto_free char *dest = xprintf("/app/%s", source);

		text_add(&m->result->yaml, "    - add: {source: ");
		import_flow_text(&m->result->yaml, source);
		text_add(&m->result->yaml, ", dest: ");
		import_flow_text(&m->result->yaml, dest);
		text_add(&m->result->yaml, "}\n");
	}
}

static void out_image(struct importer *m, const struct json *image)
{
	const struct json *arguments = json_find(image, "arguments");
	const struct json *steps = json_find(image, "steps");
	const struct json *base = last_argument(steps, "from_base", "base_image");
	const struct json *python = last_argument(steps, "with_python", "version");
	bool has_steps = json_count(json_find(m->read, "siblings")) > 0;
	const char *owner = text_argument(arguments, "username");
	const char *username = text_argument(m->arguments, "username");

	if (owner && username && strcmp(owner, username) != 0)
		import_note(m, "W318", import_line(image),
			    "the image belongs to '%s', the chute to '%s': here both are '%s'",
			    owner, username, username);
	import_out_key(m, 0, "image");
	import_out_value(m, 2, "name", json_find(arguments, "name"));
	import_out_value(m, 2, "tag", json_find(arguments, "tag"));
	const char *readme = text_argument(arguments, "readme");

	if (readme && *readme)
		import_out_text(m, 2, "readme", readme);
	if (base)
		import_out_value(m, 2, "base", base);
	else
		import_out_text(m, 2, "base", SDK_DEFAULT_BASE);
	import_out_value(m, 2, "maintainer", last_argument(steps, "with_maintainer", "maintainer"));
	import_out_value(m, 2, "python", python);
	import_out_value(m, 2, "entrypoint", last_argument(steps, "with_entrypoint", "args"));
	for (size_t i = 0; i < json_count(steps); i++)
		has_steps |= import_is_step(json_at(steps, i));
	if (!has_steps)
		return;
	import_out_key(m, 2, "steps");
	for (size_t i = 0; i < json_count(steps); i++)
		if (import_is_step(json_at(steps, i)))
			out_step(m, json_at(steps, i));
	out_siblings(m);
}

/* A template knows its image; the module of one that is kept does not say it. */
static void out_standard_image(struct importer *m)
{
	const enum spec_template_kind *kind = import_template_kind(m->chute);

	if (kind && m->result->mode == IMPORT_PYTHON)
		import_out_text(m, 0, "image", spec_template_image(*kind));
}

void import_out_image(struct importer *m)
{
	const struct json *image = import_argument(m->arguments, "image");

	if (!image || import_is_standard_image(image))
		out_standard_image(m);
	else if (json_text(image))
		import_out_value(m, 0, "image", image);
	else
		out_image(m, image);
}
