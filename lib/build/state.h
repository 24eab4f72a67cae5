/* SPDX-License-Identifier: MIT
 * Private to lib/build: the layers of an image in the making, and the records that remember them.
 */
#ifndef CHUTES_BUILD_STATE_H
#define CHUTES_BUILD_STATE_H

#include "lib/archive/archive.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/build/key.h"
#include "lib/oci/oci.h"
#include "lib/store/store.h"

/* How a tree's modification times become those of the layer. */
enum layer_times {
	TIMES_CLAMPED, /* min(mtime, epoch) */
	TIMES_EPOCH,   /* exactly the epoch: files of the context, written by us */
};

/* One layer: a tree of the store and, once packed, its blob. */
struct layer {
	char tree[KEY_HEX_SIZE]; /* id of the tree */
	bool is_fixed;           /* the blob came from elsewhere and is kept as it is */
	enum layer_times times;
	bool has_epoch;
	int64_t epoch;
	struct digest diff_id; /* unset: not packed yet */
	struct descriptor blob;
	uint64_t n_entries; /* known only when it was packed just now */
	uint64_t n_bytes;
};

struct layers {
	struct layer *items;
	size_t n;
	size_t capacity;
};
void layers_release(struct layers *l);
void layers_add(struct layers *l, const struct layer *layer);

/* The OCI media type of a layer. */
const char *layer_media_type(enum compression c);

/* The layers of a foreign image: fixed blobs, trees named by chain id. BUILD when config and
 * manifest disagree, or for a kind of layer that we do not know. */
must_use bool layers_of_image(const struct manifest *m, const struct image_config *c,
			      struct layers *layers, struct error *err);

/* What one step did: kept under its key. */
struct step_record {
	char tree[KEY_HEX_SIZE]; /* "" when it changed no file */
	int64_t created;         /* seconds since 1970 */
	uint64_t ms;             /* how long it took */
};
/* 1, 0 when unknown, -1. */
must_use int step_record_get(struct store *s, const char *key, struct step_record *out,
			     struct error *err);
must_use bool step_record_put(struct store *s, const char *key, const struct step_record *record,
			      struct error *err);

/* The blob of a packed tree: fills diff_id and blob when it is in the store: 1, 0, -1. The key
 * holds everything that changes the bytes: tree, times, epoch, compression. */
must_use int pack_find(struct store *s, enum compression c, struct layer *layer, struct error *err);
must_use bool pack_put(struct store *s, enum compression c, const struct layer *layer,
		       struct error *err);
/* Any blob of this tree that is in the store, whatever its compression or epoch: 1, 0, -1. */
must_use int pack_find_any(struct store *s, const char *tree, struct digest *diff_id,
			   struct descriptor *blob, struct error *err);

/* Which trees an image of ours is made of; 1, 0 when it was not made here, -1. */
must_use int image_record_get(struct store *s, const struct digest *manifest, struct strings *trees,
			      struct error *err);
must_use bool image_record_put(struct store *s, const struct digest *manifest,
			       const struct layers *layers, struct error *err);

#endif
