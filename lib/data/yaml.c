/* SPDX-License-Identifier: MIT
 * The reader: libyaml's events become nodes in an arena.
 */
#include "lib/data/yaml.h"

#include "lib/base/memory.h"
#include "lib/data/yaml_internal.h"

#include <string.h>
#include <yaml.h>

struct anchor {
	const char *name;
	const struct yaml_node *node; /* NULL while it is still being read */
};

struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	const struct yaml_source *source;
	struct arena *arena;
	struct findings *findings;
	struct anchor *anchors;
	size_t n_anchors;
	size_t anchors_capacity;
	size_t n_alias_nodes;
};

static struct finding *add(struct reader *r, const char *code, struct place place,
			   const char *message)
{
	struct finding *f = findings_add(r->findings, code, "%s", message);

	yaml_place(r->source, f, place);
	return f;
}

/* libyaml counts lines and columns from 0; a value of several lines is underlined on its first. */
static struct place place_of(const struct reader *r, yaml_mark_t start, yaml_mark_t end)
{
	struct place place = {.line = start.line + 1, .column = start.column + 1};
	const char *line = NULL;
	size_t len = 0;

	if (end.line == start.line) {
		place.width = end.column - start.column;
	} else if (yaml_line(r->source, place.line, &line, &len)) {
		while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
			len--;
		size_t n = utf8_count(line, len);

		place.width = n > start.column ? n - start.column : 0;
	}
	return place;
}

/* Does the line have a tab where blanks are expected: in front, or at the column of the problem? */
static bool is_about_tab(const struct reader *r, struct place place)
{
	const char *line = NULL;
	size_t len = 0;

	if (!yaml_line(r->source, place.line, &line, &len))
		return false;
	size_t indent = 0;

	while (indent < len && line[indent] == ' ')
		indent++;
	return (indent < len && line[indent] == '\t') ||
	       (place.column <= len && line[place.column - 1] == '\t');
}

/* Behind the last character of the text: what is missing there began elsewhere. */
static bool is_at_end(const struct reader *r, struct place place)
{
	const char *line = NULL;
	size_t len = 0;

	return !yaml_line(r->source, place.line, &line, &len) ||
	       (place.line == r->source->n_lines && place.column > len);
}

static void add_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_READER_ERROR) {
		add(r, "E102", yaml_place_at(r->source, r->source->lines[0] + p->problem_offset),
		    "a control character stands here");
		return;
	}
	struct place place = {p->problem_mark.line + 1, p->problem_mark.column + 1, 1};

	if (is_about_tab(r, place)) {
		finding_hint(add(r, "E105", place, "a tab cannot be used for indentation"),
			     "use spaces");
		return;
	}
	if (p->context && is_at_end(r, place))
		place = (struct place){p->context_mark.line + 1, p->context_mark.column + 1, 1};
	auto_text message = {0};

	if (p->context)
		text_addf(&message, "%s: ", p->context);
	text_add(&message, p->problem ? p->problem : "the text cannot be read");
	add(r, "E101", place, text_str(&message));
}

/* Read the next event over the current one. */
static bool next(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return true;
	add_syntax(r);
	return false;
}

static struct place event_place(const struct reader *r)
{
	return place_of(r, r->event.start_mark, r->event.end_mark);
}

/* The current event is one too many. */
static void add_limit(struct reader *r, const char *what, int limit, const char *unit)
{
	yaml_place(r->source, findings_add(r->findings, "E104", "%s %d %s", what, limit, unit),
		   event_place(r));
}

static const struct yaml_node *read_node(struct reader *r, size_t depth);

/* Remember that `name` is being read; the index of its entry. */
static size_t open_anchor(struct reader *r, const yaml_char_t *name)
{
	r->anchors = list_grow(r->anchors, r->n_anchors, &r->anchors_capacity, sizeof(*r->anchors));
	r->anchors[r->n_anchors] =
		(struct anchor){arena_strdup(r->arena, (const char *)name), NULL};
	return r->n_anchors++;
}

static const struct yaml_node *read_alias(struct reader *r, size_t depth)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	const struct anchor *found = NULL;

	/* an anchor may be given again: the last one counts */
	for (size_t i = r->n_anchors; i > 0 && !found; i--)
		if (strcmp(r->anchors[i - 1].name, name) == 0)
			found = &r->anchors[i - 1];
	if (!found) {
		add(r, "E108", event_place(r), "no anchor of this name stands above");
		return NULL;
	}
	if (!found->node) {
		add(r, "E108", event_place(r), "this alias stands inside its own anchor");
		return NULL;
	}
	r->n_alias_nodes += found->node->n_nodes;
	if (r->n_alias_nodes > YAML_MAX_ALIAS_NODES) {
		add_limit(r, "all aliases together stand for more than", YAML_MAX_ALIAS_NODES,
			  "values");
		return NULL;
	}
	if (depth + found->node->depth - 1 > YAML_MAX_DEPTH) {
		add_limit(r, "nested deeper than", YAML_MAX_DEPTH, "levels");
		return NULL;
	}
	return found->node;
}

static const struct yaml_node *read_scalar(struct reader *r, struct yaml_node *node)
{
	const char *value = (const char *)r->event.data.scalar.value;
	size_t len = r->event.data.scalar.length;
	yaml_scalar_style_t style = r->event.data.scalar.style;

	if (memchr(value, '\0', len)) {
		add(r, "E102", node->place, "the value contains a NUL character");
		return NULL;
	}
	node->kind = YAML_SCALAR;
	node->is_plain = style == YAML_PLAIN_SCALAR_STYLE;
	node->is_block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
	node->text = arena_strndup(r->arena, value, len);
	return node;
}

static void count_child(struct yaml_node *node, const struct yaml_node *child)
{
	node->n_nodes += child->n_nodes;
	if (child->depth >= node->depth)
		node->depth = child->depth + 1;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static const struct yaml_node *read_sequence(struct reader *r, struct yaml_node *node, size_t depth)
{
	auto_free const struct yaml_node **items = NULL;
	size_t n = 0;
	size_t capacity = 0;

	while (next(r)) {
		if (r->event.type == YAML_SEQUENCE_END_EVENT) {
			node->kind = YAML_SEQUENCE;
			node->items = arena_alloc(r->arena, (n + 1) * sizeof(*items));
			if (n)
				memcpy(node->items, items, n * sizeof(*items));
			node->n = n;
			return node;
		}
		const struct yaml_node *item = read_node(r, depth + 1);

		if (!item)
			return NULL;
		count_child(node, item);
		items = list_grow(items, n, &capacity, sizeof(*items));
		items[n++] = item;
	}
	return NULL;
}

struct pair_list {
	struct yaml_pair *items;
	size_t n;
	size_t capacity;
};

static void pairs_release(struct pair_list *list) { free(list->items); }

static void pairs_add(struct pair_list *list, struct yaml_pair pair)
{
	list->items = list_grow(list->items, list->n, &list->capacity, sizeof(pair));
	list->items[list->n++] = pair;
}

static int compare_keys(const void *a, const void *b)
{
	const struct yaml_pair *x = *(const struct yaml_pair *const *)a;
	const struct yaml_pair *y = *(const struct yaml_pair *const *)b;
	int by_key = strcmp(x->key, y->key);

	return by_key ? by_key : x < y ? -1 : x > y;
}

/* Drop all but the first pair of each key. The first `n_own` were written in this mapping: there a
 * second one is a mistake; behind them stand merged pairs, which only fill gaps. */
static void drop_duplicates(struct reader *r, struct pair_list *list, size_t n_own)
{
	if (list->n < 2)
		return;
	auto_free const struct yaml_pair **sorted = xcalloc(list->n, sizeof(*sorted));
	auto_free bool *is_dropped = xcalloc(list->n, sizeof(*is_dropped));
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		sorted[i] = &list->items[i];
	qsort(sorted, list->n, sizeof(const struct yaml_pair *), compare_keys);
	const struct yaml_pair *first = sorted[0];

	for (size_t i = 1; i < list->n; i++) {
		const struct yaml_pair *pair = sorted[i];
		size_t index = (size_t)(pair - list->items);

		if (strcmp(first->key, pair->key) != 0) {
			first = pair;
			continue;
		}
		is_dropped[index] = true;
		if (index < n_own) {
			struct finding *f =
				findings_add(r->findings, "E106", "duplicate key '%s'", pair->key);

			yaml_place(r->source, f, pair->key_place);
			finding_hint(f, "keep one of the two; the first is in line %zu",
				     first->key_place.line);
		}
	}
	for (size_t i = 0; i < list->n; i++)
		if (!is_dropped[i])
			list->items[kept++] = list->items[i];
	list->n = kept;
}

/* `<<: *a` or `<<: [*a, *b]`: the pairs of other mappings. */
static bool merge(struct reader *r, struct pair_list *merged, const struct yaml_node *value)
{
	const struct yaml_node *const *maps = &value;
	size_t n = 1;

	if (value->kind == YAML_SEQUENCE) {
		maps = value->items;
		n = value->n;
	}
	for (size_t i = 0; i < n; i++) {
		if (maps[i]->kind != YAML_MAPPING) {
			add(r, "E107", maps[i]->place, "a merge key '<<' takes mappings only");
			return false;
		}
		for (size_t k = 0; k < maps[i]->n; k++)
			pairs_add(merged, maps[i]->pairs[k]);
	}
	return true;
}

/* Read the key that the current event begins. */
static bool read_key(struct reader *r, struct yaml_pair *pair, bool *is_merge)
{
	if (r->event.type != YAML_SCALAR_EVENT || r->event.data.scalar.tag ||
	    r->event.data.scalar.anchor) {
		add(r, "E107", event_place(r), "a key must be plain text");
		return false;
	}
	struct yaml_node node = {.place = event_place(r)};

	if (!read_scalar(r, &node))
		return false;
	*is_merge = node.is_plain && strcmp(node.text, "<<") == 0;
	pair->key = node.text;
	pair->key_place = node.place;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static const struct yaml_node *read_mapping(struct reader *r, struct yaml_node *node, size_t depth)
{
	__attribute__((cleanup(pairs_release))) struct pair_list list = {0};
	__attribute__((cleanup(pairs_release))) struct pair_list merged = {0};

	while (next(r)) {
		struct yaml_pair pair = {0};
		bool is_merge = false;

		if (r->event.type == YAML_MAPPING_END_EVENT) {
			size_t n_own = list.n;

			for (size_t i = 0; i < merged.n; i++)
				pairs_add(&list, merged.items[i]);
			drop_duplicates(r, &list, n_own);
			node->kind = YAML_MAPPING;
			node->pairs = arena_alloc(r->arena, (list.n + 1) * sizeof(pair));
			if (list.n)
				memcpy(node->pairs, list.items, list.n * sizeof(pair));
			node->n = list.n;
			return node;
		}
		if (!read_key(r, &pair, &is_merge) || !next(r))
			return NULL;
		pair.value = read_node(r, depth + 1);
		if (!pair.value)
			return NULL;
		count_child(node, pair.value);
		if (!is_merge)
			pairs_add(&list, pair);
		else if (!merge(r, &merged, pair.value))
			return NULL;
	}
	return NULL;
}

static const yaml_char_t *event_anchor(const yaml_event_t *e)
{
	return e->type == YAML_SCALAR_EVENT           ? e->data.scalar.anchor
	       : e->type == YAML_SEQUENCE_START_EVENT ? e->data.sequence_start.anchor
						      : e->data.mapping_start.anchor;
}

static const yaml_char_t *event_tag(const yaml_event_t *e)
{
	return e->type == YAML_SCALAR_EVENT           ? e->data.scalar.tag
	       : e->type == YAML_SEQUENCE_START_EVENT ? e->data.sequence_start.tag
						      : e->data.mapping_start.tag;
}

/* The node that the current event begins; NULL after a finding that ends the reading. */
/* NOLINTNEXTLINE(misc-no-recursion): at most YAML_MAX_DEPTH deep */
static const struct yaml_node *read_node(struct reader *r, size_t depth)
{
	if (depth > YAML_MAX_DEPTH) {
		add_limit(r, "nested deeper than", YAML_MAX_DEPTH, "levels");
		return NULL;
	}
	if (r->event.type == YAML_ALIAS_EVENT)
		return read_alias(r, depth);
	const yaml_char_t *name = event_anchor(&r->event);

	if (name && r->n_anchors == YAML_MAX_ANCHORS) {
		add_limit(r, "more than", YAML_MAX_ANCHORS, "anchors");
		return NULL;
	}
	size_t anchor = name ? open_anchor(r, name) : 0;
	struct yaml_node *node = arena_alloc(r->arena, sizeof(*node));
	yaml_mark_t start = r->event.start_mark;
	const struct yaml_node *done;

	node->place = event_place(r);
	node->n_nodes = 1;
	node->depth = 1;
	if (event_tag(&r->event))
		finding_hint(add(r, "E107", node->place, "tags ('!') are not used here"),
			     "remove the tag; write text in quotes where it could be mistaken");
	if (r->event.type == YAML_SCALAR_EVENT)
		done = read_scalar(r, node);
	else if (r->event.type == YAML_SEQUENCE_START_EVENT)
		done = read_sequence(r, node, depth);
	else
		done = read_mapping(r, node, depth);
	if (done && done->kind != YAML_SCALAR)
		node->place = place_of(r, start, r->event.end_mark);
	if (name)
		r->anchors[anchor].node = done;
	return done;
}

static const struct yaml_node *read_document(struct reader *r)
{
	if (!next(r) /* stream start */ || !next(r))
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT) {
		add(r, "E103", (struct place){0}, "the file holds no document");
		return NULL;
	}
	if (!next(r))
		return NULL;
	const struct yaml_node *root = read_node(r, 1);

	if (!root || !next(r) /* document end */ || !next(r))
		return NULL;
	if (r->event.type != YAML_STREAM_END_EVENT) {
		add(r, "E107", event_place(r), "a second document begins here");
		return NULL;
	}
	return root;
}

const struct yaml_node *yaml_parse(const struct yaml_source *source, struct arena *arena,
				   struct findings *f)
{
	struct reader r = {.source = source, .arena = arena, .findings = f};

	if (!yaml_check_text(source, f))
		return NULL;
	if (!yaml_parser_initialize(&r.parser))
		abort(); /* out of memory, as in xcalloc() */
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	size_t start = source->lines[0]; /* behind the BOM, which libyaml would take for text */

	yaml_parser_set_input_string(&r.parser, (const unsigned char *)source->text + start,
				     source->len - start);
	const struct yaml_node *root = read_document(&r);

	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	free(r.anchors);
	return root;
}

const struct yaml_pair *yaml_find_pair(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAPPING)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (strcmp(map->pairs[i].key, key) == 0)
			return &map->pairs[i];
	return NULL;
}

const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key)
{
	const struct yaml_pair *pair = yaml_find_pair(map, key);

	return pair ? pair->value : NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (!node || node->kind != YAML_SCALAR || !node->is_plain)
		return false;
	for (size_t i = 0; i < array_len(words); i++)
		if (strcmp(node->text, words[i]) == 0)
			return true;
	return false;
}
