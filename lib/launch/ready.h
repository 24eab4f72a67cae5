/* SPDX-License-Identifier: MIT
 * One question at the door: is the chute ready? Nothing of it waits. Knows of HTTP the status line
 * only.
 */
#ifndef CHUTES_LAUNCH_READY_H
#define CHUTES_LAUNCH_READY_H

#include "lib/launch/launch.h"

enum probe_state {
	PROBE_IDLE,
	PROBE_ASKING,     /* for a socket */
	PROBE_CONNECTING, /* with it */
	PROBE_WAITING,    /* for the status line */
	PROBE_DRAINING,   /* the rest: closed earlier, it is reset, and servers complain */
};
enum { PROBE_HEAD_BYTES = 12 };
struct probe {
	struct launch_door *door;
	const char *path;
	uint64_t limit_ms; /* 0: as long as it takes */

	enum probe_state state;
	int fd;            /* of the question that is asked; watch it for probe_events() */
	uint64_t deadline; /* clock_ms(); 0: none */
	size_t n_bytes;
	char head[PROBE_HEAD_BYTES + 1];
};

/* Ask. With false nobody is there (yet), and the state is idle. */
must_use bool probe_begin(struct probe *p);
short probe_events(const struct probe *p);
/* Whenever the socket is ready or the deadline is over. 1: answered, `status` (0: not in HTTP);
 * 0: not yet; -1: nobody answered. Then the state is idle again, unless it is 0. */
must_use int probe_go_on(struct probe *p, int *status);
void probe_end(struct probe *p);

#endif
