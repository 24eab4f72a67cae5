/* SPDX-License-Identifier: MIT
 * A file as the body of a request: of any size, never in memory, and the same bytes each time.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/http/http.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct http_file {
	int fd;
	char *name;
	struct stat st; /* when it was opened */
	struct http_body body;
};

void http_file_close(struct http_file *f)
{
	if (!f)
		return;
	fd_close(&f->fd);
	free(f->name);
	free(f);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool read_file(void *context, uint64_t offset, void *bytes, size_t room, size_t *len,
		      struct error *err)
{
	const struct http_file *f = context;
	struct stat now;
	ssize_t n;

	do
		n = pread(f->fd, bytes, room, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n < 0 || fstat(f->fd, &now) < 0)
		return fail_errno(err, "reading '%s'", f->name);
	if (n == 0 || !is_same(&f->st, &now)) {
		fail(err, ERROR_CONFLICT, "'%s' was changed while it was sent", f->name);
		return fail_hint(err, "send it again when nobody writes it any more");
	}
	*len = (size_t)n;
	return true;
}

/* A file that nobody else sees and that is gone with us. */
static bool open_temporary(int *out, struct error *err)
{
	auto_free char *name = xprintf("%s/chutes-XXXXXX", path_temporary());
	int fd = open(path_temporary(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) {
		fd = mkostemp(name, O_CLOEXEC);
		if (fd < 0)
			return fail_errno(err, "making a file in '%s'", path_temporary());
		unlink(name);
	}
	*out = fd;
	return true;
}

/* What comes once only. */
static bool copy_input(int from, const char *path, uint64_t limit, int *out, struct error *err)
{
	auto_fd int to = -1;
	bool is_cut = false;

	if (!open_temporary(&to, err))
		return fail_in(err, "'%s'", path);
	if (!fd_copy_limited(from, to, limit, &is_cut, err)) {
		fail_in(err, "'%s'", path);
		if (err->is_full)
			return fail_hint(err,
					 "free space in '%s', or name another directory with "
					 "TMPDIR",
					 path_temporary());
		if (!is_cut)
			return false;
		err->code = ERROR_USAGE;
		return fail_hint(err, "save it in a file, and name that: it may have any size");
	}
	*out = fd_take(&to);
	return true;
}

static bool open_input(const char *path, uint64_t limit, int *out, struct error *err)
{
	auto_fd int fd = -1;
	struct stat st;
	bool is_input = strcmp(path, "-") == 0;

	if (is_input)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else if (!input_open(path, &fd, err))
		return false;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(err, "looking at '%s'", path);
	if (!input_check_ends(fd, path, err))
		return false;
	/* standard input may stand behind its beginning; what the kernel makes when it is read, as
	 * below /proc, says that it is empty */
	if (S_ISREG(st.st_mode) && st.st_size > 0 && (!is_input || lseek(fd, 0, SEEK_CUR) == 0)) {
		*out = fd_take(&fd);
		return true;
	}
	return copy_input(fd, path, limit, out, err);
}

bool http_file_open(const char *path, uint64_t copy_limit, struct http_file **out,
		    struct error *err)
{
	auto_fd int fd = -1;
	struct stat st;

	if (!open_input(path, copy_limit, &fd, err))
		return false;
	if (fstat(fd, &st) < 0)
		return fail_errno(err, "looking at '%s'", path);
	struct http_file *f = xcalloc(1, sizeof(*f));

	*f = (struct http_file){
		.fd = fd_take(&fd),
		.name = xstrdup(path),
		.st = st,
		.body = {.len = (uint64_t)st.st_size, .read = read_file, .context = f},
	};
	*out = f;
	return true;
}

const struct http_body *http_file_body(const struct http_file *f) { return &f->body; }
