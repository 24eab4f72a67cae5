/* SPDX-License-Identifier: MIT */
#include "lib/build/base.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/build/build.h"
#include "lib/store/import.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void base_release(struct base *b)
{
	free(b->path);
	image_config_release(&b->config);
	layers_release(&b->layers);
	*b = (struct base){0};
}

static void start_config(struct base *b)
{
	b->config.architecture = platform_architecture();
	b->config.os = "linux";
}

/* A base that we make ourselves has one history entry a layer. */
void base_history(struct base *b, const char *created_by)
{
	auto_text when = {0};

	text_add_time(&when, b->created);
	struct history h = {
		.created = text_str(&when), .created_by = created_by, .comment = "chutes"};

	image_config_add_history(&b->config, &h);
}

/* --- images from elsewhere */

/* Its programs must run here. What a config leaves out is taken as fitting. */
static bool check_platform(const struct base *b, struct error *err)
{
	const char *os = b->config.os && *b->config.os ? b->config.os : "linux";
	const char *architecture = b->config.architecture && *b->config.architecture
					   ? b->config.architecture
					   : platform_architecture();

	if (strcmp(os, "linux") == 0 && strcmp(architecture, platform_architecture()) == 0)
		return true;
	return fail(err, ERROR_BUILD, "base '%s' is for %s/%s, but this machine is linux/%s",
		    b->spec->text, os, architecture, platform_architecture());
}

static bool find_image(struct store *s, struct base *b, struct error *err)
{
	static const enum location_kind kinds[] = {
		[BASE_OCI] = LOCATION_OCI,
		[BASE_OCI_ARCHIVE] = LOCATION_OCI_ARCHIVE,
		[BASE_DOCKER_ARCHIVE] = LOCATION_DOCKER_ARCHIVE,
	};
	struct descriptor found;
	struct manifest m = {0};
	auto_key k = {0};
	struct error ignored; /* an odd time in a foreign config is no reason to refuse it */

	const struct image_location source = {kinds[b->spec->kind], b->path, b->spec->tag};

	if (!image_import(s, &source, &found, NULL, err))
		return fail_in(err, "base '%s'", b->spec->text);
	b->manifest = found.digest;
	b->pin = found.digest;
	bool ok = store_image_load(s, &found.digest, &m, &b->config, err) &&
		  (layers_of_image(&m, &b->config, &b->layers, err) ||
		   fail_in(err, "base '%s'", b->spec->text));

	manifest_release(&m);
	ok = ok && check_platform(b, err);
	if (b->config.created && !time_parse(b->config.created, &b->created, &ignored))
		b->created = 0;
	key_begin(&k, "image");
	key_text(&k, "manifest", b->manifest.text);
	key_hex(&k, b->key);
	return ok;
}

/* --- a root file system as a tar */

static bool hash_file(const char *path, struct digest *out, struct error *err)
{
	auto_fd int fd = -1;
	auto_sha256 struct sha256 *hash = sha256_new();
	unsigned char digest[SHA256_BYTES];
	enum { CHUNK = 1 << 20 };
	auto_free char *buffer = xcalloc(1, CHUNK);
	size_t got;

	if (!file_open(path, &fd, err))
		return false;
	struct source in = source_of_fd(&fd);

	do {
		if (!in.read(in.context, buffer, CHUNK, &got, err))
			return fail_in(err, "'%s'", path);
		sha256_update(hash, buffer, got);
	} while (got > 0);
	sha256_finish(hash, digest);
	*out = digest_of_sha256(digest);
	return true;
}

static bool find_rootfs(struct base *b, struct error *err)
{
	auto_key k = {0};

	start_config(b);
	if (!hash_file(b->path, &b->pin, err))
		return fail_in(err, "base '%s'", b->spec->text);
	key_begin(&k, "rootfs");
	key_text(&k, "content", digest_hex(&b->pin));
	key_hex(&k, b->key);
	struct layer layer = {.has_epoch = b->has_epoch, .epoch = b->epoch};

	layers_add(&b->layers, &layer);
	base_history(b, "rootfs");
	return true;
}

static bool make_rootfs(struct workshop *w, struct base *b, struct error *err)
{
	auto_fd int fd = -1;
	struct decompressor *d = NULL;

	if (!file_open(b->path, &fd, err) || !decompress_open(source_of_fd(&fd), &d, err))
		return false;
	bool ok = base_layer_from_tar(w, b, 0, decompress_source(d), err);

	decompress_free(d);
	return ok || fail_in(err, "base '%s'", b->spec->text);
}

/* --- */

static bool find(struct store *s, struct base *b, struct error *err)
{
	switch (b->spec->kind) {
	case BASE_REGISTRY:
		fail(err, ERROR_SPEC, "base '%s' is in a registry, and chutes cannot pull yet",
		     b->spec->text);
		return fail_hint(err,
				 "use base: {debian: bookworm}, or fetch it with 'skopeo copy "
				 "docker://%.80s oci:DIR' and write base: oci:DIR",
				 b->spec->text);
	case BASE_OCI:
	case BASE_OCI_ARCHIVE:
	case BASE_DOCKER_ARCHIVE:
		return find_image(s, b, err);
	case BASE_ROOTFS:
		return find_rootfs(b, err);
	case BASE_SCRATCH:
		start_config(b);
		memcpy(b->key, "scratch", sizeof("scratch"));
		return true;
	case BASE_DEBIAN:
		start_config(b);
		if (!base_debian_find(b, err))
			return false;
		/* a key is the SHA-256 of the recipe */
		snprintf(b->pin.text, sizeof(b->pin.text), "sha256:%s", b->key);
		return true;
	}
	return fail(err, ERROR_SPEC, "unknown kind of base");
}

bool base_find(struct store *s, const struct base_options *o, struct base *out, struct error *err)
{
	*out = (struct base){
		.spec = o->spec, .ids = o->ids, .has_epoch = o->has_epoch, .epoch = o->epoch};
	if (o->spec->path)
		out->path = path_join(o->directory, o->spec->path);
	return find(s, out, err);
}

bool build_base_digest(struct store *s, const struct spec *spec, struct digest *out,
		       struct error *err)
{
	const struct base_options o = {.spec = &spec->image.base, .directory = spec->directory};
	auto_base base = {0};

	if (!base_find(s, &o, &base, err))
		return false;
	*out = base.pin;
	return true;
}

/* Layers that we make are recorded like steps, under the base's key and their number. */
static void base_layer_key(const struct base *b, size_t i, char out[KEY_HEX_SIZE])
{
	auto_key k = {0};

	key_begin(&k, "base layer");
	key_text(&k, "base", b->key);
	key_text(&k, "ids", b->ids == SANDBOX_SINGLE ? "squashed" : "full");
	key_number(&k, "layer", (int64_t)i);
	key_hex(&k, out);
}

void base_forget(struct base *b)
{
	for (size_t i = 0; i < b->layers.n; i++)
		if (!b->layers.items[i].is_fixed)
			b->layers.items[i].diff_id = (struct digest){0};
}

/* The layer's blob is there, in this compression and for this epoch: 1, 0, -1. */
static int find_blob(struct store *s, enum compression c, struct layer *layer, struct error *err)
{
	if (!layer->is_fixed)
		return pack_find(s, c, layer, err);
	return store_lease(s, &layer->blob.digest, err)
		       ? store_blob_open(s, &layer->blob.digest, NULL, NULL, err)
		       : -1;
}

int base_is_ready(struct store *s, enum compression c, struct base *b, struct error *err)
{
	for (size_t i = 0; i < b->layers.n; i++) {
		struct layer *layer = &b->layers.items[i];
		struct step_record record;
		char key[KEY_HEX_SIZE];
		int found = 1;

		if (!layer->is_fixed) {
			base_layer_key(b, i, key);
			found = step_record_get(s, key, &record, err);
			if (found > 0)
				memcpy(layer->tree, record.tree, sizeof(layer->tree));
		}
		if (found > 0)
			found = find_blob(s, c, layer, err);
		if (found <= 0)
			return found;
	}
	return 1;
}

/* The layers below `i`. Borrowed: not to be released. */
static struct layers below(const struct base *b, size_t i)
{
	return (struct layers){.items = b->layers.items, .n = i};
}

/* Pack what lies in `upper`, file it, record it. */
bool base_layer_keep(struct workshop *w, struct base *b, size_t i, const char *upper,
		     const struct strings *lowers, struct error *err)
{
	struct layer *layer = &b->layers.items[i];
	struct layers under = below(b, i);
	struct step_record record = {.created = b->created};
	auto_free char *path = NULL;
	char key[KEY_HEX_SIZE];
	bool is_empty;

	if (!tree_pack(w, &under, layer, upper, lowers, &is_empty, err))
		return false;
	if (is_empty)
		return fail(err, ERROR_BUILD, "base '%s' is empty", b->spec->text);
	if (!tree_file(w, layer, upper, &path, err))
		return false;
	memcpy(record.tree, layer->tree, sizeof(record.tree));
	base_layer_key(b, i, key);
	return step_record_put(w->store, key, &record, err);
}

bool base_layer_from_tar(struct workshop *w, struct base *b, size_t i, struct source tar,
			 struct error *err)
{
	auto_strings none = {0};
	auto_free char *directory = NULL;
	auto_free char *upper = NULL;
	struct layer_stats stats = {0};
	struct error late; /* the first failure is the one that counts */

	if (!workshop_directory(w, &directory, err))
		return false;
	bool ok = tree_unpack(w, directory, &none, tar, &stats, &upper, err) &&
		  base_layer_keep(w, b, i, upper, &none, err);

	return workshop_clean(w, directory, ok ? err : &late) && ok;
}

/* The tree or a blob of every layer is there, only not in this compression or for this epoch: 1;
 * 0: it must be made. */
static int repack(struct workshop *w, struct base *b, struct error *err)
{
	for (size_t i = 0; i < b->layers.n; i++) {
		struct layer *layer = &b->layers.items[i];
		struct layers under = below(b, i);
		auto_strings paths = {0};
		struct layers so_far = below(b, i + 1);
		size_t missing;
		bool is_empty;
		int found = find_blob(w->store, w->compression, layer, err);

		if (found < 0)
			return -1;
		if (found > 0)
			continue;
		if (layer->is_fixed || layer->tree[0] == '\0')
			return 0;
		found = trees_find(w, &so_far, so_far.n, &paths, &missing, err);
		if (found <= 0)
			return found;
		auto_free char *path = paths.items[--paths.n];

		paths.items[paths.n] = NULL;
		if (!tree_pack(w, &under, layer, path, &paths, &is_empty, err))
			return -1;
	}
	return 1;
}

bool base_make(struct workshop *w, struct base *b, const struct lend *lend, int log_fd,
	       struct error *err)
{
	int done = repack(w, b, err);

	if (done != 0)
		return done > 0;
	if (b->spec->kind == BASE_ROOTFS)
		return make_rootfs(w, b, err);
	if (b->spec->kind == BASE_DEBIAN)
		return base_debian_make(w, b, lend, log_fd, err);
	fail(err, ERROR_CONFLICT, "a layer of base '%s' is not in the store any more",
	     b->spec->text);
	return fail_hint(err, "run the build again");
}
