/* SPDX-License-Identifier: MIT
 * Do the rules of an input field make sense? What excludes itself, means nothing for the type, or
 * would keep the generated class from loading is found here.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_numeric(enum schema_type type)
{
	return type == SCHEMA_INTEGER || type == SCHEMA_NUMBER;
}

static bool has_length(enum schema_type type)
{
	return type == SCHEMA_STRING || type == SCHEMA_ARRAY || type == SCHEMA_FILE;
}

static struct finding *add(struct spec_checker *c, const struct field_schema *s,
			   const char *problem)
{
	return field_finding(&c->reader, "E207", s->place, "%s", problem);
}

/* Rules that say nothing about a value of this type. */
static void check_fitting(struct spec_checker *c, const struct field_schema *s)
{
	bool has_values = s->type != SCHEMA_FILE && s->type != SCHEMA_UNION;
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
		{"min_length", s->min_length >= 0, has_length(s->type)},
		{"max_length", s->max_length >= 0, has_length(s->type)},
		{"pattern", s->pattern, s->type == SCHEMA_STRING},
		{"format", s->format, s->type == SCHEMA_STRING},
		{"content_type", s->content_type, s->type == SCHEMA_FILE},
		{"enum", s->enum_json.n > 0, has_values},
		{"items", s->items, s->type == SCHEMA_ARRAY},
		{"properties", s->properties.n > 0, s->type == SCHEMA_OBJECT},
		{"type", yaml_find(s->node, "type"), s->type != SCHEMA_UNION},
	};

	for (size_t i = 0; i < array_len(rules); i++)
		if (rules[i].is_set && !rules[i].is_fitting)
			field_finding(&c->reader, "E207", s->place,
				      s->type == SCHEMA_UNION
					      ? "'%s' stands beside 'any_of'"
					      : "'%s' means nothing for a field of this type",
				      rules[i].key);
}

/* Is there any number between the limits? */
static void check_range(struct spec_checker *c, const struct field_schema *s)
{
	double low = s->ge ? strtod(s->ge, NULL) : s->gt ? strtod(s->gt, NULL) : -INFINITY;
	double high = s->le ? strtod(s->le, NULL) : s->lt ? strtod(s->lt, NULL) : INFINITY;
	bool is_open = (!s->ge && s->gt) || (!s->le && s->lt);

	if (low > high || (low == high && is_open))
		add(c, s, "the limits leave no value");
}

/* A limit of a whole number must be one: the generated class would not load. */
static void check_whole(struct spec_checker *c, const struct field_schema *s)
{
	const struct {
		const char *key, *text;
	} limits[] = {{"ge", s->ge},
		      {"gt", s->gt},
		      {"le", s->le},
		      {"lt", s->lt},
		      {"multiple_of", s->multiple_of}};

	for (size_t i = 0; s->type == SCHEMA_INTEGER && i < array_len(limits); i++)
		if (limits[i].text && strpbrk(limits[i].text, ".eE"))
			finding_hint(field_finding(&c->reader, "E207", s->place,
						   "'%s' of an integer must be an integer",
						   limits[i].key),
				     "write it without fraction and exponent, or use 'type: "
				     "number'");
}

static void check_limits(struct spec_checker *c, const struct field_schema *s)
{
	check_range(c, s);
	check_whole(c, s);
	if (s->ge && s->gt)
		add(c, s, "'ge' stands beside 'gt'");
	if (s->le && s->lt)
		add(c, s, "'le' stands beside 'lt'");
	if (s->max_length >= 0 && s->min_length > s->max_length)
		add(c, s, "'min_length' is more than 'max_length'");
	if (s->multiple_of && strtod(s->multiple_of, NULL) <= 0)
		add(c, s, "'multiple_of' must be more than 0");
	const char *problem = s->pattern ? spec_pattern_problem(s->pattern) : NULL;

	if (problem)
		finding_hint(field_finding(&c->reader, "E207", s->place, "'pattern' %s", problem),
			     "the runtime has no look-around and no back-references");
}

static void check_values(struct spec_checker *c, const struct field_schema *s)
{
	struct field_schema without_enum = *s;

	without_enum.enum_json.n = 0;
	for (size_t i = 0; i < s->enum_json.n; i++)
		spec_check_field_value(c, &without_enum, s->enum_json.items[i], s->place, "enum");
	if (s->is_required && s->default_json)
		finding_hint(add(c, s, "a required field has no use for a default"),
			     "remove one of the two");
	if (s->default_json)
		spec_check_field_value(c, s, s->default_json, s->place, "default");
}

/* What a field inside of another one, without a name, cannot have. */
static void check_nameless(struct spec_checker *c, const struct field_schema *s)
{
	if (s->is_required || s->default_json)
		finding_hint(field_finding(&c->reader, "E207", s->place,
					   "'%s' means nothing without a name",
					   s->is_required ? "required" : "default"),
			     "it belongs to the field that this one is in");
}

/* Could a value not tell which of the two it is? */
static bool is_same_in_json(enum schema_type a, enum schema_type b)
{
	bool is_text = (a == SCHEMA_STRING || a == SCHEMA_FILE) &&
		       (b == SCHEMA_STRING || b == SCHEMA_FILE);

	return is_text && (a == SCHEMA_FILE || b == SCHEMA_FILE);
}

static void check_members(struct spec_checker *c, const struct field_schemas *members)
{
	for (size_t i = 0; i < members->n; i++) {
		const struct field_schema *s = &members->items[i];

		check_nameless(c, s);
		if (s->type == SCHEMA_UNION)
			finding_hint(add(c, s, "'any_of' stands directly inside of 'any_of'"),
				     "write one list");
		if (s->type == SCHEMA_ANY)
			add(c, s, "'any' in 'any_of' makes the rest of it meaningless");
		if (s->is_nullable)
			finding_hint(add(c, s, "'nullable' stands inside of 'any_of'"),
				     "write 'nullable: true' beside 'any_of'");
		for (size_t k = 0; k < i; k++)
			if (is_same_in_json(members->items[k].type, s->type))
				add(c, s,
				    "text and files look alike in JSON: 'any_of' may have "
				    "one of them");
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static void check_schema(struct spec_checker *c, const struct field_schema *s)
{
	if (s->node && s->node->kind == YAML_MAPPING && s->type != SCHEMA_UNION &&
	    !yaml_find(s->node, "type") && !yaml_find(s->node, "any_of"))
		finding_hint(field_finding(&c->reader, "E112", s->node->place,
					   "'type' is missing in a field"),
			     "add a line such as 'type: string'");
	check_fitting(c, s);
	check_limits(c, s);
	check_values(c, s);
	check_members(c, &s->any_of);
	if (s->items) {
		check_nameless(c, s->items);
		check_schema(c, s->items);
	}
	spec_check_schemas(c, &s->any_of);
	spec_check_schemas(c, &s->properties);
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
void spec_check_schemas(struct spec_checker *c, const struct field_schemas *schemas)
{
	for (size_t i = 0; i < schemas->n; i++)
		check_schema(c, &schemas->items[i]);
}
