/* SPDX-License-Identifier: MIT
 * apt's settings and Debian sources on this machine. Where there is no apt, there are none. Knows
 * nothing of build steps.
 */
#ifndef CHUTES_BUILD_HOST_APT_H
#define CHUTES_BUILD_HOST_APT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

/* From `apt-config dump`: proxies, checks of certificates and dates, retries and time limits, as
 * lines of apt.conf(5). `ca` gets the path of Acquire::https::CaInfo (caller frees) or NULL. */
must_use bool host_apt_settings(struct strings *lines, char **ca, struct error *err);
/* This machine's archives of Debian itself, as "CODENAME deb URI RELEASE COMPONENT": from
 * sources.list(5) below `etc`/apt where Signed-By names Debian's own key, else from the lists that
 * apt has downloaded, else from sources.list(5) as it is. Archives of others are left out: their
 * keys are not there elsewhere. */
must_use bool host_apt_sources(const char *etc, struct strings *out, struct error *err);
/* The lines of `suite`, its updates and its security archive, of the given components, for a
 * sources.list. Returns how many. */
size_t host_apt_select(const struct strings *sources, const char *suite, char *const *components,
		       size_t n_components, struct text *out);
/* One file in the one-line or the deb822 style (name ends in ".sources"), for the reader above.
 * `must_be_named`: only what Signed-By says is Debian's. */
void host_apt_parse(const char *name, const char *content, bool must_be_named, struct strings *out);

#endif
