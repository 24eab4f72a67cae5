/* SPDX-License-Identifier: MIT
 * Tar bytes in, a compressed blob and both digests out, on several threads:
 *
 *   caller -> ring of 2 MiB chunks -+-> hasher (digest of the plain bytes)
 *                                   +-> compressors (each chunk alone) -> writer (digest, sink)
 *
 * Chunks have a fixed size and are compressed alone, so that the output depends on the bytes and
 * not on the number of threads or on timing. A chunk is handed over whole under one mutex; at this
 * size a lock is taken some hundred times a second. Most layers are smaller than a chunk: threads
 * are started when the first one is full, and else the caller does all the work at the end.
 */
#include "lib/archive/pipeline_internal.h"

#include "lib/base/memory.h"

#include <string.h>
#include <unistd.h>

enum { COMPRESSORS_MAX = 16 };

/* The caller's thread, hasher and writer are light; from eight cores on they get two of them. */
static unsigned default_compressors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n >= 8)
		n -= 2;
	if (n > COMPRESSORS_MAX)
		n = COMPRESSORS_MAX;
	return n > 0 ? (unsigned)n : 1;
}

static bool start_thread(struct pipeline *p, void *(*run)(void *), struct error *err)
{
	int number = pthread_create(&p->threads[p->n_threads], NULL, run, p);

	if (number != 0)
		return fail(err, ERROR_FAILURE, "starting a thread: %s", strerror(number));
	p->n_threads++;
	return true;
}

static bool start_threads(struct pipeline *p, struct error *err)
{
	if (!start_thread(p, pipeline_hash, err) || !start_thread(p, pipeline_write, err))
		return false;
	for (unsigned i = 0; i < p->n_compressors; i++)
		if (!start_thread(p, pipeline_compress, err))
			return false;
	return true;
}

/* Everything was filled and there are no threads: one after the other. */
static void work_here(struct pipeline *p)
{
	pipeline_hash(p);
	if (p->n_compressors > 0)
		pipeline_compress(p);
	pipeline_write(p);
}

struct pipeline *pipeline_new(const struct pipeline_options *o)
{
	struct pipeline *p = xcalloc(1, sizeof(*p));

	if (o->compression != COMPRESSION_NONE)
		p->n_compressors = o->n_threads ? o->n_threads : default_compressors();
	p->options = *o;
	p->engine = gzip_engine_best();
	p->n_slots = 2 * p->n_compressors + 4;
	p->slots = xcalloc(p->n_slots, sizeof(*p->slots));
	p->threads = xcalloc(2 + p->n_compressors, sizeof(*p->threads));
	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->changed, NULL);
	return p;
}

static void join_threads(struct pipeline *p)
{
	while (p->n_threads > 0)
		pthread_join(p->threads[--p->n_threads], NULL);
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->mutex);
	p->is_stopped = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
	join_threads(p);
	for (size_t i = 0; i < p->n_slots; i++) {
		free(p->slots[i].plain);
		free(p->slots[i].packed);
	}
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mutex);
	free(p->slots);
	free(p->threads);
	free(p);
}

static bool report(struct pipeline *p, struct error *err)
{
	bool has_failed;

	pthread_mutex_lock(&p->mutex);
	has_failed = p->has_failed;
	if (has_failed)
		*err = p->error;
	pthread_mutex_unlock(&p->mutex);
	return !has_failed;
}

/* Wait until the slot of the next chunk was hashed and written. */
static bool wait_for_slot(struct pipeline *p, struct error *err)
{
	pthread_mutex_lock(&p->mutex);
	while (!p->is_stopped && (p->n_filled - p->n_hashed >= p->n_slots ||
				  p->n_filled - p->n_written >= p->n_slots))
		pthread_cond_wait(&p->changed, &p->mutex);
	pthread_mutex_unlock(&p->mutex);
	return report(p, err);
}

static void hand_over(struct pipeline *p)
{
	struct pipeline_slot *slot = pipeline_slot(p, p->n_filled);

	slot->plain_len = p->fill;
	slot->is_packed = false;
	p->n_plain_bytes += p->fill;
	p->fill = 0;
	pthread_mutex_lock(&p->mutex);
	p->n_filled++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
}

static bool put(void *context, const void *bytes, size_t len, struct error *err)
{
	struct pipeline *p = context;
	const unsigned char *from = bytes;

	while (len > 0) {
		if (p->fill == 0 && !wait_for_slot(p, err))
			return false;
		struct pipeline_slot *slot = pipeline_slot(p, p->n_filled);
		size_t n = PIPELINE_CHUNK - p->fill < len ? PIPELINE_CHUNK - p->fill : len;

		if (!slot->plain)
			slot->plain = xcalloc(1, PIPELINE_CHUNK);
		memcpy(slot->plain + p->fill, from, n);
		p->fill += n;
		from += n;
		len -= n;
		if (p->fill < PIPELINE_CHUNK)
			return true;
		if (p->n_threads == 0 && !start_threads(p, err))
			return false;
		hand_over(p);
	}
	return true;
}

struct sink pipeline_sink(struct pipeline *p) { return (struct sink){put, p}; }

bool pipeline_finish(struct pipeline *p, struct pipeline_result *out, struct error *err)
{
	/* Nothing at all is one empty chunk: zstd needs a frame. */
	if (p->fill > 0 || p->n_filled == 0)
		hand_over(p);
	pthread_mutex_lock(&p->mutex);
	p->is_complete = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
	if (p->n_threads == 0)
		work_here(p);
	join_threads(p);
	if (!report(p, err))
		return false;
	*out = p->result;
	out->plain_bytes = p->n_plain_bytes;
	if (p->options.compression == COMPRESSION_NONE)
		memcpy(out->blob_sha256, out->plain_sha256, SHA256_BYTES);
	return true;
}
