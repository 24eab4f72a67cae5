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
	p->n_bytes = 0;
	memset(p->head, 0, sizeof(p->head));
	return true;
}

short probe_events(const struct probe *p)
{
	return p->state == PROBE_CONNECTING ? POLLOUT : POLLIN;
}

/* "HTTP/1.1 200 …": the status, or 0. */
static int status_of(const char *head)
{
	int status = 0;

	if (strncmp(head, "HTTP/1.", 7) != 0 || strlen(head) < PROBE_HEAD_BYTES || head[8] != ' ')
		return 0;
	for (int i = 9; i < PROBE_HEAD_BYTES; i++) {
		if (head[i] < '0' || head[i] > '9')
			return 0;
		status = status * 10 + head[i] - '0';
	}
	return status;
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

/* 1: all is read, 0: not yet, -1: broken */
static int read_reply(struct probe *p)
{
	char rest[4096];

	for (;;) {
		bool is_head = p->state == PROBE_WAITING;
		ssize_t n = is_head ? recv(p->fd, p->head + p->n_bytes,
					   PROBE_HEAD_BYTES - p->n_bytes, 0)
				    : recv(p->fd, rest, sizeof(rest), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return p->n_bytes > 0 ? 1 : -1;
		p->n_bytes += (size_t)n;
		if (p->n_bytes >= PROBE_HEAD_BYTES)
			p->state = PROBE_DRAINING;
		if (p->n_bytes >= DRAIN_BYTES)
			return 1;
	}
}

/* 1, 0, -1 as read_reply() */
static int step(struct probe *p)
{
	struct pollfd ready = {.fd = p->fd, .events = probe_events(p)};
	struct error ignored; /* it starts still */

	if (poll(&ready, 1, 0) < 1)
		return p->deadline && clock_ms() >= p->deadline ? (p->n_bytes ? 1 : -1) : 0;
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
	*status = status_of(p->head);
	probe_end(p);
	return got;
}
