/* SPDX-License-Identifier: MIT
 * Paths as text, and where our own files are.
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
/* "run 'chmod MODE FILE'", for who knows a shell. Caller frees. */
must_use char *path_chmod_advice(const char *mode, const char *path);
/* Is `path` equal to `root` or below it? Both cleaned. */
bool path_is_below(const char *path, const char *root);

/* HOME, where it is an absolute path: else whatever is in the current directory would pass for what
 * the user keeps at home. Borrowed, or NULL. */
const char *path_home(void);
/* "$XDG_DATA_HOME/chutes", by default "~/.local/share/chutes"; a relative value is ignored, as the
 * XDG base directory specification demands. MISSING when HOME is needed and not set. Caller frees.
 */
must_use bool path_data(char **out, struct error *err);
/* Likewise "$XDG_CONFIG_HOME/chutes", by default "~/.config/chutes". */
must_use bool path_config(char **out, struct error *err);
/* "$XDG_RUNTIME_DIR/chutes", by default "/tmp/chutes-<uid>"; a relative value is ignored. Made when
 * missing; AUTH unless it is ours alone. Caller frees. */
must_use bool path_runtime(char **out, struct error *err);
/* Where something is made that has a name for a moment: TMPDIR where that is an absolute path of a
 * directory, else "/tmp". Borrowed. */
const char *path_temporary(void);
/* The directory with templates/ and lib/sdk/: CHUTES_SHARE, else beside an uninstalled build
 * (…/build/cli/chutes → …), else "<prefix>/share/chutes" of the running program. Caller frees. */
must_use bool path_share(char **out, struct error *err);

#endif
