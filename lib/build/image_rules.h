/* SPDX-License-Identifier: MIT
 * What the platform needs of an image, looked up in the built file system: findings I101 to I125.
 * Each says the path looked at, the value found and the step that mends it. Executes nothing.
 */
#ifndef CHUTES_BUILD_IMAGE_RULES_H
#define CHUTES_BUILD_IMAGE_RULES_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/findings.h"
#include "lib/oci/oci.h"

struct image_rules {
	int root_fd; /* the image's root, everything merged */
	const struct image_config *config;
	bool wants_gpus; /* else nothing is said about CUDA */
	/* Errors where the rule is one; a CUDA newer than the known ones stays a warning. Without
	 * it everything is a warning. */
	bool is_strict;
};
/* Adds findings in the order of their codes. BUILD when the image cannot be read. */
must_use bool image_rules_check(const struct image_rules *r, struct findings *out,
				struct error *err);

#endif
