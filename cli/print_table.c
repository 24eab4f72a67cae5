/* SPDX-License-Identifier: MIT
 * Rows of cells as text.
 */
#include "cli/print.h"
#include "cli/print_internal.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void table_release(struct table *t)
{
	strings_release(&t->cells);
	t->n_columns = 0;
}

void table_begin(struct table *t, const char *titles)
{
	table_release(t);
	strings_split(&t->cells, titles, '|');
	t->n_columns = t->cells.n;
}

void table_add(struct table *t, const char *fmt, ...)
{
	auto_text raw = {0};
	struct text cell = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&raw, fmt, args);
	va_end(args);
	text_add_printable(&cell, text_str(&raw), raw.len, false);
	strings_add_taken(&t->cells, text_take(&cell));
}

/* East Asian wide and emoji blocks; close enough for columns (Unicode annex 11). */
static bool is_wide(const unsigned char *s, size_t n)
{
	static const struct {
		uint32_t first, last;
	} blocks[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
		      {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
	uint32_t c = n == 3 ? (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 |
				      (s[2] & 0x3fU)
		     : n == 4 ? (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12 |
					(uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3fU)
			      : 0;

	for (size_t i = 0; i < array_len(blocks); i++)
		if (c >= blocks[i].first && c <= blocks[i].last)
			return true;
	return false;
}

size_t print_columns(const char *text, size_t len)
{
	auto_text shown = {0};
	size_t columns = 0;

	text_add_printable(&shown, text, len, false);
	for (size_t i = 0; i < shown.len;) {
		const char *c = shown.bytes + i;
		size_t n = utf8_length(c, shown.len - i);

		columns += is_wide((const unsigned char *)c, n) ? 2 : 1;
		i += n;
	}
	return columns;
}

size_t print_fitting(const char *text, size_t room)
{
	size_t len = strlen(text);

	while (len > 0 && (print_columns(text, len) > room || (text[len] & 0xc0) == 0x80))
		len--;
	return len;
}

static void add_row(const struct table *t, size_t first, const size_t *widths, struct text *out)
{
	bool is_plain = print_state.globals->plain;
	size_t used = 0;

	for (size_t c = 0; c < t->n_columns; c++) {
		const char *cell = t->cells.items[first + c];
		bool is_last = c + 1 == t->n_columns;
		size_t len = strlen(cell);

		if (is_last && !is_plain && print_state.is_terminal[STDOUT_FILENO] &&
		    print_width() > used)
			len = print_fitting(cell, print_width() - used);
		text_add_bytes(out, cell, len);
		if (is_last)
			text_add_char(out, '\n');
		else if (is_plain)
			text_add_char(out, '\t');
		else
			text_addf(out, "%*s", (int)(widths[c] + 2 - print_columns(cell, len)), "");
		used += widths[c] + 2;
	}
}

void print_table(const struct table *t)
{
	auto_text out = {0};
	auto_free size_t *widths = xcalloc(t->n_columns, sizeof(*widths));
	size_t start = print_state.globals->no_header ? t->n_columns : 0;

	if (print_state.globals->json)
		return;
	for (size_t i = start; i < t->cells.n; i++) {
		size_t columns = print_columns(t->cells.items[i], strlen(t->cells.items[i]));
		size_t *width = &widths[i % t->n_columns];

		*width = columns > *width ? columns : *width;
	}
	for (size_t i = start; i + t->n_columns <= t->cells.n; i += t->n_columns)
		add_row(t, i, widths, &out);
	print_bytes(text_str(&out), out.len);
}
