/* SPDX-License-Identifier: MIT
 * What the collector keeps.
 */
#ifndef CHUTES_STORE_GC_INTERNAL_H
#define CHUTES_STORE_GC_INTERNAL_H

#include "lib/store/store_internal.h"

enum { DIGEST_DIGITS = 64 };

/* Digests in hex, sorted. */
struct marks {
	struct strings kept;   /* named by tags and leases, and by records about what is kept */
	struct strings cached; /* likewise by records that were used lately */
};
void marks_release(struct marks *m);
/* Is a name, or what it is the beginning of, in the list? */
bool marks_have(const struct strings *sorted, const char *name, size_t len);
/* All of it; records that are about nothing kept and were not used lately are removed. The caller
 * holds the index lock. */
must_use bool marks_read(struct store *s, struct marks *m, struct error *err);
/* Leases once more, into `kept`. */
must_use bool marks_read_leases(struct store *s, struct marks *m, struct error *err);

#endif
