/* SPDX-License-Identifier: MIT
 * Compressors as the pipeline and the decompressor use them. A blob is made of chunks that are
 * compressed alone, so that threads can work on several of them.
 */
#ifndef CHUTES_ARCHIVE_COMPRESS_INTERNAL_H
#define CHUTES_ARCHIVE_COMPRESS_INTERNAL_H

#include "lib/archive/archive.h"

struct deflate_io {
	const unsigned char *in; /* moved on by what was taken */
	size_t in_len;
	unsigned char *out; /* moved on by what was written */
	size_t out_size;
};

/* Deflate and inflate (RFC 1951, 1952) by one library. */
struct gzip_engine {
	const char *name; /* "isal", "zlib" */
	/* One chunk as byte-aligned blocks that refer to nothing before them, without header, end
	 * mark and trailer. False when it does not fit into `size`, which a size of
	 * chunk_bound() prevents. */
	void *(*deflate_new)(void);
	void (*deflate_free)(void *state);
	bool (*deflate_chunk)(void *state, struct deflate_io *io);
	uint32_t (*crc)(uint32_t crc, const void *bytes, size_t len);
	/* Members one by one: 1 at the end of a member, 0 when more input or room is needed, -1 for
	 * damaged data. `restart` makes it ready for the next member. */
	void *(*inflate_new)(void);
	void (*inflate_free)(void *state);
	int (*inflate)(void *state, struct deflate_io *io);
	void (*inflate_restart)(void *state);
};
const struct gzip_engine *gzip_engine_isal(void); /* NULL where ISA-L is not to be had */
const struct gzip_engine *gzip_engine_zlib(void);
const struct gzip_engine *gzip_engine_best(void);

/* One compressor of chunks, for one thread; gzip or zstd. */
struct chunk_compressor;
must_use struct chunk_compressor *chunk_compressor_new(enum compression c,
						       const struct gzip_engine *engine);
void chunk_compressor_free(struct chunk_compressor *c);
/* Room that the compressed form of `len` bytes needs at most, by either. */
size_t chunk_bound(size_t len);
/* *out_len gets the compressed size; *crc the CRC-32 of the plain bytes for gzip, else 0. */
must_use bool chunk_compress(struct chunk_compressor *c, const void *bytes, size_t len,
			     unsigned char *out, size_t *out_len, uint32_t *crc, struct error *err);

/* What stands around the chunks of a gzip member. */
enum { GZIP_HEADER_SIZE = 10, GZIP_TRAILER_SIZE = 10 };
extern const unsigned char gzip_header[GZIP_HEADER_SIZE];
void gzip_trailer(uint32_t crc, uint64_t plain_bytes, unsigned char out[GZIP_TRAILER_SIZE]);
uint32_t gzip_crc_combine(uint32_t crc, uint32_t next, size_t next_len);

#endif
