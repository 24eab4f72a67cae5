/* SPDX-License-Identifier: MIT
 * What the threads of a gateway share: who is served, how many at once, and in what state the chute
 * is. The way of a request: dispatch.c finds what it means, call.c calls a cord.
 */
#ifndef CHUTES_GATEWAY_STATE_H
#define CHUTES_GATEWAY_STATE_H

#include "lib/crypto/uuid5.h"
#include "lib/gateway/cords.h"
#include "lib/gateway/gateway_internal.h"
#include "lib/gateway/limit.h"

#include <pthread.h>
#include <stdatomic.h>

/* Cords and what is said of them. Never changes; those of before live on with the gateway, because
 * requests may still be under way in them. */
struct served {
	struct cords *cords;
	struct text openapi;
	struct text origin; /* the JSON that they came as; empty: the spec */
	struct served *before;
};

struct gateway {
	struct gateway_options options;
	struct server *server;
	struct upstream *upstream; /* NULL in a stub */
	struct limit limit;
	_Atomic(struct served *) served;
	atomic_int state; /* enum gateway_state */
	pthread_mutex_t lock;
	char *state_text; /* under the lock */
	char chute_id[UUID_TEXT_SIZE];
	char *listens_on; /* the host of the address, without the port */
};

/* Handlers of the server. */
bool dispatch_check(struct request *req, const struct route *route, struct error *err);
bool dispatch_request(struct request *req, struct reply *reply, struct error *err);

/* Call a cord, and its twin if that is meant. */
must_use bool call_cord(struct gateway *g, const struct cord *cord, struct request *req,
			struct reply *reply, struct error *err);
/* Where the chute is not there: 503 or 502. */
must_use bool answer_absence(struct gateway *g, struct reply *reply, struct error *err);

/* {"detail": …} in one piece. */
must_use bool answer_detail(struct reply *reply, int status, const char *detail, struct error *err);
must_use bool answer_json(struct reply *reply, int status, const struct text *json,
			  struct error *err);

#endif
