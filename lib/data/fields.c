/* SPDX-License-Identifier: MIT
 * The walk over rows: mappings, lists and the single values in them.
 */
#include "lib/data/fields.h"

#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/data/fields_internal.h"

#include <assert.h>
#include <string.h>

static bool is_ignored(const char *key) { return text_starts_with(key, "x-"); }

static bool check_count(struct field_reader *r, const struct field *row,
			const struct yaml_node *node)
{
	return field_check_range(r, row, (double)node->n, "item", node->place);
}

static bool read_texts(struct field_reader *r, const struct field *row,
		       const struct yaml_node *node, struct field_texts *slot)
{
	const struct yaml_node *const *items = &node;
	size_t n = 1;
	bool is_good = true;

	if (node->kind == YAML_SEQUENCE) {
		items = node->items;
		n = node->n;
		if (!check_count(r, row, node))
			return false;
	} else if (!row->is_list_short || node->kind != YAML_SCALAR) {
		field_wrong_type(r, row, node, "a list");
		if (node->kind == YAML_SCALAR && !yaml_is_null(node))
			finding_hint(&r->findings->items[r->findings->n - 1],
				     "put it in brackets: [%s]", node->text);
		return false;
	}
	struct field_texts texts = {
		.items = arena_alloc(r->arena, (n + 1) * sizeof(char *)),
		.places = arena_alloc(r->arena, (n + 1) * sizeof(struct place)),
	};

	for (size_t i = 0; i < n; i++) {
		if (!field_read_scalar(r, row, items[i], &texts.items[texts.n])) {
			is_good = false;
			continue;
		}
		texts.places[texts.n++] = items[i]->place;
	}
	*slot = texts;
	return is_good;
}

/* The value of one pair: text, or any value as JSON. */
static bool read_pair_value(struct field_reader *r, const struct field *row,
			    const struct yaml_pair *pair, char **value)
{
	if (row->type == FIELD_VALUES) {
		auto_text json = {0};

		if (!yaml_write_json(pair->value, r->source, &json, r->findings))
			return false;
		*value = arena_strdup(r->arena, text_str(&json));
		return true;
	}
	const struct field value_row = {.key = pair->key,
					.type = FIELD_TEXT,
					.has_lines = row->has_lines,
					.takes_env = row->takes_env};

	return field_read_scalar(r, &value_row, pair->value, value);
}

static bool read_pairs(struct field_reader *r, const struct field *row,
		       const struct yaml_node *node, struct field_pairs *slot)
{
	const struct field name_row = {.key = row->key, .pattern = row->pattern, .form = row->form};

	if (node->kind != YAML_MAPPING)
		return field_wrong_type(r, row, node, "a mapping");
	if (!check_count(r, row, node))
		return false;
	bool is_good = true;
	struct field_pairs pairs = {
		.items = arena_alloc(r->arena, (node->n + 1) * sizeof(*pairs.items))};

	for (size_t i = 0; i < node->n; i++) {
		const struct yaml_pair *pair = &node->pairs[i];
		struct field_pair *added = &pairs.items[pairs.n];

		if (is_ignored(pair->key) && !field_row_matches(r, row, pair->key))
			continue;
		if (!field_check_text(r, &name_row, pair->key, pair->key_place) ||
		    !read_pair_value(r, row, pair, &added->value)) {
			is_good = false;
			continue;
		}
		added->name = pair->key;
		added->place = pair->key_place;
		pairs.n++;
	}
	*slot = pairs;
	return is_good;
}

static void set_member(void *out, size_t member, const void *value, size_t size)
{
	if (member)
		memcpy((char *)out + member - 1, value, size);
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static bool read_list(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      void *slot)
{
	const struct field_table *table = row->table;
	bool is_map = row->type == FIELD_MAP;

	if (row->instead && node->kind == YAML_MAPPING)
		return fields_read(r, row->instead, node, slot);
	if (node->kind != (is_map ? YAML_MAPPING : YAML_SEQUENCE))
		return field_wrong_type(r, row, node, is_map ? "a mapping" : "a list");
	if (!check_count(r, row, node))
		return false;
	bool is_good = true;
	const struct field name_row = {.key = row->key, .pattern = row->pattern, .form = row->form};
	struct field_list list = {.items = arena_alloc(r->arena, (node->n + 1) * table->size)};

	for (size_t i = 0; i < node->n; i++) {
		char *item = (char *)list.items + list.n * table->size;

		if (is_map && is_ignored(node->pairs[i].key))
			continue;
		if (is_map &&
		    !field_check_text(r, &name_row, node->pairs[i].key, node->pairs[i].key_place)) {
			is_good = false;
			continue;
		}
		is_good &=
			fields_read(r, table, is_map ? node->pairs[i].value : node->items[i], item);
		if (is_map) {
			const struct yaml_pair *pair = &node->pairs[i];

			set_member(item, table->name_member, &pair->key, sizeof(pair->key));
			set_member(item, table->place_member, &pair->key_place,
				   sizeof(pair->key_place));
		}
		list.n++;
	}
	memcpy(slot, &list, sizeof(list));
	return is_good;
}

static bool read_json(struct field_reader *r, const struct yaml_node *node, char **slot)
{
	auto_text json = {0};

	if (!yaml_write_json(node, r->source, &json, r->findings))
		return false;
	*slot = arena_strdup(r->arena, text_str(&json));
	return true;
}

static bool read_struct(struct field_reader *r, const struct field *row,
			const struct yaml_node *node, void *slot)
{
	return yaml_is_null(node) ? field_wrong_type(r, row, node, "a mapping")
				  : fields_read(r, row->table, node, slot);
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
bool field_read_value(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      void *slot)
{
	switch (row->type) {
	case FIELD_TEXTS:
		return read_texts(r, row, node, slot);
	case FIELD_PAIRS:
	case FIELD_VALUES:
		return read_pairs(r, row, node, slot);
	case FIELD_JSON:
		return read_json(r, node, slot);
	case FIELD_STRUCT:
		return read_struct(r, row, node, slot);
	case FIELD_LIST:
	case FIELD_MAP:
		return read_list(r, row, node, slot);
	case FIELD_CUSTOM:
		return row->read(r, row, node, slot);
	case FIELD_TEXT:
	case FIELD_BOOL:
	case FIELD_INTEGER:
	case FIELD_NUMBER:
	case FIELD_MONEY:
	case FIELD_DURATION:
	case FIELD_SIZE:
	case FIELD_CHOICE:
		break;
	}
	return field_read_scalar(r, row, node, slot);
}

const struct field *field_find(const struct field_table *table, const char *key)
{
	for (size_t i = 0; i < table->n_rows; i++)
		if (strcmp(table->rows[i].key, key) == 0)
			return &table->rows[i];
	return NULL;
}

/* "a cord" -> "cord": what the reference finds it under. */
static void add_topic(struct finding *f, const struct field_table *table)
{
	const char *blank = strrchr(table->name, ' ');

	finding_topic(f, blank ? blank + 1 : table->name);
}

static bool has_word(const char *words, const char *word)
{
	auto_strings list = {0};

	strings_split(&list, words, ' ');
	return strings_has(&list, word);
}

/* The key of the table that was most likely meant; NULL when there is none. */
static const char *find_meant(const struct field_table *table, const char *key)
{
	auto_free const char **keys = xcalloc(table->n_rows + 1, sizeof(*keys));

	for (size_t i = 0; i < table->n_rows; i++) {
		const struct field *row = &table->rows[i];

		keys[i] = row->key;
		if (row->other_names && has_word(row->other_names, key))
			return row->key;
	}
	return text_nearest(key, keys);
}

static bool add_unknown(struct field_reader *r, const struct field_table *table,
			const struct yaml_pair *pair)
{
	const char *meant = find_meant(table, pair->key);
	auto_text list = {0};

	for (size_t i = 0; i < table->n_rows; i++)
		text_addf(&list, "%s%s", i ? ", " : "", table->rows[i].key);
	struct finding *f = field_finding(r, "E110", pair->key_place, "unknown key %s in %s",
					  field_quoted(r, pair->key), table->name);

	if (meant)
		finding_hint(f, "did you mean '%s'?", meant);
	else
		finding_hint(f, "known here: %s", text_str(&list));
	add_topic(f, table);
	return false;
}

/* Every key of the mapping that is somebody's business: known, and the only one where one is
 * wanted. */
static bool check_keys(struct field_reader *r, const struct field_table *table,
		       const struct yaml_node *node)
{
	const struct yaml_pair *first = NULL;
	bool is_good = true;

	for (size_t i = 0; i < node->n; i++) {
		const struct yaml_pair *pair = &node->pairs[i];

		if (is_ignored(pair->key))
			continue;
		const struct field *row = field_find(table, pair->key);

		if (!row) {
			is_good = add_unknown(r, table, pair);
		} else if (table->kind_member && first) {
			struct finding *f = field_finding(r, "E117", pair->key_place,
							  "'%s' stands beside '%s'; %s has one key",
							  pair->key, first->key, table->name);

			finding_hint(f, "make it an entry of its own: put a '-' in front");
			add_topic(f, table);
			is_good = false;
		}
		first = first ? first : pair;
	}
	if (table->kind_member && !first) {
		add_topic(field_finding(r, "E112", node->place, "%s needs one key", table->name),
			  table);
		is_good = false;
	}
	return is_good;
}

static bool add_missing(struct field_reader *r, const struct field *row,
			const struct field_table *table, const struct yaml_node *node)
{
	struct finding *f = field_finding(r, "E112", node->place, "'%s' is missing in %s", row->key,
					  table->name);

	if (row->example)
		finding_hint(f, "add a line such as '%s: %s'", row->key, row->example);
	add_topic(f, table);
	return false;
}

/* The default of an absent key. */
/* NOLINTNEXTLINE(misc-no-recursion): tables do not contain themselves by value */
static void set_default(struct field_reader *r, const struct field *row, void *slot)
{
	if (row->type == FIELD_STRUCT) {
		fields_read(r, row->table, NULL, slot);
		return;
	}
	if (!row->fallback)
		return;
	auto_free char *text = xstrdup(row->fallback);
	/* as if in quotes where that matters: an empty text is a value */
	bool is_plain = row->type != FIELD_TEXT && row->type != FIELD_TEXTS;
	const struct yaml_node node = {.kind = YAML_SCALAR, .is_plain = is_plain, .text = text};
	struct field taken = *row;

	taken.is_list_short = true;
	bool is_good = field_read_value(r, &taken, &node, slot);

	assert(is_good);
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
static bool read_short(struct field_reader *r, const struct field_table *table,
		       const struct yaml_node *node, void *out)
{
	if (table->read_short)
		return table->read_short(r, node, out);
	if (!table->short_key) {
		add_topic(field_finding(r, "E111", node->place, "%s must be a mapping, not %s",
					table->name, field_shown(r, node)),
			  table);
		return false;
	}
	struct yaml_pair pair = {(char *)(uintptr_t)table->short_key, node->place, node};
	const struct yaml_node map = {
		.kind = YAML_MAPPING, .place = node->place, .n = 1, .pairs = &pair};

	return fields_read(r, table, &map, out);
}

/* NOLINTNEXTLINE(misc-no-recursion): the document's depth is bounded */
bool fields_read(struct field_reader *r, const struct field_table *table,
		 const struct yaml_node *node, void *out)
{
	bool is_good = true;

	if (node) {
		set_member(out, table->place_member, &node->place, sizeof(node->place));
		set_member(out, table->node_member, &node, sizeof(const struct yaml_node *));
	}
	if (node && node->kind != YAML_MAPPING) {
		fields_read(r, table, NULL, out);
		return read_short(r, table, node, out);
	}
	if (node)
		is_good = check_keys(r, table, node);
	bool is_found = false;

	for (size_t i = 0; i < table->n_rows; i++) {
		const struct field *row = &table->rows[i];
		const struct yaml_node *value = yaml_find(node, row->key);
		char *slot = (char *)out + row->offset;

		if (!table->kind_member && !value) {
			if (node && row->is_required)
				is_good = add_missing(r, row, table, node);
			set_default(r, row, slot);
		} else if (value && !(table->kind_member && is_found)) {
			unsigned kind = (unsigned)i;

			set_member(out, table->kind_member, &kind, sizeof(kind));
			is_found = true;
			is_good &= field_read_value(r, row, value, slot);
		}
	}
	return is_good;
}
