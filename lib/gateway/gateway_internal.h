/* SPDX-License-Identifier: MIT
 * What the files of this room share: the upstream client and its pool, the relay, the meters.
 */
#ifndef CHUTES_GATEWAY_GATEWAY_INTERNAL_H
#define CHUTES_GATEWAY_GATEWAY_INTERNAL_H

#include "lib/base/strings.h"
#include "lib/gateway/gateway.h"
#include "lib/serve/serve.h"

/* --- connections to the chute: upstream.c */
struct upstream; /* a pool (LIFO); thread-safe */
must_use bool upstream_new(struct upstream **out,
			   bool (*connect)(void *context, int *fd, struct error *err),
			   void *context, struct error *err);
void upstream_free(struct upstream *u);
void upstream_drop_idle(struct upstream *u);

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
	uint64_t limit_ms; /* for everything: 504 */
};
struct relay_result {
	int status;       /* what the client got; 499: it has gone */
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
