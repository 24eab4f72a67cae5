/* SPDX-License-Identifier: MIT
 * Private to lib/build: layer trees on this disk, made from blobs, tars or steps, and packed into
 * blobs. Everything here runs inside the sandbox.
 */
#ifndef CHUTES_BUILD_TREES_H
#define CHUTES_BUILD_TREES_H

#include "lib/build/layer.h"
#include "lib/build/state.h"
#include "lib/container/container.h"

/* What all of it needs. */
struct workshop {
	struct sandbox *inside;
	struct store *store;
	const char *scratch; /* this process's directory in the store */
	enum compression compression;
	unsigned n_made;                               /* for names of scratch directories */
	void (*note)(void *context, const char *text); /* something left out, said once */
	void *context;
};
/* A `note` for where no build listens: a warning in the log. */
void workshop_log_note(void *context, const char *text);

/* A fresh directory below the scratch directory. Caller frees. */
must_use bool workshop_directory(struct workshop *w, char **path, struct error *err);
/* Remove it with all it holds. */
must_use bool workshop_clean(struct workshop *w, const char *path, struct error *err);

/* How tars are unpacked under this map of ids. */
struct layer_unpack_options workshop_unpack_options(const struct workshop *w, int root_fd);

/* Hand out what a layer's packing or unpacking left out. */
void workshop_note_all(struct workshop *w, const struct strings *notes);

/* Directories of the first `n` layers, bottom first; those that are missing are unpacked from their
 * blobs. 0 when one can be had in no way (the caller makes it again), `missing` says which; a blob
 * that turns out to be damaged is thrown away and noted. */
must_use int trees_find(struct workshop *w, const struct layers *layers, size_t n,
			struct strings *paths, size_t *missing, struct error *err);
/* The same where nobody can make it again now: CONFLICT. */
must_use bool trees_get(struct workshop *w, const struct layers *layers, size_t n,
			struct strings *paths, struct error *err);

/* Apply a tar to `directory`/upper, on top of `lowers`. Caller frees `upper`. */
must_use bool tree_unpack(struct workshop *w, const char *directory, const struct strings *lowers,
			  struct source tar, struct layer_stats *stats, char **upper,
			  struct error *err);

/* Make the layer's blob from its tree at `path`: fills diff_id and blob, names the tree after the
 * chain of what is `below` if it has no name yet, and records it. *is_empty: nothing changed, no
 * blob was made, nothing is filled. */
must_use bool tree_pack(struct workshop *w, const struct layers *below, struct layer *layer,
			const char *path, const struct strings *lowers, bool *is_empty,
			struct error *err);
/* Move `upper` (in the scratch directory) to its place as the layer's tree. Caller frees `path`. */
must_use bool tree_file(struct workshop *w, const struct layer *layer, const char *upper,
			char **path, struct error *err);

#endif
