/* SPDX-License-Identifier: MIT
 * Images of the store, written where other tools read them. Every byte is checked on its way out.
 * What exists is whole: a file or directory gets its name when all of it is on disk.
 */
#ifndef CHUTES_STORE_EXPORT_H
#define CHUTES_STORE_EXPORT_H

#include "lib/archive/archive.h"
#include "lib/store/location.h"
#include "lib/store/store.h"

struct export_options {
	/* `tag` NULL: `name`. A directory that is a layout gets one image more. */
	const struct image_location *to;
	const char *name;   /* what the image is called; NULL: it has no name */
	bool replaces;      /* an archive, or an image of that name in a layout */
	struct sink stream; /* for an archive "-" */
};
/* `manifest` is what a tag names; `exported` gets the digest that readers will see: the same, or of
 * an index the manifest for this machine; of a docker archive, which has none, that of the
 * config. Archives of one image are always the same bytes. CONFLICT when there is something
 * already; BUILD when a blob is damaged; NOT_FOUND when one is missing. */
must_use bool image_export(struct store *s, const struct digest *manifest,
			   const struct export_options *o, struct digest *exported,
			   struct error *err);

#endif
