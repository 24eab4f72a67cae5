/* SPDX-License-Identifier: MIT
 * What the module and the request of a chute have in common.
 */
#ifndef CHUTES_LOWER_LOWER_INTERNAL_H
#define CHUTES_LOWER_LOWER_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/lower/lower.h"

/* "user/name:tag", or the prebuilt one; NULL: the one of the template. The caller frees it. */
must_use char *lower_image(const struct spec *spec, const struct lower_names *names);

#endif
