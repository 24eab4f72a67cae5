/* SPDX-License-Identifier: MIT
 * Starts a project: a spec, code that answers, an ignore file and a README.
 */
#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	N_FILES = 4,
	TEMPLATE_LIMIT = 64 * 1024,
	NAME_SHORTEST = 3, /* of a chute and of its image */
	NAME_LONGEST = 65,
};

struct init_options {
	const char *template;
	const char *base;
	const char *name;
	bool force;
};

static const struct init_options defaults = {.template = "handlers"};

static const struct option_row rows[] = {
	OPT('t', "template", CHOICE, init_options, template, "handlers|server",
	    "functions in Python, or any program that speaks HTTP"),
	OPT(0, "base", TEXT, init_options, base, "REF",
	    "image to start from, default Debian bookworm"),
	OPT(0, "name", TEXT, init_options, name, "NAME", "default: the directory's name"),
	OPT(0, "force", FLAG, init_options, force, NULL, "replace files that exist"),
	OPT_END,
};

/* What a template's files say in place of @KEY@. */
struct value {
	const char *key;
	const char *text;
};

struct project {
	const char *template;
	char *directory; /* absolute */
	char *name;
	const char *base_word; /* for people */
	struct text base;      /* as YAML */
	const char *pip;       /* as YAML */
	bool has_requirements;
	const char *files[N_FILES];
};

static void project_release(struct project *p)
{
	free(p->directory);
	free(p->name);
	text_release(&p->base);
}
#define auto_project __attribute__((cleanup(project_release))) struct project

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

static bool check_name(const char *name, struct error *err)
{
	if (is_name(name))
		return true;
	fail(err, ERROR_USAGE, "'%s' cannot be the name of a chute", name);
	return fail_hint(err, "use %d to %d of a-z, 0-9, '.', '_' and '-', a letter or digit first",
			 NAME_SHORTEST, NAME_LONGEST);
}

/* The directory, made if it is new, as an absolute path. */
static bool choose_directory(struct project *p, const char *given, struct error *err)
{
	char resolved[PATH_MAX];

	if (given && !directory_make(given, 0777, err))
		return false;
	if (!realpath(given ? given : ".", resolved))
		return fail_errno(err, "opening '%s'", given ? given : ".");
	p->directory = xstrdup(resolved);
	return true;
}

static void choose_base(struct project *p, const char *given)
{
	p->base_word = given ? given : "debian";
	if (given)
		text_add_json(&p->base, given);
	else
		text_add(&p->base, "{debian: bookworm}");
}

/* A project that lists its packages keeps its list. */
static void choose_packages(struct project *p)
{
	auto_free char *requirements = path_join(p->directory, "requirements.txt");

	p->has_requirements = file_exists(requirements);
	p->pip = p->has_requirements
			 ? "{requirements: requirements.txt, packages: [\"fastapi>=0.110,<1\", "
			   "\"uvicorn>=0.29,<1\", \"pydantic>=2.9,<3\"]}"
			 : "[\"fastapi>=0.110,<1\", \"uvicorn>=0.29,<1\", \"pydantic>=2.9,<3\"]";
}

static void choose_files(struct project *p)
{
	bool is_server = strcmp(p->template, "server") == 0;

	p->files[0] = "chute.yaml";
	p->files[1] = is_server ? "server.py" : "app.py";
	p->files[2] = ".chutesignore";
	p->files[3] = "README.md";
}

/* Nothing is written at all when one file would have to go. */
static bool check_free(const struct project *p, struct error *err)
{
	auto_text taken = {0};
	size_t n = 0;

	for (size_t i = 0; i < N_FILES; i++) {
		auto_free char *path = path_join(p->directory, p->files[i]);

		if (!file_exists(path))
			continue;
		text_addf(&taken, "%s'%s'", n++ ? ", " : "", p->files[i]);
	}
	if (n == 0)
		return true;
	fail(err, ERROR_CONFLICT, "%s %s already", text_str(&taken), n == 1 ? "exists" : "exist");
	return fail_hint(err, "choose another directory, or replace with --force");
}

/* Copy a template's text with each @KEY@ replaced. */
static void expand(const char *template, const struct value *values, size_t n_values,
		   struct text *out)
{
	while (*template) {
		const struct value *found = NULL;

		for (size_t i = 0; i < n_values && *template == '@'; i++)
			if (text_starts_with(template, values[i].key))
				found = &values[i];
		if (found) {
			text_add(out, found->text);
			template += strlen(found->key);
		} else {
			text_add_char(out, *template ++);
		}
	}
}

static bool read_file(const struct project *p, const char *share, const char *file,
		      struct text *out, struct error *err)
{
	const struct value values[] = {
		{"@NAME@", p->name}, {"@BASE@", text_str(&p->base)}, {"@PIP@", p->pip}};
	auto_free char *path = xprintf("%s/templates/%s/%s", share, p->template, file);
	auto_text template = {0};

	if (!file_read(path, TEMPLATE_LIMIT, &template, err))
		return false;
	expand(text_str(&template), values, array_len(values), out);
	return true;
}

static bool write_file(const struct project *p, const char *file, const struct text *content,
		       bool force, struct error *err)
{
	auto_free char *path = path_join(p->directory, file);

	return force ? file_write(path, text_str(content), content->len, 0644, err)
		     : file_create(path, text_str(content), content->len, 0644, err);
}

static void remove_files(const struct project *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_free char *path = path_join(p->directory, p->files[i]);

		(void)unlink(path); /* already failing: the first error is the one to tell */
	}
}

static bool write_project(const struct project *p, bool force, struct error *err)
{
	auto_free char *share = NULL;
	struct text contents[N_FILES] = {{0}};
	bool ok = path_share(&share, err);

	for (size_t i = 0; ok && i < N_FILES; i++)
		ok = read_file(p, share, p->files[i], &contents[i], err);
	for (size_t i = 0; ok && i < N_FILES; i++) {
		ok = write_file(p, p->files[i], &contents[i], force, err);
		if (!ok && !force)
			remove_files(p, i);
	}
	for (size_t i = 0; i < N_FILES; i++)
		text_release(&contents[i]);
	return ok;
}

static void report(const struct project *p, const char *given_directory)
{
	struct json_out *j = print_result();
	auto_text files = {0};

	if (j) {
		json_out_text(j, "directory", p->directory);
		json_out_text(j, "name", p->name);
		json_out_text(j, "template", p->template);
		json_out_text(j, "base", p->base_word);
		json_out_bool(j, "requirements", p->has_requirements);
		json_out_array(j, "files");
		for (size_t i = 0; i < N_FILES; i++)
			json_out_text(j, NULL, p->files[i]);
		json_out_array_end(j);
		return;
	}
	for (size_t i = 0; i < N_FILES; i++)
		text_addf(&files, "%s ", p->files[i]);
	print_line("created %s  (template %s, base %s)", text_str(&files), p->template,
		   p->base_word);
	if (p->has_requirements)
		print_status("found", "requirements.txt: the pip step installs what it lists");
	if (given_directory)
		print_next("cd %s && chutes run", given_directory);
	else
		print_next("chutes run");
}

static bool run(struct call *call, struct error *err)
{
	const struct init_options *o = call->options;
	const char *given = call->args.n ? call->args.items[0] : NULL;
	auto_project p = {.template = o->template};

	if (o->name && !check_name(o->name, err))
		return false;
	if (!choose_directory(&p, given, err))
		return false;
	p.name = o->name ? xstrdup(o->name) : name_of_directory(p.directory);
	choose_base(&p, o->base);
	choose_packages(&p);
	choose_files(&p);
	if (!o->force && !check_free(&p, err))
		return false;
	if (!write_project(&p, o->force, err))
		return false;
	report(&p, given);
	return true;
}

const struct command command_init = {
	.name = "init",
	.arguments = "[DIR]",
	.summary = "start a project",
	.about = "Writes chute.yaml, code that answers two routes, .chutesignore and README.md\n"
		 "into DIR or the working directory. A requirements.txt that is there becomes\n"
		 "part of the image. Nothing is written when one of the files exists, unless\n"
		 "with --force.",
	.options = rows,
	.options_size = sizeof(struct init_options),
	.defaults = &defaults,
	.examples = {"chutes init", "chutes init --template server --name ranker ranker/"},
	.exits = {ERROR_CONFLICT, ERROR_MISSING},
	.see_also = {"validate", "build", "run"},
	.group = GROUP_START,
	.run = run,
};
