/* SPDX-License-Identifier: MIT
 * Archives of images, read once from begin to end: every file goes into the store under its own
 * digest, because the document that says what is what may come last. What turns out not to belong
 * to the image is leased by nobody after the import and goes with the next collection.
 */
#include "lib/base/interrupt.h"
#include "lib/base/path.h"
#include "lib/data/json.h"
#include "lib/store/import_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* An image has at most 500 layers, an archive of several images a few thousand files. */
enum { MEMBERS_LIMIT = 100000, LINKS_LIMIT = 8, DOCUMENT_LIMIT = OCI_MANIFEST_LIMIT };

void members_release(struct members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->items[i].path);
		free(m->items[i].link);
	}
	free(m->items);
	text_release(&m->index);
	*m = (struct members){0};
}

/* "./a//b" and "/a/b" are "a/b". Nothing is ever opened by such a name. */
static char *clean(const char *path) { return path_clean(path + strspn(path, "/")); }

static const struct member *find_path(const struct members *m, const char *path)
{
	/* the last of several members of one name counts, as for tar */
	for (size_t i = m->n; i-- > 0;)
		if (strcmp(m->items[i].path, path) == 0)
			return &m->items[i];
	return NULL;
}

const struct member *archive_find(const struct members *m, const char *path)
{
	auto_free char *name = clean(path);
	const struct member *found = find_path(m, name);

	for (int i = 0; found && found->link; i++) {
		if (i == LINKS_LIMIT)
			return NULL;
		found = find_path(m, found->link);
	}
	return found;
}

static struct member *member_new(struct members *m, const char *path)
{
	m->items = list_grow(m->items, m->n, &m->capacity, sizeof(*m->items));
	m->items[m->n] = (struct member){.path = clean(path)};
	return &m->items[m->n++];
}

/* The data of the current entry, piece by piece into a sink. */
static bool read_data(struct tar_reader *tar, const struct tar_entry *entry, struct sink out,
		      struct error *err)
{
	auto_free char *buffer = xcalloc(1, IMPORT_CHUNK);
	uint64_t total = 0;
	uint64_t size = entry->size;

	for (;;) {
		uint64_t offset = total;
		size_t got = 0;

		if (!tar_reader_data(tar, buffer, IMPORT_CHUNK, &got, &offset, err) ||
		    !interrupt_check(err))
			return false;
		/* a few bytes of archive could stand for any number of zeros */
		if (offset != total || (got == 0 && total != size))
			return fail(err, ERROR_BUILD, "it is a sparse file");
		if (got == 0)
			return true;
		if (!out.write(out.context, buffer, got, err))
			return false;
		total += got;
	}
}

struct blob_sink {
	struct blob_writer *writer;
	struct sha256 *hash;
};

static bool write_blob(void *context, const void *bytes, size_t len, struct error *err)
{
	struct blob_sink *b = context;

	sha256_update(b->hash, bytes, len);
	return store_blob_write(b->writer, bytes, len, err);
}

static bool read_blob(struct store *s, struct tar_reader *tar, const struct tar_entry *entry,
		      struct digest *out, struct error *err)
{
	auto_sha256 struct sha256 *hash = sha256_new();
	struct blob_sink b = {.hash = hash};
	unsigned char sum[SHA256_BYTES];

	if (!store_blob_begin(s, &b.writer, err))
		return false;
	if (!read_data(tar, entry, (struct sink){write_blob, &b}, err)) {
		store_blob_abort(b.writer);
		return false;
	}
	sha256_finish(hash, sum);
	*out = digest_of_sha256(sum);
	return store_blob_commit(b.writer, out, err);
}

static bool read_document(struct tar_reader *tar, const struct tar_entry *entry, struct text *out,
			  struct error *err)
{
	text_clear(out);
	if (entry->size > DOCUMENT_LIMIT)
		return fail(err, ERROR_BUILD, "%llu bytes are beyond the limit of %d",
			    (unsigned long long)entry->size, DOCUMENT_LIMIT);
	return read_data(tar, entry, sink_of_text(out), err);
}

/* What `docker save` adds for readers of its first format; manifest.json never refers to it. */
static bool is_leftover(const char *path)
{
	return strcmp(path, "repositories") == 0 || strcmp(path, "oci-layout") == 0 ||
	       text_ends_with(path, "/VERSION") || text_ends_with(path, "/json");
}

/* A name that says a digest must keep its word. */
static bool check_name(const struct member *m, struct error *err)
{
	static const char directory[] = "blobs/sha256/";

	if (!text_starts_with(m->path, directory) ||
	    strcmp(m->path + strlen(directory), digest_hex(&m->digest)) == 0)
		return true;
	return fail(err, ERROR_BUILD, "its bytes have the digest '%s'", m->digest.text);
}

static bool read_file(struct store *s, struct tar_reader *tar, const struct tar_entry *entry,
		      const char *document, struct members *out, struct error *err)
{
	auto_free char *path = clean(entry->path);

	if (strcmp(path, document) == 0)
		return read_document(tar, entry, &out->index, err);
	if (is_leftover(path))
		return true;
	struct member *m = member_new(out, path);

	m->size = entry->size;
	return read_blob(s, tar, entry, &m->digest, err) && check_name(m, err);
}

/* Symbolic links are relative to where they stand, hard links to the archive. */
static void note_link(const struct tar_entry *entry, struct members *out)
{
	struct member *m = member_new(out, entry->path);
	auto_free char *directory = path_directory(m->path);
	auto_free char *joined =
		entry->type == '2' ? path_join(directory, entry->link) : xstrdup(entry->link);

	m->link = clean(joined);
}

static bool read_entries(struct store *s, struct tar_reader *tar, const char *document,
			 struct members *out, struct error *err)
{
	struct tar_entry entry;
	int got;

	while ((got = tar_reader_next(tar, &entry, err)) > 0) {
		if (entry.type == '0') {
			auto_text shown = {0};

			/* the entry's texts end with its data */
			text_add_printable(&shown, entry.path, strlen(entry.path), false);
			if (!read_file(s, tar, &entry, document, out, err))
				return fail_in(err, "'%s'", text_str(&shown));
		} else if (entry.type == '1' || entry.type == '2') {
			note_link(&entry, out);
		}
	}
	return got == 0;
}

static bool open_archive(const char *path, int *fd, struct error *err)
{
	if (strcmp(path, "-") != 0)
		return file_open(path, fd, err);
	*fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	return *fd >= 0 || fail_errno(err, "standard input");
}

bool archive_read(struct store *s, const char *path, const char *document, struct members *out,
		  struct error *err)
{
	struct tar_limits limits = tar_limits_default;
	auto_decompressor struct decompressor *plain = NULL;
	auto_tar_reader struct tar_reader *tar = NULL;
	auto_members members = {0};
	auto_fd int fd = -1;

	limits.max_entries = MEMBERS_LIMIT;
	if (!open_archive(path, &fd, err) || !decompress_open(source_of_fd(&fd), &plain, err) ||
	    !tar_reader_open(decompress_source(plain), &limits, &tar, err) ||
	    !read_entries(s, tar, document, &members, err))
		return false;
	*out = members;
	members = (struct members){0};
	return true;
}
