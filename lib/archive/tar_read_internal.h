/* SPDX-License-Identifier: MIT
 * Between the two halves of the tar reader: the stream and the entries.
 */
#ifndef CHUTES_ARCHIVE_TAR_READ_INTERNAL_H
#define CHUTES_ARCHIVE_TAR_READ_INTERNAL_H

#include "lib/archive/archive.h"

#include <archive.h>

/* What the pointers of the current entry point at. */
struct tar_names {
	struct text path;
	struct text link;
	struct xattr *xattrs; /* their names and values are libarchive's */
	size_t xattrs_capacity;
};
void tar_names_release(struct tar_names *b);

/* `raw_type` is the type flag of the header. BUILD when a limit is passed or a value is impossible.
 */
must_use bool tar_entry_convert(struct archive_entry *e, char raw_type,
				const struct tar_limits *limits, struct tar_names *b,
				struct tar_entry *out, struct error *err);

#endif
