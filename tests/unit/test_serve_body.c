/* SPDX-License-Identifier: MIT */
#include "tests/unit/serve_fixture.h"

#include <sys/mman.h>

#define POST(path, headers) "POST " path " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"

TEST(a_body_may_come_in_pieces)
{
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_fd int fd = client_open(&f);

	for (int i = 0; i < 2; i++) {
		CHECK(client_send(fd, POST("/echo", "Transfer-Encoding: chunked\r\n") "3\r\nab"));
		sleep_ms(30); /* longer than a recv() of the server waits */
		CHECK(client_send(fd, "c\r\n1;x=y\r\nz\r\n0\r\nTrailer: x\r\n"));
		sleep_ms(1);
		CHECK(client_send(fd, "\r\n"));
		CHECK(client_next(fd, &rest, &got));
		CHECK_TEXT(reply_body(&got), "abcz");
	}
	CHECK(client_send(fd, POST("/echo", "Content-Length: 0\r\n")));
	CHECK(client_next(fd, &rest, &got));
	CHECK(reply_status(&got) == 200);
	CHECK_TEXT(reply_body(&got), "");
	fixture_stop(&f, 1000);
}

TEST(bodies_have_the_limit_of_their_route)
{
	struct fixture f;
	auto_text request = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	for (size_t len = ECHO_MAX - 1; len <= ECHO_MAX + 1; len++) {
		for (int is_chunked = 0; is_chunked < 2; is_chunked++) {
			text_clear(&request);
			text_add(&request,
				 "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
			if (is_chunked)
				text_addf(&request, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n",
					  len);
			else
				text_addf(&request, "Content-Length: %zu\r\n\r\n", len);
			for (size_t i = 0; i < len; i++)
				text_add_char(&request, 'b');
			if (is_chunked)
				text_add(&request, "\r\n0\r\n\r\n");
			text_clear(&got);
			auto_fd int fd = client_open(&f);

			client_send(fd, text_str(&request));
			client_rest(fd, &got);
			CHECK(reply_status(&got) == (len > ECHO_MAX ? 413 : 200));
			if (len <= ECHO_MAX)
				CHECK(strlen(reply_body(&got)) == len);
		}
	}
	fixture_stop(&f, 1000);
}

TEST(no_body_where_none_is_taken)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	CHECK(client_exchange(
		&f, "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" HELLO, &got));
	CHECK(reply_status(&got) == 413);
	CHECK_TEXT(reply_body(&got), "{\"detail\":\"no body is taken here\"}");
	CHECK(client_exchange(
		&f,
		"GET /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HELLO,
		&got));
	CHECK(reply_status(&got) == 413);
	CHECK(n_handled == 0);
	fixture_stop(&f, 1000);
}

TEST(who_waits_for_100_gets_it_when_the_handler_reads)
{
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, POST("/echo", "Expect: 100-continue\r\nContent-Length: 2\r\n")));
	CHECK(client_next(fd, &rest, &got));
	CHECK_TEXT(text_str(&got), "HTTP/1.1 100 Continue\r\n\r\n");
	CHECK(client_send(fd, "ab"));
	CHECK(client_next(fd, &rest, &got));
	CHECK_TEXT(reply_body(&got), "ab");
	/* it did not wait: no 100 */
	CHECK(client_send(fd, POST("/echo", "Expect: 100-continue\r\nContent-Length: 2\r\n") "cd"));
	CHECK(client_next(fd, &rest, &got));
	CHECK(reply_status(&got) == 200);
	CHECK_TEXT(reply_body(&got), "cd");
	fixture_stop(&f, 1000);
}

TEST(who_waits_for_100_and_is_refused_is_told_and_closed)
{
	static const char *const heads[] = {
		POST("/echo", "Expect: 100-continue\r\nContent-Length: 1048577\r\n"),
		POST("/nowhere", "Expect: 100-continue\r\nContent-Length: 2\r\n"),
		POST("/ignore", "Expect: 100-continue\r\nContent-Length: 2\r\n"),
	};
	static const int statuses[] = {413, 404, 200};
	struct fixture f;

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	for (size_t i = 0; i < array_len(heads); i++) {
		auto_text got = {0};

		CHECK(client_exchange(&f, heads[i], &got));
		CHECK(reply_status(&got) == statuses[i]);
		CHECK(reply_has(&got, "Connection: close\r\n"));
	}
	fixture_stop(&f, 1000);
}

TEST(a_body_that_nobody_read_is_skipped_or_ends_the_connection)
{
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};
	auto_text request = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_fd int fd = client_open(&f);

	for (size_t len = 65535; len <= 65537; len++) {
		text_clear(&request);
		text_addf(&request,
			  "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", len);
		for (size_t i = 0; i < len; i++)
			text_add_char(&request, 'b');
		CHECK(client_send(fd, text_str(&request)));
		CHECK(client_next(fd, &rest, &got));
		CHECK(reply_status(&got) == 200);
		CHECK(reply_has(&got, "Connection: close") == (len > 65536));
	}
	CHECK(recv(fd, &f, 1, 0) <= 0);
	CHECK(client_exchange(&f, POST("/nowhere", "Content-Length: 3\r\n") "abc" HELLO_CLOSE,
			      &got));
	CHECK(reply_status(&got) == 404);
	CHECK(text_ends_with(text_str(&got), "hello\n"));
	fixture_stop(&f, 1000);
}

TEST(a_client_that_hangs_up_in_its_body_is_not_answered)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, POST("/echo", "Content-Length: 3\r\n") "ab"));
	CHECK(comes_to(&n_handled, 1));
	shutdown(fd, SHUT_WR);
	CHECK(client_rest(fd, &got));
	CHECK_TEXT(text_str(&got), "");
	fixture_stop(&f, 1000);
	CHECK(last_logged_status == 499);
}

TEST(a_body_that_stops_is_408)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.stall_timeout_ms = 100}));
	CHECK(client_exchange(&f, POST("/echo", "Content-Length: 3\r\n") "ab", &got));
	CHECK(reply_status(&got) == 408);
	CHECK_TEXT(reply_body(&got), "{\"detail\":\"the body does not come\"}");
	fixture_stop(&f, 1000);
}

TEST(a_body_that_drips_is_408)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.stall_timeout_ms = 300}));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, POST("/echo", "Content-Length: 100000\r\n")));
	for (int i = 0; i < PATIENCE_S * 100 && send(fd, "x", 1, MSG_NOSIGNAL) == 1; i++) {
		struct pollfd answer = {.fd = fd, .events = POLLIN};

		if (poll(&answer, 1, 10) > 0)
			break;
	}
	client_rest(fd, &got);
	CHECK(reply_status(&got) == 408);
	CHECK_TEXT(reply_body(&got), "{\"detail\":\"the body comes too slowly\"}");
	fixture_stop(&f, 1000);
}

static bool to_file(struct request *req, struct reply *reply, struct error *err)
{
	auto_fd int fd = memfd_create("body", MFD_CLOEXEC);

	return request_body_to_file(req, fd, 5, err) &&
	       reply_file(reply, 200, fd, 1, (uint64_t)lseek(fd, 0, SEEK_END) - 1, err);
}

TEST(a_body_becomes_a_file_and_a_file_a_reply)
{
	static const struct route routes[] = {
		{"POST", "/file", .body_max_bytes = 100, .handle = to_file}};
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.routes = routes, .n_routes = 1}));
	CHECK(client_exchange(
		&f, POST("/file", "Connection: close\r\nContent-Length: 5\r\n") "abcde", &got));
	CHECK_TEXT(reply_body(&got), "bcde");
	CHECK(client_exchange(&f, POST("/file", "Content-Length: 6\r\n") "abcdef", &got));
	CHECK(reply_status(&got) == 413);
	fixture_stop(&f, 1000);
}

static int pipe_ends[2];

/* Says what came first: bytes of the body, its end, or the other descriptor. */
static bool either(struct request *req, struct reply *reply, struct error *err)
{
	auto_text seen = {0};
	struct slice piece;
	int got;

	while ((got = request_body_next_or(req, pipe_ends[0], &piece, err)) > 0) {
		if (got == 1) {
			text_add_bytes(&seen, piece.at, piece.len);
			continue;
		}
		char byte;
		ssize_t n = read(pipe_ends[0], &byte, 1);

		text_addf(&seen, "<%c>", n == 1 ? byte : '?');
		n_handled++;
	}
	return got == 0 && reply_send(reply, 200, NULL, text_str(&seen), seen.len, err);
}

TEST(a_handler_may_look_after_another_descriptor_as_well)
{
	static const struct route routes[] = {
		{"POST", "/either", .body_max_bytes = 100, .handle = either}};
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(pipe2(pipe_ends, O_CLOEXEC) == 0);
	CHECK_OR_STOP(fixture_start(&f, (struct server_options){.routes = routes, .n_routes = 1}));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, POST("/either", "Content-Length: 4\r\n") "ab"));
	CHECK(write(pipe_ends[1], "p", 1) == 1);
	CHECK(comes_to(&n_handled, 1));
	CHECK(client_send(fd, "cd"));
	CHECK(client_next(fd, &rest, &got));
	CHECK_TEXT(reply_body(&got), "ab<p>cd");
	fixture_stop(&f, 1000);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}
