/* SPDX-License-Identifier: MIT
 * How much memory there is, asked before much of it is taken: where a container may have no more,
 * the kernel does not refuse it but kills who uses it.
 */
#ifndef CHUTES_BASE_MEMORY_ROOM_H
#define CHUTES_BASE_MEMORY_ROOM_H

#include "lib/base/compiler.h"

/* Bytes that this process can still take: what the machine has free or can free, and what its
 * memory cgroups leave. UINT64_MAX where nobody says. */
uint64_t memory_room(void);
/* For tests: with /proc and /sys below another root; "" is the real one. */
uint64_t memory_room_below(const char *root);

#endif
