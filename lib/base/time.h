/* SPDX-License-Identifier: MIT
 * Clocks, durations and sizes as text.
 */
#ifndef CHUTES_BASE_TIME_H
#define CHUTES_BASE_TIME_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

uint64_t clock_ms(void);      /* monotonic */
uint64_t clock_us(void);      /* the same, finer */
int64_t clock_unix(void);     /* seconds since 1970 */
uint64_t clock_unix_ms(void); /* likewise, finer */
int64_t clock_unix_ns(void);
void sleep_ms(uint64_t ms);
/* For poll(): milliseconds until the first of `times` of clock_ms(), of which 0 is none; -1: there
 * is no time to wait for. */
int ms_until_first(const uint64_t *times, size_t n);
/* "2026-11-22T16:54:00Z" (RFC 3339, UTC). */
void text_add_time(struct text *t, int64_t unix_seconds);
/* "3 seconds", "90 minutes", "2 weeks": an age for people, in the largest unit of which there are
 * two. */
void text_add_age(struct text *t, uint64_t seconds);
/* RFC 3339; fractions of a second are dropped. */
must_use bool time_parse(const char *text, int64_t *unix_seconds, struct error *err);
/* A date as HTTP has it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate). */
must_use bool http_date_parse(const char *text, int64_t *unix_seconds, struct error *err);
/* "30s", "10m", "12h", "250ms" or a bare number of seconds. USAGE otherwise. */
must_use bool duration_parse(const char *text, uint64_t *ms, struct error *err);
/* "512", "64k", "512MiB", "1.5GB": binary units with i or as a bare letter, decimal with B. */
must_use bool size_parse(const char *text, uint64_t *bytes, struct error *err);
/* SOURCE_DATE_EPOCH: 1 and the value, 0 when unset, -1 when it is not a number (USAGE). */
must_use int source_date_epoch(int64_t *unix_seconds, struct error *err);

#endif
