/* SPDX-License-Identifier: MIT */
#include "lib/store/export.h"

#include "lib/base/interrupt.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/crypto/sha256.h"
#include "lib/store/export_internal.h"
#include "lib/store/import_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { EXPORT_CHUNK = 1 << 20 };

/* --- blobs */

static bool send_bytes(struct sha256 *hash, int fd, uint64_t *total, struct sink out,
		       struct error *err)
{
	auto_free char *buffer = xcalloc(1, EXPORT_CHUNK);
	struct source in = source_of_fd(&fd);
	size_t got;

	do {
		if (!interrupt_check(err) || !in.read(in.context, buffer, EXPORT_CHUNK, &got, err))
			return false;
		sha256_update(hash, buffer, got);
		*total += got;
		if (got && !out.write(out.context, buffer, got, err))
			return false;
	} while (got);
	return true;
}

bool export_blob(struct outgoing *x, const struct digest *d, uint64_t size, struct sink out,
		 struct error *err)
{
	auto_sha256 struct sha256 *hash = sha256_new();
	unsigned char sum[SHA256_BYTES];
	uint64_t have = 0;
	uint64_t total = 0;
	auto_fd int fd = -1;
	int found = store_blob_open(x->store, d, &fd, &have, err);

	if (found < 0)
		return false;
	if (found == 0)
		return fail(err, ERROR_NOT_FOUND, "blob '%s' is not in the store", d->text);
	if (have == size && !send_bytes(hash, fd, &total, out, err))
		return false;
	sha256_finish(hash, sum);
	struct digest is = digest_of_sha256(sum);

	if (total == size && digest_is_equal(&is, d))
		return true;
	fail(err, ERROR_BUILD, "blob '%s' is damaged", d->text);
	return fail_hint(err, "delete the images that use it and build or load them again");
}

bool export_each_blob(struct outgoing *x,
		      bool (*each)(struct outgoing *x, void *context, const struct digest *d,
				   uint64_t size, struct error *err),
		      void *context, struct error *err)
{
	auto_strings done = {0};

	if (!each(x, context, &x->manifest.digest, x->manifest.size, err) ||
	    !each(x, context, &x->m.config.digest, x->m.config.size, err))
		return false;
	for (size_t i = 0; i < x->m.n_layers; i++) {
		const struct descriptor *layer = &x->m.layers[i];

		if (strings_has(&done, layer->digest.text))
			continue;
		strings_add(&done, layer->digest.text);
		if (!each(x, context, &layer->digest, layer->size, err))
			return fail_in(err, "layer %zu", i + 1);
	}
	return true;
}

static void add_entry(const struct outgoing *x, struct index *index)
{
	index_add(index, &(struct index_entry){.descriptor = x->manifest, .ref_name = x->name});
}

void export_index(const struct outgoing *x, struct text *out)
{
	auto_index index = {0};

	add_entry(x, &index);
	index_format(&index, out);
}

/* --- a layout */

/* A blob of a layout has its name when all of it is there. */
static bool put_blob(struct outgoing *x, void *context, const struct digest *d, uint64_t size,
		     struct error *err)
{
	const char *directory = context;
	auto_free char *path = xprintf("%s/blobs/sha256/%s", directory, digest_hex(d));
	auto_free char *temporary = xprintf("%s.%d.tmp", path, (int)getpid());
	struct stat st;

	if (stat(path, &st) == 0 && (uint64_t)st.st_size == size)
		return true;
	auto_fd int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail_errno(err, "creating '%s'", temporary);
	bool ok = export_blob(x, d, size, sink_of_fd(&fd), err) &&
		  (fdatasync(fd) == 0 || fail_errno(err, "syncing '%s'", temporary)) &&
		  (rename(temporary, path) == 0 || fail_errno(err, "renaming '%s'", temporary));

	if (!ok)
		unlink(temporary);
	return ok;
}

static bool put_blobs(struct outgoing *x, const char *directory, struct error *err)
{
	auto_free char *blobs = path_join(directory, "blobs/sha256");

	if (!directory_make(blobs, 0755, err) ||
	    !export_each_blob(x, put_blob, (void *)(uintptr_t)directory, err))
		return false;
	auto_fd int fd = open(blobs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return (fd >= 0 && fsync(fd) == 0) || fail_errno(err, "syncing '%s'", blobs);
}

static bool put_index(const char *directory, const struct text *index, struct error *err)
{
	auto_free char *path = path_join(directory, "index.json");

	return file_write(path, index->bytes, index->len, 0644, err);
}

static bool fill_layout(struct outgoing *x, const char *directory, struct error *err)
{
	auto_free char *version = path_join(directory, "oci-layout");
	auto_text index = {0};

	export_index(x, &index);
	return put_blobs(x, directory, err) &&
	       file_write(version, EXPORT_LAYOUT, strlen(EXPORT_LAYOUT), 0644, err) &&
	       put_index(directory, &index, err);
}

static bool sync_parent(const char *path, struct error *err)
{
	auto_free char *parent = path_directory(path);
	auto_fd int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return (fd >= 0 && fsync(fd) == 0) || fail_errno(err, "syncing '%s'", parent);
}

/* Beside the directory, then renamed: it may exist and be empty. */
static bool new_layout(struct outgoing *x, const char *directory, struct error *err)
{
	auto_free char *temporary = xprintf("%s.%d.tmp", directory, (int)getpid());
	struct error late; /* the first failure is the one that counts */

	if (mkdir(temporary, 0755) < 0)
		return fail_errno(err, "creating '%s'", temporary);
	bool ok = fill_layout(x, temporary, err);

	if (ok && rename(temporary, directory) < 0)
		ok = errno == ENOTEMPTY || errno == EEXIST
			     ? fail(err, ERROR_CONFLICT, "'%s' was made by somebody else meanwhile",
				    directory)
			     : fail_errno(err, "renaming '%s'", temporary);
	if (!ok)
		(void)!tree_remove_path(temporary, &late);
	return ok && sync_parent(directory, err);
}

/* The entry of that name; n_entries when there is none. */
static size_t find_name(const struct index *index, const char *name)
{
	size_t i = 0;

	while (i < index->n_entries && (!name || !index->entries[i].ref_name ||
					strcmp(index->entries[i].ref_name, name) != 0))
		i++;
	return i;
}

/* One image more in a layout that is there; other writers of ours wait. */
static bool add_to_layout(struct outgoing *x, const char *directory, struct error *err)
{
	auto_free char *index_path = path_join(directory, "index.json");
	auto_fd int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_text bytes = {0};
	auto_text changed = {0};
	auto_index index = {0};

	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		return fail_errno(err, "locking '%s'", directory);
	if (!file_read(index_path, OCI_MANIFEST_LIMIT, &bytes, err) ||
	    !index_parse(text_str(&bytes), bytes.len, &index, err))
		return fail_in(err, "'%s'", index_path);
	size_t at = find_name(&index, x->name);

	if (at < index.n_entries &&
	    !digest_is_equal(&index.entries[at].descriptor.digest, &x->manifest.digest) &&
	    !x->options->replaces) {
		fail(err, ERROR_CONFLICT, "'%s' has another image '%s'", directory, x->name);
		return fail_hint(err, "give it another name behind the path, or use --force");
	}
	if (!put_blobs(x, directory, err))
		return false;
	while ((at = find_name(&index, x->name)) < index.n_entries)
		index_remove(&index, at);
	add_entry(x, &index);
	index_format(&index, &changed);
	return put_index(directory, &changed, err);
}

static bool is_empty_directory(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error ignored; /* then it is none */

	return fd >= 0 && directory_list(fd, &names, &ignored) && names.n == 0;
}

static bool export_layout(struct outgoing *x, struct error *err)
{
	const char *directory = x->options->to->path;
	struct error why;

	if (!file_exists(directory) || is_empty_directory(directory))
		return new_layout(x, directory, err);
	if (!directory_exists(directory))
		return fail(err, ERROR_CONFLICT, "'%s' exists and is no directory", directory);
	if (!layout_check(directory, &why)) {
		fail(err, ERROR_CONFLICT, "'%s' exists and is no OCI layout", directory);
		return fail_hint(err, "name a new directory");
	}
	return add_to_layout(x, directory, err);
}

/* --- archives */

static bool write_archive(struct outgoing *x, struct sink out, struct error *err)
{
	return x->options->to->kind == LOCATION_OCI_ARCHIVE ? export_oci_archive(x, out, err)
							    : export_docker_archive(x, out, err);
}

/* Give the finished file its name. */
static bool publish(const struct outgoing *x, const char *temporary, struct error *err)
{
	const char *path = x->options->to->path;
	unsigned flags = x->options->replaces ? 0 : RENAME_NOREPLACE;

	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, flags) == 0)
		return sync_parent(path, err);
	/* some file systems know no flags */
	if (errno == EINVAL && link(temporary, path) == 0 && unlink(temporary) == 0)
		return sync_parent(path, err);
	if (errno != EEXIST)
		return fail_errno(err, "renaming '%s'", temporary);
	fail(err, ERROR_CONFLICT, "'%s' exists already", path);
	return fail_hint(err, "choose another name, or replace it with --force");
}

static bool new_archive(struct outgoing *x, struct error *err)
{
	auto_free char *temporary = xprintf("%s.%d.tmp", x->options->to->path, (int)getpid());
	auto_fd int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail_errno(err, "creating '%s'", temporary);
	bool ok = write_archive(x, sink_of_fd(&fd), err) &&
		  (fsync(fd) == 0 || fail_errno(err, "syncing '%s'", temporary)) &&
		  publish(x, temporary, err);

	if (!ok)
		unlink(temporary);
	return ok;
}

static bool export_archive(struct outgoing *x, struct error *err)
{
	const char *path = x->options->to->path;
	struct stat st;

	if (strcmp(path, "-") == 0)
		return write_archive(x, x->options->stream, err);
	if (stat(path, &st) < 0)
		return new_archive(x, err);
	if (S_ISDIR(st.st_mode))
		return fail(err, ERROR_CONFLICT, "'%s' is a directory", path),
		       fail_hint(err, "write oci:DIR, or name a file");
	if (S_ISREG(st.st_mode) && !x->options->replaces)
		return fail(err, ERROR_CONFLICT, "'%s' exists already", path),
		       fail_hint(err, "choose another name, or replace it with --force");
	if (S_ISREG(st.st_mode))
		return new_archive(x, err);
	/* a pipe or a device */
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 ? write_archive(x, sink_of_fd(&fd), err)
		       : fail_errno(err, "opening '%s'", path);
}

/* --- */

static void outgoing_release(struct outgoing *x)
{
	manifest_release(&x->m);
	image_config_release(&x->config);
}

/* Leased first, so that no collector takes away what is being read. */
static bool lease_all(struct outgoing *x, struct error *err)
{
	struct error ignored; /* a store that only can be read has no collector */

	if (!store_check_writable(x->store, &ignored))
		return true;
	if (!store_lease(x->store, &x->manifest.digest, err) ||
	    !store_lease(x->store, &x->m.config.digest, err))
		return false;
	for (size_t i = 0; i < x->m.n_layers; i++)
		if (!store_lease(x->store, &x->m.layers[i].digest, err))
			return false;
	return true;
}

static bool load(struct outgoing *x, const struct digest *manifest, struct error *err)
{
	x->manifest.media_type = OCI_TYPE_MANIFEST;
	if (!store_manifest_load(x->store, manifest, &x->manifest.digest, &x->m, &x->config, err))
		return false;
	return lease_all(x, err) &&
	       store_blob_open(x->store, &x->manifest.digest, NULL, &x->manifest.size, err) > 0;
}

bool image_export(struct store *s, const struct digest *manifest, const struct export_options *o,
		  struct digest *exported, struct error *err)
{
	struct outgoing x = {.store = s, .options = o, .name = o->to->tag ? o->to->tag : o->name};
	bool ok = load(&x, manifest, err) &&
		  (o->to->kind == LOCATION_OCI ? export_layout(&x, err) : export_archive(&x, err));

	if (ok)
		*exported = o->to->kind == LOCATION_DOCKER_ARCHIVE ? x.m.config.digest
								   : x.manifest.digest;
	outgoing_release(&x);
	return ok;
}
