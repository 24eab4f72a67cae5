/* SPDX-License-Identifier: MIT
 * Layers: from an overlay upper directory to a tar stream, and from a foreign tar to a tree. Both run
 * inside the sandbox, where ids are the container's. Knows nothing of steps.
 */
#ifndef CHUTES_BUILD_LAYER_H
#define CHUTES_BUILD_LAYER_H

#include "lib/archive/archive.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"

struct layer_pack_options {
	const char *upper;	   /* directory */
	const char *const *lowers; /* trees below, bottom first, without the stub tree */
	size_t n_lowers;
	bool has_epoch;
	int64_t epoch;	       /* mtimes: min(mtime, epoch) */
	bool is_exactly_epoch; /* context files: mtime = epoch, not only clamped */
	bool drops_logs;       /* leave out apt's and dpkg's logs and caches, machine-id (oci 13) */
};
struct layer_stats {
	uint64_t n_entries;
	uint64_t n_bytes;
	uint64_t n_skipped; /* sockets, attributes that cannot be kept */
};
/* Write the layer's tar to `out`. n_entries 0: nothing changed, no layer is needed. `notes` gets one
 * sentence per thing left out. Overlay whiteouts and opaque directories become .wh. files only
 * where something exists below. */
must_use bool layer_pack(const struct layer_pack_options *o, struct sink out,
			 struct layer_stats *stats, struct strings *notes, struct error *err);

struct layer_unpack_options {
	int root_fd; /* an empty directory, or a merged overlay of the layers below */
	bool has_lowers; /* root_fd is a merged overlay: whiteouts remove what is below */
	bool ids_are_squashed; /* one id only: owners and devices are skipped */
	bool is_rootless;      /* devices are skipped, counted */
	struct tar_limits limits;
};
/* Apply one layer's tar (plain bytes). Never leaves root_fd; rules of hostile input: layer_unpack.c.
 * BUILD errors name the entry. */
must_use bool layer_unpack(const struct layer_unpack_options *o, struct source tar,
			   struct layer_stats *stats, struct strings *notes, struct error *err);

#endif
