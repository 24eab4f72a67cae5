/* SPDX-License-Identifier: MIT
 * The client against canned bytes: limits, interim answers, trailers, what callbacks refuse.
 */
#include "lib/http/http.h"

#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/tap.h"

/* A server that reads one request and writes `bytes`. */
struct server {
	int fd;
	char url[64];
	char request[4096]; /* as far as it came with one read */
	bool is_slow;       /* the connection stays open for a while */
	const char *bytes;
	size_t len;
	pthread_t thread;
};

static void *serve(void *context)
{
	struct server *s = context;
	int peer = accept(s->fd, NULL, NULL);
	ssize_t ignored maybe_unused = read(peer, s->request, sizeof(s->request) - 1);

	for (size_t done = 0; done < s->len;) {
		ssize_t n = send(peer, s->bytes + done, s->len - done, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (s->is_slow)
		sleep_ms(400);
	close(peer);
	return NULL;
}

static void start(struct server *s, const char *bytes, size_t len)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	s->bytes = bytes;
	s->len = len;
	CHECK(bind(s->fd, (struct sockaddr *)&address, size) == 0 && listen(s->fd, 4) == 0);
	getsockname(s->fd, (struct sockaddr *)&address, &size);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d/x", ntohs(address.sin_port));
	pthread_create(&s->thread, NULL, serve, s);
}

static bool ask(const char *bytes, size_t len, struct http_request r, struct http_answer *out,
		struct error *err)
{
	auto_http_client struct http_client *client = NULL;
	struct server s = {0};

	start(&s, bytes, len);
	r.method = r.method ? r.method : "GET";
	r.url = s.url;
	bool ok = http_client_new(&client, err) && http_send(client, &r, out, err);

	pthread_join(s.thread, NULL);
	close(s.fd);
	return ok;
}

TEST(an_answer_is_limited)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
	struct error err;

	for (size_t limit = 9; limit <= 10; limit++) {
		auto_http_answer answer = {0};

		CHECK(ask(reply, strlen(reply), (struct http_request){.limit = limit}, &answer,
			  &err) == (limit == 10));
		CHECK_TEXT(text_str(&answer.body), limit == 10 ? "0123456789" : "");
	}
	CHECK(err.code == ERROR_SERVER);
	CHECK_TEXT(err.message, "the answer is longer than the limit of 9 bytes");
}

TEST(a_head_is_limited)
{
	enum { HEAD_MAX = 256 * 1024, LINE = 1024 };
	struct error err;

	for (size_t size = HEAD_MAX; size <= HEAD_MAX + 1; size++) {
		auto_text reply = {0};
		auto_http_answer answer = {0};

		text_add(&reply, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
		while (reply.len + LINE + 2 < size - 6)
			text_addf(&reply, "X: %0*d\r\n", LINE - 5, 0);
		text_addf(&reply, "Y: %0*d\r\n\r\n", (int)(size - reply.len - 7), 0);
		CHECK(reply.len == size);
		CHECK(ask(reply.bytes, reply.len, (struct http_request){0}, &answer, &err) ==
		      (size == HEAD_MAX));
	}
	CHECK_TEXT(err.message, "the answer's head is longer than the limit of 262144 bytes");
}

TEST(interim_answers_and_trailers_are_passed_over)
{
	static const char reply[] =
		"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
		"HTTP/1.1 201 Created\r\nContent-Type:  text/x; y=1 \r\nA: 1\r\na: 2\r\n"
		"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: t\r\n\r\n";
	auto_http_answer answer = {0};
	struct error err;

	CHECK_OK(ask(reply, strlen(reply), (struct http_request){0}, &answer, &err), err);
	CHECK(answer.status == 201 && answer.headers.n == 4);
	CHECK_TEXT(http_answer_header(&answer, "a"), "1");
	CHECK(!http_answer_header(&answer, "Link") && !http_answer_header(&answer, "Trailer"));
	CHECK(text_starts_with(answer.content_type, "text/x; y=1"));
	CHECK_TEXT(text_str(&answer.body), "abc");
	CHECK(answer.seconds >= answer.first_byte_seconds && answer.first_byte_seconds > 0);
}

TEST(trailers_count_as_head)
{
	enum { HEAD_MAX = 256 * 1024, LINE = 1024 };
	auto_text reply = {0};
	auto_http_answer answer = {0};
	struct error err;

	text_add(&reply, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
	while (reply.len < HEAD_MAX)
		text_addf(&reply, "X: %0*d\r\n", LINE, 0);
	CHECK(!ask(reply.bytes, reply.len, (struct http_request){0}, &answer, &err));
	CHECK_TEXT(err.message, "the answer's head is longer than the limit of 262144 bytes");
}

TEST(a_line_of_the_head_is_limited)
{
	auto_text reply = {0};
	auto_http_answer answer = {0};
	struct error err;

	text_addf(&reply, "HTTP/1.1 200 OK\r\nX: %0*d\r\n\r\n", 200 * 1024, 0);
	CHECK(!ask(reply.bytes, reply.len, (struct http_request){0}, &answer, &err));
	CHECK(err.code == ERROR_SERVER);
	CHECK_TEXT(err.message, "a line of the answer's head is too long");
}

TEST(a_head_that_breaks_off)
{
	static const char *const replies[] = {"HTTP/1.1 200 OK\r\nContent-Le",
					      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"};

	for (size_t i = 0; i < array_len(replies); i++) {
		auto_http_answer answer = {0};
		struct error err;

		CHECK(!ask(replies[i], strlen(replies[i]), (struct http_request){0}, &answer,
			   &err));
		CHECK(err.code == ERROR_NETWORK);
		if (!CHECK(text_ends_with(err.message, ": the answer broke off")))
			printf("#   %s\n", err.message);
	}
}

static bool refuse_head(void *context maybe_unused, const struct http_answer *head,
			struct error *err)
{
	return fail(err, ERROR_CALL, "no %d", head->status);
}

static bool refuse_bytes(void *context maybe_unused, const void *bytes maybe_unused, size_t len,
			 struct error *err)
{
	return fail(err, ERROR_CALL, "no %zu bytes", len);
}

TEST(callbacks_end_a_request)
{
	static const char reply[] = "HTTP/1.1 204 No\r\n\r\n";
	static const char body[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
	auto_http_answer answer = {0};
	struct error err;

	CHECK(!ask(reply, strlen(reply), (struct http_request){.on_head = refuse_head}, &answer,
		   &err));
	CHECK_TEXT(err.message, "no 204");
	CHECK(!ask(body, strlen(body), (struct http_request){.on_bytes = refuse_bytes}, &answer,
		   &err));
	CHECK_TEXT(err.message, "no 2 bytes");
}

TEST(the_status_line_is_kept)
{
	static const char reply[] = "HTTP/1.1 404 Not  Found\r\nContent-Length: 0\r\n\r\n";
	auto_http_answer answer = {0};
	struct error err;

	CHECK_OK(ask(reply, strlen(reply), (struct http_request){0}, &answer, &err), err);
	CHECK_TEXT(answer.status_line, "HTTP/1.1 404 Not  Found");
}

TEST(the_path_goes_as_it_is)
{
	static const char reply[] = "HTTP/1.1 204 No\r\n\r\n";
	auto_http_client struct http_client *client = NULL;
	auto_http_answer answer = {0};
	struct server s = {0};
	struct error err;

	start(&s, reply, strlen(reply));
	auto_free char *url = xprintf("%s/../y/./%%2e%%2E/?a=%%20+", s.url);
	const struct http_request r = {.method = "GET", .url = url};

	CHECK_OK(http_client_new(&client, &err) && http_send(client, &r, &answer, &err), err);
	pthread_join(s.thread, NULL);
	close(s.fd);
	CHECK(text_starts_with(s.request, "GET /x/../y/./%2e%2E/?a=%20+ HTTP/1.1\r\n"));
}

/* What a request that fails says, and whether its connection was lost. */
static bool fails(const char *bytes, bool is_slow, struct http_request r, bool *has_lost,
		  struct error *err)
{
	auto_http_client struct http_client *client = NULL;
	auto_http_answer answer = {0};
	struct server s = {.is_slow = is_slow};

	start(&s, bytes, strlen(bytes));
	auto_free char *url = xprintf("%s?token=secret", s.url);

	r.method = "GET";
	r.url = url;
	bool ok = http_client_new(&client, err) && http_send(client, &r, &answer, err);

	*has_lost = http_client_has_lost(client);
	pthread_join(s.thread, NULL);
	close(s.fd);
	CHECK(!ok && !strstr(err->message, "secret"));
	return !ok;
}

TEST(a_connection_that_breaks_was_lost)
{
	static const char *const replies[] = {"",
					      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"};
	bool has_lost = false;
	struct error err;

	for (size_t i = 0; i < array_len(replies); i++)
		CHECK(fails(replies[i], false, (struct http_request){0}, &has_lost, &err) &&
		      has_lost && err.code == ERROR_NETWORK);
	CHECK(fails("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", false,
		    (struct http_request){.limit = 2}, &has_lost, &err) &&
	      !has_lost);
}

TEST(a_server_that_falls_silent)
{
	bool has_lost = false;
	struct error err;

	CHECK(fails("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", true,
		    (struct http_request){.idle_timeout_ms = 50}, &has_lost, &err));
	CHECK(err.code == ERROR_TIMEOUT && !has_lost);
	CHECK(text_ends_with(err.message, "/x: nothing came for 50 ms"));
}

TEST(addresses)
{
	static const char *const bad[] = {
		"", "x", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/"};
	auto_http_client struct http_client *client = NULL;
	struct error err;

	CHECK_OK(http_client_new(&client, &err), err);
	for (size_t i = 0; i < array_len(bad); i++) {
		auto_http_answer answer = {0};
		const struct http_request r = {.method = "GET", .url = bad[i]};

		err.code = ERROR_FAILURE;
		CHECK(!http_send(client, &r, &answer, &err) && err.code == ERROR_USAGE);
	}
}
