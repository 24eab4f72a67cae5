/* SPDX-License-Identifier: MIT
 * What the context_add*.c files share.
 */
#ifndef CHUTES_BUILD_CONTEXT_ADD_INTERNAL_H
#define CHUTES_BUILD_CONTEXT_ADD_INTERNAL_H

#include "lib/build/context_internal.h"
#include "lib/build/place.h"

/* One context_add() on its way. */
struct adding {
	const struct context *c;
	const struct selection *s;
	const struct add_options *o;
	struct place_owner owner;
	char *dest;           /* absolute, cleaned */
	bool is_directory;    /* written as one */
	enum place_kind kind; /* what there is now */
	struct sha256 *hash;
	unsigned char *buffer;
};
enum { ADDING_BUFFER_SIZE = 1 << 18 };

must_use bool adding_open_destination(const struct adding *a, const char *path, struct place *out,
				      struct error *err);

/* --- context_add_archive.c */
/* Docker's rule: a file is an archive if its first entry can be read, whatever its name is. 1, 0,
 * -1 (compressed with something that we do not read). */
must_use int adding_is_archive(const struct adding *a, const struct context_entry *e,
			       struct error *err);
must_use bool adding_unpack(struct adding *a, const struct context_entry *e, struct strings *notes,
			    struct error *err);

#endif
