/* SPDX-License-Identifier: MIT
 * Deflate by ISA-L: gzip at the speed of zstd. It exists for x86-64 and arm64 and has no static
 * archive, so it is opened when first needed. Built without its headers, there is zlib alone.
 *
 * Its output is the same on every x86-64 CPU with SSE4.2, that is since 2008 (compared:
 * AVX-512, and emulated Haswell, Westmere, Nehalem); the plain C code for older ones gives other
 * bytes.
 */
#include "lib/archive/compress_internal.h"

#if __has_include(<isa-l.h>)
#include "lib/base/library.h"
#include "lib/base/memory.h"

#include <isa-l.h>
#include <pthread.h>

static struct {
	__typeof__(isal_deflate_stateless_init) *deflate_init;
	__typeof__(isal_deflate_stateless) *deflate;
	__typeof__(isal_inflate_init) *inflate_init;
	__typeof__(isal_inflate_reset) *inflate_reset;
	__typeof__(isal_inflate) *inflate;
	__typeof__(crc32_gzip_refl) *crc;
} isal;

static const struct library_function isal_functions[] = {
	{"isal_deflate_stateless_init", &isal.deflate_init},
	{"isal_deflate_stateless", &isal.deflate},
	{"isal_inflate_init", &isal.inflate_init},
	{"isal_inflate_reset", &isal.inflate_reset},
	{"isal_inflate", &isal.inflate},
	{"crc32_gzip_refl", &isal.crc},
};

static bool is_open;

static void open_isal(void)
{
	is_open = library_open("libisal.so.2", isal_functions, array_len(isal_functions));
}

/* Input that is never written, but whose pointer lacks const in the library. */
static uint8_t *without_const(const unsigned char *bytes)
{
	union {
		const unsigned char *from;
		uint8_t *to;
	} pointer = {bytes};

	return pointer.to;
}

struct deflate_state {
	struct isal_zstream stream;
	unsigned char level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

static void *deflate_new(void) { return xcalloc(1, sizeof(struct deflate_state)); }

static bool deflate_chunk(void *state, struct deflate_io *io)
{
	struct deflate_state *s = state;

	isal.deflate_init(&s->stream);
	s->stream.level = 1;
	s->stream.level_buf = s->level_buffer;
	s->stream.level_buf_size = sizeof(s->level_buffer);
	s->stream.flush = FULL_FLUSH;
	s->stream.end_of_stream = 0;
	s->stream.next_in = without_const(io->in);
	s->stream.avail_in = (uint32_t)io->in_len;
	s->stream.next_out = io->out;
	s->stream.avail_out = (uint32_t)io->out_size;
	if (isal.deflate(&s->stream) != COMP_OK || s->stream.avail_in > 0)
		return false;
	io->out = s->stream.next_out;
	return true;
}

static uint32_t crc(uint32_t start, const void *bytes, size_t len)
{
	return isal.crc(start, bytes, len);
}

static void inflate_restart(void *state)
{
	struct inflate_state *s = state;

	isal.inflate_reset(s);
	s->crc_flag = ISAL_GZIP;
}

static void *inflate_new(void)
{
	struct inflate_state *s = xcalloc(1, sizeof(*s));

	isal.inflate_init(s);
	s->crc_flag = ISAL_GZIP;
	return s;
}

static int inflate_step(void *state, struct deflate_io *io)
{
	struct inflate_state *s = state;

	s->next_in = without_const(io->in);
	s->avail_in = (uint32_t)io->in_len;
	s->next_out = io->out;
	s->avail_out = (uint32_t)io->out_size;
	int status = isal.inflate(s);

	io->in = s->next_in;
	io->in_len = s->avail_in;
	io->out = s->next_out;
	io->out_size = s->avail_out;
	if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT)
		return -1;
	return s->block_state == ISAL_BLOCK_FINISH;
}

const struct gzip_engine *gzip_engine_isal(void)
{
	static const struct gzip_engine engine = {"isal",        deflate_new,  free,
						  deflate_chunk, crc,          inflate_new,
						  free,          inflate_step, inflate_restart};
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, open_isal);
	return is_open ? &engine : NULL;
}
#else
const struct gzip_engine *gzip_engine_isal(void) { return NULL; }
#endif
