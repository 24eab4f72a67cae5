/* SPDX-License-Identifier: MIT */
#include "lib/spec/value.h"

#include "lib/base/memory.h"
#include "lib/spec/spec_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond it nothing more is looked at: unions of unions would take for ever. */
enum { VALUES_MAX = 200000 };

/* Longer texts are not matched here: the C library's engine needs memory for every character. */
enum { PATTERN_TEXT_MAX = 64 * 1024 };

/* One document on its way. */
struct value_check {
	const struct value_rules *rules;
	size_t n_misfits;
	size_t n_values; /* looked at */
	bool is_silent;  /* only counted */
};

static void add_misfit(struct value_check *v, const char *name, const char *problem)
{
	v->n_misfits++;
	if (!v->is_silent && v->rules->on_misfit)
		v->rules->on_misfit(v->rules->context, name, problem);
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

/* As the runtime does it: with room for what decimal fractions lose in binary. */
static bool is_multiple(double value, double step)
{
	double times = value / step;

	if (fabs(times) >= 0x1p53) /* the room is wider than a step */
		return true;
	double nearest = (double)(int64_t)(times + (times < 0 ? -0.5 : 0.5));

	return fabs(value - nearest * step) <= fabs(value) / 1e9;
}

static void check_number(struct value_check *v, const struct field_schema *s, const char *name,
			 double value)
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
	else if (s->multiple_of && strtod(s->multiple_of, NULL) > 0 &&
		 !is_multiple(value, strtod(s->multiple_of, NULL)))
		text_addf(&problem, "must be a multiple of %s", s->multiple_of);
	if (problem.len > 0)
		add_misfit(v, name, text_str(&problem));
}

static void check_length(struct value_check *v, const struct field_schema *s, const char *name,
			 size_t n, const char *unit)
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

static void check_text(struct value_check *v, const struct field_schema *s, const char *name,
		       const char *value)
{
	check_length(v, s, name, utf8_count(value, strlen(value)), "character");
	if (s->pattern && strlen(value) <= PATTERN_TEXT_MAX &&
	    !spec_pattern_fits(s->pattern, value))
		add_misfit(v, name, "does not match the pattern");
}

static void check_file(struct value_check *v, const struct field_schema *s, const char *name,
		       const char *value)
{
	size_t len = strlen(value);
	size_t padding = 0;
	bool is_base64 = len % 4 == 0;

	while (padding < 2 && padding < len && value[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len - padding; i++) {
		char c = value[i];
		bool is_digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
				(c >= '0' && c <= '9') || c == '+' || c == '/';

		is_base64 = is_base64 && is_digit;
	}
	if (!is_base64)
		add_misfit(v, name, "must be base64");
	else
		check_length(v, s, name, len / 4 * 3 - padding, "byte");
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

static void check_object(struct value_check *v, const struct field_schemas *schemas,
			 const struct json *object);
static void check_value(struct value_check *v, const struct field_schema *s, const char *name,
			const struct json *value);

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void check_union(struct value_check *v, const struct field_schema *s, const char *name,
			const struct json *value)
{
	size_t n_before = v->n_misfits;
	bool was_silent = v->is_silent;
	bool fits = false;

	v->is_silent = true;
	for (size_t i = 0; i < s->any_of.n && !fits; i++) {
		v->n_misfits = n_before;
		check_value(v, &s->any_of.items[i], name, value);
		fits = v->n_misfits == n_before;
	}
	v->n_misfits = n_before;
	v->is_silent = was_silent;
	if (!fits)
		add_misfit(v, name, "is none of what 'any_of' allows");
}

/* What a value of the right type must be besides. */
/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void check_rules(struct value_check *v, const struct field_schema *s, const char *name,
			const struct json *value)
{
	switch (s->type) {
	case SCHEMA_INTEGER:
	case SCHEMA_NUMBER:
		check_number(v, s, name, json_real_of(value));
		break;
	case SCHEMA_STRING:
		check_text(v, s, name, json_text(value));
		break;
	case SCHEMA_FILE:
		check_file(v, s, name, json_text(value));
		break;
	case SCHEMA_ARRAY:
		check_length(v, s, name, json_count(value), "item");
		for (size_t i = 0; s->items && i < json_count(value); i++)
			check_value(v, s->items, name, json_at(value, i));
		break;
	case SCHEMA_OBJECT:
		if (s->properties.n > 0)
			check_object(v, &s->properties, value);
		break;
	case SCHEMA_UNION:
		check_union(v, s, name, value);
		break;
	case SCHEMA_BOOLEAN:
	case SCHEMA_ANY:
		break;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void check_value(struct value_check *v, const struct field_schema *s, const char *name,
			const struct json *value)
{
	static const char *const wanted[] = {
		[SCHEMA_STRING] = "text",         [SCHEMA_INTEGER] = "a whole number",
		[SCHEMA_NUMBER] = "a number",     [SCHEMA_BOOLEAN] = "true or false",
		[SCHEMA_ARRAY] = "a list",        [SCHEMA_OBJECT] = "a mapping",
		[SCHEMA_ANY] = "any value",       [SCHEMA_FILE] = "base64 text",
		[SCHEMA_UNION] = "one of several"};

	if (v->n_values++ >= VALUES_MAX)
		return;
	if (json_kind(value) == JSON_KIND_NULL && s->type != SCHEMA_ANY) {
		if (!s->is_nullable)
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
	if (s->enum_json.n == 0 || is_in_enum(s, value))
		check_rules(v, s, name, value);
	else if (json_kind(value) != JSON_KIND_NULL || !s->is_nullable)
		add_misfit(v, name, "is not among the allowed values");
}

const struct field_schema *spec_find_field(const struct field_schemas *fields, const char *name)
{
	for (size_t i = 0; i < fields->n; i++)
		if (fields->items[i].name && strcmp(fields->items[i].name, name) == 0)
			return &fields->items[i];
	return NULL;
}

static bool has_member(const struct json *object, const char *name)
{
	void *position = NULL;
	const char *key;
	const struct json *value;

	while (json_next(object, &position, &key, &value))
		if (strcmp(key, name) == 0)
			return true;
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void check_object(struct value_check *v, const struct field_schemas *schemas,
			 const struct json *object)
{
	void *position = NULL;
	const char *key;
	const struct json *value;

	while (json_next(object, &position, &key, &value)) {
		const struct field_schema *s = spec_find_field(schemas, key);

		if (s)
			check_value(v, s, key, value);
		else if (v->rules->refuses_unknown && !v->is_silent)
			add_misfit(v, key, "is not a field of the input");
	}
	for (size_t i = 0; i < schemas->n; i++) {
		const struct field_schema *s = &schemas->items[i];

		if (s->is_required && s->name && !has_member(object, s->name))
			add_misfit(v, s->name, "is missing");
	}
}

bool value_fits_fields(const struct json *object, const struct field_schemas *fields,
		       const struct value_rules *rules)
{
	struct value_check v = {.rules = rules};

	check_object(&v, fields, object);
	return v.n_misfits == 0;
}

bool value_fits_field(const struct json *value, const struct field_schema *field, const char *name,
		      const struct value_rules *rules)
{
	struct value_check v = {.rules = rules};

	check_value(&v, field, name, value);
	return v.n_misfits == 0;
}
