/* SPDX-License-Identifier: MIT */
#include "lib/python/head.h"

#include "lib/base/compiler.h"

#include <ctype.h>
#include <string.h>

/* Behind the string literal that starts at the quote `p`. */
static const char *skip_string(const char *p, const char *end)
{
	char quote = *p;
	bool is_triple = end - p >= 3 && p[1] == quote && p[2] == quote;

	for (p += is_triple ? 3 : 1; p < end; p++)
		if (*p == '\\')
			p++;
		else if (!is_triple && (*p == quote || *p == '\n'))
			return *p == quote ? p + 1 : p; /* a newline ends what is not closed */
		else if (is_triple && end - p >= 3 && p[0] == quote && p[1] == quote &&
			 p[2] == quote)
			return p + 3;
	return end;
}

static const char *skip_comment(const char *p, const char *end)
{
	while (p < end && *p != '\n')
		p++;
	return p;
}

const char *python_skip_statement(const char *p, const char *end)
{
	int depth = 0;

	while (p < end) {
		char c = *p;

		if (c == '"' || c == '\'') {
			p = skip_string(p, end);
			continue;
		}
		if (c == '#') {
			p = skip_comment(p, end);
			continue;
		}
		p++;
		if (strchr("([{", c))
			depth++;
		else if (strchr(")]}", c))
			depth--;
		else if (c == '\\' && p < end)
			p += end - p > 1 && *p == '\r' ? 2 : 1;
		else if (c == '\n' && depth <= 0)
			return p;
	}
	return end;
}

static bool is_docstring(const char *p, const char *end)
{
	while (p < end && strchr("rRuU", *p))
		p++;
	return p < end && (*p == '"' || *p == '\'');
}

static bool is_future_import(const char *p, const char *end)
{
	static const char word[] = "__future__";

	if (end - p < 5 || strncmp(p, "from", 4) != 0 || !isblank((unsigned char)p[4]))
		return false;
	for (p += 4; p < end && isblank((unsigned char)*p); p++)
		;
	return (size_t)(end - p) >= strlen(word) && strncmp(p, word, strlen(word)) == 0;
}

size_t python_head_length(const char *code, size_t len)
{
	const char *end = code + len;
	const char *line = code;
	bool is_first = true;

	if (len >= 3 && memcmp(code, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	while (line < end) {
		const char *p = line;

		while (p < end && strchr(" \t\f\r", *p))
			p++;
		if (p < end && *p == '#')
			p = skip_comment(p, end);
		if (p == end || *p == '\n') {
			line = p < end ? p + 1 : end;
			continue;
		}
		if (!(is_first && is_docstring(p, end)) && !is_future_import(p, end))
			break;
		is_first = false;
		line = python_skip_statement(p, end);
	}
	return (size_t)(line - code);
}
