/* SPDX-License-Identifier: MIT
 * Blobs: files named by the digest of what they hold. A name means complete and synced, because the
 * bytes get it only after fdatasync().
 */
#include "lib/store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Push bytes to the disk in steps of this size while they are written, so that the end is short. */
enum { FLUSH_BYTES = 8 << 20, VERIFY_CHUNK = 1 << 20 };

struct blob_writer {
	struct store *store;
	int fd;
	char *name; /* relative to the store; NULL: the file has no name yet */
	uint64_t size;
	uint64_t flushed;
};

/* Below BLOBS_DIRECTORY. */
static const char *blob_name(const struct digest *d, struct error *err)
{
	if (text_starts_with(d->text, "sha256:"))
		return digest_hex(d);
	fail(err, ERROR_BUILD, "'%s': only sha256 digests can be stored", d->text);
	return NULL;
}

int store_blob_open(struct store *s, const struct digest *d, int *fd, uint64_t *size,
		    struct error *err)
{
	const char *name = blob_name(d, err);
	struct stat st;

	if (!name)
		return -1;
	auto_fd int opened = openat(s->blobs_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (opened < 0 && errno == ENOENT)
		return 0;
	if (opened < 0 || fstat(opened, &st) < 0)
		return fail_errno(err, "opening blob '%s'", d->text), -1;
	if (!S_ISREG(st.st_mode))
		return fail(err, ERROR_BUILD, "blob '%s' is not a file", d->text), -1;
	if (size)
		*size = (uint64_t)st.st_size;
	if (fd)
		*fd = fd_take(&opened);
	return 1;
}

static bool fail_damaged(const struct digest *d, struct error *err)
{
	fail(err, ERROR_BUILD, "blob '%s' is damaged", d->text);
	return fail_hint(err, "delete the images that use it and build or pull them again");
}

bool store_blob_read(struct store *s, const struct digest *d, size_t limit, struct text *out,
		     struct error *err)
{
	auto_fd int fd = -1;
	auto_text bytes = {0};
	int found = store_blob_open(s, d, &fd, NULL, err);

	if (found == 0)
		return fail(err, ERROR_NOT_FOUND, "blob '%s' is not in the store", d->text);
	if (found < 0)
		return false;
	if (!fd_read_all(fd, limit, &bytes, err))
		return fail_in(err, "blob '%s'", d->text);
	struct digest is = digest_of(text_str(&bytes), bytes.len);

	if (!digest_is_equal(&is, d))
		return fail_damaged(d, err);
	text_add_bytes(out, text_str(&bytes), bytes.len);
	return true;
}

bool store_blob_verify(int fd, const struct digest *d, uint64_t size, struct error *err)
{
	auto_sha256 struct sha256 *hash = sha256_new();
	auto_free char *buffer = xcalloc(1, VERIFY_CHUNK);
	unsigned char sum[SHA256_BYTES];
	uint64_t total = 0;
	ssize_t n;

	while ((n = pread(fd, buffer, VERIFY_CHUNK, (off_t)total)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "reading blob '%s'", d->text);
		sha256_update(hash, buffer, (size_t)n);
		total += (uint64_t)n;
	}
	sha256_finish(hash, sum);
	struct digest is = digest_of_sha256(sum);

	return (digest_is_equal(&is, d) && total == size) || fail_damaged(d, err);
}

int store_blob_drop_damaged(struct store *s, const struct digest *d, struct error *err)
{
	auto_fd int fd = -1;
	uint64_t size;
	struct error why;
	int found = store_blob_open(s, d, &fd, &size, err);

	if (found <= 0)
		return found;
	if (store_blob_verify(fd, d, size, &why))
		return 0;
	if (!store_check_writable(s, err))
		return -1;
	/* another process may have put a sound one there meanwhile */
	if (store_is_named(s->blobs_fd, digest_hex(d), fd) &&
	    unlinkat(s->blobs_fd, digest_hex(d), 0) < 0 && errno != ENOENT)
		return fail_errno(err, "removing damaged blob '%s'", d->text), -1;
	return 1;
}

/* A file without a name, else one in the scratch directory. */
static bool open_new(struct blob_writer *w, struct error *err)
{
	struct store *s = w->store;

	if (!s->has_no_tmpfile) {
		w->fd = openat(s->blobs_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0444);
		if (w->fd >= 0)
			return true;
		if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
			return fail_errno(err, "creating a blob in '%s'", s->path);
		s->has_no_tmpfile = true;
	}
	if (!store_scratch_name(s, "blob", &w->name, err))
		return false;
	w->fd = openat(s->fd, w->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	return w->fd >= 0 || fail_errno(err, "creating '%s/%s'", s->path, w->name);
}

bool store_blob_begin(struct store *s, struct blob_writer **out, struct error *err)
{
	struct blob_writer *w = xcalloc(1, sizeof(*w));

	w->store = s;
	w->fd = -1;
	if (!store_check_writable(s, err) || !open_new(w, err)) {
		store_blob_abort(w);
		return false;
	}
	*out = w;
	return true;
}

void store_blob_abort(struct blob_writer *w)
{
	if (!w)
		return;
	if (w->name)
		unlinkat(w->store->fd, w->name, 0);
	fd_close(&w->fd);
	free(w->name);
	free(w);
}

bool store_blob_write(struct blob_writer *w, const void *bytes, size_t len, struct error *err)
{
	if (!fd_write_all(w->fd, bytes, len, err))
		return fail_in(err, "a blob in '%s'", w->store->path);
	w->size += len;
	if (w->size - w->flushed >= FLUSH_BYTES) {
		/* only begins the writing; fdatasync() reports what fails */
		sync_file_range(w->fd, (off_t)w->flushed, (off_t)(w->size - w->flushed),
				SYNC_FILE_RANGE_WRITE);
		w->flushed = w->size;
	}
	return true;
}

bool store_blob_clone(struct blob_writer *w, int fd, uint64_t size)
{
	if (ioctl(w->fd, FICLONE, fd) < 0)
		return false;
	w->size = size;
	return true;
}

bool store_blob_check(struct blob_writer *w, const struct digest *d, uint64_t size,
		      struct error *err)
{
	return store_blob_verify(w->fd, d, size, err);
}

static int link_file(struct blob_writer *w, const char *name)
{
	char path[64];

	if (w->name)
		return linkat(w->store->fd, w->name, w->store->blobs_fd, name, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", w->fd);
	return linkat(AT_FDCWD, path, w->store->blobs_fd, name, AT_SYMLINK_FOLLOW);
}

static bool commit(struct blob_writer *w, const struct digest *digest, struct error *err)
{
	struct store *s = w->store;
	const char *name = blob_name(digest, err);
	struct stat st;

	/* the lease comes before the look, so that a collector cannot miss it */
	if (!name || !store_lease(s, digest, err))
		return false;
	if (fdatasync(w->fd) < 0)
		return fail_errno(err, "syncing blob '%s' in '%s'", digest->text, s->path);
	if (link_file(w, name) == 0)
		return true;
	if (errno == EEXIST && fstatat(s->blobs_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (uint64_t)st.st_size == w->size)
		return true;
	/* a wrong size means damage from outside: ours takes the name */
	if (errno == EEXIST && unlinkat(s->blobs_fd, name, 0) == 0 && link_file(w, name) == 0)
		return true;
	return fail_errno(err, "naming blob '%s' in '%s'", digest->text, s->path);
}

bool store_blob_commit(struct blob_writer *w, const struct digest *digest, struct error *err)
{
	bool ok = commit(w, digest, err);

	store_blob_abort(w);
	return ok;
}

static bool put(struct store *s, const struct digest *digest, const struct text *bytes,
		struct error *err)
{
	struct blob_writer *w = NULL;

	if (!store_check_writable(s, err) || !store_lease(s, digest, err) ||
	    store_blob_drop_damaged(s, digest, err) < 0)
		return false;
	int found = store_blob_open(s, digest, NULL, NULL, err);

	if (found != 0)
		return found > 0;
	if (!store_blob_begin(s, &w, err))
		return false;
	if (!store_blob_write(w, text_str(bytes), bytes->len, err)) {
		store_blob_abort(w);
		return false;
	}
	return store_blob_commit(w, digest, err);
}

bool store_blob_put(struct store *s, const char *media_type, const struct text *bytes,
		    struct descriptor *out, struct error *err)
{
	struct descriptor d = {.media_type = media_type,
			       .digest = digest_of(text_str(bytes), bytes->len),
			       .size = bytes->len};

	if (!put(s, &d.digest, bytes, err))
		return false;
	*out = d;
	return true;
}
