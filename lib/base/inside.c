/* SPDX-License-Identifier: MIT */
#include "lib/base/inside.h"

#include "lib/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_resolved(int root_fd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: somebody renamed or mounted anything while ".." was walked (openat2(2)) */
	do
		fd = syscall(SYS_openat2, root_fd, *path ? path : ".", &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)fd;
}

int inside_open(int root_fd, const char *path, int flags, mode_t mode)
{
	return open_resolved(root_fd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_XDEV);
}

int beneath_open(int root_fd, const char *path, int flags)
{
	return open_resolved(root_fd, path, flags, 0,
			     RESOLVE_BENEATH | (flags & O_NOFOLLOW ? RESOLVE_NO_SYMLINKS : 0));
}

int inside_read(int root_fd, const char *path, size_t limit, struct text *out, struct error *err)
{
	/* without O_NONBLOCK the opening of a fifo would wait for a writer */
	auto_fd int fd = inside_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0) {
		fail_errno(err, "opening '%s' in the image", path);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		fail(err, ERROR_FAILURE, "'%s' in the image is not a regular file", path);
		return -1;
	}
	if (!fd_read_all(fd, limit, out, err)) {
		fail_in(err, "reading '%s' in the image", path);
		return -1;
	}
	return 1;
}
