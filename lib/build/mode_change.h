/* SPDX-License-Identifier: MIT
 * What chmod(1) understands: "0644" or "u=rwX,go=rX". Pure arithmetic.
 */
#ifndef CHUTES_BUILD_MODE_CHANGE_H
#define CHUTES_BUILD_MODE_CHANGE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

#include <sys/types.h>

/* The mode that `text` makes of `mode` (permission bits only). Symbolic clauses are [ugoa]*
 * followed by one or more of [-+=] with [rwxXst]* or one of [ugo]; no letter before the sign means
 * all, whatever the umask. SPEC when it is neither form. */
must_use bool mode_change(const char *text, mode_t mode, bool is_directory, mode_t *out,
			  struct error *err);

#endif
