/* SPDX-License-Identifier: MIT
 * What the files of this room share: the upstream client and its pool, the relay, the meters.
 */
#ifndef CHUTES_GATEWAY_GATEWAY_INTERNAL_H
#define CHUTES_GATEWAY_GATEWAY_INTERNAL_H

#include "lib/base/strings.h"
#include "lib/gateway/gateway.h"
#include "lib/serve/serve.h"

/* --- connections to the chute: upstream.c */
enum {
	/* A recv() gives up after this long, so that the fast path needs no poll(). */
	UPSTREAM_PAUSE_MS = 50,
	/* Older than this a connection is not used again: uvicorn closes idle ones at 5 s. */
	UPSTREAM_IDLE_MS = 4000,
	/* Idle for longer than this it is looked at first. */
	UPSTREAM_TRUST_MS = 100,
	/* What no answer has filled is no memory: only large ones take all of it. */
	UPSTREAM_BUFFER_BYTES = 256 * 1024,
};
struct upstream; /* a pool (LIFO); thread-safe */
must_use bool upstream_new(struct upstream **out,
			   bool (*connect)(void *context, int *fd, struct error *err),
			   void *context, struct error *err);
void upstream_free(struct upstream *u); /* none of its connections is in use */
/* Those in use are closed when they come back. */
void upstream_drop_idle(struct upstream *u);

struct upstream_connection {
	int fd; /* blocking, see UPSTREAM_PAUSE_MS */
	bool is_reused;
	struct text head; /* where its owner writes a request's head; the memory stays with it */
	char *in;         /* UPSTREAM_BUFFER_BYTES, likewise: what its owner reads */
	unsigned generation;
	uint64_t idle_since_ms;
};
/* An idle connection or, with `is_new` always, one from `connect`; NETWORK. Goes to upstream_keep()
 * or upstream_close(). */
must_use bool upstream_open(struct upstream *u, bool is_new, struct upstream_connection **out,
			    struct error *err);
/* The answer ended exactly where it should: the connection is for somebody else. */
void upstream_keep(struct upstream *u, struct upstream_connection *c);
void upstream_close(struct upstream_connection *c); /* accepts NULL */

/* --- one relayed request: relay.c */
struct relay_options {
	struct upstream *upstream;
	const char *method;                /* NULL: the client's */
	const char *target;                /* NULL: the client's, raw */
	const struct field_pairs *headers; /* set over the client's; may be NULL */
	/* The body that goes up, already read; NULL: the client's is streamed. */
	const struct text *body;
	const char *abort_target; /* POSTed on a hang-up of the client; NULL: none */
	const char *abort_body;
	/* Fields of the answer that the handler has set itself; NULL-terminated, may be NULL. */
	const char *const *own_fields;
	uint64_t limit_ms; /* for everything: 504; 0: none */
};
struct relay_result {
	int status;       /* of the answer, which the client has whole */
	uint64_t n_bytes; /* of the reply's body */
};
/* Send the request on and its answer back, byte for byte and as it comes. A failure before the
 * answer's head is an error (502 refused or broken: NETWORK; 504: TIMEOUT; 499: INTERRUPTED), and
 * the handler may still answer; after it the connection breaks. */
must_use bool relay(struct request *req, struct reply *reply, const struct relay_options *o,
		    struct relay_result *out, struct error *err);

/* --- cords: cords.c. How many run, and the platform's headers and metrics: limit.c, meters.c.
 * Input: input.c. Documents: openapi.c, docs.c (page at "/"). Without a chute: stub.c. */

#endif
