/* SPDX-License-Identifier: MIT
 * A pipe whose other end is copied to a descriptor as it comes, and remembered. Must not know what
 * is in it.
 */
#ifndef CHUTES_LAUNCH_RELAY_H
#define CHUTES_LAUNCH_RELAY_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/launch/tail.h"

struct relay;

/* Copy to `to`, which stays the caller's, and to `tail`, which may be NULL. */
must_use bool relay_open(int to, struct tail *tail, struct relay **out, struct error *err);
/* Where to write; the relay's own. */
int relay_fd(const struct relay *r);
/* Wait until everything is copied: all other writers must have closed. NULL is fine. */
void relay_close(struct relay *r);

#endif
