/* SPDX-License-Identifier: MIT
 * The words of `template.engine_args`, whichever form they are written in.
 *
 * One text is split at blanks and line ends. A quote opens at the start of a word or behind its
 * '=', and nowhere else, so that --override={"a":1} keeps its quotes as it does on the platform.
 */
#include "lib/spec/spec_internal.h"

#include <string.h>

#define BLANKS " \t\n"

/* Words in the making. `capacity` is known before: no form has more words than characters. */
struct words {
	struct field_reader *r;
	struct field_texts texts;
};

static struct words words_new(struct field_reader *r, size_t capacity)
{
	return (struct words){
		.r = r,
		.texts.items = arena_alloc(r->arena, (capacity + 1) * sizeof(char *)),
		.texts.places = arena_alloc(r->arena, (capacity + 1) * sizeof(struct place)),
	};
}

static void add_word(struct words *w, const char *word, struct place place)
{
	w->texts.places[w->texts.n] = place;
	w->texts.items[w->texts.n++] = arena_strdup(w->r->arena, word);
}

/* What stands in quotes goes to `word`; returns behind the closing one, or NULL without one. */
static const char *take_quoted(const char *at, struct text *word)
{
	char quote = *at++;

	for (; *at && *at != quote; at++) {
		if (quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		text_add_char(word, *at);
	}
	return *at ? at + 1 : NULL;
}

/* A backslash at the end of a line is a blank, too, as in a shell. */
static const char *skip_blanks(const char *at)
{
	for (;;) {
		at += strspn(at, BLANKS);
		if (at[0] != '\\' || at[1] != '\n')
			return at;
		at += 2;
	}
}

static bool read_one_text(struct words *w, const struct field *row, const struct yaml_node *node)
{
	char *text = NULL;

	if (!field_read_value(w->r, row, node, &text))
		return false;
	for (const char *at = text;;) {
		auto_text word = {0};
		bool is_start = true;

		at = skip_blanks(at);
		if (!*at)
			return true;
		while (at && *at && !strchr(BLANKS, *at)) {
			if (is_start && (*at == '"' || *at == '\'')) {
				at = take_quoted(at, &word);
				is_start = false;
				continue;
			}
			is_start = *at == '=';
			text_add_char(&word, *at++);
		}
		if (!at) {
			field_finding(w->r, "E216", node->place, "a quote is not closed in '%s'",
				      row->key);
			return false;
		}
		add_word(w, text_str(&word), node->place);
	}
}

/* One flag of a mapping: `key: true`, `key: text`, `key: [a, b]`, `key: {…}` as JSON. */
static bool read_flag(struct words *w, const struct yaml_pair *pair)
{
	const struct field text_row = {.key = pair->key, .type = FIELD_TEXT, .has_lines = true};
	const struct field list_row = {.key = pair->key, .type = FIELD_TEXTS, .has_lines = true};
	const struct field json_row = {.key = pair->key, .type = FIELD_JSON};
	const struct yaml_node *value = pair->value;
	bool is_flag = value->kind == YAML_SCALAR && value->is_plain;
	struct field_texts list = {0};
	char *text = NULL;

	if (is_flag && strcmp(value->text, "false") == 0)
		return true;
	add_word(w, arena_printf(w->r->arena, "--%s", pair->key), pair->key_place);
	if (is_flag && strcmp(value->text, "true") == 0)
		return true;
	if (value->kind == YAML_SEQUENCE) {
		if (!field_read_value(w->r, &list_row, value, &list))
			return false;
		for (size_t i = 0; i < list.n; i++)
			add_word(w, list.items[i], list.places[i]);
		return true;
	}
	if (!field_read_value(w->r, value->kind == YAML_MAPPING ? &json_row : &text_row, value,
			      &text))
		return false;
	add_word(w, text, value->place);
	return true;
}

static bool read_flags(struct words *w, const struct field *row, const struct yaml_node *node)
{
	const struct field name_row = {.key = row->key, .pattern = row->pattern, .form = row->form};
	bool is_good = true;

	if (!field_check_range(w->r, row, (double)node->n, "item", node->place))
		return false;
	for (size_t i = 0; i < node->n; i++) {
		const struct yaml_pair *pair = &node->pairs[i];

		if (!text_starts_with(pair->key, "x-"))
			is_good &= field_check_text(w->r, &name_row, pair->key, pair->key_place) &&
				   read_flag(w, pair);
	}
	return is_good;
}

bool spec_read_engine_args(struct field_reader *r, const struct field *row,
			   const struct yaml_node *node, void *slot)
{
	bool is_text = node->kind == YAML_SCALAR && !yaml_is_null(node);
	/* a flag of a mapping is two words or more, all of them nodes of their own but the first */
	struct words w = words_new(r, is_text ? strlen(node->text) : 2 * node->n_nodes);
	bool is_good;

	if (is_text)
		is_good = read_one_text(&w, &row->forms[1], node);
	else if (node->kind == YAML_MAPPING)
		is_good = read_flags(&w, &row->forms[2], node);
	else
		is_good = field_read_value(r, &row->forms[0], node, &w.texts);
	if (is_good)
		memcpy(slot, &w.texts, sizeof(w.texts));
	return is_good;
}
