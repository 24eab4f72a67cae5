/* SPDX-License-Identifier: MIT
 * The Dockerfile of a spec: what the build does here, said so that docker, buildah and the hosted
 * platform do the same. Dockerfiles replace variables and continue lines where the spec does not,
 * so every text is quoted for the instruction that it stands in.
 */
#include "lib/lower/lower.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/spec/dockerfile.h"
#include "lib/spec/step_commands.h"

#include <string.h>

struct writer {
	struct text *out;
	const char *user; /* so far; borrowed */
};

/* --- quoting */

/* A word of ENV, ADD, WORKDIR: builders replace variables there and take quotes away. */
static void add_literal(struct text *t, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\$\"'", *text))
			text_add_char(t, '\\');
		text_add_char(t, *text);
	}
}

static void add_quoted(struct text *t, const char *text)
{
	text_add_char(t, '"');
	for (; *text; text++) {
		if (strchr("\\$\"", *text))
			text_add_char(t, '\\');
		text_add_char(t, *text);
	}
	text_add_char(t, '"');
}

static void add_exec(struct text *t, const char *flags, const char *script)
{
	text_addf(t, "[\"/bin/sh\",\"%s\",", flags);
	text_add_json(t, script);
	text_add_char(t, ']');
}

/* Does a line end in a backslash, whatever blanks there are behind it? */
static bool goes_on(const char *line)
{
	size_t len = strlen(line);

	while (len && strchr(" \t", line[len - 1]))
		len--;
	return len && line[len - 1] == '\\';
}

/* Would the builder read something else than a line for the shell: a here-document, a list, a flag,
 * a line that goes on? */
static bool is_plain_script(const char *script)
{
	return !strchr(script, '\n') && !strstr(script, "<<") && script[0] != '[' &&
	       !text_starts_with(script, "--") && !goes_on(script);
}

static void add_script(struct text *t, const struct spec_run *run)
{
	const char *script = run->script + strspn(run->script, " \t");

	if (run->is_exec_script)
		add_exec(t, "-ec", run->script);
	else if (is_plain_script(script))
		text_add(t, script);
	else
		add_exec(t, "-c", run->script);
}

/* --- instructions */

static void set_user(struct writer *w, const char *user)
{
	text_addf(w->out, "USER %s\n", user);
	w->user = user;
}

/* Commands that work as root only; the user before them comes back behind them. */
static void add_as_root(struct writer *w, const char *commands)
{
	const char *before = w->user;
	bool is_root = strcmp(before, "root") == 0;

	if (!is_root)
		set_user(w, "root");
	text_add(w->out, commands);
	if (!is_root)
		set_user(w, before);
}

static void add_apt(struct writer *w, const struct spec_apt *apt)
{
	auto_text commands = {0};

	text_add(&commands, "RUN ");
	step_apt_script(apt, &commands);
	text_add_char(&commands, '\n');
	add_as_root(w, text_str(&commands));
}

static void add_apt_remove(struct writer *w, const struct field_texts *packages)
{
	auto_text commands = {0};

	text_add(&commands, "RUN ");
	step_apt_remove_script(packages, &commands);
	text_add_char(&commands, '\n');
	add_as_root(w, text_str(&commands));
}

static bool add_pip(struct writer *w, const struct spec_pip *pip, struct error *err)
{
	auto_strings words = {0};
	auto_text line = {0};

	step_pip_words(pip, &words);
	text_add_words(&line, words.items, words.n);
	text_add(w->out, "RUN ");
	if (pip->requirements) {
		if (strpbrk(pip->requirements, " ,\"'\\$")) {
			fail(err, ERROR_SPEC, "a Dockerfile cannot name the file '%s'",
			     pip->requirements);
			return fail_hint(err, "rename it: no blanks, commas, quotes or '$'");
		}
		text_addf(w->out, "--mount=type=bind,source=%s,target=%s ", pip->requirements,
			  STEP_REQUIREMENTS_PATH);
	}
	text_addf(w->out, "%s\n", text_str(&line));
	return true;
}

static void add_run(struct writer *w, const struct spec_run *run)
{
	text_add(w->out, "RUN ");
	for (size_t i = 0; i < run->mounts.n; i++)
		text_addf(w->out, "--mount=%s ", run->mounts.items[i]);
	add_script(w->out, run);
	text_add_char(w->out, '\n');
}

static bool add_env(struct writer *w, const struct field_pairs *env, struct error *err)
{
	text_add(w->out, "ENV");
	for (size_t i = 0; i < env->n; i++) {
		const struct field_pair *pair = &env->items[i];

		if (strchr(pair->value, '\n'))
			return fail(err, ERROR_SPEC,
				    "a Dockerfile cannot set '%s' to a value of several lines",
				    pair->name),
			       fail_hint(err, "write the value into a file with an 'add' step");
		text_addf(w->out, " %s=", pair->name);
		add_quoted(w->out, pair->value);
	}
	text_add_char(w->out, '\n');
	return true;
}

/* A directory takes the rest of its line: without quotes a last backslash would take the next line,
 * too, and last blanks would be lost. */
static void add_workdir(struct text *t, const char *directory)
{
	size_t len = strlen(directory);

	text_add(t, "WORKDIR ");
	if (len && strchr("\\ \t", directory[len - 1]))
		add_quoted(t, directory);
	else
		add_literal(t, directory);
	text_add_char(t, '\n');
}

/* Is a word nothing but a path? "<<" would begin a here-document, "--" an option. */
static bool is_plain_path(const char *path)
{
	return !strpbrk(path, " \t\"'\\") && !strstr(path, "<<") && !text_starts_with(path, "--");
}

static void add_paths(struct text *t, const char *source, const char *dest)
{
	auto_text from = {0};
	auto_text to = {0};

	add_literal(&from, source);
	add_literal(&to, dest);
	if (is_plain_path(source) && is_plain_path(dest)) {
		text_addf(t, "%s %s", text_str(&from), text_str(&to));
		return;
	}
	text_add_char(t, '[');
	text_add_json(t, text_str(&from));
	text_add_char(t, ',');
	text_add_json(t, text_str(&to));
	text_add_char(t, ']');
}

static bool add_add(struct writer *w, const struct spec_add *add, struct error *err)
{
	if (strstr(add->source, "**") && !strstr(add->source, "://"))
		return fail(err, ERROR_SPEC, "a Dockerfile cannot name '%s'", add->source),
		       fail_hint(err, "name a directory instead of '**'");
	text_add(w->out, "ADD ");
	if (add->keep_git_dir)
		text_add(w->out, "--keep-git-dir=true ");
	if (add->checksum)
		text_addf(w->out, "--checksum=%s ", add->checksum);
	if (add->chown)
		text_addf(w->out, "--chown=%s ", add->chown);
	if (add->chmod)
		text_addf(w->out, "--chmod=%s ", add->chmod);
	add_paths(w->out, add->source, add->dest);
	text_add_char(w->out, '\n');
	return true;
}

static void add_raw(struct writer *w, const char *raw)
{
	size_t len = strlen(raw);

	while (len && raw[len - 1] == '\n')
		len--;
	text_add_bytes(w->out, raw, len);
	text_add_char(w->out, '\n');
}

static bool add_step(struct writer *w, const struct spec_step *step, struct error *err)
{
	switch (step->kind) {
	case STEP_APT:
		add_apt(w, &step->apt);
		break;
	case STEP_APT_REMOVE:
		add_apt_remove(w, &step->apt_remove);
		break;
	case STEP_PIP:
		return add_pip(w, &step->pip, err);
	case STEP_RUN:
		add_run(w, &step->run);
		break;
	case STEP_ENV:
		return add_env(w, &step->env, err);
	case STEP_USER:
		set_user(w, step->user);
		break;
	case STEP_WORKDIR:
		add_workdir(w->out, step->workdir);
		break;
	case STEP_ADD:
		return add_add(w, &step->add, err);
	case STEP_RAW:
		add_raw(w, step->raw);
		break;
	}
	return true;
}

/* --- the image */

static void add_base(struct text *out, const struct spec_base *base)
{
	if (base->kind == BASE_REGISTRY) {
		text_addf(out, "FROM %s\n", base->reference);
		return;
	}
	if (base->kind != BASE_SCRATCH)
		text_addf(out,
			  "# the base '%s' is in no registry: it exists on this machine only\n",
			  base->text);
	text_add(out, "FROM scratch\n");
}

/* Who steps run as before any of them says so. A foreign image may name anybody; most are root's,
 * as all of Docker's own are. */
static const char *base_user(const struct spec_base *base)
{
	bool is_ours = base->kind == BASE_DEBIAN && base->variant == DEBIAN_DEFAULT;

	if (base->kind == BASE_REGISTRY)
		is_ours = text_starts_with(base->reference, "parachutes/") ||
			  text_starts_with(base->reference, "docker.io/parachutes/");
	return is_ours ? "chutes" : "root";
}

static void add_python(struct writer *w, const char *version)
{
	auto_text commands = {0};
	auto_text script = {0};

	text_add(&commands, "RUN ");
	step_python_packages_script(&commands);
	text_add(&commands, "\nRUN ");
	step_python_script(version, &script);
	add_exec(&commands, "-ec", text_str(&script));
	text_add_char(&commands, '\n');
	add_as_root(w, text_str(&commands));
	text_add(w->out, "ENV PATH=\"" STEP_PYTHON_PREFIX "/bin:$PATH\"\n");
}

static void add_entrypoint(struct text *out, const struct field_texts *words)
{
	text_add(out, "ENTRYPOINT [");
	for (size_t i = 0; i < words->n; i++) {
		if (i)
			text_add_char(out, ',');
		text_add_json(out, words->items[i]);
	}
	text_add(out, "]\n");
}

/* The author's own. spec_load() has looked at it. */
static bool read_file(const struct spec *spec, struct text *out, struct error *err)
{
	auto_free char *path = path_join(spec->directory, spec->image.dockerfile);

	return file_read(path, DOCKERFILE_MAX_BYTES, out, err);
}

bool lower_dockerfile(const struct spec *spec, struct text *out, struct error *err)
{
	const struct spec_image *image = &spec->image;
	auto_text text = {0};
	struct writer w = {.out = &text};

	if (image->reference)
		return fail(err, ERROR_SPEC, "the image '%s' is prebuilt: it has no Dockerfile",
			    image->reference);
	if (image->dockerfile)
		return read_file(spec, out, err);
	if (image->maintainer && goes_on(image->maintainer))
		return fail(err, ERROR_SPEC, "a Dockerfile cannot name the maintainer '%s'",
			    image->maintainer);
	w.user = base_user(&image->base);
	add_base(&text, &image->base);
	if (image->maintainer)
		text_addf(&text, "MAINTAINER %s\n", image->maintainer);
	if (image->python)
		add_python(&w, image->python);
	for (size_t i = 0; i < image->steps.n; i++)
		if (!add_step(&w, &image->steps.items[i], err))
			return fail_in(err, "step %zu", i + 1);
	if (image->entrypoint.n)
		add_entrypoint(&text, &image->entrypoint);
	text_add_bytes(out, text_str(&text), text.len);
	return true;
}
