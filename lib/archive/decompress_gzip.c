/* SPDX-License-Identifier: MIT
 * gzip members one after the other; what follows them is ignored, as gzip(1) does, but still read,
 * so that a digest of the input covers it.
 */
#include "lib/archive/compress_internal.h"
#include "lib/archive/decompress_internal.h"

#include "lib/base/memory.h"

#include <string.h>

/* ISA-L 2.30 loses its way in a header with extra fields that comes in pieces: wait for this much
 * at the start of a member. */
enum { HEADER_WAIT = 80 << 10 };

struct gunzip {
	const struct gzip_engine *engine;
	void *state;
	bool is_inside; /* a member */
	bool is_ended;
};

struct gunzip *gunzip_new(const struct gzip_engine *engine)
{
	struct gunzip *g = xcalloc(1, sizeof(*g));

	g->engine = engine;
	g->state = engine->inflate_new();
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	g->engine->inflate_free(g->state);
	free(g);
}

/* True with is_inside or is_ended set. */
static bool start_member(struct gunzip *g, struct input *in, struct error *err)
{
	if (!input_fill(in, HEADER_WAIT, err))
		return false;
	if (in->len - in->pos < 2 || memcmp(in->bytes + in->pos, gzip_header, 2) != 0) {
		g->is_ended = true;
		return input_drain(in, err);
	}
	g->engine->inflate_restart(g->state);
	g->is_inside = true;
	return true;
}

static bool inflate_some(struct gunzip *g, struct input *in, struct deflate_io *io,
			 struct error *err)
{
	size_t size = io->out_size;

	if (!input_fill(in, 1, err))
		return false;
	io->in = in->bytes + in->pos;
	io->in_len = in->len - in->pos;
	bool had_input = io->in_len > 0;
	int status = g->engine->inflate(g->state, io);

	if (status < 0)
		return fail(err, ERROR_BUILD, "damaged gzip data");
	if (status == 0 && io->out_size == size && !had_input)
		return fail(err, ERROR_BUILD, "the gzip data ends too early");
	in->pos = in->len - io->in_len;
	g->is_inside = status == 0;
	return true;
}

bool gunzip_read(struct gunzip *g, struct input *in, void *bytes, size_t size, size_t *got,
		 struct error *err)
{
	struct deflate_io io = {.out = bytes, .out_size = size};

	while (io.out_size == size && !g->is_ended)
		if (!(g->is_inside ? inflate_some(g, in, &io, err) : start_member(g, in, err)))
			return false;
	*got = size - io.out_size;
	return true;
}
