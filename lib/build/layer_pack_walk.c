/* SPDX-License-Identifier: MIT
 * The walk of an upper directory: depth first, bytewise, by descriptors. In each directory the
 * deletions come first.
 */
#include "lib/build/layer_pack_internal.h"

#include "lib/base/io.h"
#include "lib/base/tree.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

/* What apt, dpkg and ldconfig write with the date or the state of the machine in it, and make anew
 * when they miss it. */
static const char *const logs[] = {
	"var/cache/apt/*.bin",     "var/cache/ldconfig/aux-cache", "var/lib/apt/lists/*",
	"var/lib/dbus/machine-id", "var/log/alternatives.log",     "var/log/apt/*",
	"var/log/dpkg.log",
};

static bool is_log(const char *path)
{
	for (size_t i = 0; i < array_len(logs); i++)
		if (fnmatch(logs[i], path, FNM_PATHNAME) == 0)
			return true;
	return false;
}

static bool walk(struct pack *p, int *fd, bool is_opaque, struct error *err);

/* Into `name` of the directory *fd, and back: the parent is closed meanwhile, so that a tree may be
 * deeper than a process may have descriptors. */
static bool walk_directory(struct pack *p, int *fd, const char *name, bool is_opaque,
			   struct error *err)
{
	auto_fd int child = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	struct stat parent;
	struct stat back;

	if (child < 0 || fstat(child, &st) < 0 || fstat(*fd, &parent) < 0)
		return pack_errno(p, err, "opening");
	fd_close(fd);
	/* What is made inside of an opaque directory needs no mark of its own. */
	if (!pack_directory(p, child, &st, err) ||
	    !walk(p, &child, is_opaque || pack_is_opaque(child), err))
		return false;
	*fd = openat(child, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &back) < 0)
		return pack_errno(p, err, "leaving");
	if (back.st_ino != parent.st_ino || back.st_dev != parent.st_dev)
		return pack_fail(p, err, "moved while it was read");
	return true;
}

static bool walk_name(struct pack *p, int *fd, const char *name, bool is_opaque, struct error *err)
{
	size_t len = p->path.len;
	struct stat st;
	bool done = true;

	if (!pack_enter(p, name, err))
		return false;
	if (p->o->drops_logs && is_log(text_str(&p->path)))
		done = true;
	else if (fstatat(*fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		done = pack_errno(p, err, "reading");
	else if (S_ISDIR(st.st_mode))
		done = walk_directory(p, fd, name, is_opaque, err);
	else
		done = pack_file(p, *fd, name, &st, err);
	pack_leave(p, len);
	return done;
}

static bool walk(struct pack *p, int *fd, bool is_opaque, struct error *err)
{
	auto_strings names = {0};

	if (!directory_list(*fd, &names, err))
		return pack_fail(p, err, "%s", err->message);
	if (!pack_whiteouts(p, *fd, is_opaque, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!walk_name(p, fd, names.items[i], is_opaque, err))
			return false;
	return true;
}

/* The root is there in every image: it is part of the layer only when the step changed it. */
static bool is_root_changed(struct pack *p, int fd, const struct stat *st, bool *out,
			    struct error *err)
{
	auto_pack_xattrs here = {0};
	auto_pack_xattrs there = {0};
	struct stat below = {.st_mode = S_IFDIR | 0755};

	if (!pack_xattrs_read(p, fd, &here, err))
		return false;
	if (p->o->n_lowers > 0) {
		auto_fd int lower =
			open(p->o->lowers[p->o->n_lowers - 1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (lower < 0 || fstat(lower, &below) < 0)
			return pack_errno(p, err, "looking below");
		if (!pack_xattrs_read(p, lower, &there, err))
			return false;
	}
	*out = st->st_mode != below.st_mode || st->st_uid != below.st_uid ||
	       st->st_gid != below.st_gid || !pack_xattrs_equal(&here, &there);
	return true;
}

bool pack_tree(struct pack *p, int *fd, struct error *err)
{
	struct stat st;
	bool is_changed = false;

	if (fstat(*fd, &st) < 0)
		return pack_errno(p, err, "reading");
	if (!is_root_changed(p, *fd, &st, &is_changed, err))
		return false;
	return (!is_changed || pack_directory(p, *fd, &st, err)) && walk(p, fd, false, err);
}
