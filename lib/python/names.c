/* SPDX-License-Identifier: MIT */
#include "lib/python/names.h"

#include "lib/base/memory.h"
#include "lib/python/head.h"

#include <ctype.h>
#include <string.h>

void python_names_release(struct python_names *n)
{
	strings_release(&n->names);
	n->is_open = false;
}

struct cursor {
	const char *at;
	const char *end;
};

/* Over blanks, line continuations, comments and, inside brackets, line breaks. */
static void skip_blank(struct cursor *c)
{
	while (c->at < c->end) {
		if (*c->at == '#') {
			const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));

			c->at = newline ? newline : c->end;
		} else if (!isspace((unsigned char)*c->at) && *c->at != '\\') {
			return;
		} else {
			c->at++;
		}
	}
}

static bool is_name_byte(char c)
{
	return c == '_' || isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* The name at the cursor, or "" when something else stands there. Caller frees. */
static char *next_name(struct cursor *c)
{
	skip_blank(c);
	const char *start = c->at;

	while (c->at < c->end && is_name_byte(*c->at))
		c->at++;
	return xstrndup(start, (size_t)(c->at - start));
}

static bool next_is(struct cursor *c, char wanted)
{
	skip_blank(c);
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* `a.b as c`: binds c, or a, or, behind `from`, the name itself. */
static bool read_import(struct cursor *c, struct strings *names)
{
	auto_free char *name = next_name(c);

	if (!*name)
		return false;
	while (next_is(c, '.')) {
		auto_free char *part = next_name(c);

		if (!*part)
			return false;
	}
	struct cursor before = *c;
	auto_free char *as = next_name(c);

	if (strcmp(as, "as") == 0) {
		auto_free char *alias = next_name(c);

		strings_add(names, alias);
	} else {
		*c = before;
		strings_add(names, name);
	}
	return true;
}

static void read_imports(struct cursor *c, struct strings *names)
{
	while (read_import(c, names) && next_is(c, ','))
		;
}

static void read_from(struct cursor *c, struct python_names *out)
{
	for (;;) {
		while (next_is(c, '.'))
			;
		auto_free char *word = next_name(c);

		if (!*word)
			return;
		if (strcmp(word, "import") == 0)
			break;
	}
	if (next_is(c, '*')) {
		out->is_open = true;
		return;
	}
	(void)next_is(c, '(');
	read_imports(c, &out->names);
}

/* `a = …`, `a, b = …`, `a: T = …`: the names in front. */
static void read_assignment(struct cursor *c, const char *first, struct strings *names)
{
	auto_strings targets = {0};

	strings_add(&targets, first);
	while (next_is(c, ',')) {
		auto_free char *name = next_name(c);

		if (!*name)
			break;
		strings_add(&targets, name);
	}
	bool is_annotated = next_is(c, ':');

	if (is_annotated || (next_is(c, '=') && c->at < c->end && *c->at != '='))
		strings_add_all(names, &targets);
}

/* One logical line. true when a block of its own begins, whose names are not the module's. */
static bool read_line(struct cursor c, struct python_names *out)
{
	auto_free char *word = next_name(&c);

	if (strcmp(word, "async") == 0) {
		free(word);
		word = next_name(&c);
	}
	if (strcmp(word, "def") == 0 || strcmp(word, "class") == 0) {
		auto_free char *name = next_name(&c);

		strings_add(&out->names, name);
		return true;
	}
	if (strcmp(word, "import") == 0)
		read_imports(&c, &out->names);
	else if (strcmp(word, "from") == 0)
		read_from(&c, out);
	else if (*word && strcmp(word, "else") != 0 && strcmp(word, "try") != 0 &&
		 strcmp(word, "finally") != 0)
		read_assignment(&c, word, &out->names);
	return false;
}

void python_names_read(const char *code, size_t len, struct python_names *out)
{
	const char *end = code + len;
	const char *line = code;
	size_t body = SIZE_MAX; /* lines indented further belong to a function or class */

	if (len >= 3 && memcmp(code, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	while (line < end) {
		size_t indent = 0;

		while (line + indent < end && strchr(" \t\f", line[indent]) && line[indent])
			indent++;
		const char *start = line + indent;

		if (start == end)
			break;
		if (*start == '#' || *start == '\n' || *start == '\r') {
			const char *newline = memchr(start, '\n', (size_t)(end - start));

			line = newline ? newline + 1 : end;
			continue;
		}
		line = python_skip_statement(start, end);
		if (indent > body)
			continue;
		body = read_line((struct cursor){start, line}, out) ? indent : SIZE_MAX;
	}
	strings_sort(&out->names);
}

bool python_names_has(const struct python_names *n, const char *name)
{
	size_t low = 0;
	size_t high = n->names.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(n->names.items[middle], name);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
