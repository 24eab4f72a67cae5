/* SPDX-License-Identifier: MIT
 * Opening files of a tree that somebody else made: whatever links it holds, nothing outside of it
 * is reached (openat2(2) with RESOLVE_IN_ROOT: an absolute link or ".." begins or ends at the
 * tree's root). Knows nothing of images.
 */
#ifndef CHUTES_BASE_INSIDE_H
#define CHUTES_BASE_INSIDE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

#include <sys/types.h>

/* A descriptor (close-on-exec) or -1 with errno. Links are followed inside of `root_fd`, the last
 * one too unless `flags` has O_NOFOLLOW; mounts and /proc's magic links are not crossed. "" and "/"
 * are the root itself. ENOSYS: the kernel is older than 5.6 or a filter hides openat2(2). */
must_use int inside_open(int root_fd, const char *path, int flags, mode_t mode);
/* The same for a tree whose links mean what they say on this machine: a link (or "..") that leads
 * out of `root_fd` is EXDEV, wherever it stands in `path`; so is every absolute one. With
 * O_NOFOLLOW no link at all is followed (ELOOP). Mounts are crossed. */
must_use int beneath_open(int root_fd, const char *path, int flags);
/* A regular file, at most `limit` bytes: 1, 0 when there is none (nor a directory on the way), -1.
 */
must_use int inside_read(int root_fd, const char *path, size_t limit, struct text *out,
			 struct error *err);

#endif
