/* SPDX-License-Identifier: MIT
 * Directory trees: sorted listing and removal by descriptors, never by path, never across a mount.
 */
#ifndef CHUTES_BASE_TREE_H
#define CHUTES_BASE_TREE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"

/* Names in the directory `fd` (without . and ..), sorted by bytes. `fd` stays open. */
must_use bool directory_list(int fd, struct strings *names, struct error *err);
/* Remove `name` below `directory_fd` with everything in it. A missing name is fine. Directories
 * that refuse (mode 000) are made writable first; nothing on another file system is touched: such
 * an entry is an error that names it. */
must_use bool tree_remove(int directory_fd, const char *name, struct error *err);
must_use bool tree_remove_path(const char *path, struct error *err);

#endif
