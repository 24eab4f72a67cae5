/* SPDX-License-Identifier: MIT
 * How often, how long and with what end each cord was called, under the platform's names and in
 * Prometheus' text form. No locks on the way of a request.
 */
#ifndef CHUTES_GATEWAY_METERS_H
#define CHUTES_GATEWAY_METERS_H

#include "lib/base/compiler.h"
#include "lib/base/text.h"

#include <stdatomic.h>

enum { METER_BUCKETS = 14, METER_SERIES = 3 };

/* Calls that ended the same way. The platform tells three ends apart: 200, 499 (the client has
 * gone) and 500. */
struct meter_series {
	_Atomic uint64_t n;
	_Atomic uint64_t sum_us;
	_Atomic uint64_t created_ms; /* since 1970; 0: never */
	_Atomic uint64_t buckets[METER_BUCKETS];
};
/* One cord. `{0}` is none yet. */
struct meter {
	_Atomic uint64_t last_ms; /* since 1970, when it was called last; 0: never */
	struct meter_series series[METER_SERIES];
};

void meter_begin(struct meter *m);
void meter_end(struct meter *m, int status, uint64_t duration_us);

/* The document: begin, each cord, end. */
struct meters_out {
	struct text totals;
	struct text created;
	struct text durations;
	struct text duration_created;
	struct text lasts;
};
/* `chute_id` and `function` are labels. */
void meters_add(struct meters_out *out, const struct meter *m, const char *chute_id,
		const char *function);
/* Empties `out`. */
void meters_finish(struct meters_out *out, struct text *document);

#define METERS_CONTENT_TYPE "text/plain; version=1.0.0; charset=utf-8"

#endif
