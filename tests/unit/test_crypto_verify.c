/* SPDX-License-Identifier: MIT
 * Which route is taken; known keys; many signatures at once.
 */
#include "tests/unit/verify_routes.h"

#include <sodium.h>

static const char no_key[] = "this is not an sr25519 public key";

TEST(routes)
{
	CHECK(!verify_route_use("none of these"));
	CHECK(verify_route_use("libsodium") && verify_route() == &verify_route_libsodium);
	CHECK(verify_route_use(NULL));
#ifdef __SIZEOF_INT128__
	CHECK(verify_route() != &verify_route_libsodium);
#endif
	printf("# the fastest: %s\n", verify_route()->name);
}

TEST(known_key_that_is_none)
{
	unsigned char bytes[SR25519_PUBLIC_BYTES] = {0};
	struct sr25519_known_key *known = NULL;
	struct error err = {0};

	sr25519_known_key_free(NULL);
	CHECK(!sr25519_known_key_new(bytes, &known, &err) && err.code == ERROR_USAGE);
	CHECK_TEXT(err.message, "the public key is zero, which is nobody's");
	bytes[0] = 1;
	CHECK(!sr25519_known_key_new(bytes, &known, &err) && err.code == ERROR_USAGE);
	CHECK_TEXT(err.message, no_key);
	CHECK(!known);
}

/* A known key keeps the route that made its tables. */
static void check_change_of_route(void)
{
	unsigned char seed[SR25519_SEED_BYTES] = {1};
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);
	auto_sr25519_known_key struct sr25519_known_key *known = NULL;
	struct error err = {0};

	CHECK_OK(sr25519_sign(key, "abc", 3, signature, &err), err);
	CHECK_OK(sr25519_known_key_new(sr25519_key_public(key), &known, &err), err);
	CHECK(verify_route_use("libsodium"));
	CHECK_OK(sr25519_known_key_verify(known, "abc", 3, signature, &err), err);
	CHECK(!sr25519_known_key_verify(known, "abd", 3, signature, &err));
	CHECK_TEXT(err.message, "the signature is not of this key and message");
}

TEST(change_of_route) { on_every_route(check_change_of_route); }

enum { N_SIGNED = 2 * VERIFY_BATCH_MAX + 2 };

struct signed_messages {
	struct sr25519_signed items[N_SIGNED];
	unsigned char keys[N_SIGNED][SR25519_PUBLIC_BYTES];
	unsigned char signatures[N_SIGNED][SR25519_SIGNATURE_BYTES];
	char messages[N_SIGNED][8];
};

/* By keys that come again */
static void sign_messages(struct signed_messages *all)
{
	struct error err = {0};

	for (size_t i = 0; i < N_SIGNED; i++) {
		unsigned char seed[SR25519_SEED_BYTES] = {(unsigned char)(i % 50)};
		auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);
		size_t len = (size_t)snprintf(all->messages[i], 8, "%zu", i);

		CHECK_OK(sr25519_sign(key, all->messages[i], len, all->signatures[i], &err), err);
		memcpy(all->keys[i], sr25519_key_public(key), SR25519_PUBLIC_BYTES);
		all->items[i] = (struct sr25519_signed){all->keys[i], all->signatures[i],
							all->messages[i], len};
	}
}

static void check_all(void)
{
	auto_free struct signed_messages *all = xcalloc(1, sizeof(*all));
	const size_t lengths[] = {0, 1, 2, 63, 64, 65, 127, 128, 129, N_SIGNED};
	struct error err = {0};
	size_t bad = 7;

	sign_messages(all);
	for (size_t i = 0; i < array_len(lengths); i++)
		CHECK_OK(sr25519_verify_all(all->items, lengths[i], &bad, &err), err);
	CHECK(bad == 7);
	for (size_t i = 0; i < N_SIGNED; i += 9) {
		all->signatures[i][i % 63] ^= 1;
		CHECK(!sr25519_verify_all(all->items, N_SIGNED, &bad, &err));
		CHECK(err.code == ERROR_AUTH && bad == i);
		all->signatures[i][i % 63] ^= 1;
	}

	/* the first of two, whichever is noticed first */
	all->signatures[3][0] ^= 1;
	all->signatures[5][63] = 0;
	CHECK(!sr25519_verify_all(all->items, N_SIGNED, &bad, &err) && bad == 3);
	CHECK_TEXT(err.message, "the signature is not of this key and message");
	CHECK(!sr25519_verify_all(all->items + 4, N_SIGNED - 4, &bad, &err) && bad == 1);
	CHECK_TEXT(err.message, "the signature is not marked as sr25519");
	memset(all->keys[4], 0xff, SR25519_PUBLIC_BYTES);
	CHECK(!sr25519_verify_all(all->items + 4, N_SIGNED - 4, &bad, &err) && bad == 0);
	CHECK_TEXT(err.message, no_key);
	CHECK(err.code == ERROR_AUTH);
}

TEST(all) { on_every_route(check_all); }

/* Errors that cancel out in a sum without weights: one s too big by 1, another one too small. */
static void check_no_cancelling(void)
{
	auto_free struct signed_messages *all = xcalloc(1, sizeof(*all));
	const unsigned char one[SCALAR_BYTES] = {1};
	unsigned char *more = all->signatures[1] + SR25519_PUBLIC_BYTES;
	unsigned char *less = all->signatures[2] + SR25519_PUBLIC_BYTES;
	struct error err = {0};
	size_t bad = 7;

	sign_messages(all);
	more[SCALAR_BYTES - 1] &= 0x7f;
	less[SCALAR_BYTES - 1] &= 0x7f;
	crypto_core_ristretto255_scalar_add(more, more, one);
	crypto_core_ristretto255_scalar_sub(less, less, one);
	more[SCALAR_BYTES - 1] |= SIGNATURE_MARK;
	less[SCALAR_BYTES - 1] |= SIGNATURE_MARK;
	CHECK(!sr25519_verify_all(all->items, 4, &bad, &err) && bad == 1);
}

TEST(no_cancelling) { on_every_route(check_no_cancelling); }
