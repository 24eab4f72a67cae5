/* SPDX-License-Identifier: MIT
 * The parts of layer_unpack.c: where an entry goes (layer_unpack_place.c), what is put there
 * (layer_unpack_write.c), and what this layer did to which path (layer_unpack_paths.c).
 */
#ifndef CHUTES_BUILD_LAYER_UNPACK_INTERNAL_H
#define CHUTES_BUILD_LAYER_UNPACK_INTERNAL_H

#include "lib/base/arena.h"
#include "lib/base/text.h"
#include "lib/build/layer.h"
#include "lib/build/layer_note.h"

#include <time.h>

/* --- what this layer did to a path. Paths are canonical: no link on the way, no leading "/"; the
 * root is "". So a file written as lib/x is known as usr/lib/x where lib is a link. */
struct unpack_path {
	const char *path;
	bool is_written; /* this layer put it there, or something below it */
	bool is_entry;   /* by an entry of its own */
	bool has_mtime;  /* a directory whose time is set when everything else is done */
	struct timespec mtime;
};
/* A balanced tree: hostile names cannot make it slow. */
struct unpack_paths {
	struct arena arena;
	void *root; /* tsearch(3) */
};
void unpack_paths_release(struct unpack_paths *p);
const struct unpack_path *unpack_paths_find(const struct unpack_paths *p, const char *path);
/* The row of `path`, made if there is none. */
struct unpack_path *unpack_paths_get(struct unpack_paths *p, const char *path);
/* Note that this layer wrote `path`, and so everything above it. */
struct unpack_path *unpack_paths_write(struct unpack_paths *p, const char *path);
/* All rows with a time, by bytes (directories before what is in them). Caller frees the array. */
must_use struct unpack_path *unpack_paths_timed(const struct unpack_paths *p, size_t *n);

enum { NOTE_OUTSIDE, NOTE_DUPLICATE, NOTE_DEVICE, NOTE_XATTR, NOTE_ACL, NOTE_N };

struct unpack {
	const struct layer_unpack_options *o;
	struct tar_reader *tar;
	struct layer_stats stats;
	struct unpack_paths paths;
	struct layer_note notes[NOTE_N];
	size_t root_len; /* of the root's own path in /proc/self/fd */
	/* the directory of the last entry, which the next one mostly shares */
	int parent_fd;
	char *parent_name; /* as in the archive, cleaned */
	char *parent_path; /* canonical */
	bool is_parent_stale;
	unsigned char *buffer;
};
enum { UNPACK_BUFFER_SIZE = 256 << 10, UNPACK_PATH_MAX = 4096 };

void unpack_note(struct unpack *u, int note, const char *path);
/* "doing 'path': errno's text", BUILD unless the disk is full or broken. */
bool unpack_errno(struct error *err, const char *doing, const char *path);
/* "doing 'path': reason" */
bool unpack_refuse(struct error *err, const char *doing, const char *path, const char *reason);

/* --- places */
/* Make the directory `name` (cleaned, "" is the root) the parent. `maker` NULL: 0 when it does not
 * exist. Else missing directories are made, with the maker's mtime, and what stands in their way
 * and is no directory is removed. 1 or -1. */
must_use int unpack_parent(struct unpack *u, const char *name, const struct tar_entry *maker,
			   struct error *err);
/* The canonical path of an open directory below the root. Caller frees. */
must_use bool unpack_canonical(const struct unpack *u, int fd, char **path, struct error *err);
/* Canonical path of `name` in the parent. Caller frees. */
must_use char *unpack_child(const struct unpack *u, const char *name);
/* Remove `name` of the parent, whoever made it. */
must_use bool unpack_clear(struct unpack *u, const char *name, struct error *err);
/* Remove what lower layers have at `name` of the parent, and leave what this layer put there. */
must_use bool unpack_hide(struct unpack *u, const char *name, struct error *err);
/* The same for everything in the parent. */
must_use bool unpack_hide_all(struct unpack *u, struct error *err);
/* Give directories their times, the deepest first. */
must_use bool unpack_set_times(struct unpack *u, struct error *err);

/* --- things */
/* Put `e` into the parent as `name` ("." for the root itself). */
must_use bool unpack_write(struct unpack *u, const struct tar_entry *e, const char *name,
			   struct error *err);
/* A name of the archive as if the root were "/", without that "/": "../a//b" is "a/b". Caller
 * frees. `was_outside`: it was absolute, or had a "..". The reader has bounded its length. */
must_use char *unpack_clean(const char *raw, bool *was_outside);

#endif
