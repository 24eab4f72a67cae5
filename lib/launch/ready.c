/* SPDX-License-Identifier: MIT */
#include "lib/launch/ready.h"

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/launch/door.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { DRAIN_BYTES = 1 << 20 };

void probe_end(struct probe *p)
{
	if (p->state != PROBE_IDLE)
		fd_close(&p->fd);
	text_release(&p->reply);
	p->state = PROBE_IDLE;
}

bool probe_begin(struct probe *p)
{
	struct error ignored; /* it starts still */
	bool is_reply;

	probe_end(p);
	if (!door_ask(p->door, &p->fd, &is_reply, &ignored))
		return false;
	p->state = is_reply ? PROBE_ASKING : PROBE_CONNECTING;
	p->deadline = p->limit_ms ? clock_ms() + p->limit_ms : 0;
	p->looked = p->n_drained = 0;
	p->status = 0;
	p->why = NULL;
	return true;
}

short probe_events(const struct probe *p)
{
	return p->state == PROBE_CONNECTING ? POLLOUT : POLLIN;
}

static bool send_request(struct probe *p)
{
	auto_text request = {0};

	text_addf(&request,
		  "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
		  "User-Agent: chutes\r\n\r\n",
		  p->path);
	/* a chute that hangs up must not end us with SIGPIPE; so few bytes fit at once */
	if (send(p->fd, text_str(&request), request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
		return false;
	p->state = PROBE_WAITING;
	return true;
}

/* 1: there is no more to read, 0: there is. Whatever comes of the body, the reply is one. */
static int take_body(struct probe *p, const char *bytes, size_t len)
{
	struct http1_refusal ignored;
	struct slice payload;
	int got = 1;

	p->n_drained += len;
	while (len > 0 && got > 0) {
		size_t used;

		got = http1_body_next(&p->body, bytes, len, &used, &payload, &ignored);
		bytes += used;
		len -= used;
	}
	return got <= 0 || http1_body_is_over(&p->body) || p->n_drained >= DRAIN_BYTES;
}

/* As http1_parse_reply() of what has come. */
static int parse_head(struct probe *p, struct http1_head *head, size_t *used)
{
	static const struct slice method = {"GET", 3};
	struct http1_refusal refusal;
	int got =
		http1_parse_reply(text_str(&p->reply), p->reply.len, method, head, used, &refusal);

	if (got < 0)
		p->why = refusal.reason;
	return got;
}

/* As take_body(). */
static int take_head(struct probe *p, const char *bytes, size_t len)
{
	struct http1_head head;
	size_t used;

	text_add_bytes(&p->reply, bytes, len);
	while (http1_head_is_worth_parsing(text_str(&p->reply), p->reply.len, &p->looked)) {
		const char *reply = text_str(&p->reply);
		int got = parse_head(p, &head, &used);

		if (got <= 0)
			return got < 0;
		if (head.status >= 200) {
			p->state = PROBE_DRAINING;
			p->status = head.status;
			http1_body_init(&p->body, &head);
			return take_body(p, reply + used, p->reply.len - used);
		}
		/* an interim one: the reply proper follows */
		memmove(p->reply.bytes, reply + used, p->reply.len - used);
		p->reply.len -= used;
		p->looked = 0;
	}
	return 0;
}

/* Nothing more comes: as probe_go_on(). */
static int give_up(struct probe *p)
{
	struct http1_head head;
	size_t used;

	if (p->state == PROBE_WAITING && p->reply.len > 0 && parse_head(p, &head, &used) >= 0)
		p->why = "a head without an end";
	return p->state == PROBE_DRAINING || p->why ? 1 : -1;
}

/* 1: all is read, 0: not yet, -1: broken */
static int read_reply(struct probe *p)
{
	char bytes[4096];
	int got = 0;

	while (got == 0) {
		ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return give_up(p);
		got = p->state == PROBE_WAITING ? take_head(p, bytes, (size_t)n)
						: take_body(p, bytes, (size_t)n);
	}
	return got;
}

/* 1, 0, -1 as read_reply() */
static int step(struct probe *p)
{
	struct pollfd ready = {.fd = p->fd, .events = probe_events(p)};
	struct error ignored; /* it starts still */

	if (poll(&ready, 1, 0) < 1)
		return p->deadline && clock_ms() >= p->deadline ? give_up(p) : 0;
	switch (p->state) {
	case PROBE_ASKING:
		p->state = PROBE_CONNECTING;
		return door_enter(p->door, &p->fd, &ignored) ? 0 : -1;
	case PROBE_CONNECTING:
		return send_request(p) ? 0 : -1;
	case PROBE_WAITING:
	case PROBE_DRAINING:
		return read_reply(p);
	case PROBE_IDLE:
		break;
	}
	return -1;
}

int probe_go_on(struct probe *p, int *status)
{
	int got = step(p);

	if (got == 0)
		return 0;
	*status = p->status;
	probe_end(p);
	return got;
}
