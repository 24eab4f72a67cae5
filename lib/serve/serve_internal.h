/* SPDX-License-Identifier: MIT
 * What the files of this room share: who owns a connection when, and what a thread keeps.
 *
 * A connection is a slot of one table. Its state says who has it: PARKED and DRAINING the loop
 * (server_run's thread, the only one that looks at the epoll), QUEUED nobody, ACTIVE one thread.
 * States change under `lock`; what the loop has is armed for one event, what it has not is not, so
 * there is no event of a connection that somebody else may have closed.
 */
#ifndef CHUTES_SERVE_SERVE_INTERNAL_H
#define CHUTES_SERVE_SERVE_INTERNAL_H

#include "lib/http1/http1.h"
#include "lib/serve/serve.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	/* A head and what follows it; a body is read in pieces of what the head leaves. */
	INPUT_BYTES = 64 * 1024,
	/* How long a thread waits in one recv(): after a reply, for the next request. */
	LINGER_MS = 20,
	/* What is read of a request whose answer is out, so that the client can read that. */
	DRAIN_BYTES = 64 * 1024,
	DRAIN_MS = 1000,
	BODY_BYTES_PER_SECOND_MIN = 1024,
	PARAMS_MAX = 8,
	LISTENERS_MAX = 8,
};

#define NO_CONNECTION UINT32_MAX

/* --- connections */
enum connection_state {
	CONNECTION_FREE,
	CONNECTION_PARKED,   /* idle or in the middle of a head: waits for bytes */
	CONNECTION_QUEUED,   /* has bytes, waits for a thread */
	CONNECTION_ACTIVE,   /* a thread has it */
	CONNECTION_DRAINING, /* answered for the last time: reads on so that the answer arrives */
};
/* The beginning of a head that came without its end. */
struct saved_head {
	uint64_t deadline_ms; /* of the whole head */
	size_t looked;        /* see http1_head_is_worth_parsing() */
	size_t len;
	size_t capacity;
	char bytes[];
};
struct connection {
	int fd;
	uint8_t state;
	uint8_t family : 7;   /* AF_UNIX, AF_INET, AF_INET6 */
	uint8_t is_fresh : 1; /* accepted, and nothing read yet */
	uint16_t port;        /* the peer's, in its order */
	uint32_t drained;     /* bytes, while DRAINING */
	uint32_t next;        /* in the queue or the free list */
	struct in6_addr address;
	uint64_t deadline_ms; /* PARKED, DRAINING; QUEUED: since when */
	struct saved_head *saved;
};

/* --- routes: route.c */
struct segment {
	enum { SEGMENT_TEXT, SEGMENT_NAME, SEGMENT_REST } kind;
	struct slice text; /* or the parameter's name */
};
struct compiled_route {
	const struct route *row;
	struct segment *segments;
	size_t n_segments;
};
struct param {
	struct slice name;
	struct slice value; /* decoded */
};
struct match {
	const struct route *route;
	struct param params[PARAMS_MAX];
	size_t n_params;
};
must_use struct compiled_route *routes_compile(const struct route *routes, size_t n);
void routes_free(struct compiled_route *routes, size_t n);
enum route_result { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
enum route_result routes_find(const struct compiled_route *routes, size_t n, const char *method,
			      const char *path, struct match *out);
/* "GET, HEAD, POST" for a path that has no such method. */
void routes_add_allowed(const struct compiled_route *routes, size_t n, const char *path,
			struct text *out);

/* --- a request and its reply */
struct reply {
	struct request *request;
	struct text start;  /* the status line and the fields that are ours */
	struct text fields; /* the handler's */
	struct text event;
	int status; /* 0: not begun */
	enum http1_framing framing;
	bool has_date;
	bool has_no_body; /* HEAD, 204, 304: what is written is dropped */
	bool is_head_pending;
	bool is_over;
	bool is_broken;    /* nothing can be written any more; the connection ends */
	bool closes;       /* the connection, behind it */
	bool is_stalled;   /* the client reads nothing: what is on its way is dropped */
	uint64_t length;   /* announced */
	uint64_t n_bytes;  /* of the body, so far */
	int64_t date_unix; /* of `date` */
	char date[48];
};
struct request {
	struct server *server;
	struct worker *worker;
	struct http1_head head;
	struct http1_body body;
	struct match match;
	const char *method;
	const char *target;
	struct slice query;   /* in `target`, so terminated */
	char *path;           /* HTTP1_TARGET_LIMIT + 1 */
	bool is_continue_due; /* the client waits for 100 */
	bool is_body_over;
	bool is_refused;    /* what follows must not be parsed */
	bool is_gone;       /* the client */
	int failure_status; /* 0: the error's */
	uint64_t body_bytes;
	uint64_t body_max;
	uint64_t waited_ms; /* for the body: with the bytes since then, its rate */
	uint64_t waited_bytes;
	struct timespec began;
};

/* --- threads: threads.c */
struct worker {
	struct server *server;
	struct connection *connection;
	int fd;         /* of `connection` */
	int send_flags; /* MSG_DONTWAIT for the loop's own */
	/* Input: [0, head_len) is the current request's head, [at, end) is not looked at yet. */
	char *in;
	size_t head_len;
	size_t at;
	size_t end;
	size_t looked;
	uint64_t head_deadline_ms;
	struct request request;
	struct reply reply;
	struct arena arena; /* of the request */
	char peer[64];      /* of `connection`, once somebody asked */
	/* for the pool of threads, under its lock */
	pthread_t thread;
	pthread_cond_t wake;
	struct worker *next; /* idle or ended */
	uint32_t given;      /* slot, or NO_CONNECTION */
};
must_use struct worker *worker_new(struct server *s);
void worker_free(struct worker *w);
/* Give each connection of the queue to an idle thread, start threads for the rest where that may
 * be. Under the lock. */
void threads_dispatch(struct server *s, uint64_t now_ms);
/* Join those that ended. Returns how many there are. */
unsigned threads_reap(struct server *s);
void threads_end(struct server *s); /* the idle ones end now, the others when they would be idle */
/* May a thread wait a moment for more of its client? */
bool threads_may_linger(const struct server *s);

struct serve_listener {
	int fd;
	bool is_unix;
	char *address; /* for people */
	char *path;    /* of a unix socket that we made; else NULL */
};

struct server {
	struct server_options options;
	struct compiled_route *routes;
	struct serve_listener listeners[LISTENERS_MAX];
	size_t n_listeners;
	int epoll;
	int stop_fd;
	atomic_bool is_stopping;
	atomic_uint drain_ms;
	/* the loop's own */
	struct worker *own; /* what it answers itself is written with this */
	bool is_paused;     /* accepts nobody until then */
	uint64_t resume_ms;
	uint64_t next_sweep_ms;

	pthread_mutex_t lock;
	struct connection *connections;
	uint32_t n_slots; /* used so far */
	uint32_t first_free;
	size_t saved_bytes;
	uint32_t queue_first, queue_last;
	struct worker *idle; /* last in, first out: what is not needed ends */
	struct worker *ended;
	bool is_ending; /* threads */
	/* changed under the lock, read without */
	atomic_uint n_connections;
	atomic_uint n_queued;
	atomic_uint n_idle;
	atomic_uint n_threads; /* by the loop only */
	atomic_uint n_lingering;
};

/* --- the table: slots.c; all but slot_index() under the lock */
uint32_t slot_index(const struct server *s, const struct connection *c);
struct connection *slot_take(struct server *s); /* NULL: there are too many */
void slot_free(struct server *s, struct connection *c);
void queue_push(struct server *s, struct connection *c, uint64_t now_ms);
struct connection *queue_pop(struct server *s); /* NULL when empty */
void saved_drop(struct server *s, struct connection *c);

/* --- what a thread does with a connection: connection.c */
void connection_serve(struct worker *w, struct connection *c);
void connection_close(struct server *s, struct connection *c);
/* One event, then none until it is armed again. */
must_use bool connection_arm(const struct server *s, const struct connection *c, int operation);

/* --- listeners: listen.c */
must_use bool serve_listener_open(struct serve_listener *out, const char *address,
				  unsigned send_timeout_ms, struct error *err);
void serve_listener_close(struct serve_listener *l);   /* its address stays */
void serve_listener_release(struct serve_listener *l); /* all of it */
/* Timeouts that a connection of its kind does not inherit. */
void serve_listener_prepare(const struct serve_listener *l, int fd, unsigned send_timeout_ms);

/* --- requests: request.c, body.c, handle.c */
/* A head is at the start of the input. 1: complete; 0: not yet; -1: refused. */
must_use int request_parse(struct worker *w, struct http1_refusal *why);
void request_refuse(struct request *r, const struct http1_refusal *why);
void request_handle(struct request *r);
/* Could the rest of the body be read in order to keep the connection? */
bool request_may_keep(const struct request *r);
/* Read on until the body is over; false: it is not worth it. */
must_use bool request_finish_body(struct request *r);
/* Fill `err`: the client has gone. Returns false. */
bool request_lost(struct request *r, struct error *err);

/* --- replies: reply.c */
void reply_init(struct reply *reply, struct request *r);
void reply_reset(struct reply *reply);
void reply_release(struct reply *reply);
must_use bool reply_flush_head(struct reply *reply, struct error *err);
/* The end of the body, if that is not out yet. */
must_use bool reply_finish(struct reply *reply, struct error *err);
/* An answer that is no handler's. */
void reply_failure(struct reply *reply, int status, const char *message);

#endif
