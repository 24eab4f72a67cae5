/* SPDX-License-Identifier: MIT */
#include "lib/config/ini.h"

#include "lib/base/memory.h"
#include "lib/base/slice.h"

#include <string.h>

#define BLANKS " \t\r\n\f\v"

void ini_release(struct ini *ini)
{
	for (size_t i = 0; i < ini->n_sections; i++)
		free(ini->sections[i].name);
	for (size_t i = 0; i < ini->n_entries; i++) {
		free(ini->entries[i].key);
		wipe_text(ini->entries[i].value);
	}
	free(ini->sections);
	free(ini->entries);
	free(ini->name);
	*ini = (struct ini){0};
}

bool ini_fail(const struct ini *ini, size_t line, struct error *err, const char *fmt, ...)
{
	auto_text what = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&what, fmt, args);
	va_end(args);
	return fail(err, ERROR_USAGE, "%s:%zu: %s", ini->name, line, text_str(&what));
}

/* --- reading */

struct reader {
	struct ini *ini;
	const char *text;
	size_t line;
	size_t indent;          /* of the line that the open entry begins with */
	struct ini_entry *open; /* deeper lines go on with it; NULL: none */
	struct text value;      /* of the open entry */
	size_t n_blank;         /* empty lines behind it, which count if it goes on */
};

static struct slice trim(struct slice s)
{
	while (s.len && strchr(BLANKS, s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len && strchr(BLANKS, s.at[s.len - 1]))
		s.len--;
	return s;
}

/* The value of the open entry is whole. */
static bool close_entry(struct reader *r, struct error *err)
{
	if (!r->open)
		return true;
	if (r->value.is_cut)
		return ini_fail(r->ini, r->open->line, err,
				"the value of '%.40s' is longer than %d bytes", r->open->key,
				INI_VALUE_MAX);
	r->open->value = xstrdup(text_str(&r->value));
	r->open = NULL;
	text_release(&r->value);
	return true;
}

static size_t find_section(const struct ini *ini, const char *name)
{
	size_t i = 0;

	while (i < ini->n_sections && strcmp(ini->sections[i].name, name) != 0)
		i++;
	return i;
}

static bool begin_section(struct reader *r, struct slice name, size_t end, struct error *err)
{
	struct ini *ini = r->ini;
	auto_free char *copy = xstrndup(name.at, name.len);
	size_t same = find_section(ini, copy);

	if (same < ini->n_sections) {
		ini_fail(ini, r->line, err, "section '[%.80s]' is in line %zu already", copy,
			 ini->sections[same].line);
		return fail_hint(err, "make one section of both");
	}
	ini->sections = list_grow(ini->sections, ini->n_sections, &ini->sections_capacity,
				  sizeof(*ini->sections));
	ini->sections[ini->n_sections++] =
		(struct ini_section){.name = take(copy), .line = r->line, .end = end};
	return true;
}

/* What cannot be a key may be a secret that somebody has put there: it is not shown. */
static bool begin_entry(struct reader *r, struct slice content, struct slice whole,
			struct error *err)
{
	struct ini *ini = r->ini;
	const char *end = content.at + content.len;
	const char *split = content.at;

	if (!ini->n_sections) {
		ini_fail(ini, r->line, err, "text in front of the first section");
		return fail_hint(err, "begin the file with a section such as '[api]'");
	}
	while (split < end && *split != '=' && *split != ':')
		split++;
	const struct slice key = trim((struct slice){content.at, (size_t)(split - content.at)});

	if (split == end || !key.len) {
		ini_fail(ini, r->line, err, "neither a section nor 'key = value'");
		return fail_hint(err, "a comment begins with '#'");
	}
	struct ini_entry entry = {.section = ini->n_sections - 1,
				  .key = xstrndup(key.at, key.len),
				  .line = r->line,
				  .begin = (size_t)(whole.at - r->text),
				  .end = (size_t)(whole.at + whole.len - r->text)};

	ini->entries = list_grow(ini->entries, ini->n_entries, &ini->entries_capacity,
				 sizeof(*ini->entries));
	r->open = &ini->entries[ini->n_entries++];
	*r->open = entry;
	for (char *c = r->open->key; *c; c++)
		*c = ascii_lower(*c);
	for (const struct ini_entry *e = ini->entries; e < r->open; e++)
		if (e->section == entry.section && strcmp(e->key, entry.key) == 0)
			return ini_fail(ini, r->line, err, "'%.40s' is in line %zu already",
					entry.key, e->line);
	r->value = (struct text){.max = INI_VALUE_MAX, .is_secret = true};
	r->n_blank = 0;
	const struct slice value = trim((struct slice){split + 1, (size_t)(end - split) - 1});

	text_add_bytes(&r->value, value.at, value.len);
	ini->sections[entry.section].end = entry.end;
	return true;
}

static void go_on(struct reader *r, struct slice content, struct slice whole)
{
	r->open->end = (size_t)(whole.at + whole.len - r->text);
	r->ini->sections[r->open->section].end = r->open->end;
	for (r->n_blank++; r->n_blank; r->n_blank--)
		text_add_char(&r->value, '\n');
	text_add_bytes(&r->value, content.at, content.len);
}

/* `whole`: with its end of line. */
static bool read_line(struct reader *r, struct slice whole, struct error *err)
{
	const struct slice content = trim(whole);
	size_t indent = (size_t)(content.at - whole.at);
	const char *bracket = content.len ? memrchr(content.at, ']', content.len) : NULL;

	if (!content.len) {
		r->n_blank++;
		return true;
	}
	if (content.at[0] == '#' || content.at[0] == ';')
		return true;
	if (r->open && indent > r->indent) {
		go_on(r, content, whole);
		return true;
	}
	r->indent = indent;
	if (!close_entry(r, err))
		return false;
	if (content.at[0] == '[' && bracket && bracket > content.at + 1) {
		const struct slice name = {content.at + 1, (size_t)(bracket - content.at) - 1};

		return begin_section(r, name, (size_t)(whole.at + whole.len - r->text), err);
	}
	return begin_entry(r, content, whole, err);
}

/* The bytes of a line with its end: "\n", "\r\n" or a "\r" alone, as Python's open() sees them. */
static size_t line_length(const char *at, const char *end)
{
	const char *p = at;

	while (p < end && *p != '\n' && *p != '\r')
		p++;
	if (p + 1 < end && p[0] == '\r' && p[1] == '\n')
		p++;
	return (size_t)(p - at) + (p < end);
}

static bool read_lines(struct reader *r, const char *at, const char *end, struct error *err)
{
	while (at < end) {
		size_t len = line_length(at, end);

		r->line++;
		if (!utf8_is_valid(at, len) || memchr(at, '\0', len))
			return ini_fail(r->ini, r->line, err, "no UTF-8 text");
		if (!read_line(r, (struct slice){at, len}, err))
			return false;
		at += len;
	}
	return close_entry(r, err);
}

bool ini_parse(const char *name, const char *text, size_t len, struct ini *out, struct error *err)
{
	auto_ini ini = {.name = xstrdup(name)};
	struct reader r = {.ini = &ini, .text = text};
	bool has_mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;

	if (len > INI_FILE_MAX)
		return fail(err, ERROR_USAGE, "%s: more than the limit of %d bytes", name,
			    INI_FILE_MAX);
	bool ok = !len || read_lines(&r, text + (has_mark ? 3 : 0), text + len, err);

	text_release(&r.value);
	if (!ok)
		return false;
	*out = ini;
	ini = (struct ini){0};
	return true;
}

/* --- finding */

const struct ini_entry *ini_find(const struct ini *ini, const char *section, const char *key)
{
	size_t own = find_section(ini, section);
	size_t common = find_section(ini, INI_COMMON);
	const struct ini_entry *found = NULL;

	if (own == ini->n_sections)
		return NULL;
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct ini_entry *e = &ini->entries[i];

		if (strcmp(e->key, key) != 0)
			continue;
		if (e->section == own)
			return e;
		if (e->section == common)
			found = e;
	}
	return found;
}

struct expansion {
	const struct ini *ini;
	const struct ini_entry *entry; /* whose value it is */
	const char *section;
	struct text out;
	unsigned n_references;
};

/* Python's rule: "%%", or "%(key)s" of the same section. At most ten levels there too. */
static bool expand(struct expansion *x, const char *raw, unsigned depth, struct error *err)
{
	enum { DEPTH_MAX = 10, REFERENCES_MAX = 100 };

	for (const char *at = raw; *at;) {
		const char *close = at[0] == '%' && at[1] == '(' ? strstr(at, ")s") : NULL;

		if (*at != '%' || at[1] == '%') {
			text_add_char(&x->out, *at);
			at += *at == '%' ? 2 : 1;
			continue;
		}
		if (!close || close == at + 2) {
			ini_fail(x->ini, x->entry->line, err, "a '%%' stands alone in '%.40s'",
				 x->entry->key);
			return fail_hint(err, "write '%%%%' for a percent sign");
		}
		auto_free char *key = xstrndup(at + 2, (size_t)(close - at) - 2);

		for (char *c = key; *c; c++)
			*c = ascii_lower(*c);
		const struct ini_entry *other = ini_find(x->ini, x->section, key);

		if (!other)
			return ini_fail(x->ini, x->entry->line, err,
					"'%.40s' refers to '%.40s', which is not there",
					x->entry->key, key);
		if (depth == DEPTH_MAX || ++x->n_references > REFERENCES_MAX)
			return ini_fail(x->ini, x->entry->line, err,
					"'%.40s' refers to others without end", x->entry->key);
		if (!expand(x, other->value, depth + 1, err))
			return false;
		at = close + 2;
	}
	return true;
}

bool ini_value(const struct ini *ini, const char *section, const struct ini_entry *entry,
	       char **out, struct error *err)
{
	struct expansion x = {.ini = ini,
			      .entry = entry,
			      .section = section,
			      .out = {.max = INI_VALUE_MAX, .is_secret = true}};
	bool ok = expand(&x, entry->value, 0, err);

	if (ok && x.out.is_cut)
		ok = ini_fail(ini, entry->line, err, "the value of '%.40s' is longer than %d bytes",
			      entry->key, INI_VALUE_MAX);
	if (ok)
		*out = xstrdup(text_str(&x.out));
	text_release(&x.out);
	return ok;
}

/* --- changing */

static void add_assignment(struct text *out, const char *key, const char *value)
{
	text_addf(out, "%s = ", key);
	for (; *value; value++) {
		text_add_char(out, *value);
		if (*value == '%')
			text_add_char(out, '%');
	}
	text_add_char(out, '\n');
}

/* Behind the first `len` bytes of the text, at the beginning of a line. */
static void add_begin(struct text *out, const char *text, size_t len)
{
	text_add_bytes(out, text, len);
	if (len && text[len - 1] != '\n' && text[len - 1] != '\r')
		text_add_char(out, '\n');
}

/* The blanks that the next line with anything begins with: what is put in front of it must have as
 * many, or that line would go on with it. */
static size_t next_indent(const char *text)
{
	for (;;) {
		size_t indent = strspn(text, " \t\f\v");

		if (!text[indent])
			return 0;
		if (!strchr("\r\n#;", text[indent]))
			return indent;
		text += strcspn(text, "\r\n");
		text += *text != '\0';
	}
}

void ini_set(const struct ini *ini, const char *text, const char *section, const char *key,
	     const char *value, struct text *out)
{
	size_t own = find_section(ini, section);
	const struct ini_entry *old = ini_find(ini, section, key);

	if (old && old->section == own) {
		/* as deep as it was, or the next line would go on with it */
		text_add_bytes(out, text, old->begin + strspn(text + old->begin, BLANKS));
		add_assignment(out, key, value);
		text_add(out, text + old->end);
	} else if (own < ini->n_sections) {
		add_begin(out, text, ini->sections[own].end);
		text_addf(out, "%*s", (int)next_indent(text + ini->sections[own].end), "");
		add_assignment(out, key, value);
		text_add(out, text + ini->sections[own].end);
	} else {
		add_begin(out, text, strlen(text));
		text_addf(out, "%s[%s]\n", *text ? "\n" : "", section);
		add_assignment(out, key, value);
	}
}

void ini_remove(const struct ini_entry *entry, const char *text, struct text *out)
{
	text_add_bytes(out, text, entry->begin);
	text_add(out, text + entry->end);
}
