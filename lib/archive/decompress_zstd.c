/* SPDX-License-Identifier: MIT
 * zstd frames one after the other, skippable frames among them (RFC 8878).
 */
#include "lib/archive/decompress_internal.h"

#include "lib/base/memory.h"

#include <zstd.h>

enum { WINDOW_LOG_MAX = 27 }; /* 128 MiB: what `zstd -d` takes without --long */

struct unzstd {
	ZSTD_DCtx *context;
	bool is_inside; /* a frame has begun and not ended */
};

struct unzstd *unzstd_new(void)
{
	struct unzstd *z = xcalloc(1, sizeof(*z));

	z->context = ZSTD_createDCtx();
	ZSTD_DCtx_setParameter(z->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	return z;
}

void unzstd_free(struct unzstd *z)
{
	if (!z)
		return;
	ZSTD_freeDCtx(z->context);
	free(z);
}

bool unzstd_read(struct unzstd *z, struct input *in, void *bytes, size_t size, size_t *got,
		 struct error *err)
{
	ZSTD_outBuffer out = {bytes, size, 0};

	while (out.pos == 0) {
		if (!input_fill(in, 1, err))
			return false;
		ZSTD_inBuffer zin = {in->bytes + in->pos, in->len - in->pos, 0};

		if (zin.size == 0 && !z->is_inside)
			break;
		size_t status = ZSTD_decompressStream(z->context, &out, &zin);

		if (ZSTD_isError(status))
			return fail(err, ERROR_BUILD, "damaged zstd data: %s",
				    ZSTD_getErrorName(status));
		if (zin.size == 0 && out.pos == 0)
			return fail(err, ERROR_BUILD, "the zstd data ends too early");
		in->pos += zin.pos;
		z->is_inside = status != 0;
	}
	*got = out.pos;
	return true;
}
