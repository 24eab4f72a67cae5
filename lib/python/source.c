/* SPDX-License-Identifier: MIT */
#include "lib/python/source.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 64, BOM_BYTES = 3 };

static bool fault_line(struct python_fault *fault, size_t line, const char *message)
{
	*fault = (struct python_fault){.line = line, .column = 1};
	snprintf(fault->message, sizeof(fault->message), "%s", message);
	return false;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

static bool is_name_byte(char c)
{
	return c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9') ||
	       (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* The encoding that a comment line names (PEP 263: "coding[:=][ \t]*NAME"), lower case with '-' for
 * '_'. false: the line names none. */
static bool read_coding(const char *line, size_t len, char name[NAME_BYTES])
{
	static const char word[] = "coding";
	size_t word_len = sizeof(word) - 1;

	for (size_t i = 0; i + word_len < len; i++) {
		size_t at = i + word_len;
		size_t n = 0;

		if (memcmp(line + i, word, word_len) != 0 || (line[at] != ':' && line[at] != '='))
			continue;
		for (at++; at < len && (line[at] == ' ' || line[at] == '\t'); at++)
			;
		for (; at + n < len && n < NAME_BYTES - 1 && is_name_byte(line[at + n]); n++)
			name[n] = ascii_lower(line[at + n]);
		name[n] = '\0';
		for (char *c = name; (c = strchr(c, '_'));)
			*c = '-';
		if (n > 0)
			return true;
	}
	return false;
}

static bool is_utf8_name(const char *name)
{
	static const char *const names[] = {"utf-8", "utf8", "u8", "utf", "utf-8-sig", "cp65001"};

	for (size_t i = 0; i < array_len(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return text_starts_with(name, "utf-8-");
}

/* Encodings in which ASCII text is the same bytes. */
static bool is_ascii_family(const char *name)
{
	static const char *const starts[] = {"ascii",   "us-ascii", "latin",       "iso-8859",
					     "iso8859", "cp125",    "windows-125", "koi8",
					     "l1",      "iso-latin"};

	for (size_t i = 0; i < array_len(starts); i++)
		if (text_starts_with(name, starts[i]))
			return true;
	return false;
}

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

/* Look for a declared encoding in the first two lines; the second counts only behind a line without
 * code. */
static bool check_coding(const char *text, size_t len, struct python_fault *fault)
{
	const char *line = text;
	const char *end = text + len;

	for (size_t number = 1; number <= 2 && line < end; number++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline ? newline : end;
		const char *p = line;
		char name[NAME_BYTES];

		while (p < stop && is_blank(*p))
			p++;
		if (p < stop && *p != '#')
			return true;
		if (read_coding(p, (size_t)(stop - p), name)) {
			if (is_utf8_name(name) || (is_ascii_family(name) && is_ascii(text, len)))
				return true;
			fault_line(fault, number, "");
			snprintf(fault->message, sizeof(fault->message),
				 "the file says that it is in '%s', but code is stored as UTF-8",
				 name);
			snprintf(fault->hint, sizeof(fault->hint),
				 "save it as UTF-8 and remove the line");
			return false;
		}
		line = newline ? newline + 1 : end;
	}
	return true;
}

static bool check_bytes(const char *text, size_t len, struct python_fault *fault)
{
	size_t line = 1;

	for (size_t i = 0; i < len;) {
		size_t n = (unsigned char)text[i] < 0x80 ? 1 : utf8_length(text + i, len - i);

		if (text[i] == '\0')
			return fault_line(fault, line, "a NUL byte");
		if (n == 0)
			return fault_line(fault, line, "not UTF-8 text");
		line += text[i] == '\n';
		i += n;
	}
	return true;
}

bool python_source_read(const char *code, size_t len, char **text, size_t *text_len,
			struct python_fault *fault)
{
	if (len > PYTHON_MAX_BYTES)
		return fault_line(fault, 0, "larger than 1 MiB");
	if (len >= BOM_BYTES && memcmp(code, "\xef\xbb\xbf", BOM_BYTES) == 0) {
		code += BOM_BYTES;
		len -= BOM_BYTES;
	}
	auto_free char *copy = xcalloc(len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		copy[n++] = code[i];
		if (code[i] != '\r')
			continue;
		copy[n - 1] = '\n';
		i += i + 1 < len && code[i + 1] == '\n';
	}
	/* the encoding first: it is why the bytes are no UTF-8 */
	if (!check_coding(copy, n, fault) || !check_bytes(copy, n, fault))
		return false;
	*text = take(copy);
	*text_len = n;
	return true;
}
