/* SPDX-License-Identifier: MIT
 * A server in this process, with handlers that show one thing each, and clients that write bytes.
 */
#ifndef CHUTES_TESTS_SERVE_FIXTURE_H
#define CHUTES_TESTS_SERVE_FIXTURE_H

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/serve/serve.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ECHO_MAX = 1 << 20, PATIENCE_S = 30 };

struct fixture {
	struct server *server;
	pthread_t thread;
	uint16_t port;
	bool ran;
};

/* What handlers saw. */
static atomic_uint n_handled; /* requests that reached a handler */
static atomic_uint n_running; /* handlers at work */
static atomic_uint n_gone;    /* handlers that saw their client go */
static atomic_int last_logged_status;
static atomic_uint n_let_go; /* raised by a test: held handlers may go on */

/* Wait until another thread has done it; false after a long time. */
static inline bool comes_to(atomic_uint *counter, unsigned value)
{
	for (int i = 0; i < PATIENCE_S * 1000 && *counter != value; i++)
		sleep_ms(1);
	return *counter == value;
}

static inline bool handle_hello(struct request *req, struct reply *reply, struct error *err)
{
	(void)req;
	n_handled++;
	return reply_send(reply, 200, "text/plain", "hello\n", 6, err);
}

static inline bool handle_echo(struct request *req, struct reply *reply, struct error *err)
{
	auto_text body = {0};

	n_handled++;
	return request_body_text(req, ECHO_MAX, &body, err) &&
	       reply_send(reply, 200, "text/plain", text_str(&body), body.len, err);
}

/* Answers before it has read a byte. */
static inline bool handle_ignore(struct request *req, struct reply *reply, struct error *err)
{
	return handle_hello(req, reply, err);
}

static inline bool handle_events(struct request *req, struct reply *reply, struct error *err)
{
	bool done = true;

	n_handled++;
	n_running++;
	for (unsigned i = 0; done; i++) {
		auto_free char *data = xprintf("%u", i);

		done = reply_event(reply, "tick", data, err) &&
		       request_wait(req, -1, 0, 5, err) == 0;
	}
	n_gone++;
	n_running--;
	return false;
}

/* Until the client goes. */
static inline bool handle_wait(struct request *req, struct reply *reply, struct error *err)
{
	(void)reply;
	n_handled++;
	n_running++;
	int got = request_wait(req, -1, 0, PATIENCE_S * 1000, err);

	n_gone += got < 0;
	n_running--;
	return got < 0 ? false : fail(err, ERROR_TIMEOUT, "nobody went");
}

/* Until the test lets it go, without looking at the client. */
static inline bool handle_held(struct request *req, struct reply *reply, struct error *err)
{
	n_running++;
	comes_to(&n_let_go, 1);
	n_running--;
	return handle_hello(req, reply, err);
}

static const struct route fixture_routes[] = {
	{"GET", "/hello", .handle = handle_hello},
	{"POST", "/echo", .body_max_bytes = ECHO_MAX, .handle = handle_echo},
	{"POST", "/ignore", .body_max_bytes = UINT64_MAX, .handle = handle_ignore},
	{"GET", "/events", .handle = handle_events},
	{"GET", "/wait", .handle = handle_wait},
	{"GET", "/held", .handle = handle_held},
};

static inline void log_status(const struct request *req, int status, uint64_t bytes, double seconds)
{
	(void)req;
	(void)bytes;
	(void)seconds;
	last_logged_status = status;
}

static inline void *fixture_serve(void *arg)
{
	struct fixture *f = arg;
	struct error err;

	f->ran = server_run(f->server, &err);
	return NULL;
}

/* `o` without routes gets those above; other fields as they are. */
static inline bool fixture_start_at(struct fixture *f, struct server_options o, const char *address)
{
	struct error err;

	*f = (struct fixture){0};
	n_handled = n_running = n_gone = n_let_go = 0;
	last_logged_status = 0;
	if (!o.routes) {
		o.routes = fixture_routes;
		o.n_routes = array_len(fixture_routes);
	}
	o.log = o.log ? o.log : log_status;
	bool done = server_new(&f->server, &o, &err) && server_listen(f->server, address, &err);

	CHECK_OK(done, err);
	if (!done)
		return false;
	const char *port = strrchr(server_address(f->server, 0), ':') + 1;

	f->port = (uint16_t)strtoul(port, NULL, 10);
	return CHECK(pthread_create(&f->thread, NULL, fixture_serve, f) == 0);
}

static inline bool fixture_start(struct fixture *f, struct server_options o)
{
	return fixture_start_at(f, o, "127.0.0.1:0");
}

static inline void fixture_stop(struct fixture *f, unsigned drain_ms)
{
	server_stop(f->server, drain_ms);
	pthread_join(f->thread, NULL);
	CHECK(f->ran);
	server_free(f->server);
}

/* --- clients */
static inline void client_set_patience(int fd)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static inline int client_open(const struct fixture *f)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
					    .sin_port = htons(f->port),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	client_set_patience(fd);
	CHECK(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

static inline bool client_send(int fd, const char *text)
{
	size_t len = strlen(text);

	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* How long the reply at the start of `got` is; 0: not whole yet. Knows lengths and chunks. */
static inline size_t reply_length(const struct text *got)
{
	const char *start = text_str(got);
	const char *end = strstr(start, "\r\n\r\n");

	if (!end)
		return 0;
	size_t head = (size_t)(end - start) + 4;
	const char *length = strstr(start, "Content-Length: ");

	if (length && length < end) {
		size_t whole = head + strtoul(length + 16, NULL, 10);

		return got->len >= whole ? whole : 0;
	}
	const char *chunked = strstr(start, "Transfer-Encoding: chunked");

	if (!chunked || chunked > end)
		return head;
	const char *last = strstr(end, "\r\n0\r\n\r\n");

	return last ? (size_t)(last - start) + 7 : 0;
}

/* With a timeout set, a child that ends interrupts it. */
static inline ssize_t client_receive(int fd, char *buffer, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, buffer, size, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

/* One reply; what came behind it stays in `rest`, which is {0} at first. False: the connection
 * ended before. */
static inline bool client_next(int fd, struct text *rest, struct text *out)
{
	char buffer[4096];
	size_t len;

	text_clear(out);
	while ((len = reply_length(rest)) == 0) {
		ssize_t n = client_receive(fd, buffer, sizeof(buffer));

		if (n <= 0)
			return false;
		text_add_bytes(rest, buffer, (size_t)n);
	}
	text_add_bytes(out, rest->bytes, len);
	auto_free char *behind = xmemdup(rest->bytes + len, rest->len - len + 1);
	size_t n_behind = rest->len - len;

	text_clear(rest);
	text_add_bytes(rest, behind, n_behind);
	return true;
}

/* Everything until the server closes; false when it does not, or resets. */
static inline bool client_rest(int fd, struct text *out)
{
	char buffer[65536];
	ssize_t n;

	while ((n = client_receive(fd, buffer, sizeof(buffer))) > 0)
		text_add_bytes(out, buffer, (size_t)n);
	return n == 0;
}

/* Send on a new connection, read until it closes. */
static inline bool client_exchange(const struct fixture *f, const char *text, struct text *out)
{
	auto_fd int fd = client_open(f);

	text_clear(out);
	return client_send(fd, text) && client_rest(fd, out);
}

static inline int reply_status(const struct text *reply)
{
	return reply->len > 12 ? (int)strtol(reply->bytes + 9, NULL, 10) : 0;
}

static inline const char *reply_body(const struct text *reply)
{
	const char *end = strstr(text_str(reply), "\r\n\r\n");

	return end ? end + 4 : "";
}

static inline bool reply_has(const struct text *reply, const char *part)
{
	return strstr(text_str(reply), part) != NULL;
}

#define HELLO       "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
#define HELLO_CLOSE "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

#endif
