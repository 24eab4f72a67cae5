/* SPDX-License-Identifier: MIT
 * A server's making, starting and ending.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/serve/serve_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	THREADS = 512,
	CONNECTIONS = 16384,
	OTHER_FILES = 512, /* that a program may want beside its connections */
	HEAD_TIMEOUT_MS = 10 * 1000,
	IDLE_TIMEOUT_MS = 75 * 1000,
	STALL_TIMEOUT_MS = 60 * 1000,
	QUEUE_TIMEOUT_MS = 5 * 1000,
	SAVED_HEADS_BYTES = 64 << 20,
};

static void set_default(unsigned *option, unsigned value)
{
	if (*option == 0)
		*option = value;
}

static unsigned connections_possible(void)
{
	struct rlimit files = {CONNECTIONS, CONNECTIONS};

	getrlimit(RLIMIT_NOFILE, &files);
	rlim_t possible = files.rlim_cur / 2 > OTHER_FILES ? files.rlim_cur - OTHER_FILES
							   : files.rlim_cur / 2;

	return possible < CONNECTIONS ? (unsigned)possible : CONNECTIONS;
}

bool server_new(struct server **out, const struct server_options *options, struct error *err)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->options = *options;
	set_default(&s->options.threads_max, THREADS);
	set_default(&s->options.connections_max, connections_possible());
	set_default(&s->options.head_timeout_ms, HEAD_TIMEOUT_MS);
	set_default(&s->options.idle_timeout_ms, IDLE_TIMEOUT_MS);
	set_default(&s->options.stall_timeout_ms, STALL_TIMEOUT_MS);
	set_default(&s->options.queue_timeout_ms, QUEUE_TIMEOUT_MS);
	if (s->options.saved_heads_max_bytes == 0)
		s->options.saved_heads_max_bytes = SAVED_HEADS_BYTES;
	pthread_mutex_init(&s->lock, NULL);
	s->first_free = s->queue_first = s->queue_last = NO_CONNECTION;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->epoll < 0 || s->stop_fd < 0) {
		fail_errno(err, "preparing a server");
		server_free(s);
		return false;
	}
	s->routes = routes_compile(options->routes, options->n_routes);
	/* untouched until they are needed */
	s->connections = xcalloc(s->options.connections_max, sizeof(*s->connections));
	s->own = worker_new(s);
	s->own->send_flags = MSG_DONTWAIT;
	*out = s;
	return true;
}

bool server_listen(struct server *s, const char *address, struct error *err)
{
	assert(s->n_listeners < LISTENERS_MAX);
	if (!serve_listener_open(&s->listeners[s->n_listeners], address,
				 s->options.stall_timeout_ms, err))
		return false;
	s->n_listeners++;
	return true;
}

const char *server_address(const struct server *s, size_t i)
{
	return i < s->n_listeners ? s->listeners[i].address : NULL;
}

void server_stop(struct server *s, unsigned drain_ms)
{
	const uint64_t one = 1;
	int saved = errno;

	s->drain_ms = drain_ms;
	s->is_stopping = true;
	ssize_t ignored maybe_unused = write(s->stop_fd, &one, sizeof(one));

	errno = saved;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_listeners; i++)
		serve_listener_release(&s->listeners[i]);
	fd_close(&s->epoll);
	fd_close(&s->stop_fd);
	worker_free(s->own);
	routes_free(s->routes, s->options.n_routes);
	free(s->connections);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
