/* SPDX-License-Identifier: MIT
 * The last bytes of what a chute wrote, in memory that the processes of both sides share: they are
 * there for whoever explains an end, whichever process was killed. Must not know who writes.
 */
#ifndef CHUTES_LAUNCH_TAIL_H
#define CHUTES_LAUNCH_TAIL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

enum { TAIL_BYTES = 16 * 1024 };

struct tail;
must_use bool tail_new(struct tail **out, struct error *err); /* before the fork */
void tail_free(struct tail *t);
void tail_add(struct tail *t, const char *bytes, size_t len); /* thread-safe */
/* The last `n_lines` (0: all), for a terminal; a line of which the beginning is gone begins with
 * "…". Only when nobody writes any more. */
void tail_format(const struct tail *t, size_t n_lines, struct text *out);

#endif
