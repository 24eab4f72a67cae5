/* SPDX-License-Identifier: MIT
 * Files in the dialect of Python's configparser, as the Python client reads and writes them:
 * sections in brackets, "key = value" or "key: value", deeper lines go on with a value, '#' and ';'
 * begin a comment only at the beginning of a line, [DEFAULT] stands behind every section, %(key)s
 * in a value is another one and %% a percent sign. Knows no setting. What was read may be secret:
 * it is wiped when it is released, and no message shows a value.
 */
#ifndef CHUTES_CONFIG_INI_H
#define CHUTES_CONFIG_INI_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

enum {
	INI_FILE_MAX = 64 * 1024,
	INI_VALUE_MAX = 4096,
};

/* The section that stands behind every other. */
#define INI_COMMON "DEFAULT"

struct ini_entry {
	size_t section; /* its index */
	char *key;      /* lower case */
	char *value;    /* raw; the lines of a longer one are joined by a line feed */
	size_t line;    /* 1-based */
	size_t begin;   /* of its lines in the file's text */
	size_t end;
};
struct ini_section {
	char *name;
	size_t line;
	size_t end; /* in the file's text: behind its last entry, or behind its head */
};
struct ini {
	char *name; /* of the file, for messages */
	struct ini_section *sections;
	size_t n_sections;
	size_t sections_capacity;
	struct ini_entry *entries;
	size_t n_entries;
	size_t entries_capacity;
};
#define auto_ini __attribute__((cleanup(ini_release))) struct ini
void ini_release(struct ini *ini);

/* USAGE, as "NAME:LINE: …", for what the dialect does not allow: text in front of the first
 * section, a section or a key twice, a line that is neither; and for what is no UTF-8 text, or too
 * long. */
must_use bool ini_parse(const char *name, const char *text, size_t len, struct ini *out,
			struct error *err);
/* The entry of a section or of [DEFAULT], which counts only where the section exists; NULL: none.
 */
const struct ini_entry *ini_find(const struct ini *ini, const char *section, const char *key);
/* The value with its references, which `section` answers, replaced: heap memory of the caller. */
must_use bool ini_value(const struct ini *ini, const char *section, const struct ini_entry *entry,
			char **out, struct error *err);

/* A failure of the file: "NAME:LINE: …", USAGE. */
bool ini_fail(const struct ini *ini, size_t line, struct error *err, const char *fmt, ...)
	printf_like(4, 5);

/* The text with one value set, everything else as it is: in place of the old one, else behind the
 * last entry of the section, which is made where there is none. `ini` was parsed from `text`. `out`
 * is to be marked as secret by the caller, and so below. */
void ini_set(const struct ini *ini, const char *text, const char *section, const char *key,
	     const char *value, struct text *out);
/* The text without an entry. */
void ini_remove(const struct ini_entry *entry, const char *text, struct text *out);

#endif
