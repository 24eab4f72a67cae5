/* SPDX-License-Identifier: MIT */
#include "lib/launch/launch.h"

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
	int listener;
	const char *reply;
};

static void *answer(void *arg)
{
	struct peer *p = arg;
	auto_fd int fd = accept(p->listener, NULL, NULL);
	char request[512];
	ssize_t got = read(fd, request, sizeof(request));
	struct error err;

	if (got > 0 && !fd_write_all(fd, p->reply, strlen(p->reply), &err))
		printf("# %s\n", err.message);
	return NULL;
}

static int listen_anywhere(int64_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -1;
	*port = ntohs(address.sin_port);
	return fd;
}

TEST(probes_read_the_status)
{
	static const struct {
		const char *reply;
		int status;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\n\r\n", 200},
		{"HTTP/1.0 503 No\r\n", 503},
		{"SSH-2.0-OpenSSH_9.2\r\n", 0},
		{"HTTP/1.1 2x0 OK\r\n", 0},
		{"HTTP/1.1", 0},
		{"", 0},
	};
	int64_t port = 0;
	auto_fd int listener = listen_anywhere(&port);

	CHECK_OR_STOP(listener >= 0);
	for (size_t i = 0; i < array_len(cases); i++) {
		struct peer p = {listener, cases[i].reply};
		pthread_t thread;

		CHECK_OR_STOP(pthread_create(&thread, NULL, answer, &p) == 0);
		CHECK(ready_probe(port, "/_ping") == cases[i].status);
		pthread_join(thread, NULL);
	}
}

/* One byte at a time, each before anybody's patience with a single byte is over. */
static void *trickle(void *arg)
{
	struct peer *p = arg;
	auto_fd int fd = accept(p->listener, NULL, NULL);

	for (const char *c = p->reply; *c && send(fd, c, 1, MSG_NOSIGNAL) == 1; c++)
		usleep(900000);
	return NULL;
}

TEST(a_probe_ends_whatever_the_peer_does)
{
	int64_t port = 0;
	auto_fd int listener = listen_anywhere(&port);
	struct peer p = {listener, "HTTP/1.1 200 OK"};
	uint64_t start = clock_ms();
	pthread_t thread;

	CHECK_OR_STOP(listener >= 0 && pthread_create(&thread, NULL, trickle, &p) == 0);
	CHECK(ready_probe(port, "/") == 0);
	CHECK(clock_ms() - start >= 2000 && clock_ms() - start < 8000);
	pthread_join(thread, NULL);
}

TEST(a_full_queue_is_not_waited_for)
{
	int64_t port = 0;
	auto_fd int listener = listen_anywhere(&port);
	auto_fd int first = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint64_t start = clock_ms();

	CHECK_OR_STOP(listener >= 0 && listen(listener, 0) == 0);
	CHECK(connect(first, (struct sockaddr *)&address, sizeof(address)) == 0);
	/* the kernel is silent to the next one */
	CHECK(ready_probe(port, "/") == 0);
	CHECK(clock_ms() - start < 20000);
}

TEST(a_taken_port_is_a_conflict)
{
	int64_t port = 0;
	int listener = listen_anywhere(&port);
	struct error err;

	CHECK_OR_STOP(listener >= 0);
	CHECK(!port_check(port, &err));
	CHECK(err.code == ERROR_CONFLICT && err.hint[0]);
	close(listener);
	CHECK_OK(port_check(port, &err), err);
	CHECK(ready_probe(port, "/") == 0);
}
