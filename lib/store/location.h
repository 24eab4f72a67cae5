/* SPDX-License-Identifier: MIT
 * Where an image lies outside of the store, in skopeo's words.
 */
#ifndef CHUTES_STORE_LOCATION_H
#define CHUTES_STORE_LOCATION_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum location_kind {
	LOCATION_OCI,            /* a directory with an OCI layout */
	LOCATION_OCI_ARCHIVE,    /* the same as a tar file */
	LOCATION_DOCKER_ARCHIVE, /* what `docker save` writes */
};

/* "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]", "docker-archive:FILE[:TAG]": skopeo's words. The first
 * colon behind the path begins the tag, which may hold others. Archives may be compressed by gzip
 * or zstd. An archive "-" is standard input or output. */
struct image_location {
	enum location_kind kind;
	char *path;
	char *tag; /* NULL: the only image */
};
#define auto_image_location __attribute__((cleanup(image_location_release))) struct image_location
void image_location_release(struct image_location *source);
/* 1, 0 when `text` has none of the three words, -1 (USAGE: no path). */
must_use int image_location_parse(const char *text, struct image_location *out, struct error *err);

/* What an image from there is called in the store: `found` is what stands there, or NULL. Docker's
 * long names become short ones, and a mere tag gets the name of the file: "hello.tar" and "1.0" are
 * "hello:1.0". NULL when nothing says a name. Caller frees. */
must_use char *image_location_name(const struct image_location *from, const char *found);

#endif
