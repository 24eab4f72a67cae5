/* SPDX-License-Identifier: MIT
 * The matcher walks both strings once and remembers two places to go back to: behind the last '*',
 * which may take one more character of its component, and behind the last "**", which may take one
 * more of anything. Earlier stars need no memory: giving them more only moves the later ones on.
 */
#include "lib/base/glob.h"

#include <ctype.h>
#include <string.h>

struct resume {
	const char *pattern; /* behind the star; NULL: there was none */
	const char *text;    /* where the pattern's rest was last tried */
};

struct matcher {
	const char *pattern; /* all of it */
	const char *p;
	const char *t;
	bool is_path;
	struct resume star;         /* '*': never beyond a '/' */
	struct resume deep;         /* "**" */
	bool deep_is_by_components; /* a "**" with a '/' behind it: only directly after a '/' */
};

size_t glob_literal_length(const char *pattern) { return strcspn(pattern, "*?[\\"); }

typedef int class_test(int);

/* isalpha() for "alpha" and so on; NULL for a name that POSIX does not have. */
static class_test *class_find(const char *name, size_t len)
{
	static const struct {
		const char *name;
		class_test *test;
	} classes[] = {
		{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
		{"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
		{"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
	};

	for (size_t i = 0; i < array_len(classes); i++)
		if (strlen(classes[i].name) == len && memcmp(classes[i].name, name, len) == 0)
			return classes[i].test;
	return NULL;
}

/* One element of a set at `p`: the first character of what follows it, or NULL when the set can
 * match nothing. `*low` is where a range could begin, 0 after a range or a class. */
static const char *set_element(const char *p, unsigned char c, unsigned char *low, bool *has)
{
	if (p[0] == '[' && p[1] == ':') {
		const char *end = strchr(p + 2, ']');

		if (!end)
			return NULL;
		if (end > p + 2 && end[-1] == ':') {
			class_test *test = class_find(p + 2, (size_t)(end - 1 - (p + 2)));

			if (!test)
				return NULL;
			*has |= isascii(c) && test(c);
			*low = 0;
			return end + 1;
		}
	}
	bool is_range = p[0] == '-' && *low && p[1] && p[1] != ']';

	if (is_range)
		p++;
	if (*p == '\\')
		p++;
	unsigned char value = (unsigned char)*p;

	if (!value)
		return NULL;
	*has |= is_range ? c >= *low && c <= value : c == value;
	*low = is_range ? 0 : value;
	return p + 1;
}

/* Length of the set at `p` if it holds `c`, else 0. */
static size_t match_set(const char *p, unsigned char c)
{
	const char *start = p++;
	bool is_negated = *p == '!' || *p == '^';
	unsigned char low = 0;
	bool has = false;

	if (is_negated)
		p++;
	do { /* a ']' in the first place is an element */
		if (!*p)
			return 0;
		p = set_element(p, c, &low, &has);
	} while (p && *p != ']');
	return p && has != is_negated ? (size_t)(p + 1 - start) : 0;
}

/* Length of the element at the matcher's pattern if it matches the next character, else 0. */
static size_t match_one(const struct matcher *m)
{
	char c = *m->t;

	if (!c)
		return 0;
	switch (*m->p) {
	case '\\':
		return m->p[1] == c ? 2 : 0;
	case '?':
		return m->is_path && c == '/' ? 0 : 1;
	case '[':
		return m->is_path && c == '/' ? 0 : match_set(m->p, (unsigned char)c);
	default:
		return *m->p == c ? 1 : 0;
	}
}

/* At a '*': step over it and note where to come back to. true: the rest matches whatever it is. */
static bool enter_star(struct matcher *m)
{
	const char *rest = m->p + strspn(m->p, "*");
	bool is_component = rest - m->p > 1 && (m->p == m->pattern || m->p[-1] == '/') &&
			    (!*rest || *rest == '/' || (rest[0] == '\\' && rest[1] == '/'));

	m->p = rest;
	if (m->is_path && !is_component) {
		m->star = (struct resume){rest, m->t};
		return false;
	}
	m->deep_is_by_components = m->is_path && *rest == '/';
	if (m->deep_is_by_components)
		m->p++; /* a "**" may stand for no directory at all */
	m->deep = (struct resume){m->p, m->t};
	m->star.pattern = NULL;
	return !*rest;
}

/* Go back to the last star that can take more. */
static bool resume(struct matcher *m)
{
	if (m->star.pattern && *m->star.text && *m->star.text != '/') {
		m->p = m->star.pattern;
		m->t = ++m->star.text;
		return true;
	}
	m->star.pattern = NULL;
	if (!m->deep.pattern)
		return false;
	const char *from = m->deep.text;

	if (m->deep_is_by_components)
		from = strchr(from, '/');
	if (!from || !*from)
		return false;
	m->p = m->deep.pattern;
	m->t = m->deep.text = from + 1;
	return true;
}

bool glob_match(const char *pattern, const char *text, enum glob_kind kind)
{
	struct matcher m = {
		.pattern = pattern, .p = pattern, .t = text, .is_path = kind == GLOB_PATH};

	for (;;) {
		if (*m.p == '*') {
			if (enter_star(&m))
				return true;
			continue;
		}
		if (!*m.p && !*m.t)
			return true;
		size_t len = *m.p ? match_one(&m) : 0;

		if (len) {
			m.p += len;
			m.t++;
		} else if (!resume(&m)) {
			return false;
		}
	}
}
