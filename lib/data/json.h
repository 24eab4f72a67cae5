/* SPDX-License-Identifier: MIT
 * JSON documents from outside (RFC 8259), read strictly: bounded size and depth, duplicate keys and
 * NUL refused, UTF-8 only. Values are borrowed from their document. Writing is done with
 * text_add_json(), or canonically from a value with json_write().
 */
#ifndef CHUTES_DATA_JSON_H
#define CHUTES_DATA_JSON_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

struct json; /* any value */

enum { JSON_DEPTH_LIMIT = 64 };

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_INTEGER,
	JSON_KIND_REAL,
	JSON_KIND_TEXT,
	JSON_KIND_LIST,
	JSON_KIND_OBJECT
};

/* One whole document of at most `limit` bytes and JSON_DEPTH_LIMIT levels. SPEC, with line and
 * column: callers with another kind of document set their own code. */
must_use bool json_parse(const void *bytes, size_t len, size_t limit, struct json **out,
			 struct error *err);
struct json *json_text_new(const char *text); /* a document that is this string */
void json_free(struct json *document);        /* accepts NULL */
static inline void json_free_slot(struct json **j) { json_free(*j); }
#define auto_json __attribute__((cleanup(json_free_slot)))

enum json_kind json_kind(const struct json *value);
const char *json_kind_name(enum json_kind kind); /* "a string", "an object" … */

/* Member of an object; NULL when it is absent or null, or `object` is no object. */
const struct json *json_find(const struct json *object, const char *key);
/* The same, but a member that is null is a value. */
const struct json *json_member(const struct json *object, const char *key);
/* Elements of a list or members of an object; 0 for anything else. */
size_t json_count(const struct json *value);
/* Element of a list; NULL behind its end. */
const struct json *json_at(const struct json *list, size_t i);
/* Members in the order of the document: `void *position = NULL; while (json_next(…))`. */
bool json_next(const struct json *object, void **position, const char **key,
	       const struct json **value);

/* The value itself. NULL, false and 0 for other kinds; integers are reals, too. */
const char *json_text(const struct json *value);
bool json_bool(const struct json *value);
int64_t json_integer_of(const struct json *value);
double json_real_of(const struct json *value);

/* Typed members: 1, 0 when absent or null, -1 ("'size' must be an integer, not a string").
 * Outputs are untouched unless 1. */
must_use int json_find_text(const struct json *object, const char *key, const char **out,
			    struct error *err);
must_use int json_find_bool(const struct json *object, const char *key, bool *out,
			    struct error *err);
must_use int json_find_integer(const struct json *object, const char *key, int64_t *out,
			       struct error *err);
must_use int json_find_list(const struct json *object, const char *key, const struct json **out,
			    struct error *err);
must_use int json_find_object(const struct json *object, const char *key, const struct json **out,
			      struct error *err);
/* The same where absence is an error ("'digest' is missing"). */
must_use bool json_get_text(const struct json *object, const char *key, const char **out,
			    struct error *err);
must_use bool json_get_integer(const struct json *object, const char *key, int64_t *out,
			       struct error *err);
must_use bool json_get_list(const struct json *object, const char *key, const struct json **out,
			    struct error *err);
must_use bool json_get_object(const struct json *object, const char *key, const struct json **out,
			      struct error *err);
/* `value` has that kind, else "'what' must be …, not …". */
must_use bool json_expect(const struct json *value, enum json_kind kind, const char *what,
			  struct error *err);

/* Canonical text: no blanks, keys sorted by bytes, escapes as text_add_json(). */
void json_write(const struct json *value, struct text *out);
/* The members of `object` whose key is not among `known` (NULL-terminated), canonically and each
 * with a comma in front: `,"a":1,"b":2`. Nothing when there are none. */
void json_write_others(const struct json *object, const char *const *known, struct text *out);
/* The text of `object` as it was given, with a member, `"a":1`, before its own. */
void json_write_with(const struct json *object, const char *text, size_t len, const char *member,
		     struct text *out);

#endif
