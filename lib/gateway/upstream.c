/* SPDX-License-Identifier: MIT
 * The pool of connections to the chute's web server. The last one used is the first to be used
 * again, so that those of a burst grow old and go.
 */
#include "lib/gateway/gateway_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

struct upstream {
	bool (*connect)(void *context, int *fd, struct error *err);
	void *context;
	pthread_mutex_t lock;
	unsigned generation;               /* of the web server: another one after drop_idle */
	struct upstream_connection **idle; /* oldest first */
	size_t n_idle;
	size_t capacity;
};

bool upstream_new(struct upstream **out, bool (*connect)(void *context, int *fd, struct error *err),
		  void *context, struct error *err)
{
	struct upstream *u = xcalloc(1, sizeof(*u));
	int number = pthread_mutex_init(&u->lock, NULL);

	if (number != 0) {
		free(u);
		errno = number;
		return fail_errno(err, "making a lock");
	}
	u->connect = connect;
	u->context = context;
	*out = u;
	return true;
}

void upstream_free(struct upstream *u)
{
	if (!u)
		return;
	upstream_drop_idle(u);
	pthread_mutex_destroy(&u->lock);
	free(u->idle);
	free(u);
}

void upstream_close(struct upstream_connection *c)
{
	if (!c)
		return;
	fd_close(&c->fd);
	text_release(&c->head);
	free(c->in);
	free(c);
}

/* The lock is held. */
static void close_oldest(struct upstream *u, size_t n)
{
	for (size_t i = 0; i < n; i++)
		upstream_close(u->idle[i]);
	u->n_idle -= n;
	if (n > 0 && u->n_idle > 0)
		memmove(u->idle, u->idle + n, u->n_idle * sizeof(struct upstream_connection *));
}

/* The lock is held. */
static void close_too_old(struct upstream *u, uint64_t now_ms)
{
	size_t n = 0;

	while (n < u->n_idle && now_ms - u->idle[n]->idle_since_ms >= UPSTREAM_IDLE_MS)
		n++;
	close_oldest(u, n);
}

void upstream_drop_idle(struct upstream *u)
{
	pthread_mutex_lock(&u->lock);
	u->generation++;
	close_oldest(u, u->n_idle);
	pthread_mutex_unlock(&u->lock);
}

/* Nothing to read and no end: only then the next answer will be that to the next request. */
static bool is_silent(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static struct upstream_connection *take_idle(struct upstream *u)
{
	for (;;) {
		struct upstream_connection *c = NULL;

		pthread_mutex_lock(&u->lock);
		uint64_t now_ms = clock_ms();
		close_too_old(u, now_ms);
		if (u->n_idle > 0)
			c = u->idle[--u->n_idle];
		pthread_mutex_unlock(&u->lock);
		if (!c || now_ms - c->idle_since_ms < UPSTREAM_TRUST_MS || is_silent(c->fd))
			return c;
		upstream_close(c);
	}
}

static bool prepare_socket(int fd, struct error *err)
{
	const struct timeval pause = {.tv_usec = UPSTREAM_PAUSE_MS * 1000L};
	const int yes = 1;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_NONBLOCK && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof(pause)) < 0)
		return fail_errno(err, "preparing a connection");
	/* refused by a unix socket, which needs none */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return true;
}

static bool open_new(struct upstream *u, int *out, struct error *err)
{
	auto_fd int fd = -1;

	if (!u->connect(u->context, &fd, err) || !prepare_socket(fd, err)) {
		fail_in(err, "connecting to the chute");
		err->code = ERROR_NETWORK;
		return false;
	}
	*out = fd_take(&fd);
	return true;
}

bool upstream_open(struct upstream *u, bool is_new, struct upstream_connection **out,
		   struct error *err)
{
	struct upstream_connection *c = is_new ? NULL : take_idle(u);

	if (c) {
		c->is_reused = true;
		*out = c;
		return true;
	}
	pthread_mutex_lock(&u->lock);
	unsigned generation = u->generation;
	pthread_mutex_unlock(&u->lock);
	int fd;
	if (!open_new(u, &fd, err))
		return false;
	c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	c->generation = generation;
	c->in = xrealloc(NULL, UPSTREAM_BUFFER_BYTES); /* not zeroed */
	*out = c;
	return true;
}

void upstream_keep(struct upstream *u, struct upstream_connection *c)
{
	pthread_mutex_lock(&u->lock);
	c->idle_since_ms = clock_ms();
	close_too_old(u, c->idle_since_ms);
	bool is_kept = c->generation == u->generation;
	if (is_kept) {
		u->idle = list_grow(u->idle, u->n_idle, &u->capacity,
				    sizeof(struct upstream_connection *));
		u->idle[u->n_idle++] = c;
	}
	pthread_mutex_unlock(&u->lock);
	if (!is_kept)
		upstream_close(c);
}
