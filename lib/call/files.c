/* SPDX-License-Identifier: MIT
 * Files in a JSON answer. There is no mark of them that everybody uses: a data: address is one, and
 * so is base64 whose bytes start as pictures, sounds and archives do.
 */
#include "lib/base/base64.h"
#include "lib/base/memory.h"
#include "lib/base/slice.h"
#include "lib/call/call.h"

#include <string.h>

enum { SHORTEST = 16, FILES_MAX = 1000 };

void call_files_release(struct call_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->items[i].where);
		text_release(&f->items[i].bytes);
	}
	free(f->items);
	*f = (struct call_files){0};
}

static bool is_known_start(struct slice bytes)
{
	static const struct {
		size_t offset;
		const char *bytes;
	} starts[] = {
		{0, "\x89PNG\r\n"},
		{0, "\xff\xd8\xff"},
		{0, "GIF8"},
		{0, "RIFF"},
		{0, "%PDF-"},
		{0, "PK\x03\x04"},
		{0, "\x1f\x8b"},
		{0, "OggS"},
		{0, "ID3"},
		{0, "\xff\xfb"},
		{0, "fLaC"},
		{4, "ftyp"},
		{0, "\x1a\x45\xdf\xa3"},
		{0, "glTF"},
		{0, "BM"},
		{0, "\x93NUMPY"},
	};

	for (size_t i = 0; i < array_len(starts); i++) {
		size_t len = strlen(starts[i].bytes);

		if (bytes.len >= starts[i].offset + len &&
		    memcmp(bytes.at + starts[i].offset, starts[i].bytes, len) == 0)
			return true;
	}
	return false;
}

static void look_at(const char *value, const struct text *where, struct call_files *out)
{
	const char *data = strncmp(value, "data:", 5) == 0 ? strstr(value, ";base64,") : NULL;
	const char *digits = data ? data + strlen(";base64,") : value;
	size_t len = strlen(digits);
	size_t n_bytes = 0;

	if (len < SHORTEST || out->n >= FILES_MAX)
		return;
	auto_free char *bytes = xcalloc(BASE64_MAX_BYTES(len) + 1, 1);

	if (!base64_decode(digits, len, bytes, &n_bytes) ||
	    (!data && !is_known_start((struct slice){bytes, n_bytes})))
		return;
	out->items = list_grow(out->items, out->n, &out->capacity, sizeof(*out->items));
	out->items[out->n] = (struct call_file){.where = xstrdup(text_str(where))};
	text_add_bytes(&out->items[out->n++].bytes, bytes, n_bytes);
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void walk(const struct json *value, struct text *where, struct call_files *out)
{
	size_t len = where->len;
	void *position = NULL;
	const char *key;
	const struct json *member;

	if (json_kind(value) == JSON_KIND_TEXT) {
		look_at(json_text(value), where, out);
		return;
	}
	for (size_t i = 0; json_kind(value) == JSON_KIND_LIST && i < json_count(value); i++) {
		text_addf(where, "/%zu", i);
		walk(json_at(value, i), where, out);
		where->len = len;
	}
	while (json_kind(value) == JSON_KIND_OBJECT && json_next(value, &position, &key, &member)) {
		text_addf(where, "/%s", key);
		walk(member, where, out);
		where->len = len;
	}
}

void call_find_files(const struct json *answer, struct call_files *out)
{
	auto_text where = {0};

	walk(answer, &where, out);
}
