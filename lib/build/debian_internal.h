/* SPDX-License-Identifier: MIT
 * The parts of the Debian base.
 */
#ifndef CHUTES_BUILD_DEBIAN_INTERNAL_H
#define CHUTES_BUILD_DEBIAN_INTERNAL_H

#include "lib/build/debian.h"

/* Write sources, the public list and apt's settings into o->scratch; then the command line and the
 * whole environment of mmdebstrap. */
must_use bool debian_prepare(const struct debian_options *o, enum sandbox_ids ids,
			     struct strings *argv, struct strings *env, struct error *err);
/* Lines of the public sources.list(5) of a suite. */
void debian_public_sources(const struct debian_options *o, struct text *out);

/* Where there is only one id, changing owners and ids and making devices cannot work, and packages
 * insist on it. This filter answers these calls with success and does nothing. For the child before
 * exec; false with errno. */
must_use bool debian_filter_install(void);

#endif
