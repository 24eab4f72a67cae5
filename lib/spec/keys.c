/* SPDX-License-Identifier: MIT
 * The rows of chute.yaml for people: every key with its whole path.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <assert.h>
#include <string.h>

enum { DEPTH_MAX = 8, FORMS_MAX = 8 };

struct walk {
	void (*on_key)(void *context, const char *path, const struct field *row);
	void *context;
	const struct field_table *above[DEPTH_MAX]; /* tables that the walk is in */
	size_t depth;
	const struct field_table *forms[FORMS_MAX]; /* tables in forms that it has been in */
	size_t n_forms;
};

static bool is_above(const struct walk *w, const struct field_table *table)
{
	for (size_t i = 0; i < w->depth; i++)
		if (w->above[i] == table)
			return true;
	return false;
}

static const char *behind_key(enum field_type type)
{
	return type == FIELD_LIST ? "[]." : type == FIELD_MAP ? ".NAME." : ".";
}

static void walk_table(struct walk *w, const char *prefix, const struct field_table *table);

/* A table that stands in several forms is gone through at the first. */
/* NOLINTNEXTLINE(misc-no-recursion): a table is entered once */
static void walk_form(struct walk *w, const char *path, const struct field *form)
{
	if (!form->table || form->type == FIELD_VALUES)
		return;
	for (size_t i = 0; i < w->n_forms; i++)
		if (w->forms[i] == form->table)
			return;
	assert(w->n_forms < FORMS_MAX);
	w->forms[w->n_forms++] = form->table;
	auto_free char *below = xprintf("%s%s", path, behind_key(form->type));

	walk_table(w, below, form->table);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as tables hold each other */
static void walk_table(struct walk *w, const char *prefix, const struct field_table *table)
{
	if (w->depth == DEPTH_MAX || is_above(w, table))
		return;
	w->above[w->depth++] = table;
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct field *row = &table->rows[i];
		auto_free char *path = xprintf("%s%s", prefix, row->key);

		w->on_key(w->context, path, row);
		if (row->instead) {
			auto_free char *inside = xprintf("%s.", path);

			walk_table(w, inside, row->instead);
		}
		for (size_t k = 0; k < row->n_forms; k++)
			walk_form(w, path, &row->forms[k]);
		if (!row->table)
			continue;
		auto_free char *below = xprintf("%s%s", path, behind_key(row->type));

		walk_table(w, below, row->table);
	}
	w->depth--;
}

void spec_keys(void (*on_key)(void *context, const char *path, const struct field *row),
	       void *context)
{
	struct walk w = {.on_key = on_key, .context = context};

	walk_table(&w, "", &spec_table);
}

size_t spec_key_rank(const char *key)
{
	size_t i = 0;

	if (text_starts_with(key, "x-"))
		return 1;
	while (i < spec_table.n_rows && strcmp(spec_table.rows[i].key, key) != 0)
		i++;
	return i == 0 ? 0 : i + 1; /* the version stands above all */
}
