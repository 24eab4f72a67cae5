/* SPDX-License-Identifier: MIT
 * The tables of chute.yaml as a JSON Schema: each is a definition.
 */
#include "lib/spec/schema.h"

#include "lib/base/memory.h"
#include "lib/spec/schema_internal.h"
#include "lib/spec/spec_internal.h"

#include <assert.h>
#include <string.h>

enum { TABLES_MAX = 64 };

/* Tables in the order of their first use; each becomes a definition. */
struct tables {
	const struct field_table *items[TABLES_MAX];
	size_t n;
	bool has_parts_only; /* those that an overlay merges: not what stands in lists */
};

static void collect_rows(struct tables *t, const struct field *rows, size_t n);

/* NOLINTNEXTLINE(misc-no-recursion): a table is entered once */
static void collect_table(struct tables *t, const struct field_table *table)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->items[i] == table)
			return;
		auto_free char *ours = schema_definition_name(t->items[i], false);
		auto_free char *other = schema_definition_name(table, false);

		assert(strcmp(ours, other) != 0);
	}
	assert(t->n < TABLES_MAX);
	t->items[t->n++] = table;
	collect_rows(t, table->rows, table->n_rows);
	collect_rows(t, table->short_forms, table->n_short_forms);
}

/* NOLINTNEXTLINE(misc-no-recursion): a table is entered once */
static void collect_rows(struct tables *t, const struct field *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct field *row = &rows[i];
		bool is_part = row->type == FIELD_STRUCT || row->type == FIELD_MAP;
		bool is_wanted = is_part || !t->has_parts_only;

		/* a mapping of overlays leads back to the root */
		if (is_wanted && row->table && row->type != FIELD_VALUES)
			collect_table(t, row->table);
		if (is_wanted && row->instead)
			collect_table(t, row->instead);
		collect_rows(t, row->forms, row->n_forms);
	}
}

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

/* What an overlay may not change. */
static bool is_fixed(const struct schema *s, const struct field_table *table,
		     const struct field *row)
{
	return s->is_overlay && table == &spec_table &&
	       (strcmp(row->key, "version") == 0 || strcmp(row->key, "environments") == 0);
}

/* The members of a schema that say what a mapping of the table has. */
static void add_table(struct schema *s, const struct field_table *table)
{
	json_out_text(&s->json, "type", "object");
	json_out_object(&s->json, "properties");
	for (size_t i = 0; i < table->n_rows; i++)
		if (!is_fixed(s, table, &table->rows[i]))
			schema_write_row(s, &table->rows[i]);
	json_out_object_end(&s->json);
	json_out_object(&s->json, "patternProperties");
	json_out_raw(&s->json, "^x-", "true");
	json_out_object_end(&s->json);
	json_out_raw(&s->json, "additionalProperties", "false");
	if (!s->is_overlay)
		add_required(s, table);
}

static void add_key_of_modes(struct schema *s, const char *key)
{
	json_out_array(&s->json, key);
	for (const char *const *mode = spec_mode_keys; *mode; mode++) {
		json_out_object(&s->json, NULL);
		add_required_key(s, *mode);
		json_out_object_end(&s->json);
	}
}

/* One mode; jobs that are commands need none. */
static void add_modes(struct schema *s)
{
	add_key_of_modes(s, "oneOf");
	json_out_object(&s->json, NULL);
	add_required_key(s, "jobs");
	json_out_raw(&s->json, "properties", "{\"jobs\":{\"items\":{\"required\":[\"command\"]}}}");
	json_out_object(&s->json, "not");
	add_key_of_modes(s, "anyOf");
	json_out_array_end(&s->json);
	json_out_object_end(&s->json);
	json_out_object_end(&s->json);
	json_out_array_end(&s->json);
}

/* A mapping, or one of its short forms. */
static void write_definition(struct schema *s, const struct field_table *table)
{
	const struct field *short_row =
		table->short_key ? field_find(table, table->short_key) : NULL;
	bool has_short = short_row || table->n_short_forms;
	auto_free char *name = schema_definition_name(table, s->is_overlay);

	json_out_object(&s->json, name);
	if (has_short) {
		json_out_array(&s->json, "anyOf");
		json_out_object(&s->json, NULL);
	}
	add_table(s, table);
	if (has_short) {
		json_out_object_end(&s->json);
		if (short_row) {
			json_out_object(&s->json, NULL);
			schema_write_value(s, short_row);
			json_out_object_end(&s->json);
		}
		for (size_t i = 0; i < table->n_short_forms; i++) {
			json_out_object(&s->json, NULL);
			schema_write_value(s, &table->short_forms[i]);
			json_out_object_end(&s->json);
		}
		json_out_array_end(&s->json);
	}
	json_out_object_end(&s->json);
}

static void add_definitions(struct schema *s)
{
	struct tables all = {0};
	struct tables parts = {.has_parts_only = true};

	collect_rows(&all, spec_table.rows, spec_table.n_rows);
	collect_table(&parts, &spec_table);
	json_out_object(&s->json, "definitions");
	schema_write_texts(s);
	for (size_t i = 0; i < all.n; i++)
		write_definition(s, all.items[i]);
	s->is_overlay = true;
	for (size_t i = 0; i < parts.n; i++)
		write_definition(s, parts.items[i]);
	json_out_object_end(&s->json);
}

void spec_schema_write(struct text *out)
{
	struct schema s = {0};

	json_out_object(&s.json, NULL);
	json_out_text(&s.json, "$schema", "http://json-schema.org/draft-07/schema#");
	json_out_text(&s.json, "$id", "chute.v1.json");
	json_out_text(&s.json, "title", "chute.yaml, version 1");
	json_out_text(&s.json, "description",
		      "A chute: an image, the machines that it needs, and what it answers.");
	add_table(&s, &spec_table);
	add_modes(&s);
	add_definitions(&s);
	json_out_object_end(&s.json);
	text_addf(out, "%s\n", text_str(&s.json.text));
	json_out_release(&s.json);
}
