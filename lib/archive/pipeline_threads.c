/* SPDX-License-Identifier: MIT
 * The pipeline's threads. Each waits for a chunk that is ready for it and works on it without the
 * mutex.
 */
#include "lib/archive/pipeline_internal.h"

#include "lib/base/memory.h"

static void stop_with(struct pipeline *p, const struct error *err)
{
	pthread_mutex_lock(&p->mutex);
	if (!p->has_failed)
		p->error = *err;
	p->has_failed = true;
	p->is_stopped = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
}

static bool is_ready(struct pipeline *p, uint64_t number, bool must_be_packed)
{
	return number < p->n_filled && (!must_be_packed || pipeline_slot(p, number)->is_packed);
}

/* Wait for the chunk whose number `n` counts. False when there is none, or when everybody stops. */
static bool wait_for_chunk(struct pipeline *p, const uint64_t *n, bool must_be_packed,
			   struct pipeline_slot **slot)
{
	pthread_mutex_lock(&p->mutex);
	while (!p->is_stopped && !is_ready(p, *n, must_be_packed) &&
	       !(p->is_complete && *n == p->n_filled))
		pthread_cond_wait(&p->changed, &p->mutex);
	bool is_there = !p->is_stopped && *n < p->n_filled;

	*slot = pipeline_slot(p, *n);
	if (is_there && n == &p->n_claimed)
		p->n_claimed++; /* several compressors: a chunk is for one of them */
	pthread_mutex_unlock(&p->mutex);
	return is_there;
}

static void count(struct pipeline *p, uint64_t *n)
{
	pthread_mutex_lock(&p->mutex);
	(*n)++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
}

void *pipeline_hash(void *pipeline)
{
	struct pipeline *p = pipeline;
	auto_sha256 struct sha256 *hash = sha256_new();
	struct pipeline_slot *slot;

	while (wait_for_chunk(p, &p->n_hashed, false, &slot)) {
		sha256_update(hash, slot->plain, slot->plain_len);
		count(p, &p->n_hashed);
	}
	sha256_finish(hash, p->result.plain_sha256);
	return NULL;
}

void *pipeline_compress(void *pipeline)
{
	struct pipeline *p = pipeline;
	struct chunk_compressor *c = chunk_compressor_new(p->options.compression, p->engine);
	struct pipeline_slot *slot;
	struct error err;

	while (wait_for_chunk(p, &p->n_claimed, false, &slot)) {
		if (!slot->packed)
			slot->packed = xcalloc(1, chunk_bound(PIPELINE_CHUNK));
		if (!chunk_compress(c, slot->plain, slot->plain_len, slot->packed,
				    &slot->packed_len, &slot->crc, &err)) {
			stop_with(p, &err);
			break;
		}
		pthread_mutex_lock(&p->mutex);
		slot->is_packed = true;
		pthread_cond_broadcast(&p->changed);
		pthread_mutex_unlock(&p->mutex);
	}
	chunk_compressor_free(c);
	return NULL;
}

/* The writer's own state. */
struct writing {
	struct pipeline *p;
	struct sha256 *hash; /* NULL when the blob is the plain bytes */
	uint32_t crc;
	uint64_t n_plain_bytes;
};

static bool write_bytes(struct writing *w, const void *bytes, size_t len, struct error *err)
{
	const struct sink *out = &w->p->options.out;

	if (len == 0)
		return true;
	if (w->hash)
		sha256_update(w->hash, bytes, len);
	w->p->result.blob_bytes += len;
	return out->write(out->context, bytes, len, err);
}

static bool write_chunk(struct writing *w, const struct pipeline_slot *slot, struct error *err)
{
	if (!w->hash)
		return write_bytes(w, slot->plain, slot->plain_len, err);
	w->crc = gzip_crc_combine(w->crc, slot->crc, slot->plain_len);
	w->n_plain_bytes += slot->plain_len;
	return write_bytes(w, slot->packed, slot->packed_len, err);
}

static bool write_chunks(struct writing *w, struct error *err)
{
	struct pipeline *p = w->p;
	struct pipeline_slot *slot;

	while (wait_for_chunk(p, &p->n_written, w->hash, &slot)) {
		if (!write_chunk(w, slot, err))
			return false;
		count(p, &p->n_written);
	}
	return true;
}

static bool write_blob(struct writing *w, struct error *err)
{
	bool is_gzip = w->p->options.compression == COMPRESSION_GZIP;
	unsigned char trailer[GZIP_TRAILER_SIZE];

	if (is_gzip && !write_bytes(w, gzip_header, sizeof(gzip_header), err))
		return false;
	if (!write_chunks(w, err))
		return false;
	gzip_trailer(w->crc, w->n_plain_bytes, trailer);
	return !is_gzip || write_bytes(w, trailer, sizeof(trailer), err);
}

void *pipeline_write(void *pipeline)
{
	struct pipeline *p = pipeline;
	bool is_plain = p->options.compression == COMPRESSION_NONE;
	auto_sha256 struct sha256 *hash = is_plain ? NULL : sha256_new();
	struct writing w = {.p = p, .hash = hash};
	struct error err;

	if (!write_blob(&w, &err))
		stop_with(p, &err);
	if (hash)
		sha256_finish(hash, p->result.blob_sha256);
	return NULL;
}
