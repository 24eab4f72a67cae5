/* SPDX-License-Identifier: MIT
 * The values of literals: strings with their escapes, numbers, docstrings.
 */
#include "lib/python/parser.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

/* The parts of one literal. */
struct literal {
	const char *body; /* between the quotes */
	const char *end;
	bool is_raw;
	bool is_bytes;
	bool is_formatted;
};

static struct literal literal_of(const struct python_tokens *t, size_t i)
{
	const char *p = t->text + t->items[i].at;
	const char *end = p + t->items[i].len;
	struct literal l = {0};

	for (; *p != '"' && *p != '\''; p++) {
		l.is_raw |= ascii_lower(*p) == 'r';
		l.is_bytes |= ascii_lower(*p) == 'b';
		l.is_formatted |= ascii_lower(*p) == 'f';
	}
	size_t quote = end - p >= 6 && p[1] == p[0] && p[2] == p[0] ? 3 : 1;

	l.body = p + quote;
	l.end = end - quote;
	return l;
}

/* UTF-8 of a code point; false for NUL, a half of a surrogate pair, and what is no code point. */
static bool add_code_point(struct text *out, unsigned long c)
{
	char bytes[4] = {0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (c == 0 || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return false;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xf0u) | c);
	text_add_bytes(out, bytes, n);
	return true;
}

/* `count` hex digits, exactly. */
static bool add_hex(const char **p, const char *end, size_t count, struct text *out)
{
	char digits[9] = {0};

	if ((size_t)(end - *p) < count)
		return false;
	memcpy(digits, *p, count);
	*p += count;
	return strspn(digits, "0123456789abcdefABCDEF") == count &&
	       add_code_point(out, strtoul(digits, NULL, 16));
}

static bool add_octal(const char **p, const char *end, struct text *out)
{
	unsigned long value = 0;

	for (size_t n = 0; n < 3 && *p < end && **p >= '0' && **p <= '7'; n++)
		value = value * 8 + (unsigned long)(*(*p)++ - '0');
	return add_code_point(out, value);
}

/* Behind the backslash. */
static bool add_escape(const char **p, const char *end, struct text *out)
{
	static const char from[] = "\\'\"abfnrtv";
	static const char to[] = "\\'\"\a\b\f\n\r\t\v";
	char c = **p;
	const char *simple = strchr(from, c);

	if (c >= '0' && c <= '7')
		return add_octal(p, end, out);
	(*p)++;
	if (simple) {
		text_add_char(out, to[simple - from]);
	} else if (c == 'x' || c == 'u' || c == 'U') {
		return add_hex(p, end, c == 'x' ? 2 : c == 'u' ? 4 : 8, out);
	} else if (c == 'N') {
		return false; /* the names of characters are a database */
	} else if (c != '\n') {
		text_add_char(out, '\\');
		text_add_char(out, c);
	}
	return true;
}

static bool add_string(const struct literal *l, struct text *out)
{
	for (const char *p = l->body; p < l->end;) {
		char c = *p++;

		if (c != '\\' || l->is_raw || l->is_bytes)
			text_add_char(out, c);
		else if (!add_escape(&p, l->end, out))
			return false;
	}
	return true;
}

bool python_string_value(struct python_parser *p, size_t from, size_t to, struct python_expr *out)
{
	auto_text value = {0};
	bool is_bytes = literal_of(p->tokens, from).is_bytes;

	for (size_t i = from; i < to; i++) {
		struct literal l = literal_of(p->tokens, i);

		if (l.is_formatted || l.is_bytes != is_bytes || !add_string(&l, &value))
			return false;
	}
	out->kind = is_bytes ? EXPR_BYTES : EXPR_STRING;
	out->text = arena_strdup(p->arena, text_str(&value));
	return true;
}

/* Decimal digits of 0x…, 0o… or 0b…; those beyond 64 bits are left alone. */
static bool read_based(const char *digits, struct text *out)
{
	char base = ascii_lower(digits[1]);
	char *end = NULL;
	size_t len = strlen(digits + 2);

	if (len == 0 || len > (base == 'x' ? 16 : base == 'o' ? 21 : 64))
		return false;
	unsigned long long value = strtoull(digits + 2, &end,
					    base == 'x'   ? 16
					    : base == 'o' ? 8
							  : 2);

	text_addf(out, "%llu", value);
	return *end == '\0';
}

bool python_number_value(struct python_parser *p, size_t i, bool is_negative,
			 struct python_expr *out)
{
	const struct python_token *token = &p->tokens->items[i];
	const char *at = p->tokens->text + token->at;
	auto_text digits = {0};
	auto_text value = {0};

	for (size_t k = 0; k < token->len; k++)
		if (at[k] != '_')
			text_add_char(&digits, at[k]);
	const char *d = text_str(&digits);
	bool is_integer = strspn(d, "0123456789") == digits.len;

	if (is_negative)
		text_add_char(&value, '-');
	if (d[0] == '0' && strchr("xob", ascii_lower(d[1])) && d[1]) {
		if (!read_based(d, &value))
			return false;
		is_integer = true;
	} else if (ascii_lower(d[digits.len - 1]) == 'j') {
		return false;
	} else if (is_integer && d[0] == '0') {
		if (strspn(d, "0") != digits.len)
			return false;
		text_add_char(&value, '0');
	} else {
		text_add(&value, d);
	}
	out->kind = is_integer ? EXPR_INTEGER : EXPR_FLOAT;
	out->text = arena_strdup(p->arena, text_str(&value));
	return true;
}

/* What str.lstrip() takes off; line breaks have gone before. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 28 && c <= 31);
}

/* Tabs as blanks, to columns of 8. */
static void expand_tabs(const char *text, struct text *out)
{
	size_t column = 0;

	for (; *text; text++) {
		if (*text != '\t') {
			text_add_char(out, *text);
			if (*text == '\n' || *text == '\r')
				column = 0;
			else
				column += ((unsigned char)*text & 0xc0) != 0x80;
			continue;
		}
		do
			text_add_char(out, ' ');
		while (++column % 8 != 0);
	}
}

static size_t blank_length(const char *line)
{
	size_t n = 0;

	while (line[n] && line[n] != '\n' && is_space(line[n]))
		n++;
	return n;
}

/* The smallest indentation of the lines behind the first that have text. */
static size_t find_margin(const char *text)
{
	size_t margin = SIZE_MAX;

	for (const char *newline = strchr(text, '\n'); newline;
	     newline = strchr(newline + 1, '\n')) {
		size_t n = blank_length(newline + 1);
		char c = newline[1 + n];

		if (c && c != '\n' && n < margin)
			margin = n;
	}
	return margin;
}

const char *python_clean_doc(struct arena *arena, const char *doc)
{
	auto_text expanded = {0};
	auto_text out = {0};

	expand_tabs(doc, &expanded);
	const char *line = text_str(&expanded);
	size_t margin = find_margin(line);
	size_t cut = blank_length(line);

	while (line) {
		size_t len = strcspn(line, "\n");
		size_t skipped = cut < len ? cut : len;

		/* empty lines at the start go; those at the end below */
		if (out.len > 0 || skipped < len) {
			text_add_bytes(&out, line + skipped, len - skipped);
			text_add_char(&out, '\n');
		}
		line = line[len] ? line + len + 1 : NULL;
		cut = margin == SIZE_MAX ? 0 : margin;
	}
	while (out.len > 0 && out.bytes[out.len - 1] == '\n')
		out.bytes[--out.len] = '\0';
	return arena_strdup(arena, text_str(&out));
}
