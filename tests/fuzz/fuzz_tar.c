/* SPDX-License-Identifier: MIT
 * An archive of a stranger, compressed or not. What was read is written by our writer and must be
 * read again as the same entries.
 */
#include "lib/archive/archive.h"
#include "lib/archive/tar_internal.h"

#include "lib/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct tar_limits limits = {.max_entries = 1000,
					 .max_bytes = 1 << 20,
					 .max_path = 4096,
					 .max_xattr_value = 4096,
					 .max_xattrs = 8};

/* One line of what an entry is. */
static void describe(const struct tar_entry *e, struct text *out)
{
	/* what no header holds is written as 0 */
	int64_t mtime = e->mtime > 0 ? e->mtime : 0;

	text_addf(out, "%c %o %u %u %llu %lld %u %u %s -> %s", e->type, e->mode, e->uid, e->gid,
		  (unsigned long long)e->size, (long long)mtime, e->device_major, e->device_minor,
		  e->path, e->link ? e->link : "");
	text_addf(out, " %zu\n", e->n_xattrs);
}

static bool is_writable(const struct tar_entry *e)
{
	const unsigned device_max = 07777777;

	for (size_t i = 0; i < e->n_xattrs; i++)
		if (e->xattrs[i].size == 0 || e->xattrs[i].name[0] == '\0' ||
		    strchr(e->xattrs[i].name, '='))
			return false;
	return e->type >= '0' && e->type <= '6' && e->device_major <= device_max &&
	       e->device_minor <= device_max;
}

/* Copy the data, with zeros for holes. */
static bool copy_data(struct tar_reader *r, uint64_t size, struct tar_writer *w)
{
	auto_free unsigned char *file = xcalloc(1, size + 1);
	unsigned char part[777];
	uint64_t offset = 0;
	size_t got;
	struct error err;

	do {
		if (!tar_reader_data(r, part, sizeof(part), &got, &offset, &err))
			return false;
		if (got > 0 && (offset > size || got > size - offset))
			abort();
		if (got > 0)
			memcpy(file + offset, part, got);
	} while (got > 0);
	return tar_writer_data(w, file, size, &err);
}

/* Read all, describe it, and write what can be written. False when it was refused. */
static bool copy(struct source in, struct text *lines, struct text *archive)
{
	auto_tar_reader struct tar_reader *r = NULL;
	auto_tar_writer struct tar_writer *w = tar_writer_new(sink_of_text(archive));
	struct tar_entry e;
	struct error err;
	int status;

	if (!tar_reader_open(in, &limits, &r, &err))
		return false;
	while ((status = tar_reader_next(r, &e, &err)) > 0) {
		if (!is_writable(&e))
			continue;
		describe(&e, lines);
		if (!tar_writer_entry(w, &e, &err) || !copy_data(r, e.size, w))
			return false;
	}
	return status == 0 && tar_writer_finish(w, &err);
}

static void check(const void *bytes, size_t len)
{
	struct memory m = {bytes, len};
	auto_decompressor struct decompressor *d = NULL;
	auto_text lines = {0};
	auto_text archive = {0};
	auto_text lines_again = {0};
	auto_text archive_again = {0};
	struct error err;

	if (!decompress_open(source_of_memory(&m), &d, &err) ||
	    !copy(decompress_source(d), &lines, &archive))
		return;
	struct memory written = {archive.bytes, archive.len};

	if (!copy(source_of_memory(&written), &lines_again, &archive_again) ||
	    strcmp(text_str(&lines), text_str(&lines_again)) != 0 ||
	    archive.len != archive_again.len ||
	    memcmp(archive.bytes, archive_again.bytes, archive.len) != 0)
		abort();
}

/* Chance does not find checksums: make them right, and look behind them. */
static void seal_headers(unsigned char *bytes, size_t len)
{
	for (size_t at = 0; at + TAR_BLOCK <= len; at += TAR_BLOCK) {
		struct tar_header *h = (void *)(bytes + at);

		if (memcmp(h->magic, "ustar", 5) == 0)
			snprintf(h->checksum, sizeof(h->checksum), "%06o", tar_checksum(h));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	auto_free unsigned char *sealed = xmemdup(bytes, len);

	check(bytes, len);
	seal_headers(sealed, len);
	check(sealed, len);
	return 0;
}
