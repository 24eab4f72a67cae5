/* SPDX-License-Identifier: MIT
 * JSON values under construction: members keep their order, numbers their digits. All memory is an
 * arena's. Must not know what the values mean.
 */
#ifndef CHUTES_LOWER_SCHEMA_VALUE_H
#define CHUTES_LOWER_SCHEMA_VALUE_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/text.h"
#include "lib/data/json.h"

struct value;

/* `json` is one value as JSON text: a number, a text with quotes, null. */
struct value *value_raw(struct arena *arena, const char *json);
struct value *value_text(struct arena *arena, const char *text);
struct value *value_integer(struct arena *arena, int64_t value);
struct value *value_bool(struct arena *arena, bool value);
struct value *value_null(struct arena *arena);
struct value *value_object(struct arena *arena);
struct value *value_list(struct arena *arena);
struct value *value_from_json(struct arena *arena, const struct json *value);
/* {key: value} */
struct value *value_pair(struct arena *arena, const char *key, struct value *value);
/* Another object or list with the same members. */
struct value *value_copy(struct arena *arena, const struct value *t);

/* A key that is there keeps its place. */
void value_set(struct arena *arena, struct value *object, const char *key, struct value *value);
void value_set_text(struct arena *arena, struct value *object, const char *key, const char *text);
void value_remove(struct value *object, const char *key);
struct value *value_get(const struct value *object, const char *key); /* NULL: none */
/* Set all members of `from`. */
void value_merge(struct arena *arena, struct value *object, const struct value *from);
void value_push(struct arena *arena, struct value *list, struct value *value);

size_t value_count(const struct value *t); /* 0 for what is no object or list */
struct value *value_at(const struct value *t, size_t i, const char **key); /* key may be NULL */
bool value_is_object(const struct value *t);
const char *value_raw_text(const struct value *t); /* NULL for objects and lists */
/* Members of objects in any order; numbers by their digits. */
bool value_is_equal(const struct value *a, const struct value *b);
/* Compact JSON. */
void value_write(const struct value *t, struct text *out);

#endif
