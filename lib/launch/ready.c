/* SPDX-License-Identifier: MIT */
#include "lib/launch/launch.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A probe has so long for everything: connecting, asking, the beginning of the answer. */
enum { PROBE_MS = 2000, HEAD_BYTES = 12 };

static struct sockaddr_in loopback(int64_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

bool port_check(int64_t port, struct error *err)
{
	struct sockaddr_in address = loopback(port);
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return fail_errno(err, "making a socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return true;
	if (errno == EADDRINUSE) {
		fail(err, ERROR_CONFLICT, "port %d of 127.0.0.1 is in use", (int)port);
		return fail_hint(err, "stop what listens there, or choose another with --port");
	}
	return fail_errno(err, "port %d of 127.0.0.1", (int)port);
}

/* "HTTP/1.1 200 …": the status, or 0. */
static int status_of(const char *head)
{
	int status = 0;

	if (strncmp(head, "HTTP/1.", 7) != 0 || strlen(head) < 12 || head[8] != ' ')
		return 0;
	for (int i = 9; i < 12; i++) {
		if (head[i] < '0' || head[i] > '9')
			return 0;
		status = status * 10 + head[i] - '0';
	}
	return status;
}

/* Is the socket ready before `deadline`? Who wants to stop everything does not wait for a chute. */
static bool wait_for(int fd, short events, uint64_t deadline)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = fd, .events = events},
				       {.fd = interrupt_fd(), .events = POLLIN}};
		uint64_t now = clock_ms();
		int n = now < deadline ? poll(fds, array_len(fds), (int)(deadline - now)) : 0;

		if (n >= 0 || errno != EINTR)
			return n > 0 && !fds[1].revents;
	}
}

/* As many bytes as there are before the end or the deadline. */
static size_t receive(int fd, char *bytes, size_t size, uint64_t deadline)
{
	size_t got = 0;

	while (got < size && wait_for(fd, POLLIN, deadline)) {
		ssize_t n = recv(fd, bytes + got, size - got, 0);

		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	return got;
}

/* Take the rest of the reply: closed earlier, the connection is reset, and servers complain. */
static void drain(int fd, uint64_t deadline)
{
	enum { ENOUGH = 1 << 20 };
	char rest[4096];

	for (size_t got = 0; got < ENOUGH; got += sizeof(rest))
		if (receive(fd, rest, sizeof(rest), deadline) < sizeof(rest))
			return;
}

int ready_probe(int64_t port, const char *path)
{
	struct sockaddr_in address = loopback(port);
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	uint64_t deadline = clock_ms() + PROBE_MS;
	char head[HEAD_BYTES + 1] = {0};
	auto_text request = {0};

	text_addf(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n",
		  path, (int)port);
	if (fd < 0 ||
	    (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
	     errno != EINPROGRESS) ||
	    !wait_for(fd, POLLOUT, deadline) ||
	    /* a chute that hangs up must not end us with SIGPIPE */
	    send(fd, text_str(&request), request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
		return 0;
	if (receive(fd, head, HEAD_BYTES, deadline) == HEAD_BYTES)
		drain(fd, deadline);
	return status_of(head);
}
