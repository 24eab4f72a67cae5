/* SPDX-License-Identifier: MIT
 * A socket belongs for ever to the network in which it was made, whoever holds it. So a module gets
 * a listener of the network of ours, and of a server's network somebody inside makes the sockets,
 * which are then connected outside.
 */
#include "lib/launch/door.h"

#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECT_MS = 5000, FULL_MS = 5, PORTS_MS = 500, PORTS_LIMIT = 64 };
enum { WANTS_SOCKET = 's', WANTS_PORTS = 'p' };

struct launch_door {
	int listener; /* module: -1 for a server */
	int place;    /* module: the listener's name, which no path leads to */
	int outside;  /* server: requests for a socket, each with the end of a pair for the reply */
	int inside;   /* server: where they arrive */
	int64_t port; /* server */
	const struct network *network; /* inside only */
};

/* --- made */

/* Through the directory's descriptor: no path is too long for the name of a socket. */
static bool listen_in(struct launch_door *d, int directory, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/door", directory);
	d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (d->listener >= 0 &&
	    bind(d->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(d->listener, SOMAXCONN) == 0)
		d->place = openat(directory, "door", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return d->place >= 0 || fail_errno(err, "making the socket of the chute");
}

/* Named for a moment, in a directory of ours alone; kept by descriptor, so nothing stays when we
 * are killed. */
static bool listen_unseen(struct launch_door *d, struct error *err)
{
	auto_free char *path = xprintf("%s/chutes-door-XXXXXX", path_temporary());

	if (!mkdtemp(path))
		return fail_errno(err, "making a directory '%s'", path);
	auto_fd int directory = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool ok = directory >= 0 ? listen_in(d, directory, err)
				 : fail_errno(err, "opening '%s'", path);

	if (directory >= 0)
		unlinkat(directory, "door", 0);
	rmdir(path);
	return ok;
}

bool launch_door_open(struct launch_door **out, const struct spec *spec, struct error *err)
{
	struct launch_door *d = xcalloc(1, sizeof(*d));
	int pair[2] = {-1, -1};
	bool ok;

	*d = (struct launch_door){-1, -1, -1, -1, 0, NULL};
	if (spec->mode != SPEC_SERVER) {
		ok = listen_unseen(d, err);
	} else {
		ok = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;
		if (!ok)
			fail_errno(err, "making the door of the chute");
		d->outside = pair[0];
		d->inside = pair[1];
		d->port = spec->server.port;
	}
	if (ok)
		*out = d;
	else
		launch_door_close(d);
	return ok;
}

void launch_door_close(struct launch_door *d)
{
	if (!d)
		return;
	fd_close(&d->listener);
	fd_close(&d->place);
	fd_close(&d->outside);
	fd_close(&d->inside);
	free(d);
}

int door_listener(const struct launch_door *d) { return d->listener; }

/* --- one descriptor in a packet */

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static bool send_descriptor(int socket, char byte, int fd, int flags)
{
	union control control = {0};
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t n;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	do
		n = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* -1: the other side is gone, or sent none. */
static int receive_descriptor(int socket, char *byte)
{
	union control control;
	struct iovec part = {byte, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	int fd = -1;
	ssize_t n;

	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	struct cmsghdr *header = n == 1 ? CMSG_FIRSTHDR(&message) : NULL;

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* --- inside */

/* Who has given up meanwhile does not read the reply. */
static void serve_request(const struct launch_door *d, char what, int reply)
{
	uint16_t ports[PORTS_LIMIT];
	size_t n;

	if (what == WANTS_PORTS) {
		n = d->network ? network_ports(d->network, ports, array_len(ports)) : 0;
		if (send(reply, ports, n * sizeof(*ports), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			log_debug("launch: ports that nobody took: %s", strerror(errno));
		return;
	}
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !send_descriptor(reply, WANTS_SOCKET, fd, MSG_DONTWAIT))
		log_debug("launch: a socket that nobody took: %s", strerror(errno));
}

static void *keep(void *arg)
{
	struct launch_door *d = arg;

	if (d->network && setns(d->network->fd, CLONE_NEWNET) < 0) {
		log_warning("launch: entering the chute's network: %s", strerror(errno));
		return NULL;
	}
	for (;;) {
		char what;
		auto_fd int reply = receive_descriptor(d->inside, &what);

		if (reply < 0)
			return NULL;
		serve_request(d, what, reply);
	}
}

bool door_keep(struct launch_door *d, const struct network *network, struct error *err)
{
	pthread_t thread;

	if (d->inside < 0)
		return true;
	d->network = network;
	errno = pthread_create(&thread, NULL, keep, d);
	if (errno != 0)
		return fail_errno(err, "starting a thread");
	pthread_detach(thread);
	return true;
}

/* --- outside */

static bool fail_closed(struct error *err, const char *why)
{
	return fail(err, ERROR_NETWORK, "connecting to the chute: %s", why);
}

static bool connect_module(struct launch_door *d, int *out, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	uint64_t deadline = clock_ms() + CONNECT_MS;

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", d->place);
	if (fd < 0)
		return fail_closed(err, strerror(errno));
	while (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		/* a full queue; poll() says nothing about it */
		if (errno != EINTR && (errno != EAGAIN || clock_ms() > deadline))
			return fail_closed(err, strerror(errno));
		sleep_ms(FULL_MS);
	}
	*out = fd_take(&fd);
	return true;
}

static bool request(struct launch_door *d, char what, int *reply, struct error *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_closed(err, strerror(errno));
	/* a full queue: nobody has answered for long */
	bool ok = send_descriptor(d->outside, what, pair[1], MSG_DONTWAIT) ||
		  fail_closed(err, strerror(errno));

	close(pair[1]);
	if (ok)
		*reply = pair[0];
	else
		close(pair[0]);
	return ok;
}

bool door_ask(struct launch_door *d, int *fd, bool *is_reply, struct error *err)
{
	*is_reply = d->outside >= 0;
	return *is_reply ? request(d, WANTS_SOCKET, fd, err) : connect_module(d, fd, err);
}

bool door_enter(struct launch_door *d, int *fd, struct error *err)
{
	char what;
	auto_fd int got = receive_descriptor(*fd, &what);
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)d->port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;

	if (got < 0)
		return fail_closed(err, "nobody is inside");
	setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(got, (struct sockaddr *)&address, sizeof(address)) < 0 && errno != EINPROGRESS)
		return fail_closed(err, strerror(errno));
	fd_close(fd);
	*fd = fd_take(&got);
	return true;
}

static bool wait_for(int fd, short events, uint64_t deadline, struct error *err)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		uint64_t now = clock_ms();
		int n = now < deadline ? poll(&p, 1, (int)(deadline - now)) : 0;

		if (n > 0)
			return true;
		if (n == 0)
			return fail_closed(err, "nobody answers");
		if (errno != EINTR)
			return fail_closed(err, strerror(errno));
	}
}

bool launch_door_connect(void *door, int *out, struct error *err)
{
	uint64_t deadline = clock_ms() + CONNECT_MS;
	auto_fd int fd = -1;
	bool is_reply;
	int number = 0;
	socklen_t len = sizeof(number);

	if (!door_ask(door, &fd, &is_reply, err))
		return false;
	if (is_reply && (!wait_for(fd, POLLIN, deadline, err) || !door_enter(door, &fd, err) ||
			 !wait_for(fd, POLLOUT, deadline, err)))
		return false;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) < 0 || number != 0)
		return fail_closed(err, strerror(number ? number : errno));
	*out = fd_take(&fd);
	return true;
}

size_t door_ports(struct launch_door *d, uint16_t *ports, size_t max)
{
	uint64_t deadline = clock_ms() + PORTS_MS;
	auto_fd int fd = -1;
	struct error ignored; /* nobody inside: nothing listens */

	if (d->outside < 0 || !request(d, WANTS_PORTS, &fd, &ignored) ||
	    !wait_for(fd, POLLIN, deadline, &ignored))
		return 0;
	ssize_t n = recv(fd, ports, max * sizeof(*ports), 0);

	return n > 0 ? (size_t)n / sizeof(*ports) : 0;
}
