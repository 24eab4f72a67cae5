/* SPDX-License-Identifier: MIT */
#include "lib/base/tree.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool directory_list(int fd, struct strings *names, struct error *err)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *entry;

	if (!d) {
		fail_errno(err, "opening directory");
		fd_close(&copy);
		return false;
	}
	errno = 0;
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strings_add(names, entry->d_name);
	if (errno) {
		fail_errno(err, "listing directory");
		closedir(d);
		return false;
	}
	closedir(d);
	strings_sort(names);
	return true;
}

/* A tree may be deeper than a process may have descriptors: below this, a directory is closed while
 * what is in it is removed, and found again by "..". */
enum { OPEN_LEVELS = 64 };

static bool remove_below(int *fd, unsigned level, dev_t device, struct error *err);

/* NOLINTNEXTLINE(misc-no-recursion): depth is the tree's own, bounded by the length of paths */
static bool remove_directory(int *above, const char *name, unsigned level, dev_t device,
			     struct error *err)
{
	auto_fd int fd = openat(*above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat before;
	struct stat after;

	if (fd < 0 || fstat(*above, &before) < 0)
		return fail_errno(err, "opening '%s'", name);
	if (level >= OPEN_LEVELS)
		fd_close(above);
	if (!remove_below(&fd, level + 1, device, err))
		return fail_in(err, "'%s'", name);
	if (*above < 0)
		*above = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*above < 0 || fstat(*above, &after) < 0)
		return fail_errno(err, "opening the directory of '%s'", name);
	if (before.st_dev != after.st_dev || before.st_ino != after.st_ino)
		return fail(err, ERROR_CONFLICT, "'%s' was moved while it was removed", name);
	return unlinkat(*above, name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
	       fail_errno(err, "removing '%s'", name);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool remove_entry(int *above, const char *name, unsigned level, dev_t device,
			 struct error *err)
{
	struct stat st;

	if (unlinkat(*above, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return fail_errno(err, "removing '%s'", name);
	if (fstatat(*above, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || fail_errno(err, "removing '%s'", name);
	if (!S_ISDIR(st.st_mode))
		return errno = EPERM, fail_errno(err, "removing '%s'", name);
	if (st.st_dev != device)
		return fail(err, ERROR_CONFLICT, "'%s' is a mount point", name);
	/* overlayfs leaves work/work with mode 000 */
	if ((st.st_mode & 0700) != 0700 && fchmodat(*above, name, 0700, 0) < 0)
		return fail_errno(err, "changing the mode of '%s'", name);
	return remove_directory(above, name, level, device, err);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool remove_below(int *fd, unsigned level, dev_t device, struct error *err)
{
	auto_strings names = {0};

	if (!directory_list(*fd, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!remove_entry(fd, names.items[i], level, device, err))
			return false;
	return true;
}

bool tree_remove(int directory_fd, const char *name, struct error *err)
{
	struct stat st;

	if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || fail_errno(err, "removing '%s'", name);
	struct stat parent;

	if (fstat(directory_fd, &parent) < 0)
		return fail_errno(err, "removing '%s'", name);
	return remove_entry(&directory_fd, name, 0, parent.st_dev, err);
}

bool tree_remove_path(const char *path, struct error *err)
{
	auto_free char *clean = path_clean(path);
	auto_free char *directory = path_directory(clean);
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || fail_errno(err, "opening '%s'", directory);
	return tree_remove(fd, path_name(clean), err) || fail_in(err, "in '%s'", directory);
}
