/* SPDX-License-Identifier: MIT
 * Private to lib/build: what an image starts from.
 */
#ifndef CHUTES_BUILD_BASE_H
#define CHUTES_BUILD_BASE_H

#include "lib/build/lend.h"
#include "lib/build/trees.h"
#include "lib/spec/spec.h"

struct base {
	const struct spec_base *spec; /* borrowed */
	char *path;                   /* of an archive or directory, absolute; else NULL */
	struct image_config config;   /* diff_ids are filled once the layers are packed */
	struct layers layers;
	char key[KEY_HEX_SIZE]; /* what the first step's key starts from */
	struct digest manifest; /* of an image that came from elsewhere; else unset */
	struct digest pin;      /* what build_base_digest() says; unset for scratch */
	int64_t created;        /* seconds: the step epoch of what is built on it */
	enum sandbox_ids ids;   /* of this build, as the two below */
	bool has_epoch;
	int64_t epoch;
};

struct base_options {
	const struct spec_base *spec;
	const char *directory; /* where relative paths start */
	enum sandbox_ids ids;
	bool has_epoch;
	int64_t epoch;
};

#define auto_base __attribute__((cleanup(base_release))) struct base

void base_release(struct base *b);
/* Who the base is: config, layers, key; for archives and layouts the blobs are brought into the
 * store. Outside the sandbox. SPEC for a registry reference: pulling is not there. */
must_use bool base_find(struct store *s, const struct base_options *o, struct base *out,
			struct error *err);
/* Make the layers that have no tree and no blob yet, and pack them. Inside the sandbox. */
must_use bool base_make(struct workshop *w, struct base *b, const struct lend *lend, int log_fd,
			struct error *err);
/* Look again for what we make ourselves, whatever was found earlier. */
void base_forget(struct base *b);
/* All layers are packed and in the store: 1, 0, -1. */
must_use int base_is_ready(struct store *s, enum compression c, struct base *b, struct error *err);

/* --- parts */

/* A layer that we make ourselves has one history entry. */
void base_history(struct base *b, const char *created_by);
/* Unpack a tar as layer `i` (the first one), pack, file and record it. */
must_use bool base_layer_from_tar(struct workshop *w, struct base *b, size_t i, struct source tar,
				  struct error *err);
/* The same for what already lies in `upper`. */
must_use bool base_layer_keep(struct workshop *w, struct base *b, size_t i, const char *upper,
			      const struct strings *lowers, struct error *err);
/* base_debian.c */
must_use bool base_debian_find(struct base *b, struct error *err);
must_use bool base_debian_make(struct workshop *w, struct base *b, const struct lend *lend,
			       int log_fd, struct error *err);

#endif
