/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static bool read_all(int fd, char *buffer, size_t size, size_t limit, struct text *out,
		     struct error *err)
{
	size_t total = 0;

	for (;;) {
		ssize_t n = read(fd, buffer, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "reading");
		if (n == 0)
			return true;
		total += (size_t)n;
		out->is_cut = total > limit;
		if (out->is_cut)
			return fail(err, ERROR_FAILURE, "more than the limit of %zu bytes", limit);
		text_add_bytes(out, buffer, (size_t)n);
	}
}

bool fd_read_all(int fd, size_t limit, struct text *out, struct error *err)
{
	char buffer[16384];
	bool done = read_all(fd, buffer, sizeof(buffer), limit, out, err);

	if (out->is_secret)
		explicit_bzero(buffer, sizeof(buffer));
	return done;
}

int fd_read_exact(int fd, void *bytes, size_t len, struct error *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)bytes + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fail_errno(err, "reading");
			return -1;
		}
		if (n == 0 && got == 0)
			return 0;
		if (n == 0) {
			fail(err, ERROR_FAILURE, "unexpected end after %zu of %zu bytes", got, len);
			return -1;
		}
		got += (size_t)n;
	}
	return 1;
}

bool fd_write_all(int fd, const void *bytes, size_t len, struct error *err)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "writing %zu bytes", len);
		p += n;
		len -= (size_t)n;
	}
	return true;
}

bool file_open(const char *path, int *fd, struct error *err)
{
	/* without O_NONBLOCK the opening of a fifo would wait for a writer */
	auto_fd int opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (opened < 0 || fstat(opened, &st) < 0)
		return fail_errno(err, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return fail(err, ERROR_FAILURE, "'%s' is not a regular file", path);
	*fd = fd_take(&opened);
	return true;
}

/* A shell's <(…) is a pipe, and whoever made it writes; a fifo with a name may never be written. */
static bool check_fifo(const char *path, int fd, struct error *err)
{
	struct statfs system;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &system) < 0)
		return fail_errno(err, "cannot open '%s'", path);
	if (S_ISFIFO(st.st_mode) && system.f_type != PIPEFS_MAGIC)
		return fail(err, ERROR_FAILURE, "'%s' is a named pipe", path);
	if (fcntl(fd, F_SETFL, 0) < 0)
		return fail_errno(err, "cannot open '%s'", path);
	return true;
}

bool input_open(const char *path, int *fd, struct error *err)
{
	auto_fd int opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (opened < 0)
		return fail_errno(err, "cannot open '%s'", path);
	if (!check_fifo(path, opened, err))
		return false;
	*fd = fd_take(&opened);
	return true;
}

bool file_open_stream(const char *path, int *fd, struct error *err)
{
	if (strcmp(path, "-") == 0) {
		*fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		return *fd >= 0 || fail_errno(err, "standard input");
	}
	auto_fd int opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (opened < 0)
		return fail_errno(err, "cannot open '%s'", path);
	if (!check_fifo(path, opened, err))
		return false;
	*fd = fd_take(&opened);
	return true;
}

bool input_check_ends(int fd, const char *name, struct error *err)
{
	struct stat st;
	struct stat null;

	if (fstat(fd, &st) < 0)
		return fail_errno(err, "looking at '%s'", name);
	bool is_null =
		S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev;

	if ((!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) || is_null || isatty(fd))
		return true;
	fail(err, ERROR_USAGE, "'%s' is a device, and no file", name);
	return fail_hint(err, "name a file, or '-' for standard input");
}

bool file_read(const char *path, size_t limit, struct text *out, struct error *err)
{
	bool is_input = strcmp(path, "-") == 0;
	auto_fd int fd = -1;

	if (!file_open_stream(path, &fd, err))
		return false;
	return fd_read_all(fd, limit, out, err) ||
	       (is_input ? fail_in(err, "standard input") : fail_in(err, "'%s'", path));
}

static bool sync_directory(const char *path, struct error *err)
{
	auto_free char *directory = path_directory(path);
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return fail_errno(err, "syncing '%s'", directory);
	return true;
}

static bool fill(int fd, const char *path, const void *bytes, size_t len, mode_t mode,
		 bool is_durable, struct error *err)
{
	if (!fd_write_all(fd, bytes, len, err))
		return fail_in(err, "'%s'", path);
	if (fchmod(fd, mode) < 0 || (is_durable && fsync(fd) < 0))
		return fail_errno(err, "syncing '%s'", path);
	return true;
}

/* A new file, or none; `name` is what people call it. */
static bool create(const char *path, const char *name, const void *bytes, size_t len, mode_t mode,
		   bool is_durable, struct error *err)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0)
		return fail_errno(err, "creating '%s'", name);
	if (fill(fd, name, bytes, len, mode, is_durable, err))
		return true;
	unlink(path);
	return false;
}

static char *temporary_name(const char *path)
{
	static unsigned counter;

	return xprintf("%s.%d.%u.tmp", path, (int)getpid(),
		       __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED));
}

/* A new file beside `path`. What a process with our number left behind when it was killed, and in
 * containers most have the same few numbers, is not in the way. */
static bool create_beside(const char *path, const void *bytes, size_t len, mode_t mode,
			  bool is_durable, char **temporary, struct error *err)
{
	enum { TRIES = 1000 };

	for (int i = 0; i < TRIES; i++) {
		auto_free char *name = temporary_name(path);

		if (create(name, path, bytes, len, mode, is_durable, err)) {
			*temporary = take(name);
			return true;
		}
		if (!file_exists(name))
			return false;
	}
	return false;
}

static bool replace(const char *path, const void *bytes, size_t len, mode_t mode, bool is_durable,
		    struct error *err)
{
	auto_free char *temporary = NULL;

	if (!create_beside(path, bytes, len, mode, is_durable, &temporary, err))
		return false;
	if (rename(temporary, path) < 0) {
		fail_errno(err, "renaming to '%s'", path);
		unlink(temporary);
		return false;
	}
	return !is_durable || sync_directory(path, err);
}

bool file_write(const char *path, const void *bytes, size_t len, mode_t mode, struct error *err)
{
	return replace(path, bytes, len, mode, true, err);
}

/* Not every file system can rename this way; those that cannot have hard links. */
static bool rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (link(from, to) < 0)
		return false;
	unlink(from);
	return true;
}

bool file_write_new(const char *path, const void *bytes, size_t len, mode_t mode, struct error *err)
{
	auto_free char *temporary = NULL;

	if (!create_beside(path, bytes, len, mode, true, &temporary, err))
		return false;
	if (!rename_new(temporary, path)) {
		fail_errno(err, "renaming to '%s'", path);
		unlink(temporary);
		return false;
	}
	return sync_directory(path, err);
}

bool file_rewrite(const char *path, const void *bytes, size_t len, struct error *err)
{
	struct stat st;

	if (!file_exists(path))
		return file_write(path, bytes, len, 0644, err);
	auto_free char *target = realpath(path, NULL);

	if (!target || stat(target, &st) < 0)
		return fail_errno(err, "'%s'", path);
	return file_write(target, bytes, len, st.st_mode & 07777, err);
}

bool file_saving_open(struct file_saving *s, const char *path, mode_t mode, struct error *err)
{
	struct stat st;
	bool is_file = lstat(path, &st) < 0 || S_ISREG(st.st_mode);
	auto_free char *temporary = is_file ? temporary_name(path) : NULL;
	int flags = O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC | (is_file ? O_EXCL : O_TRUNC);

	if (!*path) {
		errno = ENOENT;
		return fail_errno(err, "opening '%s'", path);
	}
	int fd = open(temporary ? temporary : path, flags, mode);

	if (fd < 0)
		return fail_errno(err, "%s '%s'", temporary ? "creating" : "opening", path);
	if (temporary)
		fchmod(fd, mode); /* whatever the umask is */
	*s = (struct file_saving){.fd = fd, .path = xstrdup(path), .temporary = take(temporary)};
	return true;
}

bool file_saving_commit(struct file_saving *s, struct error *err)
{
	if (!s->temporary)
		return true;
	if (fsync(s->fd) < 0)
		return fail_errno(err, "syncing '%s'", s->path);
	if (rename(s->temporary, s->path) < 0)
		return fail_errno(err, "renaming to '%s'", s->path);
	free(take(s->temporary));
	return sync_directory(s->path, err);
}

void file_saving_release(struct file_saving *s)
{
	fd_close(&s->fd);
	if (s->temporary)
		unlink(s->temporary);
	free(s->temporary);
	free(s->path);
	*s = (struct file_saving){.fd = -1};
}

bool file_save(const char *path, const void *bytes, size_t len, mode_t mode, struct error *err)
{
	struct file_saving s = {.fd = -1};
	bool ok = file_saving_open(&s, path, mode, err) &&
		  (fd_write_all(s.fd, bytes, len, err) || fail_in(err, "'%s'", path)) &&
		  file_saving_commit(&s, err);

	file_saving_release(&s);
	return ok;
}

bool file_write_cache(const char *path, const void *bytes, size_t len, mode_t mode,
		      struct error *err)
{
	return replace(path, bytes, len, mode, false, err);
}

bool file_create(const char *path, const void *bytes, size_t len, mode_t mode, struct error *err)
{
	return create(path, path, bytes, len, mode, false, err);
}

bool file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool directory_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool directory_make(const char *path, mode_t mode, struct error *err)
{
	auto_free char *copy = xstrdup(path);

	for (char *p = copy + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return fail_errno(err, "creating directory '%s'", copy);
		*p = c;
		if (c == '\0')
			break;
	}
	if (!directory_exists(path))
		return fail(err, ERROR_CONFLICT, "'%s' exists and is no directory", path);
	return true;
}

void message_skip(struct msghdr *message, size_t n)
{
	while (message->msg_iovlen > 0 && n >= message->msg_iov->iov_len) {
		n -= message->msg_iov->iov_len;
		message->msg_iov++;
		message->msg_iovlen--;
	}
	if (n > 0) {
		message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + n;
		message->msg_iov->iov_len -= n;
	}
}

/* Ends behind `limit`, `total` says so. */
static bool copy(int from, int to, uint64_t limit, uint64_t *total, struct error *err)
{
	enum { CHUNK = 1 << 20 };
	auto_free char *buffer = xcalloc(1, CHUNK);

	for (*total = 0;;) {
		ssize_t n = read(from, buffer, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "reading");
		*total += (uint64_t)n;
		if (n == 0 || *total > limit)
			return true;
		if (!fd_write_all(to, buffer, (size_t)n, err))
			return false;
	}
}

bool fd_copy(int from, int to, uint64_t *n_bytes, struct error *err)
{
	uint64_t total;

	if (!copy(from, to, UINT64_MAX, &total, err))
		return false;
	if (n_bytes)
		*n_bytes = total;
	return true;
}

bool fd_copy_limited(int from, int to, uint64_t limit, bool *is_cut, struct error *err)
{
	uint64_t total;

	*is_cut = false;
	if (!copy(from, to, limit, &total, err))
		return false;
	*is_cut = total > limit;
	return !*is_cut ||
	       fail(err, ERROR_FAILURE, "more than the limit of %" PRIu64 " bytes", limit);
}

void stdio_prepare(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
	umask(022);
}
