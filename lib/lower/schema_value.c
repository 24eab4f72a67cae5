/* SPDX-License-Identifier: MIT */
#include "lib/lower/schema_value.h"

#include <inttypes.h>
#include <string.h>

enum value_form { VALUE_RAW, VALUE_LIST, VALUE_OBJECT };

struct member {
	const char *key; /* NULL in a list */
	struct value *value;
};
struct value {
	enum value_form kind;
	const char *raw;
	struct member *members;
	size_t n;
	size_t capacity;
};

static struct value *make(struct arena *arena, enum value_form kind)
{
	struct value *t = arena_alloc(arena, sizeof(*t));

	t->kind = kind;
	return t;
}

struct value *value_raw(struct arena *arena, const char *json)
{
	struct value *t = make(arena, VALUE_RAW);

	t->raw = arena_strdup(arena, json);
	return t;
}

struct value *value_text(struct arena *arena, const char *text)
{
	auto_text quoted = {0};

	text_add_json(&quoted, text);
	return value_raw(arena, text_str(&quoted));
}

struct value *value_integer(struct arena *arena, int64_t value)
{
	return value_raw(arena, arena_printf(arena, "%" PRId64, value));
}

struct value *value_bool(struct arena *arena, bool value)
{
	return value_raw(arena, value ? "true" : "false");
}

struct value *value_null(struct arena *arena) { return value_raw(arena, "null"); }

struct value *value_object(struct arena *arena) { return make(arena, VALUE_OBJECT); }

struct value *value_list(struct arena *arena) { return make(arena, VALUE_LIST); }

static void append(struct arena *arena, struct value *t, struct member member)
{
	if (t->n == t->capacity) {
		size_t capacity = t->capacity ? t->capacity * 2 : 4;
		struct member *grown = arena_alloc(arena, capacity * sizeof(*grown));

		if (t->n > 0)
			memcpy(grown, t->members, t->n * sizeof(*grown));
		t->members = grown;
		t->capacity = capacity;
	}
	t->members[t->n++] = member;
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
struct value *value_from_json(struct arena *arena, const struct json *value)
{
	enum json_kind kind = json_kind(value);
	void *position = NULL;
	const char *key;
	const struct json *member;

	if (kind == JSON_KIND_LIST) {
		struct value *list = value_list(arena);

		for (size_t i = 0; i < json_count(value); i++)
			value_push(arena, list, value_from_json(arena, json_at(value, i)));
		return list;
	}
	if (kind == JSON_KIND_OBJECT) {
		struct value *object = value_object(arena);

		while (json_next(value, &position, &key, &member))
			/* a parsed document has each key once, and perhaps very many */
			append(arena, object,
			       (struct member){arena_strdup(arena, key),
					       value_from_json(arena, member)});
		return object;
	}
	auto_text written = {0};

	json_write(value, &written);
	return value_raw(arena, text_str(&written));
}

struct value *value_pair(struct arena *arena, const char *key, struct value *value)
{
	struct value *object = value_object(arena);

	value_set(arena, object, key, value);
	return object;
}

static struct member *find(const struct value *object, const char *key)
{
	for (size_t i = 0; i < object->n; i++)
		if (strcmp(object->members[i].key, key) == 0)
			return &object->members[i];
	return NULL;
}

struct value *value_copy(struct arena *arena, const struct value *t)
{
	struct value *copy = make(arena, t->kind);

	copy->raw = t->raw;
	for (size_t i = 0; i < t->n; i++)
		append(arena, copy, t->members[i]);
	return copy;
}

void value_set(struct arena *arena, struct value *object, const char *key, struct value *value)
{
	struct member *there = find(object, key);

	if (there)
		there->value = value;
	else
		append(arena, object, (struct member){key, value});
}

void value_set_text(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, value_text(arena, text));
}

void value_remove(struct value *object, const char *key)
{
	struct member *there = find(object, key);

	if (!there)
		return;
	size_t behind = object->n - (size_t)(there - object->members) - 1;

	memmove(there, there + 1, behind * sizeof(*there));
	object->n--;
}

struct value *value_get(const struct value *object, const char *key)
{
	const struct member *there = object->kind == VALUE_OBJECT ? find(object, key) : NULL;

	return there ? there->value : NULL;
}

void value_merge(struct arena *arena, struct value *object, const struct value *from)
{
	for (size_t i = 0; i < from->n; i++)
		value_set(arena, object, from->members[i].key, from->members[i].value);
}

void value_push(struct arena *arena, struct value *list, struct value *value)
{
	append(arena, list, (struct member){NULL, value});
}

size_t value_count(const struct value *t) { return t->n; }

struct value *value_at(const struct value *t, size_t i, const char **key)
{
	if (key)
		*key = t->members[i].key;
	return t->members[i].value;
}

bool value_is_object(const struct value *t) { return t->kind == VALUE_OBJECT; }

const char *value_raw_text(const struct value *t) { return t->raw; }

/* NOLINTNEXTLINE(misc-no-recursion): as deep as what was built */
bool value_is_equal(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == VALUE_RAW)
		return strcmp(a->raw, b->raw) == 0;
	for (size_t i = 0; i < a->n; i++) {
		const struct member *mine = &a->members[i];
		const struct member *other =
			a->kind == VALUE_OBJECT ? find(b, mine->key) : &b->members[i];

		if (!other || !value_is_equal(mine->value, other->value))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
void value_write(const struct value *t, struct text *out)
{
	if (t->kind == VALUE_RAW) {
		text_add(out, t->raw);
		return;
	}
	text_add_char(out, t->kind == VALUE_OBJECT ? '{' : '[');
	for (size_t i = 0; i < t->n; i++) {
		text_add(out, i ? "," : "");
		if (t->kind == VALUE_OBJECT) {
			text_add_json(out, t->members[i].key);
			text_add_char(out, ':');
		}
		value_write(t->members[i].value, out);
	}
	text_add_char(out, t->kind == VALUE_OBJECT ? '}' : ']');
}
