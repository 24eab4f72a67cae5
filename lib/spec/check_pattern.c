/* SPDX-License-Identifier: MIT
 * Regular expressions of input fields. The running chute reads them with an engine that never
 * looks around or back; one that it refuses would keep the whole chute from starting. What POSIX
 * can say as well is also tried on examples here.
 */
#include "lib/spec/spec_internal.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { NESTED_MAX = 50, REPEAT_MAX = 100 };

/* One walk over an expression. */
struct pattern {
	const char *at;
	size_t depth;        /* of groups */
	bool is_repeatable;  /* something stands in front that can be repeated */
	bool is_posix;       /* so far `posix` says the same */
	size_t n_repeats;    /* counted ones: each may multiply the size */
	struct text *posix;  /* extended regular expression */
	const char *problem; /* NULL: none */
};

static bool refuse(struct pattern *p, const char *problem)
{
	p->problem = problem;
	return false;
}

static void add_posix(struct pattern *p, const char *text) { text_add(p->posix, text); }

static void add_literal(struct pattern *p, char c)
{
	if (strchr(".[]()*+?{}|^$\\", c))
		text_add_char(p->posix, '\\');
	text_add_char(p->posix, c);
	if ((unsigned char)c >= 0x80 || c < ' ')
		p->is_posix = false;
}

/* What stands behind a backslash, outside and inside of brackets. */
static bool read_escape(struct pattern *p, bool is_in_class)
{
	static const struct {
		char letter;
		const char *posix;
	} sets[] = {{'d', "0-9"}, {'w', "A-Za-z0-9_"}, {'s', " \t"}};
	char c = *p->at;

	if (!c)
		return refuse(p, "ends with a backslash");
	p->at++;
	for (size_t i = 0; i < array_len(sets); i++) {
		if (c != sets[i].letter)
			continue;
		text_addf(p->posix, is_in_class ? "%s" : "[%s]", sets[i].posix);
		return true;
	}
	if (isdigit((unsigned char)c))
		return refuse(p, "refers back to a group, which the runtime does not do");
	if (!isalpha((unsigned char)c)) {
		p->is_posix = p->is_posix && !is_in_class;
		add_literal(p, c);
		return true;
	}
	p->is_posix = false;
	if (!strchr(is_in_class ? "afnrtvxuUpPDSW" : "afnrtvxuUpPDSWbBAz", c))
		return refuse(p, "has an escape that the runtime does not know");
	if (strchr("pPxuU", c) && *p->at == '{') { /* "\\p{Greek}", "\\x{1F600}" */
		p->at += strcspn(p->at, "}");
		p->at += *p->at == '}';
	}
	return true;
}

/* [...] with the bracket already read. Brackets inside are sets of their own. */
static bool read_class(struct pattern *p)
{
	size_t depth = 1;

	add_posix(p, "[");
	if (*p->at == '^')
		text_add_char(p->posix, *p->at++);
	if (*p->at == ']')
		text_add_char(p->posix, *p->at++);
	while (*p->at && depth > 0) {
		char c = *p->at++;

		if (c == '\\') {
			if (!read_escape(p, true))
				return false;
			continue;
		}
		text_add_char(p->posix, c);
		if (c == '[' || c == '&' || c == '~' || (unsigned char)c >= 0x80)
			p->is_posix = false;
		if (c == '[') {
			depth++;
			p->at += *p->at == '^';
			p->at += *p->at == ']';
		} else if (c == ']') {
			depth--;
		} else if (*p->at == '-' && p->at[1] && !strchr("]-\\[", p->at[1]) &&
			   (unsigned char)p->at[1] < (unsigned char)c) {
			return refuse(p, "has a range that runs backwards");
		}
	}
	p->is_repeatable = true;
	return depth == 0 || refuse(p, "has a '[' that is never closed");
}

static bool read_group(struct pattern *p)
{
	static const char *const refused[] = {"?=", "?!", "?<=", "?<!", "?>", "?P=", "?#", "?("};

	for (size_t i = 0; i < array_len(refused); i++)
		if (text_starts_with(p->at, refused[i]))
			return refuse(p, "looks around, which the runtime does not do");
	add_posix(p, "(");
	if (++p->depth > NESTED_MAX)
		return refuse(p, "has too many groups inside of each other");
	p->is_repeatable = false;
	if (*p->at != '?')
		return true;
	p->is_posix = p->is_posix && p->at[1] == ':';
	p->at += strcspn(p->at, ":>)");
	if (!*p->at)
		return refuse(p, "has a '(' that is never closed");
	if (*p->at != ')')
		p->at++;
	return true;
}

/* "{2}", "{2,}", "{2,4}" with the brace already read. */
static bool read_count(struct pattern *p)
{
	char *end = NULL;
	unsigned long low = strtoul(p->at, &end, 10);
	unsigned long high = low;
	bool is_count = isdigit((unsigned char)*p->at);

	if (is_count && *end == ',') {
		const char *next = end + 1;

		high = *next == '}' ? REPEAT_MAX : strtoul(next, &end, 10);
		is_count = *next == '}' || isdigit((unsigned char)*next);
		if (*next == '}')
			end++;
	}
	if (!is_count || *end != '}' || !p->is_repeatable)
		return refuse(p, "has a '{' that is no repetition: write '\\{' for a brace");
	if (high < low && high != REPEAT_MAX)
		return refuse(p, "has a repetition whose end is before its start");
	if (low > REPEAT_MAX || high > REPEAT_MAX || ++p->n_repeats > 1)
		p->is_posix = false;
	text_add_char(p->posix, '{');
	text_add_bytes(p->posix, p->at, (size_t)(end - p->at) + 1);
	p->at = end + 1;
	p->at += *p->at == '?';
	return true;
}

static bool read_repeat(struct pattern *p, char c)
{
	if (!p->is_repeatable)
		return refuse(p, "repeats what is not there");
	text_add_char(p->posix, c);
	if (*p->at == '?') /* how much is taken first does not change whether it matches */
		p->at++;
	return true;
}

static bool read_next(struct pattern *p)
{
	char c = *p->at++;

	switch (c) {
	case '[':
		return read_class(p);
	case '(':
		return read_group(p);
	case '{':
		return read_count(p);
	case '*':
	case '+':
	case '?':
		return read_repeat(p, c);
	case '\\':
		p->is_repeatable = true;
		return read_escape(p, false);
	case ')':
		if (p->depth-- == 0)
			return refuse(p, "has a ')' without its '('");
		break;
	case '|':
		text_add_char(p->posix, c);
		p->is_repeatable = false;
		return true;
	case '^':
	case '$':
	case '.':
		break;
	default:
		p->is_repeatable = true;
		add_literal(p, c);
		return true;
	}
	text_add_char(p->posix, c);
	p->is_repeatable = true;
	return true;
}

static bool read_pattern(const char *text, struct pattern *p)
{
	p->at = text;
	p->is_posix = true;
	while (*p->at)
		if (!read_next(p))
			return false;
	return p->depth == 0 || refuse(p, "has a '(' that is never closed");
}

const char *spec_pattern_problem(const char *text)
{
	auto_text posix = {0};
	struct pattern p = {.posix = &posix};

	return read_pattern(text, &p) ? NULL : p.problem;
}

bool spec_pattern_fits(const char *text, const char *value)
{
	auto_text posix = {0};
	struct pattern p = {.posix = &posix};
	regex_t compiled;

	for (const char *c = value; *c; c++)
		if ((unsigned char)*c >= 0x80 || *c < ' ')
			return true;
	if (!read_pattern(text, &p) || !p.is_posix ||
	    regcomp(&compiled, text_str(&posix), REG_EXTENDED | REG_NOSUB) != 0)
		return true;
	bool fits = regexec(&compiled, value, 0, NULL, 0) == 0;

	regfree(&compiled);
	return fits;
}
