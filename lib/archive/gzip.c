/* SPDX-License-Identifier: MIT
 * The gzip frame (RFC 1952), and deflate by zlib, which is always there.
 */
#include "lib/archive/compress_internal.h"

#include "lib/base/memory.h"

#define ZLIB_CONST
#include <zlib.h>

enum { RAW_DEFLATE = -15, GZIP_INFLATE = 15 + 16, LEVEL = 1, MEMORY_LEVEL = 8 };

/* No name, no time, no flags, unknown system: the same for every blob. */
const unsigned char gzip_header[GZIP_HEADER_SIZE] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};

static void put_32(unsigned char *out, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(number >> 8 * i);
}

void gzip_trailer(uint32_t crc, uint64_t plain_bytes, unsigned char out[GZIP_TRAILER_SIZE])
{
	out[0] = 3; /* an empty last block */
	out[1] = 0;
	put_32(out + 2, crc);
	put_32(out + 6, (uint32_t)plain_bytes);
}

uint32_t gzip_crc_combine(uint32_t crc, uint32_t next, size_t next_len)
{
	return (uint32_t)crc32_combine(crc, next, (z_off_t)next_len);
}

static void *deflate_new(void)
{
	z_stream *z = xcalloc(1, sizeof(*z));

	if (deflateInit2(z, LEVEL, Z_DEFLATED, RAW_DEFLATE, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		abort(); /* out of memory, as in xcalloc() */
	return z;
}

static void deflate_free(void *state)
{
	deflateEnd(state);
	free(state);
}

static bool deflate_chunk(void *state, struct deflate_io *io)
{
	z_stream *z = state;

	deflateReset(z);
	z->next_in = io->in;
	z->avail_in = (uInt)io->in_len;
	z->next_out = io->out;
	z->avail_out = (uInt)io->out_size;
	/* A full flush ends with an empty stored block, that is on a byte. Room left over shows
	 * that it is complete. */
	if (deflate(z, Z_FULL_FLUSH) != Z_OK || z->avail_in > 0 || z->avail_out == 0)
		return false;
	io->out = z->next_out;
	return true;
}

static uint32_t crc(uint32_t start, const void *bytes, size_t len)
{
	return (uint32_t)crc32_z(start, bytes, len);
}

static void *inflate_new(void)
{
	z_stream *z = xcalloc(1, sizeof(*z));

	if (inflateInit2(z, GZIP_INFLATE) != Z_OK)
		abort(); /* out of memory */
	return z;
}

static void inflate_free(void *state)
{
	inflateEnd(state);
	free(state);
}

static int inflate_step(void *state, struct deflate_io *io)
{
	z_stream *z = state;

	z->next_in = io->in;
	z->avail_in = (uInt)io->in_len;
	z->next_out = io->out;
	z->avail_out = (uInt)io->out_size;
	int status = inflate(z, Z_NO_FLUSH);

	io->in = z->next_in;
	io->in_len = z->avail_in;
	io->out = z->next_out;
	io->out_size = z->avail_out;
	if (status == Z_STREAM_END)
		return 1;
	return status == Z_OK || status == Z_BUF_ERROR ? 0 : -1;
}

static void inflate_restart(void *state) { inflateReset(state); }

const struct gzip_engine *gzip_engine_zlib(void)
{
	static const struct gzip_engine engine = {"zlib",        deflate_new,  deflate_free,
						  deflate_chunk, crc,          inflate_new,
						  inflate_free,  inflate_step, inflate_restart};

	return &engine;
}

const struct gzip_engine *gzip_engine_best(void)
{
	const struct gzip_engine *isal = gzip_engine_isal();

	return isal ? isal : gzip_engine_zlib();
}
