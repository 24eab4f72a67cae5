/* SPDX-License-Identifier: MIT
 * Images that lie in files of other tools, taken into the store. Every byte is checked against its
 * digest; nothing is written outside the store, whatever names an archive has.
 */
#ifndef CHUTES_STORE_IMPORT_H
#define CHUTES_STORE_IMPORT_H

#include "lib/store/store.h"

enum import_kind {
	IMPORT_OCI,            /* a directory with an OCI layout */
	IMPORT_OCI_ARCHIVE,    /* the same as a tar file */
	IMPORT_DOCKER_ARCHIVE, /* what `docker save` writes */
};

/* "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]", "docker-archive:FILE[:TAG]": skopeo's words. The first
 * colon behind the path begins the tag, which may hold others. Archives may be compressed by gzip
 * or zstd. */
struct import_source {
	enum import_kind kind;
	char *path;
	char *tag; /* NULL: the only image */
};
#define auto_import_source __attribute__((cleanup(import_source_release))) struct import_source
void import_source_release(struct import_source *source);
/* 1, 0 when `text` has none of the three words, -1 (USAGE: no path). */
must_use int import_source_parse(const char *text, struct import_source *out, struct error *err);

/* Take one image into the store: its blobs are leased, nothing is tagged. `manifest` gets an OCI
 * manifest: the source's own bytes, or one made for Docker's formats, whose layers stay as they
 * are. Of several platforms this machine's is taken. NOT_FOUND when there is no such file or tag,
 * BUILD when the image is broken or hostile. */
must_use bool image_import(struct store *s, const struct import_source *from,
			   struct descriptor *manifest, struct error *err);

#endif
