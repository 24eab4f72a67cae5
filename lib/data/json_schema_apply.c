/* SPDX-License-Identifier: MIT
 * Keywords whose schemas apply to the value itself or to its parts.
 */
#include "lib/base/memory.h"
#include "lib/data/json_number.h"
#include "lib/data/json_schema_internal.h"

static bool is_list(const struct schema_rule *r)
{
	return json_kind(r->at->value) == JSON_KIND_LIST;
}

static bool is_object(const struct schema_rule *r)
{
	return json_kind(r->at->value) == JSON_KIND_OBJECT;
}

static void mark(const struct schema_rule *r, size_t i)
{
	if (r->marks && r->marks->is_seen && i < r->marks->n)
		r->marks->is_seen[i] = true;
}

static bool is_marked(const struct schema_rule *r, size_t i)
{
	return r->marks && r->marks->is_seen && i < r->marks->n && r->marks->is_seen[i];
}

/* Whether a schema fits, without a word about why not. */
/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
static bool try_schema(const struct schema_rule *r, const struct json *schema,
		       const struct schema_instance *at)
{
	r->c->n_silent++;
	bool fits = schema_fits_part(r, schema, at);

	r->c->n_silent--;
	return fits;
}

/* --- the value itself */

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_all_of(const struct schema_rule *r)
{
	for (size_t i = 0; i < json_count(r->value); i++)
		if (!schema_fits_part(r, json_at(r->value, i), r->at))
			return false;
	return true;
}

/* How many fit. Where none does, what is deepest in the value tells which was meant; true: such a
 * problem is there. */
/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
static size_t count_fitting(const struct schema_rule *r, bool *has_problem)
{
	struct schema_check *c = r->c;
	auto_text best = {0};
	size_t best_depth = r->at->depth;
	size_t n = 0;

	for (size_t i = 0; i < json_count(r->value); i++) {
		c->problem_depth = 0;
		if (schema_fits_part(r, json_at(r->value, i), r->at)) {
			n++;
		} else if (c->n_silent == 0 && c->problem_depth > best_depth) {
			text_clear(&best);
			text_add(&best, text_str(&c->problem));
			best_depth = c->problem_depth;
		}
	}
	*has_problem = best.len > 0;
	if (best.len > 0) {
		text_clear(&c->problem);
		text_add(&c->problem, text_str(&best));
		c->problem_depth = best_depth;
	}
	return n;
}

bool schema_fits_any_of(const struct schema_rule *r)
{
	bool has_problem = false;

	if (count_fitting(r, &has_problem) > 0)
		return true;
	return !has_problem && schema_misfit(r, "is none of what 'anyOf' allows");
}

bool schema_fits_one_of(const struct schema_rule *r)
{
	bool has_problem = false;
	size_t n = count_fitting(r, &has_problem);

	if (n == 1)
		return true;
	if (n > 1)
		return schema_misfit(r, "is %zu of what 'oneOf' allows, not one", n);
	return !has_problem && schema_misfit(r, "is none of what 'oneOf' allows");
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_not(const struct schema_rule *r)
{
	struct schema_rule apart = *r; /* what it looks at does not count */

	apart.marks = NULL;
	return !try_schema(&apart, r->value, r->at) || schema_misfit(r, "is what 'not' excludes");
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_if(const struct schema_rule *r)
{
	const char *key = try_schema(r, r->value, r->at) ? "then" : "else";
	const struct json *schema = json_member(r->schema, key);

	return !schema || schema_fits_part(r, schema, r->at);
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_dependent_schemas(const struct schema_rule *r)
{
	void *position = NULL;
	const char *key;
	const struct json *schema;

	while (is_object(r) && json_next(r->value, &position, &key, &schema))
		if (json_member(r->at->value, key) && !schema_fits_part(r, schema, r->at))
			return false;
	return true;
}

/* --- elements */

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
static bool fits_element(const struct schema_rule *r, const struct json *schema, size_t i)
{
	const struct schema_instance part = {.value = json_at(r->at->value, i),
					     .parent = r->at,
					     .index = i,
					     .depth = r->at->depth + 1};

	mark(r, i);
	return schema_fits_part(r, schema, &part);
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_prefix_items(const struct schema_rule *r)
{
	size_t n = is_list(r) ? json_count(r->at->value) : 0;

	for (size_t i = 0; i < n && i < json_count(r->value); i++)
		if (!fits_element(r, json_at(r->value, i), i))
			return false;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_items(const struct schema_rule *r)
{
	const struct json *prefix = json_member(r->schema, "prefixItems");
	size_t n = is_list(r) ? json_count(r->at->value) : 0;

	for (size_t i = prefix ? json_count(prefix) : 0; i < n; i++)
		if (!fits_element(r, r->value, i))
			return false;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_contains(const struct schema_rule *r)
{
	const struct json *most = json_member(r->schema, "maxContains");
	const struct json *least = json_member(r->schema, "minContains");
	double wanted = least ? json_real_of(least) : 1;
	size_t n = 0;

	if (!is_list(r))
		return true;
	for (size_t i = 0; i < json_count(r->at->value); i++) {
		const struct schema_instance part = {.value = json_at(r->at->value, i),
						     .parent = r->at,
						     .index = i,
						     .depth = r->at->depth + 1};

		if (!try_schema(r, r->value, &part))
			continue;
		mark(r, i);
		n++;
	}
	if ((double)n < wanted)
		return schema_misfit(r, "has %zu items that 'contains' asks for, fewer than %.0f",
				     n, wanted);
	return !most || (double)n <= json_real_of(most) ||
	       schema_misfit(r, "has %zu items that 'contains' asks for, more than %.0f", n,
			     json_real_of(most));
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_unevaluated_items(const struct schema_rule *r)
{
	size_t n = is_list(r) ? json_count(r->at->value) : 0;

	for (size_t i = 0; i < n; i++)
		if (!is_marked(r, i) && !fits_element(r, r->value, i))
			return false;
	return true;
}

/* --- members */

/* Walk over the members: `struct schema_instance part = member_walk(r); while (next_member(…))`. */
static struct schema_instance member_walk(const struct schema_rule *r)
{
	return (struct schema_instance){
		.parent = r->at, .index = SIZE_MAX, .depth = r->at->depth + 1};
}

static bool next_member(const struct schema_rule *r, void **position, struct schema_instance *part)
{
	part->index++;
	return is_object(r) && json_next(r->at->value, position, &part->key, &part->value);
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_properties(const struct schema_rule *r)
{
	struct schema_instance part = member_walk(r);
	void *position = NULL;

	if (!schema_spend(r->c, json_count(r->at->value)))
		return false;
	while (next_member(r, &position, &part)) {
		const struct json *schema = json_member(r->value, part.key);

		if (!schema)
			continue;
		mark(r, part.index);
		if (!schema_fits_part(r, schema, &part))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_pattern_properties(const struct schema_rule *r)
{
	void *at_pattern = NULL;
	const char *text;
	const struct json *schema;

	while (json_next(r->value, &at_pattern, &text, &schema)) {
		const struct pattern *p = schema_pattern(r->c, text);
		struct schema_instance part = member_walk(r);
		void *position = NULL;

		if (!p)
			return false;
		while (next_member(r, &position, &part)) {
			if (!schema_pattern_fits(r->c, p, part.key))
				continue;
			mark(r, part.index);
			if (!schema_fits_part(r, schema, &part))
				return false;
		}
	}
	return true;
}

/* Does one of the patterns name this member? */
static bool is_named_by_pattern(const struct schema_rule *r, const struct json *patterns,
				const char *key)
{
	void *position = NULL;
	const char *text;
	const struct json *schema;

	while (patterns && json_next(patterns, &position, &text, &schema)) {
		const struct pattern *p = schema_pattern(r->c, text);

		if (p && schema_pattern_fits(r->c, p, key))
			return true;
	}
	return false;
}

/* What `additionalProperties` or `unevaluatedProperties` says of one member. */
/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
static bool fits_other(const struct schema_rule *r, const struct schema_instance *part)
{
	mark(r, part->index);
	if (json_kind(r->value) == JSON_KIND_BOOL)
		return json_bool(r->value) || schema_misfit(r, "'%s' is not known", part->key);
	return schema_fits_part(r, r->value, part);
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_additional_properties(const struct schema_rule *r)
{
	const struct json *properties = json_member(r->schema, "properties");
	const struct json *patterns = json_member(r->schema, "patternProperties");
	struct schema_instance part = member_walk(r);
	void *position = NULL;

	if (!schema_spend(r->c, json_count(r->at->value)))
		return false;
	while (next_member(r, &position, &part)) {
		if ((properties && json_member(properties, part.key)) ||
		    is_named_by_pattern(r, patterns, part.key))
			continue;
		if (!fits_other(r, &part))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_unevaluated_properties(const struct schema_rule *r)
{
	struct schema_instance part = member_walk(r);
	void *position = NULL;

	while (next_member(r, &position, &part))
		if (!is_marked(r, part.index) && !fits_other(r, &part))
			return false;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the walk has a depth */
bool schema_fits_property_names(const struct schema_rule *r)
{
	struct schema_instance part = member_walk(r);
	void *position = NULL;

	while (next_member(r, &position, &part)) {
		auto_json struct json *name = json_text_new(part.key);
		const struct schema_instance at = {
			.value = name, .parent = r->at, .key = part.key, .depth = r->at->depth + 1};

		if (!schema_fits_part(r, r->value, &at))
			return false;
	}
	return true;
}
