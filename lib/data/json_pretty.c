/* SPDX-License-Identifier: MIT */
#include "lib/data/json_pretty.h"

#include "lib/data/json_number.h"

enum { INDENT = 2 };

static void add_line(struct text *out, size_t depth)
{
	text_addf(out, "\n%*s", (int)(depth * INDENT), "");
}

static void add_value(const struct json *value, size_t depth, struct text *out);

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void add_list(const struct json *list, size_t depth, struct text *out)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < json_count(list); i++) {
		text_add(out, i > 0 ? "," : "");
		add_line(out, depth + 1);
		add_value(json_at(list, i), depth + 1, out);
	}
	if (json_count(list) > 0)
		add_line(out, depth);
	text_add_char(out, ']');
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void add_object(const struct json *object, size_t depth, struct text *out)
{
	void *position = NULL;
	const char *key;
	const struct json *value;
	size_t n = 0;

	text_add_char(out, '{');
	while (json_next(object, &position, &key, &value)) {
		text_add(out, n++ > 0 ? "," : "");
		add_line(out, depth + 1);
		text_add_json(out, key);
		text_add(out, ": ");
		add_value(value, depth + 1, out);
	}
	if (n > 0)
		add_line(out, depth);
	text_add_char(out, '}');
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void add_value(const struct json *value, size_t depth, struct text *out)
{
	if (json_kind(value) == JSON_KIND_LIST)
		add_list(value, depth, out);
	else if (json_kind(value) == JSON_KIND_OBJECT)
		add_object(value, depth, out);
	else
		json_add_shown(value, SIZE_MAX, out);
}

void json_add_pretty(const struct json *value, struct text *out) { add_value(value, 0, out); }
