/* SPDX-License-Identifier: MIT
 * The rows of `image` but its steps: name, base, context.
 */
#include "lib/oci/oci.h"
#include "lib/spec/spec_internal.h"

#include <string.h>

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
	 .pattern = SPEC_PATTERN_APT,
	 .form = SPEC_FORM_APT,
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

static const struct field image_forms[] = {
	{.key = "image",
	 .type = FIELD_TEXT,
	 .min = 1,
	 .max = 256,
	 .pattern = "^[a-z0-9]+((_|__|-+)[a-z0-9]+)*/[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*"
		    ":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"}};

/* One text: an image that is there already. The platform's names have an owner and a tag. */
static bool read_image_text(struct field_reader *r, const struct yaml_node *node, void *out)
{
	/* what is below says more than that the pattern does not match */
	static const struct field row = {.key = "image", .type = FIELD_TEXT, .min = 1, .max = 256};
	struct spec_image *image = out;
	auto_reference parsed = {0};
	char *text = NULL;
	struct error err;

	if (!field_read_value(r, &row, node, &text))
		return false;
	if (!reference_parse(text, &parsed, &err)) {
		struct finding *f =
			field_finding(r, "E114", node->place, "'%s' is no image reference", text);

		finding_hint(f, "write USER/NAME:TAG, all in lower case");
		return false;
	}
	const char *slash = strchr(parsed.path, '/');
	bool is_whole = !parsed.registry && slash && !strchr(slash + 1, '/') && parsed.tag &&
			!digest_is_set(&parsed.digest);

	if (!is_whole) {
		struct finding *f =
			field_finding(r, "E114", node->place,
				      "the prebuilt image '%s' is not USER/NAME:TAG", text);

		finding_hint(f, "such as chutes/vllm:nightly-2025111700; an image to build is "
				"{name: …, base: …, steps: …}");
		return false;
	}
	image->reference = text;
	return true;
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
	 .pattern = "^[a-z0-9][a-z0-9_.-]*$",
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
	 .other_names = "from from_base",
	 .help = "what it is built on; parachutes/python:3.12 by default",
	 .example = "{debian: bookworm}"},
	{.key = "maintainer",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_image, maintainer),
	 .min = 1,
	 .max = 256,
	 .other_names = "with_maintainer",
	 .help = "who cares for it",
	 .example = "Ada <ada@example.com>"},
	{.key = "entrypoint",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_image, entrypoint),
	 .min = 1,
	 .max = 1000,
	 .other_names = "with_entrypoint",
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
	 .table = &spec_step_table,
	 .max = 1000,
	 .help = "what is done, in this order"},
	{.key = "dockerfile",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_image, dockerfile),
	 .min = 1,
	 .max = 4096,
	 .help = "a Dockerfile, in place of base and steps",
	 .example = "Dockerfile"},
	{.key = "python",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_image, python),
	 .pattern = "^3\\.1[0-3](\\.[0-9]{1,2})?$",
	 .form = "a version from 3.10 to 3.13, such as 3.12 or 3.12.8",
	 .other_names = "with_python",
	 .help = "a Python to compile from source before the steps, first on PATH",
	 .example = "3.12"},
};
const struct field_table spec_image_table = {
	.name = "image",
	FIELD_ROWS(image_rows, struct spec_image),
	.place_member = FIELD_MEMBER(struct spec_image, place),
	.read_short = read_image_text,
	FIELD_SHORT_FORMS(image_forms),
};
