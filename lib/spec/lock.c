/* SPDX-License-Identifier: MIT */
#include "lib/spec/lock.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/oci/oci.h"
#include "lib/spec/gpus.h"
#include "lib/spec/spec_internal.h"

#include <string.h>

#define HEAD "# Written by 'chutes lock'; do not edit.\n"

enum { TEXT_MAX = 4352, MODELS_MAX = 1000 };

static const struct field gpus_rows[] = {
	{.key = "date",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_lock_gpus, date),
	 .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
	 .form = "a date",
	 .is_required = true},
	{.key = "sha256",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_lock_gpus, sha256),
	 .pattern = "^[0-9a-f]{64}$",
	 .form = "64 hex digits",
	 .is_required = true},
};
static const struct field_table gpus_table = {.name = "gpus",
					      FIELD_ROWS(gpus_rows, struct spec_lock_gpus)};

static const struct field base_rows[] = {
	{.key = "from",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_lock_base, from),
	 .min = 1,
	 .max = TEXT_MAX,
	 .is_required = true},
	{.key = "digest",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_lock_base, digest),
	 .pattern = "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$",
	 .form = "a digest, sha256:HEX",
	 .is_required = true},
};
static const struct field_table base_table = {.name = "base",
					      FIELD_ROWS(base_rows, struct spec_lock_base)};

static const struct field rows[] = {
	{.key = "version",
	 .type = FIELD_INTEGER,
	 .offset = offsetof(struct spec_lock, version),
	 .min = 1,
	 .max = 1,
	 .is_required = true},
	{.key = "sdk",
	 .type = FIELD_TEXT,
	 .offset = offsetof(struct spec_lock, sdk),
	 .pattern = "^[0-9][0-9A-Za-z.+]{0,63}$",
	 .form = "a version",
	 .is_required = true},
	{.key = "gpus",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_lock, gpus),
	 .table = &gpus_table,
	 .is_required = true},
	{.key = "base",
	 .type = FIELD_STRUCT,
	 .offset = offsetof(struct spec_lock, base),
	 .table = &base_table},
	{.key = "models",
	 .type = FIELD_TEXTS,
	 .offset = offsetof(struct spec_lock, models),
	 .min = 1,
	 .max = MODELS_MAX,
	 .pattern = "^.+@[0-9a-f]{40}$",
	 .form = "a model and a commit, org/model@HEX"},
};
static const struct field_table table = {.name = "the lock", FIELD_ROWS(rows, struct spec_lock)};

void spec_lock_release(struct spec_lock *lock)
{
	arena_release(&lock->arena);
	*lock = (struct spec_lock){0};
}

/* --- text */

static void add_sdk(const struct spec_lock *lock, struct text *out)
{
	text_addf(out, "sdk: %s\n", lock->sdk);
}

static void add_gpus(const struct spec_lock *lock, struct text *out)
{
	text_addf(out, "gpus:\n  date: %s\n  sha256: %s\n", lock->gpus.date, lock->gpus.sha256);
}

/* A JSON string is a quoted text of YAML, too. */
static void add_base(const struct spec_lock *lock, struct text *out)
{
	if (!lock->base.from)
		return;
	text_add(out, "base:\n  from: ");
	text_add_json(out, lock->base.from);
	text_addf(out, "\n  digest: %s\n", lock->base.digest);
}

static void add_models(const struct spec_lock *lock, struct text *out)
{
	if (lock->models.n > 0)
		text_add(out, "models:\n");
	for (size_t i = 0; i < lock->models.n; i++) {
		text_add(out, "  - ");
		text_add_json(out, lock->models.items[i]);
		text_add_char(out, '\n');
	}
}

static const struct {
	const char *name;
	void (*add)(const struct spec_lock *lock, struct text *out);
} facts[SPEC_LOCK_N_FACTS] = {
	[SPEC_LOCK_SDK] = {"sdk", add_sdk},
	[SPEC_LOCK_GPUS] = {"gpus", add_gpus},
	[SPEC_LOCK_BASE] = {"base", add_base},
	[SPEC_LOCK_MODEL] = {"model", add_models},
};

const char *spec_lock_fact_name(enum spec_lock_fact fact) { return facts[fact].name; }

void spec_lock_format(const struct spec_lock *lock, struct text *out)
{
	text_add(out, HEAD "version: 1\n");
	for (size_t i = 0; i < SPEC_LOCK_N_FACTS; i++)
		facts[i].add(lock, out);
}

unsigned spec_lock_compare(const struct spec_lock *a, const struct spec_lock *b)
{
	unsigned different = 0;

	for (unsigned i = 0; i < SPEC_LOCK_N_FACTS; i++) {
		auto_text one = {0};
		auto_text other = {0};

		facts[i].add(a, &one);
		facts[i].add(b, &other);
		if (strcmp(text_str(&one), text_str(&other)) != 0)
			different |= 1U << i;
	}
	return different;
}

bool spec_lock_is_ours(const char *text)
{
	return strncmp(text, HEAD, strlen(HEAD) - 1) == 0; /* the line may end as Windows ends it */
}

bool spec_lock_parse(const char *file, const char *text, size_t len, struct spec_lock *out,
		     struct findings *f, struct error *err)
{
	auto_spec_lock lock = {0};
	struct yaml_source source = yaml_source_new(file, text, len, &lock.arena);
	struct field_reader r = {.source = &source, .arena = &lock.arena, .findings = f};
	const struct yaml_node *root = yaml_parse(&source, &lock.arena, f);

	if (root)
		fields_read(&r, &table, root, &lock);
	field_reader_release(&r);
	findings_sort(f);
	/* the reference is about chute.yaml */
	for (size_t i = 0; i < f->n; i++)
		free(take(f->items[i].topic));
	if (!findings_pass(f, err))
		return fail_in(err, "'%s'", file);
	*out = lock;
	lock = (struct spec_lock){0};
	return true;
}

/* --- facts */

/* A copy, NULL as it is. */
static char *copy(struct spec_lock *lock, const char *text)
{
	return text ? arena_strdup(&lock->arena, text) : NULL;
}

static void add_model(struct strings *models, struct strings *open, const char *model,
		      const char *revision)
{
	if (revision)
		strings_addf(models, "%s@%s", model, revision);
	else if (open)
		strings_addf(open, "model '%s' (%s)", model,
			     strstr(model, "://") ? "an address has no revision"
						  : "write its 'revision'");
}

static void set_models(struct spec_lock *lock, const struct strings *models)
{
	struct field_texts *out = &lock->models;

	out->items = arena_alloc(&lock->arena, (models->n + 1) * sizeof(*out->items));
	out->n = 0;
	for (size_t i = 0; i < models->n; i++)
		if (i == 0 || strcmp(models->items[i - 1], models->items[i]) != 0)
			out->items[out->n++] = copy(lock, models->items[i]);
}

static void fill_models(struct spec_lock *lock, const struct spec *spec, struct strings *open)
{
	auto_strings models = {0};

	if (spec->mode == SPEC_TEMPLATE)
		add_model(&models, open, spec->template.model, spec->template.revision);
	else if (spec->revision) /* of what the chute is named after */
		add_model(&models, open, spec->name, spec->revision);
	for (size_t i = 0; i < spec->models.n; i++)
		add_model(&models, open, spec->models.items[i].repo,
			  spec->models.items[i].revision);
	strings_sort(&models);
	set_models(lock, &models);
}

/* What a registry is asked for: a digest in the name needs no question. */
static void fill_reference(struct spec_lock *lock, const char *reference, struct strings *open)
{
	auto_reference r = {0};
	struct error ignored; /* then it has no digest */

	if (reference_parse(reference, &r, &ignored) && digest_is_set(&r.digest))
		lock->base =
			(struct spec_lock_base){copy(lock, reference), copy(lock, r.digest.text)};
	else if (open)
		strings_addf(open, "base '%s' (needs the registry)", reference);
}

bool spec_lock_has_local_base(const struct spec *spec)
{
	enum spec_base_kind kind = spec->image.base.kind;

	return !spec->image.reference && !spec->image.dockerfile && kind != BASE_REGISTRY &&
	       kind != BASE_SCRATCH;
}

static void fill_base(struct spec_lock *lock, const struct spec *spec, const char *digest,
		      struct strings *open)
{
	const struct spec_image *image = &spec->image;

	if (image->reference)
		fill_reference(lock, image->reference, open);
	else if (image->dockerfile && open)
		strings_addf(open, "the base in '%s' (only 'base' is locked)", image->dockerfile);
	else if (!image->dockerfile && image->base.kind == BASE_REGISTRY)
		fill_reference(lock, image->base.reference, open);
	else if (digest && spec_lock_has_local_base(spec))
		lock->base =
			(struct spec_lock_base){copy(lock, image->base.text), copy(lock, digest)};
}

void spec_lock_fill(struct spec_lock *lock, const struct spec *spec, const char *base_digest,
		    struct strings *open)
{
	const struct gpu_table *gpus = gpu_table_builtin();

	lock->version = 1;
	lock->sdk = copy(lock, SPEC_SDK_VERSION);
	lock->gpus = (struct spec_lock_gpus){copy(lock, gpus->date), copy(lock, gpus->sha256)};
	fill_base(lock, spec, base_digest, open);
	fill_models(lock, spec, open);
}

void spec_lock_copy(struct spec_lock *lock, const struct spec_lock *from, unsigned set)
{
	auto_strings models = {0};

	if (set & 1U << SPEC_LOCK_SDK)
		lock->sdk = copy(lock, from->sdk);
	if (set & 1U << SPEC_LOCK_GPUS)
		lock->gpus = (struct spec_lock_gpus){copy(lock, from->gpus.date),
						     copy(lock, from->gpus.sha256)};
	if (set & 1U << SPEC_LOCK_BASE)
		lock->base = (struct spec_lock_base){copy(lock, from->base.from),
						     copy(lock, from->base.digest)};
	if (!(set & 1U << SPEC_LOCK_MODEL))
		return;
	for (size_t i = 0; i < from->models.n; i++)
		strings_add(&models, from->models.items[i]);
	set_models(lock, &models);
}

/* --- the file */

/* The part of the spec's name before ".yaml". */
static int stem_len(const char *file)
{
	static const char *const endings[] = {".yaml", ".yml"};

	for (size_t i = 0; i < array_len(endings); i++)
		if (text_ends_with(path_name(file), endings[i]) &&
		    strlen(path_name(file)) > strlen(endings[i]))
			return (int)(strlen(file) - strlen(endings[i]));
	return (int)strlen(file);
}

char *spec_lock_path(const struct spec *spec)
{
	if (strcmp(spec->file, "-") == 0)
		return NULL;
	return xprintf("%.*s%s%s.lock", stem_len(spec->file), spec->file, spec->overlay ? "." : "",
		       spec->overlay ? spec->overlay : "");
}

int spec_lock_load(const struct spec *spec, struct spec_lock *out, struct findings *f,
		   struct error *err)
{
	auto_free char *path = spec_lock_path(spec);
	auto_text text = {0};
	struct error why;

	if (!path)
		return 0;
	if (!file_read(path, YAML_MAX_BYTES, &text, &why)) {
		if (why.code == ERROR_NOT_FOUND)
			return 0;
		*err = why;
		return -1;
	}
	if (spec_lock_parse(path, text_str(&text), text.len, out, f, err))
		return 1;
	fail_hint(err, "%srun 'chutes lock%s%s' to write it again",
		  spec_lock_is_ours(text_str(&text)) ? "" : "move it away, and ",
		  spec->overlay ? " --overlay " : "", spec->overlay ? spec->overlay : "");
	return -1;
}

/* Words of the set: "sdk,model". */
static void list_facts(unsigned set, struct text *out)
{
	for (unsigned i = 0; i < SPEC_LOCK_N_FACTS; i++)
		if (set & 1U << i)
			text_addf(out, "%s%s", out->len ? "," : "", facts[i].name);
}

void spec_check_lock(const struct spec *spec, struct findings *f)
{
	auto_spec_lock lock = {0};
	auto_spec_lock now = {0};
	auto_findings problems = {0};
	auto_free char *path = spec_lock_path(spec);
	auto_text names = {0};
	struct error err = {0};
	struct finding *added;
	int found = spec_lock_load(spec, &lock, &problems, &err);

	if (found == 0)
		return;
	if (found < 0) {
		const struct finding *first = problems.n ? problems.items : NULL;

		added = findings_add(f, "W316", "%s", first ? first->message : err.message);
		finding_place(added, path, first ? first->line : 0, first ? first->column : 0, 0);
		if (err.hint[0])
			finding_hint(added, "%s", err.hint);
		return;
	}
	spec_lock_fill(&now, spec, lock.base.digest ? lock.base.digest : "", NULL);
	list_facts(spec_lock_compare(&lock, &now), &names);
	if (names.len == 0)
		return;
	added = findings_add(f, "W316", "the lock is out of date: %s", text_str(&names));
	finding_place(added, path, 0, 0, 0);
	finding_hint(added, "run 'chutes lock%s%s --update %s'", spec->overlay ? " --overlay " : "",
		     spec->overlay ? spec->overlay : "", text_str(&names));
}
