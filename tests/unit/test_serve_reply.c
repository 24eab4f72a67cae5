/* SPDX-License-Identifier: MIT */
#include "tests/unit/serve_fixture.h"

#include <sys/mman.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static bool in_chunks(struct request *req, struct reply *reply, struct error *err)
{
	const struct slice one[] = {{"ab", 2}, {"", 0}, {"c", 1}};
	const struct slice two[] = {{"de", 2}, {"", 0}, {"f", 1}};

	(void)req;
	reply_header(reply, "X-Kind", "chunks");
	return reply_begin(reply, 200, REPLY_UNKNOWN_LENGTH, err) &&
	       reply_write(reply, one, array_len(one), err) && reply_write(reply, NULL, 0, err) &&
	       reply_write_pieces(reply, two, array_len(two), true, err);
}

static bool with_length(struct request *req, struct reply *reply, struct error *err)
{
	const struct slice piece = {"abc", 3};

	(void)req;
	return reply_begin(reply, 201, 6, err) && reply_write(reply, &piece, 1, err) &&
	       reply_write(reply, &piece, 1, err);
}

static bool nothing(struct request *req, struct reply *reply, struct error *err)
{
	return reply_begin(reply, strcmp(request_path(req), "/204") == 0 ? 204 : 304,
			   REPLY_UNKNOWN_LENGTH, err);
}

static bool break_off(struct request *req, struct reply *reply, struct error *err)
{
	const struct slice piece = {"abc", 3};
	bool has_length = strcmp(request_path(req), "/break/length") == 0;

	return reply_begin(reply, 200, has_length ? 6 : REPLY_UNKNOWN_LENGTH, err) &&
	       reply_write(reply, &piece, 1, err) && fail(err, ERROR_FAILURE, "it broke");
}

static bool not_found(struct request *req, struct reply *reply, struct error *err)
{
	(void)req;
	reply_header(reply, "X-Dropped", "yes");
	return fail(err, ERROR_NOT_FOUND, "no \"x\" here");
}

static bool close_behind(struct request *req, struct reply *reply, struct error *err)
{
	(void)req;
	reply_close(reply);
	reply_header(reply, "Date", "today");
	return reply_send(reply, 200, NULL, "", 0, err);
}

static bool events(struct request *req, struct reply *reply, struct error *err)
{
	(void)req;
	return reply_event(reply, NULL, "one", err) &&
	       reply_event(reply, "many", "two\nthree\r\n\rfour", err);
}

enum { FILE_BYTES = 3 << 20 };

static bool file(struct request *req, struct reply *reply, struct error *err)
{
	auto_fd int fd = memfd_create("file", MFD_CLOEXEC);
	auto_free unsigned char *bytes = xcalloc(1, FILE_BYTES);

	for (size_t i = 0; i < FILE_BYTES; i++)
		bytes[i] = (unsigned char)(i % 251);
	return fd_write_all(fd, bytes, FILE_BYTES, err) &&
	       reply_file(reply, 200, fd, 7,
			  strcmp(request_path(req), "/file/short") == 0 ? FILE_BYTES
									: FILE_BYTES - 7,
			  err);
}

/* More pieces than one system call takes. */
static bool many(struct request *req, struct reply *reply, struct error *err)
{
	struct slice pieces[300];

	for (size_t i = 0; i < array_len(pieces); i++)
		pieces[i] = (struct slice){"x", 1};
	(void)req;
	return reply_begin(reply, 200, REPLY_UNKNOWN_LENGTH, err) &&
	       reply_write(reply, pieces, array_len(pieces), err) &&
	       reply_write_pieces(reply, pieces, array_len(pieces), false, err);
}

static const struct route routes[] = {
	{"GET", "/hello", .handle = handle_hello}, {"GET", "/chunks", .handle = in_chunks},
	{"GET", "/length", .handle = with_length}, {"GET", "/204", .handle = nothing},
	{"GET", "/304", .handle = nothing},        {"GET", "/break/{how}", .handle = break_off},
	{"GET", "/missing", .handle = not_found},  {"GET", "/close", .handle = close_behind},
	{"GET", "/events", .handle = events},      {"GET", "/file", .handle = file},
	{"GET", "/file/short", .handle = file},    {"GET", "/many", .handle = many},
};
static const struct server_options options = {.routes = routes, .n_routes = array_len(routes)};

TEST(replies_have_the_framing_that_fits)
{
	static const struct {
		const char *request;
		const char *has;
		const char *body;
	} cases[] = {
		{GET("/chunks"), "Transfer-Encoding: chunked\r\nX-Kind: chunks\r\n",
		 "3\r\nabc\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"},
		{GET("/length"), "HTTP/1.1 201 Created\r\n", "abcabc"},
		{GET("/204"), "HTTP/1.1 204 No Content\r\n", ""},
		{GET("/304"), "HTTP/1.1 304 Not Modified\r\n", ""},
		{"HEAD /length HTTP/1.1\r\nHost: a\r\n\r\n", "Content-Length: 6\r\n", ""},
		{"HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n", "Content-Length: 6\r\n", ""},
		{"HEAD /chunks HTTP/1.1\r\nHost: a\r\n\r\n", "Transfer-Encoding: chunked\r\n", ""},
		{"HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n", "Content-Length: 3145721\r\n", ""},
		{"HEAD /missing HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", ""},
		{GET("/missing"), "HTTP/1.1 404 Not Found\r\n",
		 "{\"detail\":\"no \\\"x\\\" here\"}"},
		{GET("/events"), "Content-Type: text/event-stream\r\n",
		 "b\r\ndata: one\n\n\r\n"
		 "35\r\nevent: many\ndata: two\ndata: three\ndata: \ndata: four\n\n\r\n"
		 "0\r\n\r\n"},
	};
	struct fixture f;

	CHECK_OR_STOP(fixture_start(&f, options));
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text got = {0};
		/* the second shows where the first one's reply ended */
		auto_free char *both = xprintf("%s%s", cases[i].request, HELLO_CLOSE);

		CHECK(client_exchange(&f, both, &got));
		auto_free char *want = xprintf("%s%s", cases[i].body, "HTTP/1.1 200 OK");

		if (!CHECK(reply_has(&got, cases[i].has) &&
			   text_starts_with(reply_body(&got), want)))
			printf("# %s -> %s\n", cases[i].request, text_str(&got));
		CHECK(!reply_has(&got, "X-Dropped"));
	}
	fixture_stop(&f, 1000);
}

TEST(http_1_0_gets_what_has_no_length_until_the_end)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, options));
	CHECK(client_exchange(&f, "GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &got));
	CHECK(reply_has(&got, "Connection: close\r\n"));
	CHECK(!reply_has(&got, "Transfer-Encoding"));
	CHECK_TEXT(reply_body(&got), "abcdef");
	fixture_stop(&f, 1000);
}

TEST(a_reply_that_breaks_off_is_seen_to)
{
	struct fixture f;

	CHECK_OR_STOP(fixture_start(&f, options));
	static const char *const requests[] = {
		GET("/break/length") HELLO,
		GET("/break/chunks") HELLO,
		"GET /break/chunks HTTP/1.0\r\n\r\n",
		GET("/file/short") HELLO,
	};

	for (size_t i = 0; i < array_len(requests); i++) {
		auto_text got = {0};
		bool was_closed = client_exchange(&f, requests[i], &got);

		CHECK(reply_status(&got) == 200);
		/* only a reset tells it where the end of the connection is the end of the body */
		CHECK(i != 2 || !was_closed);
		CHECK(i == 2 || i == 3 ||
		      text_ends_with(text_str(&got), i ? "\r\nabc\r\n" : "abc"));
		CHECK(!reply_has(&got, "hello"));
	}
	fixture_stop(&f, 1000);
}

TEST(a_handler_may_close_and_date_by_itself)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, options));
	CHECK(client_exchange(&f, GET("/close") HELLO, &got));
	CHECK_TEXT(text_str(&got), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n"
				   "Date: today\r\n\r\n");
	fixture_stop(&f, 1000);
}

TEST(many_pieces_are_many_calls)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, options));
	CHECK(client_exchange(&f, "GET /many HTTP/1.0\r\n\r\n", &got));
	CHECK(strlen(reply_body(&got)) == 600);
	text_clear(&got);
	CHECK(client_exchange(&f, GET("/many") HELLO_CLOSE, &got));
	CHECK(strncmp(reply_body(&got), "12c\r\nxxxx", 9) == 0);
	size_t n_chunks = 0;

	for (const char *at = text_str(&got); (at = strstr(at, "\r\n1\r\nx\r\n")); at += 6)
		n_chunks++;
	CHECK(n_chunks == 300);
	fixture_stop(&f, 1000);
}

TEST(a_file_arrives_whole_at_a_slow_reader)
{
	struct fixture f;
	auto_text got = {0};

	CHECK_OR_STOP(fixture_start(&f, options));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, "GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
	sleep_ms(100);
	CHECK(client_rest(fd, &got));
	const char *body = reply_body(&got);
	size_t len = got.len - (size_t)(body - got.bytes);
	bool is_same = CHECK(len == FILE_BYTES - 7);

	for (size_t i = 0; i < len && is_same; i++)
		is_same = (unsigned char)body[i] == (i + 7) % 251;
	CHECK(is_same);
	fixture_stop(&f, 1000);
}

static bool endless(struct request *req, struct reply *reply, struct error *err)
{
	static const char block[65536] = {0};
	const struct slice piece = {block, sizeof(block)};
	bool done = reply_begin(reply, 200, REPLY_UNKNOWN_LENGTH, err);

	(void)req;
	while (done)
		done = reply_write(reply, &piece, 1, err);
	n_gone += err->code == ERROR_TIMEOUT;
	return false;
}

TEST(a_client_that_reads_nothing_is_dropped)
{
	static const struct route own[] = {{"GET", "/endless", .handle = endless}};
	struct fixture f;

	CHECK_OR_STOP(fixture_start(
		&f,
		(struct server_options){.routes = own, .n_routes = 1, .stall_timeout_ms = 100}));
	auto_fd int fd = client_open(&f);

	CHECK(client_send(fd, GET("/endless")));
	CHECK(comes_to(&n_gone, 1));
	fixture_stop(&f, 1000);
}

static void say_why(const struct request *req, int status, const char *message, struct text *out)
{
	text_addf(out, "[%d,\"%s %s\"]", status, message, request_path(req));
}

TEST(a_program_has_its_own_form_of_failures)
{
	struct fixture f;
	auto_text got = {0};
	struct server_options own = options;

	own.format_error = say_why;
	CHECK_OR_STOP(fixture_start(&f, own));
	CHECK(client_exchange(&f, "GET /x HTTP/1.0\r\n\r\n", &got));
	CHECK_TEXT(reply_body(&got), "[404,\"no such path /x\"]");
	CHECK(client_exchange(&f, "GET x HTTP/1.0\r\n\r\n", &got));
	CHECK_TEXT(reply_body(&got), "[400,\"a target that does not begin with '/' \"]");
	fixture_stop(&f, 1000);
}
