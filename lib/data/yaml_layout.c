/* SPDX-License-Identifier: MIT */
#include "lib/data/yaml_layout.h"

#include "lib/base/memory.h"
#include "lib/data/yaml_internal.h"

#include <string.h>
#include <yaml.h>

enum { LEVELS_MAX = YAML_MAX_DEPTH + 2 };

/* What the reader is in: a collection, and where it stands in a mapping. */
struct level {
	bool is_map;
	bool is_flow;
	bool is_value; /* a key stands in front */
	size_t line;   /* where it began */
};

struct walk {
	const struct yaml_source *source;
	struct yaml_layout *layout;
	struct level levels[LEVELS_MAX];
	size_t depth;
	size_t keys_capacity;
};

static size_t byte_of(const struct walk *w, yaml_mark_t mark)
{
	const char *line = NULL;
	size_t len = 0;
	size_t at = 0;

	if (!yaml_line(w->source, mark.line + 1, &line, &len))
		return 0;
	for (size_t i = 0; i < mark.column && at < len; i++) {
		size_t step = utf8_length(line + at, len - at);

		at += step ? step : 1;
	}
	return at;
}

/* The lines behind `first` up to `last` go on with something; texts are more than brackets. */
static void mark_lines(struct walk *w, size_t first, size_t last, enum yaml_line_kind kind)
{
	for (size_t i = first + 1; i <= last && i < w->source->n_lines; i++)
		if (kind != YAML_LINE_FLOW || w->layout->lines[i] < YAML_LINE_FLOW)
			w->layout->lines[i] = kind;
}

static size_t count_blanks(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[n] == ' ')
		n++;
	return n;
}

/* Blank lines behind a text belong to it only when its head has a '+'. */
static size_t last_line_of_block(const struct walk *w, const yaml_event_t *e)
{
	size_t last = e->end_mark.line - (e->end_mark.column == 0 && e->end_mark.line > 0);
	const char *line = NULL;
	size_t len = 0;
	size_t indent = SIZE_MAX;
	size_t head = byte_of(w, e->start_mark);

	if (!yaml_line(w->source, e->start_mark.line + 1, &line, &len))
		return last;
	/* an anchor may stand in front of the head, and a comment behind it */
	for (; head < len && line[head] != '#'; head++)
		if (line[head] == '+')
			return last;
	for (size_t i = e->start_mark.line + 1; i <= last && indent == SIZE_MAX; i++)
		if (yaml_line(w->source, i + 1, &line, &len) && count_blanks(line, len) < len)
			indent = count_blanks(line, len);
	while (last > e->start_mark.line && yaml_line(w->source, last + 1, &line, &len) &&
	       count_blanks(line, len) == len && len <= indent)
		last--;
	return last;
}

static void add_key(struct walk *w, const yaml_event_t *e)
{
	struct yaml_layout *l = w->layout;

	l->keys = list_grow(l->keys, l->n_keys, &w->keys_capacity, sizeof(*l->keys));
	l->keys[l->n_keys++] = (struct yaml_key_range){
		e->start_mark.line, byte_of(w, e->start_mark), byte_of(w, e->end_mark)};
}

/* A node begins: it is a key or a value of what it stands in. */
static void begin_node(struct walk *w, const yaml_event_t *e)
{
	struct level *in = w->depth ? &w->levels[w->depth - 1] : NULL;

	if (!in || !in->is_map)
		return;
	if (!in->is_value && !in->is_flow && e->start_mark.line == e->end_mark.line)
		add_key(w, e);
	in->is_value = !in->is_value;
}

static void read_scalar(struct walk *w, const yaml_event_t *e)
{
	switch ((int)e->data.scalar.style) {
	case YAML_LITERAL_SCALAR_STYLE:
	case YAML_FOLDED_SCALAR_STYLE:
		mark_lines(w, e->start_mark.line, last_line_of_block(w, e), YAML_LINE_LITERAL);
		break;
	case YAML_PLAIN_SCALAR_STYLE:
		mark_lines(w, e->start_mark.line, e->end_mark.line,
			   w->depth && w->levels[w->depth - 1].is_flow ? YAML_LINE_FLOW
								       : YAML_LINE_PLAIN);
		break;
	default:
		mark_lines(w, e->start_mark.line, e->end_mark.line, YAML_LINE_QUOTED);
	}
}

static void read_event(struct walk *w, const yaml_event_t *e)
{
	switch ((int)e->type) {
	case YAML_SCALAR_EVENT:
		begin_node(w, e);
		read_scalar(w, e);
		break;
	case YAML_ALIAS_EVENT:
		begin_node(w, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT: {
		bool is_map = e->type == YAML_MAPPING_START_EVENT;
		bool is_flow = is_map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
				      : e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;

		begin_node(w, e);
		w->levels[w->depth++] = (struct level){is_map, is_flow, false, e->start_mark.line};
		break;
	}
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		w->depth--;
		if (w->levels[w->depth].is_flow)
			mark_lines(w, w->levels[w->depth].line, e->end_mark.line, YAML_LINE_FLOW);
		break;
	default:
		break;
	}
}

static bool is_marker(const char *line, size_t len)
{
	return (len >= 3 && (memcmp(line, "---", 3) == 0 || memcmp(line, "...", 3) == 0) &&
		(len == 3 || line[3] == ' ' || line[3] == '\t')) ||
	       (len > 0 && line[0] == '%');
}

/* What a line is when nothing goes on in it. */
static enum yaml_line_kind kind_alone(const char *line, size_t len)
{
	size_t at = 0;

	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at == len              ? YAML_LINE_BLANK
	       : line[at] == '#'      ? YAML_LINE_COMMENT
	       : is_marker(line, len) ? YAML_LINE_MARKER
				      : YAML_LINE_CODE;
}

static void read_events(struct walk *w)
{
	yaml_parser_t parser;
	yaml_event_t event = {0};
	bool is_end = false;
	size_t start = w->source->lines[0];

	if (!yaml_parser_initialize(&parser))
		abort(); /* out of memory, as in xcalloc() */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)w->source->text + start,
				     w->source->len - start);
	while (!is_end && w->depth < LEVELS_MAX && yaml_parser_parse(&parser, &event)) {
		is_end = event.type == YAML_STREAM_END_EVENT;
		read_event(w, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

struct yaml_layout yaml_layout_new(const struct yaml_source *source, struct arena *arena)
{
	struct yaml_layout layout = {
		.lines = arena_alloc(arena, (source->n_lines + 1) * sizeof(*layout.lines))};
	struct walk w = {.source = source, .layout = &layout};
	const char *line = NULL;
	size_t len = 0;

	for (size_t i = 0; i < source->n_lines; i++)
		if (yaml_line(source, i + 1, &line, &len))
			layout.lines[i] = kind_alone(line, len);
	read_events(&w);
	auto_free struct yaml_key_range *keys = layout.keys;

	layout.keys = arena_alloc(arena, (layout.n_keys + 1) * sizeof(*keys));
	if (layout.n_keys)
		memcpy(layout.keys, keys, layout.n_keys * sizeof(*keys));
	return layout;
}

const struct yaml_key_range *yaml_layout_find(const struct yaml_layout *layout, size_t line,
					      size_t start)
{
	size_t low = 0;
	size_t high = layout->n_keys;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct yaml_key_range *key = &layout->keys[middle];

		if (key->line == line && key->start == start)
			return key;
		if (key->line < line || (key->line == line && key->start < start))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
