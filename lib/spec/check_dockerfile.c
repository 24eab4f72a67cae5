/* SPDX-License-Identifier: MIT
 * Rules about Dockerfiles: the one that stands for base and steps, and single instructions of `raw`
 * steps.
 */
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/spec/dockerfile.h"
#include "lib/spec/spec_internal.h"

#include <string.h>
#include <strings.h>

/* --- raw */

/* Why an instruction is refused: what says it instead. */
static const char *raw_reason(const char *word)
{
	static const struct {
		const char *word;
		const char *reason;
	} reasons[] = {
		{"FROM", "write 'base' of the image"},
		{"RUN", "use a 'run' step, which takes mounts too"},
		{"ENV", "use an 'env' step"},
		{"USER", "use a 'user' step"},
		{"WORKDIR", "use a 'workdir' step"},
		{"ADD", "use an 'add' step"},
		{"ENTRYPOINT", "write 'entrypoint' of the image"},
		{"MAINTAINER", "write 'maintainer' of the image"},
		{"ONBUILD", "nothing is built on the image of a chute: remove it"},
	};

	for (size_t i = 0; i < array_len(reasons); i++)
		if (strcmp(reasons[i].word, word) == 0)
			return reasons[i].reason;
	return NULL;
}

void spec_check_raw(struct spec_checker *c, const struct spec_step *step)
{
	struct place place = spec_value_place(step->node, "raw");
	auto_dockerfile d = {0};
	struct error err;

	if (!step->raw)
		return;
	/* what is a directive at the top of a file is none further down */
	if (step->raw[strspn(step->raw, " \t\n")] == '#') {
		finding_hint(
			field_finding(&c->reader, "E114", place, "'raw' begins with a comment"),
			"write it as a comment of the spec");
		return;
	}
	if (!dockerfile_parse(step->raw, strlen(step->raw), &d, &err)) {
		struct finding *f = field_finding(&c->reader, "E114", place,
						  "'raw' is no instruction: %s", err.message);

		if (*err.hint)
			finding_hint(f, "%s", err.hint);
		return;
	}
	if (d.n != 1) {
		finding_hint(field_finding(&c->reader, "E114", place,
					   "'raw' has %zu instructions; it needs one", d.n),
			     "write one 'raw' step for each");
		return;
	}
	const char *reason = raw_reason(d.items[0].word);

	if (reason)
		finding_hint(field_finding(&c->reader, "E210", place, "'raw' does not take %s",
					   d.items[0].word),
			     "%s", reason);
}

/* --- dockerfile */

/* What one stage says about itself; NULL for what it does not say. */
struct stage {
	const char *name; /* NULL: none */
	size_t line;      /* of its FROM */
	bool is_bare;     /* starts from scratch */
	const char *user;
	size_t user_line;
	const char *workdir;
	size_t workdir_line;
};
struct stages {
	struct stage *items;
	size_t n;
};

/* A finding about a line of the Dockerfile is shown there, not in the spec. */
static void add(struct spec_checker *c, const char *code, size_t line, const char *message,
		const char *hint)
{
	struct finding *f = findings_add(c->reader.findings, code, "%s", message);

	finding_hint(f, "%s", hint);
	finding_place(f, c->spec->image.dockerfile, line, 1, 0);
}

/* An earlier stage by its name or number. */
static const struct stage *find_stage(const struct stages *stages, const char *name)
{
	for (size_t i = 0; i < stages->n; i++) {
		auto_free char *number = xprintf("%zu", i);

		if (strcmp(number, name) == 0 ||
		    (stages->items[i].name && strcasecmp(stages->items[i].name, name) == 0))
			return &stages->items[i];
	}
	return NULL;
}

static void begin_stage(struct spec_checker *c, struct stages *stages, struct dockerfile *d,
			const struct dockerfile_instruction *from)
{
	struct stage stage = {0};
	char *base = NULL;
	char *name = NULL;
	bool has_base = dockerfile_from(d, from, &base, &name);

	if (!has_base)
		add(c, "E220", from->line, "FROM names no image",
		    "write 'FROM parachutes/python:3.12'");
	const struct stage *earlier = has_base ? find_stage(stages, base) : NULL;
	bool is_known = !has_base || strchr(base, '$') || spec_is_platform_base(base);

	if (earlier)
		stage = *earlier;
	else if (has_base && strcmp(base, "scratch") == 0)
		stage.is_bare = true;
	else if (!is_known)
		add(c, "W309", from->line,
		    arena_printf(&c->spec->arena, "the hosted platform does not build on '%s'",
				 base),
		    SPEC_HINT_PLATFORM_BASE);
	stage.name = name;
	stage.line = from->line;
	stages->items[stages->n++] = stage;
}

/* What the last stage leaves, as far as it can be seen: variables and the base are not known. */
static void check_end(struct spec_checker *c, const struct stage *last)
{
	bool is_root = last->user ? spec_is_root(last->user) : last->is_bare;
	bool is_elsewhere = last->workdir ? strcmp(last->workdir, "/app") != 0 : last->is_bare;

	if (is_root)
		add(c, "I122", last->user ? last->user_line : last->line,
		    "the image's final user is root", "end the Dockerfile with 'USER chutes'");
	if (is_elsewhere && !(last->workdir && strchr(last->workdir, '$')))
		add(c, "I123", last->workdir ? last->workdir_line : last->line,
		    "the image's final working directory is not /app",
		    "end the Dockerfile with 'WORKDIR /app'");
}

static void read_stages(struct spec_checker *c, struct dockerfile *d, struct stages *stages)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct dockerfile_instruction *one = &d->items[i];
		struct stage *now = stages->n ? &stages->items[stages->n - 1] : NULL;

		if (strcmp(one->word, "FROM") == 0) {
			begin_stage(c, stages, d, one);
		} else if (now && strcmp(one->word, "USER") == 0) {
			now->user = one->arguments;
			now->user_line = one->line;
		} else if (now && strcmp(one->word, "WORKDIR") == 0) {
			auto_free char *joined =
				path_join(now->workdir ? now->workdir : "/", one->arguments);
			auto_free char *clean = path_clean(joined);

			now->workdir = arena_strdup(&d->arena, clean);
			now->workdir_line = one->line;
		} else if (!now && strcmp(one->word, "ARG") != 0) {
			add(c, "E220", one->line,
			    arena_printf(&c->spec->arena, "%s stands before the first FROM",
					 one->word),
			    "begin the Dockerfile with FROM");
		}
	}
}

void spec_check_dockerfile(struct spec_checker *c, const char *text, size_t len)
{
	const struct spec_image *image = &c->spec->image;
	struct place place = spec_value_place(yaml_find(c->spec->root, "image"), "dockerfile");
	auto_dockerfile d = {0};
	struct error err;

	if (!dockerfile_parse(text, len, &d, &err)) {
		struct finding *f = field_finding(&c->reader, "E220", place, "'%s': %s",
						  image->dockerfile, err.message);

		if (*err.hint)
			finding_hint(f, "%s", err.hint);
		return;
	}
	auto_free struct stage *items = xcalloc(d.n + 1, sizeof(*items));
	struct stages stages = {.items = items};

	read_stages(c, &d, &stages);
	if (stages.n)
		check_end(c, &stages.items[stages.n - 1]);
	else
		finding_hint(field_finding(&c->reader, "E220", place, "'%s' has no FROM",
					   image->dockerfile),
			     "begin it with 'FROM parachutes/python:3.12'");
}
