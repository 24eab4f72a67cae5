/* SPDX-License-Identifier: MIT
 * The rows of `image.steps`: what each step may say.
 */
#include "lib/spec/spec_internal.h"

/* what pip takes, but nothing that it would read as an option */
#define PATTERN_PIP   "^[A-Za-z0-9./]"
#define FORM_PIP      "a requirement, such as fastapi==0.115.0"
#define PATTERN_INDEX "^https?://[^/]"
#define FORM_INDEX    "an http or https address"
/* what a Dockerfile takes behind --mount=, as far as it needs no quotes */
#define PATTERN_MOUNT "^type=(bind|cache|secret|ssh|tmpfs)(,[a-z]+(=[^ ,\"']+)?)*$"
#define FORM_MOUNT    "a mount such as type=cache,target=/root/.cache"

static const struct field apt_rows[] = {
	{.key = "packages",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_apt, packages),
	 .min = 1,
	 .max = 1000,
	 .pattern = SPEC_PATTERN_APT,
	 .form = SPEC_FORM_APT,
	 .is_required = true,
	 .help = "packages to install",
	 .example = "[git, ffmpeg]"},
	{.key = "update",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_apt, update),
	 .fallback = "true",
	 .help = "read the package lists first",
	 .example = "false"},
	{.key = "recommends",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_apt, recommends),
	 .fallback = "false",
	 .help = "install recommended packages, too",
	 .example = "true"},
};
static const struct field_table apt_table = {
	.name = "apt",
	FIELD_ROWS(apt_rows, struct spec_apt),
	.short_key = "packages",
};

static const struct field pip_rows[] = {
	{.key = "requirements",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_pip, requirements),
	 .min = 1,
	 .max = 4096,
	 .help = "a requirements file of the context",
	 .example = "requirements.txt"},
	{.key = "packages",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_pip, packages),
	 .max = 1000,
	 .pattern = PATTERN_PIP,
	 .form = FORM_PIP,
	 .help = "packages to install",
	 .example = "[fastapi==0.115.0, uvicorn]"},
	{.key = "index",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_pip, index),
	 .max = 2048,
	 .pattern = PATTERN_INDEX,
	 .form = FORM_INDEX,
	 .help = "another package index",
	 .example = "https://index.example.com/simple"},
	{.key = "extra_index",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_pip, extra_index),
	 .max = 2048,
	 .pattern = PATTERN_INDEX,
	 .form = FORM_INDEX,
	 .help = "a second package index",
	 .example = "https://index.example.com/simple"},
	{.key = "args",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_pip, args),
	 .max = 100,
	 .help = "further words for pip install",
	 .example = "[--no-deps]"},
};
static const struct field_table pip_table = {
	.name = "pip",
	FIELD_ROWS(pip_rows, struct spec_pip),
	.short_key = "packages",
};

enum { SCRIPT_MAX_CHARACTERS = 65536 };

static const struct field run_rows[] = {
	{.key = "script",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_run, script),
	 .min = 1,
	 .max = SCRIPT_MAX_CHARACTERS,
	 .is_required = true,
	 .has_lines = true,
	 .pattern = "[^ \n\t]",
	 .form = "a command",
	 .help = "a shell script",
	 .example = "make install"},
	{.key = "mounts",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_run, mounts),
	 .max = 100,
	 .pattern = PATTERN_MOUNT,
	 .form = FORM_MOUNT,
	 .help = "what the script sees beside the image, as a Dockerfile's --mount says it",
	 .example = "[\"type=cache,target=/root/.cache\"]"},
};

/* Text, or a list of commands that must succeed one after the other. */
static const struct field run_forms[] = {
	{.key = "run",
	 .type = FIELD_TEXT,
	 .min = 1,
	 .max = SCRIPT_MAX_CHARACTERS,
	 .has_lines = true,
	 .pattern = "[^ \n\t]",
	 .form = "a command"},
	{.key = "run",
	 .type = FIELD_TEXTS,
	 .min = 1,
	 .max = 1000,
	 .has_lines = true,
	 .pattern = "[^ \n\t]",
	 .form = "a command"},
};

static bool read_run_text(struct field_reader *r, const struct yaml_node *node, void *out)
{
	struct spec_run *run = out;
	struct field_texts commands = {0};
	auto_text joined = {0};

	if (node->kind != YAML_SEQUENCE)
		return field_read_value(r, &run_forms[0], node, &run->script);
	if (!field_read_value(r, &run_forms[1], node, &commands))
		return false;
	for (size_t i = 0; i < commands.n; i++)
		text_addf(&joined, "%s%s", i ? " && " : "", commands.items[i]);
	run->script = arena_strdup(r->arena, text_str(&joined));
	return true;
}

static const struct field_table run_table = {
	.name = "run",
	FIELD_ROWS(run_rows, struct spec_run),
	.read_short = read_run_text,
	FIELD_SHORT_FORMS(run_forms),
};

static const struct field add_rows[] = {
	{.key = "source",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_add, source),
	 .min = 1,
	 .max = 4096,
	 .is_required = true,
	 .help = "files of the context (* ? [] ** allowed), or an address; a tar archive is "
		 "unpacked, as Docker's ADD does",
	 .example = "app.py"},
	{.key = "dest",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_add, dest),
	 .min = 1,
	 .max = 4096,
	 .is_required = true,
	 .help = "where to; a directory ends with '/'",
	 .example = "/app/"},
	{.key = "chown",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_add, chown),
	 .max = 128,
	 .pattern = "^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)?$",
	 .form = "USER or USER:GROUP",
	 .help = "the owner; root by default",
	 .example = "\"chutes:chutes\""},
	{.key = "chmod",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_add, chmod),
	 .pattern = "^[0-7]{3,4}$",
	 .form = "three or four octal digits",
	 .help = "the mode; 0644 or 0755 by default, as git keeps it",
	 .example = "\"755\""},
	{.key = "checksum",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_add, checksum),
	 .pattern = "^sha256:[0-9a-f]{64}$",
	 .form = "sha256: and 64 hex digits in lower case",
	 .help = "what an address must deliver"},
	{.key = "keep_git_dir",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_add, keep_git_dir),
	 .fallback = "false",
	 .help = "of an address of a Git repository: keep its .git",
	 .example = "true"},
	{.key = "exclude",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_add, exclude),
	 .max = 1000,
	 .help = "what to leave out, in gitignore's words",
	 .example = "[\"*.pyc\"]"},
};
static const struct field_table add_table = {
	.name = "add",
	FIELD_ROWS(add_rows, struct spec_add),
};

/* In the order of enum spec_step_kind. */
static const struct field step_rows[] = {
	{.key = "apt",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, apt),
	 .table = &apt_table,
	 .other_names = "apt_install",
	 .help = "install Debian packages, as root",
	 .example = "[git]"},
	{.key = "apt_remove",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_step, apt_remove),
	 .min = 1,
	 .max = 1000,
	 .pattern = SPEC_PATTERN_APT,
	 .form = SPEC_FORM_APT,
	 .help = "remove Debian packages, as root",
	 .example = "[git]"},
	{.key = "pip",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, pip),
	 .table = &pip_table,
	 .other_names = "pip_install",
	 .help = "install Python packages",
	 .example = "[fastapi]"},
	{.key = "run",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, run),
	 .table = &run_table,
	 .other_names = "run_command",
	 .help = "run a command",
	 .example = "python -m compileall /app"},
	{.key = "env",
	 .type = FIELD_PAIRS,
	 .offset = offsetof(struct spec_step, env),
	 .min = 1,
	 .max = 1000,
	 .pattern = SPEC_PATTERN_VARIABLE,
	 .form = SPEC_FORM_VARIABLE,
	 .has_lines = true,
	 .other_names = "with_env",
	 .help = "set variables of the image",
	 .example = "{LANG: C.UTF-8}"},
	{.key = "user",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_step, user),
	 .min = 1,
	 .max = 128,
	 .pattern = "^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$",
	 .form = "USER or USER:GROUP",
	 .other_names = "set_user",
	 .help = "the user from here on",
	 .example = "chutes"},
	{.key = "workdir",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_step, workdir),
	 .min = 1,
	 .max = 4096,
	 .pattern = "^/",
	 .form = "an absolute path",
	 .other_names = "set_workdir",
	 .help = "the working directory from here on",
	 .example = "/app"},
	{.key = "add",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, add),
	 .table = &add_table,
	 .other_names = "copy",
	 .help = "copy files into the image",
	 .example = "{source: app.py, dest: /app/}"},
	{.key = "raw",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_step, raw),
	 .min = 1,
	 .max = SCRIPT_MAX_CHARACTERS,
	 .has_lines = true,
	 .help = "one instruction of a Dockerfile that no other step stands for",
	 .example = "EXPOSE 9000/tcp"},
};
const struct field_table spec_step_table = {
	.name = "a step",
	FIELD_ROWS(step_rows, struct spec_step),
	.node_member = FIELD_MEMBER(struct spec_step, node),
	.place_member = FIELD_MEMBER(struct spec_step, place),
	.kind_member = FIELD_MEMBER(struct spec_step, kind),
};
