/* SPDX-License-Identifier: MIT
 * Tar archives of the context, which an add step unpacks.
 */
#include "lib/build/context_add_internal.h"

#include "lib/base/io.h"
#include "lib/build/layer.h"

#include <string.h>
#include <unistd.h>

enum { SMALLEST_ARCHIVE = 32 }; /* a compressed tar of one empty file is larger */

/* Reads a file and hashes what it reads. */
struct hashed_file {
	int *fd;
	struct sha256 *hash;
};

static bool hashed_read(void *context, void *bytes, size_t size, size_t *got, struct error *err)
{
	struct hashed_file *f = context;
	struct source plain = source_of_fd(f->fd);

	if (!plain.read(plain.context, bytes, size, got, err))
		return false;
	sha256_update(f->hash, bytes, *got);
	return true;
}

/* An archive by its name whose compression is not ours: silently adding it as a file would not be
 * what ADD does. */
static bool check_compression(const struct context_entry *e, int fd, struct error *err)
{
	static const struct {
		const char *name;
		const char *magic;
	} kinds[] = {{"xz", "\xfd"
			    "7zXZ"},
		     {"bzip2", "BZh"}};
	char start[6] = "";

	if (!strstr(e->path, ".tar.") && !strstr(e->path, ".txz") && !strstr(e->path, ".tbz"))
		return true;
	if (pread(fd, start, sizeof(start) - 1, 0) < 0)
		return fail_errno(err, "reading '%s' in the context", e->source);
	for (size_t i = 0; i < array_len(kinds); i++) {
		if (!text_starts_with(start, kinds[i].magic))
			continue;
		fail(err, ERROR_BUILD, "'%s' is compressed with %s, which cannot be unpacked",
		     e->source, kinds[i].name);
		return fail_hint(err, "compress it with gzip or zstd");
	}
	return true;
}

int adding_is_archive(const struct adding *a, const struct context_entry *e, struct error *err)
{
	struct decompressor *d = NULL;
	struct tar_reader *tar = NULL;
	struct tar_entry entry;
	struct error no_archive; /* any failure says that it is none */
	auto_fd int fd = -1;

	if (e->type != 'f' || e->size < SMALLEST_ARCHIVE)
		return 0;
	if (!context_open_entry(a->c->root_fd, e, &fd, err) || !check_compression(e, fd, err))
		return -1;
	bool is_archive = decompress_open(source_of_fd(&fd), &d, &no_archive) &&
			  tar_reader_open(decompress_source(d), NULL, &tar, &no_archive) &&
			  tar_reader_next(tar, &entry, &no_archive) > 0;

	tar_reader_free(tar);
	decompress_free(d);
	return is_archive;
}

static bool unpack(struct adding *a, struct hashed_file *file, int root_fd, struct strings *notes,
		   struct error *err)
{
	struct layer_unpack_options o = {.root_fd = root_fd,
					 .ids_are_squashed = a->o->ids_are_squashed,
					 .is_archive = true,
					 .has_owner = a->o->has_owner,
					 .uid = a->o->uid,
					 .gid = a->o->gid,
					 .limits = tar_limits_default};
	struct layer_stats stats;
	struct decompressor *d = NULL;
	size_t rest;

	if (!decompress_open((struct source){hashed_read, file}, &d, err))
		return false;
	bool is_done = layer_unpack(&o, decompress_source(d), &stats, notes, err);

	decompress_free(d);
	if (!is_done)
		return false;
	/* the hash is of all of the file, of what follows the archive too */
	do
		if (!hashed_read(file, a->buffer, ADDING_BUFFER_SIZE, &rest, err))
			return false;
	while (rest > 0);
	return true;
}

bool adding_unpack(struct adding *a, const struct context_entry *e, struct strings *notes,
		   struct error *err)
{
	auto_place dest = {0};
	auto_fd int fd = -1;
	struct hashed_file file = {&fd, a->hash};
	unsigned char hash[SHA256_BYTES];

	if (a->o->chmod) {
		fail(err, ERROR_SPEC, "chmod does not apply to '%s', an archive that is unpacked",
		     e->source);
		return fail_hint(err, "remove chmod, or unpack it in a run step");
	}
	if (!context_open_entry(a->c->root_fd, e, &fd, err) ||
	    !adding_open_destination(a, a->dest, &dest, err))
		return false;
	if (!unpack(a, &file, dest.fd, notes, err))
		return fail_in(err, "'%s'", e->source);
	sha256_finish(a->hash, hash);
	return memcmp(hash, e->sha256, sizeof(hash)) == 0 || context_changed(e->source, err);
}
