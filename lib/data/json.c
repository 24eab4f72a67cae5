/* SPDX-License-Identifier: MIT */
#include "lib/data/json.h"

#include "lib/base/strings.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const json_t *inner(const struct json *value) { return (const json_t *)value; }

static const struct json *outer(const json_t *value) { return (const struct json *)value; }

/* Deepest nesting of brackets outside strings; of broken text it may be anything. */
static size_t depth_of(const char *p, size_t len)
{
	size_t depth = 0;
	size_t deepest = 0;
	bool is_in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = p[i];

		if (is_in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				is_in_string = false;
		} else if (c == '"') {
			is_in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > deepest)
				deepest = depth;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return deepest;
}

bool json_parse(const void *bytes, size_t len, size_t limit, struct json **out, struct error *err)
{
	json_error_t problem;

	if (len > limit)
		return fail(err, ERROR_SPEC, "more than the limit of %zu bytes", limit);
	/* before the parser, which recurses */
	if (depth_of(bytes, len) > JSON_DEPTH_LIMIT)
		return fail(err, ERROR_SPEC, "nested deeper than the limit of %d",
			    JSON_DEPTH_LIMIT);
	json_t *root = json_loadb(len ? bytes : "", len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
				  &problem);

	if (!root) {
		auto_text shown = {0};

		text_add_printable(&shown, problem.text, strlen(problem.text), false);
		return fail(err, ERROR_SPEC, "line %d, column %d: %s", problem.line, problem.column,
			    text_str(&shown));
	}
	*out = (struct json *)root;
	return true;
}

struct json *json_text_new(const char *text)
{
	json_t *value = json_string_nocheck(text);

	if (!value)
		abort(); /* no memory: as everywhere */
	return (struct json *)value;
}

void json_free(struct json *document) { json_decref((json_t *)document); }

enum json_kind json_kind(const struct json *value)
{
	switch (json_typeof(inner(value))) {
	case JSON_OBJECT:
		return JSON_KIND_OBJECT;
	case JSON_ARRAY:
		return JSON_KIND_LIST;
	case JSON_STRING:
		return JSON_KIND_TEXT;
	case JSON_INTEGER:
		return JSON_KIND_INTEGER;
	case JSON_REAL:
		return JSON_KIND_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_KIND_BOOL;
	case JSON_NULL:
		break;
	}
	return JSON_KIND_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = {
		[JSON_KIND_NULL] = "null",          [JSON_KIND_BOOL] = "a boolean",
		[JSON_KIND_INTEGER] = "an integer", [JSON_KIND_REAL] = "a number",
		[JSON_KIND_TEXT] = "a string",      [JSON_KIND_LIST] = "a list",
		[JSON_KIND_OBJECT] = "an object",
	};

	return names[kind];
}

const struct json *json_find(const struct json *object, const char *key)
{
	const json_t *value = json_object_get(inner(object), key);

	return json_is_null(value) ? NULL : outer(value);
}

const struct json *json_member(const struct json *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

size_t json_count(const struct json *value)
{
	return json_is_array(inner(value)) ? json_array_size(inner(value))
					   : json_object_size(inner(value));
}

const struct json *json_at(const struct json *list, size_t i)
{
	return outer(json_array_get(inner(list), i));
}

bool json_next(const struct json *object, void **position, const char **key,
	       const struct json **value)
{
	/* jansson's iterators take the object as if they could change it; these two do not */
	union {
		const struct json *given;
		json_t *object;
	} at = {object};

	*position = *position ? json_object_iter_next(at.object, *position)
			      : json_object_iter(at.object);
	if (!*position)
		return false;
	*key = json_object_iter_key(*position);
	*value = outer(json_object_iter_value(*position));
	return true;
}

const char *json_text(const struct json *value) { return json_string_value(inner(value)); }

bool json_bool(const struct json *value) { return json_is_true(inner(value)); }

int64_t json_integer_of(const struct json *value) { return json_integer_value(inner(value)); }

double json_real_of(const struct json *value) { return json_number_value(inner(value)); }

bool json_expect(const struct json *value, enum json_kind kind, const char *what, struct error *err)
{
	enum json_kind is = json_kind(value);

	if (is == kind || (kind == JSON_KIND_REAL && is == JSON_KIND_INTEGER))
		return true;
	return fail(err, ERROR_SPEC, "'%s' must be %s, not %s", what, json_kind_name(kind),
		    json_kind_name(is));
}

static int find_kind(const struct json *object, const char *key, enum json_kind kind,
		     const struct json **out, struct error *err)
{
	const struct json *value = json_find(object, key);

	if (!value)
		return 0;
	if (!json_expect(value, kind, key, err))
		return -1;
	*out = value;
	return 1;
}

int json_find_text(const struct json *object, const char *key, const char **out, struct error *err)
{
	const struct json *value = NULL;
	int found = find_kind(object, key, JSON_KIND_TEXT, &value, err);

	if (found > 0)
		*out = json_text(value);
	return found;
}

int json_find_bool(const struct json *object, const char *key, bool *out, struct error *err)
{
	const struct json *value = NULL;
	int found = find_kind(object, key, JSON_KIND_BOOL, &value, err);

	if (found > 0)
		*out = json_bool(value);
	return found;
}

int json_find_integer(const struct json *object, const char *key, int64_t *out, struct error *err)
{
	const struct json *value = NULL;
	int found = find_kind(object, key, JSON_KIND_INTEGER, &value, err);

	if (found > 0)
		*out = json_integer_of(value);
	return found;
}

int json_find_list(const struct json *object, const char *key, const struct json **out,
		   struct error *err)
{
	return find_kind(object, key, JSON_KIND_LIST, out, err);
}

int json_find_object(const struct json *object, const char *key, const struct json **out,
		     struct error *err)
{
	return find_kind(object, key, JSON_KIND_OBJECT, out, err);
}

/* What a find gave, where absence is an error. */
static bool must_exist(int found, const char *key, struct error *err)
{
	return found > 0 || (found == 0 && fail(err, ERROR_SPEC, "'%s' is missing", key));
}

bool json_get_text(const struct json *object, const char *key, const char **out, struct error *err)
{
	return must_exist(json_find_text(object, key, out, err), key, err);
}

bool json_get_integer(const struct json *object, const char *key, int64_t *out, struct error *err)
{
	return must_exist(json_find_integer(object, key, out, err), key, err);
}

bool json_get_list(const struct json *object, const char *key, const struct json **out,
		   struct error *err)
{
	return must_exist(json_find_list(object, key, out, err), key, err);
}

bool json_get_object(const struct json *object, const char *key, const struct json **out,
		     struct error *err)
{
	return must_exist(json_find_object(object, key, out, err), key, err);
}

static bool is_known(const char *const *known, const char *key)
{
	for (; *known; known++)
		if (strcmp(*known, key) == 0)
			return true;
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by json_parse() */
void json_write_others(const struct json *object, const char *const *known, struct text *out)
{
	auto_strings keys = {0};
	void *position = NULL;
	const char *key;
	const struct json *value;

	while (json_next(object, &position, &key, &value))
		if (!is_known(known, key))
			strings_add(&keys, key);
	strings_sort(&keys);
	for (size_t i = 0; i < keys.n; i++) {
		text_add_char(out, ',');
		text_add_json(out, keys.items[i]);
		text_add_char(out, ':');
		json_write(outer(json_object_get(inner(object), keys.items[i])), out);
	}
}

void json_write_with(const struct json *object, const char *text, size_t len, const char *member,
		     struct text *out)
{
	const char *brace = memchr(text, '{', len);
	size_t before = (size_t)(brace - text) + 1;

	text_add_bytes(out, text, before);
	text_addf(out, "%s%s", member, json_count(object) > 0 ? "," : "");
	text_add_bytes(out, text + before, len - before);
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void write_object(const struct json *object, struct text *out)
{
	static const char *const none[] = {NULL};
	size_t start = out->len;

	json_write_others(object, none, out);
	if (out->len == start)
		text_add_char(out, '{');
	else
		out->bytes[start] = '{';
	text_add_char(out, '}');
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void write_list(const struct json *list, struct text *out)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < json_count(list); i++) {
		if (i > 0)
			text_add_char(out, ',');
		json_write(json_at(list, i), out);
	}
	text_add_char(out, ']');
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
void json_write(const struct json *value, struct text *out)
{
	switch (json_kind(value)) {
	case JSON_KIND_NULL:
		text_add(out, "null");
		break;
	case JSON_KIND_BOOL:
		text_add(out, json_bool(value) ? "true" : "false");
		break;
	case JSON_KIND_INTEGER:
		text_addf(out, "%lld", (long long)json_integer_of(value));
		break;
	case JSON_KIND_REAL: {
		char digits[64]; /* jansson keeps ".0", so that a real stays a real */
		size_t len = json_dumpb(inner(value), digits, sizeof(digits), JSON_ENCODE_ANY);

		text_add_bytes(out, digits, len < sizeof(digits) ? len : sizeof(digits));
		break;
	}
	case JSON_KIND_TEXT:
		text_add_json(out, json_text(value));
		break;
	case JSON_KIND_LIST:
		write_list(value, out);
		break;
	case JSON_KIND_OBJECT:
		write_object(value, out);
		break;
	}
}
