/* SPDX-License-Identifier: MIT
 * The table of GPUs, and which of them a selector means: every selector with at most one GPU in
 * each list and limits on both sides of every figure of the table, against sets of bits.
 */
#include "lib/spec/gpus.h"

#include "tests/unit/spec_fixture.h"

enum { MAX = 64 };

TEST(builtin_table)
{
	const struct gpu_table *t = gpu_table_builtin();
	const struct gpu *h100 = gpu_find(t, "h100");

	CHECK(t == gpu_table_builtin());
	CHECK(t->n == 26);
	CHECK(t->date && strlen(t->date) == strlen("2025-10-04"));
	CHECK(t->origin && *t->origin);
	for (size_t i = 1; i < t->n; i++)
		CHECK(strcmp(t->items[i - 1].id, t->items[i].id) < 0);
	CHECK_OR_STOP(h100 != NULL);
	CHECK(h100->vram_gb == 80 && h100->micro_usd_per_hour == 1790000 &&
	      h100->class == GPU_ORDINARY);
	CHECK(gpu_find(t, "b200")->class == GPU_RESERVED);
	CHECK(gpu_find(t, "4090")->class == GPU_CONSUMER);
	CHECK(!gpu_find(t, "rtx4090"));
	CHECK(!gpu_find(t, ""));
}

static void check_table(const char *json, const char *wanted)
{
	struct gpu_table t = {0};
	struct error err;

	if (gpu_table_parse(json, strlen(json), &t, &err)) {
		CHECK_TEXT("", wanted);
		gpu_table_release(&t);
		return;
	}
	CHECK(err.code == ERROR_SPEC);
	CHECK_TEXT(err.message, wanted);
}

#define TABLE(rows) "{\"origin\": \"o\", \"date\": \"d\", \"gpus\": [" rows "]}"
#define ROW(id, gb, price, class)                                                                  \
	"{\"id\": \"" id "\", \"vram_gb\": " gb ", \"micro_usd_per_hour\": " price                 \
	", \"class\": \"" class "\"}"

TEST(tables_from_outside)
{
	check_table(TABLE(""), "");
	check_table(TABLE(ROW("x", "1", "0", "ordinary")), "");
	check_table(TABLE(ROW("x", "100000", "1000000000000", "reserved")), "");
	check_table(TABLE(ROW("x", "0", "0", "ordinary")),
		    "the table of GPUs: GPU 1: memory or price is no sensible number");
	check_table(TABLE(ROW("x", "100001", "0", "ordinary")),
		    "the table of GPUs: GPU 1: memory or price is no sensible number");
	check_table(TABLE(ROW("x", "1", "-1", "ordinary")),
		    "the table of GPUs: GPU 1: memory or price is no sensible number");
	check_table(TABLE(ROW("x", "1", "1000000000001", "ordinary")),
		    "the table of GPUs: GPU 1: memory or price is no sensible number");
	check_table(TABLE(ROW("x", "1", "1", "fast")),
		    "the table of GPUs: GPU 1: 'fast' is no class of GPUs");
	check_table(TABLE(ROW("x", "1", "1", "ordinary") "," ROW("x", "1", "1", "ordinary")),
		    "the table of GPUs: GPU 2: 'x' stands there twice");
	check_table(TABLE("{}"), "the table of GPUs: GPU 1: 'id' is missing");
	check_table("{\"date\": \"d\"}", "the table of GPUs: 'origin' is missing");
	check_table("{\"origin\": \"o\", \"date\": \"d\"}", "the table of GPUs: 'gpus' is missing");
}

/* Bit i: GPU i of the table. */
struct facts {
	uint64_t all;
	int64_t vram[MAX];
	int64_t price[MAX];
};

static struct facts read_facts(const struct gpu_table *t)
{
	struct facts f = {.all = (UINT64_C(1) << t->n) - 1};

	for (size_t i = 0; i < t->n; i++) {
		f.vram[i] = t->items[i].vram_gb;
		f.price[i] = t->items[i].micro_usd_per_hour;
	}
	return f;
}

/* The reference: what is struck out, rule by rule. */
static uint64_t allowed_bits(const struct facts *f, size_t n, int64_t gb, int64_t cap,
			     uint64_t include, uint64_t exclude)
{
	uint64_t left = (include ? include : f->all) & ~exclude;

	for (size_t i = 0; i < n; i++)
		if (gb > f->vram[i] || (cap && cap < f->price[i]))
			left &= ~(UINT64_C(1) << i);
	return left;
}

static bool agrees(const struct facts *f, const struct gpu_choices *c, uint64_t wanted)
{
	uint64_t got = 0;
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < c->n; i++)
		got |= (uint64_t)(c->items[i].verdict == GPU_ALLOWED) << i;
	for (size_t i = 0; i < c->n; i++)
		if (wanted >> i & 1 && f->price[i] < least)
			least = f->price[i];
	return got == wanted && c->n_allowed == (size_t)__builtin_popcountll(wanted) &&
	       (wanted ? c->cheapest && c->cheapest->micro_usd_per_hour == least : !c->cheapest);
}

/* One selector with these lists of at most one GPU: n stands for an empty one. */
static bool check_one(const struct gpu_table *t, const struct facts *f, int64_t gb, int64_t cap,
		      size_t in, size_t out)
{
	auto_arena arena = {0};
	char *include[] = {in < t->n ? (char *)(uintptr_t)t->items[in].id : NULL, NULL};
	char *exclude[] = {out < t->n ? (char *)(uintptr_t)t->items[out].id : NULL, NULL};
	struct spec_node_selector s = {
		.gpu_count = 1,
		.min_vram_gb_per_gpu = gb,
		.max_hourly_price_micro_usd = cap,
		.include = {include, in < t->n, NULL},
		.exclude = {exclude, out < t->n, NULL},
	};
	struct gpu_choices c = gpu_resolve(t, &s, &arena);
	uint64_t in_bit = in < t->n ? UINT64_C(1) << in : 0;
	uint64_t out_bit = out < t->n ? UINT64_C(1) << out : 0;

	return c.n == t->n && agrees(f, &c, allowed_bits(f, t->n, gb, cap, in_bit, out_bit));
}

TEST(every_selector)
{
	const struct gpu_table *t = gpu_table_builtin();
	struct facts f = read_facts(t);
	size_t n_wrong = 0;

	CHECK_OR_STOP(t->n < MAX);
	/* limits: below, at and above each figure of the table; no list, or one GPU in each */
	for (size_t v = 0; v < t->n; v++)
		for (int step = -1; step <= 1; step++)
			for (size_t p = 0; p <= t->n; p++)
				for (size_t list = 0; list <= t->n; list++) {
					int64_t gb = f.vram[v] + step;
					int64_t cap = p < t->n ? f.price[p] + step : 0;

					n_wrong += !check_one(t, &f, gb, cap, list, t->n);
					n_wrong += !check_one(t, &f, gb, cap, t->n, list);
					n_wrong += !check_one(t, &f, gb, cap, list, list);
				}
	CHECK(n_wrong == 0);
}

TEST(reasons)
{
	const struct gpu_table *t = gpu_table_builtin();
	auto_arena arena = {0};
	char *include[] = {(char[]){"l4"},  (char[]){"a10"}, (char[]){"h100"},
			   (char[]){"h20"}, (char[]){"a40"}, NULL};
	char *exclude[] = {(char[]){"a10"}, NULL};
	struct spec_node_selector s = {
		.gpu_count = 8,
		.min_vram_gb_per_gpu = 48,
		.max_hourly_price_micro_usd = 1000001,
		.include = {include, 5, NULL},
		.exclude = {exclude, 1, NULL},
	};
	struct gpu_choices c = gpu_resolve(t, &s, &arena);
	static const struct {
		const char *id;
		const char *reason;
	} wanted[] = {
		{"3090", "is not in include"}, {"a10", "is in exclude"},
		{"l4", "needs 48 GB, has 24"}, {"h100", "may cost $1.000001 an hour, costs $1.79"},
		{"h20", "is allowed"},
	};

	for (size_t i = 0; i < array_len(wanted); i++)
		for (size_t k = 0; k < c.n; k++)
			if (strcmp(c.items[k].gpu->id, wanted[i].id) == 0)
				CHECK_TEXT(gpu_reason(&c.items[k], &s, &arena), wanted[i].reason);
	CHECK(c.n_allowed == 2);
	CHECK_OR_STOP(c.cheapest != NULL);
	CHECK_TEXT(c.cheapest->id, "a40");
	s.gpu_count = 0;
	c = gpu_resolve(t, &s, &arena);
	CHECK(c.n == 0 && c.n_allowed == 0 && !c.cheapest);
}

struct rule {
	const char *lines;
	const char *findings;
};

TEST(findings)
{
	static const struct rule rules[] = {
		{"node_selector: {include: [RTX4090]}",
		 "E230 1:27 no GPU is called 'rtx4090' (did you mean '4090'?)"},
		{"node_selector: {include: [\"rtx 4090\"]}",
		 "E230 1:27 no GPU is called 'rtx 4090' (did you mean '4090'?)"},
		{"node_selector: {exclude: [h10]}",
		 "E230 1:27 no GPU is called 'h10' (did you mean 'a10'?)"},
		{"node_selector: {include: [t4x9]}", "E230 1:27 no GPU is called 't4x9'"},
		{"node_selector: {include: [v100, h100, v100]}",
		 "E230 1:27 no GPU is called 'v100' (did you mean 'a100'?)\n"
		 "E235 1:39 'v100' stands twice in the list (remove one of the two)\n"
		 "E230 1:39 no GPU is called 'v100' (did you mean 'a100'?)"},
		{"node_selector: {include: [H100, a100, h100]}",
		 "E235 1:39 'h100' stands twice in the list (remove one of the two)"},
		{"node_selector: {exclude: [a10, A10]}",
		 "E235 1:32 'a10' stands twice in the list (remove one of the two)"},
		{"node_selector: {include: [H100, A100]}", ""},
		{"node_selector: {include: [a10], min_vram_gb_per_gpu: 48}",
		 "E231 1:16 no GPU satisfies all of node_selector (add 'a40' to include, or lower "
		 "min_vram_gb_per_gpu to 24)"},
		{"node_selector: {include: [a10], min_vram_gb_per_gpu: 24}", ""},
		{"node_selector: {include: [h100], max_hourly_price_per_gpu: 1.789999}",
		 "E231 1:16 no GPU satisfies all of node_selector (add 'a4000' to include, or "
		 "raise max_hourly_price_per_gpu to 1.79)"},
		{"node_selector: {include: [h100], max_hourly_price_per_gpu: 1.79}", ""},
		{"node_selector: {min_vram_gb_per_gpu: 140, max_hourly_price_per_gpu: 2.74}",
		 "E231 1:16 no GPU satisfies all of node_selector (lower min_vram_gb_per_gpu to "
		 "96, or raise max_hourly_price_per_gpu to 2.75)"},
		{"node_selector: {min_vram_gb_per_gpu: 140, max_hourly_price_per_gpu: 2.75}", ""},
		{"node_selector: {min_vram_gb_per_gpu: 100, max_hourly_price_per_gpu: 2.75, "
		 "exclude: [h200]}",
		 "E231 1:16 no GPU satisfies all of node_selector (take 'h200' out of exclude, or "
		 "lower min_vram_gb_per_gpu to 96, or raise max_hourly_price_per_gpu to 3.00)"},
		{"node_selector: {include: [a10], min_vram_gb_per_gpu: 140, "
		 "max_hourly_price_per_gpu: 0.1}",
		 "E231 1:16 no GPU satisfies all of node_selector (no single change is enough; "
		 "begin with max_hourly_price_per_gpu, which leaves 0 of 26 GPUs)"},
		{"node_selector: {include: [b200, mi300x]}",
		 "E232 1:16 node_selector leaves b200 and mi300x only (allow another GPU beside "
		 "them)"},
		{"node_selector: {include: [b200]}",
		 "E232 1:16 node_selector leaves b200 only (allow another GPU beside it)"},
		{"node_selector: {include: [b200, h100]}", ""},
		{"node_selector: {include: [4090, 5090, 3090]}",
		 "E233 1:16 node_selector leaves 3090, 4090 and 5090 only (allow another GPU "
		 "beside them)"},
		{"node_selector: {include: [4090, a10]}", ""},
		{"node_selector: {include: [a10, l4], exclude: [A10]}",
		 "E234 1:47 'a10' is included and excluded (remove it from one of the two lists)"},
		{"node_selector: {include: [a10], exclude: [a10]}",
		 "E234 1:43 'a10' is included and excluded (remove it from one of the two lists)"},
		{"node_selector: {exclude: [a10, l4, a40, l40, l40s]}", ""},
		{"node_selector: {exclude: [a10, l4, a40, l40, l40s, h20]}",
		 "E113 1:26 'exclude' has 6 items; it may have at most 5"},
		{"node_selector: {gpu_count: 0, exclude: [a10], x-a: 1}",
		 "W305 1:28 the hosted platform refuses chutes without a GPU (fine for local "
		 "runs and for a server of your own)\n"
		 "E236 1:31 'exclude' says something about GPUs, but gpu_count is 0 "
		 "(remove it, or set gpu_count)"},
	};

	for (size_t i = 0; i < array_len(rules); i++)
		fixture_check(rules[i].lines, rules[i].findings);
}

TEST(another_table)
{
	static const char json[] = TABLE(ROW("new", "40", "1", "ordinary"));
	auto_free char *text = fixture_spec("node_selector: {include: [new]}");
	auto_free char *other = fixture_spec("node_selector: {include: [h100]}");
	struct gpu_table t = {0};
	struct error err;
	auto_findings f = {0};
	auto_spec spec = {0};
	struct spec_options o = {.file = "chute.yaml", .gpus = &t};

	CHECK_OK(gpu_table_parse(json, strlen(json), &t, &err), err);
	CHECK_OK(spec_parse(text, strlen(text), &o, &spec, &f, &err), err);
	spec_release(&spec);
	CHECK(!spec_parse(other, strlen(other), &o, &spec, &f, &err));
	CHECK_OR_STOP(f.n == 1);
	CHECK_TEXT(f.items[0].message, "no GPU is called 'h100'");
	gpu_table_release(&t);
}
