/* SPDX-License-Identifier: MIT
 * The tag of an image that is built somewhere else: known before anything is built, and another one
 * whenever the Dockerfile or a file that goes in changes.
 */
#ifndef CHUTES_BUILD_TAG_H
#define CHUTES_BUILD_TAG_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/spec/spec.h"

enum { TAG_DIGITS = 12, TAG_SIZE = TAG_DIGITS + 1 };

/* The first digits of the SHA-256 of the Dockerfile and of all files of the context that its steps
 * take; with a Dockerfile of the author's own, of all files of the context. Errors as of
 * context_select(). */
must_use bool image_tag(const struct spec *spec, const struct text *dockerfile, char out[TAG_SIZE],
			struct error *err);

#endif
