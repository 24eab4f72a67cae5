/* SPDX-License-Identifier: MIT
 * Regular expressions of input fields. The running chute reads them with an engine that never
 * looks around or back; one that it refuses would keep the whole chute from starting. What
 * JSON Schema writes the same way is also tried on examples here.
 */
#include "lib/spec/spec_internal.h"

#include "lib/data/pattern.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { NESTED_MAX = 50 };

/* One walk over an expression. */
struct walk {
	const char *at;
	size_t depth;        /* of groups */
	bool is_repeatable;  /* something stands in front that can be repeated */
	bool is_special;     /* has what only the runtime's engine reads so */
	const char *problem; /* NULL: none */
};

static bool refuse(struct walk *p, const char *problem)
{
	p->problem = problem;
	return false;
}

/* What stands behind a backslash, outside and inside of brackets. */
static bool read_escape(struct walk *p, bool is_in_class)
{
	char c = *p->at;

	if (!c)
		return refuse(p, "ends with a backslash");
	p->at++;
	if (isdigit((unsigned char)c))
		return refuse(p, "refers back to a group, which the runtime does not do");
	p->is_special = p->is_special || strchr("<>aUAz", c);
	if (!isalpha((unsigned char)c))
		return true;
	if (!strchr(is_in_class ? "afnrtvxuUpPdDsSwW" : "afnrtvxuUpPdDsSwWbBAz", c))
		return refuse(p, "has an escape that the runtime does not know");
	if (strchr("pPxuU", c) && *p->at == '{') { /* "\\p{Greek}", "\\x{1F600}" */
		p->at += strcspn(p->at, "}");
		p->at += *p->at == '}';
	}
	return true;
}

/* [...] with the bracket already read. Brackets inside are sets of their own. */
static bool read_class(struct walk *p)
{
	size_t depth = 1;

	if (*p->at == '^')
		p->at++;
	if (*p->at == ']') { /* elsewhere it would be the end */
		p->is_special = true;
		p->at++;
	}
	while (*p->at && depth > 0) {
		char c = *p->at++;

		if (c == '\\') {
			if (!read_escape(p, true))
				return false;
			continue;
		}
		/* sets within sets, and "&&", "~~", "--" between them */
		if (c == '[' || (strchr("&~-", c) && *p->at == c))
			p->is_special = true;
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

static bool read_group(struct walk *p)
{
	static const char *const refused[] = {"?=", "?!", "?<=", "?<!", "?>", "?P=", "?#", "?("};

	for (size_t i = 0; i < array_len(refused); i++)
		if (text_starts_with(p->at, refused[i]))
			return refuse(p, "looks around, which the runtime does not do");
	if (++p->depth > NESTED_MAX)
		return refuse(p, "has too many groups inside of each other");
	p->is_repeatable = false;
	if (*p->at != '?')
		return true;
	p->at += strcspn(p->at, ":>)");
	if (!*p->at)
		return refuse(p, "has a '(' that is never closed");
	if (*p->at != ')')
		p->at++;
	return true;
}

/* "{2}", "{2,}", "{2,4}" with the brace already read. */
static bool read_count(struct walk *p)
{
	char *end = NULL;
	unsigned long low = strtoul(p->at, &end, 10);
	unsigned long high = low;
	bool is_count = isdigit((unsigned char)*p->at);

	if (is_count && *end == ',') {
		const char *next = end + 1;

		high = *next == '}' ? ULONG_MAX : strtoul(next, &end, 10);
		is_count = *next == '}' || isdigit((unsigned char)*next);
		if (*next == '}')
			end++;
	}
	if (!is_count || *end != '}' || !p->is_repeatable)
		return refuse(p, "has a '{' that is no repetition: write '\\{' for a brace");
	if (high < low)
		return refuse(p, "has a repetition whose end is before its start");
	p->at = end + 1;
	p->at += *p->at == '?';
	return true;
}

static bool read_repeat(struct walk *p)
{
	if (!p->is_repeatable)
		return refuse(p, "repeats what is not there");
	if (*p->at == '?') /* how much is taken first does not change whether it matches */
		p->at++;
	return true;
}

static bool read_next(struct walk *p)
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
		return read_repeat(p);
	case '\\':
		p->is_repeatable = true;
		return read_escape(p, false);
	case ')':
		if (p->depth-- == 0)
			return refuse(p, "has a ')' without its '('");
		break;
	case '|':
		p->is_repeatable = false;
		return true;
	default:
		break;
	}
	p->is_repeatable = true;
	return true;
}

static bool read_pattern(const char *text, struct walk *p)
{
	p->at = text;
	while (*p->at)
		if (!read_next(p))
			return false;
	return p->depth == 0 || refuse(p, "has a '(' that is never closed");
}

const char *spec_pattern_problem(const char *text)
{
	struct walk p = {0};

	return read_pattern(text, &p) ? NULL : p.problem;
}

bool spec_pattern_fits(const char *text, const char *value)
{
	auto_pattern struct pattern *pattern = NULL;
	struct walk p = {0};
	struct error ignored; /* then only the runtime knows */

	/* beyond ASCII the two do not mean the same by a letter or a digit */
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c >= 0x80 || *c < ' ')
			return true;
	return !read_pattern(text, &p) || p.is_special ||
	       !pattern_parse(text, &pattern, &ignored) ||
	       pattern_fits(pattern, value, strlen(value));
}
