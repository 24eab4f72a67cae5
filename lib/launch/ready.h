/* SPDX-License-Identifier: MIT
 * One question at the door: is the chute ready? Nothing of it waits.
 */
#ifndef CHUTES_LAUNCH_READY_H
#define CHUTES_LAUNCH_READY_H

#include "lib/base/text.h"
#include "lib/http1/http1.h"
#include "lib/launch/launch.h"

enum probe_state {
	PROBE_IDLE,
	PROBE_ASKING,     /* for a socket */
	PROBE_CONNECTING, /* with it */
	PROBE_WAITING,    /* for the head of its reply */
	PROBE_DRAINING,   /* the body: closed earlier, it is reset, and servers complain */
};
struct probe {
	struct launch_door *door;
	const char *path;
	uint64_t limit_ms; /* 0: as long as it takes */

	enum probe_state state;
	int fd;            /* of the question that is asked; watch it for probe_events() */
	uint64_t deadline; /* clock_ms(); 0: none */
	struct text reply; /* as far as its head is not complete */
	size_t looked;     /* at so much of it */
	struct http1_body body;
	size_t n_drained; /* bytes of it */
	int status;
	const char *why; /* the last reply is none of HTTP, a text for people; NULL: it is one */
};

/* Ask. With false nobody is there (yet), and the state is idle. */
must_use bool probe_begin(struct probe *p);
short probe_events(const struct probe *p);
/* Whenever the socket is ready or the deadline is over. 1: answered, `status` (0: not in HTTP, for
 * the reason `why`); 0: not yet; -1: nobody answered. Then the state is idle again, unless it is 0.
 */
must_use int probe_go_on(struct probe *p, int *status);
void probe_end(struct probe *p); /* leaves `why` */

#endif
