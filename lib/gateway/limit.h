/* SPDX-License-Identifier: MIT
 * How many requests a chute works on at once, as its instances count them. No locks: every request
 * passes here. Must not know HTTP.
 */
#ifndef CHUTES_GATEWAY_LIMIT_H
#define CHUTES_GATEWAY_LIMIT_H

#include "lib/base/compiler.h"
#include "lib/base/text.h"

#include <stdatomic.h>

enum { LIMIT_SLOTS_MAX = 256 }; /* as the spec allows */

struct limit {
	atomic_uint max;
	atomic_uint n_used;
	_Atomic uint64_t since_ms[LIMIT_SLOTS_MAX]; /* 0: free */
};
/* What it looked like at one moment. */
struct limit_view {
	unsigned max;
	unsigned n_used;
	unsigned n_available;
};

/* `max` is cut to 1..LIMIT_SLOTS_MAX; it may be set again at any time. */
void limit_set(struct limit *l, int64_t max);
/* false: all slots are taken. Else the caller gives its slot back with limit_leave(). */
must_use bool limit_enter(struct limit *l, unsigned *slot);
void limit_leave(struct limit *l, unsigned slot);
struct limit_view limit_look(struct limit *l);
/* The part that is used, as Python's "%.4f" of the quotient: "0.3333". */
enum { LIMIT_UTILIZATION_MAX = 16 };
void limit_format_utilization(const struct limit_view *view, char out[LIMIT_UTILIZATION_MAX]);
/* How long the longest has been running; -1: none runs. Looks at all slots: not for every request.
 */
int64_t limit_oldest_ms(struct limit *l);
/* {"concurrency":1,"in_flight":0,"available":1,"utilization":0.0,"oldest_in_flight_age_secs":null}
 */
void limit_add_json(struct limit *l, struct text *out);

#endif
