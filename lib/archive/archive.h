/* SPDX-License-Identifier: MIT
 * Tar archives, compression and the layer pipeline, as bounded streams. Knows nothing of images,
 * layers or where files lie.
 */
#ifndef CHUTES_ARCHIVE_ARCHIVE_H
#define CHUTES_ARCHIVE_ARCHIVE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/crypto/sha256.h"

#include <sys/types.h>

/* Bytes go somewhere. */
struct sink {
	bool (*write)(void *context, const void *bytes, size_t len, struct error *err);
	void *context;
};

/* Bytes come from somewhere: up to `size` bytes; *got = 0 is the end. */
struct source {
	bool (*read)(void *context, void *bytes, size_t size, size_t *got, struct error *err);
	void *context;
};

/* Streams over what callers usually have; all borrow what the pointer names. */
struct memory {
	const void *bytes;
	size_t len;
};
struct source source_of_fd(int *fd);
struct source source_of_memory(struct memory *m); /* consumes: m shrinks while it is read */
struct sink sink_of_fd(int *fd);
struct sink sink_of_text(struct text *t); /* an error when t's maximum cuts */

struct xattr {
	const char *name; /* "security.capability" */
	const void *value;
	size_t size;
};

/* One archive member. Pointers are borrowed; for a reader they hold until the next call. */
struct tar_entry {
	const char *path; /* raw bytes, no leading "./"; directories without trailing "/" */
	const char *link; /* target of a symlink ('2') or hard link ('1'); else NULL */
	char type; /* '0' file, '1' hard link, '2' symlink, '3' char, '4' block, '5' directory, '6'
		      fifo */
	mode_t mode; /* permission bits only, & 07777 */
	uid_t uid;
	gid_t gid;
	uint64_t size; /* of the data that follows; 0 unless type '0' */
	int64_t mtime; /* seconds */
	unsigned device_major;
	unsigned device_minor;
	const struct xattr *xattrs;
	size_t n_xattrs;
};

/* --- writing: POSIX ustar, PAX headers only where a value does not fit, see tar_write.c */
struct tar_writer;
must_use struct tar_writer *tar_writer_new(struct sink out);
void tar_writer_free(struct tar_writer *w); /* accepts NULL */
/* Then exactly entry->size bytes by tar_writer_data(). Names and links may be any bytes; times
 * before 1970 are written as 0. BUILD when an attribute cannot be expressed: its value is empty,
 * its name has a '=', or all of them take more than a MiB. */
must_use bool tar_writer_entry(struct tar_writer *w, const struct tar_entry *entry,
			       struct error *err);
must_use bool tar_writer_data(struct tar_writer *w, const void *bytes, size_t len,
			      struct error *err);
/* The two zero blocks. */
must_use bool tar_writer_finish(struct tar_writer *w, struct error *err);

static inline void tar_writer_free_slot(struct tar_writer **w) { tar_writer_free(*w); }
#define auto_tar_writer __attribute__((cleanup(tar_writer_free_slot)))

/* --- reading foreign tars, over libarchive (tar only, no charset conversion), bounded */
struct tar_limits {
	uint64_t max_entries;   /* default 5,000,000 */
	uint64_t max_bytes;     /* sum of file sizes, holes included; default 256 GiB */
	size_t max_path;        /* of paths and link targets; 4096 */
	size_t max_xattr_value; /* 64 KiB */
	size_t max_xattrs;      /* 64 per entry */
};
extern const struct tar_limits tar_limits_default;
struct tar_reader;
/* Reads from `in` (already decompressed, see decompress_open). NULL limits: the defaults. */
must_use bool tar_reader_open(struct source in, const struct tar_limits *limits,
			      struct tar_reader **out, struct error *err);
void tar_reader_free(struct tar_reader *r); /* accepts NULL */
/* 1 and the entry, 0 at the end, -1 (BUILD: "entry 17 at offset 8704: …"). At the end `in` was read
 * to its own end, so that a digest taken there covers every byte. An entry whose type is none of
 * those above belongs to some vendor: skip it. Names may still be hostile: "/x", "../x", ".". */
must_use int tar_reader_next(struct tar_reader *r, struct tar_entry *entry, struct error *err);
/* Data of the current entry: up to `size` bytes at *offset (holes of sparse files are skipped:
 * *offset may jump, and a hole may end the file); *got = 0 at its end. */
must_use bool tar_reader_data(struct tar_reader *r, void *bytes, size_t size, size_t *got,
			      uint64_t *offset, struct error *err);

static inline void tar_reader_free_slot(struct tar_reader **r) { tar_reader_free(*r); }
#define auto_tar_reader __attribute__((cleanup(tar_reader_free_slot)))

/* --- compression */
enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };
const char *compression_name(enum compression c); /* "none", "gzip", "zstd" */
must_use bool compression_parse(const char *name, enum compression *out, struct error *err);

/* Plain bytes of `in`, whose compression is recognised by its magic (none, gzip, zstd). Bounded: a
 * ratio beyond 1,000 : 1 after the first GiB is an error. */
struct decompressor;
must_use bool decompress_open(struct source in, struct decompressor **out, struct error *err);
struct source decompress_source(struct decompressor *d);
enum compression decompress_kind(const struct decompressor *d); /* known after the first read */
void decompress_free(struct decompressor *d);                   /* accepts NULL */

static inline void decompress_free_slot(struct decompressor **d) { decompress_free(*d); }
#define auto_decompressor __attribute__((cleanup(decompress_free_slot)))

/* --- the layer pipeline: plain tar bytes in; sha256 of the plain bytes, compressed blob out and
 * its sha256, in parallel. Output depends only on the bytes (fixed 2 MiB chunks), never on threads.
 */
struct pipeline_options {
	enum compression compression; /* level 1 each */
	unsigned n_threads;           /* compressors; 0: by the number of cores */
	struct sink out; /* compressed bytes; called by one thread, which may be the caller's */
};
struct pipeline_result {
	unsigned char plain_sha256[SHA256_BYTES];
	unsigned char blob_sha256[SHA256_BYTES];
	uint64_t plain_bytes;
	uint64_t blob_bytes;
};
struct pipeline;
must_use struct pipeline *pipeline_new(const struct pipeline_options *o);
struct sink pipeline_sink(struct pipeline *p);
/* Wait for everything. The first failure of any thread is reported here or by a write. Threads are
 * started only for what is longer than 2 MiB. */
must_use bool pipeline_finish(struct pipeline *p, struct pipeline_result *out, struct error *err);
void pipeline_free(struct pipeline *p); /* stops the threads, also half way */

#endif
