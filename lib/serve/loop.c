/* SPDX-License-Identifier: MIT
 * The thread of server_run(): it accepts, hands connections that have bytes to threads, looks after
 * those that wait, and ends it all. It never waits for a client.
 */
#include "lib/base/time.h"
#include "lib/serve/serve_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	EVENTS_MAX = 128,
	ACCEPTS_MAX = 64, /* before the others are looked at */
	PAUSE_MS = 100,
	STOPPING_MS = 10, /* between two looks at who is left */
	FRESH_MS =
		100, /* a client that has just connected gets so long for its request at a stop */
};
/* What an event is of, beside the slots of connections. */
static const uint32_t event_stop = UINT32_MAX;
static const char late_head[] = "the head of the request does not come";
static const uint32_t event_listener = UINT32_MAX - LISTENERS_MAX;

/* --- accepting */
static void listen_to(struct server *s, bool is_on)
{
	for (size_t i = 0; i < s->n_listeners; i++) {
		struct epoll_event event = {.events = is_on ? EPOLLIN : 0,
					    .data.u32 = event_listener + (uint32_t)i};

		epoll_ctl(s->epoll, EPOLL_CTL_MOD, s->listeners[i].fd, &event);
	}
	s->is_paused = !is_on;
}

/* Nothing can be done until somebody leaves: do not spin. */
static void pause_accepting(struct server *s, uint64_t now_ms)
{
	listen_to(s, false);
	s->resume_ms = now_ms + PAUSE_MS;
}

static void set_peer(struct connection *c, const struct sockaddr_storage *peer)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;

	c->family = (uint8_t)peer->ss_family;
	if (peer->ss_family == AF_INET) {
		memcpy(&c->address, &v4->sin_addr, sizeof(v4->sin_addr));
		c->port = v4->sin_port;
	} else if (peer->ss_family == AF_INET6) {
		c->address = v6->sin6_addr;
		c->port = v6->sin6_port;
	}
}

static bool add_connection(struct server *s, int fd, const struct sockaddr_storage *peer,
			   uint64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	struct connection *c = slot_take(s);

	if (c) {
		c->fd = fd;
		c->state = CONNECTION_PARKED;
		c->deadline_ms = now_ms + s->options.idle_timeout_ms;
		c->is_fresh = 1;
		set_peer(c, peer);
	}
	pthread_mutex_unlock(&s->lock);
	if (!c)
		return false;
	if (!connection_arm(s, c, EPOLL_CTL_ADD))
		connection_close(s, c);
	return true;
}

static void accept_from(struct server *s, const struct serve_listener *l, uint64_t now_ms)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage peer = {.ss_family = AF_UNIX};
		socklen_t len = sizeof(peer);

		if (s->n_connections >= s->options.connections_max) {
			pause_accepting(s, now_ms);
			return;
		}
		int fd = accept4(l->fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				pause_accepting(s, now_ms);
			return;
		}
		serve_listener_prepare(l, fd, s->options.stall_timeout_ms);
		if (!add_connection(s, fd, &peer, now_ms))
			close(fd);
	}
}

/* --- connections that this thread has */
/* Under the lock, as all of these. */
static void close_now(struct server *s, struct connection *c)
{
	int fd = c->fd;

	slot_free(s, c);
	close(fd);
}

/* A last answer to a client whose request is not read; what it sends is dropped. */
static void answer(struct server *s, struct connection *c, uint64_t now_ms, int status,
		   const char *message)
{
	struct worker *w = s->own;
	struct reply *reply = &w->reply;

	saved_drop(s, c);
	reply_reset(reply);
	w->request.head = (struct http1_head){.minor_version = 1};
	w->request.is_gone = false; /* the one before may have been */
	w->connection = c;
	w->fd = c->fd;
	if (status == 503)
		reply_header(reply, "Retry-After", "1");
	reply_failure(reply, status, message);
	w->connection = NULL;
	w->fd = -1;
	shutdown(c->fd, SHUT_WR);
	c->drained = 0;
	c->deadline_ms = now_ms + DRAIN_MS;
	c->state = CONNECTION_DRAINING;
}

/* The same to one whose event has come: the next one is to be told. */
static void refuse(struct server *s, struct connection *c, uint64_t now_ms, int status,
		   const char *message)
{
	answer(s, c, now_ms, status, message);
	if (!connection_arm(s, c, EPOLL_CTL_MOD))
		close_now(s, c);
}

/* Drop what comes behind the last answer; false: close. */
static bool drain(struct server *s, struct connection *c)
{
	for (int i = 0; i < 4 && c->drained < DRAIN_BYTES; i++) {
		ssize_t n = recv(c->fd, s->own->in, INPUT_BYTES, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN))
			break;
		if (n <= 0)
			return false;
		c->drained += (uint32_t)n;
	}
	return c->drained < DRAIN_BYTES && connection_arm(s, c, EPOLL_CTL_MOD);
}

/* Has the client closed, with nothing left to read? */
static bool is_at_end(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

static void take_event(struct server *s, struct connection *c, uint32_t events, uint64_t now_ms)
{
	if (c->state == CONNECTION_DRAINING) {
		if (!drain(s, c))
			close_now(s, c);
	} else if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) && is_at_end(c->fd)) {
		close_now(s, c);
	} else if (c->saved && now_ms >= c->deadline_ms) {
		/* one that drips could be at work each time that the others are looked at */
		refuse(s, c, now_ms, 408, late_head);
	} else {
		queue_push(s, c, now_ms);
	}
}

/* --- time */
/* The deadline that counts for an idle connection: shorter when there is hardly room for more. */
static uint64_t deadline_of(const struct server *s, const struct connection *c)
{
	bool is_scarce =
		s->n_connections > s->options.connections_max - s->options.connections_max / 8;

	if (!is_scarce || c->state != CONNECTION_PARKED || c->saved)
		return c->deadline_ms;
	return c->deadline_ms - (s->options.idle_timeout_ms - s->options.idle_timeout_ms / 8);
}

static void sweep_one(struct server *s, struct connection *c, uint64_t now_ms)
{
	if ((c->state != CONNECTION_PARKED && c->state != CONNECTION_DRAINING) ||
	    now_ms < deadline_of(s, c))
		return;
	if (c->saved)
		answer(s, c, now_ms, 408, late_head);
	else
		close_now(s, c);
}

/* Incomplete heads take too much: the one that is due first has waited longest. */
static void drop_saved(struct server *s)
{
	while (s->saved_bytes > s->options.saved_heads_max_bytes) {
		struct connection *oldest = NULL;

		for (uint32_t i = 0; i < s->n_slots; i++) {
			struct connection *c = &s->connections[i];

			if (c->state == CONNECTION_PARKED && c->saved &&
			    (!oldest || c->deadline_ms < oldest->deadline_ms))
				oldest = c;
		}
		if (!oldest)
			return;
		close_now(s, oldest);
	}
}

/* Those that no thread was free for. */
static void refuse_queued(struct server *s, uint64_t now_ms)
{
	while (s->queue_first != NO_CONNECTION &&
	       now_ms - s->connections[s->queue_first].deadline_ms >= s->options.queue_timeout_ms) {
		struct connection *c = queue_pop(s);

		refuse(s, c, now_ms, 503, "too many requests at once");
	}
}

static unsigned sweep_interval(const struct server *s)
{
	unsigned shortest = s->options.head_timeout_ms;

	if (s->is_stopping)
		return STOPPING_MS;
	if (s->options.idle_timeout_ms < shortest)
		shortest = s->options.idle_timeout_ms;
	return shortest / 8 < 10 ? 10 : shortest / 8 > 1000 ? 1000 : shortest / 8;
}

static void sweep(struct server *s, uint64_t now_ms)
{
	if (now_ms < s->next_sweep_ms)
		return;
	s->next_sweep_ms = now_ms + sweep_interval(s);
	for (uint32_t i = 0; i < s->n_slots; i++)
		sweep_one(s, &s->connections[i], now_ms);
}

/* --- the loop */
static int timeout_ms(const struct server *s)
{
	if (s->n_queued > 0 && s->n_threads < s->options.threads_max)
		return 1;
	if (s->is_stopping)
		return STOPPING_MS;
	if (s->is_paused || s->n_queued > 0)
		return PAUSE_MS;
	return s->n_connections > 0 || s->n_threads > 0 ? (int)sweep_interval(s) : -1;
}

static bool is_listener(const struct epoll_event *event)
{
	return event->data.u32 >= event_listener && event->data.u32 != event_stop;
}

static void turn(struct server *s)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(s->epoll, events, EVENTS_MAX, timeout_ms(s));
	uint64_t now_ms = clock_ms();

	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < n; i++)
		if (events[i].data.u32 < event_listener)
			take_event(s, &s->connections[events[i].data.u32], events[i].events,
				   now_ms);
	/* from here on connections may go that an event could have been of */
	sweep(s, now_ms);
	drop_saved(s);
	refuse_queued(s, now_ms);
	threads_dispatch(s, now_ms);
	pthread_mutex_unlock(&s->lock);
	for (int i = 0; i < n; i++)
		if (is_listener(&events[i]))
			accept_from(s, &s->listeners[events[i].data.u32 - event_listener], now_ms);
	if (s->is_paused && now_ms >= s->resume_ms)
		listen_to(s, true);
	threads_reap(s);
}

static bool start(struct server *s, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = event_stop};
	bool done = epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->stop_fd, &event) == 0;

	for (size_t i = 0; i < s->n_listeners && done; i++) {
		event.data.u32 = event_listener + (uint32_t)i;
		done = epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listeners[i].fd, &event) == 0;
	}
	return done || fail_errno(err, "starting a server");
}

/* From now on nobody new is let in, and who has nothing to wait for leaves. */
static void begin_to_stop(struct server *s)
{
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, s->stop_fd, NULL);
	for (size_t i = 0; i < s->n_listeners; i++)
		serve_listener_close(&s->listeners[i]);
	s->is_paused = false;
	s->next_sweep_ms = 0;
	pthread_mutex_lock(&s->lock);
	for (uint32_t i = 0; i < s->n_slots; i++) {
		struct connection *c = &s->connections[i];

		/* who has just connected is about to ask: closing would reset the request */
		if (c->state == CONNECTION_PARKED && c->is_fresh)
			c->deadline_ms = clock_ms() + FRESH_MS;
		else if (c->state == CONNECTION_PARKED)
			close_now(s, c);
	}
	pthread_mutex_unlock(&s->lock);
}

/* The time to finish is over. */
static void cut_all(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	for (uint32_t i = 0; i < s->n_slots; i++) {
		struct connection *c = &s->connections[i];

		if (c->state == CONNECTION_PARKED || c->state == CONNECTION_DRAINING)
			close_now(s, c);
		else if (c->state != CONNECTION_FREE)
			shutdown(c->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&s->lock);
}

bool server_run(struct server *s, struct error *err)
{
	if (!start(s, err))
		return false;
	while (!s->is_stopping)
		turn(s);
	uint64_t began_ms = clock_ms();

	begin_to_stop(s);
	while (s->n_connections > 0) {
		if (clock_ms() - began_ms >= s->drain_ms)
			cut_all(s);
		turn(s);
	}
	threads_end(s);
	while (threads_reap(s) > 0)
		sleep_ms(1);
	return true;
}
