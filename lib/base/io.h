/* SPDX-License-Identifier: MIT
 * Files and descriptors: whole reads with a limit, whole writes, atomic replacement.
 */
#ifndef CHUTES_BASE_IO_H
#define CHUTES_BASE_IO_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

void fd_close(int *fd); /* closes and sets -1; keeps errno; accepts -1 */
/* `auto_fd int fd = open(…);` */
#define auto_fd __attribute__((cleanup(fd_close)))

/* Move a descriptor out of a variable, which becomes -1: `*out = fd_take(&fd)`. */
must_use static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* All of a descriptor, at most `limit` bytes: more is an error that says the limit, and
 * `out->is_cut`. */
must_use bool fd_read_all(int fd, size_t limit, struct text *out, struct error *err);
/* Exactly `len` bytes; 1, 0 at end of file before the first byte, -1 on error or a short end. */
must_use int fd_read_exact(int fd, void *bytes, size_t len, struct error *err);
must_use bool fd_write_all(int fd, const void *bytes, size_t len, struct error *err);
/* For reading, what can only be a file: no directory, no pipe that nobody may ever write, no device
 * that never ends. */
must_use bool file_open(const char *path, int *fd, struct error *err);
/* For reading to its end, what a person names: a file, a device, a shell's <(…), but no pipe with a
 * name, which nobody may ever write. */
must_use bool input_open(const char *path, int *fd, struct error *err);
/* To be read from its beginning to its end: a file, or "-", which is standard input. Named pipes,
 * which nobody may ever write, fail with the path in the text. */
must_use bool file_open_stream(const char *path, int *fd, struct error *err);
/* Is it something to be read to its end? USAGE for a device, which `name` names: one such as
 * /dev/zero never ends. A terminal ends when a person says so, and /dev/null is empty. */
must_use bool input_check_ends(int fd, const char *name, struct error *err);
/* A file, "-" is standard input. Directories, missing files and named pipes, which nobody may ever
 * write, fail with the path in the text. */
must_use bool file_read(const char *path, size_t limit, struct text *out, struct error *err);
/* Write beside, fsync, rename, fsync the directory: the file is the old or the new one, whole. */
must_use bool file_write(const char *path, const void *bytes, size_t len, mode_t mode,
			 struct error *err);
/* As file_write(), but CONFLICT when there is anything of that name, a dangling link too. */
must_use bool file_write_new(const char *path, const void *bytes, size_t len, mode_t mode,
			     struct error *err);
/* As file_write() for a file of a person's: where it is a link, what that leads to is written, and
 * a file that exists keeps its mode. */
must_use bool file_rewrite(const char *path, const void *bytes, size_t len, struct error *err);
/* As file_write(), to where a person says: a link, a device and a pipe stay what they are, and the
 * bytes go through them (/dev/null, /dev/stdout). */
must_use bool file_save(const char *path, const void *bytes, size_t len, mode_t mode,
			struct error *err);
/* The same in pieces, which are written to `fd`: the file is there when it is committed, and what
 * is released before that leaves nothing. `{.fd = -1}` is empty. */
struct file_saving {
	int fd;
	char *path;
	char *temporary; /* NULL: it is written where it is */
};
must_use bool file_saving_open(struct file_saving *s, const char *path, mode_t mode,
			       struct error *err);
must_use bool file_saving_commit(struct file_saving *s, struct error *err);
void file_saving_release(struct file_saving *s);
/* As file_write() without any fsync, for caches. */
must_use bool file_write_cache(const char *path, const void *bytes, size_t len, mode_t mode,
			       struct error *err);
/* Create with O_EXCL; CONFLICT when it exists. Nothing of it stays when it cannot be written. */
must_use bool file_create(const char *path, const void *bytes, size_t len, mode_t mode,
			  struct error *err);
bool file_exists(const char *path);      /* anything, a dangling link too */
bool directory_exists(const char *path); /* links followed */
/* mkdir -p; existing directories are left as they are. */
must_use bool directory_make(const char *path, mode_t mode, struct error *err);
/* What is left of a message of which `n` bytes are sent; its parts are changed. */
void message_skip(struct msghdr *message, size_t n);
/* All bytes from one descriptor's position to another's; n_bytes may be NULL. */
must_use bool fd_copy(int from, int to, uint64_t *n_bytes, struct error *err);
/* The same of at most `limit` bytes: with more it is FAILURE, and `is_cut`. */
must_use bool fd_copy_limited(int from, int to, uint64_t limit, bool *is_cut, struct error *err);
/* Open /dev/null on 0, 1, 2 where they are closed; umask 022. First thing in main(). */
void stdio_prepare(void);

#endif
