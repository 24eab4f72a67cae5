/* SPDX-License-Identifier: MIT
 * Read tar archives that others wrote, however hostile. libarchive knows the dialects (ustar, PAX,
 * GNU, sparse files in four forms); here are the limits, the strictness, and names as raw bytes.
 */
#include "lib/archive/archive.h"
#include "lib/archive/tar_internal.h"
#include "lib/archive/tar_read_internal.h"

#include "lib/base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <string.h>

enum {
	READ_SIZE = 256 << 10,
	/* What is kept of the bytes already given to libarchive: all headers of one entry. */
	TAPE_KEPT = TAR_PAX_MAX + 16 * TAR_BLOCK + READ_SIZE,
	TAPE_SIZE = 4 << 20,
};

const struct tar_limits tar_limits_default = {
	.max_entries = 5000000,
	.max_bytes = UINT64_C(256) << 30,
	.max_path = 4096,
	.max_xattr_value = 64 << 10,
	.max_xattrs = 64,
};

struct tar_reader {
	struct source in;
	struct tar_limits limits;
	struct archive *archive;
	locale_t c_locale;
	/* The last bytes read, for tar_check_headers(). */
	unsigned char *tape;
	size_t tape_len;
	uint64_t tape_offset; /* in the archive, of tape[0] */
	struct error source_error;
	bool has_source_error;
	bool has_members;
	/* The current entry. */
	uint64_t n_entries;
	uint64_t n_bytes;
	uint64_t header_offset;
	bool has_data;
	uint64_t data_size;
	uint64_t data_end; /* of the parts seen so far: parts of sparse files come in order */
	struct tar_names names;
	/* What libarchive lent and tar_reader_data() has not handed out yet. */
	const unsigned char *block;
	size_t block_len;
	uint64_t block_offset;
};

static la_ssize_t feed(struct archive *a, void *context, const void **block)
{
	struct tar_reader *r = context;
	size_t got = 0;

	if (r->tape_len + READ_SIZE > TAPE_SIZE) {
		size_t gone = r->tape_len - TAPE_KEPT;

		memmove(r->tape, r->tape + gone, TAPE_KEPT);
		r->tape_len = TAPE_KEPT;
		r->tape_offset += gone;
	}
	if (!r->in.read(r->in.context, r->tape + r->tape_len, READ_SIZE, &got, &r->source_error)) {
		r->has_source_error = true;
		archive_set_error(a, EIO, "reading");
		return ARCHIVE_FATAL;
	}
	*block = r->tape + r->tape_len;
	r->tape_len += got;
	return (la_ssize_t)got;
}

static bool fail_source(struct tar_reader *r, struct error *err)
{
	*err = r->source_error;
	return false;
}

/* "entry 17 at offset 8704: " in front. */
static bool fail_here(const struct tar_reader *r, struct error *err)
{
	return fail_in(err, "entry %" PRIu64 " at offset %" PRIu64, r->n_entries, r->header_offset);
}

static bool fail_archive(struct tar_reader *r, struct error *err)
{
	const char *message = archive_error_string(r->archive);

	if (r->has_source_error)
		return fail_source(r, err);
	if (!message)
		message = "damaged archive";
	fail(err, ERROR_BUILD, "%c%s", tolower((unsigned char)message[0]), message + 1);
	return fail_here(r, err);
}

bool tar_reader_open(struct source in, const struct tar_limits *limits, struct tar_reader **out,
		     struct error *err)
{
	auto_tar_reader struct tar_reader *r = xcalloc(1, sizeof(*r));

	r->in = in;
	r->limits = limits ? *limits : tar_limits_default;
	r->tape = xcalloc(1, TAPE_SIZE);
	r->c_locale = newlocale(LC_ALL_MASK, "C", NULL);
	r->archive = archive_read_new();
	if (!r->archive || !r->c_locale)
		return fail(err, ERROR_FAILURE, "starting the archive reader: out of memory");
	if (archive_read_support_format_tar(r->archive) != ARCHIVE_OK)
		return fail_archive(r, err);
	/* No byte at all is an archive of nothing, as for tar(1) and Go; not for libarchive. */
	if (archive_read_open2(r->archive, r, NULL, feed, NULL, NULL) == ARCHIVE_OK)
		r->has_members = true;
	else if (r->has_source_error)
		return fail_source(r, err);
	else if (r->tape_len > 0)
		return fail(err, ERROR_BUILD, "not a tar archive");
	*out = take(r);
	return true;
}

void tar_reader_free(struct tar_reader *r)
{
	if (!r)
		return;
	if (r->archive)
		archive_read_free(r->archive);
	if (r->c_locale)
		freelocale(r->c_locale);
	tar_names_release(&r->names);
	free(r->tape);
	free(r);
}

/* libarchive converts UTF-8 to the locale's characters and composes accents on the way, which
 * changes names; what the C locale cannot express it leaves as it is. */
static int next_header(struct tar_reader *r, struct archive_entry **found)
{
	locale_t old = uselocale(r->c_locale);
	int status = archive_read_next_header(r->archive, found);

	uselocale(old);
	return status;
}

/* The rest of the input, so that whoever hashes it has seen all of it. */
static int finish(struct tar_reader *r, struct error *err)
{
	size_t got;

	do
		if (!r->in.read(r->in.context, r->tape, TAPE_SIZE, &got, err))
			return -1;
	while (got > 0);
	return 0;
}

static bool check_headers(struct tar_reader *r, char *type, struct error *err)
{
	if (r->header_offset < r->tape_offset)
		return fail(err, ERROR_BUILD, "headers of more than %d bytes", TAR_PAX_MAX);
	size_t start = (size_t)(r->header_offset - r->tape_offset);

	return tar_check_headers(r->tape + start, r->tape_len - start, type, err);
}

static bool set_entry(struct tar_reader *r, struct archive_entry *e, struct tar_entry *entry,
		      struct error *err)
{
	char raw_type = '0';

	if (r->n_entries > r->limits.max_entries)
		return fail(err, ERROR_BUILD, "more than the limit of %" PRIu64 " entries",
			    r->limits.max_entries);
	if (!check_headers(r, &raw_type, err))
		return false;
	if (!tar_entry_convert(e, raw_type, &r->limits, &r->names, entry, err))
		return false;
	if (entry->size > r->limits.max_bytes - r->n_bytes)
		return fail(err, ERROR_BUILD, "'%s': more than the limit of %" PRIu64 " bytes",
			    entry->path, r->limits.max_bytes);
	r->n_bytes += entry->size;
	return true;
}

int tar_reader_next(struct tar_reader *r, struct tar_entry *entry, struct error *err)
{
	struct tar_entry next = {0};
	struct archive_entry *found;

	if (!r->has_members)
		return finish(r, err);
	/* Where this entry starts can be asked only now: libarchive forgets it when it fails. */
	if (r->n_entries > 0 && archive_read_data_skip(r->archive) != ARCHIVE_OK) {
		fail_archive(r, err);
		return -1;
	}
	r->n_entries++;
	r->header_offset = (uint64_t)archive_filter_bytes(r->archive, 0);
	int status = next_header(r, &found);

	if (status == ARCHIVE_EOF)
		return finish(r, err);
	/* A warning is about characters that the C locale does not have. */
	if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
		fail_archive(r, err);
		return -1;
	}
	if (!set_entry(r, found, &next, err)) {
		fail_here(r, err);
		return -1;
	}
	r->has_data = next.size > 0;
	r->data_size = next.size;
	r->data_end = 0;
	r->block_len = 0;
	*entry = next;
	return 1;
}

/* Borrow the next piece of data. Sparse files have several, in order; libarchive believes what the
 * archive says of where they are. */
static bool next_block(struct tar_reader *r, struct error *err)
{
	const void *block = NULL;
	size_t len = 0;
	la_int64_t at = 0;
	int status = archive_read_data_block(r->archive, &block, &len, &at);

	if (status == ARCHIVE_EOF) {
		r->has_data = false;
		return true;
	}
	if (status != ARCHIVE_OK)
		return fail_archive(r, err);
	uint64_t start = (uint64_t)at;

	if (at < 0 || start < r->data_end || start > r->data_size || len > r->data_size - start)
		return fail(err, ERROR_BUILD, "data outside of its file") || fail_here(r, err);
	r->block = block;
	r->block_len = len;
	r->block_offset = start;
	r->data_end = start + len;
	return true;
}

bool tar_reader_data(struct tar_reader *r, void *bytes, size_t size, size_t *got, uint64_t *offset,
		     struct error *err)
{
	*got = 0;
	while (r->has_data && r->block_len == 0)
		if (!next_block(r, err))
			return false;
	if (!r->has_data)
		return true;
	size_t n = size < r->block_len ? size : r->block_len;

	memcpy(bytes, r->block, n);
	*offset = r->block_offset;
	*got = n;
	r->block += n;
	r->block_len -= n;
	r->block_offset += n;
	return true;
}
