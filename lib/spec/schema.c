/* SPDX-License-Identifier: MIT
 * The rows of chute.yaml as a JSON Schema.
 *
 * Scalars are typed by their key and not by how they look, so a text takes what YAML reads as a
 * number or a boolean, too, where the row's pattern lets such a word pass.
 */
#include "lib/spec/schema.h"

#include "lib/base/memory.h"
#include "lib/data/json_out.h"
#include "lib/spec/spec_internal.h"

#include <assert.h>
#include <string.h>

#define REFERENCE "#/definitions/"

/* Of what field_check_text() refuses: C0, DEL and C1, in texts of one line and of several. */
#define PATTERN_LINE  "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
#define PATTERN_LINES "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$"
/* As duration_parse() and size_parse() take them; the number alone is below 10^9 in real specs. */
#define PATTERN_DURATION "^[0-9]+[.]?[0-9]*([mM]?[sS]|[mMhHdD])?$"
#define PATTERN_SIZE     "^[0-9]+[.]?[0-9]*([kKmMgGtT]?[bB]|[kKmMgGtT]([iI][bB])?)?$"

enum { TABLES_MAX = 64, DIGITS_MAX = 64 };

struct schema {
	struct json_out json;
	const struct field_table *tables[TABLES_MAX]; /* each becomes a definition */
	size_t n_tables;
};

static void write_value(struct schema *s, const struct field *row);

static void add_number(struct schema *s, const char *key, double value)
{
	auto_free char *text = xprintf("%.15g", value);

	json_out_raw(&s->json, key, text);
}

/* --- definitions */

/* "a cord" -> "cord", "node_selector" */
static const char *definition_name(const struct field_table *table)
{
	const char *blank = strrchr(table->name, ' ');

	return blank ? blank + 1 : table->name;
}

static void add_reference(struct schema *s, const char *key, const char *name)
{
	auto_free char *target = xprintf(REFERENCE "%s", name);

	json_out_object(&s->json, key);
	json_out_text(&s->json, "$ref", target);
	json_out_object_end(&s->json);
}

static void collect_rows(struct schema *s, const struct field *rows, size_t n);

/* NOLINTNEXTLINE(misc-no-recursion): a table is entered once */
static void collect_table(struct schema *s, const struct field_table *table)
{
	for (size_t i = 0; i < s->n_tables; i++) {
		if (s->tables[i] == table)
			return;
		assert(strcmp(definition_name(s->tables[i]), definition_name(table)) != 0);
	}
	assert(s->n_tables < TABLES_MAX);
	s->tables[s->n_tables++] = table;
	collect_rows(s, table->rows, table->n_rows);
	collect_rows(s, table->short_forms, table->n_short_forms);
}

/* NOLINTNEXTLINE(misc-no-recursion): a table is entered once */
static void collect_rows(struct schema *s, const struct field *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].type == FIELD_LATER)
			continue;
		if (rows[i].table)
			collect_table(s, rows[i].table);
		if (rows[i].instead)
			collect_table(s, rows[i].instead);
		collect_rows(s, rows[i].forms, rows[i].n_forms);
	}
}

/* --- values */

static bool fits(const struct field *row, const char *word)
{
	return !row->pattern || field_matches(row->pattern, word);
}

/* Is there a number that the pattern takes as text? */
static bool fits_some_number(const struct field *row)
{
	char digits[DIGITS_MAX + 1] = {0};

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

/* A reference to the environment stands for what an editor cannot know. */
#define REFERENCE_PATTERN "[$][{]env:"

static void add_pattern(struct schema *s, const struct field *row)
{
	auto_text pattern = {0};

	text_add(&pattern, row->pattern);
	if (row->takes_env)
		text_add(&pattern, "|" REFERENCE_PATTERN);
	json_out_text(&s->json, "pattern", text_str(&pattern));
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
		add_pattern(s, row);
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
	add_text(s, row);
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

/* What stands behind the names of a mapping whose names are the author's. */
static void write_named(struct schema *s, const char *key, const struct field *row)
{
	const struct field text = {.type = FIELD_TEXT, .has_lines = row->has_lines};

	if (row->type == FIELD_MAP)
		add_reference(s, key, definition_name(row->table));
	else if (row->type == FIELD_VALUES)
		json_out_raw(&s->json, key, "true");
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
		add_reference(s, NULL, definition_name(row->instead));
		json_out_object(&s->json, NULL);
	}
	json_out_text(&s->json, "type", "array");
	add_limits(s, row, "minItems", "maxItems");
	if (row->table)
		add_reference(s, "items", definition_name(row->table));
	if (row->instead) {
		json_out_object_end(&s->json);
		json_out_array_end(&s->json);
	}
}

/* Any of some forms. */
static void add_forms(struct schema *s, const struct field *forms, size_t n)
{
	if (n == 1) {
		write_value(s, forms);
		return;
	}
	json_out_array(&s->json, "anyOf");
	for (size_t i = 0; i < n; i++) {
		json_out_object(&s->json, NULL);
		write_value(s, &forms[i]);
		json_out_object_end(&s->json);
	}
	json_out_array_end(&s->json);
}

static void add_scalar(struct schema *s, const struct field *row)
{
	switch ((int)row->type) {
	case FIELD_BOOL:
		json_out_text(&s->json, "type", "boolean");
		break;
	case FIELD_INTEGER:
		if (row->takes_env) {
			json_out_raw(&s->json, "type", "[\"integer\",\"string\"]");
			json_out_text(&s->json, "pattern", REFERENCE_PATTERN);
		} else {
			json_out_text(&s->json, "type", "integer");
		}
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

/* The members of a schema that say what a row takes. */
/* NOLINTNEXTLINE(misc-no-recursion): forms have no forms */
static void write_value(struct schema *s, const struct field *row)
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
		add_reference(s, NULL, definition_name(row->table));
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

static void write_row(struct schema *s, const char *key, const struct field *row)
{
	json_out_object(&s->json, key);
	json_out_text(&s->json, "description", row->help);
	if (row->fallback)
		add_default(s, row);
	if (row->example) {
		json_out_array(&s->json, "examples");
		add_yaml(s, row->example);
		json_out_array_end(&s->json);
	}
	write_value(s, row);
	json_out_object_end(&s->json);
}

/* --- tables */

static void add_required_key(struct schema *s, const char *key)
{
	json_out_array(&s->json, "required");
	json_out_text(&s->json, NULL, key);
	json_out_array_end(&s->json);
}

static void add_required(struct schema *s, const struct field_table *table)
{
	/* of several keys one is there: {required: [apt]} or {required: [pip]} ... */
	json_out_array(&s->json, table->kind_member ? "oneOf" : "required");
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct field *row = &table->rows[i];

		if (row->type == FIELD_LATER)
			continue;
		if (table->kind_member) {
			json_out_object(&s->json, NULL);
			add_required_key(s, row->key);
			json_out_object_end(&s->json);
		} else if (row->is_required) {
			json_out_text(&s->json, NULL, row->key);
		}
	}
	json_out_array_end(&s->json);
}

/* The members of a schema that say what a mapping of the table has. */
static void add_table(struct schema *s, const struct field_table *table)
{
	json_out_text(&s->json, "type", "object");
	json_out_object(&s->json, "properties");
	for (size_t i = 0; i < table->n_rows; i++)
		if (table->rows[i].type != FIELD_LATER)
			write_row(s, table->rows[i].key, &table->rows[i]);
	json_out_object_end(&s->json);
	json_out_object(&s->json, "patternProperties");
	json_out_raw(&s->json, "^x-", "true");
	json_out_object_end(&s->json);
	json_out_raw(&s->json, "additionalProperties", "false");
	add_required(s, table);
}

static const struct field *find_row(const struct field_table *table, const char *key)
{
	for (size_t i = 0; i < table->n_rows; i++)
		if (strcmp(table->rows[i].key, key) == 0)
			return &table->rows[i];
	return NULL;
}

/* One mode; commands of jobs need none. */
static void add_modes(struct schema *s, const struct field_table *table)
{
	static const char *const modes[] = {"template", "handlers", "server", "python"};
	const struct field *jobs = find_row(table, "jobs");
	const struct field *found[array_len(modes)];
	size_t n = 0;

	for (size_t i = 0; i < array_len(modes); i++) {
		found[n] = find_row(table, modes[i]);
		n += found[n] && found[n]->type != FIELD_LATER;
	}
	json_out_array(&s->json, "oneOf");
	for (size_t i = 0; i < n; i++) {
		json_out_object(&s->json, NULL);
		add_required_key(s, found[i]->key);
		json_out_object_end(&s->json);
	}
	if (jobs && jobs->type != FIELD_LATER) {
		json_out_object(&s->json, NULL);
		add_required_key(s, jobs->key);
		json_out_object(&s->json, "not");
		json_out_array(&s->json, "anyOf");
		for (size_t i = 0; i < n; i++) {
			json_out_object(&s->json, NULL);
			add_required_key(s, found[i]->key);
			json_out_object_end(&s->json);
		}
		json_out_array_end(&s->json);
		json_out_object_end(&s->json);
		json_out_object_end(&s->json);
	}
	json_out_array_end(&s->json);
}

/* A mapping, or one of its short forms. */
static void write_definition(struct schema *s, const struct field_table *table)
{
	const struct field *short_row = table->short_key ? find_row(table, table->short_key) : NULL;
	bool has_short = short_row || table->n_short_forms;

	json_out_object(&s->json, definition_name(table));
	if (has_short) {
		json_out_array(&s->json, "anyOf");
		json_out_object(&s->json, NULL);
	}
	add_table(s, table);
	if (has_short) {
		json_out_object_end(&s->json);
		if (short_row) {
			json_out_object(&s->json, NULL);
			write_value(s, short_row);
			json_out_object_end(&s->json);
		}
		for (size_t i = 0; i < table->n_short_forms; i++) {
			json_out_object(&s->json, NULL);
			write_value(s, &table->short_forms[i]);
			json_out_object_end(&s->json);
		}
		json_out_array_end(&s->json);
	}
	json_out_object_end(&s->json);
}

static void add_definitions(struct schema *s)
{
	json_out_object(&s->json, "definitions");
	json_out_object(&s->json, "line");
	json_out_text(&s->json, "pattern", PATTERN_LINE);
	json_out_object_end(&s->json);
	json_out_object(&s->json, "lines");
	json_out_text(&s->json, "pattern", PATTERN_LINES);
	json_out_object_end(&s->json);
	for (size_t i = 0; i < s->n_tables; i++)
		write_definition(s, s->tables[i]);
	json_out_object_end(&s->json);
}

void spec_schema_write(struct text *out)
{
	struct schema s = {0};

	collect_rows(&s, spec_table.rows, spec_table.n_rows);
	json_out_object(&s.json, NULL);
	json_out_text(&s.json, "$schema", "http://json-schema.org/draft-07/schema#");
	json_out_text(&s.json, "$id", "chute.v1.json");
	json_out_text(&s.json, "title", "chute.yaml, version 1");
	json_out_text(&s.json, "description",
		      "A chute: an image, the machines that it needs, and what it answers.");
	add_table(&s, &spec_table);
	add_modes(&s, &spec_table);
	add_definitions(&s);
	json_out_object_end(&s.json);
	text_addf(out, "%s\n", text_str(&s.json.text));
	json_out_release(&s.json);
}
