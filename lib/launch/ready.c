/* SPDX-License-Identifier: MIT */
#include "lib/launch/launch.h"

#include "lib/base/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

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

/* Take the rest of the reply: closed earlier, the connection is reset, and servers complain. */
static void drain(int fd)
{
	enum { ENOUGH = 1 << 20 };
	char rest[4096];
	size_t got = 0;
	ssize_t n;

	while (got < ENOUGH && (n = read(fd, rest, sizeof(rest))) > 0)
		got += (size_t)n;
}

int ready_probe(int64_t port, const char *path)
{
	struct sockaddr_in address = loopback(port);
	struct timeval patience = {.tv_sec = 2};
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_text request = {0};
	struct error ignored; /* any failure means: not ready */
	char head[16] = {0};
	size_t got = 0;

	text_addf(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n",
		  path, (int)port);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    !fd_write_all(fd, text_str(&request), request.len, &ignored))
		return 0;
	while (got < 12) {
		ssize_t n = read(fd, head + got, 12 - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		got += (size_t)n;
	}
	drain(fd);
	return status_of(head);
}
