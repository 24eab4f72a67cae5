/* SPDX-License-Identifier: MIT
 * chute.lock: what a spec leaves open, as it was when somebody looked, so that a later look can
 * tell what has changed. Facts about the base come from whoever can read images; nothing here
 * touches the network. One fact per line, in a fixed order, so that a difference is one line.
 */
#ifndef CHUTES_SPEC_LOCK_H
#define CHUTES_SPEC_LOCK_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/findings.h"
#include "lib/base/strings.h"
#include "lib/spec/spec.h"

/* In the order of the file; each can be renewed by itself. */
enum spec_lock_fact {
	SPEC_LOCK_SDK,
	SPEC_LOCK_GPUS,
	SPEC_LOCK_BASE,
	SPEC_LOCK_MODEL,
	SPEC_LOCK_N_FACTS,
};
/* A set of facts has the bit 1 << fact of each. */
enum { SPEC_LOCK_ALL = (1 << SPEC_LOCK_N_FACTS) - 1 };
/* What a command line calls it: "sdk". */
const char *spec_lock_fact_name(enum spec_lock_fact fact);

struct spec_lock_gpus {
	char *date;   /* of the figures, "2025-10-04" */
	char *sha256; /* of the table */
};
struct spec_lock_base {
	char *from;   /* as the spec writes it; NULL: nothing is locked, as with digest */
	char *digest; /* of the image's manifest, of the tar, of the recipe of a Debian base */
};
struct spec_lock {
	struct arena arena;
	int64_t version; /* of the format: 1 */
	char *sdk;
	struct spec_lock_gpus gpus;
	struct spec_lock_base base;
	struct field_texts models; /* "org/model@COMMIT", sorted */
};
#define auto_spec_lock __attribute__((cleanup(spec_lock_release))) struct spec_lock
void spec_lock_release(struct spec_lock *lock);

/* Where the lock of a spec lies: chute.lock beside chute.yaml, chute.NAME.lock with an overlay.
 * NULL for standard input. Caller frees. */
must_use char *spec_lock_path(const struct spec *spec);
/* What holds now. `base_digest` is that of a base on this machine, NULL: not known. `open`, unless
 * NULL, gets what cannot be locked, with the reason: "base 'x' (needs the registry)". */
void spec_lock_fill(struct spec_lock *lock, const struct spec *spec, const char *base_digest,
		    struct strings *open);
/* Is the digest of the spec's base to be found on this machine, by reading it? */
bool spec_lock_has_local_base(const struct spec *spec);
/* Take the facts of the set from another lock, as a copy. */
void spec_lock_copy(struct spec_lock *lock, const struct spec_lock *from, unsigned set);
/* The set of facts that are not the same. */
unsigned spec_lock_compare(const struct spec_lock *a, const struct spec_lock *b);

void spec_lock_format(const struct spec_lock *lock, struct text *out);
/* Does a text begin as spec_lock_format() begins, whatever follows? */
bool spec_lock_is_ours(const char *text);
/* SPEC: what is wrong is in the findings, with its line. `file` is for them. */
must_use bool spec_lock_parse(const char *file, const char *text, size_t len, struct spec_lock *out,
			      struct findings *f, struct error *err);
/* The lock file of a spec: 1, 0 when there is none, -1 when it cannot be read. */
must_use int spec_lock_load(const struct spec *spec, struct spec_lock *out, struct findings *f,
			    struct error *err);
/* A warning where the lock file says something else than the spec and this program. The base is not
 * looked at, only its name. No lock file is fine. */
void spec_check_lock(const struct spec *spec, struct findings *f);

#endif
