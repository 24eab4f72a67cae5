/* SPDX-License-Identifier: MIT
 * YAML text from JSON values: plain words where they stay words, blocks for several lines, flow
 * style for what is inside of a value.
 */
#include "lib/import/import_internal.h"

#include <string.h>

/* Would a reader of YAML take it for the same text without quotes? */
static bool is_plain(const char *s)
{
	static const char *const words[] = {"true", "false", "null", "yes", "no",  "on",
					    "off",  "~",     "y",    "n",   "nan", NULL};
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/"
				   "0123456789.@=+$()-: ";
	char lower[8] = "";

	if (!*s || !strchr(first, *s) || s[strspn(s, rest)] || strstr(s, ": ") ||
	    text_ends_with(s, ":") || text_ends_with(s, " "))
		return false;
	for (size_t i = 0; i < sizeof(lower) - 1 && s[i]; i++)
		lower[i] = ascii_lower(s[i]);
	for (size_t i = 0; words[i]; i++)
		if (strlen(s) < sizeof(lower) && strcmp(lower, words[i]) == 0)
			return false;
	return true;
}

/* A character that YAML takes only as an escape, and JSON as it is: those that end lines or mean
 * something at the start of a document, further controls, and what is no character. 0: none. */
static unsigned escaped_at(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	if (c[0] == 0xc2 && c[1] < 0xa0)
		return c[1];
	if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] & 0xfe) == 0xa8)
		return 0x2000 | (c[2] & 0x3f);
	if (c[0] == 0xef && ((c[1] == 0xbb && c[2] == 0xbf) || (c[1] == 0xbf && c[2] >= 0xbe)))
		return 0xf000 | (c[1] & 0x3fU) << 6 | (c[2] & 0x3f);
	return 0;
}

/* A JSON string is one of YAML but for these. */
static void add_quoted(struct text *out, const char *value)
{
	auto_text quoted = {0};

	text_add_json(&quoted, value);
	for (const char *c = text_str(&quoted); *c;) {
		unsigned escaped = escaped_at(c);

		if (escaped)
			text_addf(out, "\\u%04x", escaped);
		else
			text_add_char(out, *c);
		c += escaped == 0 ? 1 : escaped < 0x800 ? 2 : 3;
	}
}

void import_flow_text(struct text *out, const char *value)
{
	if (is_plain(value))
		text_add(out, value);
	else
		add_quoted(out, value);
}

static void flow_object(struct text *out, const struct json *value);

/* NOLINTNEXTLINE(misc-no-recursion): JSON_DEPTH_LIMIT */
void import_flow(struct text *out, const struct json *value)
{
	switch (json_kind(value)) {
	case JSON_KIND_TEXT:
		import_flow_text(out, json_text(value));
		break;
	case JSON_KIND_LIST:
		text_add_char(out, '[');
		for (size_t i = 0; i < json_count(value); i++) {
			text_add(out, i ? ", " : "");
			import_flow(out, json_at(value, i));
		}
		text_add_char(out, ']');
		break;
	case JSON_KIND_OBJECT:
		flow_object(out, value);
		break;
	case JSON_KIND_NULL:
	case JSON_KIND_BOOL:
	case JSON_KIND_INTEGER:
	case JSON_KIND_REAL:
		json_write(value, out);
		break;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): JSON_DEPTH_LIMIT */
static void flow_object(struct text *out, const struct json *value)
{
	const char *separator = "";
	const char *key;
	const struct json *member;
	void *position = NULL;

	text_add_char(out, '{');
	while (json_next(value, &position, &key, &member)) {
		text_add(out, separator);
		import_flow_text(out, key);
		text_add(out, ": ");
		import_flow(out, member);
		separator = ", ";
	}
	text_add_char(out, '}');
}

/* The key of a step has the dash of its list in front. */
static void add_key(struct text *out, const char *key)
{
	if (text_starts_with(key, "- "))
		text_add(out, key);
	else
		import_flow_text(out, key);
	text_add(out, ": ");
}

static void add_indent(struct text *out, int indent) { text_addf(out, "%*s", indent, ""); }

static bool needs_escape(const char *value)
{
	for (const char *c = value; *c; c++)
		if (((*c & 0xe0) == 0 && *c != '\n') || *c == 0x7f || escaped_at(c))
			return true;
	return false;
}

/* A block keeps text as it is, as long as every line of it can stand there. */
static bool fits_block(const char *value)
{
	if (!strchr(value, '\n') || *value == ' ' || *value == '\n' || *value == '\t')
		return false;
	return utf8_is_valid(value, strlen(value)) && !needs_escape(value) &&
	       !strstr(value, " \n") && !text_ends_with(value, " ");
}

static void add_block(struct text *out, int indent, const char *value)
{
	size_t len = strlen(value);
	size_t n_ends = 0;

	while (n_ends < len && value[len - 1 - n_ends] == '\n')
		n_ends++;
	text_add(out, n_ends == 0 ? "|-\n" : n_ends == 1 ? "|\n" : "|+\n");
	while (*value) {
		size_t line = strcspn(value, "\n");

		if (line > 0)
			add_indent(out, indent);
		text_add_bytes(out, value, line);
		text_add_char(out, '\n');
		value += line + (value[line] == '\n');
	}
}

void import_out_notes(struct importer *m, int indent)
{
	const char *notes = text_str(&m->notes);
	struct text *out = &m->result->yaml;

	while (*notes) {
		size_t line = strcspn(notes, "\n");

		add_indent(out, indent);
		text_add(out, "# ");
		text_add_bytes(out, notes, line);
		text_add_char(out, '\n');
		notes += line + (notes[line] == '\n');
	}
	text_clear(&m->notes);
}

void import_out_key(struct importer *m, int indent, const char *key)
{
	import_out_notes(m, indent);
	add_indent(&m->result->yaml, indent);
	text_addf(&m->result->yaml, "%s:\n", key);
}

void import_out_text(struct importer *m, int indent, const char *key, const char *value)
{
	struct text *out = &m->result->yaml;

	import_out_notes(m, indent);
	add_indent(out, indent);
	add_key(out, key);
	if (fits_block(value)) {
		/* "- run" is a key two further in than its dash */
		add_block(out, indent + 2 + (key[0] == '-' ? 2 : 0), value);
		return;
	}
	import_flow_text(out, value);
	text_add_char(out, '\n');
}

void import_out_value(struct importer *m, int indent, const char *key, const struct json *value)
{
	struct text *out = &m->result->yaml;

	if (!value)
		return;
	if (json_kind(value) == JSON_KIND_TEXT) {
		import_out_text(m, indent, key, json_text(value));
		return;
	}
	import_out_notes(m, indent);
	add_indent(out, indent);
	add_key(out, key);
	import_flow(out, value);
	text_add_char(out, '\n');
}
