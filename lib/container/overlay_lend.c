/* SPDX-License-Identifier: MIT
 * A directory of the host under an overlay that is thrown away, for users of a container who may
 * read it but not write: its directories and small files become theirs, in the overlay only.
 */
#include "lib/base/io.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "lib/container/container_internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A lock or a note; larger ones would be copied for nothing. A cache of models has hundreds. */
enum { SMALL_BYTES = 4096, ENTRIES_LIMIT = 20000, DEPTH_LIMIT = 16 };

struct giving {
	uid_t uid;
	gid_t gid;
	size_t n;
};

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_LIMIT */
static bool give(struct giving *g, int directory, int depth, struct error *err)
{
	auto_strings names = {0};

	if (fchown(directory, g->uid, g->gid) < 0)
		return fail_errno(err, "giving a directory to user %u", (unsigned)g->uid);
	if (depth == DEPTH_LIMIT || !directory_list(directory, &names, err))
		return depth == DEPTH_LIMIT;
	for (size_t i = 0; i < names.n && g->n < ENTRIES_LIMIT; i++) {
		const char *name = names.items[i];
		struct stat st;

		g->n++;
		if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(st.st_mode) && st.st_size <= SMALL_BYTES &&
		    fchownat(directory, name, g->uid, g->gid, AT_SYMLINK_NOFOLLOW) < 0)
			return fail_errno(err, "giving '%s' to user %u", name, (unsigned)g->uid);
		if (!S_ISDIR(st.st_mode))
			continue;
		auto_fd int below =
			openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (below >= 0 && !give(g, below, depth + 1, err))
			return false;
	}
	return true;
}

bool root_lend(struct sandbox *inside, const char *source, const char *scratch,
	       const struct user_ids *user, struct root *out, struct error *err)
{
	const char *const lowers[] = {source};
	struct root_options o = {
		.lowers = lowers, .n_lowers = 1, .scratch = scratch, .has_no_stub = true};
	struct giving g = {user->uid, user->gid, 0};
	struct error late; /* the first failure is the one that counts */

	if (!root_mount(inside, &o, out, err))
		return false;
	auto_fd int fd = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 ? fail_errno(err, "opening '%s'", out->path) : give(&g, fd, 0, err))
		return true;
	fd_close(&fd);
	bool is_unmounted maybe_unused = root_unmount(inside, out, &late);

	return false;
}
