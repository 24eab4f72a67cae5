/* SPDX-License-Identifier: MIT
 * Usage: relay_upstream
 * The web server behind the relays, as cheap as it can be: prints its port on 127.0.0.1. /hello is
 * answered by one thread for all; a connection that asks for more (/megabyte, /events for a second,
 * each with the time in ns, /upload) gets a thread.
 */
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/http1/http1.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20, EVENT_PAUSE_MS = 2, EVENTS = 500, BATCH = 64 };

struct connection {
	int fd;
	size_t len;
	char bytes[32 * 1024];
	struct http1_head head;
};

static const char hello[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			    "Content-Length: 12\r\n\r\nhello, world";

static bool send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static bool target_is(const struct connection *c, const char *target)
{
	return http1_name_is(c->head.target, target);
}

static bool answer_megabyte(int fd)
{
	static char body[MEGABYTE];
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n";

	return send_all(fd, head, sizeof(head) - 1) && send_all(fd, body, sizeof(body));
}

static bool answer_events(int fd)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n";

	if (!send_all(fd, head, sizeof(head) - 1))
		return false;
	for (int i = 0; i < EVENTS; i++) {
		struct timespec now;
		char event[64];
		char chunk[96];

		clock_gettime(CLOCK_MONOTONIC, &now);
		int len = snprintf(event, sizeof(event), "data: %lld\n\n",
				   (long long)now.tv_sec * 1000000000 + now.tv_nsec);
		int size = snprintf(chunk, sizeof(chunk), "%x\r\n%s\r\n", (unsigned)len, event);

		if (!send_all(fd, chunk, (size_t)size))
			return false;
		usleep(EVENT_PAUSE_MS * 1000);
	}
	return send_all(fd, "0\r\n\r\n", 5);
}

/* Everything the client sends is read and forgotten. */
static bool drop_body(struct connection *c, size_t used)
{
	struct http1_body body;
	struct http1_refusal why;
	size_t at = used;

	http1_body_init(&body, &c->head);
	while (!http1_body_is_over(&body)) {
		struct slice payload;
		size_t n;

		if (at == c->len) {
			ssize_t got = recv(c->fd, c->bytes, sizeof(c->bytes), 0);

			if (got <= 0)
				return false;
			at = 0;
			c->len = (size_t)got;
		}
		if (http1_body_next(&body, c->bytes + at, c->len - at, &n, &payload, &why) < 0)
			return false;
		at += n;
	}
	c->len = 0; /* nobody sends one request behind another */
	return true;
}

static bool answer(struct connection *c, size_t used)
{
	if (target_is(c, "/megabyte")) {
		c->len = 0;
		return answer_megabyte(c->fd);
	}
	if (target_is(c, "/events")) {
		c->len = 0;
		return answer_events(c->fd);
	}
	return drop_body(c, used) && send_all(c->fd, hello, sizeof(hello) - 1);
}

static void *serve_alone(void *argument)
{
	struct connection *c = argument;
	struct http1_refusal why;
	size_t used;

	fcntl(c->fd, F_SETFL, 0);
	for (;;) {
		int got = http1_parse_request(c->bytes, c->len, &c->head, &used, &why);

		if (got < 0 || (got > 0 && !answer(c, used)))
			break;
		if (got > 0)
			continue;
		ssize_t n = recv(c->fd, c->bytes + c->len, sizeof(c->bytes) - c->len, 0);

		if (n <= 0)
			break;
		c->len += (size_t)n;
	}
	close(c->fd);
	free(c);
	return NULL;
}

/* false: the connection has ended, or has a thread of its own now. */
static bool serve_ready(int epoll, struct connection *c)
{
	struct http1_refusal why;
	size_t used;
	pthread_t thread;
	ssize_t n = recv(c->fd, c->bytes + c->len, sizeof(c->bytes) - c->len, 0);

	if (n > 0) {
		c->len += (size_t)n;
		int got = http1_parse_request(c->bytes, c->len, &c->head, &used, &why);

		if (got == 0)
			return true;
		if (got == 1 && target_is(c, "/hello")) {
			c->len = 0;
			if (send_all(c->fd, hello, sizeof(hello) - 1))
				return true;
		} else if (got == 1) {
			epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
			if (pthread_create(&thread, NULL, serve_alone, c) == 0) {
				pthread_detach(thread);
				return false;
			}
		}
	}
	close(c->fd);
	free(c);
	return false;
}

static void accept_one(int epoll, int listener)
{
	const int yes = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *c = fd < 0 ? NULL : malloc(sizeof(*c));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	if (!c)
		return;
	c->fd = fd;
	c->len = 0;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};

	if (bind(listener, (struct sockaddr *)&address, len) < 0 || listen(listener, 1024) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &len) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) {
		perror("relay_upstream");
		return 1;
	}
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	for (;;) {
		struct epoll_event ready[BATCH];
		int n = epoll_wait(epoll, ready, BATCH, -1);

		for (int i = 0; i < n; i++)
			if (ready[i].data.ptr)
				serve_ready(epoll, ready[i].data.ptr);
			else
				accept_one(epoll, listener);
	}
}
