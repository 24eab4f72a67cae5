/* SPDX-License-Identifier: MIT */
#include "tests/unit/serve_fixture.h"

#include <sys/resource.h>
#include <sys/un.h>

static int unix_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	client_set_patience(fd);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

TEST(addresses_that_are_none_are_refused)
{
	static const struct {
		const char *address;
		enum error_code code;
		const char *message;
	} cases[] = {
		{"", ERROR_USAGE, "listening at '': not an address"},
		{"8000", ERROR_USAGE, "listening at '8000': not an address"},
		{":8000", ERROR_USAGE, "listening at ':8000': not an address"},
		{"127.0.0.1:", ERROR_USAGE, "listening at '127.0.0.1:': not an address"},
		{"::1:8000", ERROR_USAGE, "listening at '::1:8000': not an address"},
		{"[::1:8000", ERROR_USAGE, "listening at '[::1:8000': not an address"},
		{"unix:", ERROR_USAGE,
		 "listening at 'unix:': the path of a unix socket has 1 to 107 bytes"},
		{"unix:/nowhere/at/all", ERROR_NOT_FOUND,
		 "listening at 'unix:/nowhere/at/all': binding: No such file or directory"},
		{"fd:x", ERROR_USAGE, "listening at 'fd:x': not the number of a descriptor"},
		{"fd:1000000", ERROR_FAILURE,
		 "listening at 'fd:1000000': looking at the descriptor: Bad file descriptor"},
		{"192.0.2.1:80", ERROR_FAILURE,
		 "listening at '192.0.2.1:80': listening: Cannot assign requested address"},
	};
	struct server *s = NULL;
	struct error err;

	CHECK_OK(server_new(&s, &(struct server_options){0}, &err), err);
	for (size_t i = 0; i < array_len(cases); i++) {
		CHECK(!server_listen(s, cases[i].address, &err));
		CHECK(err.code == cases[i].code);
		CHECK_TEXT(err.message, cases[i].message);
	}
	CHECK(server_address(s, 0) == NULL);
	server_free(s);
	server_free(NULL);
}

TEST(a_taken_port_is_a_conflict)
{
	struct fixture f;
	struct server *second = NULL;
	struct error err;

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	CHECK_OK(server_new(&second, &(struct server_options){0}, &err), err);
	CHECK(!server_listen(second, server_address(f.server, 0), &err));
	CHECK(err.code == ERROR_CONFLICT);
	server_free(second);
	fixture_stop(&f, 1000);
}

TEST(unix_sockets_and_inherited_ones_work_beside_tcp)
{
	char directory[] = "/tmp/chutes-serve-XXXXXX";
	struct fixture f = {0};
	struct error err;
	auto_text got = {0};
	auto_text rest = {0};
	const struct server_options options = {.routes = fixture_routes,
					       .n_routes = array_len(fixture_routes)};

	CHECK_OR_STOP(mkdtemp(directory));
	auto_free char *path = xprintf("%s/socket", directory);
	auto_free char *address = xprintf("unix:%s", path);
	int inherited = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(listen(inherited, 5) == 0);
	auto_free char *descriptor = xprintf("fd:%d", inherited);

	CHECK_OK(server_new(&f.server, &options, &err), err);
	CHECK_OK(server_listen(f.server, address, &err), err);
	CHECK_OK(server_listen(f.server, descriptor, &err), err);
	CHECK_TEXT(server_address(f.server, 0), address);
	CHECK(text_starts_with(server_address(f.server, 1), "0.0.0.0:"));
	f.port = (uint16_t)strtoul(server_address(f.server, 1) + 8, NULL, 10);
	CHECK(pthread_create(&f.thread, NULL, fixture_serve, &f) == 0);
	auto_fd int fd = unix_connect(path);

	CHECK(client_send(fd, HELLO));
	CHECK(client_next(fd, &rest, &got));
	CHECK_TEXT(reply_body(&got), "hello\n");
	CHECK(client_exchange(&f, HELLO_CLOSE, &got));
	CHECK_TEXT(reply_body(&got), "hello\n");
	fixture_stop(&f, 1000);
	CHECK(access(path, F_OK) < 0);
	rmdir(directory);
}

TEST(a_socket_file_that_nobody_serves_is_replaced)
{
	char directory[] = "/tmp/chutes-serve-XXXXXX";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct server *first = NULL;
	struct server *second = NULL;
	struct error err;

	CHECK_OR_STOP(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", directory);
	int stale = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK(bind(stale, (const struct sockaddr *)&address, sizeof(address)) == 0);
	close(stale);
	auto_free char *where = xprintf("unix:%s", address.sun_path);

	CHECK_OK(server_new(&first, &(struct server_options){0}, &err), err);
	CHECK_OK(server_new(&second, &(struct server_options){0}, &err), err);
	CHECK_OK(server_listen(first, where, &err), err);
	CHECK(!server_listen(second, where, &err));
	CHECK(err.code == ERROR_CONFLICT);
	server_free(second);
	CHECK(access(address.sun_path, F_OK) == 0);
	server_free(first);
	rmdir(directory);
}

TEST(version_6_is_spoken)
{
	struct fixture f;
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	auto_fd int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_text rest = {0};
	auto_text got = {0};

	if (probe < 0 || bind(probe, (const struct sockaddr *)&address, sizeof(address)) < 0)
		SKIP("no IPv6 here");
	CHECK_OR_STOP(fixture_start_at(&f, (struct server_options){0}, "[::1]:0"));
	CHECK(text_starts_with(server_address(f.server, 0), "[::1]:"));
	auto_fd int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin6_port = htons(f.port);
	CHECK(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(client_send(fd, HELLO));
	CHECK(client_next(fd, &rest, &got));
	fixture_stop(&f, 1000);
}

TEST(a_stop_lets_running_requests_finish)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.head_timeout_ms = 500}));
	auto_fd int idle = client_open(&f);
	auto_fd int partial = client_open(&f);
	auto_fd int fd = client_open(&f);

	CHECK(client_send(partial, "GET /"));
	CHECK(client_send(fd, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n"));
	CHECK(comes_to(&n_running, 1));
	server_stop(f.server, PATIENCE_S * 1000);
	n_let_go = 1;
	fixture_stop(&f, PATIENCE_S * 1000);
	CHECK(client_rest(fd, &got));
	CHECK(reply_status(&got) == 200);
	CHECK(reply_has(&got, "Connection: close\r\n"));
	text_clear(&got);
	CHECK(client_rest(idle, &got));
	CHECK_TEXT(text_str(&got), "");
	CHECK(client_rest(partial, &got));
	/* a thread may have been about to read more of it */
	CHECK(got.len == 0 || reply_status(&got) == 408);
}

TEST(a_stop_ends_streams_when_its_time_is_over)
{
	struct fixture f;
	auto_text got = {0};
	int fds[3];

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	for (size_t i = 0; i < array_len(fds); i++) {
		fds[i] = client_open(&f);
		CHECK(client_send(fds[i], i == 0 ? "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
						 : "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
	}
	CHECK(comes_to(&n_running, 3));
	fixture_stop(&f, 50);
	CHECK(n_gone == 3 && n_running == 0);
	for (size_t i = 0; i < array_len(fds); i++) {
		text_clear(&got);
		client_rest(fds[i], &got);
		CHECK(!text_ends_with(text_str(&got), "\r\n0\r\n\r\n"));
		close(fds[i]);
	}
}

static bool endless(struct request *req, struct reply *reply, struct error *err)
{
	static const char block[65536] = {0};
	const struct slice piece = {block, sizeof(block)};

	(void)req;
	n_running++;
	bool done = reply_begin(reply, 200, REPLY_UNKNOWN_LENGTH, err);

	while (done)
		done = reply_write(reply, &piece, 1, err);
	n_running--;
	return false;
}

TEST(a_stop_does_not_wait_for_a_client_that_reads_nothing)
{
	static const struct route routes[] = {{"GET", "/endless", .handle = endless}};
	struct fixture f;

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.routes = routes, .n_routes = 1}));
	auto_fd int fd = client_open(&f);
	uint64_t began_ms = clock_ms();

	CHECK(client_send(fd, "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"));
	CHECK(comes_to(&n_running, 1));
	sleep_ms(100);
	fixture_stop(&f, 0);
	CHECK(n_running == 0);
	/* the stall would be seen after a minute */
	CHECK(clock_ms() - began_ms < PATIENCE_S * 1000);
}

TEST(a_stop_before_the_start_ends_at_once)
{
	struct server *s = NULL;
	struct error err;

	CHECK_OK(server_new(&s, &(struct server_options){0}, &err), err);
	CHECK_OK(server_listen(s, "127.0.0.1:0", &err), err);
	server_stop(s, 0);
	CHECK_OK(server_run(s, &err), err);
	server_free(s);
}

TEST(a_head_that_does_not_come_is_408)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.head_timeout_ms = 100}));
	CHECK(client_exchange(&f, "GET /hello HTTP/1.1\r\nHo", &got));
	CHECK(reply_status(&got) == 408);
	CHECK(reply_has(&got, "Connection: close\r\n"));
	CHECK_TEXT(reply_body(&got), "{\"detail\":\"the head of the request does not come\"}");
	fixture_stop(&f, 1000);
}

TEST(a_head_has_one_time_however_it_drips)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.head_timeout_ms = 100}));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, "GET /hello HTTP/1.1\r\nX: "));
	int n = 0;

	for (; n < PATIENCE_S * 100; n++) {
		struct pollfd answer = {.fd = fd, .events = POLLIN};

		if (poll(&answer, 1, 10) > 0 || send(fd, "x", 1, MSG_NOSIGNAL) != 1)
			break;
	}
	client_rest(fd, &got);
	CHECK(reply_status(&got) == 408);
	CHECK(n < 300); /* there are 10 ms between two, at least */
	fixture_stop(&f, 1000);
}

TEST(an_idle_connection_is_closed_without_a_word)
{
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.idle_timeout_ms = 1000}));
	auto_fd int fresh = client_open(&f);
	auto_fd int used = client_open(&f);

	CHECK(client_send(used, HELLO));
	CHECK(client_next(used, &rest, &got));
	text_clear(&got);
	CHECK(client_rest(used, &got));
	CHECK(client_rest(fresh, &got));
	CHECK_TEXT(text_str(&got), "");
	fixture_stop(&f, 1000);
}

TEST(what_waits_too_long_for_a_thread_is_503)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(
		&f, (struct server_options){.threads_max = 2, .queue_timeout_ms = 500}));
	auto_fd int one = client_open(&f);
	auto_fd int two = client_open(&f);

	CHECK(client_send(one, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
	CHECK(client_send(two, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
	CHECK(comes_to(&n_running, 2));
	CHECK(client_exchange(&f, HELLO, &got));
	CHECK(reply_status(&got) == 503);
	CHECK(reply_has(&got, "\r\nRetry-After: 1\r\n"));
	fd_close(&one);
	CHECK(comes_to(&n_gone, 1));
	CHECK(client_exchange(&f, HELLO_CLOSE, &got));
	CHECK(reply_status(&got) == 200);
	fixture_stop(&f, 0);
}

TEST(who_waits_is_answered_although_others_gave_up)
{
	const struct linger now = {.l_onoff = 1};
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(
		&f, (struct server_options){.threads_max = 1, .queue_timeout_ms = 200}));
	auto_fd int one = client_open(&f);
	auto_fd int impatient = client_open(&f);

	CHECK(client_send(one, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
	CHECK(comes_to(&n_running, 1));
	CHECK(client_send(impatient, HELLO));
	sleep_ms(50); /* it is in the queue */
	CHECK(setsockopt(impatient, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
	fd_close(&impatient);
	CHECK(client_exchange(&f, HELLO, &got));
	CHECK(reply_status(&got) == 503);
	fixture_stop(&f, 0);
}

TEST(beyond_the_limit_connections_wait)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.connections_max = 2}));
	auto_fd int one = client_open(&f);
	auto_fd int two = client_open(&f);
	auto_text rest = {0};

	CHECK(client_send(one, HELLO));
	CHECK(client_next(one, &rest, &got));
	CHECK(client_send(two, HELLO));
	CHECK(client_next(two, &rest, &got));
	auto_fd int three = client_open(&f);
	struct pollfd answer = {.fd = three, .events = POLLIN};

	CHECK(client_send(three, HELLO));
	CHECK(poll(&answer, 1, 150) == 0);
	fd_close(&one);
	CHECK(client_next(three, &rest, &got));
	CHECK(reply_status(&got) == 200);
	fixture_stop(&f, 1000);
}

TEST(without_descriptors_connections_wait)
{
	struct fixture f;
	struct rlimit before;
	int taken[64];
	size_t n_taken = 0;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_in address = {.sin_family = AF_INET,
					    .sin_port = htons(f.port),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	getrlimit(RLIMIT_NOFILE, &before);
	const struct rlimit few = {64, before.rlim_max};

	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	while (n_taken < array_len(taken) && (taken[n_taken] = dup(fd)) >= 0)
		n_taken++;
	client_set_patience(fd);
	CHECK(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(client_send(fd, HELLO));
	struct pollfd answer = {.fd = fd, .events = POLLIN};

	CHECK(poll(&answer, 1, 150) == 0);
	while (n_taken > 0)
		close(taken[--n_taken]);
	CHECK(client_next(fd, &rest, &got));
	CHECK(reply_status(&got) == 200);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	fixture_stop(&f, 1000);
}
