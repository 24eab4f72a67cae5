/* SPDX-License-Identifier: MIT
 * What a build does with its context before anything runs: `context ROOT INDEX SOURCE`. INDEX is
 * the directory of stat indexes; "" reads every file. Prints the digest and what was selected.
 */
#include "lib/build/context.h"

#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct error err;
	auto_context struct context *c = NULL;
	auto_selection s = {0};

	if (argc != 4)
		return 2;
	struct context_options o = {.root = argv[1],
				    .stat_directory = *argv[2] ? argv[2] : NULL,
				    .max_bytes = UINT64_MAX};

	if (!context_open(&o, &c, &err) || !context_select(c, argv[3], NULL, 0, &s, &err) ||
	    !context_save(c, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	printf("%s %zu entries %" PRIu64 " bytes\n", s.sha256, s.n_entries, s.n_bytes);
	return 0;
}
