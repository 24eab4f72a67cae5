/* SPDX-License-Identifier: MIT */
#include "lib/spec/dockerfile.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\v\f\r"

static const char *const words[] = {"ADD",        "ARG",     "CMD",     "COPY",        "ENTRYPOINT",
				    "ENV",        "EXPOSE",  "FROM",    "HEALTHCHECK", "LABEL",
				    "MAINTAINER", "ONBUILD", "RUN",     "SHELL",       "STOPSIGNAL",
				    "USER",       "VOLUME",  "WORKDIR", NULL};

struct reader {
	const char *at;
	const char *end;
	size_t line; /* of what was read last */
	char escape;
	struct dockerfile *out;
};

void dockerfile_release(struct dockerfile *d)
{
	arena_release(&d->arena);
	free(d->items);
	*d = (struct dockerfile){0};
}

/* One line without its end; false at the end of the text. */
static bool next_line(struct reader *r, const char **line, size_t *len)
{
	if (r->at == r->end)
		return false;
	const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
	const char *stop = newline ? newline : r->end;

	*line = r->at;
	*len = (size_t)(stop - r->at);
	if (*len && stop[-1] == '\r')
		(*len)--;
	r->at = newline ? newline + 1 : r->end;
	r->line++;
	return true;
}

static void skip_blanks(const char **line, size_t *len)
{
	while (*len && strchr(BLANKS, **line)) {
		(*line)++;
		(*len)--;
	}
}

static void trim(const char **line, size_t *len)
{
	skip_blanks(line, len);
	while (*len && strchr(BLANKS, (*line)[*len - 1]))
		(*len)--;
}

/* "# escape=`" and its like stand before everything else, one a line. */
static bool is_directive(const char *line, size_t len, char **key, char **value)
{
	static const char *const known[] = {"escape", "syntax", "check"};

	trim(&line, &len);
	const char *equals = len && *line == '#' ? memchr(line, '=', len) : NULL;

	if (!equals)
		return false;
	const char *name = line + 1;
	size_t name_len = (size_t)(equals - name);
	const char *rest = equals + 1;
	size_t rest_len = len - (size_t)(rest - line);

	trim(&name, &name_len);
	trim(&rest, &rest_len);
	for (size_t i = 0; i < array_len(known); i++) {
		if (strlen(known[i]) != name_len || strncasecmp(known[i], name, name_len) != 0)
			continue;
		*key = xstrdup(known[i]);
		*value = xstrndup(rest, rest_len);
		return true;
	}
	return false;
}

static bool read_directives(struct reader *r, struct error *err)
{
	for (;;) {
		struct reader before = *r;
		const char *line = NULL;
		size_t len = 0;
		auto_free char *key = NULL;
		auto_free char *value = NULL;

		if (!next_line(r, &line, &len) || !is_directive(line, len, &key, &value)) {
			*r = before;
			return true;
		}
		if (strcmp(key, "escape") != 0)
			continue;
		if (strcmp(value, "\\") != 0 && strcmp(value, "`") != 0)
			return fail(err, ERROR_SPEC, "line %zu: '%s' is no escape: \\ or `",
				    r->line, value);
		r->escape = *value;
	}
}

/* Does the instruction go on in the next line? `len` loses the sign of it. */
static bool is_continued(const struct reader *r, const char *line, size_t *len)
{
	size_t n = *len;

	while (n && strchr(BLANKS, line[n - 1]))
		n--;
	if (n == 0 || line[n - 1] != r->escape || (n > 1 && line[n - 2] == r->escape))
		return false;
	*len = n - 1;
	return true;
}

/* All lines of one instruction as one; empty at the end of the text. Comments and empty lines
 * between them are dropped, as builders do. */
static void read_logical(struct reader *r, struct text *out, size_t *first)
{
	const char *line = NULL;
	size_t len = 0;

	while (next_line(r, &line, &len)) {
		const char *trimmed = line;
		size_t trimmed_len = len;

		trim(&trimmed, &trimmed_len);
		if (trimmed_len == 0 || *trimmed == '#')
			continue;
		if (out->len == 0) {
			*first = r->line;
			skip_blanks(&line, &len);
		}
		bool goes_on = is_continued(r, line, &len);

		text_add_bytes(out, line, len);
		if (!goes_on && out->len)
			return;
	}
}

/* --- here-documents */

struct here {
	char *end; /* the line that ends it */
	bool strips_tabs;
};

/* The word at `at`, quotes taken away; returns where it ends. */
static const char *read_word(const struct reader *r, const char *at, struct text *out)
{
	char quote = '\0';

	for (; *at && (quote || !strchr(BLANKS, *at)); at++) {
		if (quote)
			if (*at == quote)
				quote = '\0';
			else
				text_add_char(out, *at);
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == r->escape && at[1])
			text_add_char(out, *++at);
		else
			text_add_char(out, *at);
	}
	return at;
}

/* "3<<-'EOF'" begins one; "<<<word" and "1<<2<3" do not. */
static bool is_here(const struct reader *r, const char *word, const char *end, struct here *out)
{
	size_t digits = strspn(word, "0123456789");
	const char *at = word + digits;
	auto_text name = {0};

	if (end - at < 3 || at[0] != '<' || at[1] != '<')
		return false;
	at += 2;
	out->strips_tabs = *at == '-';
	at += out->strips_tabs;
	if (at == end || memchr(at, '<', (size_t)(end - at)))
		return false;
	auto_free char *quoted = xstrndup(at, (size_t)(end - at));

	read_word(r, quoted, &name);
	out->end = text_take(&name);
	return true;
}

static bool skip_body(struct reader *r, const struct here *here, struct error *err)
{
	size_t begun = r->line;
	const char *line = NULL;
	size_t len = 0;

	while (next_line(r, &line, &len)) {
		while (here->strips_tabs && len && *line == '\t') {
			line++;
			len--;
		}
		if (len == strlen(here->end) && memcmp(line, here->end, len) == 0)
			return true;
	}
	return fail(err, ERROR_SPEC, "line %zu: the here-document lacks its last line '%s'", begun,
		    here->end);
}

static bool skip_bodies(struct reader *r, const char *arguments, struct error *err)
{
	bool ok = true;

	for (const char *at = arguments; ok && *at;) {
		at += strspn(at, BLANKS);
		auto_text ignored = {0};
		const char *end = read_word(r, at, &ignored);
		struct here here = {0};

		if (is_here(r, at, end, &here))
			ok = skip_body(r, &here, err);
		free(here.end);
		at = end;
	}
	return ok;
}

/* --- */

static const char *find_word(const char *text, size_t len)
{
	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
			return words[i];
	return NULL;
}

static bool fail_unknown(const char *text, size_t len, size_t line, struct error *err)
{
	auto_text upper = {0};

	for (size_t i = 0; i < len && i < 32; i++)
		text_add_char(&upper, ascii_upper(text[i]));
	const char *near = text_nearest(text_str(&upper), words);
	auto_text shown = {0};

	text_add_printable(&shown, text, len < 32 ? len : 32, false);
	fail(err, ERROR_SPEC, "line %zu: unknown instruction '%s'", line, text_str(&shown));
	if (near)
		fail_hint(err, "did you mean '%s'?", near);
	return false;
}

static bool add_instruction(struct reader *r, const struct text *logical, size_t line,
			    struct error *err)
{
	struct dockerfile *d = r->out;
	const char *text = text_str(logical);
	size_t len = strcspn(text, BLANKS);
	const char *word = find_word(text, len);
	const char *arguments = text + len;
	size_t arguments_len = logical->len - len;

	if (!word)
		return fail_unknown(text, len, line, err);
	trim(&arguments, &arguments_len);
	if (arguments_len == 0)
		return fail(err, ERROR_SPEC, "line %zu: %s without anything behind it", line, word);
	if (d->n == DOCKERFILE_MAX_INSTRUCTIONS)
		return fail(err, ERROR_SPEC, "more than %d instructions",
			    DOCKERFILE_MAX_INSTRUCTIONS);
	d->items = list_grow(d->items, d->n, &d->capacity, sizeof(*d->items));
	struct dockerfile_instruction *i = &d->items[d->n++];

	*i = (struct dockerfile_instruction){
		.word = arena_strdup(&d->arena, word),
		.arguments = arena_strndup(&d->arena, arguments, arguments_len),
		.line = line,
	};
	bool has_bodies =
		strcmp(word, "RUN") == 0 || strcmp(word, "COPY") == 0 || strcmp(word, "ADD") == 0;

	return !has_bodies || skip_bodies(r, i->arguments, err);
}

bool dockerfile_parse(const char *text, size_t len, struct dockerfile *out, struct error *err)
{
	auto_dockerfile d = {0};
	struct reader r = {.at = text, .end = text + len, .escape = '\\', .out = &d};

	if (len == 0)
		return *out = d, true;
	if (len > DOCKERFILE_MAX_BYTES)
		return fail(err, ERROR_SPEC, "more than %d bytes", DOCKERFILE_MAX_BYTES);
	if (memchr(text, '\0', len) || !utf8_is_valid(text, len))
		return fail(err, ERROR_SPEC, "it is not UTF-8 text");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r.at += 3;
	if (!read_directives(&r, err))
		return false;
	for (;;) {
		auto_text logical = {0};
		size_t line = 0;

		read_logical(&r, &logical, &line);
		if (logical.len == 0)
			break;
		if (!add_instruction(&r, &logical, line, err))
			return false;
	}
	*out = d;
	d = (struct dockerfile){0};
	return true;
}

bool dockerfile_from(struct dockerfile *d, const struct dockerfile_instruction *from, char **name,
		     char **stage)
{
	const char *before = "";
	size_t n = 0;

	*name = *stage = NULL;
	for (const char *at = from->arguments; *at;) {
		size_t len = strcspn(at, BLANKS);
		char *part = arena_strndup(&d->arena, at, len);

		at += len;
		at += strspn(at, BLANKS);
		if (n == 0 && text_starts_with(part, "--"))
			continue;
		if (n == 0)
			*name = part;
		else if (n == 2 && strcasecmp(before, "as") == 0)
			*stage = part;
		before = part;
		n++;
	}
	return *name != NULL;
}
