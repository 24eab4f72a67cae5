/* SPDX-License-Identifier: MIT
 * Threads, each with the buffers of one request. A connection is handed to the thread that became
 * idle last, whose caches and memory are warm; those that are never reached end. New ones start
 * when none is idle: at once as long as few are at work, else when a connection has waited for a
 * moment, since most requests are over by then.
 */
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/serve/serve_internal.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

enum {
	STACK_BYTES = 256 * 1024,
	UNUSED_S = 60,
	EAGER_THREADS = 16, /* at work: until then more start without waiting */
	EAGER_WAIT_MS = 1,
};

struct worker *worker_new(struct server *s)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	pthread_condattr_t attributes;

	w->server = s;
	w->fd = -1;
	w->given = NO_CONNECTION;
	/* not zeroed: pages that are not needed are never touched */
	w->in = xrealloc(NULL, INPUT_BYTES);
	w->request.path = xrealloc(NULL, HTTP1_TARGET_LIMIT + 1);
	w->request.path[0] = '\0';
	w->request.worker = w;
	w->request.server = s;
	w->request.method = w->request.target = "";
	reply_init(&w->reply, &w->request);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	return w;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	pthread_cond_destroy(&w->wake);
	reply_release(&w->reply);
	arena_release(&w->arena);
	free(w->request.path);
	free(w->in);
	free(w);
}

bool threads_may_linger(const struct server *s)
{
	return atomic_load_explicit(&s->n_queued, memory_order_relaxed) == 0 &&
	       (atomic_load_explicit(&s->n_idle, memory_order_relaxed) > 0 ||
		atomic_load_explicit(&s->n_threads, memory_order_relaxed) <
			s->options.threads_max) &&
	       !atomic_load_explicit(&s->is_stopping, memory_order_relaxed);
}

static void leave_idle(struct server *s, const struct worker *w)
{
	struct worker **at = &s->idle;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	s->n_idle--;
}

/* The next connection for this thread; NULL: the thread is to end. Under the lock. */
static struct connection *next_connection(struct server *s, struct worker *w)
{
	struct connection *c = queue_pop(s);
	struct timespec until;

	if (c)
		return c;
	if (s->is_ending)
		return NULL;
	w->next = s->idle;
	s->idle = w;
	s->n_idle++;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += UNUSED_S;
	while (w->given == NO_CONNECTION && !s->is_ending)
		if (pthread_cond_timedwait(&w->wake, &s->lock, &until) == ETIMEDOUT)
			break;
	if (w->given == NO_CONNECTION) {
		leave_idle(s, w);
		return NULL;
	}
	c = &s->connections[w->given];
	w->given = NO_CONNECTION;
	return c;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct server *s = w->server;
	const struct sched_param none = {0};

	/* Woken, it does not preempt who runs: handlers share the cores with what they call. A
	 * hint; where it is refused, all works as well. */
	sched_setscheduler(0, SCHED_BATCH, &none);
	pthread_mutex_lock(&s->lock);
	struct connection *c = &s->connections[w->given];

	w->given = NO_CONNECTION;
	while (c) {
		c->state = CONNECTION_ACTIVE;
		pthread_mutex_unlock(&s->lock);
		connection_serve(w, c);
		pthread_mutex_lock(&s->lock);
		c = next_connection(s, w);
	}
	w->next = s->ended;
	s->ended = w;
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static bool start_thread(struct server *s, uint32_t slot)
{
	struct worker *w = worker_new(s);
	pthread_attr_t attributes;
	sigset_t all, before;

	w->given = slot;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* signals are for the thread of server_run() and whoever waits for them */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool done = pthread_create(&w->thread, &attributes, work, w) == 0;

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (done)
		s->n_threads++;
	else
		worker_free(w);
	return done;
}

static bool may_start_thread(const struct server *s, uint64_t now_ms)
{
	unsigned n_threads = s->n_threads;
	unsigned n_lingering = s->n_lingering;

	return n_threads < s->options.threads_max &&
	       (n_threads < n_lingering + EAGER_THREADS ||
		now_ms - s->connections[s->queue_first].deadline_ms >= EAGER_WAIT_MS);
}

void threads_dispatch(struct server *s, uint64_t now_ms)
{
	while (s->idle && s->queue_first != NO_CONNECTION) {
		struct worker *w = s->idle;

		s->idle = w->next;
		s->n_idle--;
		w->given = slot_index(s, queue_pop(s));
		pthread_cond_signal(&w->wake);
	}
	while (s->queue_first != NO_CONNECTION && may_start_thread(s, now_ms)) {
		uint32_t first = s->queue_first;

		if (!start_thread(s, first))
			return;
		struct connection *taken maybe_unused = queue_pop(s);

		assert(slot_index(s, taken) == first);
	}
}

unsigned threads_reap(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	struct worker *w = take(s->ended);

	pthread_mutex_unlock(&s->lock);
	while (w) {
		struct worker *next = w->next;

		pthread_join(w->thread, NULL);
		worker_free(w);
		s->n_threads--;
		w = next;
	}
	return s->n_threads;
}

void threads_end(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_ending = true;
	for (struct worker *w = s->idle; w; w = w->next)
		pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&s->lock);
}
