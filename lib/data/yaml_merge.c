/* SPDX-License-Identifier: MIT */
#include "lib/data/yaml_merge.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <string.h>

/* The pairs of a mapping by key, so that large ones merge in no time. */
struct index_entry {
	const struct yaml_pair *pair;
	bool is_used; /* laid over a pair below */
};
struct index {
	struct index_entry *entries;
	size_t n;
};

static void index_release(struct index *x) { free(x->entries); }

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct index_entry *)a)->pair->key,
		      ((const struct index_entry *)b)->pair->key);
}

static struct index index_new(const struct yaml_node *map)
{
	struct index x = {xcalloc(map->n + 1, sizeof(*x.entries)), map->n};

	for (size_t i = 0; i < map->n; i++)
		x.entries[i].pair = &map->pairs[i];
	qsort(x.entries, x.n, sizeof(*x.entries), compare_entries);
	return x;
}

static struct index_entry *index_find(const struct index *x, const struct yaml_pair *pair)
{
	const struct index_entry wanted = {.pair = pair};

	return bsearch(&wanted, x->entries, x->n, sizeof(wanted), compare_entries);
}

struct merge {
	struct arena *arena;
	const struct yaml_merge_watch *watch; /* or NULL */
};

static struct merge below_key(const struct merge *m, const char *key)
{
	bool is_ignored = text_starts_with(key, "x-");

	return (struct merge){m->arena, is_ignored ? NULL : m->watch};
}

static void add_pair(struct yaml_node *map, const struct yaml_pair *pair,
		     const struct yaml_node *value)
{
	map->pairs[map->n++] = (struct yaml_pair){pair->key, pair->key_place, value};
	map->n_nodes += value->n_nodes;
	if (value->depth >= map->depth)
		map->depth = value->depth + 1;
}

static const struct yaml_node *merge_nodes(const struct yaml_node *base,
					   const struct yaml_node *over, const struct merge *m);
static const struct yaml_node *merge_maps(const struct yaml_node *base,
					  const struct yaml_node *over, const struct merge *m);

/* What is laid over nothing, or over what is no mapping: null still means that there is no key. */
/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static const struct yaml_node *replace(const struct yaml_node *over, const struct merge *m)
{
	const struct yaml_node nothing = {.kind = YAML_MAPPING, .place = over->place};

	return over->kind == YAML_MAPPING ? merge_maps(&nothing, over, m) : over;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static const struct yaml_node *merge_maps(const struct yaml_node *base,
					  const struct yaml_node *over, const struct merge *m)
{
	__attribute__((cleanup(index_release))) struct index index = index_new(over);
	struct yaml_node *merged = arena_alloc(m->arena, sizeof(*merged));

	*merged = (struct yaml_node){
		.kind = YAML_MAPPING, .place = base->place, .n_nodes = 1, .depth = 1};
	merged->pairs = arena_alloc(m->arena, (base->n + over->n + 1) * sizeof(*merged->pairs));
	for (size_t i = 0; i < base->n; i++) {
		const struct yaml_pair *below = &base->pairs[i];
		struct index_entry *found = index_find(&index, below);

		if (!found) {
			add_pair(merged, below, below->value);
			continue;
		}
		const struct yaml_pair *above = found->pair;

		struct merge inner = below_key(m, below->key);

		found->is_used = true;
		if (!yaml_is_null(above->value))
			add_pair(merged, above, merge_nodes(below->value, above->value, &inner));
	}
	for (size_t i = 0; i < over->n; i++) {
		const struct yaml_pair *above = &over->pairs[i];
		struct merge inner = below_key(m, above->key);

		if (index_find(&index, above)->is_used)
			continue;
		if (!yaml_is_null(above->value))
			add_pair(merged, above, replace(above->value, &inner));
		else if (inner.watch)
			inner.watch->on_idle_null(inner.watch->context, above);
	}
	return merged;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static const struct yaml_node *merge_nodes(const struct yaml_node *base,
					   const struct yaml_node *over, const struct merge *m)
{
	return base->kind == YAML_MAPPING && over->kind == YAML_MAPPING ? merge_maps(base, over, m)
									: replace(over, m);
}

const struct yaml_node *yaml_merge(const struct yaml_node *base, const struct yaml_node *over,
				   struct arena *arena)
{
	return merge_nodes(base, over, &(struct merge){.arena = arena});
}

const struct yaml_node *yaml_merge_watched(const struct yaml_node *base,
					   const struct yaml_node *over, struct arena *arena,
					   const struct yaml_merge_watch *watch)
{
	return merge_nodes(base, over, &(struct merge){arena, watch});
}
