/* SPDX-License-Identifier: MIT
 * Growing text. `{0}` is a valid empty text; it is always terminated. With `max` set it never grows
 * beyond: what does not fit is dropped and `is_cut` says so. Knows only memory.
 */
#ifndef CHUTES_BASE_TEXT_H
#define CHUTES_BASE_TEXT_H

#include "lib/base/compiler.h"

#include <stdarg.h>

struct text {
	char *bytes; /* NULL while empty; read it through text_str() */
	size_t len;
	size_t capacity;
	size_t max; /* 0: no limit; else the most bytes it may hold */
	bool is_cut;
	bool is_secret; /* set before anything is added: what it held is overwritten, also when it
			   moves because it grew */
};

#define auto_text __attribute__((cleanup(text_release))) struct text

void text_release(struct text *t);
void text_clear(struct text *t); /* empty, keeps the memory */
void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const void *bytes, size_t len);
void text_add_char(struct text *t, char c);
void text_addf(struct text *t, const char *fmt, ...) printf_like(2, 3);
void text_addv(struct text *t, const char *fmt, va_list args) printf_like(2, 0);
/* Quoted JSON string; bytes that are not UTF-8 become U+FFFD, what text_add_printable() shows as an
 * escape is one here, too. */
void text_add_json(struct text *t, const char *s);
/* One word for a POSIX shell; quoted only where needed. */
void text_add_shell(struct text *t, const char *s);
/* Python string literal in double quotes, ASCII only. */
void text_add_python(struct text *t, const char *s);
/* For a terminal: control characters, those that turn the direction of writing, and bytes that are
 * not UTF-8 become \xHH. Newline and tab are escaped as well unless `keep_lines`. */
void text_add_printable(struct text *t, const char *s, size_t len, bool keep_lines);
/* Lower-case hex. */
void text_add_hex(struct text *t, const void *bytes, size_t len);
/* "61 MB", "1.2 GB", "812 B": decimal units as docker shows sizes. */
void text_add_size(struct text *t, uint64_t bytes);
/* Borrowed, terminated, never NULL, valid until the next change. */
const char *text_str(const struct text *t);
/* The text as heap memory of the caller, who wipes a secret (memory.h); `t` is empty afterwards. */
must_use char *text_take(struct text *t);

/* Length of the UTF-8 sequence at `s` (1..4), or 0 when it is not valid UTF-8 (RFC 3629). */
size_t utf8_length(const char *s, size_t len);
/* Of a piece of a stream: how much of it can be looked at now. What is left, at most 3 bytes, may
 * be the beginning of a character. */
size_t utf8_whole(const char *s, size_t len);
bool utf8_is_valid(const char *s, size_t len);
/* How many characters; a byte that fits nowhere counts as one. */
size_t utf8_count(const char *s, size_t len);
/* Edit distance (insert, delete, replace, swap of neighbours), cut at `max` + 1. */
size_t text_distance(const char *a, const char *b, size_t max);
/* The element of `names` (NULL-terminated) nearest to `name` with a distance of at most 2 and less
 * than half of its length; NULL if none. Borrowed. */
const char *text_nearest(const char *name, const char *const *names);
/* ASCII only, whatever the locale. */
char ascii_lower(char c);
char ascii_upper(char c);
bool text_starts_with(const char *s, const char *prefix);
bool text_ends_with(const char *s, const char *suffix);

#endif
