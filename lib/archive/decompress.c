/* SPDX-License-Identifier: MIT
 * Plain bytes of a stream whose compression is recognised by its first bytes, with a bound against
 * streams that are small only until they are unpacked.
 */
#include "lib/archive/archive.h"
#include "lib/archive/compress_internal.h"
#include "lib/archive/decompress_internal.h"

#include "lib/base/memory.h"

#include <inttypes.h>
#include <string.h>

enum { INPUT_SIZE = 256 << 10, MAGIC_MAX = 10 };

struct decompressor {
	struct input in;
	struct decompress_options options;
	enum compression kind;
	bool is_known;
	struct gunzip *gunzip;
	struct unzstd *unzstd;
	uint64_t n_plain;
};

bool input_fill(struct input *in, size_t n, struct error *err)
{
	if (in->len - in->pos >= n || in->is_ended)
		return true;
	memmove(in->bytes, in->bytes + in->pos, in->len - in->pos);
	in->len -= in->pos;
	in->pos = 0;
	while (in->len < n && !in->is_ended) {
		size_t got;

		if (!in->in.read(in->in.context, in->bytes + in->len, INPUT_SIZE - in->len, &got,
				 err))
			return false;
		in->len += got;
		in->n_bytes += got;
		in->is_ended = got == 0;
	}
	return true;
}

bool input_drain(struct input *in, struct error *err)
{
	while (!in->is_ended) {
		in->pos = in->len;
		if (!input_fill(in, 1, err))
			return false;
	}
	in->pos = in->len;
	return true;
}

static bool starts_with(const struct input *in, const void *magic, size_t len)
{
	return in->len - in->pos >= len && memcmp(in->bytes + in->pos, magic, len) == 0;
}

static bool is_zstd(const struct input *in)
{
	const unsigned char *b = in->bytes + in->pos;

	/* a frame, or a skippable frame (RFC 8878, 3.1) */
	return starts_with(in, "\x28\xb5\x2f\xfd", 4) ||
	       (in->len - in->pos >= 4 && (b[0] & 0xf0) == 0x50 &&
		memcmp(b + 1, "\x2a\x4d\x18", 3) == 0);
}

static bool recognise(struct decompressor *d, struct error *err)
{
	const struct input *in = &d->in;

	if (!input_fill(&d->in, MAGIC_MAX, err))
		return false;
	if (starts_with(in, "\x1f\x8b", 2)) {
		d->kind = COMPRESSION_GZIP;
		d->gunzip = gunzip_new(d->options.engine ? d->options.engine : gzip_engine_best());
	} else if (is_zstd(in)) {
		d->kind = COMPRESSION_ZSTD;
		d->unzstd = unzstd_new();
	} else if (starts_with(in,
			       "\xfd"
			       "7zXZ",
			       6)) {
		return fail(err, ERROR_BUILD, "compression 'xz' is not supported");
	} else if (starts_with(in, "BZh", 3) && memcmp(in->bytes + in->pos + 4, "1AY&SY", 6) == 0) {
		return fail(err, ERROR_BUILD, "compression 'bzip2' is not supported");
	}
	d->is_known = true;
	return true;
}

static bool read_none(struct input *in, void *bytes, size_t size, size_t *got, struct error *err)
{
	if (!input_fill(in, 1, err))
		return false;
	size_t n = in->len - in->pos < size ? in->len - in->pos : size;

	memcpy(bytes, in->bytes + in->pos, n);
	in->pos += n;
	*got = n;
	return true;
}

static bool read_plain(struct decompressor *d, void *bytes, size_t size, size_t *got,
		       struct error *err)
{
	if (d->kind == COMPRESSION_GZIP)
		return gunzip_read(d->gunzip, &d->in, bytes, size, got, err);
	if (d->kind == COMPRESSION_ZSTD)
		return unzstd_read(d->unzstd, &d->in, bytes, size, got, err);
	return read_none(&d->in, bytes, size, got, err);
}

static bool decompress_read(void *context, void *bytes, size_t size, size_t *got, struct error *err)
{
	struct decompressor *d = context;
	size_t n = 0;

	if (!d->is_known && !recognise(d, err))
		return false;
	if (!read_plain(d, bytes, size, &n, err))
		return false;
	d->n_plain += n;
	if (d->n_plain > d->options.free_bytes && d->n_plain > d->options.ratio * d->in.n_bytes)
		return fail(err, ERROR_BUILD,
			    "unpacks to more than %" PRIu64 " times its size after %" PRIu64
			    " bytes",
			    d->options.ratio, d->in.n_bytes);
	*got = n;
	return true;
}

bool decompress_open_with(struct source in, const struct decompress_options *o,
			  struct decompressor **out, maybe_unused struct error *err)
{
	struct decompressor *d = xcalloc(1, sizeof(*d));

	d->in.in = in;
	d->in.bytes = xcalloc(1, INPUT_SIZE);
	d->options = *o;
	*out = d;
	return true;
}

bool decompress_open(struct source in, struct decompressor **out, struct error *err)
{
	const struct decompress_options options = {.free_bytes = 1 << 30, .ratio = 1000};

	return decompress_open_with(in, &options, out, err);
}

struct source decompress_source(struct decompressor *d)
{
	return (struct source){decompress_read, d};
}

enum compression decompress_kind(const struct decompressor *d) { return d->kind; }

void decompress_free(struct decompressor *d)
{
	if (!d)
		return;
	gunzip_free(d->gunzip);
	unzstd_free(d->unzstd);
	free(d->in.bytes);
	free(d);
}
