/* SPDX-License-Identifier: MIT
 * Layers: from an overlay upper directory to a tar stream, and from a foreign tar to a tree. Both
 * run inside the sandbox, where ids are the container's. Knows nothing of steps.
 */
#ifndef CHUTES_BUILD_LAYER_H
#define CHUTES_BUILD_LAYER_H

#include "lib/archive/archive.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"

struct layer_pack_options {
	const char *upper;         /* directory */
	const char *const *lowers; /* trees below, bottom first, without the stub tree */
	size_t n_lowers;
	bool has_epoch;
	int64_t epoch;         /* mtimes: min(mtime, epoch) */
	bool is_exactly_epoch; /* context files: mtime = epoch, not only clamped */
	bool drops_logs;       /* leave out apt's and dpkg's logs and caches, machine-id */
};
struct layer_stats {
	uint64_t n_entries;
	uint64_t n_bytes;
	uint64_t n_skipped; /* sockets, attributes that cannot be kept */
};
/* Write the layer's tar to `out`. n_entries 0: nothing changed, no layer is needed. `notes` gets
 * one sentence per thing left out. Overlay whiteouts and opaque directories become .wh. files only
 * where something exists below. */
must_use bool layer_pack(const struct layer_pack_options *o, struct sink out,
			 struct layer_stats *stats, struct strings *notes, struct error *err);

struct layer_unpack_options {
	int root_fd; /* an empty directory, or a merged overlay whose upper becomes the layer's tree
		      */
	bool ids_are_squashed; /* one id only: owners are skipped */
	bool is_archive;       /* not a layer: names that begin with .wh. are refused */
	bool has_owner;        /* `uid` and `gid` instead of the entries' own */
	uid_t uid;
	gid_t gid;
	struct tar_limits limits;
};
/* Apply one layer's tar (plain bytes), read to the end of the source. Never leaves root_fd; rules
 * of hostile input: layer_unpack.c. Devices are left out. BUILD errors name the entry; `notes` gets
 * one sentence per kind of thing that was left out or repaired. */
must_use bool layer_unpack(const struct layer_unpack_options *o, struct source tar,
			   struct layer_stats *stats, struct strings *notes, struct error *err);

/* --- extended attributes, the same both ways */
/* Is `name` part of an image? Capabilities and the users' own are; overlayfs's and fuse-overlayfs's
 * bookkeeping, ACLs, labels of the host's security modules are not. */
bool layer_keeps_xattr(const char *name);
enum { LAYER_CAPABILITY_BYTES = 20 };
/* A "security.capability" value as version 2 (linux/capability.h): version 3 carries the host id of
 * a user namespace's root, which means nothing elsewhere. false when it is neither. */
must_use bool layer_capability(const void *value, size_t size,
			       unsigned char out[LAYER_CAPABILITY_BYTES]);

#endif
