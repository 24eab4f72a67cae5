/* SPDX-License-Identifier: MIT
 * One entry of a layer: what of a file's state is part of an image.
 */
#include "lib/build/layer_pack_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int64_t time_of(const struct pack *p, int64_t mtime)
{
	if (p->o->has_epoch && (p->o->is_exactly_epoch || mtime > p->o->epoch))
		return p->o->epoch;
	return mtime;
}

/* What all kinds have in common. */
static bool start(const struct pack *p, const struct stat *st, char type, struct tar_entry *e,
		  struct error *err)
{
	if ((st->st_uid == PACK_OVERFLOW_ID && !p->has_overflow_uid) ||
	    (st->st_gid == PACK_OVERFLOW_ID && !p->has_overflow_gid))
		return pack_fail(p, err, "its owner is outside of the id map");
	*e = (struct tar_entry){
		.path = p->path.len > 0 ? text_str(&p->path) : ".",
		.type = type,
		.mode = st->st_mode & 07777,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.mtime = time_of(p, st->st_mtim.tv_sec),
	};
	return true;
}

static bool put(struct pack *p, const struct tar_entry *e, struct error *err)
{
	p->stats.n_entries++;
	return tar_writer_entry(p->tar, e, err);
}

/* --- files with several names */

struct linked {
	dev_t device;
	ino_t inode;
	const char *path; /* of the first name */
};

static int compare_linked(const void *a, const void *b)
{
	const struct linked *x = a;
	const struct linked *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return x->device < y->device ? -1 : x->device > y->device;
}

/* The first name of this file, or NULL when this is it. */
static const char *first_name(struct pack *p, const struct stat *st)
{
	struct linked *row = arena_alloc(&p->links, sizeof(*row));

	row->device = st->st_dev;
	row->inode = st->st_ino;
	struct linked **found = tsearch(row, &p->linked_inodes, compare_linked);

	if (!found)
		abort(); /* out of memory */
	if (*found != row)
		return (*found)->path;
	row->path = arena_strdup(&p->links, text_str(&p->path));
	return NULL;
}

/* --- kinds */

static bool put_data(struct pack *p, int fd, uint64_t size, struct error *err)
{
	uint64_t left = size;

	for (;;) {
		/* one byte more than the file had: it must not have grown */
		size_t want = left < PACK_BUFFER_SIZE ? (size_t)left + 1 : PACK_BUFFER_SIZE;
		ssize_t n = read(fd, p->buffer, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return pack_errno(p, err, "reading");
		if ((uint64_t)n > left || (n == 0 && left > 0))
			return pack_fail(p, err, "changed while it was read");
		if (n == 0)
			return true;
		if (!tar_writer_data(p->tar, p->buffer, (size_t)n, err))
			return false;
		left -= (uint64_t)n;
	}
}

static bool pack_regular(struct pack *p, int directory_fd, const char *name, struct error *err)
{
	auto_fd int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_pack_xattrs xattrs = {0};
	struct tar_entry e;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return pack_errno(p, err, "opening");
	if (!S_ISREG(st.st_mode))
		return pack_fail(p, err, "changed while it was read");
	if (!start(p, &st, '0', &e, err) || !pack_xattrs_read(p, fd, &xattrs, err))
		return false;
	if (st.st_size >= PACK_BUFFER_SIZE)
		posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	e.size = (uint64_t)st.st_size;
	e.xattrs = xattrs.items;
	e.n_xattrs = xattrs.n;
	p->stats.n_bytes += e.size;
	return put(p, &e, err) && put_data(p, fd, e.size, err);
}

static bool pack_link(struct pack *p, int directory_fd, const char *name, struct tar_entry e,
		      struct error *err)
{
	char target[PACK_PATH_MAX + 1];
	ssize_t n = readlinkat(directory_fd, name, target, sizeof(target));

	if (n < 0)
		return pack_errno(p, err, "reading");
	if (n == 0 || (size_t)n == sizeof(target))
		return pack_fail(p, err, "a link to more than %d bytes", PACK_PATH_MAX);
	target[n] = '\0';
	e.link = target;
	e.mode = 0777; /* some file systems say otherwise, and nobody asks */
	return put(p, &e, err);
}

static char type_of(const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFLNK:
		return '2';
	case S_IFCHR:
		return '3';
	case S_IFBLK:
		return '4';
	case S_IFIFO:
		return '6';
	default:
		return '0';
	}
}

bool pack_file(struct pack *p, int directory_fd, const char *name, const struct stat *st,
	       struct error *err)
{
	struct tar_entry e = {0};

	if (S_ISSOCK(st->st_mode)) {
		layer_note_add(&p->notes[PACK_NOTE_SOCKET], text_str(&p->path));
		p->stats.n_skipped++;
		return true;
	}
	if (!start(p, st, type_of(st), &e, err))
		return false;
	e.link = st->st_nlink > 1 ? first_name(p, st) : NULL;
	if (e.link) {
		e.type = '1';
		return put(p, &e, err);
	}
	if (e.type == '0')
		return pack_regular(p, directory_fd, name, err);
	if (e.type == '2')
		return pack_link(p, directory_fd, name, e, err);
	if (e.type != '6') {
		e.device_major = major(st->st_rdev);
		e.device_minor = minor(st->st_rdev);
	}
	return put(p, &e, err);
}

bool pack_directory(struct pack *p, int fd, const struct stat *st, struct error *err)
{
	auto_pack_xattrs xattrs = {0};
	struct tar_entry e;

	if (!start(p, st, '5', &e, err) || !pack_xattrs_read(p, fd, &xattrs, err))
		return false;
	e.xattrs = xattrs.items;
	e.n_xattrs = xattrs.n;
	return put(p, &e, err);
}

bool pack_whiteout(struct pack *p, const char *name, struct error *err)
{
	size_t len = p->path.len;
	auto_free char *marker = xprintf(".wh.%s", name);

	/* the marker is four bytes longer than a name that did fit */
	if (!pack_enter(p, marker, err))
		return false;
	const struct tar_entry e = {.path = text_str(&p->path),
				    .type = '0',
				    .mtime = p->o->has_epoch ? p->o->epoch : 0};
	bool done = put(p, &e, err);

	pack_leave(p, len);
	return done;
}
