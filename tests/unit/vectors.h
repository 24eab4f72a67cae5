/* SPDX-License-Identifier: MIT
 * Golden values: documents of tests/vectors, and the bytes in them, which are written in hex.
 */
#ifndef CHUTES_TESTS_VECTORS_H
#define CHUTES_TESTS_VECTORS_H

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/data/json.h"
#include "tests/unit/tap.h"

/* A document below tests/vectors; the program ends without it. The caller frees it. */
static inline struct json *vectors_load(const char *name)
{
	const char *root = getenv("CHUTES_SHARE");
	auto_free char *path = xprintf("%s/tests/vectors/%s", root ? root : ".", name);
	auto_text text = {0};
	struct json *document = NULL;
	struct error err = {0};

	if (!file_read(path, 1 << 20, &text, &err) ||
	    !json_parse(text_str(&text), text.len, 1 << 20, &document, &err)) {
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	return document;
}

/* A member that is text; "" when there is none. */
static inline const char *vector_text(const struct json *row, const char *key)
{
	const char *text = json_text(json_find(row, key));

	return text ? text : "";
}

/* The bytes of hex digits. Returns how many; the caller frees `*out`, which is never NULL. */
static inline size_t hex_bytes(const char *hex, unsigned char **out)
{
	size_t len = strlen(hex) / 2;

	*out = xcalloc(len + 1, 1);
	for (size_t i = 0; i < len; i++) {
		char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		(*out)[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return len;
}

static inline size_t vector_bytes(const struct json *row, const char *key, unsigned char **out)
{
	return hex_bytes(vector_text(row, key), out);
}

/* Exactly `len` bytes; all zero, and a failure is noted, when the member has another length. */
static inline void vector_exactly(const struct json *row, const char *key, void *out, size_t len)
{
	auto_free unsigned char *bytes = NULL;

	memset(out, 0, len);
	if (tap_note(vector_bytes(row, key, &bytes) == len, __FILE__, __LINE__, key))
		memcpy(out, bytes, len);
}

/* Are these the bytes that `hex` says? */
static inline bool is_hex(const void *bytes, size_t len, const char *hex)
{
	auto_text text = {0};

	text_add_hex(&text, bytes, len);
	return strcmp(text_str(&text), hex) == 0;
}

#endif
