/* SPDX-License-Identifier: MIT */
#include "cli/parallel.h"

#include "lib/base/memory.h"

#include <pthread.h>

void run_parallel(size_t n, void *(*work)(void *context), void *context)
{
	auto_free pthread_t *threads = xcalloc(n, sizeof(*threads));
	size_t n_started = 0;

	while (n_started < n && pthread_create(&threads[n_started], NULL, work, context) == 0)
		n_started++;
	if (n_started == 0)
		work(context);
	for (size_t i = 0; i < n_started; i++)
		pthread_join(threads[i], NULL);
}
