/* SPDX-License-Identifier: MIT
 * The Debian base: a root file system made by mmdebstrap from this machine's own Debian archives
 * (or a mirror), the same bytes for every user and machine as long as the archive has the same
 * state. Knows nothing of stores and steps.
 */
#ifndef CHUTES_BUILD_DEBIAN_H
#define CHUTES_BUILD_DEBIAN_H

#include "lib/build/key.h"
#include "lib/build/layer.h"
#include "lib/build/lend.h"
#include "lib/container/container.h"

struct debian_options {
	const char *suite;     /* "bookworm" */
	char *const *packages; /* beside those of the variant: name[:arch][=version] */
	size_t n_packages;
	bool is_minimal;         /* only the packages named above */
	char *const *components; /* none: "main" */
	size_t n_components;
	const char *mirror;  /* NULL: this machine's archives of the suite, else the public ones */
	const char *scratch; /* an empty directory for this bootstrap alone, absolute; the caller's
			      * to remove. Not used for the key */
	const struct lend
		*lend; /* proxies, CA bundle, apt's settings and sources. Not in the key */
};

/* Names that mmdebstrap and apt would take for something else are refused (SPEC). */
must_use bool debian_check(const struct debian_options *o, struct error *err);
/* Time stamp of everything in the base, its `created`, and SOURCE_DATE_EPOCH of steps on it: the
 * day the suite was released, so that all projects can share one base. */
int64_t debian_epoch(const char *suite);
/* What the base depends on, but for the state of the archive. `architecture`: "amd64". */
void debian_key(const struct debian_options *o, const char *architecture, char out[KEY_HEX_SIZE]);

/* Inside the sandbox: bootstrap into `tree` (an empty directory). What mmdebstrap says goes to
 * `log_fd`. MISSING without mmdebstrap; NETWORK when the archive cannot be reached; else BUILD with
 * its last words. The processes are ended when the tree cannot be written. */
must_use bool debian_bootstrap(enum sandbox_ids ids, const struct debian_options *o,
			       const struct layer_unpack_options *tree, int log_fd,
			       struct layer_stats *stats, struct strings *notes, struct error *err);
/* Inside the sandbox, on the merged tree above a base that is not minimal: the user chutes
 * (1000:1000, /home/chutes), /app and /usr/local that belong to it, pip without Debian's marker
 * against it. Everything made or changed is as old as the base. Done twice it changes nothing more.
 */
must_use bool debian_customize(int root_fd, const char *suite, bool ids_are_squashed,
			       struct error *err);

/* --- the parts of debian_bootstrap(), for tests */
struct debian;
/* Start mmdebstrap. */
must_use bool debian_open(enum sandbox_ids ids, const struct debian_options *o, int log_fd,
			  struct debian **out, struct error *err);
/* Its tar. */
struct source debian_source(struct debian *d);
/* Wait for the end, or kill what still runs when the tar was not read to its end. */
must_use bool debian_close(struct debian *d, struct error *err);

#endif
