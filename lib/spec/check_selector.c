/* SPDX-License-Identifier: MIT
 * Rules of node_selector: is there a GPU that it can mean, and if not, what would help?
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <string.h>

/* What a selector chooses by. */
enum rule { RULE_INCLUDE, RULE_EXCLUDE, RULE_MEMORY, RULE_PRICE, RULE_N };
static const char *const rule_keys[RULE_N] = {"include", "exclude", "min_vram_gb_per_gpu",
					      "max_hourly_price_per_gpu"};

static const char *find_similar(const struct gpu_table *t, const char *name)
{
	auto_free const char **ids = xcalloc(t->n + 1, sizeof(*ids));

	for (size_t i = 0; i < t->n; i++)
		ids[i] = t->items[i].id;
	/* rtx4090: the platform's names are shorter */
	if (text_starts_with(name, "rtx")) {
		name += strlen("rtx");
		name += strspn(name, " _-");
	}
	return gpu_find(t, name) ? name : text_nearest(name, ids);
}

/* Is the name among the first `n`? */
static bool has(const struct field_texts *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		assert(names->items[i]);
		if (strcmp(name, names->items[i]) == 0)
			return true;
	}
	return false;
}

/* false when a name is unknown: what the rest would say about it is no help. */
static bool check_names(struct spec_checker *c, const struct field_texts *names)
{
	bool is_good = true;

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->items[i];

		if (has(names, i, name))
			finding_hint(field_finding(&c->reader, "E235", names->places[i],
						   "%s stands twice in the list",
						   field_quoted(&c->reader, name)),
				     "remove one of the two");
		if (gpu_find(c->gpus, name))
			continue;
		const char *near = find_similar(c->gpus, name);
		struct finding *f =
			field_finding(&c->reader, "E230", names->places[i], "no GPU is called %s",
				      field_quoted(&c->reader, name));

		if (near)
			finding_hint(f, "did you mean '%s'?", near);
		is_good = false;
	}
	return is_good;
}

static bool is_in_use(const struct spec_node_selector *s, enum rule rule)
{
	return rule == RULE_INCLUDE   ? s->include.n > 0
	       : rule == RULE_EXCLUDE ? s->exclude.n > 0
	       : rule == RULE_MEMORY  ? s->min_vram_gb_per_gpu > 0
				      : s->max_hourly_price_micro_usd > 0;
}

static void drop(struct spec_node_selector *s, enum rule rule)
{
	if (rule == RULE_INCLUDE)
		s->include.n = 0;
	else if (rule == RULE_EXCLUDE)
		s->exclude.n = 0;
	else if (rule == RULE_MEMORY)
		s->min_vram_gb_per_gpu = 0;
	else
		s->max_hourly_price_micro_usd = 0;
}

/* The least change of one rule that leaves a GPU, given what is left without the rule. */
static void add_change(struct spec_checker *c, enum rule rule, const struct gpu_choices *without,
		       struct text *out)
{
	int64_t most = 0;

	text_add(out, out->len ? ", or " : "");
	switch (rule) {
	case RULE_INCLUDE:
		text_addf(out, "add '%s' to include", without->cheapest->id);
		break;
	case RULE_EXCLUDE:
		text_addf(out, "take '%s' out of exclude", without->cheapest->id);
		break;
	case RULE_MEMORY:
		for (size_t i = 0; i < without->n; i++)
			if (without->items[i].verdict == GPU_ALLOWED &&
			    without->items[i].gpu->vram_gb > most)
				most = without->items[i].gpu->vram_gb;
		text_addf(out, "lower %s to %lld", rule_keys[rule], (long long)most);
		break;
	case RULE_PRICE:
	case RULE_N:
		text_addf(out, "raise %s to %s", rule_keys[rule],
			  gpu_price(without->cheapest->micro_usd_per_hour, c->reader.arena));
		break;
	}
}

/* No rule is the only culprit: name the one that excludes the most. */
static void add_worst(struct spec_checker *c, const struct spec_node_selector *s, struct text *out)
{
	enum rule worst = RULE_INCLUDE;
	size_t least = SIZE_MAX;

	for (enum rule rule = 0; rule < RULE_N; rule++) {
		struct spec_node_selector alone = *s;

		for (enum rule other = 0; other < RULE_N; other++)
			if (other != rule)
				drop(&alone, other);
		size_t n = gpu_resolve(c->gpus, &alone, c->reader.arena).n_allowed;

		if (n < least) {
			least = n;
			worst = rule;
		}
	}
	text_addf(out, "no single change is enough; begin with %s, which leaves %zu of %zu GPUs",
		  rule_keys[worst], least, c->gpus->n);
}

static void add_empty(struct spec_checker *c, const struct spec_node_selector *s)
{
	auto_text hint = {0};

	for (enum rule rule = 0; rule < RULE_N; rule++) {
		struct spec_node_selector relaxed = *s;

		drop(&relaxed, rule);
		struct gpu_choices without = gpu_resolve(c->gpus, &relaxed, c->reader.arena);

		if (is_in_use(s, rule) && without.n_allowed > 0)
			add_change(c, rule, &without, &hint);
	}
	if (hint.len == 0)
		add_worst(c, s, &hint);
	finding_hint(field_finding(&c->reader, "E231", s->place,
				   "no GPU satisfies all of node_selector"),
		     "%s", text_str(&hint));
}

/* "3090, 4090 and 5090" */
static void add_allowed(struct text *out, const struct gpu_choices *choices)
{
	size_t n = 0;

	for (size_t i = 0; i < choices->n; i++) {
		if (choices->items[i].verdict != GPU_ALLOWED)
			continue;
		n++;
		text_addf(out, "%s%s",
			  n == 1                    ? ""
			  : n == choices->n_allowed ? " and "
						    : ", ",
			  choices->items[i].gpu->id);
	}
}

/* Is there a GPU, and one that the platform gives to a chute that takes no other? */
static void check_set(struct spec_checker *c, const struct spec_node_selector *selector)
{
	struct spec_node_selector copy = *selector;
	const struct spec_node_selector *s = &copy;

	copy.gpu_count = 1; /* how many changes nothing, and one that could not be read is 0 */

	struct gpu_choices choices = gpu_resolve(c->gpus, s, c->reader.arena);
	size_t counts[GPU_CONSUMER + 1] = {0};
	auto_text allowed = {0};

	if (choices.n_allowed == 0) {
		add_empty(c, s);
		return;
	}
	for (size_t i = 0; i < choices.n; i++)
		counts[choices.items[i].gpu->class] += choices.items[i].verdict == GPU_ALLOWED;
	bool is_reserved = counts[GPU_RESERVED] == choices.n_allowed;

	if (!is_reserved && counts[GPU_CONSUMER] != choices.n_allowed)
		return;
	add_allowed(&allowed, &choices);
	finding_hint(field_finding(&c->reader, is_reserved ? "E232" : "E233", s->place,
				   "node_selector leaves %s only", text_str(&allowed)),
		     "allow another GPU beside %s", choices.n_allowed > 1 ? "them" : "it");
}

/* false when a GPU stands in both lists: the set is empty for no other reason. */
static bool check_both_lists(struct spec_checker *c, const struct spec_node_selector *s)
{
	bool is_good = true;

	for (size_t i = 0; i < s->exclude.n; i++) {
		const char *name = s->exclude.items[i];

		if (!has(&s->include, s->include.n, name))
			continue;
		finding_hint(field_finding(&c->reader, "E234", s->exclude.places[i],
					   "%s is included and excluded",
					   field_quoted(&c->reader, name)),
			     "remove it from one of the two lists");
		is_good = false;
	}
	return is_good;
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
	is_good = check_both_lists(c, s) && is_good;
	if (is_good)
		check_set(c, s);
}
