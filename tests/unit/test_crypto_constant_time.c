/* SPDX-License-Identifier: MIT
 * Does the time tell a secret? Run by valgrind, which is told that the bytes of a secret are not
 * initialised: it then notes each branch and each address that depends on them, however far they
 * have come. What is meant to depend on them is in constant_time.supp.
 */
#include "lib/base/base64.h"
#include "lib/crypto/mnemonic.h"
#include "lib/crypto/sr25519_internal.h"
#include "lib/wallet/key_file.h"

#include "tests/unit/tap.h"

#include <valgrind/memcheck.h>

static void hide(const volatile void *p, size_t len) { (void)VALGRIND_MAKE_MEM_UNDEFINED(p, len); }

static void show(const void *p, size_t len) { (void)VALGRIND_MAKE_MEM_DEFINED(p, len); }

/* How much was noted since the last call. */
static unsigned n_new(void)
{
	static unsigned n_seen;
	unsigned n = VALGRIND_COUNT_ERRORS - n_seen;

	n_seen += n;
	return n;
}

/* A key all of whose secrets are hidden. */
static struct sr25519_key *hidden_key(void)
{
	unsigned char seed[SR25519_SEED_BYTES] = {7};

	hide(seed, sizeof(seed));
	return sr25519_key_of_seed(seed);
}

static void show_public(struct sr25519_key *key) { show(key->public_key, sizeof(key->public_key)); }

/* Else all others mean nothing. */
TEST(a_branch_is_noted)
{
	volatile unsigned char secret = 1;
	volatile int n = 0;

	if (!RUNNING_ON_VALGRIND)
		SKIP("not run by valgrind");
	n_new();
	hide(&secret, 1);
	if (secret)
		n++;
	CHECK(n_new() == 1);
}

TEST(keys_and_signatures)
{
	unsigned char chain_code[SR25519_CHAIN_CODE_BYTES] = {1};
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	auto_sr25519_key struct sr25519_key *key = hidden_key();
	struct error err = {0};

	CHECK(n_new() == 0);
	show_public(key);
	CHECK_OK(sr25519_sign(key, "message", 7, signature, &err), err);
	CHECK(n_new() == 0);
	show(signature, sizeof(signature));
	CHECK_OK(sr25519_verify(key->public_key, "message", 7, signature, &err), err);

	auto_sr25519_key struct sr25519_key *hard = sr25519_key_derive_hard(key, chain_code);
	auto_sr25519_key struct sr25519_key *soft = sr25519_key_derive_soft(key, chain_code);

	CHECK(n_new() == 0);
	show_public(hard);
	show_public(soft);
	CHECK_OK(sr25519_public_check(hard->public_key, &err), err);
	CHECK_OK(sr25519_public_check(soft->public_key, &err), err);
	n_new();
}

TEST(secrets_of_files)
{
	unsigned char secret[SR25519_SECRET_BYTES] = {8};
	auto_sr25519_key struct sr25519_key *key = NULL;
	auto_sr25519_key struct sr25519_key *eighth = NULL;
	struct error err = {0};

	hide(secret + 1, sizeof(secret) - 1);

	bool is_key = sr25519_key_of_secret(secret, &key, &err);
	bool is_eighth = sr25519_key_of_ed25519_secret(secret, &eighth, &err);

	CHECK(n_new() == 0);
	show(&is_key, sizeof(is_key));
	show(&is_eighth, sizeof(is_eighth));
	CHECK(is_key && is_eighth);
}

TEST(phrases)
{
	auto_secret entropy = {0};
	unsigned char seed[MNEMONIC_SEED_BYTES];
	char password[] = "password";

	secret_init(&entropy, 16);
	hide(entropy.bytes, entropy.len);
	hide(password, sizeof(password));
	mnemonic_seed(&entropy, password, 8, seed);
	CHECK(n_new() == 0);
}

TEST(text)
{
	char digits[] = "c2VjcmV0IGJ5dGVzIQ+/";
	unsigned char bytes[BASE64_MAX_BYTES(sizeof(digits))];
	auto_wallet_key key = {0};
	auto_secret file = {0};
	size_t len = 0;

	struct sr25519_key *hidden = hidden_key();

	show_public(hidden);
	wallet_key_of(hidden, &key);
	key_file_format(&key, &file);
	CHECK(n_new() == 0);
	/* the last two may be padding */
	hide(digits, sizeof(digits) - 3);

	bool is_read = base64_decode(digits, sizeof(digits) - 1, bytes, &len);

	CHECK(n_new() == 0);
	show(&is_read, sizeof(is_read));
	CHECK(is_read && len == 15);
}
