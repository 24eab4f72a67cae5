/* SPDX-License-Identifier: MIT
 * Input fields: do their rules make sense, and do examples satisfy them? The same answers that the
 * running chute gives.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/memory.h"
#include "lib/data/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_numeric(enum schema_type type)
{
	return type == SCHEMA_INTEGER || type == SCHEMA_NUMBER;
}

/* Rules that say nothing about a value of this type. */
static void check_fitting(struct spec_checker *c, const struct field_schema *s)
{
	const struct {
		const char *key;
		bool is_set;
		bool is_fitting;
	} rules[] = {
		{"ge", s->ge, is_numeric(s->type)},
		{"gt", s->gt, is_numeric(s->type)},
		{"le", s->le, is_numeric(s->type)},
		{"lt", s->lt, is_numeric(s->type)},
		{"multiple_of", s->multiple_of, is_numeric(s->type)},
		{"min_length", s->min_length >= 0,
		 s->type == SCHEMA_STRING || s->type == SCHEMA_ARRAY},
		{"max_length", s->max_length >= 0,
		 s->type == SCHEMA_STRING || s->type == SCHEMA_ARRAY},
		{"pattern", s->pattern, s->type == SCHEMA_STRING},
		{"format", s->format, s->type == SCHEMA_STRING},
		{"items", s->items, s->type == SCHEMA_ARRAY},
		{"properties", s->properties.n > 0, s->type == SCHEMA_OBJECT},
	};

	for (size_t i = 0; i < array_len(rules); i++)
		if (rules[i].is_set && !rules[i].is_fitting)
			field_finding(&c->reader, "E207", s->place,
				      "'%s' means nothing for a field of this type", rules[i].key);
}

/* Is there any number between the limits? */
static void check_range(struct spec_checker *c, const struct field_schema *s)
{
	double low = s->ge ? strtod(s->ge, NULL) : s->gt ? strtod(s->gt, NULL) : -INFINITY;
	double high = s->le ? strtod(s->le, NULL) : s->lt ? strtod(s->lt, NULL) : INFINITY;
	bool is_open = (!s->ge && s->gt) || (!s->le && s->lt);

	if (low > high || (low == high && is_open))
		field_finding(&c->reader, "E207", s->place, "the limits leave no value");
}

static void check_limits(struct spec_checker *c, const struct field_schema *s)
{
	check_range(c, s);
	if (s->ge && s->gt)
		field_finding(&c->reader, "E207", s->place, "'ge' stands beside 'gt'");
	if (s->le && s->lt)
		field_finding(&c->reader, "E207", s->place, "'le' stands beside 'lt'");
	if (s->max_length >= 0 && s->min_length > s->max_length)
		field_finding(&c->reader, "E207", s->place,
			      "'min_length' is more than 'max_length'");
	if (s->multiple_of && strtod(s->multiple_of, NULL) <= 0)
		field_finding(&c->reader, "E207", s->place, "'multiple_of' must be more than 0");
}

struct value_check {
	struct spec_checker *c;
	const char *what; /* "example" */
	struct place place;
};

static void add_misfit(const struct value_check *v, const char *name, const char *problem)
{
	field_finding(&v->c->reader, "E206", v->place, "%s: '%s' %s", v->what, name, problem);
}

static size_t count_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool is_of_type(const struct json *value, enum schema_type type)
{
	enum json_kind kind = json_kind(value);

	switch (type) {
	case SCHEMA_STRING:
	case SCHEMA_FILE:
		return kind == JSON_KIND_TEXT;
	case SCHEMA_INTEGER:
		return kind == JSON_KIND_INTEGER;
	case SCHEMA_NUMBER:
		return kind == JSON_KIND_INTEGER || kind == JSON_KIND_REAL;
	case SCHEMA_BOOLEAN:
		return kind == JSON_KIND_BOOL;
	case SCHEMA_ARRAY:
		return kind == JSON_KIND_LIST;
	case SCHEMA_OBJECT:
		return kind == JSON_KIND_OBJECT;
	case SCHEMA_ANY:
	case SCHEMA_UNION:
		break;
	}
	return true;
}

static void check_number(const struct value_check *v, const struct field_schema *s,
			 const char *name, double value)
{
	auto_text problem = {0};

	if (s->ge && value < strtod(s->ge, NULL))
		text_addf(&problem, "must be at least %s", s->ge);
	else if (s->gt && value <= strtod(s->gt, NULL))
		text_addf(&problem, "must be more than %s", s->gt);
	else if (s->le && value > strtod(s->le, NULL))
		text_addf(&problem, "must be at most %s", s->le);
	else if (s->lt && value >= strtod(s->lt, NULL))
		text_addf(&problem, "must be less than %s", s->lt);
	else if (s->multiple_of) {
		double step = strtod(s->multiple_of, NULL);

		/* decimal fractions are not exact in binary */
		if (step > 0 && fabs(remainder(value, step)) > 1e-9 * fabs(step))
			text_addf(&problem, "must be a multiple of %s", s->multiple_of);
	}
	if (problem.len > 0)
		add_misfit(v, name, text_str(&problem));
}

static void check_length(const struct value_check *v, const struct field_schema *s,
			 const char *name, size_t n, const char *unit)
{
	auto_text problem = {0};

	if (s->min_length >= 0 && n < (size_t)s->min_length)
		text_addf(&problem, "has %zu %s%s, fewer than %lld", n, unit, n == 1 ? "" : "s",
			  (long long)s->min_length);
	else if (s->max_length >= 0 && n > (size_t)s->max_length)
		text_addf(&problem, "has %zu %s%s, more than %lld", n, unit, n == 1 ? "" : "s",
			  (long long)s->max_length);
	if (problem.len > 0)
		add_misfit(v, name, text_str(&problem));
}

static bool is_in_enum(const struct field_schema *s, const struct json *value)
{
	auto_text written = {0};

	json_write(value, &written);
	for (size_t i = 0; i < s->enum_json.n; i++)
		if (strcmp(s->enum_json.items[i], text_str(&written)) == 0)
			return true;
	return false;
}

static void check_object(const struct value_check *v, const struct field_schemas *schemas,
			 const struct json *object);

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void check_value(const struct value_check *v, const struct field_schema *s, const char *name,
			const struct json *value)
{
	static const char *const wanted[] = {
		[SCHEMA_STRING] = "text",     [SCHEMA_INTEGER] = "a whole number",
		[SCHEMA_NUMBER] = "a number", [SCHEMA_BOOLEAN] = "true or false",
		[SCHEMA_ARRAY] = "a list",    [SCHEMA_OBJECT] = "a mapping",
		[SCHEMA_ANY] = "any value",
	};

	if (json_kind(value) == JSON_KIND_NULL) {
		if (!s->is_nullable && s->type != SCHEMA_ANY)
			add_misfit(v, name, "must not be null");
		return;
	}
	if (!is_of_type(value, s->type)) {
		const char *is = json_kind(value) == JSON_KIND_REAL
					 ? "a decimal number"
					 : json_kind_name(json_kind(value));
		auto_free char *problem = xprintf("must be %s, not %s", wanted[s->type], is);

		add_misfit(v, name, problem);
		return;
	}
	if (s->enum_json.n > 0 && !is_in_enum(s, value))
		add_misfit(v, name, "is not among the allowed values");
	if (is_numeric(s->type))
		check_number(v, s, name, json_real_of(value));
	else if (s->type == SCHEMA_STRING)
		check_length(v, s, name, count_characters(json_text(value)), "character");
	else if (s->type == SCHEMA_ARRAY)
		check_length(v, s, name, json_count(value), "item");
	else if (s->type == SCHEMA_OBJECT && s->properties.n > 0)
		check_object(v, &s->properties, value);
	for (size_t i = 0; s->type == SCHEMA_ARRAY && s->items && i < json_count(value); i++)
		check_value(v, s->items, name, json_at(value, i));
}

static const struct field_schema *find_schema(const struct field_schemas *schemas, const char *name)
{
	for (size_t i = 0; i < schemas->n; i++)
		if (schemas->items[i].name && strcmp(schemas->items[i].name, name) == 0)
			return &schemas->items[i];
	return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void check_object(const struct value_check *v, const struct field_schemas *schemas,
			 const struct json *object)
{
	void *position = NULL;
	const char *key;
	const struct json *value;

	while (json_next(object, &position, &key, &value)) {
		const struct field_schema *s = find_schema(schemas, key);

		if (s)
			check_value(v, s, key, value);
		else
			add_misfit(v, key, "is not a field of the input");
	}
	for (size_t i = 0; i < schemas->n; i++) {
		const struct field_schema *s = &schemas->items[i];
		bool is_there = false;

		position = NULL;
		while (s->is_required && json_next(object, &position, &key, &value))
			is_there = is_there || strcmp(key, s->name) == 0;
		if (s->is_required && !is_there)
			add_misfit(v, s->name, "is missing");
	}
}

/* JSON that the reader has written; NULL when our own limits refuse it. */
static struct json *parse(const char *text)
{
	struct json *json = NULL;
	struct error ignored; /* such as a document deeper than replies may be */

	return json_parse(text, strlen(text), YAML_MAX_BYTES, &json, &ignored) ? json : NULL;
}

void spec_check_value(struct spec_checker *c, const struct field_schemas *schemas,
		      const char *json_text, struct place place, const char *what)
{
	const struct value_check v = {c, what, place};
	auto_json struct json *json = parse(json_text);

	if (!json)
		return;
	if (json_kind(json) == JSON_KIND_OBJECT)
		check_object(&v, schemas, json);
	else
		field_finding(&c->reader, "E206", place, "%s: the input must be a mapping, not %s",
			      what, json_kind_name(json_kind(json)));
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static void check_schema(struct spec_checker *c, const struct field_schema *s)
{
	const struct value_check v = {c, "default", s->place};

	check_fitting(c, s);
	check_limits(c, s);
	if (s->is_required && s->default_json)
		finding_hint(field_finding(&c->reader, "E207", s->place,
					   "a required field has no use for a default"),
			     "remove one of the two");
	auto_json struct json *json = s->default_json ? parse(s->default_json) : NULL;

	if (json)
		check_value(&v, s, s->name ? s->name : "items", json);
	if (s->items)
		check_schema(c, s->items);
	spec_check_schemas(c, &s->properties);
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
void spec_check_schemas(struct spec_checker *c, const struct field_schemas *schemas)
{
	for (size_t i = 0; i < schemas->n; i++)
		check_schema(c, &schemas->items[i]);
}
