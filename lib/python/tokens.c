/* SPDX-License-Identifier: MIT */
#include "lib/python/tokens.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/python/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TAB_WIDTH = 8 };

/* Columns of the indentation: tabs to 8 and tabs to 1. Both must agree, or the meaning would
 * depend on the width of a tab. */
struct indent {
	size_t wide;
	size_t narrow;
};

struct scanner {
	struct python_tokens *out;
	struct python_fault *fault;
	const char *text; /* terminated, free of NUL */
	size_t at;
	size_t line;
	size_t counted_at; /* the column of this byte is known */
	size_t counted_column;
	bool is_joined; /* line breaks are blanks all along */
	size_t n_open;
	uint32_t open[PYTHON_MAX_BRACKETS]; /* tokens */
	size_t n_indents;
	struct indent indents[PYTHON_MAX_INDENTS];
};

void python_tokens_release(struct python_tokens *t)
{
	free(t->text);
	free(t->items);
	*t = (struct python_tokens){0};
}

bool python_fault_at(struct python_fault *fault, const struct python_tokens *t, size_t i,
		     const char *fmt, ...)
{
	va_list args;

	*fault = (struct python_fault){.line = t->items[i].line, .column = t->items[i].column};
	va_start(args, fmt);
	vsnprintf(fault->message, sizeof(fault->message), fmt, args);
	va_end(args);
	return false;
}

/* A fault at a byte. */
static bool fault_at(const struct scanner *s, size_t at, const char *fmt, ...) printf_like(3, 4);
static bool fault_at(const struct scanner *s, size_t at, const char *fmt, ...)
{
	struct python_fault fault = {.line = 1, .column = 1};
	va_list args;

	for (size_t i = 0; i < at; i++)
		if (s->text[i] == '\n') {
			fault.line++;
			fault.column = 1;
		} else {
			fault.column += ((unsigned char)s->text[i] & 0xc0) != 0x80;
		}
	va_start(args, fmt);
	vsnprintf(fault.message, sizeof(fault.message), fmt, args);
	va_end(args);
	*s->fault = fault;
	return false;
}

/* Move on to `to`, counting lines and columns. */
static void count_to(struct scanner *s, size_t to)
{
	for (; s->counted_at < to; s->counted_at++)
		if (s->text[s->counted_at] == '\n') {
			s->line++;
			s->counted_column = 1;
		} else {
			s->counted_column += ((unsigned char)s->text[s->counted_at] & 0xc0) != 0x80;
		}
}

static struct python_token *add(struct scanner *s, enum python_token_kind kind, size_t at,
				size_t len)
{
	struct python_tokens *out = s->out;

	count_to(s, at);
	out->items = list_grow(out->items, out->n, &out->capacity, sizeof(*out->items));
	out->items[out->n] = (struct python_token){
		.kind = kind,
		.at = (uint32_t)at,
		.len = (uint32_t)len,
		.line = (uint32_t)s->line,
		.column = (uint32_t)s->counted_column,
	};
	return &out->items[out->n++];
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_name_start(char c)
{
	return c == '_' || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
	       (unsigned char)c >= 0x80;
}

static size_t name_length(const char *p)
{
	size_t n = 0;

	while (is_name_start(p[n]) || is_digit(p[n]))
		n++;
	return n;
}

/* What stands in front of a quote: nothing or one of r, b, u, f, br, fr in any order and case. */
struct prefix {
	bool is_formatted;
	bool is_raw;
};

static bool read_prefix(const char *p, size_t len, struct prefix *out)
{
	static const char *const known[] = {"", "r", "b", "u", "f", "br", "rb", "fr", "rf"};
	char lower[3] = {0};

	if (len > 2)
		return false;
	for (size_t i = 0; i < len; i++)
		lower[i] = ascii_lower(p[i]);
	*out = (struct prefix){strchr(lower, 'f') != NULL, strchr(lower, 'r') != NULL};
	for (size_t i = 0; i < array_len(known); i++)
		if (strcmp(lower, known[i]) == 0)
			return true;
	return false;
}

struct quote {
	size_t at;
	size_t len; /* 1 or 3 */
};

static bool is_quote(char c) { return c == '"' || c == '\''; }

static bool quote_ends(const struct scanner *s, const struct quote *q)
{
	return strncmp(s->text + s->at, s->text + q->at, q->len) == 0;
}

static bool skip_string(struct scanner *s, struct prefix prefix, size_t depth);
static bool skip_field(struct scanner *s, const struct quote *q, size_t depth);

static bool unterminated(const struct scanner *s, const struct quote *q)
{
	return fault_at(s, q->at, "unterminated %sstring", q->len == 3 ? "triple-quoted " : "");
}

/* Behind the ':' of a field, up to its '}'. */
static bool skip_format(struct scanner *s, const struct quote *q, size_t depth)
{
	while (s->text[s->at] != '}') {
		char c = s->text[s->at];

		if (!c || (c == '\n' && q->len == 1) || quote_ends(s, q))
			return unterminated(s, q);
		if (c == '{') {
			if (!skip_field(s, q, depth))
				return false;
			continue;
		}
		s->at += c == '\\' && s->text[s->at + 1] ? 2 : 1;
	}
	return true;
}

/* A string or a name in a field. */
static bool skip_word(struct scanner *s, size_t depth)
{
	size_t len = name_length(s->text + s->at);
	struct prefix prefix = {0};

	if (is_quote(s->text[s->at + len]) && read_prefix(s->text + s->at, len, &prefix)) {
		s->at += len;
		return skip_string(s, prefix, depth);
	}
	s->at += len ? len : 1; /* a quote behind a name that is no prefix */
	return true;
}

/* A replacement field of an f-string, with strings of its own (Python 3.12: any). */
static bool skip_field(struct scanner *s, const struct quote *q, size_t depth)
{
	size_t n_brackets = 0;

	if (depth >= PYTHON_MAX_FORMATS)
		return fault_at(s, s->at, "f-strings nested too deep");
	for (s->at++;;) {
		char c = s->text[s->at];

		if (!c)
			return unterminated(s, q);
		if (is_name_start(c) || is_quote(c)) {
			if (!skip_word(s, depth + 1))
				return false;
			continue;
		}
		if (c == '#') {
			s->at += strcspn(s->text + s->at, "\n");
			continue;
		}
		s->at++;
		if (strchr("([{", c))
			n_brackets++;
		else if (c == '}' && n_brackets == 0)
			return true;
		else if (strchr(")]}", c))
			n_brackets -= n_brackets > 0;
		else if (c == ':' && n_brackets == 0 && !skip_format(s, q, depth + 1))
			return false;
	}
}

/* A backslash in a string. A brace behind it still opens a field, but for \N{NAME}. */
static void skip_escape(struct scanner *s, struct prefix prefix)
{
	const char *p = s->text + s->at;

	if (prefix.is_formatted && p[1] == '{') {
		s->at++;
	} else if (prefix.is_formatted && !prefix.is_raw && p[1] == 'N' && p[2] == '{') {
		size_t len = strcspn(p, "}\"'\n");

		s->at += p[len] == '}' ? len + 1 : len;
	} else {
		s->at += p[1] ? 2 : 1;
	}
}

/* From the opening quote to behind the closing one. */
static bool skip_string(struct scanner *s, struct prefix prefix, size_t depth)
{
	const char *p = s->text + s->at;
	struct quote q = {s->at, p[1] == p[0] && p[2] == p[0] ? 3 : 1};

	if (depth >= PYTHON_MAX_FORMATS)
		return fault_at(s, s->at, "f-strings nested too deep");
	for (s->at += q.len; !quote_ends(s, &q);) {
		char c = s->text[s->at];

		if (!c || (c == '\n' && q.len == 1))
			return unterminated(s, &q);
		if (c == '\\') {
			skip_escape(s, prefix);
		} else if (prefix.is_formatted && c == '{' && s->text[s->at + 1] != '{') {
			if (!skip_field(s, &q, depth))
				return false;
		} else {
			s->at += prefix.is_formatted && c == '{' ? 2 : 1;
		}
	}
	s->at += q.len;
	return true;
}

static bool read_string(struct scanner *s, size_t prefix_len, struct prefix prefix)
{
	size_t start = s->at;

	s->at += prefix_len;
	if (!skip_string(s, prefix, 0))
		return false;
	add(s, TOKEN_STRING, start, s->at - start);
	return true;
}

static size_t digits_length(const char *p, const char *digits) { return strspn(p, digits); }

static size_t exponent_length(const char *p)
{
	size_t sign = ascii_lower(p[0]) == 'e' && (p[1] == '+' || p[1] == '-') ? 2 : 1;

	if (ascii_lower(p[0]) != 'e' || !is_digit(p[sign]))
		return 0;
	return sign + digits_length(p + sign, "0123456789_");
}

static size_t number_length(const char *p)
{
	static const char decimal[] = "0123456789_";
	int base = p[0] == '0' ? ascii_lower(p[1]) : 0;

	if (base == 'x')
		return 2 + digits_length(p + 2, "0123456789abcdefABCDEF_");
	if (base == 'o' || base == 'b')
		return 2 + digits_length(p + 2, decimal);
	size_t n = digits_length(p, decimal);

	if (p[n] == '.')
		n += 1 + digits_length(p + n + 1, decimal);
	n += exponent_length(p + n);
	return n + (ascii_lower(p[n]) == 'j');
}

static size_t operator_length(const char *p)
{
	static const char *const long_ones[] = {
		"**=", "//=", ">>=", "<<=", "...", "->", ":=", "==", "!=", "<=", ">=", "+=",
		"-=",  "*=",  "/=",  "%=",  "&=",  "|=", "^=", "@=", "**", "//", "<<", ">>",
	};

	for (size_t i = 0; i < array_len(long_ones); i++)
		if (*p == *long_ones[i] && text_starts_with(p, long_ones[i]))
			return strlen(long_ones[i]);
	return strchr("+-*/%@&|^~<>()[]{},:.;=", *p) ? 1 : 0;
}

static bool open_bracket(struct scanner *s)
{
	if (s->n_open == PYTHON_MAX_BRACKETS)
		return fault_at(s, s->at, "too many nested brackets");
	s->open[s->n_open++] = (uint32_t)s->out->n;
	return true;
}

static bool close_bracket(struct scanner *s)
{
	char c = s->text[s->at];

	if (s->n_open == 0)
		return fault_at(s, s->at, "unmatched '%c'", c);
	struct python_token *opening = &s->out->items[s->open[--s->n_open]];
	const char *pair = strchr("()[]{}", s->text[opening->at]);

	if (c != pair[1])
		return fault_at(s, s->at, "closing '%c' does not match '%c' of line %u", c,
				s->text[opening->at], opening->line);
	opening->match = (uint32_t)s->out->n;
	return true;
}

static bool read_operator(struct scanner *s)
{
	const char *p = s->text + s->at;
	size_t len = operator_length(p);

	if (len == 0)
		return (unsigned char)*p < ' '
			       ? fault_at(s, s->at, "a control character (0x%02x)", (unsigned)*p)
			       : fault_at(s, s->at, "unexpected character '%c'", *p);
	if ((strchr("([{", *p) && !open_bracket(s)) || (strchr(")]}", *p) && !close_bracket(s)))
		return false;
	add(s, TOKEN_OPERATOR, s->at, len);
	s->at += len;
	return true;
}

/* Over a backslash at the end of a line. */
static bool skip_continuation(struct scanner *s)
{
	if (s->text[s->at + 1] != '\n')
		return fault_at(s, s->at, "unexpected character after '\\'");
	s->at += 2;
	return s->text[s->at] || fault_at(s, s->at, "the file ends behind '\\'");
}

static bool read_token(struct scanner *s)
{
	const char *p = s->text + s->at;
	size_t len = name_length(p);
	struct prefix prefix = {0};

	if (is_digit(*p) || (*p == '.' && is_digit(p[1]))) {
		len = number_length(p);
		add(s, TOKEN_NUMBER, s->at, len);
	} else if (is_quote(p[len]) && read_prefix(p, len, &prefix)) {
		return read_string(s, len, prefix);
	} else if (len > 0) {
		add(s, TOKEN_NAME, s->at, len);
	} else {
		return *p == '\\' ? skip_continuation(s) : read_operator(s);
	}
	s->at += len;
	return true;
}

/* Measure the blanks at the start of a line. */
static bool measure_indent(struct scanner *s, struct indent *out)
{
	size_t joined = 0; /* where the first of several joined lines starts */

	*out = (struct indent){0};
	for (;;) {
		char c = s->text[s->at];

		if (c == '\\') {
			joined = joined ? joined : out->wide;
			if (!skip_continuation(s))
				return false;
			continue;
		}
		if (c == ' ')
			out->wide++;
		else if (c == '\t')
			out->wide = (out->wide / TAB_WIDTH + 1) * TAB_WIDTH;
		else if (c != '\f')
			break;
		if (c == '\f')
			*out = (struct indent){0};
		else
			out->narrow++;
		s->at++;
	}
	if (joined)
		*out = (struct indent){joined, joined};
	return true;
}

/* The indents and dedents in front of a line that has code. */
static bool read_indent(struct scanner *s)
{
	static const char mixed[] = "tabs and spaces are mixed in the indentation";
	struct indent new;

	if (!measure_indent(s, &new))
		return false;
	if (strchr("#\n", s->text[s->at]))
		return true; /* the end counts as such a line, too */
	const struct indent *last = &s->indents[s->n_indents];

	if (new.wide > last->wide) {
		if (s->n_indents + 1 == PYTHON_MAX_INDENTS)
			return fault_at(s, s->at, "too many levels of indentation");
		if (new.narrow <= last->narrow)
			return fault_at(s, s->at, mixed);
		s->indents[++s->n_indents] = new;
		add(s, TOKEN_INDENT, s->at, 0);
		return true;
	}
	for (; new.wide < last->wide; last--, s->n_indents--)
		add(s, TOKEN_DEDENT, s->at, 0);
	if (new.wide != last->wide)
		return fault_at(s, s->at, "the indentation matches no outer level");
	return new.narrow == last->narrow || fault_at(s, s->at, mixed);
}

static void end_line(struct scanner *s)
{
	const struct python_tokens *out = s->out;

	if (out->n > 0 && out->items[out->n - 1].kind <= TOKEN_OPERATOR)
		add(s, TOKEN_NEWLINE, s->at, 0);
}

static bool read_tokens(struct scanner *s)
{
	bool starts_line = !s->is_joined;

	while (s->text[s->at]) {
		char c = s->text[s->at];

		if (starts_line && !read_indent(s))
			return false;
		starts_line = false;
		c = s->text[s->at];
		if (c == ' ' || c == '\t' || c == '\f') {
			s->at++;
		} else if (c == '#') {
			s->at += strcspn(s->text + s->at, "\n");
		} else if (c == '\n') {
			starts_line = !s->is_joined && s->n_open == 0;
			if (starts_line)
				end_line(s);
			s->at++;
		} else if (c && !read_token(s)) {
			return false;
		}
	}
	if (s->n_open > 0) {
		const struct python_token *opening = &s->out->items[s->open[s->n_open - 1]];

		return fault_at(s, opening->at, "'%c' is never closed", s->text[opening->at]);
	}
	end_line(s);
	for (; s->n_indents > 0; s->n_indents--)
		add(s, TOKEN_DEDENT, s->at, 0);
	add(s, TOKEN_END, s->at, 0);
	return true;
}

static bool read_all(const char *code, size_t len, bool is_joined, struct python_tokens *out,
		     struct python_fault *fault)
{
	auto_python_tokens tokens = {0};
	struct scanner s = {
		.out = &tokens,
		.fault = fault,
		.line = 1,
		.counted_column = 1,
		.is_joined = is_joined,
	};

	if (!python_source_read(code, len, &tokens.text, &tokens.len, fault))
		return false;
	s.text = tokens.text;
	if (!read_tokens(&s))
		return false;
	*out = tokens;
	tokens = (struct python_tokens){0};
	return true;
}

bool python_tokens_read(const char *code, size_t len, struct python_tokens *out,
			struct python_fault *fault)
{
	return read_all(code, len, false, out, fault);
}

bool python_tokens_read_expression(const char *code, size_t len, struct python_tokens *out,
				   struct python_fault *fault)
{
	return read_all(code, len, true, out, fault);
}

bool python_token_is(const struct python_tokens *t, size_t i, const char *text)
{
	const struct python_token *token = &t->items[i];

	/* the first byte mostly tells: this is what reading does all the time */
	return t->text[token->at] == text[0] && token->kind <= TOKEN_OPERATOR &&
	       token->kind != TOKEN_STRING && strncmp(t->text + token->at, text, token->len) == 0 &&
	       !text[token->len];
}

bool python_token_is_identifier(const struct python_tokens *t, size_t i)
{
	static const char *const keywords[] = {
		"False",  "None",   "True",    "and",      "as",       "assert", "async",
		"await",  "break",  "class",   "continue", "def",      "del",    "elif",
		"else",   "except", "finally", "for",      "from",     "global", "if",
		"import", "in",     "is",      "lambda",   "nonlocal", "not",    "or",
		"pass",   "raise",  "return",  "try",      "while",    "with",   "yield",
	};

	if (t->items[i].kind != TOKEN_NAME)
		return false;
	for (size_t k = 0; k < array_len(keywords); k++)
		if (python_token_is(t, i, keywords[k]))
			return false;
	return true;
}
