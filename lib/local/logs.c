/* SPDX-License-Identifier: MIT
 * Reading the log of a chute: its last lines, and what comes.
 */
#include "lib/local/local_internal.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	READ_LIMIT = LOG_FILE_BYTES + (1 << 20), /* a file, and a line that just fitted */
	LOOK_MS = 300, /* whether it still runs: a killed supervisor writes nothing */
};

struct reader {
	const char *name;
	char *path;
	int fd; /* the newest file, read so far; -1: none */
	int changes;
	bool (*on_bytes)(void *context, const char *bytes, size_t len, struct error *err);
	void *context;
};

static void reader_release(struct reader *r)
{
	free(r->path);
	fd_close(&r->fd);
	fd_close(&r->changes);
}
#define auto_reader __attribute__((cleanup(reader_release))) struct reader

/* Where the last `n` lines begin; -1: all. */
static size_t find_last(const char *bytes, size_t len, int64_t n)
{
	size_t at = len;

	if (n < 0)
		return 0;
	if (n == 0)
		return len;
	if (at > 0 && bytes[at - 1] == '\n')
		at--;
	for (; at > 0; at--)
		if (bytes[at - 1] == '\n' && --n == 0)
			return at;
	return 0;
}

static bool fail_absent(const char *name, struct error *err)
{
	auto_strings files = {0};
	auto_strings names = {0};

	if (!entry_names("log", &files, err))
		return false;
	for (size_t i = 0; i < files.n; i++)
		if (!text_ends_with(files.items[i], "~")) /* the older file of another */
			strings_add(&names, files.items[i]);
	fail(err, ERROR_NOT_FOUND, "there is no log of a chute '%s'", name);
	return fail_among(&names, name, "'chutes run' makes one", err);
}

/* What there is: the older file, then the newest, whose descriptor stays. */
static bool read_both(struct reader *r, struct text *out, struct error *err)
{
	auto_free char *older = xprintf("%s~", r->path);
	struct error ignored; /* there need not be an older one */
	auto_fd int fd = open(older, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && !fd_read_all(fd, READ_LIMIT, out, &ignored))
		text_clear(out);
	r->fd = open(r->path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 && errno == ENOENT)
		return fail_absent(r->name, err);
	if (r->fd < 0)
		return fail_errno(err, "opening '%s'", r->path);
	auto_text newest = {0};

	if (!fd_read_all(r->fd, READ_LIMIT, &newest, err))
		return false;
	text_add_bytes(out, text_str(&newest), newest.len);
	return true;
}

static bool carry(struct reader *r, struct error *err)
{
	char bytes[65536];

	for (;;) {
		ssize_t n = read(r->fd, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "reading '%s'", r->path);
		if (n == 0)
			return true;
		if (!r->on_bytes(r->context, bytes, (size_t)n, err))
			return false;
	}
}

/* The writer has begun a new file: 1 when it was opened, 0 when there is none, -1. */
static int open_next(struct reader *r, struct error *err)
{
	struct stat old;
	struct stat now;

	if (stat(r->path, &now) < 0 || fstat(r->fd, &old) < 0 || now.st_ino == old.st_ino)
		return 0;
	if (!carry(r, err)) /* what came before the change of files */
		return -1;
	int fd = open(r->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	fd_close(&r->fd);
	r->fd = fd;
	return 1;
}

static bool open_changes(struct reader *r, struct error *err)
{
	auto_free char *directory = path_directory(r->path);

	r->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (r->changes < 0 || inotify_add_watch(r->changes, directory, IN_MODIFY | IN_CREATE) < 0)
		return fail_errno(err, "watching '%s'", directory);
	return true;
}

static void wait_for_change(const struct reader *r)
{
	char events[4096];
	struct pollfd fds[] = {{.fd = r->changes, .events = POLLIN},
			       {.fd = interrupt_fd(), .events = POLLIN}};

	if (poll(fds, array_len(fds), LOOK_MS) > 0 && fds[0].revents)
		while (read(r->changes, events, sizeof(events)) > 0)
			;
}

static bool follow(struct reader *r, struct error *err)
{
	for (;;) {
		bool is_held = entry_is_held(r->name); /* asked first: then all is there */
		int got;

		do {
			if (!carry(r, err))
				return false;
			got = open_next(r, err);
		} while (got > 0);
		if (got < 0 || !interrupt_check(err))
			return false;
		if (!is_held)
			return true;
		wait_for_change(r);
	}
}

bool local_has_log(const char *name)
{
	auto_free char *path = NULL;
	struct error ignored; /* then nobody finds it */

	return local_check_name(name, &ignored) && entry_path("log", name, &path, &ignored) &&
	       file_exists(path);
}

bool local_logs(const char *name, int64_t n_lines, bool follows,
		bool (*on_bytes)(void *context, const char *bytes, size_t len, struct error *err),
		void *context, struct error *err)
{
	auto_reader r = {
		.name = name, .fd = -1, .changes = -1, .on_bytes = on_bytes, .context = context};
	auto_text text = {0};

	if (!local_check_name(name, err) || !entry_path("log", name, &r.path, err) ||
	    (follows && !open_changes(&r, err)) || !read_both(&r, &text, err))
		return false;
	size_t from = find_last(text_str(&text), text.len, n_lines);

	if (from < text.len && !on_bytes(context, text.bytes + from, text.len - from, err))
		return false;
	return !follows || follow(&r, err);
}
