/* SPDX-License-Identifier: MIT
 * Paths as text, and the directories of the XDG base directory specification. Touches no file.
 */
#ifndef CHUTES_BASE_PATH_H
#define CHUTES_BASE_PATH_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

/* `directory`/`name`; `name` alone when it is absolute or `directory` is empty or ".". */
must_use char *path_join(const char *directory, const char *name);
/* Without "//", "/./", "x/..", trailing "/"; ".." at an absolute root stays at the root. "" → ".".
 */
must_use char *path_clean(const char *path);
/* All before the last "/": "." when there is none, "/" for the root. */
must_use char *path_directory(const char *path);
/* Behind the last "/": borrowed. */
const char *path_name(const char *path);
/* Is `path` equal to `root` or below it? Both cleaned. */
bool path_is_below(const char *path, const char *root);

enum path_base { PATH_DATA, PATH_CONFIG, PATH_STATE, PATH_CACHE, PATH_RUNTIME };
/* "$XDG_DATA_HOME/chutes" and so on with the specification's defaults below HOME (relative values
 * are ignored, as it demands); PATH_RUNTIME falls back to "/tmp/chutes-UID". MISSING when HOME is
 * needed and not set. Caller frees. */
must_use bool path_base(enum path_base which, char **out, struct error *err);
/* The directory with templates/ and lib/sdk/: CHUTES_SHARE, else beside an uninstalled build
 * (…/build/cli/chutes → …), else "<prefix>/share/chutes" of the running program. Caller frees. */
must_use bool path_share(char **out, struct error *err);

#endif
