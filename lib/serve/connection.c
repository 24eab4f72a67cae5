/* SPDX-License-Identifier: MIT
 * A connection in the hands of a thread: heads are read and answered until nothing more comes,
 * then it is parked, drained or closed.
 */
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/serve/serve_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

bool connection_arm(const struct server *s, const struct connection *c, int operation)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT,
				    .data.u32 = slot_index(s, c)};

	return epoll_ctl(s->epoll, operation, c->fd, &event) == 0;
}

void connection_close(struct server *s, struct connection *c)
{
	int fd = c->fd;

	pthread_mutex_lock(&s->lock);
	slot_free(s, c);
	pthread_mutex_unlock(&s->lock);
	close(fd);
}

/* To the loop, which may close it as soon as the lock is free. */
static void hand_back(struct server *s, struct connection *c, enum connection_state state,
		      uint64_t deadline_ms)
{
	pthread_mutex_lock(&s->lock);
	c->state = state;
	c->is_fresh = 0;
	c->deadline_ms = deadline_ms;
	/* cannot fail: it is registered, and nothing is allocated */
	bool ignored maybe_unused = connection_arm(s, c, EPOLL_CTL_MOD);

	pthread_mutex_unlock(&s->lock);
}

static void drain(struct worker *w)
{
	shutdown(w->fd, SHUT_WR);
	w->connection->drained = 0;
	hand_back(w->server, w->connection, CONNECTION_DRAINING, clock_ms() + DRAIN_MS);
}

/* Without a word: what was sent may be lost, and that is meant. */
static void reset(struct worker *w)
{
	const struct linger now = {.l_onoff = 1};

	setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	connection_close(w->server, w->connection);
}

static void load(struct worker *w, struct connection *c)
{
	const struct saved_head *saved = c->saved;

	w->connection = c;
	w->fd = c->fd;
	w->at = w->end = w->looked = 0;
	w->peer[0] = '\0';
	if (!saved)
		return;
	memcpy(w->in, saved->bytes, saved->len);
	w->end = saved->len;
	w->looked = saved->looked;
	w->head_deadline_ms = saved->deadline_ms;
}

/* Room for the incomplete head at hand, which is below HTTP1_HEAD_LIMIT. */
static void save(struct worker *w)
{
	struct saved_head *saved = w->connection->saved;
	size_t capacity = saved ? saved->capacity : 0;

	if (capacity < w->end) {
		size_t wanted = capacity ? capacity : 256;

		while (wanted < w->end)
			wanted *= 2;
		saved = xrealloc(saved, sizeof(*saved) + wanted);
		saved->capacity = wanted;
		w->connection->saved = saved;
		pthread_mutex_lock(&w->server->lock);
		w->server->saved_bytes += wanted - capacity;
		pthread_mutex_unlock(&w->server->lock);
	}
	memcpy(saved->bytes, w->in, w->end);
	saved->len = w->end;
	saved->looked = w->looked;
	saved->deadline_ms = w->head_deadline_ms;
}

static void forget_saved(struct worker *w)
{
	if (!w->connection->saved)
		return;
	pthread_mutex_lock(&w->server->lock);
	saved_drop(w->server, w->connection);
	pthread_mutex_unlock(&w->server->lock);
}

static void park(struct worker *w)
{
	struct server *s = w->server;
	uint64_t deadline_ms = clock_ms() + s->options.idle_timeout_ms;

	if (w->end > 0) {
		save(w);
		deadline_ms = w->head_deadline_ms;
	} else {
		forget_saved(w);
	}
	hand_back(s, w->connection, CONNECTION_PARKED, deadline_ms);
}

enum after {
	AFTER_NEXT, /* the next request */
	AFTER_MORE, /* the head is not complete */
	AFTER_PARK,
	AFTER_DRAIN, /* close, but let the answer arrive */
	AFTER_CLOSE,
	AFTER_RESET, /* close, so that the client sees that the answer is not whole */
};

/* One recv(); `flags` 0 waits LINGER_MS. */
static enum after receive(struct worker *w, int flags)
{
	ssize_t n = recv(w->fd, w->in + w->end, INPUT_BYTES - w->end, flags);

	if (n > 0) {
		if (w->end == 0)
			w->head_deadline_ms = clock_ms() + w->server->options.head_timeout_ms;
		w->end += (size_t)n;
		return AFTER_NEXT;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return AFTER_PARK;
	return AFTER_CLOSE;
}

/* The next request often comes at once. */
static enum after linger(struct worker *w)
{
	struct server *s = w->server;

	if (!threads_may_linger(s))
		return s->is_stopping ? AFTER_CLOSE : AFTER_PARK;
	s->n_lingering++;
	enum after after = receive(w, 0);

	s->n_lingering--;
	return after;
}

/* The request is answered: is what follows it the next one? */
static enum after finish(struct worker *w)
{
	struct request *r = &w->request;
	const struct reply *reply = &w->reply;

	if (reply->is_broken || r->is_gone)
		return reply->is_stalled || (reply->framing == HTTP1_UNTIL_CLOSE && !reply->is_over)
			       ? AFTER_RESET
			       : AFTER_CLOSE;
	if (r->is_refused || !request_finish_body(r))
		return AFTER_DRAIN;
	if (reply->closes)
		return w->at < w->end ? AFTER_DRAIN : AFTER_CLOSE;
	memmove(w->in, w->in + w->at, w->end - w->at);
	w->end -= w->at;
	w->at = w->looked = 0;
	if (w->end > 0)
		w->head_deadline_ms = clock_ms() + w->server->options.head_timeout_ms;
	return AFTER_NEXT;
}

/* Answer the request whose head may be at hand. */
static enum after serve(struct worker *w)
{
	struct http1_refusal why;

	if (!http1_head_is_worth_parsing(w->in, w->end, &w->looked))
		return AFTER_MORE;
	int got = request_parse(w, &why);

	if (got == 0)
		return AFTER_MORE;
	forget_saved(w);
	if (got < 0)
		request_refuse(&w->request, &why);
	else
		request_handle(&w->request);
	enum after after = finish(w);

	arena_clear(&w->arena);
	return after;
}

static void leave(struct worker *w, enum after after)
{
	switch (after) {
	case AFTER_DRAIN:
		drain(w);
		break;
	case AFTER_CLOSE:
		connection_close(w->server, w->connection);
		break;
	case AFTER_RESET:
		reset(w);
		break;
	case AFTER_NEXT:
	case AFTER_MORE:
	case AFTER_PARK:
		park(w);
		break;
	}
	w->connection = NULL;
	w->fd = -1;
}

void connection_serve(struct worker *w, struct connection *c)
{
	load(w, c);
	enum after after = receive(w, MSG_DONTWAIT);

	while (after == AFTER_NEXT) {
		after = serve(w);
		if (after != AFTER_NEXT)
			break;
		if (w->end > 0)
			continue;
		after = linger(w);
	}
	leave(w, after);
}
