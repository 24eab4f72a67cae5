/* SPDX-License-Identifier: MIT
 * Private to lib/build: what a running step writes. One pipe for stdout and stderr, read by a
 * thread: all of it to the log file (up to a cap), lines to whoever shows them, the last ones kept
 * for the error.
 */
#ifndef CHUTES_BUILD_OUTPUT_H
#define CHUTES_BUILD_OUTPUT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

enum {
	OUTPUT_TAIL_LINES = 40,
	OUTPUT_LINE_BYTES = 16384,   /* longer lines are cut when shown */
	OUTPUT_LOG_BYTES = 64 << 20, /* of one step */
};

struct output;
struct output_options {
	int log_fd; /* -1: none */
	/* The newest line, printable; called from the thread, not for each of many. */
	void (*on_line)(void *context, const char *line);
	void *context;
	uint64_t max_log_bytes; /* 0: OUTPUT_LOG_BYTES */
};
must_use bool output_open(const struct output_options *o, struct output **out, struct error *err);
/* Where the step writes; stays ours until output_close(). */
int output_fd(const struct output *o);
/* The step has ended: take what is still in the pipe, stop, and give its last lines, printable, one
 * per line. A descendant that still holds the pipe is not waited for. `tail` may be NULL. */
void output_close(struct output *o, struct text *tail);

#endif
