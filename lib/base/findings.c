/* SPDX-License-Identifier: MIT */
#include "lib/base/findings.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void finding_release(struct finding *f)
{
	free(f->message);
	free(f->hint);
	free(f->file);
	free(f->source);
	free(f->topic);
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		finding_release(&f->items[i]);
	free(f->items);
	*f = (struct findings){0};
}

struct finding *findings_add(struct findings *f, const char *code, const char *fmt, ...)
{
	const struct finding_row *row = finding_row_find(code);
	va_list args;

	assert(row);
	if (f->n == FINDINGS_MAX) {
		/* the last place is overwritten, so that the caller always has one to fill */
		finding_release(&f->items[--f->n]);
		f->n_dropped++;
	}
	f->items = list_grow(f->items, f->n, &f->capacity, sizeof(*f->items));
	struct finding *added = &f->items[f->n++];

	*added = (struct finding){.row = row, .severity = row->severity};
	va_start(args, fmt);
	if (vasprintf(&added->message, fmt, args) < 0)
		abort();
	va_end(args);
	return added;
}

void finding_hint(struct finding *f, const char *fmt, ...)
{
	va_list args;

	free(f->hint);
	va_start(args, fmt);
	if (vasprintf(&f->hint, fmt, args) < 0)
		abort();
	va_end(args);
}

void finding_place(struct finding *f, const char *file, size_t line, size_t column, size_t width)
{
	free(f->file);
	f->file = file ? xstrdup(file) : NULL;
	f->line = line;
	f->column = column;
	f->width = width;
}

void finding_topic(struct finding *f, const char *topic)
{
	free(f->topic);
	f->topic = xstrdup(topic);
}

void finding_hide_source(struct finding *f)
{
	free(f->source);
	f->source = NULL;
}

void findings_move(struct findings *f, struct findings *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (f->n == FINDINGS_MAX) {
			finding_release(&from->items[i]);
			f->n_dropped++;
			continue;
		}
		f->items = list_grow(f->items, f->n, &f->capacity, sizeof(*f->items));
		f->items[f->n++] = from->items[i];
	}
	f->n_dropped += from->n_dropped;
	from->n = 0;
	findings_release(from);
}

static int compare(const struct finding *a, const struct finding *b)
{
	int by_file = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (by_file)
		return by_file;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return 0;
}

/* Insertion sort: few items, nearly sorted already, and stable. */
void findings_sort(struct findings *f)
{
	for (size_t i = 1; i < f->n; i++) {
		struct finding moved = f->items[i];
		size_t j = i;

		for (; j > 0 && compare(&f->items[j - 1], &moved) > 0; j--)
			f->items[j] = f->items[j - 1];
		f->items[j] = moved;
	}
}

size_t findings_count(const struct findings *f, enum severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < f->n; i++)
		count += f->items[i].severity == severity;
	return count;
}

void findings_strict(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		f->items[i].severity = SEVERITY_ERROR;
}

void findings_allow(struct findings *f, const char *code)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct finding *item = &f->items[i];

		if (item->row->severity == SEVERITY_WARNING && strcmp(item->row->code, code) == 0)
			finding_release(item);
		else
			f->items[kept++] = *item;
	}
	f->n = kept;
}

bool findings_pass(const struct findings *f, struct error *err)
{
	const struct finding *worst = NULL;
	size_t n_errors = findings_count(f, SEVERITY_ERROR);

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *item = &f->items[i];

		if (item->severity == SEVERITY_ERROR &&
		    (!worst || error_row(item->row->error)->exit_status >
				       error_row(worst->row->error)->exit_status))
			worst = item;
	}
	if (!worst)
		return true;
	return fail(err, worst->row->error, "%zu error%s found", n_errors,
		    n_errors == 1 ? "" : "s");
}
