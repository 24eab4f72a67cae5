/* SPDX-License-Identifier: MIT */
#include "lib/launch/door.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/launch/ready.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct peer {
	int listener;
	const char *reply;
	bool trickles;
};

static void *answer(void *arg)
{
	struct peer *p = arg;
	auto_fd int fd = accept(p->listener, NULL, NULL);
	char request[512];
	ssize_t got = read(fd, request, sizeof(request));
	size_t step = p->trickles ? 1 : strlen(p->reply);

	for (const char *c = p->reply; got > 0 && *c && send(fd, c, step, MSG_NOSIGNAL) > 0;
	     c += step)
		if (p->trickles)
			usleep(20000);
	return NULL;
}

static int listen_anywhere(int64_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -1;
	*port = ntohs(address.sin_port);
	return fd;
}

/* Ask until there is an answer: its status, -1 when nobody answers. */
static int probe(struct probe *p)
{
	int status = 0;
	int got;

	if (!probe_begin(p))
		return -1;
	while ((got = probe_go_on(p, &status)) == 0) {
		struct pollfd ready = {.fd = p->fd, .events = probe_events(p)};
		uint64_t now = clock_ms();
		bool is_over = p->deadline && p->deadline <= now;

		poll(&ready, 1, is_over ? 0 : p->deadline ? (int)(p->deadline - now) : 10000);
	}
	CHECK(p->state == PROBE_IDLE);
	return got < 0 ? -1 : status;
}

TEST(probes_read_the_status)
{
	static const struct {
		const char *reply;
		int status;
		const char *why;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\n\r\n", 200, ""},
		{"HTTP/1.0 503 No\r\n\r\n", 503, ""},
		{"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", 200, ""},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", 200, ""},
		{"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 404,
		 ""},
		{"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, ""},
		{"SSH-2.0-OpenSSH_9.2\r\n", 0,
		 "a status line that is not 'HTTP/1.1 STATUS REASON'"},
		{"HTTP/1.1 2x0 OK\r\n", 0, "a status that is not 100 to 599"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", 0,
		 "two Content-Length headers"},
		{"HTTP/1.1 503 No\r\nA: b\r\n", 0, "a head without an end"},
		{"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1", 0, "a head without an end"},
		{"HTTP/1.1", 0, "a head without an end"},
		{"", -1, ""},
	};
	struct spec spec = {.mode = SPEC_HANDLERS};
	struct launch_door *door = NULL;
	struct error err;

	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	for (size_t i = 0; i < 2 * array_len(cases); i++) {
		struct peer p = {door_listener(door), cases[i / 2].reply, i % 2};
		struct probe question = {.door = door, .path = "/_ping"};
		pthread_t thread;

		CHECK_OR_STOP(pthread_create(&thread, NULL, answer, &p) == 0);
		CHECK(probe(&question) == cases[i / 2].status);
		CHECK_TEXT(question.why ? question.why : "", cases[i / 2].why);
		pthread_join(thread, NULL);
	}
	launch_door_close(door);
}

/* A server that keeps the connection although it is asked not to: the body's length says enough. */
TEST(an_answer_ends_where_it_says)
{
	struct spec spec = {.mode = SPEC_HANDLERS};
	struct launch_door *door = NULL;
	struct error err;

	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	struct probe question = {.door = door, .path = "/"};
	int status = 0;

	CHECK_OR_STOP(probe_begin(&question));
	auto_fd int peer = accept(door_listener(door), NULL, NULL);
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

	CHECK(probe_go_on(&question, &status) == 0 && question.state == PROBE_WAITING);
	CHECK(send(peer, reply, strlen(reply) - 1, 0) == (ssize_t)strlen(reply) - 1);
	CHECK(probe_go_on(&question, &status) == 0 && question.state == PROBE_DRAINING);
	CHECK(send(peer, "k", 1, 0) == 1);
	CHECK(probe_go_on(&question, &status) == 1 && status == 200);
	launch_door_close(door);
}

/* An event stream never ends: its head is the answer. */
TEST(an_answer_that_goes_on_counts_when_its_time_is_over)
{
	struct spec spec = {.mode = SPEC_HANDLERS};
	struct launch_door *door = NULL;
	struct error err;

	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	struct probe question = {.door = door, .path = "/", .limit_ms = 100};
	int status = 0;
	int got;

	CHECK_OR_STOP(probe_begin(&question));
	auto_fd int peer = accept(door_listener(door), NULL, NULL);
	static const char reply[] = "HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n";

	CHECK(send(peer, reply, strlen(reply), 0) == (ssize_t)strlen(reply));
	while ((got = probe_go_on(&question, &status)) == 0)
		usleep(5000);
	CHECK(got == 1 && status == 200);
	launch_door_close(door);
}

TEST(a_question_has_a_limit)
{
	struct spec spec = {.mode = SPEC_HANDLERS};
	struct launch_door *door = NULL;
	struct error err;

	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	struct probe question = {.door = door, .path = "/", .limit_ms = 100};
	uint64_t start = clock_ms();

	CHECK(probe(&question) == -1); /* it connects, and nobody takes the connection */
	CHECK(clock_ms() - start >= 100 && clock_ms() - start < 8000);
	launch_door_close(door);
}

TEST(a_module_is_reached_through_what_it_inherits)
{
	struct spec spec = {.mode = SPEC_PYTHON};
	struct launch_door *door = NULL;
	char byte = 0;
	struct error err;

	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	for (int i = 0; i < 3; i++) {
		auto_fd int fd = -1;

		CHECK_OK(launch_door_connect(door, &fd, &err), err);
		auto_fd int other = accept(door_listener(door), NULL, NULL);

		CHECK(send(fd, "x", 1, 0) == 1 && recv(other, &byte, 1, 0) == 1 && byte == 'x');
	}
	launch_door_close(door);
	launch_door_close(NULL);
}

TEST(a_server_is_reached_by_sockets_from_inside)
{
	struct spec spec = {.mode = SPEC_SERVER};
	struct launch_door *door = NULL;
	auto_fd int listener = listen_anywhere(&spec.server.port);
	struct error err;

	CHECK_OR_STOP(listener >= 0);
	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	CHECK(door_listener(door) == -1);
	CHECK_OK(door_keep(door, NULL, &err), err);
	for (int i = 0; i < 3; i++) {
		auto_fd int fd = -1;

		CHECK_OK(launch_door_connect(door, &fd, &err), err);
		auto_fd int other = accept(listener, NULL, NULL);

		CHECK(other >= 0);
	}
	/* the keeper lives as long as the process */
}

TEST(a_server_is_asked_through_its_door)
{
	struct spec spec = {.mode = SPEC_SERVER};
	struct launch_door *door = NULL;
	auto_fd int listener = listen_anywhere(&spec.server.port);
	struct peer p = {listener, "HTTP/1.1 204 OK\r\n\r\n", false};
	pthread_t thread;
	struct error err;

	CHECK_OR_STOP(listener >= 0);
	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	CHECK_OK(door_keep(door, NULL, &err), err);
	struct probe question = {.door = door, .path = "/"};

	CHECK_OR_STOP(pthread_create(&thread, NULL, answer, &p) == 0);
	CHECK(probe(&question) == 204);
	pthread_join(thread, NULL);
	fd_close(&listener);
	auto_fd int fd = -1;

	CHECK(!launch_door_connect(door, &fd, &err));
	CHECK(err.code == ERROR_NETWORK);
	CHECK_TEXT(err.message, "connecting to the chute: Connection refused");
	CHECK(probe(&question) == -1);
}

TEST(nobody_is_inside)
{
	struct spec spec = {.mode = SPEC_SERVER, .server.port = 1};
	struct launch_door *door = NULL;
	auto_fd int fd = -1;
	struct error err;

	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	CHECK(!launch_door_connect(door, &fd, &err));
	CHECK(err.code == ERROR_NETWORK);
	CHECK_TEXT(err.message, "connecting to the chute: nobody answers");
	launch_door_close(door);
}

/* The name of a socket has 107 bytes. */
TEST(a_long_name_of_the_temporary_directory)
{
	char path[] = "/tmp/chutes-test-XXXXXX";
	struct spec spec = {.mode = SPEC_HANDLERS};
	struct launch_door *door = NULL;
	auto_fd int fd = -1;
	struct error err;

	CHECK_OR_STOP(mkdtemp(path) != NULL);
	auto_free char *temporary = xprintf("%s/%0*d", path, 200, 0);

	CHECK(mkdir(temporary, 0700) == 0);
	setenv("TMPDIR", temporary, 1);
	CHECK_OK(launch_door_open(&door, &spec, &err), err);
	unsetenv("TMPDIR");
	/* nothing stays of it, and yet it can be reached */
	CHECK(rmdir(temporary) == 0 && rmdir(path) == 0);
	CHECK_OR_STOP(door != NULL);
	CHECK_OK(launch_door_connect(door, &fd, &err), err);
	launch_door_close(door);
}
