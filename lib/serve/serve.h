/* SPDX-License-Identifier: MIT
 * An HTTP/1.1 server for blocking handlers: a thread belongs to a running request, idle connections
 * lie in one epoll. Knows nothing of chutes, JSON documents, SQL or an upstream.
 *
 * A connection: accept; readable: a thread takes it and reads; head complete: rules, route,
 * `check`, handler; the rest of the body is read up to 64 KiB, else the connection closes;
 * pipelined requests are served next; then the thread waits 20 ms for more if one is left for
 * others, else the connection is parked. Threads start on demand, run under SCHED_BATCH (a hint),
 * and end after 60 s unused.
 */
#ifndef CHUTES_SERVE_SERVE_H
#define CHUTES_SERVE_SERVE_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/base/text.h"

struct http1_head;
struct server;  /* listeners, parked connections, threads */
struct request; /* one request, valid until its handler returns; owns an arena */
struct reply;   /* its answer; the head leaves with the first body bytes in one write */

struct route {
	const char *method; /* "GET" answers HEAD too; "*" is any */
	const char *path;   /* "/chutes/{name}", "/v2/{rest...}": segments of the decoded path */
	unsigned access;    /* the program's own; its `check` sees it before the body is read */
	uint64_t body_max_bytes; /* 413 beyond; 0: no body allowed */
	bool (*handle)(struct request *req, struct reply *reply, struct error *err);
	const void *data;    /* the program's own, see request_route() */
	const char *summary; /* for people */
};
struct server_options {
	const struct route *routes; /* borrowed; the first that fits counts */
	size_t n_routes;
	/* Auth, Host, rate; may be NULL. */
	bool (*check)(struct request *req, const struct route *route, struct error *err);
	/* After each request; may be NULL. */
	void (*log)(const struct request *req, int status, uint64_t bytes, double seconds);
	/* The body of an answer that is no handler's (404, 405, 413, a failed handler …); NULL:
	 * `{"detail": …}`. Adds JSON to `out`. */
	void (*format_error)(const struct request *req, int status, const char *message,
			     struct text *out);
	void *context;
	unsigned threads_max, connections_max;                       /* 0: 512, 16384 */
	unsigned head_timeout_ms, idle_timeout_ms, stall_timeout_ms; /* 0: 10 s, 75 s, 60 s */
	unsigned queue_timeout_ms;    /* 0: 5 s until a thread is free; 503 beyond */
	size_t saved_heads_max_bytes; /* 0: 64 MiB of incomplete heads; the oldest is dropped */
};
must_use bool server_new(struct server **out, const struct server_options *options,
			 struct error *err);
/* "127.0.0.1:0", "[::1]:8000", "unix:/path", "fd:3" (the server's from then on). CONFLICT when it
 * is taken. */
must_use bool server_listen(struct server *s, const char *address, struct error *err);
/* With the port the kernel gave; NULL behind the last. */
const char *server_address(const struct server *s, size_t i);
/* Until server_stop(); once. The threads it starts have all signals blocked. */
must_use bool server_run(struct server *s, struct error *err);
/* Async-signal-safe. Idle connections close, running requests finish within `drain_ms`; then their
 * connections are cut, and handlers are waited for: they notice in whatever they read, write or
 * wait for. */
void server_stop(struct server *s, unsigned drain_ms);
void server_free(struct server *s); /* NULL is fine; not while it runs */

const char *request_method(const struct request *);
const char *request_target(const struct request *);                  /* raw: path and query */
const char *request_path(const struct request *);                    /* decoded */
const char *request_query(const struct request *);                   /* raw; "" without */
const char *request_param(const struct request *, const char *name); /* decoded; must exist */
/* NULL when absent or given twice. */
const char *request_header(const struct request *, const char *name);
bool request_header_next(const struct request *, size_t *i, struct slice *name,
			 struct slice *value);
const struct route *request_route(const struct request *); /* NULL before one was found */
const char *request_peer(const struct request *);          /* "127.0.0.1:40312", "unix" */
struct arena *request_arena(struct request *);
void *request_context(const struct request *);
/* As it was parsed; its slices are valid as long as the request is. */
const struct http1_head *request_head(const struct request *);
bool request_has_body(const struct request *);
int64_t request_body_length(const struct request *); /* announced; -1: chunked */
/* 1: a piece, valid until the next call; 0: body over; -1: malformed (400), too long (413), TIMEOUT
 * (408), INTERRUPTED when the client has gone. A handler that passes such a failure on answers with
 * that status. Sends 100-continue at the first call. */
must_use int request_body_next(struct request *, struct slice *piece, struct error *err);
/* As request_body_next(), for a handler that looks after another descriptor as well: 2 when no byte
 * of the body is at hand and `fd` is readable (or at its end). Waits for either; with `fd` -1 it
 * does not wait: 2 when no byte is at hand. */
must_use int request_body_next_or(struct request *, int fd, struct slice *piece, struct error *err);
must_use bool request_body_text(struct request *, size_t max, struct text *out, struct error *err);
must_use bool request_body_to_file(struct request *, int fd, uint64_t max_bytes, struct error *err);
/* 1: `fd` is ready for `events`; 0: time is over; -1: INTERRUPTED, the client has gone, which is
 * said of one that has closed its sending side, too. fd -1 only watches the client. The head of a
 * reply that has begun goes out before. */
must_use int request_wait(struct request *, int fd, short events, unsigned timeout_ms,
			  struct error *err);

bool request_is_gone(struct request *); /* has the client hung up? Does not block. */
/* If the handler or `check` fails, answer with this status instead of the error's. */
void request_failure_status(struct request *, int status);
/* That, or what the request's body failed with; 0: nothing of the kind. */
int request_failure(const struct request *);

/* Asserts: no CR, LF, NUL, no framing field. */
void reply_header(struct reply *, const char *name, const char *value);
void reply_field(struct reply *, struct slice name, struct slice value); /* the same */
void reply_number(struct reply *, const char *name, uint64_t value);     /* the same */
must_use bool reply_send(struct reply *, int status, const char *type, const void *body, size_t len,
			 struct error *err);
must_use bool reply_file(struct reply *, int status, int fd, uint64_t from, uint64_t len,
			 struct error *err);
enum { REPLY_UNKNOWN_LENGTH = -1 }; /* chunked; to HTTP/1.0 until close */
must_use bool reply_begin(struct reply *, int status, int64_t length, struct error *err);
/* One system call; the pieces become one chunk. Without any, the head goes out alone. */
must_use bool reply_write(struct reply *, const struct slice *pieces, size_t n, struct error *err);
/* As reply_write(), but each piece becomes a chunk of its own where the reply is chunked, and with
 * `is_last` the end of the body goes out in the same call. Without pieces the head goes out alone,
 * if it has not yet. */
must_use bool reply_write_pieces(struct reply *, const struct slice *pieces, size_t n, bool is_last,
				 struct error *err);
/* A server-sent event; the first begins the reply. `name` may be NULL; `data` of many lines is. */
must_use bool reply_event(struct reply *, const char *name, const char *data, struct error *err);
bool reply_has_begun(const struct reply *);
/* The connection is closed behind this reply. */
void reply_close(struct reply *);

/* A handler's false before reply_begin becomes the error's HTTP status and its message; after it
 * the connection is closed without the last chunk, so that the client sees the break. True without
 * a reply, or with fewer bytes than announced, is a bug (assert). */

#endif
