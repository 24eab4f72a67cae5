/* SPDX-License-Identifier: MIT
 * Key files for tests: from bytes, from a golden file, and on disk.
 */
#ifndef CHUTES_TESTS_WALLET_FIXTURE_H
#define CHUTES_TESTS_WALLET_FIXTURE_H

#include "lib/wallet/key_file.h"
#include "lib/wallet/sealed_internal.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/vectors.h"

/* A file that was read and found to be plain. */
static inline struct key_file key_file_of(const void *bytes, size_t len)
{
	struct key_file f = {.path = xstrdup("k")};

	secret_init(&f.bytes, len);
	memcpy(f.bytes.bytes, bytes, len);
	return f;
}

static inline struct key_file key_file_of_text(const char *text)
{
	return key_file_of(text, strlen(text));
}

/* The bytes of a golden file, which are text or base64. */
static inline void golden_bytes(const struct json *row, struct secret *out)
{
	const char *text = json_text(json_find(row, "text"));
	const char *base64 = json_text(json_find(row, "base64"));
	struct error err = {0};

	if (base64) {
		CHECK_OK(secret_of_base64((struct slice){base64, strlen(base64)}, out, &err), err);
		return;
	}
	secret_init(out, strlen(text));
	memcpy(out->bytes, text, out->len);
}

/* `directory`/`name` with these bytes. The caller frees the path. */
static inline char *file_put(const char *directory, const char *name, const void *bytes, size_t len,
			     mode_t mode)
{
	char *path = path_join(directory, name);
	struct error err = {0};

	CHECK_OK(file_write(path, bytes, len, mode, &err), err);
	return path;
}

#endif
