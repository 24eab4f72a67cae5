/* SPDX-License-Identifier: MIT
 * Contents are read by a few threads, each file whole by one of them. What is hashed must be what
 * was looked at: a file that is replaced, grows or shrinks meanwhile is an error.
 */
#include "lib/build/context_internal.h"

#include "lib/base/inside.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/build/key.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum {
	BUFFER_SIZE = 1 << 18,
	THREADS_LIMIT = 4,
	FILES_FOR_THREADS = 16,      /* fewer files and ... */
	BYTES_FOR_THREADS = 1 << 20, /* ... less content are not worth starting any */
};

struct hash_job {
	struct context *c;
	struct node **nodes;
	struct context_entry *entries;
	const size_t *todo; /* indexes of the above */
	size_t n;
	size_t next; /* taken by atomic increment */
	bool has_failed;
	pthread_mutex_t lock; /* of err */
	struct error *err;
};

struct hash_worker {
	struct hash_job *job;
	struct sha256 *h;
	unsigned char *buffer;
	pthread_t thread;
};

static bool changed(const struct context_entry *e, struct error *err)
{
	fail(err, ERROR_BUILD, "'%s' changed while it was read", e->source);
	return fail_hint(err, "run the build again when nothing writes to it");
}

bool context_open_entry(int root_fd, const struct context_entry *e, int *fd, struct error *err)
{
	auto_fd int opened =
		beneath_open(root_fd, e->source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (opened < 0 && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR))
		return changed(e, err);
	if (opened < 0 || fstat(opened, &st) < 0) {
		fail_errno(err, "reading '%s' in the context", e->source);
		err->code = ERROR_BUILD;
		return fail_hint(err, "make it readable, or leave it out in .chutesignore");
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != e->size)
		return changed(e, err);
	*fd = opened;
	opened = -1;
	return true;
}

static bool hash_file(struct hash_worker *w, const struct context_entry *e,
		      unsigned char out[SHA256_BYTES], struct error *err)
{
	auto_fd int fd = -1;
	uint64_t n_bytes = 0;
	ssize_t got;

	if (!context_open_entry(w->job->c->root_fd, e, &fd, err))
		return false;
	if (e->size > BUFFER_SIZE)
		posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (n_bytes <= e->size && (got = read(fd, w->buffer, BUFFER_SIZE)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail_errno(err, "reading '%s' in the context", e->source);
			err->code = ERROR_BUILD;
			return false;
		}
		sha256_update(w->h, w->buffer, (size_t)got);
		n_bytes += (uint64_t)got;
		if (!interrupt_check(err))
			return false;
	}
	sha256_finish(w->h, out);
	return n_bytes == e->size || changed(e, err);
}

static void *work(void *arg)
{
	struct hash_worker *w = arg;
	struct hash_job *job = w->job;
	struct error err;
	size_t i;

	while ((i = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED)) < job->n) {
		struct node *node = job->nodes[job->todo[i]];

		if (__atomic_load_n(&job->has_failed, __ATOMIC_RELAXED))
			break;
		if (hash_file(w, &job->entries[job->todo[i]], node->sha256, &err)) {
			node->has_digest = true;
			continue;
		}
		pthread_mutex_lock(&job->lock);
		if (!job->has_failed)
			*job->err = err;
		__atomic_store_n(&job->has_failed, true, __ATOMIC_RELAXED);
		pthread_mutex_unlock(&job->lock);
	}
	return NULL;
}

static size_t threads_for(size_t n_files, uint64_t n_bytes)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (cores < 2 || (n_files < FILES_FOR_THREADS && n_bytes < BYTES_FOR_THREADS))
		return 1;
	return cores < THREADS_LIMIT ? (size_t)cores : THREADS_LIMIT;
}

static bool run_job(struct hash_job *job, uint64_t n_bytes)
{
	struct hash_worker workers[THREADS_LIMIT];
	size_t n = threads_for(job->n, n_bytes);
	size_t n_started = 1;

	for (size_t i = 0; i < n; i++)
		workers[i] = (struct hash_worker){
			.job = job, .h = sha256_new(), .buffer = xcalloc(1, BUFFER_SIZE)};
	/* this thread is the first worker; any others help as far as they can be had */
	while (n_started < n &&
	       pthread_create(&workers[n_started].thread, NULL, work, &workers[n_started]) == 0)
		n_started++;
	work(&workers[0]);
	for (size_t i = 1; i < n_started; i++)
		pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < n; i++) {
		sha256_free(workers[i].h);
		free(workers[i].buffer);
	}
	return !job->has_failed;
}

bool context_hash_files(struct context *c, struct node **nodes, struct context_entry *entries,
			size_t n, struct error *err)
{
	auto_free size_t *todo = xcalloc(n ? n : 1, sizeof(*todo));
	struct hash_job job = {.c = c,
			       .nodes = nodes,
			       .entries = entries,
			       .todo = todo,
			       .lock = PTHREAD_MUTEX_INITIALIZER,
			       .err = err};
	uint64_t n_bytes = 0;

	for (size_t i = 0; i < n; i++) {
		if (entries[i].type != 'f' || nodes[i]->has_digest || nodes[i]->is_queued)
			continue;
		nodes[i]->is_queued = true;
		todo[job.n++] = i;
		n_bytes += entries[i].size;
	}
	bool is_done = job.n == 0 || run_job(&job, n_bytes);

	for (size_t i = 0; i < job.n; i++)
		nodes[todo[i]]->is_queued = false;
	if (!is_done)
		return false;
	if (job.n > 0)
		c->is_changed = true;
	for (size_t i = 0; i < n; i++)
		if (entries[i].type == 'f')
			memcpy(entries[i].sha256, nodes[i]->sha256, SHA256_BYTES);
	return true;
}

/* The fields of everything would take 200 bytes a file: they are hashed as they come. */
struct fields {
	struct key key;
	struct sha256 *h;
};

static void flush_fields(struct fields *f)
{
	if (!f->h)
		f->h = sha256_new();
	sha256_update(f->h, f->key.fields.bytes, f->key.fields.len);
	text_clear(&f->key.fields);
}

static void add_entry(struct fields *f, const struct context_entry *e)
{
	char type_and_mode[] = {e->type, (char)('0' + (e->mode >> 6 & 7)),
				(char)('0' + (e->mode >> 3 & 7)), (char)('0' + (e->mode & 7)),
				'\0'};

	key_text(&f->key, "path", e->path);
	key_text(&f->key, "mode", type_and_mode);
	key_text(&f->key, "target", e->target);
	key_bytes(&f->key, "content", e->sha256, e->type == 'f' ? SHA256_BYTES : 0);
	if (f->key.fields.len > BUFFER_SIZE)
		flush_fields(f);
}

void context_hash_selection(struct selection *s)
{
	struct fields f = {0};
	unsigned char hash[SHA256_BYTES];

	key_begin(&f.key, "content");
	for (size_t i = 0; i < s->n_matches; i++) {
		const struct context_match *m = &s->matches[i];

		key_number(&f.key, "match", (int64_t)m->n);
		for (size_t k = 0; k < m->n; k++)
			add_entry(&f, &s->entries[m->first + k]);
	}
	if (f.h) {
		flush_fields(&f);
		sha256_finish(f.h, hash);
		sha256_hex(hash, s->sha256);
	} else {
		key_hex(&f.key, s->sha256);
	}
	sha256_free(f.h);
	key_release(&f.key);
}
