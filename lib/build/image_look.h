/* SPDX-License-Identifier: MIT
 * Looking into the root file system of an image that somebody built: bounded, links followed inside
 * its root, nothing executed.
 */
#ifndef CHUTES_BUILD_IMAGE_LOOK_H
#define CHUTES_BUILD_IMAGE_LOOK_H

#include "lib/base/compiler.h"
#include "lib/base/strings.h"

/* Directories are read up to so many names, and so many matches are looked at. */
enum { IMAGE_NAMES_LIMIT = 100000, IMAGE_MATCHES_LIMIT = 256 };

/* Paths that match `pattern` ("/usr/local/cuda*" + "/version.json"), each component a glob, sorted
 * by bytes. They exist, links followed. What cannot be read is not there. */
void image_glob(int root_fd, const char *pattern, struct strings *out);
/* `name` in the first directory of the colon-separated `path` that has it as an executable file;
 * NULL: none. Caller frees. */
must_use char *image_program(int root_fd, const char *path, const char *name);
/* Is `path` a file with an execute bit? */
bool image_is_executable(int root_fd, const char *path);
/* Size of a regular file; -1 for anything else. */
int64_t image_file_size(int root_fd, const char *path);
/* Where a path ends when all its links are followed, from the image's root: "/usr/bin/python3.11".
 * NULL when it leads nowhere. Caller frees. */
must_use char *image_real_path(int root_fd, const char *path);

#endif
