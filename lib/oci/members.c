/* SPDX-License-Identifier: MIT
 * The members that manifest, index and config have in common.
 */
#include "lib/oci/oci_internal.h"

#include "lib/base/memory.h"

#include <string.h>

/* Docker's names beside the OCI ones; containers/image writes the zstd one. */
static const struct {
	const char *docker;
	const char *oci;
} renamed[] = {
	{"application/vnd.docker.image.rootfs.diff.tar", OCI_TYPE_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tar.gzip", OCI_TYPE_LAYER_GZIP},
	{"application/vnd.docker.image.rootfs.diff.tar.zstd", OCI_TYPE_LAYER_ZSTD},
	{"application/vnd.docker.image.rootfs.foreign.diff.tar", OCI_TYPE_LAYER_FOREIGN},
	{"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
	 OCI_TYPE_LAYER_FOREIGN "+gzip"},
	{"application/vnd.docker.container.image.v1+json", OCI_TYPE_CONFIG},
};

static const char *oci_name(const char *media_type)
{
	for (size_t i = 0; i < array_len(renamed); i++)
		if (strcmp(media_type, renamed[i].docker) == 0)
			return renamed[i].oci;
	return media_type;
}

const char *layer_type(const char *media_type)
{
	static const char *const types[] = {
		OCI_TYPE_LAYER,
		OCI_TYPE_LAYER_GZIP,
		OCI_TYPE_LAYER_ZSTD,
		OCI_TYPE_LAYER_FOREIGN,
		OCI_TYPE_LAYER_FOREIGN "+gzip",
		OCI_TYPE_LAYER_FOREIGN "+zstd",
	};
	const char *name = oci_name(media_type);

	for (size_t i = 0; i < array_len(types); i++)
		if (strcmp(name, types[i]) == 0)
			return types[i];
	return NULL;
}

const char *arena_text_or_null(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

bool member_text_parse(const struct json *object, const char *key, struct arena *a,
		       const char **out, struct error *err)
{
	const char *text = NULL;

	if (json_find_text(object, key, &text, err) < 0)
		return false;
	*out = arena_text_or_null(a, text);
	return true;
}

const char *others_parse(const struct json *object, const char *const *known, struct arena *a)
{
	auto_text others = {0};

	json_write_others(object, known, &others);
	return others.len ? arena_strdup(a, text_str(&others)) : NULL;
}

bool descriptor_parse(const struct json *value, struct arena *a, struct descriptor *out,
		      struct error *err)
{
	struct descriptor d = {0};
	const char *type = NULL;
	const char *digest = NULL;
	const struct json *urls = NULL;
	int64_t size = 0;

	if (!json_expect(value, JSON_KIND_OBJECT, "descriptor", err) ||
	    !json_get_text(value, "mediaType", &type, err) ||
	    !json_get_text(value, "digest", &digest, err) ||
	    !json_get_integer(value, "size", &size, err) || !digest_parse(digest, &d.digest, err) ||
	    json_find_list(value, "urls", &urls, err) < 0)
		return false;
	if (size < 0)
		return fail(err, ERROR_SPEC, "'size' is negative");
	d.media_type = arena_strdup(a, oci_name(type));
	d.size = (uint64_t)size;
	if (json_count(urls) > 0) {
		auto_text list = {0};

		json_write(urls, &list);
		d.urls = arena_strdup(a, text_str(&list));
	}
	*out = d;
	return true;
}

struct descriptor descriptor_copy(const struct descriptor *d, struct arena *a)
{
	struct descriptor copy = *d;

	copy.media_type = arena_text_or_null(a, d->media_type);
	copy.urls = arena_text_or_null(a, d->urls);
	return copy;
}

void descriptor_format(const struct descriptor *d, struct text *out)
{
	member_text(out, "mediaType", d->media_type);
	member_text(out, "digest", d->digest.text);
	member_begin(out, "size");
	text_addf(out, "%llu", (unsigned long long)d->size);
	if (d->urls) {
		member_begin(out, "urls");
		text_add(out, d->urls);
	}
}

void member_begin(struct text *out, const char *key)
{
	if (out->bytes[out->len - 1] != '{')
		text_add_char(out, ',');
	text_add_json(out, key);
	text_add_char(out, ':');
}

void member_text(struct text *out, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	member_begin(out, key);
	text_add_json(out, value);
}

void member_others(struct text *out, const char *others)
{
	if (!others)
		return;
	text_add(out, out->bytes[out->len - 1] == '{' ? others + 1 : others);
}

static size_t name_length(const char *line) { return strcspn(line, "="); }

/* By name, equal names in the order of the list. */
static int compare_names(const void *a, const void *b)
{
	char *const *x = *(char *const *const *)a;
	char *const *y = *(char *const *const *)b;
	size_t lx = name_length(*x);
	size_t ly = name_length(*y);
	int difference = memcmp(*x, *y, lx < ly ? lx : ly);

	if (difference == 0)
		difference = lx != ly ? (lx < ly ? -1 : 1) : (x < y ? -1 : x > y);
	return difference;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(**(char *const *const *)a, **(char *const *const *)b);
}

static bool is_repeated(const char *line, const char *next, bool is_set)
{
	size_t len = is_set ? strlen(line) : name_length(line);

	return strncmp(line, next, len) == 0 && (is_set ? strlen(next) : name_length(next)) == len;
}

void member_map(struct text *out, const char *key, const struct strings *lines, bool is_set)
{
	if (lines->n == 0)
		return;
	auto_free char ***sorted = xcalloc(lines->n, sizeof(*sorted));

	for (size_t i = 0; i < lines->n; i++)
		sorted[i] = &lines->items[i];
	qsort(sorted, lines->n, sizeof(*sorted), is_set ? compare_lines : compare_names);
	member_begin(out, key);
	text_add_char(out, '{');
	for (size_t i = 0; i < lines->n; i++) {
		const char *line = *sorted[i];

		if (i + 1 < lines->n && is_repeated(line, *sorted[i + 1], is_set))
			continue;
		auto_free char *name = xstrndup(line, is_set ? strlen(line) : name_length(line));
		const char *value = line + strlen(name);

		member_begin(out, name);
		if (is_set)
			text_add(out, "{}");
		else
			text_add_json(out, *value ? value + 1 : value);
	}
	text_add_char(out, '}');
}

bool member_map_parse(const struct json *object, const char *key, struct strings *out,
		      struct error *err)
{
	const struct json *map = NULL;
	const struct json *value;
	void *position = NULL;
	const char *name;

	if (json_find_object(object, key, &map, err) < 0)
		return false;
	while (json_next(map, &position, &name, &value)) {
		if (strchr(name, '='))
			return fail(err, ERROR_SPEC, "'%s' has a name with '=': '%s'", key, name);
		if (!json_expect(value, JSON_KIND_TEXT, name, err))
			return fail_in(err, "'%s'", key);
		strings_addf(out, "%s=%s", name, json_text(value));
	}
	return true;
}
