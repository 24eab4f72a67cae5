/* SPDX-License-Identifier: MIT
 * What the files of the store share: the open store, its locks and its scratch names.
 */
#ifndef CHUTES_STORE_STORE_INTERNAL_H
#define CHUTES_STORE_STORE_INTERNAL_H

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"
#include "lib/store/store.h"

#include <pthread.h>
#include <sys/types.h>

#define BLOBS_DIRECTORY "oci/blobs/sha256"

struct store {
	char *path;
	char *oci_path;
	int fd; /* the store's directory */
	int blobs_fd;
	int lock_fd; /* `lock`, shared as long as we live */
	bool is_read_only;
	bool has_no_tmpfile; /* the file system cannot make nameless files */
	pid_t owner;         /* who opened it: a forked child leaves the scratch directory alone */
	pthread_mutex_t mutex; /* for the rest, which threads make at first use */
	int tmp_fd;            /* -1: not made yet */
	char *tmp_path;
	unsigned n_names; /* scratch names handed out */
	int lease_fd;     /* -1: no lease yet */
	char *lease_name;
	struct strings leased; /* digests */
};

/* AUTH with a hint when the store cannot be written. */
must_use bool store_check_writable(const struct store *s, struct error *err);
/* A new name in our scratch directory, relative to s->fd: "tmp/<ours>/<word>.<n>". */
must_use bool store_scratch_name(struct store *s, const char *word, char **out, struct error *err);
/* Open (with `flags`) and flock() a name below `directory_fd`; when it returns the name still means
 * the locked file. 1, 0 when another holds it (LOCK_NB) or it is not there, -1. */
must_use int lock_open(int directory_fd, const char *name, int flags, int operation, int *out,
		       struct error *err);
/* Is that name in the store's directory one of the store's own, and no kind of record? */
bool store_is_own_name(const char *name);
/* Does `name` mean the open file `fd`? */
bool store_is_named(int directory_fd, const char *name, int fd);
/* mkdir() where the directory may exist. */
must_use bool store_make_directory(int directory_fd, const char *name, struct error *err);
/* Names in a directory of the store, sorted; none when it does not exist. */
must_use bool store_list(struct store *s, const char *directory, struct strings *names,
			 struct error *err);
/* Are the bytes of `fd` that digest? */
must_use bool store_blob_verify(int fd, const struct digest *d, uint64_t size, struct error *err);

/* Let a blob that was just begun share the bytes of a file; false where the file system cannot. */
must_use bool store_blob_clone(struct blob_writer *w, int fd, uint64_t size);
/* Are the bytes written so far that digest? Read back, so it holds for what others gave. */
must_use bool store_blob_check(struct blob_writer *w, const struct digest *d, uint64_t size,
			       struct error *err);

/* index.json, locked against other writers until `lock_fd` is closed. */
must_use bool store_index_lock(struct store *s, int *lock_fd, struct error *err);
must_use bool store_index_load(struct store *s, struct index *out, struct error *err);
must_use bool store_index_save(struct store *s, const struct index *i, struct error *err);
/* The few blocks that keep deleting possible on a full disk: give them free, take them again. */
void store_reserve_free(struct store *s);
void store_reserve_take(struct store *s);

/* store_image_load(), and which manifest it was: of an index the one for this machine. */
must_use bool store_manifest_load(struct store *s, const struct digest *d, struct digest *chosen,
				  struct manifest *m, struct image_config *c, struct error *err);
/* Everything that a manifest needs: blobs, and the layer ids of its trees (diff ids and chain ids).
 * A missing blob is left out of `blobs` unless `must_exist`, where it is NOT_FOUND. */
must_use bool store_closure(struct store *s, const struct digest *manifest, bool must_exist,
			    struct strings *blobs, struct strings *trees, struct error *err);
/* What the info of a tree says ("t/<16 hex>", or elsewhere below the store); 0 without one. */
uint64_t store_tree_bytes(struct store *s, const char *name);
/* Every run of 64 hex digits in a text. */
void store_scan_digests(const char *text, size_t len, struct strings *out);

#endif
