/* SPDX-License-Identifier: MIT
 * The rows of `image`: base, context, steps.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

#define PATTERN_APT                                                                                \
	"^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9-]+)?(=[A-Za-z0-9.+~:-]+|/[a-z0-9.-]+)?$"
#define FORM_APT "a Debian package, such as git or git=1:2.39.5-0+deb12u2"
/* what pip takes, but nothing that it would read as an option */
#define PATTERN_PIP   "^[A-Za-z0-9./]"
#define FORM_PIP      "a requirement, such as fastapi==0.115.0"
#define PATTERN_INDEX "^https?://[^/]"
#define FORM_INDEX    "an http or https address"

static const char *const variant_choices[] = {
	[DEBIAN_DEFAULT] = "default", [DEBIAN_MINIMAL] = "minimal", NULL};

static const struct field base_rows[] = {
	{.key = "debian",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_base, suite),
	 .min = 1,
	 .max = 64,
	 .pattern = "^[a-z][a-z0-9-]*$",
	 .form = "a suite such as bookworm",
	 .is_required = true,
	 .help = "the suite of our own Debian base",
	 .example = "bookworm"},
	{.key = "packages",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_base, packages),
	 .max = 1000,
	 .pattern = PATTERN_APT,
	 .form = FORM_APT,
	 .help = "packages beside those that the variant has",
	 .example = "[git]"},
	{.key = "variant",
	 .type = FIELD_CHOICE,
	 .offset = offsetof(struct spec_base, variant),
	 .fallback = "default",
	 .choices = variant_choices,
	 .help = "default has Python, pip, curl and the user chutes; minimal has none of it",
	 .example = "minimal"},
	{.key = "mirror",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_base, mirror),
	 .min = 1,
	 .max = 1024,
	 .pattern = "^(https?|file)://?[^ ]+$",
	 .form = "an address without blanks",
	 .help = "where packages come from; this machine's own sources by default",
	 .example = "http://mirror.example.com/debian"},
	{.key = "components",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_base, components),
	 .fallback = "main",
	 .min = 1,
	 .max = 10,
	 .pattern = "^[a-z][a-z-]*$",
	 .form = "a component such as main or contrib",
	 .help = "parts of the archive",
	 .example = "[main, contrib]"},
};

/* `word:PATH[:TAG]`, as skopeo writes it: a path has no colon. */
static bool read_local_base(struct field_reader *r, const struct yaml_node *node, const char *rest,
			    struct spec_base *base)
{
	const char *colon = base->kind == BASE_ROOTFS ? NULL : strchr(rest, ':');
	size_t len = colon ? (size_t)(colon - rest) : strlen(rest);

	if (len == 0 || (colon && colon[1] == '\0')) {
		field_finding(r, "E114", node->place, "the base '%s' lacks its %s", node->text,
			      len == 0 ? "path" : "tag");
		return false;
	}
	base->path = arena_strndup(r->arena, rest, len);
	base->tag = colon ? arena_strdup(r->arena, colon + 1) : NULL;
	return true;
}

#define PATTERN_REFERENCE "[A-Za-z0-9][A-Za-z0-9._/@-]*(:[A-Za-z0-9._/@-]+)*"
#define PATTERN_BASE                                                                               \
	"^((oci|oci-archive|docker-archive):[^:]+(:.+)?|rootfs:.+|" PATTERN_REFERENCE ")$"

static const struct field base_forms[] = {
	{.key = "base", .type = FIELD_TEXT, .min = 1, .max = 4096, .pattern = PATTERN_BASE}};

/* A base that is one word of text. */
static bool read_base_text(struct field_reader *r, const struct yaml_node *node, void *out)
{
	/* the cases below say more than that the pattern does not match */
	static const struct field row = {.key = "base", .type = FIELD_TEXT, .min = 1, .max = 4096};
	static const struct {
		const char *prefix;
		enum spec_base_kind kind;
	} kinds[] = {{"oci:", BASE_OCI},
		     {"oci-archive:", BASE_OCI_ARCHIVE},
		     {"docker-archive:", BASE_DOCKER_ARCHIVE},
		     {"rootfs:", BASE_ROOTFS}};
	struct spec_base *base = out;
	char *text = NULL;

	if (!field_read_value(r, &row, node, &text))
		return false;
	/* the defaults of the map form say nothing here */
	*base = (struct spec_base){.place = base->place, .text = text};
	if (strcmp(text, "scratch") == 0) {
		base->kind = BASE_SCRATCH;
		return true;
	}
	for (size_t i = 0; i < array_len(kinds); i++) {
		if (text_starts_with(text, kinds[i].prefix)) {
			base->kind = kinds[i].kind;
			return read_local_base(r, node, text + strlen(kinds[i].prefix), base);
		}
	}
	base->kind = BASE_REGISTRY;
	if (field_matches("^" PATTERN_REFERENCE "$", text)) {
		base->reference = text;
		return true;
	}
	finding_hint(field_finding(r, "E114", node->place, "'%s' is no image reference", text),
		     "write NAME:TAG, or {debian: bookworm}, or oci:DIRECTORY");
	return false;
}

static const struct field_table base_table = {
	.name = "base",
	FIELD_ROWS(base_rows, struct spec_base),
	.place_member = FIELD_MEMBER(struct spec_base, place),
	.read_short = read_base_text,
	FIELD_SHORT_FORMS(base_forms),
};

static const struct field apt_rows[] = {
	{.key = "packages",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_apt, packages),
	 .min = 1,
	 .max = 1000,
	 .pattern = PATTERN_APT,
	 .form = FORM_APT,
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
	 .help = "a shell script",
	 .example = "make install"},
	{.key = "mounts", .type = FIELD_LATER},
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
	{.key = "keep_git_dir", .type = FIELD_LATER},
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

/* In the order of enum spec_step_kind; what is not supported yet stands behind. */
static const struct field step_rows[] = {
	{.key = "apt",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, apt),
	 .table = &apt_table,
	 .help = "install Debian packages, as root",
	 .example = "[git]"},
	{.key = "apt_remove",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_step, apt_remove),
	 .min = 1,
	 .max = 1000,
	 .pattern = PATTERN_APT,
	 .form = FORM_APT,
	 .help = "remove Debian packages, as root",
	 .example = "[git]"},
	{.key = "pip",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, pip),
	 .table = &pip_table,
	 .help = "install Python packages",
	 .example = "[fastapi]"},
	{.key = "run",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, run),
	 .table = &run_table,
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
	 .help = "set variables of the image",
	 .example = "{LANG: C.UTF-8}"},
	{.key = "user",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_step, user),
	 .min = 1,
	 .max = 128,
	 .pattern = "^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$",
	 .form = "USER or USER:GROUP",
	 .help = "the user from here on",
	 .example = "chutes"},
	{.key = "workdir",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_step, workdir),
	 .min = 1,
	 .max = 4096,
	 .pattern = "^/",
	 .form = "an absolute path",
	 .help = "the working directory from here on",
	 .example = "/app"},
	{.key = "add",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_step, add),
	 .table = &add_table,
	 .help = "copy files into the image",
	 .example = "{source: app.py, dest: /app/}"},
	{.key = "raw", .type = FIELD_LATER},
};
static const struct field_table step_table = {
	.name = "a step",
	FIELD_ROWS(step_rows, struct spec_step),
	.node_member = FIELD_MEMBER(struct spec_step, node),
	.place_member = FIELD_MEMBER(struct spec_step, place),
	.kind_member = FIELD_MEMBER(struct spec_step, kind),
};

const char *spec_step_name(enum spec_step_kind kind) { return step_rows[kind].key; }

static const struct field context_rows[] = {
	{.key = "root",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_context, root),
	 .fallback = ".",
	 .min = 1,
	 .max = 4096,
	 .help = "the directory that steps take files from",
	 .example = ".."},
	{.key = "ignore",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_context, ignore),
	 .fallback = ".chutesignore",
	 .min = 1,
	 .max = 4096,
	 .help = "a file that says what is left out, in gitignore's words",
	 .example = ".dockerignore"},
	{.key = "include",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_context, include),
	 .max = 1000,
	 .help = "files that belong to the context whatever the ignore rules say",
	 .example = "[\".env.example\", \"dist/*.whl\"]"},
};
static const struct field_table context_table = {
	.name = "context",
	FIELD_ROWS(context_rows, struct spec_context),
};

static const struct field limits_rows[] = {
	{.key = "context",
	 .type = FIELD_SIZE,
	 .offset = offsetof(struct spec_limits, context_bytes),
	 .fallback = "512MiB",
	 .min = 1,
	 .max = 1099511627776.0, /* 1 TiB */
	 .help = "the most bytes that the context may have",
	 .example = "2GiB"},
};
static const struct field_table limits_table = {
	.name = "limits",
	FIELD_ROWS(limits_rows, struct spec_limits),
};

static bool read_image_text(struct field_reader *r, const struct yaml_node *node, void *out)
{
	(void)out;
	struct finding *f = field_finding(r, "E115", node->place,
					  "a prebuilt image is not supported yet: 'image' must be "
					  "a mapping, not %s",
					  field_shown(r, node));

	finding_hint(f, "write {name: …, base: …, steps: …}");
	return false;
}

static const struct field image_rows[] = {
	{.key = "name",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_image, name),
	 .min = 3,
	 .max = 65,
	 .pattern = "^[a-z0-9][a-z0-9_.-]*$",
	 .form = "lower-case letters, digits, '_', '.' and '-'",
	 .is_required = true,
	 .takes_env = true,
	 .help = "the name of the image",
	 .example = "my-chute"},
	{.key = "tag",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_image, tag),
	 .fallback = "auto",
	 .min = 2,
	 .max = 33,
	 .pattern = "^[a-z0-9_][a-z0-9_.-]*$",
	 .form = "lower-case letters, digits, '_', '.' and '-'",
	 .takes_env = true,
	 .help = "its tag; auto is made from the content",
	 .example = "\"1.4\""},
	{.key = "readme",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_image, readme),
	 .table = &spec_document_table,
	 .help = "a text, or a file with it; the name by default"},
	{.key = "public",
	 .type = FIELD_BOOL,
	 .offset = offsetof(struct spec_image, is_public),
	 .help = "may others use it; as the chute by default",
	 .example = "false"},
	{.key = "base",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_image, base),
	 .table = &base_table,
	 .help = "what it is built on; parachutes/python:3.12 by default",
	 .example = "{debian: bookworm}"},
	{.key = "maintainer",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_image, maintainer),
	 .min = 1,
	 .max = 256,
	 .help = "who cares for it",
	 .example = "Ada <ada@example.com>"},
	{.key = "entrypoint",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_image, entrypoint),
	 .min = 1,
	 .max = 1000,
	 .help = "the image's own command",
	 .example = "[/opt/entry]"},
	{.key = "context",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_image, context),
	 .table = &context_table,
	 .help = "where files come from"},
	{.key = "limits",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_image, limits),
	 .table = &limits_table,
	 .help = "guards"},
	{.key = "steps",
	 .type = FIELD_LIST,
	 .offset = offsetof(struct spec_image, steps),
	 .table = &step_table,
	 .max = 1000,
	 .help = "what is done, in this order"},
	{.key = "dockerfile", .type = FIELD_LATER},
	{.key = "python", .type = FIELD_LATER},
};
const struct field_table spec_image_table = {
	.name = "image",
	FIELD_ROWS(image_rows, struct spec_image),
	.place_member = FIELD_MEMBER(struct spec_image, place),
	.read_short = read_image_text,
};
