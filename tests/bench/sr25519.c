/* SPDX-License-Identifier: MIT
 * Usage: sr25519 CALLS MESSAGE_BYTES, for sr25519.py
 * A line for each operation: its name and the microseconds of CPU time that one call takes; for
 * batches, one signature of it. What is verified comes once for each route of this processor.
 */
#include "lib/base/memory.h"
#include "lib/crypto/verify_internal.h"

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

static struct sr25519_known_key *known;

static void verify_known(void)
{
	struct error err;
	bool done = sr25519_known_key_verify(known, message, len, signature, &err);

	assert(done);
}

static void verify_many(size_t n)
{
	struct sr25519_signed items[VERIFY_BATCH_MAX];
	struct error err;
	size_t bad;

	for (size_t i = 0; i < n; i++)
		items[i] =
			(struct sr25519_signed){sr25519_key_public(key), signature, message, len};

	bool done = sr25519_verify_all(items, n, &bad, &err);

	assert(done);
}

static void verify_8(void) { verify_many(8); }
static void verify_32(void) { verify_many(32); }
static void verify_64(void) { verify_many(64); }

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct row {
	const char *name;
	void (*call)(void);
	unsigned long n; /* signatures of a call */
};

static void measure(const struct row *rows, size_t n_rows, unsigned long n_calls, const char *route)
{
	for (size_t i = 0; i < n_rows; i++) {
		const struct row *row = &rows[i];
		unsigned long n = n_calls / row->n + 1;

		row->call(); /* what is made when first needed */

		double began = now_us();

		for (unsigned long call = 0; call < n; call++)
			row->call();
		printf("%s%s %.2f\n", row->name, route, (now_us() - began) / (double)(n * row->n));
	}
}

int main(int argc, char **argv)
{
	static const struct row once[] = {{"key", expand, 1}, {"sign", sign, 1}};
	static const struct row verifying[] = {
		{"verify", verify, 1},          {"known-key", verify_known, 1},
		{"batch-of-8", verify_8, 8},    {"batch-of-32", verify_32, 32},
		{"batch-of-64", verify_64, 64},
	};
	static const char *const routes[] = {"libsodium", "portable", "ifma"};
	unsigned long n_calls = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	struct error err;

	if (n_calls == 0) {
		fputs("usage: sr25519 CALLS MESSAGE_BYTES\n", stderr);
		return 2;
	}
	len = strtoul(argv[2], NULL, 10);
	message = xcalloc(1, len);
	key = sr25519_key_of_seed(seed);
	measure(once, array_len(once), n_calls, "");
	for (size_t i = 0; i < array_len(routes); i++) {
		char suffix[32];
		bool done;

		if (!verify_route_use(routes[i]))
			continue;
		snprintf(suffix, sizeof(suffix), "/%s", routes[i]);
		done = sr25519_known_key_new(sr25519_key_public(key), &known, &err);
		assert(done);
		measure(verifying, array_len(verifying), n_calls, suffix);
		sr25519_known_key_free(known);
	}
	sr25519_key_free(key);
	free(message);
	return 0;
}
