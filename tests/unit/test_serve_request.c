/* SPDX-License-Identifier: MIT */
#include "tests/unit/serve_fixture.h"

TEST(a_request_is_answered_and_the_connection_kept)
{
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_fd int fd = client_open(&f);

	for (int i = 0; i < 3; i++) {
		CHECK(client_send(fd, HELLO));
		CHECK(client_next(fd, &rest, &got));
		CHECK(text_starts_with(text_str(&got), "HTTP/1.1 200 OK\r\nDate: "));
		CHECK(reply_has(&got, "\r\nContent-Length: 6\r\nContent-Type: text/plain\r\n\r\n"));
		CHECK(!reply_has(&got, "Connection"));
		CHECK_TEXT(reply_body(&got), "hello\n");
	}
	fixture_stop(&f, 1000);
	CHECK(recv(fd, &f, 1, 0) == 0);
}

TEST(pipelined_requests_are_answered_in_order)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	CHECK(client_exchange(&f,
			      HELLO
			      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
			      "POST /echo HTTP/1.1\r\nHost: a\r\n"
			      "Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n" HELLO_CLOSE,
			      &got));
	CHECK(n_handled == 4);
	const char *abc = strstr(text_str(&got), "\r\n\r\nabcHTTP");
	const char *de = strstr(text_str(&got), "\r\n\r\ndeHTTP");

	CHECK(abc && de && abc < de);
	CHECK(text_ends_with(text_str(&got), "\r\n\r\nhello\n"));
	fixture_stop(&f, 1000);
}

TEST(a_head_may_come_byte_by_byte)
{
	static const char head[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_fd int fd = client_open(&f);

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; head[i]; i++) {
			CHECK(send(fd, &head[i], 1, 0) == 1);
			sleep_ms(1);
		}
		CHECK(client_next(fd, &rest, &got));
		CHECK_TEXT(reply_body(&got), "ab");
	}
	fixture_stop(&f, 1000);
}

TEST(what_is_wrong_is_said_and_nothing_behind_it_is_read)
{
	static const struct {
		const char *request;
		int status;
		const char *has;
	} cases[] = {
		{"\r\n" HELLO, 400, "detail"},
		{"GET /hello HTTP/1.1\r\n\r\n", 400, "no Host"},
		{"GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "two Host"},
		{"GET /hello HTTP/1.1\r\nHost : a\r\n\r\n", 400, "detail"},
		{"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505, "detail"},
		{"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "\r\nAllow: \r\n"},
		{"BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501, "method"},
		{"GET /hello HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417, "Expect"},
		{"GET /hello HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", 426,
		 "Upgrade: HTTP/1.1\r\n"},
		{"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n",
		 400, "detail"},
		{"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501,
		 "detail"},
		{"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400,
		 "detail"},
		{"GET /hello%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "control"},
		{"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413,
		 "detail"},
	};
	struct fixture f;

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text got = {0};
		auto_free char *both = xprintf("%s%s", cases[i].request, HELLO);

		n_handled = 0;
		CHECK(client_exchange(&f, both, &got));
		if (!CHECK(reply_status(&got) == cases[i].status && reply_has(&got, cases[i].has)))
			printf("# %s\n# -> %s\n", cases[i].request, text_str(&got));
		CHECK(reply_has(&got, "\r\nConnection: close\r\n"));
		CHECK(!reply_has(&got, "hello\n"));
		CHECK(last_logged_status == cases[i].status);
	}
	fixture_stop(&f, 1000);
}

static void fill_head(struct text *out, size_t len)
{
	text_clear(out);
	text_add(out, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ");
	while (out->len < len - 4)
		text_add_char(out, 'x');
	text_add(out, "\r\n\r\n");
}

TEST(heads_have_a_limit)
{
	struct fixture f;
	auto_text request = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	fill_head(&request, 16 * 1024);
	CHECK(client_exchange(&f, text_str(&request), &got));
	CHECK(reply_status(&got) == 200);
	fill_head(&request, 16 * 1024 + 1);
	CHECK(client_exchange(&f, text_str(&request), &got));
	CHECK(reply_status(&got) == 431);
	for (size_t len = 8191; len <= 8193; len++) {
		text_clear(&request);
		text_add(&request, "GET /hello?");
		while (request.len < 4 + len)
			text_add_char(&request, 'q');
		text_add(&request, " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
		CHECK(client_exchange(&f, text_str(&request), &got));
		CHECK(reply_status(&got) == (len > 8192 ? 414 : 200));
	}
	fixture_stop(&f, 1000);
}

TEST(http_1_0_is_closed_unless_it_asks)
{
	struct fixture f;
	auto_text rest = {0};
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	CHECK(client_exchange(&f, "GET /hello HTTP/1.0\r\n\r\n", &got));
	CHECK(text_starts_with(text_str(&got), "HTTP/1.1 200 OK"));
	CHECK(reply_has(&got, "Connection: close\r\n"));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
	CHECK(client_next(fd, &rest, &got));
	CHECK(reply_has(&got, "Connection: keep-alive\r\n"));
	CHECK(client_send(fd, HELLO_CLOSE));
	CHECK(client_next(fd, &rest, &got));
	fixture_stop(&f, 1000);
}

static bool show(struct request *req, struct reply *reply, struct error *err)
{
	auto_text out = {0};
	struct slice name, value;
	size_t i = 0;

	text_addf(&out, "%s|%s|%s|%s|%s|", request_method(req), request_target(req),
		  request_path(req), request_query(req), request_param(req, "name"));
	text_addf(&out, "%s|%s|%s|", request_header(req, "x-one"),
		  request_header(req, "x-two") ? "two" : "none",
		  request_header(req, "x-none") ? "some" : "none");
	while (request_header_next(req, &i, &name, &value))
		text_addf(&out, "%.*s,", (int)name.len, name.at);
	text_addf(&out, "|%s|%d|%s",
		  text_starts_with(request_peer(req), "127.0.0.1:") ? "peer" : "",
		  (int)request_route(req)->access, (const char *)request_context(req));
	return reply_send(reply, 200, NULL, text_str(&out), out.len, err);
}

TEST(a_handler_sees_the_request)
{
	static const struct route routes[] = {
		{"GET", "/things/{name}", .access = 7, .handle = show}};
	static char context[] = "context";
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(
		&f, (struct server_options){.routes = routes, .n_routes = 1, .context = context}));
	CHECK(client_exchange(&f,
			      "GET /things/a%20b?q=%31 HTTP/1.1\r\nHost: a\r\nX-One:  1 \r\n"
			      "X-Two: 1\r\nX-Two: 2\r\nConnection: close\r\n\r\n",
			      &got));
	CHECK_TEXT(reply_body(&got), "GET|/things/a%20b?q=%31|/things/a b|q=%31|a b|1|none|none|"
				     "Host,X-One,X-Two,X-Two,Connection,|peer|7|context");
	fixture_stop(&f, 1000);
}

TEST(a_client_that_hangs_up_before_its_head_is_complete_is_forgotten)
{
	struct fixture f;

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	for (int i = 0; i < 3; i++) {
		int fd = client_open(&f);

		if (i > 0)
			client_send(fd, "GET /he");
		if (i == 2)
			shutdown(fd, SHUT_WR);
		close(fd);
	}
	auto_text got = {0};

	CHECK(client_exchange(&f, HELLO_CLOSE, &got));
	CHECK(n_handled == 1);
	fixture_stop(&f, 1000);
}

TEST(a_client_that_closed_its_sending_side_gets_its_answer)
{
	struct fixture f;

	CHECK_OR_STOP(fixture_start(&f, (struct server_options){0}));
	auto_text got = {0};
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd,
			  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" HELLO));
	shutdown(fd, SHUT_WR);
	CHECK(client_rest(fd, &got));
	CHECK(reply_has(&got, "\r\n\r\nabcHTTP/1.1 200 OK\r\n"));
	CHECK(text_ends_with(text_str(&got), "\r\n\r\nhello\n"));
	fixture_stop(&f, 1000);
}
