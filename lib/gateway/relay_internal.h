/* SPDX-License-Identifier: MIT
 * One relayed request while it runs: what goes up (relay_head.c, relay_up.c) and what comes down
 * (relay_down.c), on one connection after the other where the first was dead (relay.c).
 */
#ifndef CHUTES_GATEWAY_RELAY_INTERNAL_H
#define CHUTES_GATEWAY_RELAY_INTERNAL_H

#include <sys/uio.h>

#include "lib/gateway/gateway_internal.h"
#include "lib/http1/http1.h"

struct exchange {
	struct request *req;
	struct reply *reply;
	const struct relay_options *options;
	struct slice method; /* that goes up */
	uint64_t deadline_ms;
	struct upstream_connection *up;

	/* The client's body. Its first piece may go up twice, on another connection; behind it
	 * there is no way back. */
	struct slice piece;
	bool is_past_first;
	bool is_read; /* to its end */
	uint64_t n_read;
	bool has_sent;      /* anything on this connection */
	bool is_sent_whole; /* or the chute has answered, or gone, before it had all */

	bool has_received; /* anything on this connection */
	bool was_reset;    /* the connection did not just end */
	bool has_head;
	bool has_begun; /* the reply: its head waits for the first bytes of a body with a length */
	struct http1_body body;
	uint64_t n_bytes; /* of the body, to the client */
	size_t looked;    /* see http1_head_is_worth_parsing() */
	size_t at, len;   /* what of `up->in` is still to be looked at: from `at` to `len` */

	struct http1_head head; /* of the answer; points into `up->in` */
};

/* The head that goes up, written anew: nothing that concerns the client's connection only,
 * X-Forwarded-* ours, the target in origin form. */
void relay_write_head(struct text *out, const struct exchange *x);

/* Send head and body until all is sent, or the chute has answered or gone; which of them,
 * relay_receive_head() finds out. */
must_use bool relay_send(struct exchange *x, struct error *err);

/* What has come, behind what is there in `up->in`. More than 0; 0: the connection has ended, in
 * whatever way; -1: nothing now. */
must_use ssize_t relay_read(struct exchange *x, int flags);
/* Read until the head of the answer is there. 1: it is; 0: the connection ended before anything
 * came; -1: `err`. */
must_use int relay_receive_head(struct exchange *x, struct error *err);
/* The same with what is there already; 0: more is needed. */
must_use int relay_look_for_head(struct exchange *x, struct error *err);
/* The answer to the client. `*is_whole`: it ended where it should and the connection can be used
 * again. */
must_use bool relay_answer(struct exchange *x, bool *is_whole, struct error *err);

/* Milliseconds until the deadline; 0: it is over and `err` says so. */
must_use unsigned relay_time_left(const struct exchange *x, struct error *err);

#endif
