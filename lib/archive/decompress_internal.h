/* SPDX-License-Identifier: MIT
 * Between the decompressor and its two formats.
 */
#ifndef CHUTES_ARCHIVE_DECOMPRESS_INTERNAL_H
#define CHUTES_ARCHIVE_DECOMPRESS_INTERNAL_H

#include "lib/archive/archive.h"

struct gzip_engine;

/* A source with what was read of it and not used yet. */
struct input {
	struct source in;
	unsigned char *bytes;
	size_t pos, len;
	uint64_t n_bytes; /* read so far */
	bool is_ended;
};
/* Have at least `n` unused bytes (at most 256 KiB), fewer only at the end. */
must_use bool input_fill(struct input *in, size_t n, struct error *err);
/* Read and forget the rest. */
must_use bool input_drain(struct input *in, struct error *err);

struct gunzip;
must_use struct gunzip *gunzip_new(const struct gzip_engine *engine);
void gunzip_free(struct gunzip *g);
must_use bool gunzip_read(struct gunzip *g, struct input *in, void *bytes, size_t size, size_t *got,
			  struct error *err);

struct unzstd;
must_use struct unzstd *unzstd_new(void);
void unzstd_free(struct unzstd *z);
must_use bool unzstd_read(struct unzstd *z, struct input *in, void *bytes, size_t size, size_t *got,
			  struct error *err);

/* decompress_open() with its bound and library in the open: plain bytes beyond `free_bytes` must
 * stay within `ratio` times the compressed ones. */
struct decompress_options {
	uint64_t free_bytes;
	uint64_t ratio;
	const struct gzip_engine *engine;
};
must_use bool decompress_open_with(struct source in, const struct decompress_options *o,
				   struct decompressor **out, struct error *err);

#endif
