/* SPDX-License-Identifier: MIT
 * Archives made block by block, so that they can be wrong, and what our reader makes of them.
 */
#ifndef CHUTES_TESTS_TAR_BY_HAND_H
#define CHUTES_TESTS_TAR_BY_HAND_H

#include "lib/archive/archive.h"
#include "lib/archive/tar_internal.h"
#include "tests/unit/tap.h"

/* --- archives by hand */

static inline void add_blocks(struct text *t, const void *bytes, size_t len)
{
	static const char zeros[TAR_BLOCK];

	text_add_bytes(t, bytes, len);
	text_add_bytes(t, zeros, -len % TAR_BLOCK);
}

static inline void seal(struct tar_header *h)
{
	snprintf(h->checksum, sizeof(h->checksum), "%06o", tar_checksum(h));
	h->checksum[7] = ' ';
}

static inline struct tar_header header(const char *name, char type, size_t size)
{
	struct tar_header h = {.mode = "0000644",
			       .uid = "0000000",
			       .gid = "0000000",
			       .mtime = "00000000000",
			       .type = type,
			       .magic = "ustar",
			       .version = {'0', '0'}};

	memcpy(h.name, name, strnlen(name, sizeof(h.name)));
	snprintf(h.size, sizeof(h.size), "%011zo", size);
	seal(&h);
	return h;
}

static inline void add_header(struct text *t, const struct tar_header *h)
{
	text_add_bytes(t, h, sizeof(*h));
}

static inline void add_member(struct text *t, const char *name, char type, const void *body,
			      size_t len)
{
	const struct tar_header h = header(name, type, len);

	add_header(t, &h);
	add_blocks(t, body, len);
}

static inline void add_end(struct text *t)
{
	static const char zeros[2 * TAR_BLOCK];

	text_add_bytes(t, zeros, sizeof(zeros));
}

/* --- reading them */

/* Read everything; what was seen as lines "type path [-> link] size data". False on failure. */
static inline bool read_all(const struct text *archive, const struct tar_limits *limits,
			    struct text *seen, struct error *err)
{
	struct memory m = {archive->bytes, archive->len};
	auto_tar_reader struct tar_reader *r = NULL;
	struct tar_entry e;
	int status;

	if (!tar_reader_open(source_of_memory(&m), limits, &r, err))
		return false;
	while ((status = tar_reader_next(r, &e, err)) > 0) {
		char data[7];
		size_t got;
		uint64_t offset;

		text_addf(seen, "%c %s", e.type, e.path);
		if (e.link)
			text_addf(seen, " -> %s", e.link);
		text_addf(seen, " %llu ", (unsigned long long)e.size);
		do {
			if (!tar_reader_data(r, data, sizeof(data), &got, &offset, err))
				return false;
			text_add_bytes(seen, data, got);
		} while (got > 0);
		text_add_char(seen, '\n');
	}
	CHECK(status < 0 || m.len == 0);
	return status == 0;
}

static inline void check_reads(const struct text *archive, const char *want)
{
	auto_text seen = {0};
	struct error err = {0};

	CHECK_OK(read_all(archive, NULL, &seen, &err), err);
	CHECK_TEXT(text_str(&seen), want);
}

static inline void check_fails(const struct text *archive, const struct tar_limits *limits,
			       const char *want)
{
	auto_text seen = {0};
	struct error err = {0};

	CHECK(!read_all(archive, limits, &seen, &err));
	CHECK(err.code == ERROR_BUILD);
	CHECK_TEXT(err.message, want);
}

#endif
