/* SPDX-License-Identifier: MIT
 * Which files of the user's directory an image is made from. Knows nothing of what is done with
 * them.
 */
#ifndef CHUTES_BUILD_INPUTS_H
#define CHUTES_BUILD_INPUTS_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/build/context.h"
#include "lib/spec/spec.h"

struct store;

/* The context of a spec's image, its stat index kept in the store (NULL: nowhere). */
must_use bool inputs_open_context(struct store *s, const struct spec *spec, struct context **out,
				  struct error *err);
/* Absolute paths, in no order: files and directories that the steps add, requirements, the ignore
 * file, the Dockerfile. What cannot be read is left out: a build says why. */
void build_inputs(struct store *s, const struct spec *spec, struct strings *out);

#endif
