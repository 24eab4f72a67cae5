/* SPDX-License-Identifier: MIT
 * What the writers of layouts and archives share.
 */
#ifndef CHUTES_STORE_EXPORT_INTERNAL_H
#define CHUTES_STORE_EXPORT_INTERNAL_H

#include "lib/store/export.h"
#include "lib/store/store_internal.h"

/* One image on its way out. */
struct outgoing {
	struct store *store;
	const struct export_options *options;
	const char *name; /* NULL: none */
	struct descriptor manifest;
	struct manifest m;
	struct image_config config;
};

/* All of a blob into a sink. BUILD, after the last byte, when they were not the digest's. */
must_use bool export_blob(struct outgoing *x, const struct digest *d, uint64_t size,
			  struct sink out, struct error *err);
/* The blobs in their order, each once: manifest, config, layers. */
must_use bool export_each_blob(struct outgoing *x,
			       bool (*each)(struct outgoing *x, void *context,
					    const struct digest *d, uint64_t size,
					    struct error *err),
			       void *context, struct error *err);
/* index.json with this image only, and oci-layout. */
void export_index(const struct outgoing *x, struct text *out);
#define EXPORT_LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"

must_use bool export_oci_archive(struct outgoing *x, struct sink out, struct error *err);
must_use bool export_docker_archive(struct outgoing *x, struct sink out, struct error *err);

#endif
