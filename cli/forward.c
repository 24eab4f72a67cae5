/* SPDX-License-Identifier: MIT */
#include "cli/forward.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct way {
	int from;
	int to;
};

static void *carry(void *arg)
{
	const struct way *way = arg;
	struct error ignored; /* both ends hear of it */
	bool is_whole maybe_unused = fd_copy(way->from, way->to, NULL, &ignored);

	shutdown(way->to, SHUT_WR);
	shutdown(way->from, SHUT_RD);
	return NULL;
}

struct visit {
	int client;
	struct launch_door *door;
};

static void *serve_client(void *arg)
{
	auto_free struct visit *visit = arg;
	auto_fd int client = visit->client;
	auto_fd int chute = -1;
	struct error ignored; /* the client sees the connection close */
	pthread_t thread;

	if (!launch_door_connect(visit->door, &chute, &ignored))
		return NULL;
	fcntl(chute, F_SETFL, 0);
	struct way up = {client, chute};
	struct way down = {chute, client};

	if (pthread_create(&thread, NULL, carry, &up) != 0)
		return NULL;
	carry(&down);
	pthread_join(thread, NULL);
	return NULL;
}

static _Noreturn void accept_all(int listener, struct launch_door *door)
{
	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pthread_t thread;

		if (client < 0)
			continue;
		struct visit *visit = xcalloc(1, sizeof(*visit));

		*visit = (struct visit){client, door};
		if (pthread_create(&thread, NULL, serve_client, visit) == 0) {
			pthread_detach(thread);
			continue;
		}
		close(client);
		free(visit);
	}
}

bool forward_start(int64_t port, struct launch_door *door, struct error *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	auto_fd int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return fail_errno(err, "making a socket");
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listener, SOMAXCONN) < 0) {
		if (errno != EADDRINUSE)
			return fail_errno(err, "port %d of 127.0.0.1", (int)port);
		fail(err, ERROR_CONFLICT, "port %d of 127.0.0.1 is in use", (int)port);
		return fail_hint(err, "stop what listens there, or choose another with --port");
	}
	pid_t pid = fork();

	if (pid < 0)
		return fail_errno(err, "starting a process");
	if (pid > 0)
		return true;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	interrupt_reset();
	signal(SIGINT, SIG_IGN); /* of a terminal: it is for the one that stops the chute */
	signal(SIGPIPE, SIG_IGN);
	accept_all(listener, door);
}
