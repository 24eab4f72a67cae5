/* SPDX-License-Identifier: MIT
 * What a build will do, step by step, as data: made from the spec and the base's config, before
 * anything runs. Must not know the store or containers.
 */
#ifndef CHUTES_BUILD_PLAN_H
#define CHUTES_BUILD_PLAN_H

#include "lib/base/compiler.h"
#include "lib/base/strings.h"
#include "lib/oci/oci.h"
#include "lib/spec/spec.h"

#define PLAN_DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum plan_kind {
	PLAN_META,  /* changes the config only */
	PLAN_RUN,   /* argv in the root file system */
	PLAN_ADD,   /* files of the context */
	PLAN_MKDIR, /* the working directory, unless it exists */
};

struct plan_step {
	enum plan_kind kind;
	const struct spec_step *spec; /* borrowed; NULL: image.python */
	struct place place;           /* in the spec */
	char *title;                  /* "pip fastapi uvicorn", printable, at most 60 characters */
	char *created_by;             /* for the history: "RUN pip install fastapi" */
	struct strings argv;          /* RUN */
	struct strings env;           /* RUN: what the image has set by then, and the step's own */
	char *user;                   /* RUN, MKDIR: as the image names it, "" is root */
	char *cwd;                    /* RUN; MKDIR: the directory itself */
	const char *requirements;     /* RUN of pip: file of the context to lend, or NULL */
};

struct plan {
	struct plan_step *steps;
	size_t n;
	size_t capacity;
	/* The config in the end: base's with env, user, workdir … changed; history and diff_ids are
	 * still the base's. */
	struct image_config config;
};

#define auto_plan __attribute__((cleanup(plan_release))) struct plan

void plan_release(struct plan *p);
/* `base` and `image` must outlive the plan. */
void plan_make(const struct spec_image *image, const struct image_config *base, struct plan *out);

#endif
