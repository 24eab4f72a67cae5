/* SPDX-License-Identifier: MIT
 * Does the image have what the author's Python file imports? Only what can be known is said: a
 * module beside the file that no step brings is missing for sure; a package is missing where
 * everything that the image gets is known. An import inside of `try` or `if` may fail.
 */
#include "lib/spec/packages.h"
#include "lib/spec/spec_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <fnmatch.h>
#include <glob.h>
#include <string.h>

enum {
	REQUIREMENTS_MAX_BYTES = 1024 * 1024,
	MODULES_MAX = 500, /* that one file imports and that are looked at */
};

struct content {
	struct strings modules; /* that the steps install */
	bool is_open;           /* there may be more */
	bool may_have_files;    /* a step copies in a way that is not understood */
};

static void content_release(struct content *c) { strings_release(&c->modules); }
#define auto_content __attribute__((cleanup(content_release))) struct content

static void add_requirement(struct content *content, const char *requirement)
{
	auto_free char *name = python_distribution_name(requirement);

	if (!name || !python_add_modules(name, &content->modules))
		content->is_open = true;
	if (!name)
		content->may_have_files |= strpbrk(requirement, "/.") != NULL;
	if (!name)
		return;
	/* also a module of the same name, whatever else it brings */
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	strings_add(&content->modules, name);
}

static void add_requirements_file(struct content *content, const struct spec_code *code,
				  const char *file)
{
	auto_free char *path = path_join(code->root ? code->root : ".", file);
	auto_text text = {0};
	auto_strings lines = {0};
	struct error ignored; /* the file has findings of its own */

	if (!code->root || !file_read(path, REQUIREMENTS_MAX_BYTES, &text, &ignored)) {
		content->is_open = true;
		return;
	}
	strings_split(&lines, text_str(&text), '\n');
	for (size_t i = 0; i < lines.n; i++) {
		const char *line = lines.items[i] + strspn(lines.items[i], " \t\r");

		if (*line && *line != '#')
			add_requirement(content, line);
	}
}

static void add_pip(struct content *content, const struct spec_code *code,
		    const struct spec_pip *pip)
{
	if (pip->requirements)
		add_requirements_file(content, code, pip->requirements);
	for (size_t i = 0; i < pip->packages.n; i++)
		add_requirement(content, pip->packages.items[i]);
	content->is_open |= pip->args.n > 0;
}

static bool has_python_package(const struct field_texts *packages)
{
	for (size_t i = 0; i < packages->n; i++)
		if (text_starts_with(packages->items[i], "python3"))
			return true;
	return false;
}

/* What the image gets. */
static void read_content(const struct spec *spec, const struct spec_code *code, struct content *out)
{
	const struct spec_image *image = &spec->image;

	out->is_open = image->base.kind != BASE_DEBIAN || image->python ||
		       has_python_package(&image->base.packages);
	for (size_t i = 0; i < image->steps.n; i++) {
		const struct spec_step *step = &image->steps.items[i];

		if (step->kind == STEP_PIP)
			add_pip(out, code, &step->pip);
		else if (step->kind == STEP_APT)
			out->is_open |= has_python_package(&step->apt.packages);
		else if (step->kind == STEP_RUN || step->kind == STEP_RAW)
			out->is_open = true;
		else if (step->kind == STEP_ADD)
			out->is_open |=
				!step->add.source || !text_ends_with(step->add.source, ".py");
		if (step->kind == STEP_RAW || (step->kind == STEP_RUN && step->run.mounts.n > 0))
			out->may_have_files = true;
	}
}

/* Does a source of an `add` step cover a file of the context? A wildcard covers what is below what
 * it matches, too. */
static bool covers(const char *source, const char *file)
{
	auto_free char *clean = path_clean(source);

	if (strcmp(clean, ".") == 0 || strstr(clean, "**") || text_ends_with(clean, ".zip") ||
	    strstr(clean, ".tar") || text_ends_with(clean, ".tgz"))
		return true;
	auto_free char *at = xstrdup(file);

	while (*at && strcmp(at, ".") != 0 && strcmp(at, "/") != 0) {
		if (strcmp(clean, at) == 0 || fnmatch(clean, at, FNM_PATHNAME) == 0)
			return true;
		char *above = path_directory(at);

		free(at);
		at = above;
	}
	return false;
}

static bool is_added(const struct spec *spec, const char *file)
{
	for (size_t i = 0; i < spec->image.steps.n; i++) {
		const struct spec_step *step = &spec->image.steps.items[i];

		if (step->kind == STEP_ADD && step->add.source && covers(step->add.source, file))
			return true;
	}
	return false;
}

/* The module's file or folder beside the code: its path; NULL: there is none. Caller frees. */
static char *find_beside(const struct spec_code *code, const char *module)
{
	auto_free char *file = xprintf("%s/%s.py", code->directory, module);
	auto_free char *folder = xprintf("%s/%s", code->directory, module);
	auto_free char *inside = xprintf("%s/%s/__init__.py", code->directory, module);

	if (file_exists(inside))
		return take(folder);
	return file_exists(file) ? take(file) : NULL;
}

static struct finding *add(struct spec_checker *c, const struct spec_code *code, const char *id,
			   const struct python_import *import, const char *message)
{
	struct finding *f = findings_add(c->reader.findings, id, "%s", message);

	yaml_place(&code->source, f,
		   (struct place){import->line, import->column, strlen(import->module)});
	return f;
}

/* A module beside the file: does a step bring it? */
static void check_beside(struct spec_checker *c, const struct spec_code *code,
			 const struct python_import *import, const char *path)
{
	const char *name = path_name(path);
	const char *slash = text_ends_with(name, ".py") ? "" : "/";
	auto_free char *message =
		xprintf("'%s%s' lies beside '%s', but no step brings it into the image", name,
			slash, code->file);

	if (!code->root || !path_is_below(path, code->root)) {
		finding_hint(add(c, code, "E237", import, message),
			     "move it into the build context, and add it with a step");
		return;
	}
	const char *file = path + strlen(code->root);

	while (*file == '/')
		file++;
	if (!is_added(c->spec, file))
		finding_hint(add(c, code, "E237", import, message),
			     "add the step '- add: {source: %s%s, dest: /app/%s%s}'", file, slash,
			     name, slash);
}

/* Is the module a file that a step adds? */
static bool is_added_module(const struct spec *spec, const char *module)
{
	auto_free char *file = xprintf("%s.py", module);

	for (size_t i = 0; i < spec->image.steps.n; i++) {
		const struct spec_step *step = &spec->image.steps.items[i];

		if (step->kind == STEP_ADD && step->add.source && step->add.dest &&
		    (strcmp(path_name(step->add.source), file) == 0 ||
		     strcmp(path_name(step->add.dest), file) == 0))
			return true;
	}
	return false;
}

static void check_installed(struct spec_checker *c, const struct spec_code *code,
			    const struct python_import *import, const char *module)
{
	/* pip's own, which are part of every base */
	static const char *const always[] = {"chutes", "pip", "setuptools", "pkg_resources",
					     "wheel"};

	for (size_t i = 0; i < array_len(always); i++)
		if (strcmp(module, always[i]) == 0)
			return;
	if (is_added_module(c->spec, module))
		return;
	auto_free char *message = xprintf("nothing installs '%s'", module);
	auto_free char *distribution = python_distribution_of(module);
	struct finding *f = add(c, code, "W315", import, message);

	if (distribution)
		finding_hint(f, "add it to a step: '- pip: [%s]'", distribution);
	else
		finding_hint(f, "add a 'pip' or 'apt' step that does");
}

static void check_import(struct spec_checker *c, const struct spec_code *code,
			 const struct content *content, const struct python_import *import)
{
	auto_free char *module = xstrndup(import->module, strcspn(import->module, "."));
	auto_free char *itself = xprintf("%s.py", module);

	if (import->module[0] == '.') {
		finding_hint(add(c, code, "E238", import,
				 "a relative import fails: the file belongs to no package"),
			     "import the module by its name");
		return;
	}
	if (python_is_stdlib(module) || strings_has(&content->modules, module) ||
	    strcmp(itself, path_name(code->file)) == 0)
		return;
	auto_free char *beside = find_beside(code, module);

	if (beside) {
		if (!content->may_have_files)
			check_beside(c, code, import, beside);
	} else if (!content->is_open && !import->is_inner) {
		check_installed(c, code, import, module);
	}
}

void spec_check_imports(struct spec_checker *c, const struct spec_code *code)
{
	const struct python_module *m = &code->module;
	auto_content content = {0};
	auto_strings seen = {0};

	/* of a ready image, or one of a Dockerfile, nothing is known */
	if (!c->spec->image.name || c->spec->image.dockerfile)
		content = (struct content){.is_open = true, .may_have_files = true};
	else
		read_content(c->spec, code, &content);
	for (size_t i = 0; i < m->n_imports && seen.n < MODULES_MAX; i++) {
		const struct python_import *import = &m->imports[i];

		size_t len = import->module[0] == '.' ? strlen(import->module)
						      : strcspn(import->module, ".");
		auto_free char *module = xstrndup(import->module, len);

		if (import->is_guarded || strings_has(&seen, module))
			continue;
		strings_add(&seen, module);
		check_import(c, code, &content, import);
	}
}
