/* SPDX-License-Identifier: MIT
 * On disk: header, rows, names, SHA-256 of all that. In the machine's own byte order, which the
 * header names: the file never leaves the machine.
 */
#include "lib/build/stat_index.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char magic[8] = "CHUTSTA1";
enum { BYTE_ORDER_MARK = 0x01020304 };
static const size_t size_limit = (size_t)1 << 30;

struct file_stat file_stat_of(const struct stat *st)
{
	return (struct file_stat){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = S_ISDIR(st->st_mode) ? 0 : (uint64_t)st->st_size,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
		.ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
	};
}

bool file_stat_equal(const struct file_stat *a, const struct file_stat *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns && a->mode == b->mode &&
	       a->uid == b->uid && a->gid == b->gid;
}

void stat_index_release(struct stat_index *x)
{
	free(x->rows);
	text_release(&x->names);
	*x = (struct stat_index){0};
}

/* libcrypto takes a millisecond to load; below this it is not worth it. */
static void hash_of(const void *bytes, size_t len, unsigned char out[SHA256_BYTES])
{
	if (len < 1 << 18) {
		sha256_of(bytes, len, out);
		return;
	}
	auto_sha256 struct sha256 *h = sha256_new();

	sha256_update(h, bytes, len);
	sha256_finish(h, out);
}

/* Every number that is used as an index later is inside its array. */
static bool rows_are_valid(const struct stat_index *x)
{
	uint32_t n = x->header.n_rows;

	if (n == 0 || x->rows[0].end != n || x->names.len == 0 ||
	    x->names.bytes[x->names.len - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (x->rows[i].end <= i || x->rows[i].end > n || x->rows[i].name >= x->names.len)
			return false;
	return true;
}

static bool decode(const struct text *file, const struct file_stat *root, struct stat_index *out)
{
	auto_stat_index x = {0};
	unsigned char sum[SHA256_BYTES];

	if (file->len < sizeof(x.header) + SHA256_BYTES)
		return false;
	size_t len = file->len - SHA256_BYTES;

	memcpy(&x.header, file->bytes, sizeof(x.header));
	if (memcmp(x.header.magic, magic, sizeof(magic)) != 0 ||
	    x.header.byte_order != BYTE_ORDER_MARK || x.header.root_dev != root->dev ||
	    x.header.root_ino != root->ino)
		return false;
	size_t rows_size = (size_t)x.header.n_rows * sizeof(*x.rows);

	if (sizeof(x.header) + rows_size + x.header.names_size != len)
		return false;
	hash_of(file->bytes, len, sum);
	if (memcmp(sum, file->bytes + len, SHA256_BYTES) != 0)
		return false;
	x.rows = xmemdup(file->bytes + sizeof(x.header), rows_size);
	x.capacity = x.header.n_rows;
	text_add_bytes(&x.names, file->bytes + sizeof(x.header) + rows_size, x.header.names_size);
	if (!rows_are_valid(&x))
		return false;
	x.grain_ns = out->grain_ns;
	stat_index_release(out);
	*out = x;
	x = (struct stat_index){0};
	return true;
}

bool stat_index_load(const char *path, const struct file_stat *root, struct stat_index *out)
{
	auto_text file = {0};
	struct error ignored; /* any failure is a missing index */

	return file_read(path, size_limit, &file, &ignored) && decode(&file, root, out);
}

bool stat_index_save(const char *path, struct stat_index *x, struct error *err)
{
	auto_text file = {0};
	unsigned char sum[SHA256_BYTES];

	memcpy(x->header.magic, magic, sizeof(magic));
	x->header.byte_order = BYTE_ORDER_MARK;
	x->header.names_size = (uint32_t)x->names.len;
	text_add_bytes(&file, &x->header, sizeof(x->header));
	text_add_bytes(&file, x->rows, x->header.n_rows * sizeof(*x->rows));
	text_add_bytes(&file, x->names.bytes, x->names.len);
	hash_of(file.bytes, file.len, sum);
	text_add_bytes(&file, sum, sizeof(sum));
	return file_write_cache(path, file.bytes, file.len, 0600, err);
}

const char *stat_index_name(const struct stat_index *x, const struct stat_row *row)
{
	return x->names.bytes + row->name;
}

uint32_t stat_index_add(struct stat_index *x, const char *name, const struct file_stat *st)
{
	uint32_t i = x->header.n_rows++;

	assert(i < UINT32_MAX - 1 && x->names.len < UINT32_MAX - 65536);
	x->rows = list_grow(x->rows, i, &x->capacity, sizeof(*x->rows));
	x->rows[i] = (struct stat_row){.st = *st, .name = (uint32_t)x->names.len, .end = i + 1};
	text_add_bytes(&x->names, name, strlen(name) + 1);
	return i;
}

void stat_index_add_below(struct stat_index *x, const struct stat_index *from, uint32_t parent,
			  bool keeps_listings)
{
	uint32_t first = parent + 1;
	uint32_t base = x->header.n_rows;

	for (uint32_t i = first; i < from->rows[parent].end; i++) {
		const struct stat_row *old = &from->rows[i];
		uint32_t added = stat_index_add(x, stat_index_name(from, old), &old->st);
		struct stat_row *row = &x->rows[added];

		row->end = old->end - first + base;
		row->flags = stat_row_is_settled(from, old) ? old->flags : 0;
		if (!keeps_listings)
			row->flags &= STAT_HAS_DIGEST;
		memcpy(row->sha256, old->sha256, sizeof(row->sha256));
	}
}

bool stat_row_is_settled(const struct stat_index *x, const struct stat_row *row)
{
	int64_t newest = row->st.mtime_ns > row->st.ctime_ns ? row->st.mtime_ns : row->st.ctime_ns;

	/* nothing is known about the clock of another file system that is mounted in the tree */
	int64_t grain = row->st.dev == x->header.root_dev ? x->grain_ns : STAT_COARSE_GRAIN_NS;

	return newest < x->header.written_ns - grain;
}

bool stat_row_proves(const struct stat_index *x, const struct stat_row *row,
		     const struct file_stat *st)
{
	return file_stat_equal(&row->st, st) && stat_row_is_settled(x, row);
}
