/* SPDX-License-Identifier: MIT
 * Usage: sr25519 CALLS MESSAGE_BYTES, for sr25519.py
 * A line for each operation: its name and the microseconds of CPU time that one call takes.
 */
#include "lib/crypto/sr25519.h"
#include "lib/base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

static const unsigned char seed[SR25519_SEED_BYTES];
static unsigned char *message;
static size_t len;
static unsigned char signature[SR25519_SIGNATURE_BYTES];
static struct sr25519_key *key;

static void expand(void) { sr25519_key_free(sr25519_key_of_seed(seed)); }

static void sign(void)
{
	struct error err;
	bool done = sr25519_sign(key, message, len, signature, &err);

	assert(done);
}

static void verify(void)
{
	struct error err;
	bool done = sr25519_verify(sr25519_key_public(key), message, len, signature, &err);

	assert(done);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*call)(void);
	} rows[] = {{"key", expand}, {"sign", sign}, {"verify", verify}};
	unsigned long n_calls = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;

	if (n_calls == 0) {
		fputs("usage: sr25519 CALLS MESSAGE_BYTES\n", stderr);
		return 2;
	}
	len = strtoul(argv[2], NULL, 10);
	message = xcalloc(1, len);
	key = sr25519_key_of_seed(seed);
	for (size_t i = 0; i < array_len(rows); i++) {
		double began = now_us();

		for (unsigned long call = 0; call < n_calls; call++)
			rows[i].call();
		printf("%s %.2f\n", rows[i].name, (now_us() - began) / (double)n_calls);
	}
	sr25519_key_free(key);
	free(message);
	return 0;
}
