/* SPDX-License-Identifier: MIT
 * The local store: content-addressed blobs in an OCI layout, extracted layer trees, step records
 * and tags, on one disk, crash-safe, shared by several processes. Knows nothing of steps or
 * containers.
 *
 * <dir>/VERSION lock oci/{oci-layout,index.json,blobs/sha256/…} t/<16 hex>/{f,info} steps/<2
 * hex>/<key> stat/ content/ log/ leases/ locks/ tmp/. Order of writes and who may remove what: see
 * store.c.
 */
#ifndef CHUTES_STORE_STORE_H
#define CHUTES_STORE_STORE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/oci/oci.h"

struct store;

/* `dir` NULL: CHUTES_STORE, else "<XDG data>/chutes/store". Created 0700 when missing. A store of
 * another owner, a newer version or a directory with something else in it is refused (AUTH,
 * CONFLICT) with a hint. Removes what dead processes left in tmp/ where that needs no namespace;
 * see store_garbage(). Where nothing can be written the store is open for reading, and what writes
 * fails with AUTH. */
must_use bool store_open(const char *dir, struct store **out, struct error *err);
/* The directory that store_open() would open, which may not be there yet. Caller frees. */
must_use bool store_path_find(const char *dir, char **path, struct error *err);
void store_close(struct store *s); /* releases leases and this process's tmp */
static inline void store_close_slot(struct store **s) { store_close(*s); }
#define auto_store __attribute__((cleanup(store_close_slot)))
const char *store_path(const struct store *s);     /* absolute */
const char *store_oci_path(const struct store *s); /* the OCI layout inside */

/* --- blobs */
/* Size and an open descriptor (either may be NULL): 1, 0 when missing, -1. */
must_use int store_blob_open(struct store *s, const struct digest *d, int *fd, uint64_t *size,
			     struct error *err);
must_use bool store_blob_read(struct store *s, const struct digest *d, size_t limit,
			      struct text *out, struct error *err); /* verified */
/* For when its bytes made no sense: read it all and take its name away if they are not the
 * digest's, so that it counts as missing and is made again. 1 when it was damaged, 0 when not (or
 * not there), -1. */
must_use int store_blob_drop_damaged(struct store *s, const struct digest *d, struct error *err);
struct blob_writer;
must_use bool store_blob_begin(struct store *s, struct blob_writer **w, struct error *err);
must_use bool store_blob_write(struct blob_writer *w, const void *bytes, size_t len,
			       struct error *err);
/* Sync, lease and name it. `digest` is what the caller computed while writing. `w` is freed in any
 * case. */
must_use bool store_blob_commit(struct blob_writer *w, const struct digest *digest,
				struct error *err);
void store_blob_abort(struct blob_writer *w); /* accepts NULL */
/* The same for a small document in one go; fills the descriptor. `media_type` is borrowed. */
must_use bool store_blob_put(struct store *s, const char *media_type, const struct text *bytes,
			     struct descriptor *out, struct error *err);

/* --- trees: one extracted layer in overlay form, a cache of a blob. `id`: its layer id (hex). */
struct tree_info {
	struct digest diff_id;
	uint64_t n_entries;
	uint64_t bytes;
};
/* 1 and the directory (t/<16 hex>/f, absolute, caller frees), 0 when there is none that can be
 * trusted (unsynced and from another boot: it is moved away), -1. Leases the id first. */
must_use int store_tree_find(struct store *s, const struct digest *id, char **path,
			     struct error *err);
/* Rename `upper` (inside store_tmp) into place; when it exists already, ours is dropped. */
must_use bool store_tree_commit(struct store *s, const struct digest *id, const char *upper,
				const struct tree_info *info, char **path, struct error *err);
/* Make the trees of this boot survive a restart of the machine: syncfs(), which may take seconds.
 * For when nobody waits. */
must_use bool store_trees_sync(struct store *s, struct error *err);

/* --- this process's scratch directory tmp/<pid>.<start>/, locked as long as `s` lives. Absolute.
 * Subdirectories are the caller's. Who forks calls this first: children then share the directory
 * and the lease file instead of having their own. */
must_use bool store_tmp(struct store *s, const char **path, struct error *err);
/* Directories in tmp/ whose owner is dead: their names (relative to tmp/) so that a sandbox can
 * remove them (sub-id owners, modes 000). store_garbage_remove() removes one; call it inside. */
must_use bool store_garbage(struct store *s, struct strings *names, struct error *err);
must_use bool store_garbage_remove(struct store *s, const char *name, struct error *err);

/* --- leases: a digest in use by this process until store_close(); the collector leaves it alone.
 * Lease first, look for the blob then. What we commit, put or find as a tree is leased already. */
must_use bool store_lease(struct store *s, const struct digest *d, struct error *err);
/* Digests (bare hex, in no order) that living processes use, this one too. Leases of dead ones are
 * removed. */
must_use bool store_leases_read(struct store *s, struct strings *out, struct error *err);
/* Exclusive lock named by the first 16 digits of a key (two builds of one step run it once); waits.
 * Unlock by fd_close. */
must_use bool store_lock_key(struct store *s, const char *key_hex, int *lock_fd, struct error *err);

/* --- records: small documents by key (lower-case hex), with a checksum line; no fsync; damage is a
 * miss. `kind` is a directory of its own. A record keeps the blobs and trees whose digests are in
 * its text (64 hex digits), for 14 days after its last use; one whose key is the digest of an
 * image, blob or tree stays as long as that does. */
must_use int store_record_get(struct store *s, const char *kind, const char *key_hex,
			      struct text *out, struct error *err);
must_use bool store_record_put(struct store *s, const char *kind, const char *key_hex,
			       const struct text *bytes, struct error *err);

/* --- tags */
struct store_image {
	char *name; /* full name with tag; the digest where another tool gave no name */
	struct descriptor manifest; /* media_type is a literal */
	uint64_t size_bytes;        /* config + layers, compressed; 0: the image is not whole */
	int64_t created;            /* seconds; 0: unknown */
};
struct store_images {
	struct store_image *items;
	size_t n;
	size_t capacity;
};
void store_images_release(struct store_images *l);
#define auto_store_images __attribute__((cleanup(store_images_release))) struct store_images
/* Durable when it returns. Replaces the tag. Every blob of the image must be there (NOT_FOUND).
 * `name` is
 * [registry/]path[:tag]. Other tools read the image as oci:<store>/oci:<name>; they refuse the few
 * names that references allow and ref.name does not ("a__b", "a---b"). */
must_use bool store_tag(struct store *s, const char *name, const struct descriptor *manifest,
			struct error *err);
must_use bool store_images_list(struct store *s, struct store_images *out, struct error *err);
/* By name, name without tag (:latest is not assumed: the only tag, else an error that lists them),
 * full digest or at least 6 hex digits of it: 1, 0, -1 (ambiguous: CONFLICT). Several names of one
 * digest are the same image: the first is returned. */
must_use int store_image_find(struct store *s, const char *name, struct store_image *out,
			      struct error *err);
void store_image_release(struct store_image *i);
#define auto_store_image __attribute__((cleanup(store_image_release))) struct store_image
/* Remove the tag (its full name); NOT_FOUND. Frees nothing: see store_gc(). */
must_use bool store_untag(struct store *s, const char *name, struct error *err);
struct store_gc_report {
	uint64_t n_blobs;
	uint64_t n_trees;
	uint64_t bytes;
	uint64_t bytes_cached; /* no image needs them, but young records do */
};
/* Remove blobs and trees that nothing refers to: tags, living leases and records used within 14
 * days keep theirs. Call inside a sandbox where trees belong to sub-ids. */
must_use bool store_gc(struct store *s, struct store_gc_report *out, struct error *err);
/* Manifest and config of an image, verified; of an index those for this machine. */
must_use bool store_image_load(struct store *s, const struct digest *manifest, struct manifest *m,
			       struct image_config *c, struct error *err);

/* A new log file log/<id>.log; keeps the newest 50. Caller closes fd, frees path. */
must_use bool store_log_create(struct store *s, int *fd, char **path, struct error *err);

#endif
