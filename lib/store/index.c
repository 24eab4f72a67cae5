/* SPDX-License-Identifier: MIT
 * index.json of the layout: the tags. Read without a lock, since it is only ever replaced as a
 * whole; changed under oci/.lock.
 */
#include "lib/store/store_internal.h"

#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define INDEX     "oci/index.json"
#define TEMPORARY "oci/index.json.tmp"

/* Enough for a new index.json and a directory; as files are, never more than a few blocks. */
enum { RESERVE_BYTES = 256 << 10 };

bool store_index_lock(struct store *s, int *lock_fd, struct error *err)
{
	return store_check_writable(s, err) &&
	       lock_open(s->fd, "oci/.lock", O_RDWR | O_CREAT, LOCK_EX, lock_fd, err) > 0;
}

bool store_index_load(struct store *s, struct index *out, struct error *err)
{
	auto_free char *path = path_join(s->path, INDEX);
	auto_text text = {0};

	if (!file_read(path, OCI_MANIFEST_LIMIT, &text, err))
		return false;
	return index_parse(text_str(&text), text.len, out, err) || fail_in(err, "'%s'", path);
}

static bool write_temporary(struct store *s, const struct text *bytes, struct error *err)
{
	auto_fd int fd = openat(s->fd, TEMPORARY,
				O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail_errno(err, "creating '%s/" TEMPORARY "'", s->path);
	if (!fd_write_all(fd, bytes->bytes, bytes->len, err))
		return fail_in(err, "'%s/" TEMPORARY "'", s->path);
	return fsync(fd) == 0 || fail_errno(err, "syncing '%s/" TEMPORARY "'", s->path);
}

bool store_index_save(struct store *s, const struct index *i, struct error *err)
{
	auto_text bytes = {0};
	auto_fd int oci = openat(s->fd, "oci", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (oci < 0)
		return fail_errno(err, "opening '%s'", s->oci_path);
	index_format(i, &bytes);
	if (bytes.len > OCI_MANIFEST_LIMIT)
		return fail(err, ERROR_CONFLICT, "the store '%s' has no room for another image",
			    s->path),
		       fail_hint(err, "delete some with 'chutes images delete'");
	if (!write_temporary(s, &bytes, err)) {
		unlinkat(s->fd, TEMPORARY, 0);
		return false;
	}
	if (renameat(s->fd, TEMPORARY, s->fd, INDEX) < 0 || fsync(oci) < 0)
		return fail_errno(err, "replacing '%s/" INDEX "'", s->path);
	return true;
}

void store_reserve_free(struct store *s) { unlinkat(s->fd, "reserve", 0); }

void store_reserve_take(struct store *s)
{
	auto_fd int fd = openat(s->fd, "reserve", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	/* on a full disk there is none, and the next deletion tries again */
	if (fd >= 0 && posix_fallocate(fd, 0, RESERVE_BYTES) != 0)
		unlinkat(s->fd, "reserve", 0);
}
