/* SPDX-License-Identifier: MIT
 * What a row takes, as members of a JSON Schema.
 *
 * Scalars are typed by their key and not by how they look, so a text takes what YAML reads as a
 * number or a boolean, too, where the row's pattern lets such a word pass.
 */
#include "lib/spec/schema_internal.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <string.h>

#define REFERENCE "#/definitions/"

/* Of what field_check_text() refuses: C0, DEL and C1, in texts of one line and of several. */
#define PATTERN_LINE  "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
#define PATTERN_LINES "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$"
/* As duration_parse() and size_parse() take them; the number alone is below 10^9 in real specs. */
#define PATTERN_DURATION "^[0-9]+[.]?[0-9]*([mM]?[sS]|[mMhHdD])?$"
#define PATTERN_SIZE     "^[0-9]+[.]?[0-9]*([kKmMgGtT]?[bB]|[kKmMgGtT]([iI][bB])?)?$"

enum { DIGITS_MAX = 64 };

static void add_scalar(struct schema *s, const struct field *row);

static void add_number(struct schema *s, const char *key, double value)
{
	auto_free char *text = xprintf("%.15g", value);

	json_out_raw(&s->json, key, text);
}

static void add_reference(struct schema *s, const char *key, const char *name)
{
	auto_free char *target = xprintf(REFERENCE "%s", name);

	json_out_object(&s->json, key);
	json_out_text(&s->json, "$ref", target);
	json_out_object_end(&s->json);
}

char *schema_definition_name(const struct field_table *table, bool is_overlay)
{
	/* "a cord" -> "cord" */
	const char *blank = strrchr(table->name, ' ');

	return xprintf("%s%s", blank ? blank + 1 : table->name, is_overlay ? "_overlay" : "");
}

static void add_table(struct schema *s, const char *key, const struct field_table *table,
		      bool is_overlay)
{
	auto_free char *name = schema_definition_name(table, is_overlay);

	add_reference(s, key, name);
}

void schema_write_texts(struct schema *s)
{
	json_out_object(&s->json, "line");
	json_out_text(&s->json, "pattern", PATTERN_LINE);
	json_out_object_end(&s->json);
	json_out_object(&s->json, "lines");
	json_out_text(&s->json, "pattern", PATTERN_LINES);
	json_out_object_end(&s->json);
	json_out_object(&s->json, "reference");
	json_out_text(&s->json, "description", "a value with ${env:NAME} or ${env:NAME:-default}");
	json_out_text(&s->json, "type", "string");
	/* not behind another '$', which makes text of it */
	json_out_text(&s->json, "pattern", "(^|[^$])[$][{]env:[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?[}]");
	json_out_object_end(&s->json);
}

static bool fits(const struct field *row, const char *word)
{
	return !row->pattern || field_matches(row->pattern, word);
}

/* Is there a number that the pattern takes as text? */
static bool fits_some_number(const struct field *row)
{
	char digits[DIGITS_MAX + 1] = {0};

	/* such as a version */
	if (row->example && !row->example[strspn(row->example, "0123456789.")] &&
	    fits(row, row->example))
		return true;
	if (fits(row, "1.5"))
		return true;
	for (size_t n = 0; n < DIGITS_MAX; n++) {
		digits[n] = '1';
		if (fits(row, digits))
			return true;
	}
	return false;
}

static void add_limits(struct schema *s, const struct field *row, const char *min, const char *max)
{
	if (row->max == 0)
		return;
	if (row->min > 0)
		add_number(s, min, row->min);
	add_number(s, max, row->max);
}

static void add_range(struct schema *s, const struct field *row)
{
	if (row->max == 0)
		return;
	add_number(s, row->is_min_excluded ? "exclusiveMinimum" : "minimum", row->min);
	add_number(s, "maximum", row->max);
}

static void add_text(struct schema *s, const struct field *row)
{
	json_out_array(&s->json, "type");
	json_out_text(&s->json, NULL, "string");
	if (fits_some_number(row))
		json_out_text(&s->json, NULL, "number");
	if (fits(row, "true") || fits(row, "false"))
		json_out_text(&s->json, NULL, "boolean");
	json_out_array_end(&s->json);
	if (row->type == FIELD_TEXT)
		add_limits(s, row, "minLength", "maxLength");
	if (row->pattern)
		json_out_text(&s->json, "pattern", row->pattern);
	json_out_array(&s->json, "allOf");
	add_reference(s, NULL, row->has_lines ? "lines" : "line");
	json_out_array_end(&s->json);
}

/* A number of seconds or bytes, or a text with a unit. */
static void add_quantity(struct schema *s, const struct field *row)
{
	json_out_raw(&s->json, "type", "[\"number\",\"string\"]");
	add_number(s, "minimum", row->max > 0 ? row->min : 0);
	if (row->max > 0)
		add_number(s, "maximum", row->max);
	json_out_text(&s->json, "pattern",
		      row->type == FIELD_SIZE ? PATTERN_SIZE : PATTERN_DURATION);
}

static void add_choice(struct schema *s, const struct field *row)
{
	json_out_array(&s->json, "enum");
	for (size_t i = 0; row->choices[i]; i++)
		json_out_text(&s->json, NULL, row->choices[i]);
	json_out_array_end(&s->json);
}

static void write_text_of(struct schema *s, const char *key, const struct field *row)
{
	json_out_object(&s->json, key);
	add_scalar(s, row);
	json_out_object_end(&s->json);
}

static void add_texts(struct schema *s, const struct field *row)
{
	if (row->is_list_short) {
		json_out_array(&s->json, "anyOf");
		write_text_of(s, NULL, row);
		json_out_object(&s->json, NULL);
	}
	json_out_text(&s->json, "type", "array");
	add_limits(s, row, "minItems", "maxItems");
	write_text_of(s, "items", row);
	if (row->is_list_short) {
		json_out_object_end(&s->json);
		json_out_array_end(&s->json);
	}
}

static void write_text_or_null(struct schema *s, const char *key, const struct field *row)
{
	json_out_object(&s->json, key);
	json_out_array(&s->json, "anyOf");
	json_out_raw(&s->json, NULL, "{\"type\":\"null\"}");
	write_text_of(s, NULL, row);
	json_out_array_end(&s->json);
	json_out_object_end(&s->json);
}

/* What stands behind the names of a mapping whose names are the author's. */
static void write_named(struct schema *s, const char *key, const struct field *row)
{
	const struct field text = {
		.type = FIELD_TEXT, .has_lines = row->has_lines, .takes_env = row->takes_env};

	if (row->table)
		add_table(s, key, row->table, s->is_overlay || row->type == FIELD_VALUES);
	else if (row->type == FIELD_VALUES)
		json_out_raw(&s->json, key, "true");
	else if (s->is_overlay)
		write_text_or_null(s, key, &text);
	else
		write_text_of(s, key, &text);
}

static void add_map(struct schema *s, const struct field *row)
{
	json_out_text(&s->json, "type", "object");
	add_limits(s, row, "minProperties", "maxProperties");
	if (!row->pattern) {
		write_named(s, "additionalProperties", row);
		add_reference(s, "propertyNames", "line");
		return;
	}
	json_out_object(&s->json, "patternProperties");
	write_named(s, row->pattern, row);
	json_out_raw(&s->json, "^x-", "true");
	json_out_object_end(&s->json);
	json_out_raw(&s->json, "additionalProperties", "false");
}

static void add_list(struct schema *s, const struct field *row)
{
	if (row->instead) {
		json_out_array(&s->json, "anyOf");
		add_table(s, NULL, row->instead, false);
		json_out_object(&s->json, NULL);
	}
	json_out_text(&s->json, "type", "array");
	add_limits(s, row, "minItems", "maxItems");
	if (row->table)
		add_table(s, "items", row->table, false);
	if (row->instead) {
		json_out_object_end(&s->json);
		json_out_array_end(&s->json);
	}
}

/* Any of some forms. */
static void add_forms(struct schema *s, const struct field *forms, size_t n)
{
	if (n == 1) {
		schema_write_value(s, forms);
		return;
	}
	json_out_array(&s->json, "anyOf");
	for (size_t i = 0; i < n; i++) {
		json_out_object(&s->json, NULL);
		schema_write_value(s, &forms[i]);
		json_out_object_end(&s->json);
	}
	json_out_array_end(&s->json);
}

static void add_plain_scalar(struct schema *s, const struct field *row)
{
	switch ((int)row->type) {
	case FIELD_BOOL:
		json_out_text(&s->json, "type", "boolean");
		break;
	case FIELD_INTEGER:
		json_out_text(&s->json, "type", "integer");
		add_range(s, row);
		break;
	case FIELD_NUMBER:
	case FIELD_MONEY:
		json_out_text(&s->json, "type", "number");
		add_range(s, row);
		break;
	case FIELD_DURATION:
	case FIELD_SIZE:
		add_quantity(s, row);
		break;
	case FIELD_CHOICE:
		add_choice(s, row);
		break;
	default:
		if (row->choices)
			add_choice(s, row);
		else
			add_text(s, row);
	}
}

/* What a reference to the environment stands for is not known to an editor: it is taken as it is,
 * and only where the reader takes one. */
static void add_scalar(struct schema *s, const struct field *row)
{
	bool is_text = row->type == FIELD_TEXT || row->type == FIELD_TEXTS;

	if (!row->takes_env) {
		add_plain_scalar(s, row);
		if (is_text && !row->choices)
			add_reference(s, "not", "reference");
		return;
	}
	json_out_array(&s->json, "anyOf");
	json_out_object(&s->json, NULL);
	add_plain_scalar(s, row);
	if (is_text)
		add_reference(s, "not", "reference");
	json_out_object_end(&s->json);
	add_reference(s, NULL, "reference");
	json_out_array_end(&s->json);
}

/* NOLINTNEXTLINE(misc-no-recursion): forms have no forms */
void schema_write_value(struct schema *s, const struct field *row)
{
	switch ((int)row->type) {
	case FIELD_TEXTS:
		add_texts(s, row);
		break;
	case FIELD_PAIRS:
	case FIELD_VALUES:
	case FIELD_MAP:
		add_map(s, row);
		break;
	case FIELD_LIST:
		add_list(s, row);
		break;
	case FIELD_STRUCT:
		/* not bare: draft-07 ignores what stands beside a reference */
		json_out_array(&s->json, "allOf");
		add_table(s, NULL, row->table, s->is_overlay);
		json_out_array_end(&s->json);
		break;
	case FIELD_CUSTOM:
		add_forms(s, row->forms, row->n_forms);
		break;
	case FIELD_JSON:
		break;
	default:
		add_scalar(s, row);
	}
}

/* null deletes a key of the document that an overlay lies over. */
static void write_or_null(struct schema *s, const struct field *row)
{
	if (!s->is_overlay) {
		schema_write_value(s, row);
		return;
	}
	json_out_array(&s->json, "anyOf");
	json_out_raw(&s->json, NULL, "{\"type\":\"null\"}");
	json_out_object(&s->json, NULL);
	schema_write_value(s, row);
	json_out_object_end(&s->json);
	json_out_array_end(&s->json);
}

/* --- what is said about a row */

/* A value as a row's example writes it, as JSON. */
static void add_yaml(struct schema *s, const char *value)
{
	auto_arena arena = {0};
	auto_findings findings = {0};
	auto_text json = {0};
	struct yaml_source source = yaml_source_new(NULL, value, strlen(value), &arena);
	const struct yaml_node *node = yaml_parse(&source, &arena, &findings);
	bool is_good = node && yaml_write_json(node, &source, &json, &findings);

	assert(is_good);
	json_out_raw(&s->json, NULL, text_str(&json));
}

static void add_default(struct schema *s, const struct field *row)
{
	const char *value = row->fallback;

	switch ((int)row->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
	case FIELD_SIZE:
		json_out_text(&s->json, "default", value);
		break;
	case FIELD_TEXTS:
		json_out_array(&s->json, "default");
		json_out_text(&s->json, NULL, value);
		json_out_array_end(&s->json);
		break;
	case FIELD_DURATION:
		if (value[strspn(value, "0123456789.")]) {
			json_out_text(&s->json, "default", value);
			break;
		}
		json_out_raw(&s->json, "default", value);
		break;
	default:
		json_out_raw(&s->json, "default", value);
	}
}

void schema_write_row(struct schema *s, const struct field *row)
{
	json_out_object(&s->json, row->key);
	json_out_text(&s->json, "description", row->help);
	if (row->fallback && !s->is_overlay)
		add_default(s, row);
	if (row->example) {
		json_out_array(&s->json, "examples");
		add_yaml(s, row->example);
		json_out_array_end(&s->json);
	}
	write_or_null(s, row);
	json_out_object_end(&s->json);
}
