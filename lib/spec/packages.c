/* SPDX-License-Identifier: MIT */
#include "lib/spec/packages.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <string.h>

extern const unsigned char python_stdlib_txt[];
extern const size_t python_stdlib_txt_len;
extern const unsigned char python_packages_txt[];
extern const size_t python_packages_txt_len;

/* Words of a line: a distribution, its own module, the others. */
struct line {
	const char *at;
	const char *end;
};

static bool next_line(const char *table, size_t len, struct line *l)
{
	const char *end = table + len;

	l->at = l->at ? l->end + 1 : table;
	if (l->at >= end)
		return false;
	l->end = memchr(l->at, '\n', (size_t)(end - l->at));
	return l->end != NULL;
}

/* The next word of a line, which then starts behind it; 0: there is none. */
static size_t next_word(struct line *l, const char **word)
{
	const char *blank = memchr(l->at, ' ', (size_t)(l->end - l->at));
	const char *stop = blank ? blank : l->end;

	*word = l->at;
	l->at = blank ? blank + 1 : l->end;
	return (size_t)(stop - *word);
}

static bool word_is(const char *word, size_t len, const char *text)
{
	return strlen(text) == len && memcmp(word, text, len) == 0;
}

bool python_is_stdlib(const char *module)
{
	struct line l = {0};

	while (next_line((const char *)python_stdlib_txt, python_stdlib_txt_len, &l))
		if (word_is(l.at, (size_t)(l.end - l.at), module))
			return true;
	return false;
}

static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

char *python_distribution_name(const char *requirement)
{
	auto_text name = {0};
	const char *p = requirement + strspn(requirement, " \t");

	if (!is_name_byte(*p))
		return NULL;
	for (; is_name_byte(*p) || strchr("-_.", *p); p++) {
		if (!*p)
			break;
		if (is_name_byte(*p))
			text_add_char(&name, ascii_lower(*p));
		else if (!text_ends_with(text_str(&name), "-"))
			text_add_char(&name, '-');
	}
	p += strspn(p, " \t");
	/* extras may bring more; '@' an address, '/' a path, ':' both */
	if (*p && !strchr("<>=!~;(,#", *p))
		return NULL;
	return text_take(&name);
}

bool python_add_modules(const char *distribution, struct strings *modules)
{
	struct line l = {0};
	const char *word = NULL;

	while (next_line((const char *)python_packages_txt, python_packages_txt_len, &l)) {
		struct line words = l;

		size_t first = next_word(&words, &word);

		if (!word_is(word, first, distribution))
			continue;
		for (size_t len; (len = next_word(&words, &word)) > 0;) {
			auto_free char *module = xstrndup(word, len);

			strings_add(modules, module);
		}
		return true;
	}
	return false;
}

char *python_distribution_of(const char *module)
{
	struct line l = {0};

	while (next_line((const char *)python_packages_txt, python_packages_txt_len, &l)) {
		struct line words = l;
		const char *distribution = NULL;
		const char *own = NULL;
		size_t len = next_word(&words, &distribution);
		size_t own_len = next_word(&words, &own);

		if (word_is(own, own_len, module))
			return xstrndup(distribution, len);
	}
	return NULL;
}
