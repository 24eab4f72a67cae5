/* SPDX-License-Identifier: MIT
 * Malformed HTTP through the server: whatever a client sends, each byte of the answer belongs to a
 * well-formed reply, nothing is behind a last one, and only what was answered with 200 has reached
 * the handler. The first byte of the input says in which pieces the rest is sent.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/http1/http1.h"
#include "lib/serve/serve.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { BODY_MAX = 4096 };

static struct server *server;
static struct sockaddr_un address;
static socklen_t address_len;
static atomic_uint n_handled;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool echo(struct request *req, struct reply *reply, struct error *err)
{
	auto_text body = {0};

	if (!request_body_text(req, BODY_MAX, &body, err))
		return false;
	n_handled++;
	return reply_send(reply, 200, request_header(req, "x"), text_str(&body), body.len, err);
}

static void *run(void *arg)
{
	struct error err;
	bool done maybe_unused = server_run(arg, &err);

	assert(done);
	return NULL;
}

/* On a socket whose name the kernel chooses; it serves until the program ends. */
static void start(void)
{
	static const struct route routes[] = {
		{"*", "/{rest...}", .body_max_bytes = BODY_MAX, .handle = echo}};
	const struct server_options options = {.routes = routes, .n_routes = 1, .threads_max = 4};
	const struct sockaddr_un any = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_free char *name = xprintf("fd:%d", fd);
	pthread_t thread;
	struct error err;
	bool done = bind(fd, (const struct sockaddr *)&any, sizeof(sa_family_t)) == 0 &&
		    listen(fd, 16) == 0 && server_new(&server, &options, &err) &&
		    server_listen(server, name, &err);

	address_len = sizeof(address);
	assert(done && getsockname(fd, (struct sockaddr *)&address, &address_len) == 0);
	done = pthread_create(&thread, NULL, run, server) == 0;
	assert(done);
	pthread_detach(thread);
}

/* The fuzzer's clock interrupts calls. */
#define RETRY(call)                                                                                \
	do                                                                                         \
		n = (call);                                                                        \
	while (n < 0 && errno == EINTR)

/* A server that says nothing hangs here, which the fuzzer notices. */
static void exchange(const uint8_t *data, size_t size, size_t piece, struct text *out)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char buffer[16384];
	ssize_t n;

	RETRY(connect(fd, (struct sockaddr *)&address, address_len));
	assert(n == 0);
	for (size_t at = 0; at < size; at += piece) {
		size_t len = size - at < piece ? size - at : piece;

		RETRY(send(fd, data + at, len, MSG_NOSIGNAL));
		if (n != (ssize_t)len)
			break;
	}
	shutdown(fd, SHUT_WR);
	do {
		RETRY(recv(fd, buffer, sizeof(buffer), 0));
		text_add_bytes(out, buffer, n > 0 ? (size_t)n : 0);
	} while (n > 0);
	assert(n == 0 || errno == ECONNRESET);
}

/* The reply at `at`, which must be whole; returns its length. */
static size_t check_reply(const char *at, size_t len, struct http1_head *head)
{
	static const struct slice get = {"GET", 3};
	struct http1_refusal why;
	struct http1_body body;
	struct slice payload;
	size_t used = 0;
	int got = http1_parse_reply(at, len, get, head, &used, &why);
	size_t total = used;

	assert(got == 1);
	/* to HEAD there is a length but no body: what follows is the next head */
	if (len - total == 0 || (len - total > 8 && memcmp(at + total, "HTTP/1.1", 8) == 0))
		return total;
	http1_body_init(&body, head);
	while (!http1_body_is_over(&body)) {
		got = http1_body_next(&body, at + total, len - total, &used, &payload, &why);
		assert(got >= 0 && (used > 0 || got == 0));
		total += used;
	}
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_text got = {0};
	struct http1_head head;
	unsigned n_good = 0;

	if (!server)
		start();
	if (size == 0)
		return 0;
	n_handled = 0;
	exchange(data + 1, size - 1, data[0] ? data[0] : size, &got);
	for (size_t at = 0; at < got.len;) {
		at += check_reply(got.bytes + at, got.len - at, &head);
		n_good += head.status == 200;
		assert(head.keeps_alive || head.status == 100 || at == got.len);
	}
	assert(n_good == n_handled);
	return 0;
}
