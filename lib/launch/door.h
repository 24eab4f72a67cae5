/* SPDX-License-Identifier: MIT
 * The two halves of a door that only this room uses: what the chute gets, and how one looks through
 * it without waiting.
 */
#ifndef CHUTES_LAUNCH_DOOR_H
#define CHUTES_LAUNCH_DOOR_H

#include "lib/launch/launch.h"

/* The listening socket that a module inherits; -1: a server listens for itself. Borrowed. */
int door_listener(const struct launch_door *d);
/* Inside: hand out sockets of `network` (NULL: ours) from a thread that lives as long as the
 * process. Nothing to do for a module. */
must_use bool door_keep(struct launch_door *d, const struct network *network, struct error *err);
/* What a server listens to in a network of its own: how many ports, at most `max`; 0 when it cannot
 * be told. */
size_t door_ports(struct launch_door *d, uint16_t *ports, size_t max);

/* Connecting in two steps. After the first, `*fd` is a non-blocking socket that connects or has
 * done so, or the reply of who keeps the door: `*is_reply`, and once it is readable, door_enter()
 * makes such a socket of it. NETWORK. */
must_use bool door_ask(struct launch_door *d, int *fd, bool *is_reply, struct error *err);
must_use bool door_enter(struct launch_door *d, int *fd, struct error *err);

#endif
