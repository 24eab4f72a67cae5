/* SPDX-License-Identifier: MIT
 * The socket that a chute is reached at. The supervisor's own: gateways come and go with restarts,
 * and who connects in between waits instead of being refused.
 */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

/* "[::1]:8000" and "127.0.0.1:8000" → host and port. */
static bool split(const char *address, char **host, const char **port, struct error *err)
{
	const char *colon = strrchr(address, ':');

	if (!colon || colon == address)
		return fail(err, ERROR_USAGE, "'%s' is not ADDRESS:PORT", address);
	size_t len = (size_t)(colon - address);
	bool is_bracketed = address[0] == '[' && len > 2 && address[len - 1] == ']';

	*host = is_bracketed ? xstrndup(address + 1, len - 2) : xstrndup(address, len);
	*port = colon + 1;
	return true;
}

static bool fail_bind(const char *address, struct error *err)
{
	if (errno == EADDRINUSE) {
		fail(err, ERROR_CONFLICT, "%s is in use", address);
		return fail_hint(err, "stop what listens there, or choose another port with -p "
				      "(-p 0: any free one)");
	}
	fail_errno(err, "listening at %s", address);
	return errno == EACCES ? fail_hint(err, "ports below 1024 are root's: choose another with "
						"-p")
			       : false;
}

static char *name_of(int fd)
{
	struct sockaddr_storage at = {0};
	socklen_t len = sizeof(at);
	char host[NI_MAXHOST] = "";
	char port[NI_MAXSERV] = "";

	if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		return xstrdup("");
	getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	return at.ss_family == AF_INET6 ? xprintf("[%s]:%s", host, port)
					: xprintf("%s:%s", host, port);
}

static bool listen_at(const struct addrinfo *at, const char *address, int *out, struct error *err)
{
	auto_fd int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return fail_errno(err, "making a socket");
	if (bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		return fail_bind(address, err);
	*out = fd_take(&fd);
	return true;
}

bool local_listen(const char *address, int *fd, char **actual, struct error *err)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				 .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	auto_free char *host = NULL;
	const char *port = NULL;

	if (!split(address, &host, &port, err))
		return false;
	int failed = getaddrinfo(host, port, &hints, &found);

	if (failed)
		return fail(err, ERROR_USAGE, "'%s' is not ADDRESS:PORT: %s", address,
			    gai_strerror(failed));
	bool ok = listen_at(found, address, fd, err);

	freeaddrinfo(found);
	if (ok)
		*actual = name_of(*fd);
	return ok;
}
