/* SPDX-License-Identifier: MIT */
#include "lib/spec/gpus.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/data/json.h"

#include <pthread.h>
#include <string.h>

enum { TABLE_MAX_BYTES = 1024 * 1024, VRAM_MAX_GB = 100000 };
#define PRICE_MAX INT64_C(1000000000000) /* a million dollars: far from overflow */

/* lib/spec/gpus.json, embedded when the library is built. */
extern const unsigned char gpus_json[];
extern const size_t gpus_json_len;

static bool parse_class(const char *word, enum gpu_class *out, struct error *err)
{
	static const char *const words[] = {"ordinary", "reserved", "consumer"};

	for (unsigned i = 0; i < array_len(words); i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = (enum gpu_class)i;
			return true;
		}
	}
	return fail(err, ERROR_SPEC, "'%s' is no class of GPUs", word);
}

static bool parse_gpu(const struct json *row, struct gpu_table *t, struct error *err)
{
	struct gpu *gpu = &t->items[t->n];
	const char *id = NULL;
	const char *class = NULL;

	if (!json_get_text(row, "id", &id, err) ||
	    !json_get_integer(row, "vram_gb", &gpu->vram_gb, err) ||
	    !json_get_integer(row, "micro_usd_per_hour", &gpu->micro_usd_per_hour, err) ||
	    !json_get_text(row, "class", &class, err) || !parse_class(class, &gpu->class, err))
		return false;
	if (gpu->vram_gb < 1 || gpu->vram_gb > VRAM_MAX_GB || gpu->micro_usd_per_hour < 0 ||
	    gpu->micro_usd_per_hour > PRICE_MAX)
		return fail(err, ERROR_SPEC, "memory or price is no sensible number");
	if (gpu_find(t, id))
		return fail(err, ERROR_SPEC, "'%s' stands there twice", id);
	gpu->id = arena_strdup(&t->arena, id);
	t->n++;
	return true;
}

static int compare_gpus(const void *a, const void *b)
{
	return strcmp(((const struct gpu *)a)->id, ((const struct gpu *)b)->id);
}

static bool parse_table(const struct json *root, struct gpu_table *t, struct error *err)
{
	const char *origin = NULL;
	const char *date = NULL;
	const struct json *rows = NULL;

	if (!json_get_text(root, "origin", &origin, err) ||
	    !json_get_text(root, "date", &date, err) || !json_get_list(root, "gpus", &rows, err))
		return false;
	t->origin = arena_strdup(&t->arena, origin);
	t->date = arena_strdup(&t->arena, date);
	t->items = arena_alloc(&t->arena, (json_count(rows) + 1) * sizeof(*t->items));
	for (size_t i = 0; i < json_count(rows); i++)
		if (!parse_gpu(json_at(rows, i), t, err))
			return fail_in(err, "GPU %zu", i + 1);
	qsort(t->items, t->n, sizeof(*t->items), compare_gpus);
	return true;
}

bool gpu_table_parse(const char *json, size_t len, struct gpu_table *out, struct error *err)
{
	auto_json struct json *root = NULL;
	struct gpu_table t = {0};
	unsigned char hash[SHA256_BYTES];

	if (!json_parse(json, len, TABLE_MAX_BYTES, &root, err) || !parse_table(root, &t, err)) {
		gpu_table_release(&t);
		err->code = ERROR_SPEC;
		return fail_in(err, "the table of GPUs");
	}
	sha256_of(json, len, hash);
	sha256_hex(hash, t.sha256);
	*out = t;
	return true;
}

void gpu_table_release(struct gpu_table *t)
{
	arena_release(&t->arena);
	*t = (struct gpu_table){0};
}

static struct gpu_table builtin;

static void make_builtin(void)
{
	struct error err;

	if (!gpu_table_parse((const char *)gpus_json, gpus_json_len, &builtin, &err))
		abort(); /* our own file is broken: no build passes its tests with that */
}

const struct gpu_table *gpu_table_builtin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_builtin);
	return &builtin;
}

const struct gpu *gpu_find(const struct gpu_table *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->items[i].id, id) == 0)
			return &t->items[i];
	return NULL;
}

static bool has(const struct field_texts *texts, const char *id)
{
	for (size_t i = 0; i < texts->n; i++)
		if (strcmp(texts->items[i], id) == 0)
			return true;
	return false;
}

static enum gpu_verdict judge(const struct gpu *gpu, const struct spec_node_selector *s)
{
	if (s->include.n > 0 && !has(&s->include, gpu->id))
		return GPU_NOT_INCLUDED;
	if (has(&s->exclude, gpu->id))
		return GPU_EXCLUDED;
	if (gpu->vram_gb < s->min_vram_gb_per_gpu)
		return GPU_TOO_SMALL;
	if (s->max_hourly_price_micro_usd > 0 &&
	    gpu->micro_usd_per_hour > s->max_hourly_price_micro_usd)
		return GPU_TOO_DEAR;
	return GPU_ALLOWED;
}

struct gpu_choices gpu_resolve(const struct gpu_table *t, const struct spec_node_selector *s,
			       struct arena *arena)
{
	struct gpu_choices choices = {0};

	if (s->gpu_count == 0)
		return choices;
	choices.items = arena_alloc(arena, (t->n + 1) * sizeof(*choices.items));
	for (size_t i = 0; i < t->n; i++) {
		const struct gpu *gpu = &t->items[i];
		enum gpu_verdict verdict = judge(gpu, s);

		choices.items[choices.n++] = (struct gpu_choice){gpu, verdict};
		if (verdict != GPU_ALLOWED)
			continue;
		choices.n_allowed++;
		if (!choices.cheapest ||
		    gpu->micro_usd_per_hour < choices.cheapest->micro_usd_per_hour)
			choices.cheapest = gpu;
	}
	return choices;
}

const char *gpu_price(int64_t micro_usd, struct arena *arena)
{
	enum { MICROS = 1000000, CENT = 10000 };
	long long whole = (long long)(micro_usd / MICROS);
	long long rest = (long long)(micro_usd % MICROS);

	if (rest % CENT == 0)
		return arena_printf(arena, "%lld.%02lld", whole, rest / CENT);
	return arena_printf(arena, "%lld.%06lld", whole, rest);
}

const char *gpu_reason(const struct gpu_choice *choice, const struct spec_node_selector *s,
		       struct arena *arena)
{
	const struct gpu *gpu = choice->gpu;

	switch (choice->verdict) {
	case GPU_ALLOWED:
		break;
	case GPU_NOT_INCLUDED:
		return "is not in include";
	case GPU_EXCLUDED:
		return "is in exclude";
	case GPU_TOO_SMALL:
		return arena_printf(arena, "needs %lld GB, has %lld",
				    (long long)s->min_vram_gb_per_gpu, (long long)gpu->vram_gb);
	case GPU_TOO_DEAR:
		return arena_printf(arena, "may cost $%s an hour, costs $%s",
				    gpu_price(s->max_hourly_price_micro_usd, arena),
				    gpu_price(gpu->micro_usd_per_hour, arena));
	}
	return "is allowed";
}
