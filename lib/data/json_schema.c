/* SPDX-License-Identifier: MIT
 * The check itself: the table of keywords, and the walk over it.
 */
#include "lib/data/json_schema.h"

#include "lib/base/memory.h"
#include "lib/data/json_number.h"
#include "lib/data/json_schema_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	WORK_MAX = 20000000, /* some seconds */
	DEPTH_MAX = 256,     /* schemas within schemas; documents have 64 levels */
	PATTERN_WORK = 16,   /* so many steps of a pattern cost as much as one of ours */
};

const struct schema_keyword schema_keywords[] = {
	{"$id", SCHEMA_IS_TEXT, NULL},
	{"$anchor", SCHEMA_IS_TEXT, NULL},
	{"$dynamicAnchor", SCHEMA_IS_TEXT, NULL},
	{"$defs", SCHEMA_IS_MAP, NULL},
	{"definitions", SCHEMA_IS_MAP, NULL}, /* of older drafts, in many documents */
	{"contentSchema", SCHEMA_IS_SCHEMA, NULL},
	{"$ref", SCHEMA_IS_TEXT, schema_fits_ref},
	{"$dynamicRef", SCHEMA_IS_TEXT, schema_fits_dynamic_ref},
	{"type", SCHEMA_IS_TEXT | SCHEMA_IS_TEXTS, schema_fits_type},
	{"enum", SCHEMA_IS_LIST, schema_fits_enum},
	{"const", SCHEMA_IS_ANY, schema_fits_const},
	{"multipleOf", SCHEMA_IS_NUMBER, schema_fits_multiple},
	{"maximum", SCHEMA_IS_NUMBER, schema_fits_maximum},
	{"exclusiveMaximum", SCHEMA_IS_NUMBER, schema_fits_exclusive_maximum},
	{"minimum", SCHEMA_IS_NUMBER, schema_fits_minimum},
	{"exclusiveMinimum", SCHEMA_IS_NUMBER, schema_fits_exclusive_minimum},
	{"maxLength", SCHEMA_IS_COUNT, schema_fits_max_length},
	{"minLength", SCHEMA_IS_COUNT, schema_fits_min_length},
	{"pattern", SCHEMA_IS_TEXT, schema_fits_pattern},
	{"maxItems", SCHEMA_IS_COUNT, schema_fits_max_items},
	{"minItems", SCHEMA_IS_COUNT, schema_fits_min_items},
	{"uniqueItems", SCHEMA_IS_BOOL, schema_fits_unique},
	{"maxProperties", SCHEMA_IS_COUNT, schema_fits_max_properties},
	{"minProperties", SCHEMA_IS_COUNT, schema_fits_min_properties},
	{"required", SCHEMA_IS_TEXTS, schema_fits_required},
	{"dependentRequired", SCHEMA_IS_TEXTS_MAP, schema_fits_dependent_required},
	{"prefixItems", SCHEMA_IS_SCHEMAS, schema_fits_prefix_items},
	{"items", SCHEMA_IS_SCHEMA, schema_fits_items},
	{"contains", SCHEMA_IS_SCHEMA, schema_fits_contains},
	{"maxContains", SCHEMA_IS_COUNT, NULL}, /* of contains */
	{"minContains", SCHEMA_IS_COUNT, NULL},
	{"properties", SCHEMA_IS_MAP, schema_fits_properties},
	{"patternProperties", SCHEMA_IS_MAP, schema_fits_pattern_properties},
	{"additionalProperties", SCHEMA_IS_SCHEMA, schema_fits_additional_properties},
	{"propertyNames", SCHEMA_IS_SCHEMA, schema_fits_property_names},
	{"allOf", SCHEMA_IS_SCHEMAS, schema_fits_all_of},
	{"anyOf", SCHEMA_IS_SCHEMAS, schema_fits_any_of},
	{"oneOf", SCHEMA_IS_SCHEMAS, schema_fits_one_of},
	{"not", SCHEMA_IS_SCHEMA, schema_fits_not},
	{"if", SCHEMA_IS_SCHEMA, schema_fits_if},
	{"then", SCHEMA_IS_SCHEMA, NULL}, /* of if */
	{"else", SCHEMA_IS_SCHEMA, NULL},
	{"dependentSchemas", SCHEMA_IS_MAP, schema_fits_dependent_schemas},
	/* last: they ask what all others have looked at */
	{"unevaluatedItems", SCHEMA_IS_SCHEMA, schema_fits_unevaluated_items},
	{"unevaluatedProperties", SCHEMA_IS_SCHEMA, schema_fits_unevaluated_properties},
	{NULL, 0, NULL},
};

bool schema_broken(struct schema_check *c, const char *fmt, ...)
{
	if (c->is_broken)
		return false;
	auto_text raw = {0};
	auto_text shown = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&raw, fmt, args);
	va_end(args);
	text_add_printable(&shown, text_str(&raw), raw.len, false);
	c->is_broken = true;
	return fail(c->err, ERROR_SPEC, "%s", text_str(&shown));
}

bool schema_spend(struct schema_check *c, size_t n)
{
	if (c->is_broken)
		return false;
	if (n > WORK_MAX - c->work)
		return schema_broken(c, "the schema is too much work for this value");
	c->work += n;
	return true;
}

/* "/a/0/b" */
static void add_pointer(const struct schema_instance *at, struct text *out)
{
	const struct schema_instance *way[DEPTH_MAX + 1];
	size_t n = 0;

	for (; at->parent && n < array_len(way); at = at->parent)
		way[n++] = at;
	while (n > 0) {
		at = way[--n];
		text_add_char(out, '/');
		if (!at->key)
			text_addf(out, "%zu", at->index);
		for (const char *c = at->key; c && *c; c++)
			if (*c == '~')
				text_add(out, "~0");
			else if (*c == '/')
				text_add(out, "~1");
			else
				text_add_char(out, *c);
	}
}

bool schema_misfit(const struct schema_rule *r, const char *fmt, ...)
{
	struct schema_check *c = r->c;
	va_list args;

	if (c->n_silent > 0 || c->is_broken)
		return false;
	text_clear(&c->problem);
	add_pointer(r->at, &c->problem);
	if (c->problem.len > 0)
		text_add(&c->problem, ": ");
	va_start(args, fmt);
	text_addv(&c->problem, fmt, args);
	va_end(args);
	c->problem_depth = r->at->depth;
	return false;
}

const struct pattern *schema_pattern(struct schema_check *c, const char *text)
{
	for (size_t i = 0; i < c->n_patterns; i++)
		if (c->patterns[i].text == text)
			return c->patterns[i].pattern;
	struct pattern *parsed = NULL;
	struct error problem;

	if (!pattern_parse(text, &parsed, &problem)) {
		schema_broken(c, "the pattern '%.100s' %s", text, problem.message);
		return NULL;
	}
	c->patterns =
		list_grow(c->patterns, c->n_patterns, &c->patterns_capacity, sizeof(*c->patterns));
	c->patterns[c->n_patterns++] = (struct schema_pattern){text, parsed};
	return parsed;
}

bool schema_pattern_fits(struct schema_check *c, const struct pattern *p, const char *text)
{
	size_t len = strlen(text);

	/* each character may be at every step; many texts are short, many patterns fail at once */
	return schema_spend(c, (len + 1) * (1 + pattern_steps(p) / PATTERN_WORK)) &&
	       pattern_fits(p, text, len);
}

/* --- forms */

static bool are_texts(const struct json *list)
{
	if (json_kind(list) != JSON_KIND_LIST)
		return false;
	for (size_t i = 0; i < json_count(list); i++)
		if (json_kind(json_at(list, i)) != JSON_KIND_TEXT)
			return false;
	return true;
}

static bool are_texts_map(const struct json *map)
{
	void *position = NULL;
	const char *key;
	const struct json *value;

	while (json_next(map, &position, &key, &value))
		if (!are_texts(value))
			return false;
	return json_kind(map) == JSON_KIND_OBJECT;
}

static bool is_schema(const struct json *value)
{
	return json_kind(value) == JSON_KIND_OBJECT || json_kind(value) == JSON_KIND_BOOL;
}

static bool is_of_form(const struct json *value, unsigned form)
{
	enum json_kind kind = json_kind(value);

	switch (form) {
	case SCHEMA_IS_NUMBER:
		return json_is_number(value);
	case SCHEMA_IS_COUNT:
		return json_is_number(value) && json_is_whole(value) && json_real_of(value) >= 0;
	case SCHEMA_IS_TEXT:
		return kind == JSON_KIND_TEXT;
	case SCHEMA_IS_TEXTS:
		return are_texts(value);
	case SCHEMA_IS_LIST:
		return kind == JSON_KIND_LIST;
	case SCHEMA_IS_BOOL:
		return kind == JSON_KIND_BOOL;
	case SCHEMA_IS_SCHEMA:
		return is_schema(value);
	case SCHEMA_IS_SCHEMAS:
		return kind == JSON_KIND_LIST && json_count(value) > 0;
	case SCHEMA_IS_MAP:
		return kind == JSON_KIND_OBJECT;
	case SCHEMA_IS_TEXTS_MAP:
		return are_texts_map(value);
	default:
		return form == SCHEMA_IS_ANY;
	}
}

static bool check_form(struct schema_check *c, const struct schema_keyword *k,
		       const struct json *value)
{
	static const char *const names[] = {"a number",
					    "a count",
					    "a string",
					    "a list of strings",
					    "a list",
					    "true or false",
					    "a schema",
					    "a list of schemas",
					    "an object of schemas",
					    "any value",
					    "an object of lists of strings"};
	auto_text wanted = {0};

	for (size_t i = 0; i < array_len(names); i++) {
		unsigned form = 1U << i;

		if (!(k->forms & form))
			continue;
		if (is_of_form(value, form))
			return true;
		text_addf(&wanted, "%s%s", wanted.len ? " or " : "", names[i]);
	}
	return schema_broken(c, "in the schema '%s' must be %s, not %s", k->name, text_str(&wanted),
			     json_kind_name(json_kind(value)));
}

bool schema_check_forms(struct schema_check *c, const struct json *schema)
{
	for (const struct schema_keyword *k = schema_keywords; k->name; k++) {
		const struct json *value = json_member(schema, k->name);

		if (value && !check_form(c, k, value))
			return false;
	}
	const struct json *step = json_member(schema, "multipleOf");

	if (step && json_real_of(step) <= 0)
		return schema_broken(c, "in the schema 'multipleOf' must be more than 0");
	return true;
}

/* --- the walk */

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX */
static bool fits_keywords(struct schema_check *c, const struct json *schema,
			  const struct schema_scope *scope, const struct schema_instance *at,
			  struct schema_marks *marks)
{
	struct schema_rule rule = {c, schema, NULL, scope, at, marks};

	for (const struct schema_keyword *k = schema_keywords; k->name; k++) {
		rule.value = k->fits ? json_member(schema, k->name) : NULL;
		/* what a reference leads to may be no schema by its place */
		if (rule.value && (!check_form(c, k, rule.value) || !k->fits(&rule)))
			return false;
	}
	return !c->is_broken;
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX */
bool schema_fits(struct schema_check *c, const struct json *schema,
		 const struct schema_scope *scope, const struct schema_instance *at,
		 struct schema_marks *marks)
{
	const struct schema_rule self = {c, schema, schema, scope, at, marks};
	ptrdiff_t resource = -1;

	if (!schema_spend(c, 1 + json_count(schema)))
		return false;
	if (json_kind(schema) == JSON_KIND_BOOL)
		return json_bool(schema) || schema_misfit(&self, "nothing may be here");
	if (json_kind(schema) != JSON_KIND_OBJECT)
		return schema_broken(c, "a schema must be an object, true or false, not %s",
				     json_kind_name(json_kind(schema)));
	if (++c->depth > DEPTH_MAX)
		return schema_broken(c,
				     "the schema leads into itself without end, or is deeper "
				     "than %d",
				     DEPTH_MAX);
	if (json_member(schema, "$id"))
		resource = schema_find_resource(c, schema);
	const struct schema_scope own = {scope, resource < 0 ? 0 : (size_t)resource};
	bool fits = fits_keywords(c, schema, resource < 0 ? scope : &own, at, marks);

	c->depth--;
	return fits;
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX */
bool schema_fits_part(const struct schema_rule *r, const struct json *schema,
		      const struct schema_instance *at)
{
	struct schema_marks marks = {0};

	if (r->c->has_unevaluated) {
		marks.n = json_count(at->value);
		marks.is_seen = xcalloc(marks.n + 1, sizeof(*marks.is_seen));
		if (!schema_spend(r->c, marks.n / 8))
			marks.n = 0;
	}
	bool fits = schema_fits(r->c, schema, r->scope, at, &marks);

	/* a schema for the same value: what it has looked at counts for ours */
	for (size_t i = 0; fits && at == r->at && r->marks && r->marks->is_seen && i < marks.n; i++)
		r->marks->is_seen[i] |= marks.is_seen[i];
	free(marks.is_seen);
	return fits;
}

static void release(struct schema_check *c)
{
	for (size_t i = 0; i < c->n_resources; i++)
		free(c->resources[i].uri);
	for (size_t i = 0; i < c->n_patterns; i++)
		pattern_free(c->patterns[i].pattern);
	free(c->resources);
	free(c->anchors);
	free(c->patterns);
	text_release(&c->problem);
}

bool json_schema_check(const struct json *schema, const struct json *value, bool *fits,
		       struct text *where, struct error *err)
{
	__attribute__((cleanup(release))) struct schema_check c = {.err = err};
	const struct schema_instance whole = {.value = value};
	const struct schema_scope scope = {NULL, 0};
	const struct schema_rule start = {.c = &c, .scope = &scope};

	if (!schema_collect(&c, schema))
		return false;
	bool result = schema_fits_part(&start, schema, &whole);

	if (c.is_broken)
		return false;
	if (!result && where)
		text_add_printable(where, text_str(&c.problem), c.problem.len, false);
	*fits = result;
	return true;
}
