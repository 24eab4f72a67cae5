/* SPDX-License-Identifier: MIT */
#include "lib/base/diff.h"

#include "lib/base/memory.h"

#include <string.h>

enum { CONTEXT = 3, CELLS_MAX = 4 * 1024 * 1024 };

struct line {
	const char *text;
	size_t len; /* with its line break, if it has one */
};
struct lines {
	struct line *items;
	size_t n;
	size_t capacity;
};

static void lines_release(struct lines *l) { free(l->items); }
#define auto_lines __attribute__((cleanup(lines_release))) struct lines

static void split(struct lines *l, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		len += text[len] == '\n';
		l->items = list_grow(l->items, l->n, &l->capacity, sizeof(*l->items));
		l->items[l->n++] = (struct line){text, len};
		text += len;
	}
}

static bool is_equal(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* One step from the old lines to the new ones. */
struct edit {
	char kind; /* ' ', '-', '+' */
	const struct line *line;
};
struct edits {
	struct edit *items;
	size_t n;
};

static void add_edit(struct edits *e, char kind, const struct line *line)
{
	e->items[e->n++] = (struct edit){kind, line};
}

/* The longest common subsequence, by the lengths of those of all ends. */
static void compare(const struct line *a, size_t n_a, const struct line *b, size_t n_b,
		    struct edits *out)
{
	size_t width = n_b + 1;
	bool is_small = (n_a + 1) <= CELLS_MAX / width;
	auto_free uint32_t *common = xcalloc(is_small ? (n_a + 1) * width : 1, sizeof(*common));
	size_t i = 0;
	size_t k = 0;

	for (size_t x = n_a; is_small && x-- > 0;)
		for (size_t y = n_b; y-- > 0;) {
			uint32_t below = common[(x + 1) * width + y];
			uint32_t right = common[x * width + y + 1];

			common[x * width + y] = is_equal(&a[x], &b[y])
							? common[(x + 1) * width + y + 1] + 1
						: below > right ? below
								: right;
		}
	while (is_small && i < n_a && k < n_b) {
		if (is_equal(&a[i], &b[k])) {
			add_edit(out, ' ', &a[i++]);
			k++;
		} else if (common[(i + 1) * width + k] >= common[i * width + k + 1]) {
			add_edit(out, '-', &a[i++]);
		} else {
			add_edit(out, '+', &b[k++]);
		}
	}
	while (i < n_a)
		add_edit(out, '-', &a[i++]);
	while (k < n_b)
		add_edit(out, '+', &b[k++]);
}

static void write_line(struct text *out, const struct edit *e)
{
	text_add_char(out, e->kind);
	text_add_bytes(out, e->line->text, e->line->len);
	if (e->line->text[e->line->len - 1] != '\n')
		text_add(out, "\n\\ No newline at end of file\n");
}

/* The end of a hunk that starts at `from`: behind the context of its last change. */
static size_t end_of_hunk(const struct edits *e, size_t from)
{
	const size_t gap = 2 * (size_t)CONTEXT + 1;
	size_t last = from;

	for (size_t i = from; i < e->n && i <= last + gap; i++)
		if (e->items[i].kind != ' ')
			last = i;
	return last + CONTEXT + 1 < e->n ? last + CONTEXT + 1 : e->n;
}

static size_t count(const struct edits *e, size_t from, size_t to, char but)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += e->items[i].kind != but;
	return n;
}

static void write_hunks(struct text *out, const struct edits *e)
{
	size_t done = 0;
	size_t old = 0;
	size_t new = 0;

	for (size_t i = 0; i < e->n; i++) {
		if (e->items[i].kind == ' ')
			continue;
		size_t from = i > done + CONTEXT ? i - CONTEXT : done;
		size_t to = end_of_hunk(e, i);

		old += count(e, done, from, '+');
		new += count(e, done, from, '-');
		size_t n_old = count(e, from, to, '+');
		size_t n_new = count(e, from, to, '-');

		text_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n", old + (n_old > 0), n_old,
			  new + (n_new > 0), n_new);
		for (size_t k = from; k < to; k++)
			write_line(out, &e->items[k]);
		old += n_old;
		new += n_new;
		done = to;
		i = to - 1;
	}
}

void text_add_diff(struct text *out, const char *name, const char *before, const char *after)
{
	auto_lines a = {0};
	auto_lines b = {0};
	size_t head = 0;
	size_t tail = 0;

	split(&a, before);
	split(&b, after);
	while (head < a.n && head < b.n && is_equal(&a.items[head], &b.items[head]))
		head++;
	if (head == a.n && head == b.n)
		return;
	while (tail < a.n - head && tail < b.n - head &&
	       is_equal(&a.items[a.n - tail - 1], &b.items[b.n - tail - 1]))
		tail++;
	auto_free struct edit *items = xcalloc(a.n + b.n, sizeof(*items));
	struct edits edits = {.items = items};

	for (size_t i = 0; i < head; i++)
		add_edit(&edits, ' ', &a.items[i]);
	/* an empty text has no items, and no place among them */
	compare(a.n ? a.items + head : NULL, a.n - head - tail, b.n ? b.items + head : NULL,
		b.n - head - tail, &edits);
	for (size_t i = a.n - tail; i < a.n; i++)
		add_edit(&edits, ' ', &a.items[i]);
	text_addf(out, "--- %s\n+++ %s\n", name, name);
	write_hunks(out, &edits);
}
