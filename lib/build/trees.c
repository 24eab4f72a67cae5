/* SPDX-License-Identifier: MIT */
#include "lib/build/trees.h"

#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/build/layer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool workshop_directory(struct workshop *w, char **path, struct error *err)
{
	auto_free char *made = xprintf("%s/%u", w->scratch, w->n_made++);

	if (!directory_make(made, 0755, err))
		return false;
	*path = take(made);
	return true;
}

bool workshop_clean(struct workshop *w maybe_unused, const char *path, struct error *err)
{
	return tree_remove_path(path, err);
}

struct layer_unpack_options workshop_unpack_options(const struct workshop *w, int root_fd)
{
	enum sandbox_ids ids = sandbox_ids_of(w->inside);

	return (struct layer_unpack_options){
		.root_fd = root_fd,
		.ids_are_squashed = ids == SANDBOX_SINGLE,
		.limits = tar_limits_default,
	};
}

void workshop_log_note(void *context maybe_unused, const char *text)
{
	log_warning("image: %s", text);
}

void workshop_note_all(struct workshop *w, const struct strings *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		w->note(w->context, notes->items[i]);
}

static struct digest id_digest(const char *id)
{
	struct digest d;

	snprintf(d.text, sizeof(d.text), "sha256:%s", id);
	return d;
}

/* The name of the layer's tree. What came from elsewhere is unpacked without its owners where there
 * is only one id: that tree must not be taken for the whole one later. */
static void tree_id(const struct workshop *w, const struct layer *layer, char out[KEY_HEX_SIZE])
{
	auto_key k = {0};

	memcpy(out, layer->tree, KEY_HEX_SIZE);
	if (!layer->is_fixed || sandbox_ids_of(w->inside) != SANDBOX_SINGLE)
		return;
	key_begin(&k, "squashed");
	key_text(&k, "tree", layer->tree);
	key_hex(&k, out);
}

struct unpack_use {
	struct workshop *workshop;
	struct source tar;
	struct layer_stats *stats;
};

static bool unpack_at(void *context, const struct root *root, struct error *err)
{
	const struct unpack_use *use = context;
	auto_fd int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct layer_unpack_options o = workshop_unpack_options(use->workshop, fd);
	auto_strings notes = {0};

	if (fd < 0)
		return fail_errno(err, "opening '%s'", root->path);
	bool ok = layer_unpack(&o, use->tar, use->stats, &notes, err);

	workshop_note_all(use->workshop, &notes);
	return ok;
}

/* Apply the tar to `directory`/upper itself (nothing below) or to an overlay whose upper it is. */
bool tree_unpack(struct workshop *w, const char *directory, const struct strings *lowers,
		 struct source tar, struct layer_stats *stats, char **upper, struct error *err)
{
	struct unpack_use use = {w, tar, stats};
	struct root_options ro = {.lowers = (const char *const *)strings_argv(lowers),
				  .n_lowers = lowers->n,
				  .scratch = directory};

	if (lowers->n > 0)
		return root_use(w->inside, &ro, unpack_at, &use, upper, err);
	auto_free char *path = xprintf("%s/upper", directory);
	struct root plain = {.path = path};

	if (!directory_make(path, 0755, err) || !unpack_at(&use, &plain, err))
		return false;
	*upper = take(path);
	return true;
}

/* A source that hashes what passes. */
struct hashed {
	struct source in;
	struct sha256 *hash;
};

static bool read_hashed(void *context, void *bytes, size_t size, size_t *got, struct error *err)
{
	struct hashed *h = context;

	if (!h->in.read(h->in.context, bytes, size, got, err))
		return false;
	sha256_update(h->hash, bytes, *got);
	return true;
}

/* Take the rest of the stream (padding behind the archive) and compare. */
static bool check_diff_id(struct hashed *h, const struct digest *want, struct error *err)
{
	unsigned char hash[SHA256_BYTES];
	char rest[16384];
	size_t got;

	do
		if (!read_hashed(h, rest, sizeof(rest), &got, err))
			return false;
	while (got > 0);
	sha256_finish(h->hash, hash);
	struct digest found = digest_of_sha256(hash);

	if (strcmp(found.text, want->text) == 0)
		return true;
	return fail(err, ERROR_BUILD, "the layer's content is %.19s, but the image says %.19s",
		    found.text, want->text);
}

/* A tree from a tar stream, on top of `lowers`, filed under `id`. `diff_id` is what the tar's
 * SHA-256 must be. */
static bool tree_from_tar(struct workshop *w, const char *id, const struct strings *lowers,
			  struct source tar, const struct digest *diff_id, char **path,
			  struct error *err)
{
	auto_free char *directory = NULL;
	auto_free char *upper = NULL;
	struct digest digest = id_digest(id);
	struct layer_stats stats = {0};
	struct error late; /* the first failure is the one that counts */

	if (!workshop_directory(w, &directory, err))
		return false;
	auto_sha256 struct sha256 *hash = sha256_new();
	struct hashed hashed = {tar, hash};
	struct source in = {read_hashed, &hashed};
	bool ok = tree_unpack(w, directory, lowers, in, &stats, &upper, err) &&
		  check_diff_id(&hashed, diff_id, err);
	struct tree_info info = {*diff_id, stats.n_entries, stats.n_bytes};

	ok = ok && store_tree_commit(w->store, &digest, upper, &info, path, err);
	return workshop_clean(w, directory, ok ? err : &late) && ok;
}

/* A blob could not be unpacked: 0 when it was damaged and is thrown away, so that it is made again;
 * -1 when its content is what it should be. */
static int drop_if_damaged(struct workshop *w, const struct digest *blob)
{
	struct error ignored; /* the failure that brought us here is the one to report */

	if (store_blob_drop_damaged(w->store, blob, &ignored) <= 0)
		return -1;
	auto_free char *note =
		xprintf("blob %.19s was damaged on the disk and is made again", blob->text);

	w->note(w->context, note);
	return 0;
}

/* Where one was lost others may be too: find out at once. */
static void drop_damaged(struct workshop *w, const struct layers *layers, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (digest_is_set(&layers->items[i].blob.digest) &&
		    drop_if_damaged(w, &layers->items[i].blob.digest) == 0)
			log_debug("build: layer %zu is lost too", i + 1);
}

/* The tree of one layer from any blob of it: 1, 0, -1. */
static int tree_from_blob(struct workshop *w, const struct layer *layer,
			  const struct strings *lowers, char **path, struct error *err)
{
	struct descriptor blob = layer->blob;
	/* a blob of ours in another compression or epoch has another diff_id than this layer */
	struct digest diff_id = layer->diff_id;
	auto_fd int fd = -1;
	uint64_t size;
	int found = 1;

	if (!digest_is_set(&blob.digest))
		found = pack_find_any(w->store, layer->tree, &diff_id, &blob, err);
	if (found > 0)
		found = store_blob_open(w->store, &blob.digest, &fd, &size, err);
	if (found <= 0)
		return found;
	struct decompressor *d = NULL;

	if (!decompress_open(source_of_fd(&fd), &d, err))
		return drop_if_damaged(w, &blob.digest);
	char id[KEY_HEX_SIZE];

	tree_id(w, layer, id);
	bool ok = tree_from_tar(w, id, lowers, decompress_source(d), &diff_id, path, err);

	decompress_free(d);
	if (ok)
		return 1;
	fail_in(err, "unpacking layer %.19s", blob.digest.text);
	return drop_if_damaged(w, &blob.digest);
}

int trees_find(struct workshop *w, const struct layers *layers, size_t n, struct strings *paths,
	       size_t *missing, struct error *err)
{
	auto_strings found_paths = {0};

	for (size_t i = 0; i < n; i++) {
		char hex[KEY_HEX_SIZE];

		tree_id(w, &layers->items[i], hex);
		struct digest id = id_digest(hex);
		char *path = NULL;
		int found = store_tree_find(w->store, &id, &path, err);

		if (found == 0)
			found = tree_from_blob(w, &layers->items[i], &found_paths, &path, err);
		if (found == 0) {
			*missing = i;
			drop_damaged(w, layers, i + 1, n);
		}
		if (found <= 0)
			return found;
		strings_add_taken(&found_paths, path);
	}
	strings_add_all(paths, &found_paths);
	return 1;
}

bool trees_get(struct workshop *w, const struct layers *layers, size_t n, struct strings *paths,
	       struct error *err)
{
	size_t missing = 0;
	int found = trees_find(w, layers, n, paths, &missing, err);

	if (found != 0)
		return found > 0;
	fail(err, ERROR_CONFLICT, "layer %zu is not in the store any more", missing + 1);
	return fail_hint(err, "build the image again");
}

static bool to_blob(void *context, const void *bytes, size_t len, struct error *err)
{
	return store_blob_write(context, bytes, len, err);
}

/* tar → digests and compressed bytes → blob. */
static bool pack_stream(struct workshop *w, const struct layer_pack_options *o,
			struct blob_writer *writer, struct layer_stats *stats,
			struct pipeline_result *result, struct error *err)
{
	struct pipeline_options po = {.compression = w->compression, .out = {to_blob, writer}};
	struct pipeline *p = pipeline_new(&po);
	auto_strings notes = {0};
	bool ok = layer_pack(o, pipeline_sink(p), stats, &notes, err) &&
		  pipeline_finish(p, result, err);

	pipeline_free(p);
	workshop_note_all(w, &notes);
	return ok;
}

/* A tree is named by the chain id of its layer: the same content on the same content. */
static void name_tree(const struct layers *below, struct layer *layer)
{
	struct digest chain = {0};

	for (size_t i = 0; i < below->n; i++)
		chain = chain_id(i ? &chain : NULL, &below->items[i].diff_id);
	chain = chain_id(below->n ? &chain : NULL, &layer->diff_id);
	snprintf(layer->tree, sizeof(layer->tree), "%s", digest_hex(&chain));
}

bool tree_pack(struct workshop *w, const struct layers *below, struct layer *layer,
	       const char *path, const struct strings *lowers, bool *is_empty, struct error *err)
{
	struct layer_pack_options o = {
		.upper = path,
		.lowers = (const char *const *)strings_argv(lowers),
		.n_lowers = lowers->n,
		.has_epoch = layer->has_epoch,
		.epoch = layer->epoch,
		.is_exactly_epoch = layer->times == TIMES_EPOCH && layer->has_epoch,
		.drops_logs = true,
	};
	struct blob_writer *writer = NULL;
	struct layer_stats stats = {0};
	struct pipeline_result result;

	if (!store_blob_begin(w->store, &writer, err))
		return false;
	bool ok = pack_stream(w, &o, writer, &stats, &result, err);

	*is_empty = ok && stats.n_entries == 0;
	if (!ok || *is_empty) {
		store_blob_abort(writer);
		return ok;
	}
	struct digest blob = digest_of_sha256(result.blob_sha256);

	if (!store_blob_commit(writer, &blob, err))
		return false;
	layer->n_entries = stats.n_entries;
	layer->n_bytes = stats.n_bytes;
	layer->diff_id = digest_of_sha256(result.plain_sha256);
	layer->blob =
		(struct descriptor){layer_media_type(w->compression), blob, result.blob_bytes};
	if (layer->tree[0] == '\0')
		name_tree(below, layer);
	return pack_put(w->store, w->compression, layer, err);
}

bool tree_file(struct workshop *w, const struct layer *layer, const char *upper, char **path,
	       struct error *err)
{
	struct digest id = id_digest(layer->tree);
	struct tree_info info = {layer->diff_id, layer->n_entries, layer->n_bytes};

	return store_tree_commit(w->store, &id, upper, &info, path, err);
}
