/* SPDX-License-Identifier: MIT
 * The same work by several threads.
 */
#ifndef CHUTES_CLI_PARALLEL_H
#define CHUTES_CLI_PARALLEL_H

#include <stddef.h>

/* work(context) in `n` threads, fewer if no more can be started, in this one if none can. Returns
 * when all are done. */
void run_parallel(size_t n, void *(*work)(void *context), void *context);

#endif
