/* SPDX-License-Identifier: MIT
 * What the readers of layouts and archives share.
 */
#ifndef CHUTES_STORE_IMPORT_INTERNAL_H
#define CHUTES_STORE_IMPORT_INTERNAL_H

#include "lib/archive/archive.h"
#include "lib/store/import.h"
#include "lib/store/store_internal.h"

enum { IMPORT_CHUNK = 1 << 20 };

/* One member of an archive whose bytes are in the store now, or a link to another one. */
struct member {
	char *path; /* cleaned, relative */
	char *link; /* cleaned, relative; NULL for a file */
	struct digest digest;
	uint64_t size;
};
struct members {
	struct member *items;
	size_t n;
	size_t capacity;
	struct text index; /* index.json or manifest.json */
};
#define auto_members __attribute__((cleanup(members_release))) struct members
void members_release(struct members *m);
/* The file of that name, links followed; NULL when there is none. Borrowed. */
const struct member *archive_find(const struct members *m, const char *path);
/* Read a whole archive, compressed or not: `document` into `index`, every other file into the
 * store.
 */
must_use bool archive_read(struct store *s, const char *path, const char *document,
			   struct members *out, struct error *err);

/* Is the directory an OCI layout of version 1? */
must_use bool layout_check(const char *path, struct error *err);
/* From the index of a layout or an archive, choose. `name`: its ref.name or NULL; the caller's. */
must_use bool index_choose(const struct index *i, const char *tag, struct digest *out, char **name,
			   struct error *err);
/* Follow a manifest whose blobs are in the store, or below `layout_fd` (-1: nowhere else). */
must_use bool import_manifest(struct store *s, int layout_fd, const struct digest *d,
			      struct descriptor *out, struct error *err);
must_use bool import_docker(struct store *s, const struct members *m, const char *tag,
			    struct descriptor *out, char **name, struct error *err);

#endif
