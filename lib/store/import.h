/* SPDX-License-Identifier: MIT
 * Images that lie in files of other tools, taken into the store. Every byte is checked against its
 * digest; nothing is written outside the store, whatever names an archive has.
 */
#ifndef CHUTES_STORE_IMPORT_H
#define CHUTES_STORE_IMPORT_H

#include "lib/store/location.h"
#include "lib/store/store.h"

/* Take one image into the store: its blobs are leased, nothing is tagged. `manifest` gets an OCI
 * manifest: the source's own bytes, or one made for Docker's formats, whose layers stay as they
 * are. Of several platforms this machine's is taken. NOT_FOUND when there is no such file or tag,
 * BUILD when the image is broken or hostile. `name`, unless NULL, gets what the source calls the
 * image, as it stands there, or NULL; the caller frees it. */
must_use bool image_import(struct store *s, const struct image_location *from,
			   struct descriptor *manifest, char **name, struct error *err);

#endif
