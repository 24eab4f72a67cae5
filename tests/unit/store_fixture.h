/* SPDX-License-Identifier: MIT
 * For tests that need a store: a directory of its own and small images in it.
 */
#ifndef CHUTES_TESTS_STORE_FIXTURE_H
#define CHUTES_TESTS_STORE_FIXTURE_H

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/store/store.h"
#include "tests/unit/tap.h"

#include <unistd.h>

static inline void directory_release(char **path)
{
	struct error ignored;
	bool is_gone maybe_unused = *path && tree_remove_path(*path, &ignored);

	free(*path);
	*path = NULL;
}
/* `auto_directory char *dir = directory_new();` exists until the end of the scope. */
#define auto_directory __attribute__((cleanup(directory_release)))

static inline char *directory_new(void)
{
	char *path = xstrdup("/tmp/chutes-test-XXXXXX");

	return mkdtemp(path);
}

static inline struct store *store_of(const char *dir)
{
	struct store *s = NULL;
	struct error err;

	CHECK_OK(store_open(dir, &s, &err), err);
	return s;
}

/* An image whose layer and config hold `word`; its layer is `n_bytes` long. */
static inline bool image_put(struct store *s, const char *word, size_t n_bytes,
			     struct descriptor *out, struct error *err)
{
	auto_image_config c = {.architecture = "amd64",
			       .os = "linux",
			       .author = word,
			       .created = "2026-01-02T03:04:05Z"};
	auto_manifest m = {0};
	auto_text layer = {0};
	auto_text config = {0};
	auto_text manifest = {0};
	struct descriptor d;

	text_add(&layer, word);
	while (layer.len < n_bytes)
		text_add_char(&layer, 'x');
	if (!store_blob_put(s, OCI_TYPE_LAYER, &layer, &d, err))
		return false;
	manifest_add_layer(&m, &d);
	image_config_add_diff_id(&c, &d.digest);
	image_config_format(&c, &config);
	if (!store_blob_put(s, OCI_TYPE_CONFIG, &config, &m.config, err))
		return false;
	manifest_format(&m, &manifest);
	return store_blob_put(s, OCI_TYPE_MANIFEST, &manifest, out, err);
}

static inline bool image_tag(struct store *s, const char *name, const char *word, size_t n_bytes,
			     struct error *err)
{
	struct descriptor manifest;

	return image_put(s, word, n_bytes, &manifest, err) && store_tag(s, name, &manifest, err);
}

/* Every tag's blobs exist and are what their digests say. */
static inline bool store_is_sound(struct store *s, struct error *err)
{
	struct store_images list = {0};
	bool ok = store_images_list(s, &list, err);

	for (size_t i = 0; ok && i < list.n; i++) {
		auto_manifest m = {0};
		auto_image_config c = {0};
		auto_text layer = {0};

		ok = store_image_load(s, &list.items[i].manifest.digest, &m, &c, err) &&
		     store_blob_read(s, &m.layers[0].digest, 1 << 30, &layer, err);
	}
	store_images_release(&list);
	return ok;
}

#endif
