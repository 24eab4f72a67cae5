/* SPDX-License-Identifier: MIT
 * Keywords that say what a value must be.
 */
#include "lib/base/memory.h"
#include "lib/data/json_number.h"
#include "lib/data/json_schema_internal.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 60 };

static enum json_kind kind_at(const struct schema_rule *r) { return json_kind(r->at->value); }

/* "5 is more than 3" */
static bool misfit_values(const struct schema_rule *r, const char *between)
{
	auto_text is = {0};
	auto_text wanted = {0};

	json_add_shown(r->at->value, SHOWN, &is);
	json_add_shown(r->value, SHOWN, &wanted);
	return schema_misfit(r, "%s %s %s", text_str(&is), between, text_str(&wanted));
}

/* --- any value */

static bool is_of_type(const struct json *value, const char *type)
{
	static const struct {
		const char *name;
		enum json_kind kind;
	} types[] = {{"null", JSON_KIND_NULL},
		     {"boolean", JSON_KIND_BOOL},
		     {"string", JSON_KIND_TEXT},
		     {"array", JSON_KIND_LIST},
		     {"object", JSON_KIND_OBJECT}};

	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "integer") == 0)
		return json_is_number(value) && json_is_whole(value);
	for (size_t i = 0; i < array_len(types); i++)
		if (strcmp(types[i].name, type) == 0)
			return json_kind(value) == types[i].kind;
	return false;
}

static const char *type_name(const char *type)
{
	static const char *const names[][2] = {
		{"null", "null"},          {"boolean", "a boolean"}, {"string", "a string"},
		{"array", "a list"},       {"object", "an object"},  {"number", "a number"},
		{"integer", "an integer"},
	};

	for (size_t i = 0; i < array_len(names); i++)
		if (strcmp(names[i][0], type) == 0)
			return names[i][1];
	return NULL;
}

bool schema_fits_type(const struct schema_rule *r)
{
	bool is_list = json_kind(r->value) == JSON_KIND_LIST;
	size_t n = is_list ? json_count(r->value) : 1;
	auto_text wanted = {0};

	for (size_t i = 0; i < n; i++) {
		const char *type = json_text(is_list ? json_at(r->value, i) : r->value);

		if (!type_name(type))
			return schema_broken(r->c, "in the schema there is no type '%s'", type);
		if (is_of_type(r->at->value, type))
			return true;
		text_addf(&wanted, "%s%s", i > 0 ? " or " : "", type_name(type));
	}
	return schema_misfit(r, "must be %s, not %s", text_str(&wanted),
			     json_kind_name(kind_at(r)));
}

bool schema_fits_enum(const struct schema_rule *r)
{
	size_t work = 0;
	bool is_one = false;

	for (size_t i = 0; i < json_count(r->value) && !is_one; i++)
		is_one = json_is_equal(r->at->value, json_at(r->value, i), &work);
	/* also when it fits: the next item of a long list may be compared as often */
	return schema_spend(r->c, work) && (is_one || misfit_values(r, "is not one of"));
}

bool schema_fits_const(const struct schema_rule *r)
{
	size_t work = 0;

	return json_is_equal(r->at->value, r->value, &work) || misfit_values(r, "is not");
}

/* --- numbers */

bool schema_fits_multiple(const struct schema_rule *r)
{
	return !json_is_number(r->at->value) || json_is_multiple(r->at->value, r->value) ||
	       misfit_values(r, "is not a multiple of");
}

bool schema_fits_maximum(const struct schema_rule *r)
{
	return !json_is_number(r->at->value) || json_compare_numbers(r->at->value, r->value) <= 0 ||
	       misfit_values(r, "is more than");
}

bool schema_fits_exclusive_maximum(const struct schema_rule *r)
{
	return !json_is_number(r->at->value) || json_compare_numbers(r->at->value, r->value) < 0 ||
	       misfit_values(r, "is not less than");
}

bool schema_fits_minimum(const struct schema_rule *r)
{
	return !json_is_number(r->at->value) || json_compare_numbers(r->at->value, r->value) >= 0 ||
	       misfit_values(r, "is less than");
}

bool schema_fits_exclusive_minimum(const struct schema_rule *r)
{
	return !json_is_number(r->at->value) || json_compare_numbers(r->at->value, r->value) > 0 ||
	       misfit_values(r, "is not more than");
}

/* --- how many */

static bool fits_count(const struct schema_rule *r, size_t n, bool is_most, const char *unit)
{
	double limit = json_real_of(r->value);

	if (is_most ? (double)n <= limit : (double)n >= limit)
		return true;
	return schema_misfit(r, "has %zu %s%s, %s than %.0f", n, unit, n == 1 ? "" : "s",
			     is_most ? "more" : "fewer", limit);
}

static bool fits_length(const struct schema_rule *r, bool is_most)
{
	const char *text = json_text(r->at->value);

	return !text || fits_count(r, utf8_count(text, strlen(text)), is_most, "character");
}

bool schema_fits_max_length(const struct schema_rule *r) { return fits_length(r, true); }

bool schema_fits_min_length(const struct schema_rule *r) { return fits_length(r, false); }

bool schema_fits_pattern(const struct schema_rule *r)
{
	const struct pattern *p = schema_pattern(r->c, json_text(r->value));

	if (!p)
		return false;
	return kind_at(r) != JSON_KIND_TEXT ||
	       schema_pattern_fits(r->c, p, json_text(r->at->value)) ||
	       misfit_values(r, "does not match the pattern");
}

bool schema_fits_max_items(const struct schema_rule *r)
{
	return kind_at(r) != JSON_KIND_LIST ||
	       fits_count(r, json_count(r->at->value), true, "item");
}

bool schema_fits_min_items(const struct schema_rule *r)
{
	return kind_at(r) != JSON_KIND_LIST ||
	       fits_count(r, json_count(r->at->value), false, "item");
}

bool schema_fits_max_properties(const struct schema_rule *r)
{
	return kind_at(r) != JSON_KIND_OBJECT ||
	       fits_count(r, json_count(r->at->value), true, "member");
}

bool schema_fits_min_properties(const struct schema_rule *r)
{
	return kind_at(r) != JSON_KIND_OBJECT ||
	       fits_count(r, json_count(r->at->value), false, "member");
}

struct hashed {
	uint64_t hash;
	size_t index;
};

static int compare_hashed(const void *a, const void *b)
{
	const struct hashed *x = a;
	const struct hashed *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* The same hash is the same value, but for accidents and for who seeks them. */
static bool is_repeated(const struct schema_rule *r, const struct hashed *items, size_t i)
{
	const struct json *list = r->at->value;

	for (size_t k = i; k-- > 0 && items[k].hash == items[i].hash;) {
		size_t work = 0;
		bool is_equal = json_is_equal(json_at(list, items[k].index),
					      json_at(list, items[i].index), &work);

		if (is_equal || !schema_spend(r->c, work))
			return !schema_misfit(r, "items %zu and %zu are the same", items[k].index,
					      items[i].index);
	}
	return false;
}

bool schema_fits_unique(const struct schema_rule *r)
{
	const struct json *list = r->at->value;
	size_t n = json_count(list);
	size_t work = 0;

	if (!json_bool(r->value) || json_kind(list) != JSON_KIND_LIST || n < 2)
		return true;
	auto_free struct hashed *items = xcalloc(n, sizeof(*items));

	for (size_t i = 0; i < n; i++)
		items[i] = (struct hashed){json_hash(json_at(list, i), &work), i};
	if (!schema_spend(r->c, work))
		return false;
	qsort(items, n, sizeof(*items), compare_hashed);
	for (size_t i = 1; i < n; i++)
		if (is_repeated(r, items, i))
			return false;
	return true;
}

/* --- names */

static bool fits_names(const struct schema_rule *r, const struct json *names, const char *because)
{
	for (size_t i = 0; i < json_count(names); i++) {
		const char *name = json_text(json_at(names, i));

		if (json_member(r->at->value, name))
			continue;
		if (because)
			return schema_misfit(r, "'%s' is missing beside '%s'", name, because);
		return schema_misfit(r, "'%s' is missing", name);
	}
	return true;
}

bool schema_fits_required(const struct schema_rule *r)
{
	return kind_at(r) != JSON_KIND_OBJECT ||
	       (schema_spend(r->c, json_count(r->value)) && fits_names(r, r->value, NULL));
}

bool schema_fits_dependent_required(const struct schema_rule *r)
{
	void *position = NULL;
	const char *key;
	const struct json *names;

	while (kind_at(r) == JSON_KIND_OBJECT && json_next(r->value, &position, &key, &names))
		if (json_member(r->at->value, key) &&
		    (!schema_spend(r->c, json_count(names)) || !fits_names(r, names, key)))
			return false;
	return true;
}
