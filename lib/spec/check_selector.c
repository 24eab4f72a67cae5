/* SPDX-License-Identifier: MIT
 * Rules of node_selector: is there a GPU that it can mean?
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

enum gpu_class {
	GPU_ORDINARY,
	GPU_RESERVED, /* the platform does not give a chute these alone */
	GPU_CONSUMER, /* nor these */
};
struct gpu {
	const char *id;
	int vram_gb;
	int64_t micro_usd_per_hour;
	enum gpu_class class;
};

/* The hosted platform's table (GET /nodes/supported), as of 2025. */
static const struct gpu gpus[] = {
	{"3090", 24, 250000, GPU_CONSUMER},
	{"4090", 24, 400000, GPU_CONSUMER},
	{"5090", 32, 700000, GPU_CONSUMER},
	{"a10", 24, 250000, GPU_ORDINARY},
	{"a100", 80, 1200000, GPU_ORDINARY},
	{"a100_40gb", 40, 1100000, GPU_ORDINARY},
	{"a100_40gb_sxm", 40, 1150000, GPU_ORDINARY},
	{"a100_sxm", 80, 1250000, GPU_ORDINARY},
	{"a40", 48, 500000, GPU_ORDINARY},
	{"a4000", 16, 200000, GPU_ORDINARY},
	{"a4000_ada", 20, 210000, GPU_ORDINARY},
	{"a5000", 24, 250000, GPU_ORDINARY},
	{"a6000", 48, 500000, GPU_ORDINARY},
	{"a6000_ada", 48, 750000, GPU_ORDINARY},
	{"b200", 192, 4500000, GPU_RESERVED},
	{"h100", 80, 1790000, GPU_ORDINARY},
	{"h100_nvl", 96, 2250000, GPU_ORDINARY},
	{"h100_sxm", 80, 2350000, GPU_ORDINARY},
	{"h20", 96, 600000, GPU_ORDINARY},
	{"h200", 140, 2750000, GPU_ORDINARY},
	{"h800", 80, 1500000, GPU_ORDINARY},
	{"l4", 24, 250000, GPU_ORDINARY},
	{"l40", 48, 550000, GPU_ORDINARY},
	{"l40s", 48, 850000, GPU_ORDINARY},
	{"mi300x", 192, 3000000, GPU_RESERVED},
	{"pro_6000", 96, 1800000, GPU_ORDINARY},
};

static bool has(const struct field_texts *texts, const char *id)
{
	for (size_t i = 0; i < texts->n; i++)
		if (strcmp(texts->items[i], id) == 0)
			return true;
	return false;
}

static bool is_known_gpu(const char *id)
{
	for (size_t i = 0; i < array_len(gpus); i++)
		if (strcmp(gpus[i].id, id) == 0)
			return true;
	return false;
}

/* false when a name is unknown: what the rest would say about it is no help. */
static bool check_names(struct spec_checker *c, const struct field_texts *names)
{
	const char *ids[array_len(gpus) + 1] = {0};
	bool is_good = true;

	for (size_t i = 0; i < array_len(gpus); i++)
		ids[i] = gpus[i].id;
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->items[i];

		if (is_known_gpu(name))
			continue;
		struct finding *f = field_finding(&c->reader, "E230", names->places[i],
						  "no GPU is called '%s'", name);
		/* rtx4090, a100-80gb: the platform's names are shorter */
		const char *near = text_starts_with(name, "rtx") && is_known_gpu(name + 3)
					   ? name + 3
					   : text_nearest(name, ids);

		if (near)
			finding_hint(f, "did you mean '%s'?", near);
		is_good = false;
	}
	return is_good;
}

/* How many GPUs of each class the selector leaves. */
static void count_left(const struct spec_node_selector *s, size_t counts[3])
{
	for (size_t i = 0; i < array_len(gpus); i++) {
		const struct gpu *gpu = &gpus[i];

		if ((s->include.n > 0 && !has(&s->include, gpu->id)) || has(&s->exclude, gpu->id) ||
		    gpu->vram_gb < s->min_vram_gb_per_gpu ||
		    (s->max_hourly_price_micro_usd > 0 &&
		     gpu->micro_usd_per_hour > s->max_hourly_price_micro_usd))
			continue;
		counts[gpu->class]++;
	}
}

static void check_set(struct spec_checker *c, const struct spec_node_selector *s)
{
	size_t counts[3] = {0};

	count_left(s, counts);
	if (counts[GPU_ORDINARY] + counts[GPU_RESERVED] + counts[GPU_CONSUMER] == 0)
		finding_hint(field_finding(&c->reader, "E231", s->place,
					   "no GPU satisfies all of node_selector"),
			     "lower min_vram_gb_per_gpu, raise the price, or name other GPUs");
	else if (counts[GPU_ORDINARY] + counts[GPU_CONSUMER] == 0)
		finding_hint(field_finding(&c->reader, "E232", s->place,
					   "node_selector leaves b200 and mi300x only"),
			     "allow another GPU beside them");
	else if (counts[GPU_ORDINARY] + counts[GPU_RESERVED] == 0)
		finding_hint(field_finding(&c->reader, "E233", s->place,
					   "node_selector leaves 3090, 4090 and 5090 only"),
			     "allow another GPU beside them");
}

static void check_both_lists(struct spec_checker *c, const struct spec_node_selector *s)
{
	for (size_t i = 0; i < s->exclude.n; i++)
		if (has(&s->include, s->exclude.items[i]))
			finding_hint(field_finding(&c->reader, "E234", s->exclude.places[i],
						   "'%s' is included and excluded",
						   s->exclude.items[i]),
				     "remove it from one of the two lists");
}

static void check_cpu_only(struct spec_checker *c, const struct yaml_node *node)
{
	const struct yaml_pair *count = yaml_find_pair(node, "gpu_count");

	for (size_t i = 0; i < node->n; i++) {
		const struct yaml_pair *pair = &node->pairs[i];

		if (pair != count && !text_starts_with(pair->key, "x-"))
			finding_hint(field_finding(&c->reader, "E236", pair->key_place,
						   "'%s' says something about GPUs, but gpu_count "
						   "is 0",
						   pair->key),
				     "remove it, or set gpu_count");
	}
	finding_hint(field_finding(&c->reader, "W305", count->value->place,
				   "the hosted platform refuses chutes without a GPU"),
		     "fine for local runs and for a server of your own");
}

void spec_check_selector(struct spec_checker *c)
{
	const struct spec_node_selector *s = &c->spec->node_selector;
	const struct yaml_node *node = yaml_find(c->spec->root, "node_selector");
	const struct yaml_node *count = yaml_find(node, "gpu_count");

	if (!node || node->kind != YAML_MAPPING)
		return;
	/* a count that could not be read is 0, too */
	if (count && count->kind == YAML_SCALAR && strcmp(count->text, "0") == 0) {
		check_cpu_only(c, node);
		return;
	}
	bool is_good = check_names(c, &s->include);

	is_good = check_names(c, &s->exclude) && is_good;
	check_both_lists(c, s);
	if (is_good)
		check_set(c, s);
}
