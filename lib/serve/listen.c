/* SPDX-License-Identifier: MIT
 * Addresses: "127.0.0.1:0", "[::1]:8000", "unix:/path", "fd:3". What a listening socket is set to,
 * a TCP connection inherits; so accepting costs one system call.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/serve/serve_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static void set_timeouts(int fd, unsigned send_timeout_ms)
{
	const struct timeval receive = {.tv_usec = (suseconds_t)LINGER_MS * 1000};
	const struct timeval send = {.tv_sec = send_timeout_ms / 1000,
				     .tv_usec = (suseconds_t)(send_timeout_ms % 1000) * 1000};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof(receive));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof(send));
}

void serve_listener_prepare(const struct serve_listener *l, int fd, unsigned send_timeout_ms)
{
	if (l->is_unix)
		set_timeouts(fd, send_timeout_ms);
}

void serve_listener_close(struct serve_listener *l)
{
	if (l->path)
		unlink(l->path);
	free(take(l->path));
	fd_close(&l->fd);
}

void serve_listener_release(struct serve_listener *l)
{
	serve_listener_close(l);
	free(take(l->address));
}

/* A socket file whose server has gone would be in the way for ever. */
static void remove_stale(const struct sockaddr_un *address)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)(const void *)address, sizeof(*address)) < 0 &&
	    errno == ECONNREFUSED)
		unlink(address->sun_path);
}

static bool open_unix(struct serve_listener *l, const char *path, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return fail(err, ERROR_USAGE, "the path of a unix socket has 1 to %zu bytes",
			    sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return fail_errno(err, "making a socket");
	remove_stale(&address);
	if (bind(l->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_errno(err, "binding");
	l->path = xstrdup(path);
	return listen(l->fd, BACKLOG) == 0 || fail_errno(err, "listening");
}

/* "HOST:PORT" or "[HOST]:PORT"; NULL on failure. */
static struct addrinfo *look_up(const char *address, struct error *err)
{
	const char *colon = strrchr(address, ':');
	bool is_quoted = address[0] == '[';
	const struct addrinfo wanted = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM};

	if (!colon || colon == address || !colon[1] || (is_quoted && colon[-1] != ']') ||
	    (!is_quoted && memchr(address, ':', (size_t)(colon - address)))) {
		fail(err, ERROR_USAGE, "not an address");
		fail_hint(err, "write HOST:PORT, [IPV6]:PORT, unix:PATH or fd:NUMBER");
		return NULL;
	}
	auto_free char *host = is_quoted ? xstrndup(address + 1, (size_t)(colon - address) - 2)
					 : xstrndup(address, (size_t)(colon - address));
	struct addrinfo *found = NULL;
	int status = getaddrinfo(host, colon + 1, &wanted, &found);

	if (status != 0)
		fail(err, ERROR_USAGE, "%s", gai_strerror(status));
	return status == 0 ? found : NULL;
}

static bool open_tcp(struct serve_listener *l, const char *address, struct error *err)
{
	struct addrinfo *found = look_up(address, err);
	const int on = 1;

	if (!found)
		return false;
	l->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool done =
		l->fd >= 0 && setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		bind(l->fd, found->ai_addr, found->ai_addrlen) == 0 && listen(l->fd, BACKLOG) == 0;

	if (!done)
		fail_errno(err, "listening");
	freeaddrinfo(found);
	return done;
}

static bool adopt(struct serve_listener *l, const char *number, struct error *err)
{
	int is_listening = 0;
	socklen_t len = sizeof(is_listening);
	char *end;
	long fd = strtol(number, &end, 10);

	if (end == number || *end || fd < 0 || fd > INT32_MAX)
		return fail(err, ERROR_USAGE, "not the number of a descriptor");
	if (getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) < 0)
		return fail_errno(err, "looking at the descriptor");
	if (!is_listening)
		return fail(err, ERROR_USAGE, "not a listening socket");
	fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	fcntl((int)fd, F_SETFL, fcntl((int)fd, F_GETFL) | O_NONBLOCK);
	l->fd = (int)fd;
	return true;
}

/* The address as the kernel has it, with the port that it chose. */
static bool describe(struct serve_listener *l, struct error *err)
{
	struct sockaddr_storage bound = {0};
	socklen_t len = sizeof(bound);
	char host[INET6_ADDRSTRLEN];
	char port[8];

	if (getsockname(l->fd, (struct sockaddr *)&bound, &len) < 0)
		return fail_errno(err, "asking for the address");
	l->is_unix = bound.ss_family == AF_UNIX;
	if (l->is_unix) {
		const struct sockaddr_un *address = (const struct sockaddr_un *)&bound;

		l->address =
			xprintf("unix:%.*s", (int)sizeof(address->sun_path), address->sun_path);
		return true;
	}
	if (getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return fail(err, ERROR_USAGE, "neither TCP nor a unix socket");
	l->address = xprintf(bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	return true;
}

bool serve_listener_open(struct serve_listener *out, const char *address, unsigned send_timeout_ms,
			 struct error *err)
{
	struct serve_listener l = {.fd = -1};
	const int on = 1;
	bool done;

	if (text_starts_with(address, "unix:"))
		done = open_unix(&l, address + 5, err);
	else if (text_starts_with(address, "fd:"))
		done = adopt(&l, address + 3, err);
	else
		done = open_tcp(&l, address, err);
	if (!done || !describe(&l, err)) {
		fail_in(err, "listening at '%s'", address);
		serve_listener_release(&l);
		return false;
	}
	set_timeouts(l.fd, send_timeout_ms);
	if (!l.is_unix)
		setsockopt(l.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*out = l;
	return true;
}
