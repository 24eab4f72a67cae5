/* SPDX-License-Identifier: MIT
 * The pipeline's state, shared by the caller's side and the threads.
 */
#ifndef CHUTES_ARCHIVE_PIPELINE_INTERNAL_H
#define CHUTES_ARCHIVE_PIPELINE_INTERNAL_H

#include "lib/archive/archive.h"
#include "lib/archive/compress_internal.h"

#include <pthread.h>

/* Part of the format: another size gives other blobs. */
enum { PIPELINE_CHUNK = 2 << 20 };

/* A chunk has a number, counted from 0, and lies in slot number % n_slots. Its bytes belong to
 * whoever the counters of struct pipeline say, and are touched without the mutex. */
struct pipeline_slot {
	unsigned char *plain; /* PIPELINE_CHUNK bytes, allocated when first filled */
	size_t plain_len;
	unsigned char *packed; /* chunk_bound(PIPELINE_CHUNK) bytes, likewise */
	size_t packed_len;
	uint32_t crc;
	bool is_packed;
};

struct pipeline {
	struct pipeline_options options;
	const struct gzip_engine *engine;
	unsigned n_compressors;
	pthread_t *threads;
	unsigned n_threads; /* that run */
	struct pipeline_slot *slots;
	size_t n_slots;

	/* The caller's thread. */
	size_t fill; /* bytes in the chunk that is being filled */
	uint64_t n_plain_bytes;

	pthread_mutex_t mutex; /* guards the rest, and is_packed of the slots */
	pthread_cond_t changed;
	uint64_t n_filled;  /* chunks handed over */
	uint64_t n_hashed;  /* of them, by the hasher */
	uint64_t n_claimed; /* taken by a compressor */
	uint64_t n_written; /* by the writer; their slots are free again */
	bool is_complete;   /* nothing more will be filled */
	bool is_stopped;    /* everybody go home */
	bool has_failed;
	struct error error; /* the first one */
	struct pipeline_result result;
};

static inline struct pipeline_slot *pipeline_slot(struct pipeline *p, uint64_t number)
{
	return &p->slots[number % p->n_slots];
}

/* The threads: `pipeline` is a struct pipeline. */
void *pipeline_hash(void *pipeline);
void *pipeline_compress(void *pipeline);
void *pipeline_write(void *pipeline);

#endif
