/* SPDX-License-Identifier: MIT
 * A server whose only handler relays, a chute that is a function on the other end of each
 * connection, and a client that sends bytes. Everything over real sockets, in one process.
 */
#ifndef CHUTES_TESTS_RELAY_FIXTURE_H
#define CHUTES_TESTS_RELAY_FIXTURE_H

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/gateway/gateway_internal.h"
#include "tests/unit/tap.h"

enum {
	RIG_SCRIPTS_MAX = 512,
	RIG_PATIENCE_S = 20, /* beyond this something hangs */
};

struct rig;
/* What the chute does on one connection, the `nth` from 0; returns when done, then it is closed. */
typedef void rig_script(struct rig *rig, int fd, int nth);

struct rig {
	/* Change these between requests under the lock. */
	struct relay_options relay;
	rig_script *script;
	const char *reply; /* for scripts */
	size_t cut;        /* for rig_answer_cut() */
	bool refuses;      /* no new connections */

	bool over_tcp;
	unsigned stall_ms;    /* 0: as usual */
	void *context;        /* of the test */
	atomic_int last_code; /* of a relay that failed; -1: it did not */
	atomic_int n_connections;
	struct text seen;     /* what scripts were sent, see rig_see() */
	pthread_mutex_t lock; /* initialised by rig_start() */
	struct server *server;
	pthread_t server_thread;
	pthread_t scripts[RIG_SCRIPTS_MAX];
	uint16_t port;
};

struct rig_connection {
	struct rig *rig;
	int fd;
	int nth;
};

static inline void rig_be_patient(int fd)
{
	const struct timeval patience = {.tv_sec = RIG_PATIENCE_S};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static inline void *rig_run_script(void *context)
{
	struct rig_connection *c = context;

	rig_be_patient(c->fd);
	pthread_mutex_lock(&c->rig->lock);
	rig_script *script = c->rig->script;
	pthread_mutex_unlock(&c->rig->lock);
	script(c->rig, c->fd, c->nth);
	close(c->fd);
	free(c);
	return NULL;
}

static inline bool rig_tcp_pair(int ends[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	auto_fd int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, len) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &len) < 0 ||
	    connect(ends[0], (struct sockaddr *)&address, len) < 0)
		return false;
	ends[1] = accept(listener, NULL, NULL);
	return ends[1] >= 0;
}

static inline bool rig_connect(void *context, int *fd, struct error *err)
{
	struct rig *rig = context;
	struct rig_connection *c = calloc(1, sizeof(*c));
	int ends[2];

	pthread_mutex_lock(&rig->lock);
	bool refuses = rig->refuses;
	pthread_mutex_unlock(&rig->lock);
	if (refuses) {
		free(c);
		return fail(err, ERROR_NOT_FOUND, "nobody listens");
	}
	bool ok = rig->over_tcp ? rig_tcp_pair(ends)
				: socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
	assert(ok);
	*c = (struct rig_connection){rig, ends[1], atomic_fetch_add(&rig->n_connections, 1)};
	assert(c->nth < RIG_SCRIPTS_MAX);
	ok = pthread_create(&rig->scripts[c->nth], NULL, rig_run_script, c) == 0;
	assert(ok);
	*fd = ends[0];
	return true;
}

static inline bool rig_handle(struct request *req, struct reply *reply, struct error *err)
{
	struct rig *rig = request_context(req);
	struct relay_result result;

	pthread_mutex_lock(&rig->lock);
	struct relay_options options = rig->relay;
	pthread_mutex_unlock(&rig->lock);
	bool ok = relay(req, reply, &options, &result, err);

	rig->last_code = ok ? -1 : (int)err->code;
	return ok;
}

static inline void *rig_serve(void *context)
{
	struct rig *rig = context;
	struct error err = {0};

	if (!server_run(rig->server, &err))
		printf("# server_run: %s\n", err.message);
	return NULL;
}

static inline void rig_start(struct rig *rig)
{
	static const struct route routes[] = {
		{"*", "/", 0, UINT64_MAX, rig_handle, NULL, NULL},
		{"*", "/{rest...}", 0, UINT64_MAX, rig_handle, NULL, NULL},
	};
	struct server_options options = {.routes = routes,
					 .n_routes = array_len(routes),
					 .context = rig,
					 .stall_timeout_ms = rig->stall_ms};
	struct error err = {0};

	pthread_mutex_init(&rig->lock, NULL);
	rig->last_code = -1;
	bool ok = upstream_new(&rig->relay.upstream, rig_connect, rig, &err) &&
		  server_new(&rig->server, &options, &err) &&
		  server_listen(rig->server, "127.0.0.1:0", &err);
	if (!ok)
		printf("# %s\n", err.message);
	assert(ok);
	rig->port = (uint16_t)strtoul(strrchr(server_address(rig->server, 0), ':') + 1, NULL, 10);
	ok = pthread_create(&rig->server_thread, NULL, rig_serve, rig) == 0;
	assert(ok);
}

static inline void rig_end(struct rig *rig)
{
	server_stop(rig->server, 5000);
	pthread_join(rig->server_thread, NULL);
	server_free(rig->server);
	upstream_free(rig->relay.upstream);
	for (int i = 0; i < rig->n_connections; i++)
		pthread_join(rig->scripts[i], NULL);
	text_release(&rig->seen);
	pthread_mutex_destroy(&rig->lock);
}
#define auto_rig __attribute__((cleanup(rig_end))) struct rig

/* --- sockets */
static inline bool rig_send(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n < 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static inline bool rig_say(int fd, const char *s) { return rig_send(fd, s, strlen(s)); }

/* One recv() more; false at the end or when it takes too long. */
static inline bool rig_hear(int fd, struct text *t)
{
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	if (n > 0)
		text_add_bytes(t, bytes, (size_t)n);
	return n > 0;
}

/* Until `what` is in it. */
static inline bool rig_hear_until(int fd, struct text *t, const char *what)
{
	while (!strstr(text_str(t), what))
		if (!rig_hear(fd, t))
			return false;
	return true;
}

/* Has the other side ended, or does it within the patience? What it says until then is dropped. */
static inline bool rig_hears_end(int fd)
{
	char bytes[4096];
	ssize_t n;

	do
		n = recv(fd, bytes, sizeof(bytes), 0);
	while (n > 0);
	return n == 0 || errno == ECONNRESET || errno == EPIPE;
}

/* --- for scripts: a request with a Content-Length or none; false at the end */
static inline bool rig_hear_request(int fd, struct text *t)
{
	if (!rig_hear_until(fd, t, "\r\n\r\n"))
		return false;
	const char *field = strcasestr(t->bytes, "\r\ncontent-length:");
	size_t head = (size_t)(strstr(t->bytes, "\r\n\r\n") + 4 - t->bytes);
	size_t body = field ? strtoul(field + strlen("\r\ncontent-length:"), NULL, 10) : 0;

	while (t->len < head + body)
		if (!rig_hear(fd, t))
			return false;
	return true;
}

static inline void rig_see(struct rig *rig, const struct text *t)
{
	pthread_mutex_lock(&rig->lock);
	text_add_bytes(&rig->seen, t->bytes, t->len);
	pthread_mutex_unlock(&rig->lock);
}

/* Answer the next request with the first `cut` bytes of rig->reply; false at the end. */
static inline bool rig_answer(struct rig *rig, int fd, size_t cut)
{
	auto_text request = {0};

	if (!rig_hear_request(fd, &request))
		return false;
	pthread_mutex_lock(&rig->lock);
	text_add_bytes(&rig->seen, request.bytes, request.len);
	const char *reply = rig->reply;
	pthread_mutex_unlock(&rig->lock);
	size_t len = strlen(reply);
	return rig_send(fd, reply, len < cut ? len : cut);
}

static inline void rig_answer_all(struct rig *rig, int fd, int nth)
{
	(void)nth;
	while (rig_answer(rig, fd, SIZE_MAX))
		;
}

/* One answer, then the end. */
static inline void rig_answer_once(struct rig *rig, int fd, int nth)
{
	(void)nth;
	(void)rig_answer(rig, fd, SIZE_MAX);
}

/* The first rig->cut bytes of one answer, then the end. */
static inline void rig_answer_cut(struct rig *rig, int fd, int nth)
{
	(void)nth;
	pthread_mutex_lock(&rig->lock);
	size_t cut = rig->cut;
	pthread_mutex_unlock(&rig->lock);
	(void)rig_answer(rig, fd, cut);
}

/* --- the client */
static inline int rig_client(const struct rig *rig)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(rig->port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	assert(ok);
	rig_be_patient(fd);
	return fd;
}

/* Send `request` and collect everything up to the end of the connection. */
static inline void rig_talk(const struct rig *rig, const char *request, struct text *out)
{
	auto_fd int fd = rig_client(rig);

	text_clear(out);
	if (rig_say(fd, request))
		while (rig_hear(fd, out))
			;
}

static inline int rig_status(const struct text *reply)
{
	return text_starts_with(text_str(reply), "HTTP/1.1 ")
		       ? (int)strtoul(text_str(reply) + strlen("HTTP/1.1 "), NULL, 10)
		       : 0;
}

static inline const char *rig_body(const struct text *reply)
{
	const char *end = strstr(text_str(reply), "\r\n\r\n");

	return end ? end + 4 : "(no head)";
}

/* Wait for something that another thread does. */
#define RIG_EVENTUALLY(condition)                                                                  \
	do {                                                                                       \
		uint64_t end_ms_ = clock_ms() + RIG_PATIENCE_S * UINT64_C(1000);                   \
                                                                                                   \
		while (!(condition) && clock_ms() < end_ms_)                                       \
			sleep_ms(1);                                                               \
		CHECK(condition);                                                                  \
	} while (0)

#endif
