/* SPDX-License-Identifier: MIT */
#include "lib/python/head.h"

#include "lib/python/tokens.h"

#include <string.h>

enum { BOM_BYTES = 3 };

/* Behind the logical line at `i`. */
static size_t line_end(const struct python_tokens *t, size_t i)
{
	while (t->items[i].kind != TOKEN_NEWLINE && t->items[i].kind != TOKEN_END)
		i++;
	return i + (t->items[i].kind == TOKEN_NEWLINE);
}

/* A string by itself. */
static bool is_docstring(const struct python_tokens *t, size_t i)
{
	size_t end = i;

	while (t->items[end].kind == TOKEN_STRING)
		end++;
	return end > i && (t->items[end].kind == TOKEN_NEWLINE || python_token_is(t, end, ";"));
}

static bool is_future_import(const struct python_tokens *t, size_t i)
{
	return python_token_is(t, i, "from") && python_token_is(t, i + 1, "__future__");
}

/* The start of a line, by its number. */
static size_t line_start(const char *code, size_t len, size_t line)
{
	size_t at = 0;

	for (; line > 1 && at < len; at++) {
		if (code[at] == '\r' && at + 1 < len && code[at + 1] == '\n')
			at++;
		line -= code[at] == '\n' || code[at] == '\r';
	}
	return at;
}

size_t python_head_length(const char *code, size_t len)
{
	bool has_mark = len >= BOM_BYTES && memcmp(code, "\xef\xbb\xbf", BOM_BYTES) == 0;
	auto_python_tokens t = {0};
	struct python_fault ignored; /* nothing can be put into what is no Python */
	size_t i = 0;

	if (!python_tokens_read(code, len, &t, &ignored))
		return has_mark ? BOM_BYTES : 0;
	if (is_docstring(&t, i))
		i = line_end(&t, i);
	while (is_future_import(&t, i))
		i = line_end(&t, i);
	if (t.items[i].kind == TOKEN_END)
		return len;
	return t.items[i].line == 1 && has_mark ? BOM_BYTES
						: line_start(code, len, t.items[i].line);
}
