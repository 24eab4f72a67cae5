/* SPDX-License-Identifier: MIT
 * What stands in the documents beside plain JSON: an object whose only word starts with `$`.
 */
#include "lib/import/import_internal.h"

#include <string.h>

static const char *unknown_here(const struct json *value)
{
	const char *source = NULL;
	struct error ignored; /* another kind is no text */

	if (json_find_text(value, "$unknown", &source, &ignored) > 0)
		return source;
	if (!import_is_standard_image(value) &&
	    json_find_text(value, "$name", &source, &ignored) > 0)
		return source;
	return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): JSON_DEPTH_LIMIT */
const char *import_unknown(const struct json *value)
{
	const char *source = NULL;

	if (!value)
		return NULL;
	if (json_kind(value) == JSON_KIND_LIST) {
		for (size_t i = 0; i < json_count(value) && !source; i++)
			source = import_unknown(json_at(value, i));
	} else if (json_kind(value) == JSON_KIND_OBJECT && !(source = unknown_here(value))) {
		const char *key;
		const struct json *member;
		void *position = NULL;

		while (!source && json_next(value, &position, &key, &member))
			source = import_unknown(member);
	}
	return source;
}

bool import_is_model(const struct json *value, const char **name)
{
	struct error ignored; /* another kind is no text */

	return json_kind(value) == JSON_KIND_OBJECT &&
	       json_find_text(value, "$model", name, &ignored) > 0;
}

bool import_is_standard_image(const struct json *value)
{
	static const char *const names[] = {"VLLM", "SGLANG", "DIFFUSION", "EMBEDDING", NULL};
	const char *path = NULL;
	struct error ignored; /* another kind is no text */

	if (json_kind(value) != JSON_KIND_OBJECT ||
	    json_find_text(value, "$name", &path, &ignored) <= 0 ||
	    !text_starts_with(path, "chutes."))
		return false;
	const char *last = strrchr(path, '.') + 1;

	for (size_t i = 0; names[i]; i++)
		if (strcmp(last, names[i]) == 0)
			return true;
	return false;
}

const char *import_text(const struct json *object, const char *key)
{
	const struct json *value = json_find(object, key);
	const char *text = value ? json_text(value) : NULL;

	return text ? text : "";
}

const struct json *import_argument(const struct json *arguments, const char *name)
{
	return json_find(arguments, name);
}

int64_t import_line(const struct json *record)
{
	const struct json *line = json_find(record, "line");

	return line ? json_integer_of(line) : 0;
}
