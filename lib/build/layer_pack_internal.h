/* SPDX-License-Identifier: MIT
 * The parts of layer_pack.c: the walk (layer_pack_walk.c), what is deleted (layer_pack_whiteout.c),
 * the trees below (layer_pack_lower.c), one entry (layer_pack_entry.c) and its attributes
 * (layer_pack_xattr.c).
 */
#ifndef CHUTES_BUILD_LAYER_PACK_INTERNAL_H
#define CHUTES_BUILD_LAYER_PACK_INTERNAL_H

#include "lib/base/arena.h"
#include "lib/base/text.h"
#include "lib/build/layer.h"
#include "lib/build/layer_note.h"

#include <sys/stat.h>

enum {
	PACK_PATH_MAX = 4096, /* what a reader of layers takes, ours included */
	PACK_BUFFER_SIZE = 256 << 10,
	PACK_OPAQUE_MIN = 10000,  /* more whiteouts of one directory than this are one marker */
	PACK_OVERFLOW_ID = 65534, /* what the kernel shows for ids outside of the id map */
};
enum { PACK_NOTE_SOCKET, PACK_NOTE_ACL, PACK_NOTE_XATTR, PACK_NOTE_N };

struct pack {
	const struct layer_pack_options *o;
	struct tar_writer *tar;
	struct layer_stats stats;
	struct layer_note notes[PACK_NOTE_N];
	struct text path;      /* of the entry at hand; "" is the root */
	struct arena links;    /* rows of the table below */
	void *linked_inodes;   /* tsearch(3): files with several names */
	bool has_overflow_uid; /* 65534 is an id of this user namespace, not "nobody knows" */
	bool has_overflow_gid;
	unsigned char *buffer;
};

/* The path of the entry at hand for messages: escaped, at most 300 bytes, "/" for the root. Valid
 * until the next call. BUILD. */
bool pack_fail(const struct pack *p, struct error *err, const char *fmt, ...) printf_like(3, 4);
/* The same with errno's text; its code. */
bool pack_errno(const struct pack *p, struct error *err, const char *doing);
/* Go down into `name`, and back up to a length that p->path had. */
must_use bool pack_enter(struct pack *p, const char *name, struct error *err);
void pack_leave(struct pack *p, size_t len);

/* --- overlayfs */
bool pack_is_whiteout(const struct stat *st);
/* An attribute of overlayfs's own by either of its prefixes: bytes read, 0 when there is none. */
size_t pack_overlay_attribute(int fd, const char *name, char *value, size_t size);
bool pack_is_opaque(int fd);
/* Does the directory hold whiteouts in the form of attributes? */
bool pack_has_attribute_whiteouts(int fd);
/* Is the file `name` of such a directory one? */
bool pack_is_attribute_whiteout(int directory_fd, const char *name, const struct stat *st);

/* --- the trees below */
/* One directory of the merged trees: the directories that show in it, the topmost first. */
struct lower {
	int *fds;
	size_t n;
};
#define auto_lower __attribute__((cleanup(lower_release))) struct lower
void lower_release(struct lower *l);
/* The directory at p->path; n is 0 when there is none. */
must_use bool lower_open(const struct pack *p, struct lower *out, struct error *err);
/* 1 when it has something of that name, 0, -1. */
must_use int lower_has(const struct pack *p, const struct lower *l, const char *name,
		       struct error *err);
/* Everything in it, sorted. */
must_use bool lower_names(const struct pack *p, const struct lower *l, struct strings *out,
			  struct error *err);

/* --- entries */
struct pack_xattrs {
	struct arena arena;
	struct xattr *items;
	size_t n, capacity;
};
#define auto_pack_xattrs __attribute__((cleanup(pack_xattrs_release))) struct pack_xattrs
void pack_xattrs_release(struct pack_xattrs *x);
/* The attributes of an image, sorted by name. What is left out is noted. */
must_use bool pack_xattrs_read(struct pack *p, int fd, struct pack_xattrs *out, struct error *err);
bool pack_xattrs_equal(const struct pack_xattrs *a, const struct pack_xattrs *b);

/* The entry at p->path, which is `name` in `directory_fd`; any kind but a directory. */
must_use bool pack_file(struct pack *p, int directory_fd, const char *name, const struct stat *st,
			struct error *err);
/* The directory itself, open as `fd`. */
must_use bool pack_directory(struct pack *p, int fd, const struct stat *st, struct error *err);
/* A deletion: `name` ("etc", or the opaque marker's rest) in the directory at p->path. */
must_use bool pack_whiteout(struct pack *p, const char *name, struct error *err);

/* --- the walk */
/* The names that the layer deletes from the directory at p->path, open as `fd`. `names` are those
 * of the upper directory; deleted ones leave the list. */
must_use bool pack_whiteouts(struct pack *p, int fd, bool is_opaque, struct strings *names,
			     struct error *err);
/* Everything below the upper directory's root, open as *fd, and the root if it changed. The
 * descriptor is closed and opened again on the way. */
must_use bool pack_tree(struct pack *p, int *fd, struct error *err);

#endif
