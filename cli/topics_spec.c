/* SPDX-License-Identifier: MIT
 * `chutes help spec`: the keys of chute.yaml, a walk over the rows that read it.
 */
#include "cli/help.h"

#include "lib/base/memory.h"
#include "lib/spec/spec.h"

#include <ctype.h>
#include <string.h>

/* Where the values of a kind have a count: what is counted. */
static const struct {
	const char *word;
	const char *unit; /* NULL: the limits are of the value itself */
} kinds[] = {
	[FIELD_TEXT] = {"text", "characters"},
	[FIELD_BOOL] = {"true or false", NULL},
	[FIELD_INTEGER] = {"whole number", NULL},
	[FIELD_NUMBER] = {"number", NULL},
	[FIELD_MONEY] = {"amount", NULL},
	[FIELD_DURATION] = {"duration", "s"},
	[FIELD_SIZE] = {"size", "bytes"},
	[FIELD_CHOICE] = {NULL, NULL},
	[FIELD_TEXTS] = {"list of texts", "entries"},
	[FIELD_PAIRS] = {"mapping of texts", "entries"},
	[FIELD_VALUES] = {"mapping", "entries"},
	[FIELD_JSON] = {"any value", NULL},
	[FIELD_STRUCT] = {"mapping", NULL},
	[FIELD_LIST] = {"list", "entries"},
	[FIELD_MAP] = {"mapping by name", "entries"},
	[FIELD_CUSTOM] = {NULL, NULL},
};

static void add_limits(struct text *out, const struct field *row)
{
	const char *unit = kinds[row->type].unit;

	if (row->max == 0)
		return;
	if (row->is_min_excluded)
		text_addf(out, " more than %.10g to %.10g", row->min, row->max);
	else if (row->min == row->max)
		text_addf(out, " %.10g", row->max);
	else if (unit && row->min <= 0)
		text_addf(out, " up to %.10g", row->max);
	else
		text_addf(out, " %.10g to %.10g", row->min, row->max);
	if (unit)
		text_addf(out, " %s", unit);
}

static void add_type(struct text *out, const struct field *row);

/* "mapping", "mapping, or text up to 16384 characters" */
static void add_short(struct text *out, const struct field_table *table)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		if (!table->short_key || strcmp(table->rows[i].key, table->short_key) != 0)
			continue;
		text_add(out, ", or ");
		add_type(out, &table->rows[i]);
	}
	for (size_t i = 0; i < table->n_short_forms; i++) {
		text_add(out, ", or ");
		add_type(out, &table->short_forms[i]);
	}
}

/* "whole number 0 to 8" */
/* NOLINTNEXTLINE(misc-no-recursion): forms have no forms */
static void add_type(struct text *out, const struct field *row)
{
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		text_addf(out, "%s%s", i ? "|" : "", row->choices[i]);
	for (size_t i = 0; i < row->n_forms; i++) {
		text_add(out, i ? ", or " : "");
		add_type(out, &row->forms[i]);
	}
	if (!row->choices && kinds[row->type].word) {
		text_add(out, kinds[row->type].word);
		add_limits(out, row);
	}
	if (row->type == FIELD_STRUCT && row->table)
		add_short(out, row->table);
	if (row->is_list_short)
		text_add(out, ", or one text");
	bool has_names =
		row->type == FIELD_PAIRS || row->type == FIELD_VALUES || row->type == FIELD_MAP;

	if (row->form && !row->choices)
		text_addf(out, has_names ? ", names of %s" : ": %s", row->form);
}

void help_add_key_type(struct text *out, const struct field *row) { add_type(out, row); }

void help_add_key_default(struct text *out, const struct field *row)
{
	if (!row->fallback || !*row->fallback)
		return;
	bool is_seconds = row->type == FIELD_DURATION &&
			  isdigit((unsigned char)row->fallback[strlen(row->fallback) - 1]);

	text_addf(out, "%s%s", row->fallback, is_seconds ? " s" : "");
}

/* "required; whole number 0 to 8; default 1; as in 2" */
void help_add_key_facts(struct text *out, const struct field *row)
{
	auto_text type = {0};
	auto_text fallback = {0};

	text_add(out, row->is_required ? "required" : "");
	add_type(&type, row);
	help_add_key_default(&fallback, row);
	if (type.len)
		text_addf(out, "%s%s", out->len ? "; " : "", text_str(&type));
	if (fallback.len)
		text_addf(out, "%sdefault %s", out->len ? "; " : "", text_str(&fallback));
	if (row->takes_env)
		text_addf(out, "%smay refer to the environment", out->len ? "; " : "");
	if (row->example)
		text_addf(out, "%sas in %s", out->len ? "; " : "", row->example);
}

static void add_key(void *context, const char *path, const struct field *row)
{
	struct text *out = context;
	auto_text facts = {0};
	auto_text explanation = {0};

	help_add_key_facts(&facts, row);
	text_add(&explanation, row->help ? row->help : "");
	if (facts.len)
		text_addf(&explanation, " (%s)", text_str(&facts));
	help_add_pair(out, path, text_str(&explanation));
}

void help_add_spec(struct text *out)
{
	help_add_wrapped(out, 0,
			 "Keys of chute.yaml. [] stands for each entry of a list, NAME for a name "
			 "of your own. Keys that start with x- are yours and ignored. 'chutes help "
			 "spec KEY' shows a part of them.");
	text_add_char(out, '\n');
	spec_keys(add_key, out);
}

/* --- one key */

struct part {
	const char *word;
	struct text *out;
	char *inside;         /* the path of the key whose parts are being added; NULL: none yet */
	struct strings names; /* of all keys, for a suggestion */
};

/* Is the table called so? "a cord" is "cord". */
static bool is_called(const struct field_table *table, const char *word)
{
	const char *blank = table ? strrchr(table->name, ' ') : NULL;

	return table && strcmp(blank ? blank + 1 : table->name, word) == 0;
}

/* "gpu_count", "node_selector.gpu_count", or what messages call such a mapping: "cord" */
static bool is_meant(const char *path, const struct field *row, const char *word)
{
	size_t len = strlen(path);
	size_t n = strlen(word);
	bool is_end = len >= n && strcmp(path + len - n, word) == 0 &&
		      (len == n || path[len - n - 1] == '.');

	for (size_t i = 0; i < row->n_forms && !is_end; i++)
		is_end = is_called(row->forms[i].table, word);
	return is_end || is_called(row->table, word);
}

static void add_part(void *context, const char *path, const struct field *row)
{
	struct part *part = context;
	size_t n = part->inside ? strlen(part->inside) : 0;
	bool is_inside = part->inside && strncmp(path, part->inside, n) == 0 &&
			 (path[n] == '.' || path[n] == '[');

	strings_add(&part->names, row->key);
	if (!is_inside && is_meant(path, row, part->word)) {
		free(part->inside);
		part->inside = xstrdup(path);
		is_inside = true;
	}
	if (is_inside)
		add_key(part->out, path, row);
}

bool help_add_spec_key(struct text *out, const char *word, struct error *err)
{
	struct part part = {.word = word, .out = out};

	spec_keys(add_part, &part);
	const char *near = text_nearest(word, (const char *const *)strings_argv(&part.names));
	bool is_found = part.inside != NULL;

	if (!is_found)
		fail(err, ERROR_USAGE, "chute.yaml has no key '%s'", word);
	if (!is_found && near)
		fail_hint(err, "did you mean 'chutes help spec %s'?", near);
	else if (!is_found)
		fail_hint(err, "'chutes help spec' lists all keys");
	free(part.inside);
	strings_release(&part.names);
	return is_found;
}
