/* SPDX-License-Identifier: MIT
 * The expression's text as a program. Each construct is laid behind the ones before it; what
 * repeats it or stands for a choice is put around it afterwards.
 */
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/data/pattern_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
	STEPS_MAX = 20000,
	RANGES_MAX = 20000,
	NESTED_MAX = 50,
	REPEAT_MAX = 10000,
	CHARACTER_MAX = 0x10ffff
};

struct parser {
	const char *at;
	struct pattern *p;
	size_t depth;
	struct error *err;
};

static bool refuse(struct parser *r, const char *problem)
{
	return fail(r->err, ERROR_SPEC, "%s", problem);
}

/* --- the program */

static bool insert(struct parser *r, size_t where, struct pattern_step step)
{
	struct pattern *p = r->p;

	if (p->n_steps >= STEPS_MAX)
		return refuse(r, "is too large");
	p->steps = list_grow(p->steps, p->n_steps, &p->steps_capacity, sizeof(*p->steps));
	memmove(p->steps + where + 1, p->steps + where, (p->n_steps - where) * sizeof(*p->steps));
	p->steps[where] = step;
	p->n_steps++;
	return true;
}

static bool append(struct parser *r, struct pattern_step step)
{
	return insert(r, r->p->n_steps, step);
}

static bool append_copy(struct parser *r, size_t start, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!append(r, r->p->steps[start + i]))
			return false;
	return true;
}

static bool add_range(struct parser *r, uint32_t low, uint32_t high)
{
	struct pattern *p = r->p;

	if (p->n_ranges >= RANGES_MAX)
		return refuse(r, "is too large");
	p->ranges = list_grow(p->ranges, p->n_ranges, &p->ranges_capacity, sizeof(*p->ranges));
	p->ranges[p->n_ranges++] = (struct pattern_range){low, high};
	return true;
}

static bool append_set(struct parser *r, size_t first, bool is_negated)
{
	return append(r, (struct pattern_step){.op = PATTERN_SET,
					       .is_negated = is_negated,
					       .first = first,
					       .n = r->p->n_ranges - first});
}

static bool append_character(struct parser *r, uint32_t c)
{
	size_t first = r->p->n_ranges;

	return add_range(r, c, c) && append_set(r, first, false);
}

/* --- characters */

static const struct pattern_range digits[] = {{'0', '9'}};
static const struct pattern_range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct pattern_range spaces[] = {
	{'\t', '\r'},     {' ', ' '},       {0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a},
	{0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff},
};
static const struct pattern_range line_ends[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

/* The ranges, or with `is_negated` the gaps between them. */
static bool add_ranges(struct parser *r, const struct pattern_range *ranges, size_t n,
		       bool is_negated)
{
	uint32_t low = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_negated && ranges[i].low > low && !add_range(r, low, ranges[i].low - 1))
			return false;
		if (!is_negated && !add_range(r, ranges[i].low, ranges[i].high))
			return false;
		low = ranges[i].high + 1;
	}
	return !is_negated || add_range(r, low, UINT32_MAX);
}

/* \d \w \s and their opposites: 1 when `letter` is one, 0, -1. */
static int add_named(struct parser *r, char letter)
{
	bool is_negated = letter >= 'A' && letter <= 'Z';
	bool ok = false;

	switch (ascii_lower(letter)) {
	case 'd':
		ok = add_ranges(r, digits, array_len(digits), is_negated);
		break;
	case 'w':
		ok = add_ranges(r, words, array_len(words), is_negated);
		break;
	case 's':
		ok = add_ranges(r, spaces, array_len(spaces), is_negated);
		break;
	default:
		return 0;
	}
	return ok ? 1 : -1;
}

/* As many hex digits as asked for; 0: up to a brace. */
static bool read_hex(struct parser *r, size_t n, uint32_t *out)
{
	uint32_t value = 0;
	size_t i = 0;

	for (; (n == 0 || i < n) && value <= CHARACTER_MAX; i++) {
		char c = ascii_lower(r->at[i]);

		if (c >= '0' && c <= '9')
			value = value * 16 + (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (uint32_t)(c - 'a' + 10);
		else
			break;
	}
	if (i == 0 || (n > 0 && i < n) || (n == 0 && r->at[i] != '}') || value > CHARACTER_MAX)
		return refuse(r, "has a number of a character that is none");
	r->at += i + (n == 0);
	*out = value;
	return true;
}

/* "\u" has been read. Two halves of a surrogate pair are one character. */
static bool read_unicode(struct parser *r, uint32_t *out)
{
	uint32_t low = 0;

	if (*r->at == '{') {
		r->at++;
		return read_hex(r, 0, out);
	}
	if (!read_hex(r, 4, out))
		return false;
	if (*out < 0xd800 || *out > 0xdbff || !text_starts_with(r->at, "\\u"))
		return true;
	const char *back = r->at;

	r->at += 2;
	if (!read_hex(r, 4, &low))
		return false;
	if (low >= 0xdc00 && low <= 0xdfff)
		*out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
	else
		r->at = back;
	return true;
}

static uint32_t read_utf8(struct parser *r)
{
	size_t n = utf8_length(r->at, strlen(r->at));
	uint32_t c = (unsigned char)r->at[0];

	if (n > 1)
		c &= 0xffU >> (n + 1);
	for (size_t i = 1; i < n; i++)
		c = (c << 6) | ((unsigned char)r->at[i] & 0x3fU);
	r->at += n ? n : 1;
	return c;
}

/* One character behind a backslash. */
static bool read_escape(struct parser *r, uint32_t *out)
{
	static const char letters[] = "tnvfr0";
	static const char values[] = "\t\n\v\f\r";
	char c = *r->at;

	if (!c)
		return refuse(r, "ends with a backslash");
	const char *letter = strchr(letters, c);

	if (letter) {
		r->at++;
		*out = (unsigned char)values[letter - letters];
		return true;
	}
	if (c == 'x' || c == 'u') {
		r->at++;
		return c == 'x' ? read_hex(r, 2, out) : read_unicode(r, out);
	}
	if (c == 'c' && ascii_lower(r->at[1]) >= 'a' && ascii_lower(r->at[1]) <= 'z') {
		*out = (uint32_t)r->at[1] % 32;
		r->at += 2;
		return true;
	}
	if (c == 'p' || c == 'P')
		return refuse(r, "asks for a Unicode property, which is not known here");
	if ((c >= '1' && c <= '9') || c == 'k')
		return refuse(r, "refers back to a group, which is not known here");
	if (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z')
		return refuse(r, "has an escape that is not known");
	*out = read_utf8(r);
	return true;
}

/* A member of [...]: 1 a character, 0 a named set, which was added, -1. */
static int read_member(struct parser *r, uint32_t *out)
{
	if (*r->at != '\\') {
		*out = read_utf8(r);
		return 1;
	}
	int named = add_named(r, *++r->at);

	if (named != 0) {
		r->at++;
		return named > 0 ? 0 : -1;
	}
	if (*r->at == 'b') {
		r->at++;
		*out = '\b';
		return 1;
	}
	return read_escape(r, out) ? 1 : -1;
}

/* [...] with the bracket already read. */
static bool read_class(struct parser *r)
{
	size_t first = r->p->n_ranges;
	bool is_negated = *r->at == '^';

	r->at += is_negated;
	while (*r->at && *r->at != ']') {
		uint32_t low = 0;
		uint32_t high = 0;
		int got = read_member(r, &low);

		if (got < 0)
			return false;
		if (got == 0)
			continue;
		high = low;
		if (r->at[0] == '-' && r->at[1] && r->at[1] != ']') {
			r->at++;
			got = read_member(r, &high);
			if (got < 0)
				return false;
			if (got == 0) /* "[a-\d]": three members */
				high = low;
			if (got == 0 && !add_range(r, '-', '-'))
				return false;
		}
		if (high < low)
			return refuse(r, "has a range that runs backwards");
		if (!add_range(r, low, high))
			return false;
	}
	if (*r->at++ != ']')
		return refuse(r, "has a '[' that is never closed");
	return append_set(r, first, is_negated);
}

/* --- structure */

static bool read_choice(struct parser *r);

/* NOLINTNEXTLINE(misc-no-recursion): the depth of groups is bounded */
static bool read_group(struct parser *r)
{
	if (++r->depth > NESTED_MAX)
		return refuse(r, "has too many groups inside of each other");
	if (*r->at == '?') {
		bool is_named = r->at[1] == '<' && r->at[2] != '=' && r->at[2] != '!';
		bool is_python = text_starts_with(r->at, "?P<");

		if (r->at[1] != ':' && !is_named && !is_python)
			return refuse(r, "looks around or sets a flag, which is not known here");
		r->at += r->at[1] == ':' ? 2 : strcspn(r->at, ">)");
		r->at += *r->at == '>' && (is_named || is_python);
	}
	if (!read_choice(r))
		return false;
	if (*r->at != ')')
		return refuse(r, "has a '(' that is never closed");
	r->at++;
	r->depth--;
	return true;
}

static bool read_backslash(struct parser *r)
{
	size_t first = r->p->n_ranges;
	uint32_t c = 0;

	if (*r->at == 'b' || *r->at == 'B')
		return append(r, (struct pattern_step){.op = *r->at++ == 'b' ? PATTERN_EDGE
									     : PATTERN_NO_EDGE});
	int named = add_named(r, *r->at);

	if (named > 0)
		r->at++;
	if (named != 0)
		return named > 0 && append_set(r, first, false);
	return read_escape(r, &c) && append_character(r, c);
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static bool read_atom(struct parser *r)
{
	size_t first = r->p->n_ranges;

	switch (*r->at) {
	case '[':
		r->at++;
		return read_class(r);
	case '(':
		r->at++;
		return read_group(r);
	case '\\':
		r->at++;
		return read_backslash(r);
	case '.':
		r->at++;
		return add_ranges(r, line_ends, array_len(line_ends), false) &&
		       append_set(r, first, true);
	case '^':
	case '$':
		return append(r, (struct pattern_step){.op = *r->at++ == '^' ? PATTERN_START
									     : PATTERN_END});
	case '*':
	case '+':
	case '?':
		return refuse(r, "repeats what is not there");
	default:
		return append_character(r, read_utf8(r));
	}
}

/* "{2}", "{2,}", "{2,4}"; anything else is a brace like any other. `most` -1: no end. */
static bool read_count(struct parser *r, long *least, long *most)
{
	char *end = NULL;

	if (r->at[0] != '{' || r->at[1] < '0' || r->at[1] > '9')
		return false;
	*least = *most = strtol(r->at + 1, &end, 10);
	if (*end == ',' && end[1] == '}') {
		*most = -1;
		end++;
	} else if (*end == ',' && end[1] >= '0' && end[1] <= '9') {
		*most = strtol(end + 1, &end, 10);
	}
	if (*end != '}')
		return false;
	r->at = end + 1;
	return true;
}

static bool append_optional(struct parser *r, size_t start, size_t len, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int32_t behind = (int32_t)((n - i) * (len + 1));

		if (!append(r, (struct pattern_step){.op = PATTERN_SPLIT, .a = 1, .b = behind}) ||
		    !append_copy(r, start, len))
			return false;
	}
	return true;
}

/* The piece from `start` to the end once or more, or not at all. */
static bool append_loop(struct parser *r, size_t start)
{
	int32_t len = (int32_t)(r->p->n_steps - start);

	return append(r, (struct pattern_step){.op = PATTERN_SPLIT, .a = -len, .b = 1});
}

static bool make_optional(struct parser *r, size_t start)
{
	int32_t len = (int32_t)(r->p->n_steps - start);

	return insert(r, start, (struct pattern_step){.op = PATTERN_SPLIT, .a = 1, .b = len + 1});
}

static bool repeat(struct parser *r, size_t start, long least, long most)
{
	size_t len = r->p->n_steps - start;

	if (most >= 0 && most < least)
		return refuse(r, "has a repetition whose end is before its start");
	if (least > REPEAT_MAX || most > REPEAT_MAX)
		return refuse(r, "is too large");
	if (most == 0) {
		r->p->n_steps = start;
		return true;
	}
	for (long i = 1; i < least; i++)
		if (!append_copy(r, start, len))
			return false;
	if (most < 0)
		return append_loop(r, r->p->n_steps - len) &&
		       (least > 0 || make_optional(r, start));
	if (least == 0)
		return append_optional(r, start, len, (size_t)most - 1) && make_optional(r, start);
	return append_optional(r, start, len, (size_t)(most - least));
}

static bool read_repeat(struct parser *r, size_t start)
{
	long least = 0;
	long most = -1;

	if (*r->at == '*' || *r->at == '+' || *r->at == '?') {
		least = *r->at == '+';
		most = *r->at == '?' ? 1 : -1;
		r->at++;
	} else if (!read_count(r, &least, &most)) {
		return true;
	}
	r->at += *r->at == '?'; /* how much is taken first does not change whether it fits */
	return repeat(r, start, least, most);
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static bool read_alternative(struct parser *r)
{
	while (*r->at && *r->at != '|' && *r->at != ')') {
		size_t atom = r->p->n_steps;

		if (!read_atom(r) || !read_repeat(r, atom))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static bool read_choice(struct parser *r)
{
	int32_t last =
		-1; /* of the jumps to the end; each holds the one before until that is known */

	for (;;) {
		size_t start = r->p->n_steps;

		if (!read_alternative(r))
			return false;
		if (*r->at != '|')
			break;
		r->at++;
		int32_t len = (int32_t)(r->p->n_steps - start);

		if (!insert(r, start,
			    (struct pattern_step){.op = PATTERN_SPLIT, .a = 1, .b = len + 2}) ||
		    !append(r, (struct pattern_step){.op = PATTERN_JUMP, .a = last}))
			return false;
		last = (int32_t)r->p->n_steps - 1;
	}
	while (last >= 0) {
		int32_t before = r->p->steps[last].a;

		r->p->steps[last].a = (int32_t)r->p->n_steps - last;
		last = before;
	}
	return true;
}

bool pattern_parse(const char *text, struct pattern **out, struct error *err)
{
	auto_pattern struct pattern *p = xcalloc(1, sizeof(*p));
	struct parser r = {.at = text, .p = p, .err = err};

	if (!read_choice(&r))
		return false;
	if (*r.at == ')')
		return refuse(&r, "has a ')' without its '('");
	if (!append(&r, (struct pattern_step){.op = PATTERN_FOUND}))
		return false;
	*out = take(p);
	return true;
}
