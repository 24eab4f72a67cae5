/* SPDX-License-Identifier: MIT */
#include "lib/launch/collect.h"

#include "lib/base/io.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail_entry(struct error *err, const char *name)
{
	return fail_errno(err, "collecting '%s'", name);
}

static bool copy_file(int from, int to, const char *name, mode_t mode, struct error *err)
{
	auto_fd int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int target = -1;

	if (source >= 0)
		target = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				mode);
	if (source < 0 || target < 0)
		return fail_entry(err, name);
	if (fd_copy(source, target, NULL, err))
		return true;
	unlinkat(to, name, 0); /* half of it would look like all of it */
	return fail_in(err, "collecting '%s'", name);
}

static bool copy_link(int from, int to, const char *name, struct error *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return fail_entry(err, name);
	target[n] = '\0';
	return symlinkat(target, to, name) == 0 || fail_entry(err, name);
}

/* Across file systems: the old one goes when the new one is about to be written. */
static bool copy_leaf(int from, int to, const char *name, const struct stat *st, struct error *err)
{
	if (unlinkat(to, name, 0) < 0 && errno != ENOENT)
		return fail_entry(err, name);
	return S_ISLNK(st->st_mode) ? copy_link(from, to, name, err)
				    : copy_file(from, to, name, (st->st_mode & 0777) | 0600, err);
}

/* A file or link whose place is free, or has something that gives way. */
static bool move_leaf(int from, int to, const char *name, const struct stat *st, struct error *err)
{
	struct stat old;
	mode_t mode = (st->st_mode & 0777) | 0600;

	if (fstatat(to, name, &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(old.st_mode))
		return fail(err, ERROR_CONFLICT,
			    "collecting '%s': there is a directory of that name", name);
	if (fchownat(from, name, geteuid(), getegid(), AT_SYMLINK_NOFOLLOW) < 0 ||
	    (!S_ISLNK(st->st_mode) && fchmodat(from, name, mode, 0) < 0))
		return fail_entry(err, name);
	if (renameat(from, name, to, name) == 0)
		return true;
	if (errno != EXDEV)
		return fail_entry(err, name);
	return copy_leaf(from, to, name, st, err);
}

static bool move_all(int from, int to, int depth, struct error *err);

/* NOLINTNEXTLINE(misc-no-recursion): COLLECT_DEPTH_LIMIT */
static bool move_directory(int from, int to, const char *name, int depth, struct error *err)
{
	struct stat old;

	/* a link there may lead anywhere */
	if (fstatat(to, name, &old, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(old.st_mode) &&
	    unlinkat(to, name, 0) < 0)
		return fail_entry(err, name);
	if (mkdirat(to, name, 0755) < 0 && errno != EEXIST)
		return fail_entry(err, name);
	if (fchownat(from, name, geteuid(), getegid(), AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(from, name, 0755, 0) < 0)
		return fail_entry(err, name);
	auto_fd int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int target = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (source < 0 || target < 0)
		return fail_entry(err, name);
	return move_all(source, target, depth + 1, err);
}

/* NOLINTNEXTLINE(misc-no-recursion): COLLECT_DEPTH_LIMIT */
static bool move_entry(int from, int to, const char *name, int depth, struct error *err)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_entry(err, name);
	if (S_ISDIR(st.st_mode))
		return move_directory(from, to, name, depth, err);
	return (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) ||
	       move_leaf(from, to, name, &st, err);
}

/* One that cannot be had costs none of the others; the first failure is the one that counts. */
/* NOLINTNEXTLINE(misc-no-recursion): COLLECT_DEPTH_LIMIT */
static bool move_all(int from, int to, int depth, struct error *err)
{
	auto_strings names = {0};
	struct error late;
	bool ok = true;

	if (depth > COLLECT_DEPTH_LIMIT)
		return fail(err, ERROR_SPEC, "collecting: more than %d levels of directories",
			    COLLECT_DEPTH_LIMIT);
	if (!directory_list(from, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!move_entry(from, to, names.items[i], depth, ok ? err : &late))
			ok = false;
	return ok;
}

bool collect(const char *from, const char *to, struct error *err)
{
	auto_fd int source = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int target = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (source < 0 || target < 0)
		return fail_errno(err, "opening '%s'", source < 0 ? from : to);
	return move_all(source, target, 1, err);
}
