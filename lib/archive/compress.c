/* SPDX-License-Identifier: MIT
 * Chunks to compressed chunks: one zstd frame each, or blocks of one gzip member. Level 1 of both:
 * the next levels cost half as much time again and save less than two percent.
 */
#include "lib/archive/compress_internal.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <string.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 1 };

static const char *const names[] = {
	[COMPRESSION_NONE] = "none", [COMPRESSION_GZIP] = "gzip", [COMPRESSION_ZSTD] = "zstd"};

const char *compression_name(enum compression c) { return names[c]; }

bool compression_parse(const char *name, enum compression *out, struct error *err)
{
	for (size_t i = 0; i < array_len(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*out = (enum compression)i;
		return true;
	}
	fail(err, ERROR_USAGE, "unknown compression '%s'", name);
	return fail_hint(err, "use none, gzip or zstd");
}

struct chunk_compressor {
	enum compression kind;
	const struct gzip_engine *engine;
	void *deflate;
	ZSTD_CCtx *zstd;
};

struct chunk_compressor *chunk_compressor_new(enum compression kind,
					      const struct gzip_engine *engine)
{
	struct chunk_compressor *c = xcalloc(1, sizeof(*c));

	assert(kind != COMPRESSION_NONE);
	c->kind = kind;
	c->engine = engine;
	if (kind == COMPRESSION_GZIP)
		c->deflate = engine->deflate_new();
	if (kind == COMPRESSION_ZSTD) {
		c->zstd = ZSTD_createCCtx();
		ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
		ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_contentSizeFlag, 1);
		ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 0);
	}
	return c;
}

void chunk_compressor_free(struct chunk_compressor *c)
{
	if (!c)
		return;
	if (c->deflate)
		c->engine->deflate_free(c->deflate);
	ZSTD_freeCCtx(c->zstd);
	free(c);
}

size_t chunk_bound(size_t len)
{
	/* Stored deflate blocks cost 5 bytes per 16 KiB at worst; zstd's own bound is smaller. */
	return len + len / 2048 + 4096;
}

static bool compress_zstd(ZSTD_CCtx *zstd, const void *bytes, size_t len, unsigned char *out,
			  size_t *out_len, struct error *err)
{
	size_t n = ZSTD_compress2(zstd, out, chunk_bound(len), bytes, len);

	if (ZSTD_isError(n))
		return fail(err, ERROR_FAILURE, "compressing with zstd: %s", ZSTD_getErrorName(n));
	*out_len = n;
	return true;
}

static bool compress_gzip(struct chunk_compressor *c, const void *bytes, size_t len,
			  unsigned char *out, size_t *out_len, struct error *err)
{
	struct deflate_io io = {bytes, len, out, chunk_bound(len)};

	*out_len = 0;
	if (len > 0 && !c->engine->deflate_chunk(c->deflate, &io))
		return fail(err, ERROR_FAILURE, "compressing with %s failed", c->engine->name);
	*out_len = (size_t)(io.out - out);
	return true;
}

bool chunk_compress(struct chunk_compressor *c, const void *bytes, size_t len, unsigned char *out,
		    size_t *out_len, uint32_t *crc, struct error *err)
{
	*crc = 0;
	if (c->kind == COMPRESSION_ZSTD)
		return compress_zstd(c->zstd, bytes, len, out, out_len, err);
	*crc = c->engine->crc(0, bytes, len);
	return compress_gzip(c, bytes, len, out, out_len, err);
}
