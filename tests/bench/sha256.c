/* SPDX-License-Identifier: MIT
 * Usage: sha256 MILLISECONDS BLOCK_BYTES, for sha256.py
 * Hashes a stream, a block at a time, and prints the bytes for each second of CPU time.
 */
#include "lib/crypto/sha256.h"
#include "lib/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double limit = argc == 3 ? strtod(argv[1], NULL) / 1000 : 0;
	size_t block = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (limit <= 0 || block == 0) {
		fputs("usage: sha256 MILLISECONDS BLOCK_BYTES\n", stderr);
		return 2;
	}
	auto_free unsigned char *bytes = xcalloc(1, block);
	auto_sha256 struct sha256 *hash = sha256_new();
	unsigned char out[SHA256_BYTES];
	size_t n_blocks = 0;

	sha256_update(hash, bytes, block);

	double began = now_seconds();
	double seconds;

	do {
		for (int i = 0; i < 16; i++)
			sha256_update(hash, bytes, block);
		n_blocks += 16;
		seconds = now_seconds() - began;
	} while (seconds < limit);
	sha256_finish(hash, out);
	printf("%.0f\n", (double)(n_blocks * block) / seconds);
	return 0;
}
