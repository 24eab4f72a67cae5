/* SPDX-License-Identifier: MIT
 * The log of a chute: what it writes and what happens to it, in two files of limited size. It
 * outlives the chute, until the next one of that name starts.
 */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static bool open_new(struct log_writer *w, struct error *err)
{
	/* other descriptors of the old file stay as they are: who follows reads it to its end */
	if (unlink(w->path) < 0 && errno != ENOENT)
		return fail_errno(err, "replacing '%s'", w->path);
	w->size = 0;
	w->fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	return w->fd >= 0 || fail_errno(err, "creating '%s'", w->path);
}

bool log_writer_open(const char *name, struct log_writer *out, struct error *err)
{
	struct log_writer w = {.fd = -1};

	if (!entry_path("log", name, &w.path, err))
		return false;
	auto_free char *older = xprintf("%s~", w.path);

	if (unlink(older) < 0 && errno != ENOENT)
		fail_errno(err, "removing '%s'", older);
	else if (open_new(&w, err)) {
		*out = w;
		return true;
	}
	free(w.path);
	return false;
}

static bool rotate(struct log_writer *w, struct error *err)
{
	auto_free char *older = xprintf("%s~", w->path);

	fd_close(&w->fd);
	if (rename(w->path, older) < 0)
		return fail_errno(err, "renaming '%s'", w->path);
	return open_new(w, err);
}

bool log_writer_add(struct log_writer *w, const char *bytes, size_t len, struct error *err)
{
	if (w->fd < 0)
		return true;
	if ((w->size + len <= LOG_FILE_BYTES || rotate(w, err)) &&
	    fd_write_all(w->fd, bytes, len, err)) {
		w->size += len;
		return true;
	}
	fd_close(&w->fd);
	return fail_in(err, "the log of the chute ends here");
}

void log_writer_close(struct log_writer *w)
{
	fd_close(&w->fd);
	free(w->path);
	*w = (struct log_writer){.fd = -1};
}
