/* SPDX-License-Identifier: MIT
 * Where an entry goes. Every directory is reached through inside_open(), so links of the image are
 * followed as the image's own processes would see them and never lead out of it. What lies in lower
 * layers is met here as well: the root is the merged tree.
 */
#include "lib/build/layer_unpack_internal.h"

#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* as the kernel's own limit, path_resolution(7) */

bool unpack_canonical(const struct unpack *u, int fd, char **path, struct error *err)
{
	char link[64];
	char real[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, real, sizeof(real));

	if (n < 0 || (size_t)n < u->root_len || (size_t)n >= sizeof(real))
		return fail(err, ERROR_BUILD, "a path of the layer is too long for this place");
	real[n] = '\0';
	*path = xstrdup(real + u->root_len + (real[u->root_len] == '/'));
	return true;
}

char *unpack_child(const struct unpack *u, const char *name)
{
	if (strcmp(name, ".") == 0)
		return xstrdup(u->parent_path);
	return *u->parent_path ? xprintf("%s/%s", u->parent_path, name) : xstrdup(name);
}

/* Work in a directory changes its time: remember what it was, once. */
static bool keep_mtime(struct unpack *u, int fd, const char *path, struct error *err)
{
	struct unpack_path *row = unpack_paths_get(&u->paths, path);
	struct stat st;

	if (row->has_mtime)
		return true;
	if (fstat(fd, &st) < 0)
		return unpack_errno(err, "reading", path);
	row->has_mtime = true;
	row->mtime = st.st_mtim;
	return true;
}

/* A directory that the layer only implies: 0755, root's, as old as what implied it. A file in its
 * way goes. */
static bool make_implied(struct unpack *u, int parent_fd, const char *name,
			 const struct tar_entry *maker, struct error *err)
{
	auto_free char *parent_path = NULL;

	if (!unpack_canonical(u, parent_fd, &parent_path, err) ||
	    !keep_mtime(u, parent_fd, parent_path, err))
		return false;
	auto_free char *path =
		parent_path && *parent_path ? xprintf("%s/%s", parent_path, name) : xstrdup(name);

	if (unlinkat(parent_fd, name, 0) < 0 && errno != ENOENT)
		return unpack_errno(err, "removing", path);
	if (mkdirat(parent_fd, name, 0755) < 0)
		return unpack_errno(err, "creating", path);
	if (u->o->has_owner && !u->o->ids_are_squashed &&
	    fchownat(parent_fd, name, u->o->uid, u->o->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return unpack_errno(err, "changing the owner of", path);
	struct unpack_path *row = unpack_paths_write(&u->paths, path);

	row->has_mtime = true;
	row->mtime = (struct timespec){.tv_sec = maker->mtime};
	return true;
}

/* The link `name` in `parent_fd` leads nowhere: put its target in its place. `path` is the whole
 * path, `start` and `end` are where `name` stands in it. */
static bool follow_dangling(int parent_fd, char **path, size_t start, size_t end, struct error *err)
{
	char target[PATH_MAX];
	auto_free char *name = xstrndup(*path + start, end - start);
	ssize_t n = readlinkat(parent_fd, name, target, sizeof(target) - 1);

	if (n < 0)
		return unpack_errno(err, "reading link", *path);
	target[n] = '\0';
	char *longer =
		xprintf("%.*s%s%s", target[0] == '/' ? 0 : (int)start, *path, target, *path + end);

	free(*path);
	*path = longer;
	if (strlen(longer) > UNPACK_PATH_MAX)
		return errno = ENAMETOOLONG, unpack_errno(err, "following links to", longer);
	return true;
}

static bool is_link(int parent_fd, const char *name)
{
	struct stat st;

	return fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* Like mkdir -p below the root, through links that lead to nothing yet. `path` changes under way.
 */
static bool make_directories(struct unpack *u, char **path, const struct tar_entry *maker,
			     struct error *err)
{
	auto_fd int current = inside_open(u->o->root_fd, "", O_PATH | O_DIRECTORY, 0);
	size_t start = strspn(*path, "/"); /* of the component that comes next, in `current` */
	unsigned n_links = 0;

	while (current >= 0 && (*path)[start]) {
		size_t end = start + strcspn(*path + start, "/");
		auto_free char *prefix = xstrndup(*path, end);
		int next = inside_open(u->o->root_fd, prefix, O_PATH | O_DIRECTORY, 0);

		if (next < 0 && errno != ENOENT && errno != ENOTDIR)
			return unpack_errno(err, "opening", prefix);
		if (next >= 0) {
			fd_close(&current);
			current = next;
			start = end + strspn(*path + end, "/");
		} else if (errno == ENOENT && is_link(current, prefix + start)) {
			if (++n_links > LINKS_MAX)
				return errno = ELOOP, unpack_errno(err, "opening", prefix);
			if (!follow_dangling(current, path, start, end, err))
				return false;
			fd_close(&current);
			current = inside_open(u->o->root_fd, "", O_PATH | O_DIRECTORY, 0);
			start = strspn(*path, "/");
		} else if (!make_implied(u, current, prefix + start, maker, err)) {
			return false;
		}
	}
	return current >= 0 || unpack_errno(err, "opening", *path);
}

int unpack_parent(struct unpack *u, const char *name, const struct tar_entry *maker,
		  struct error *err)
{
	auto_free char *path = NULL;

	if (u->parent_fd >= 0 && !u->is_parent_stale && strcmp(u->parent_name, name) == 0)
		return 1;
	auto_fd int fd = inside_open(u->o->root_fd, name, O_PATH | O_DIRECTORY, 0);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		auto_free char *wanted = xstrdup(name);

		if (!maker)
			return 0;
		if (!make_directories(u, &wanted, maker, err))
			return -1;
		fd = inside_open(u->o->root_fd, wanted, O_PATH | O_DIRECTORY, 0);
	}
	if (fd < 0) {
		unpack_errno(err, "opening", name);
		return -1;
	}
	if (!unpack_canonical(u, fd, &path, err) || !keep_mtime(u, fd, path, err))
		return -1;
	fd_close(&u->parent_fd);
	free(u->parent_name);
	free(u->parent_path);
	u->parent_fd = fd;
	fd = -1;
	u->parent_name = xstrdup(name);
	u->parent_path = take(path);
	u->is_parent_stale = false;
	return 1;
}

bool unpack_clear(struct unpack *u, const char *name, struct error *err)
{
	u->is_parent_stale = true; /* its name may have led through what goes */
	if (tree_remove(u->parent_fd, name, err))
		return true;
	err->code = ERROR_BUILD;
	return false;
}

static bool hide_children(struct unpack *u, int fd, const char *path, struct error *err);

/* NOLINTNEXTLINE(misc-no-recursion): only into directories of this layer, depth below 2,048 */
static bool hide(struct unpack *u, int parent_fd, const char *name, const char *path,
		 struct error *err)
{
	const struct unpack_path *row = unpack_paths_find(&u->paths, path);

	if (!row || !row->is_written) {
		u->is_parent_stale = true;
		if (tree_remove(parent_fd, name, err))
			return true;
		err->code = ERROR_BUILD;
		return false;
	}
	auto_fd int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP || errno == ENOENT ||
		       unpack_errno(err, "opening", path);
	return hide_children(u, fd, path, err);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool hide_children(struct unpack *u, int fd, const char *path, struct error *err)
{
	auto_strings names = {0};

	if (!keep_mtime(u, fd, path, err) || !directory_list(fd, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *child =
			*path ? xprintf("%s/%s", path, names.items[i]) : xstrdup(names.items[i]);

		if (!hide(u, fd, names.items[i], child, err))
			return false;
	}
	return true;
}

bool unpack_hide(struct unpack *u, const char *name, struct error *err)
{
	auto_free char *path = unpack_child(u, name);

	return hide(u, u->parent_fd, name, path, err);
}

bool unpack_hide_all(struct unpack *u, struct error *err)
{
	return hide_children(u, u->parent_fd, u->parent_path, err);
}

bool unpack_set_times(struct unpack *u, struct error *err)
{
	size_t n;
	auto_free struct unpack_path *rows = unpack_paths_timed(&u->paths, &n);

	while (n-- > 0) {
		struct timespec times[2] = {rows[n].mtime, rows[n].mtime};
		auto_fd int fd = inside_open(u->o->root_fd, rows[n].path,
					     O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
		auto_free char *path = NULL;

		if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			continue; /* something else took its place later */
		if (fd < 0)
			return unpack_errno(err, "opening", rows[n].path);
		if (!unpack_canonical(u, fd, &path, err))
			return false;
		if (!path || strcmp(path, rows[n].path) != 0)
			continue; /* a directory above it became a link */
		if (utimensat(fd, ".", times, 0) < 0)
			return unpack_errno(err, "setting the time of", path);
	}
	return true;
}
