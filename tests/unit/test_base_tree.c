/* SPDX-License-Identifier: MIT */
#include "lib/base/tree.h"

#include "lib/base/io.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* `n` directories in each other, below a new directory at `path`; a file at every level. */
static bool make_deep(char *path, size_t n)
{
	if (!mkdtemp(path))
		return false;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < n && fd >= 0; i++) {
		int file = openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		int below = mkdirat(fd, "d", 0700) == 0
				    ? openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				    : -1;

		fd_close(&file);
		fd_close(&fd);
		fd = below;
	}
	bool ok = fd >= 0;

	fd_close(&fd);
	return ok;
}

TEST(deeper_than_descriptors)
{
	static const size_t depths[] = {1, 63, 64, 65, 66, 3000};
	struct rlimit old;
	struct error err;

	CHECK_OR_STOP(getrlimit(RLIMIT_NOFILE, &old) == 0);
	const struct rlimit few = {100, old.rlim_max};

	CHECK_OR_STOP(setrlimit(RLIMIT_NOFILE, &few) == 0);
	for (size_t i = 0; i < array_len(depths); i++) {
		char path[] = "/tmp/chutes-tree-XXXXXX";

		CHECK_OR_STOP(make_deep(path, depths[i]));
		CHECK_OK(tree_remove_path(path, &err), err);
		CHECK(!file_exists(path));
	}
	setrlimit(RLIMIT_NOFILE, &old);
}

TEST(modes_and_links)
{
	char path[] = "/tmp/chutes-tree-XXXXXX";
	struct error err;
	struct stat st;

	CHECK_OR_STOP(make_deep(path, 3));
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(mkdirat(fd, "outside", 0755) == 0 && symlinkat("../outside", fd, "d/link") == 0);
	CHECK(fchmodat(fd, "d/d", 0, 0) == 0);
	CHECK_OK(tree_remove(fd, "d", &err), err);
	CHECK(fstatat(fd, "d", &st, AT_SYMLINK_NOFOLLOW) < 0);
	CHECK(fstatat(fd, "outside", &st, AT_SYMLINK_NOFOLLOW) == 0);
	CHECK_OK(tree_remove(fd, "d", &err), err); /* gone is fine */
	CHECK_OK(tree_remove(fd, "file", &err), err);
	CHECK_OK(tree_remove_path(path, &err), err);
}
