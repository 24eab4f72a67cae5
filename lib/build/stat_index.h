/* SPDX-License-Identifier: MIT
 * What was known about the files of a directory tree after the last build: their stat data and the
 * digests of their contents, so that an unchanged tree is neither listed nor read again. A cache:
 * any damage is the same as having none.
 */
#ifndef CHUTES_BUILD_STAT_INDEX_H
#define CHUTES_BUILD_STAT_INDEX_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/crypto/sha256.h"

#include <sys/stat.h>

/* What tells one state of a file from another. */
struct file_stat {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns;
	int64_t ctime_ns;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
};
struct file_stat file_stat_of(const struct stat *st);
bool file_stat_equal(const struct file_stat *a, const struct file_stat *b);

enum stat_flags {
	STAT_HAS_DIGEST = 1,
	STAT_IS_LISTED =
		2, /* a directory: the rows below are all there was that no rule left out */
	STAT_VERDICT_SHIFT = 4,
};

/* Ticks of timestamps, generously: file systems with nanoseconds take the kernel's clock tick, the
 * oldest network and DOS file systems two seconds. */
#define STAT_FINE_GRAIN_NS   ((int64_t)50000000)
#define STAT_COARSE_GRAIN_NS ((int64_t)2000000000)

/* One file. Rows are in walk order: a directory, then everything below it, children by name. */
struct stat_row {
	struct file_stat st;
	uint32_t name; /* offset in the names; of the root: "" */
	uint32_t end;  /* the row behind the last one below this */
	uint32_t flags;
	uint32_t unused;
	unsigned char sha256[SHA256_BYTES];
};

struct stat_header {
	char magic[8];
	uint32_t byte_order;
	uint32_t n_rows;
	uint64_t root_dev;
	uint64_t root_ino;
	int64_t written_ns; /* when the walk began, CLOCK_REALTIME */
	uint32_t names_size;
	uint32_t unused;
	unsigned char rules[SHA256_BYTES]; /* under which the directories were listed */
};

/* An index in memory, read or being made. `{0}` is empty. */
struct stat_index {
	struct stat_header header;
	struct stat_row *rows;
	size_t capacity;
	struct text names; /* each with its terminating zero */
	int64_t grain_ns;  /* of the root's file system: set by the owner */
};
#define auto_stat_index __attribute__((cleanup(stat_index_release))) struct stat_index

void stat_index_release(struct stat_index *x);
/* true when `path` holds an intact index of the root with this device and inode. */
must_use bool stat_index_load(const char *path, const struct file_stat *root,
			      struct stat_index *out);
must_use bool stat_index_save(const char *path, struct stat_index *x, struct error *err);

const char *stat_index_name(const struct stat_index *x, const struct stat_row *row);
/* Append a row; returns its number. Rows and names together are below 4 GiB (assert). */
uint32_t stat_index_add(struct stat_index *x, const char *name, const struct file_stat *st);
/* Append the rows of `from` below its row `parent`. Their digests and listings are kept only where
 * stat_row_is_settled(); listings only if `keeps_listings`. */
void stat_index_add_below(struct stat_index *x, const struct stat_index *from, uint32_t parent,
			  bool keeps_listings);

/* A file that was written in the same tick of the clock in which it was looked at may have been
 * written again without any visible change (git's "racy" entries): such a row proves nothing. */
bool stat_row_is_settled(const struct stat_index *x, const struct stat_row *row);
/* The row describes `st` and proves that nothing changed since. */
bool stat_row_proves(const struct stat_index *x, const struct stat_row *row,
		     const struct file_stat *st);

#endif
