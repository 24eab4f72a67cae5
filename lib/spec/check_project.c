/* SPDX-License-Identifier: MIT
 * Rules about the files that a spec names: they exist, can be read, lie where they may lie. What is
 * in a Python file is check_python.c's.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/data/json.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UTF8_LONGEST = 4, SCHEMA_MAX_BYTES = 1024 * 1024 };

struct project {
	struct spec_checker *c;
	char *directory; /* resolved */
	char *root;      /* of the context, resolved; NULL: there is none */
};

static struct finding *add(struct project *p, const char *code, struct place place,
			   const char *path, const char *problem)
{
	return field_finding(&p->c->reader, code, place, "'%s' %s", path, problem);
}

/* What errno says about a file. */
static void add_errno(struct project *p, struct place place, const char *path)
{
	bool is_missing = errno == ENOENT || errno == ENOTDIR;

	field_finding(&p->c->reader, "E220", place, "'%s' %s%s", path,
		      is_missing ? "does not exist" : "cannot be read: ",
		      is_missing ? "" : strerror(errno));
}

static bool is_inside(const struct project *p, const char *resolved, bool only_context)
{
	if (p->root && path_is_below(resolved, p->root))
		return true;
	return !only_context && path_is_below(resolved, p->directory);
}

/* The real path of a file; NULL after a finding. `base`: what a relative path starts at. It must
 * lie in the context, or, unless `only_context`, in the spec's directory. Caller frees. */
static char *resolve(struct project *p, const char *base, const char *path, struct place place,
		     bool only_context)
{
	auto_free char *joined = path_join(base, path);
	auto_free char *resolved = realpath(joined, NULL);

	if (!resolved) {
		add_errno(p, place, path);
		return NULL;
	}
	bool is_ours = p->c->shipped_handlers && strcmp(path, p->c->shipped_handlers) == 0;

	if (!is_ours && !is_inside(p, resolved, only_context)) {
		struct finding *f =
			add(p, "E221", place, path,
			    only_context ? "leads out of the context" : "leads out of the project");

		finding_hint(f, "copy the file to where the spec is");
		return NULL;
	}
	return take(resolved);
}

/* The same for what must be a file that can be read; a pipe would keep us waiting. */
static char *resolve_file(struct project *p, const char *base, const char *path, struct place place,
			  bool only_context)
{
	auto_free char *resolved = resolve(p, base, path, place, only_context);
	struct stat st;

	if (!resolved)
		return NULL;
	if (stat(resolved, &st) < 0 || !S_ISREG(st.st_mode)) {
		add(p, "E220", place, path, "is not a file");
		return NULL;
	}
	if (access(resolved, R_OK) < 0) {
		add_errno(p, place, path);
		return NULL;
	}
	return take(resolved);
}

/* A file's text, at most `max_characters` of UTF-8; false after a finding. */
static bool read_text(struct project *p, const char *path, struct place place,
		      size_t max_characters, struct text *out)
{
	auto_free char *resolved = resolve_file(p, p->directory, path, place, false);
	struct error err;

	if (!resolved)
		return false;
	if (!file_read(resolved, max_characters * UTF8_LONGEST, out, &err) && !out->is_cut) {
		finding_hint(add(p, "E220", place, path, "cannot be read"), "%s", err.message);
		return false;
	}
	if (!out->is_cut && !utf8_is_valid(text_str(out), out->len)) {
		add(p, "E220", place, path, "is not UTF-8 text");
		return false;
	}
	if (!out->is_cut && utf8_count(text_str(out), out->len) <= max_characters)
		return true;
	field_finding(&p->c->reader, "E222", place, "'%s' has more than %zu characters", path,
		      max_characters);
	return false;
}

static void load_document(struct project *p, struct spec_document *document)
{
	auto_text text = {0};

	if (document->file &&
	    read_text(p, document->file, document->place, SPEC_README_MAX_CHARACTERS, &text))
		document->text = arena_strdup(&p->c->spec->arena, text_str(&text));
}

static void check_logo(struct project *p)
{
	const struct spec *spec = p->c->spec;
	struct place place = spec_value_place(spec->root, "logo");
	struct stat st;

	if (!spec->logo)
		return;
	auto_free char *resolved = resolve_file(p, p->directory, spec->logo, place, false);

	if (resolved && stat(resolved, &st) == 0 && st.st_size > SPEC_LOGO_MAX_BYTES)
		field_finding(&p->c->reader, "E222", place, "'%s' has more than %d bytes",
			      spec->logo, SPEC_LOGO_MAX_BYTES);
}

/* The Python file of `handlers` or `python`. */
static void check_code(struct project *p, const char *file, struct place place)
{
	const struct spec *spec = p->c->spec;
	auto_arena arena = {0};
	auto_text text = {0};

	if (!file || !read_text(p, file, place, SPEC_CODE_MAX_CHARACTERS, &text))
		return;
	auto_free char *path = path_join(p->directory, file);
	auto_free char *resolved = realpath(path, NULL);
	auto_free char *directory = path_directory(resolved ? resolved : path);
	auto_free char *beside = path_directory(spec->file);
	auto_free char *shown = strchr(spec->file, '/') ? path_join(beside, file) : xstrdup(file);
	struct spec_code code = {
		.file = file,
		.directory = directory,
		.root = p->root,
		.source = yaml_source_new(shown, text_str(&text), text.len, &arena),
	};

	spec_check_python(p->c, &code);
	python_module_release(&code.module);
}

/* Does the glob match anything? The root is ours: its own wildcards are escaped. */
static bool matches_something(const char *root, const char *source)
{
	auto_text pattern = {0};
	glob_t found = {0};

	for (const char *c = root; *c; c++) {
		if (strchr("*?[\\", *c))
			text_add_char(&pattern, '\\');
		text_add_char(&pattern, *c);
	}
	text_addf(&pattern, "/%s", source);
	bool matches = glob(text_str(&pattern), GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return matches;
}

/* Up to the last '/' in front of the first wildcard: the part that must exist as it stands. */
static size_t fixed_length(const char *source)
{
	size_t wildcard = strcspn(source, "*?[\\");

	if (!source[wildcard])
		return wildcard;
	while (wildcard > 0 && source[wildcard - 1] != '/')
		wildcard--;
	return wildcard;
}

static void check_source(struct project *p, const struct spec_step *step)
{
	const char *source = step->add.source;
	struct place place = spec_value_place(yaml_find(step->node, "add"), "source");

	if (!p->root || !source || strstr(source, "://") || source[0] == '/' ||
	    strncmp(source, "..", 2) == 0)
		return;
	auto_free char *fixed = xstrndup(source, fixed_length(source));
	auto_free char *resolved = resolve(p, p->root, *fixed ? fixed : ".", place, true);

	/* '**' is ours, not glob(3)'s: the build looks closer */
	if (resolved && strlen(fixed) < strlen(source) && !strstr(source, "**") &&
	    !matches_something(p->root, source))
		finding_hint(add(p, "E224", place, source, "matches nothing"),
			     "sources start at image.context.root");
}

static void check_requirements(struct project *p, const struct spec_step *step)
{
	const char *path = step->pip.requirements;
	struct place place = spec_value_place(yaml_find(step->node, "pip"), "requirements");

	if (!p->root || !path || path[0] == '/' || strncmp(path, "..", 2) == 0)
		return;
	free(resolve_file(p, p->root, path, place, true)); /* its findings are all we want */
}

static void check_base(struct project *p)
{
	const struct spec_base *base = &p->c->spec->image.base;

	if (!base->path)
		return;
	auto_free char *joined = path_join(p->directory, base->path);
	bool is_directory = base->kind == BASE_OCI;

	if (access(joined, R_OK) < 0)
		add_errno(p, base->place, base->path);
	else if (directory_exists(joined) != is_directory)
		add(p, "E220", base->place, base->path,
		    is_directory ? "is not a directory" : "is a directory");
}

static void check_dockerfile(struct project *p)
{
	const struct spec *spec = p->c->spec;
	const char *path = spec->image.dockerfile;
	struct place place = spec_value_place(yaml_find(spec->root, "image"), "dockerfile");
	auto_text text = {0};

	if (path && read_text(p, path, place, SPEC_DOCKERFILE_MAX_CHARACTERS, &text))
		spec_check_dockerfile(p->c, text_str(&text), text.len);
}

static void check_image(struct project *p)
{
	const struct spec *spec = p->c->spec;
	const struct spec_image *image = &spec->image;

	if (!p->root && image->context.root) {
		const struct yaml_node *node = yaml_find(yaml_find(spec->root, "image"), "context");

		add(p, "E220", spec_value_place(node, "root"), image->context.root,
		    "is no directory");
	}
	load_document(p, &p->c->spec->image.readme);
	check_dockerfile(p);
	check_base(p);
	for (size_t i = 0; i < image->steps.n; i++) {
		const struct spec_step *step = &image->steps.items[i];

		if (step->kind == STEP_ADD)
			check_source(p, step);
		else if (step->kind == STEP_PIP)
			check_requirements(p, step);
	}
}

/* The text of a file with a JSON Schema; NULL: none, or a finding. */
static char *load_schema(struct project *p, const char *file, struct place place)
{
	auto_text text = {0};
	auto_json struct json *json = NULL;
	struct error err;

	if (!file || !read_text(p, file, place, SCHEMA_MAX_BYTES, &text))
		return NULL;
	if (!json_parse(text_str(&text), text.len, SCHEMA_MAX_BYTES, &json, &err)) {
		finding_hint(add(p, "E220", place, file, "is no JSON"), "%s", err.message);
		return NULL;
	}
	if (!spec_check_json_schema(json, &err)) {
		finding_hint(add(p, "E220", place, file, "is no JSON Schema"), "%s", err.message);
		return NULL;
	}
	return arena_strdup(&p->c->spec->arena, text_str(&text));
}

static void load_schemas(struct project *p)
{
	const struct spec *spec = p->c->spec;

	for (size_t i = 0; i < spec->cords.n; i++) {
		struct spec_cord *cord = &spec->cords.items[i];
		struct spec_input *inputs[] = {&cord->input, &cord->minimal_input};
		const struct yaml_node *output = yaml_find(cord->node, "output");

		for (size_t k = 0; k < array_len(inputs); k++)
			inputs[k]->schema_json =
				load_schema(p, inputs[k]->schema_file, inputs[k]->place);
		cord->output.schema_json = load_schema(p, cord->output.schema_file,
						       spec_value_place(output, "schema"));
	}
	for (size_t i = 0; i < spec->tests.n; i++) {
		const struct spec_test *test = &spec->tests.items[i];

		/* read again by who runs the tests */
		(void)load_schema(p, test->expect.schema,
				  spec_value_place(yaml_find(test->node, "expect"), "schema"));
	}
}

void spec_check_project(struct spec_checker *c)
{
	auto_free char *root =
		path_join(c->spec->directory,
			  c->spec->image.context.root ? c->spec->image.context.root : ".");
	auto_free char *resolved_root = realpath(root, NULL);
	struct project p = {
		.c = c,
		.directory = c->spec->directory,
		.root = resolved_root && directory_exists(resolved_root) ? resolved_root : NULL,
	};

	load_document(&p, &c->spec->readme);
	load_document(&p, &c->spec->tool_description);
	check_logo(&p);
	if (c->spec->mode == SPEC_HANDLERS)
		check_code(&p, c->spec->handlers.file,
			   spec_value_place(yaml_find(c->spec->root, "handlers"), "file"));
	else if (c->spec->mode == SPEC_PYTHON)
		check_code(&p, c->spec->python.file,
			   spec_value_place(yaml_find(c->spec->root, "python"), "file"));
	check_image(&p);
	load_schemas(&p);
}
