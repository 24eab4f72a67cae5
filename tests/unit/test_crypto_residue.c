/* SPDX-License-Identifier: MIT
 * What is left of a secret in memory when those who had it are through: nothing, neither on the
 * stack nor on the heap.
 */
#include "lib/config/config.h"
#include "lib/crypto/mnemonic.h"
#include "lib/crypto/sr25519_internal.h"
#include "lib/crypto/suri.h"
#include "lib/wallet/wallet.h"

#include "tests/unit/memory_search.h"
#include "tests/unit/store_fixture.h"

static const char words[] = "old leopard transfer rib spatial phone calm indicate online fire "
			    "caution review";
static const unsigned char chain_code[SR25519_CHAIN_CODE_BYTES] = {1};

/* What all of them work with, in memory for secrets. */
struct things {
	const char *directory;
	struct secret phrase; /* not the text of the program itself, which nobody can write to */
	struct secret entropy;
	struct sr25519_key *key;
	struct sr25519_key *hard; /* children of it */
	struct sr25519_key *soft;
	struct secret digits;
	struct secret long_text;
	/* what they made of it */
	struct sr25519_key *made;
	struct secret secret;
	struct wallet_key wallet_key;
	struct key_file file;
	struct config config;
	unsigned char signature[SR25519_SIGNATURE_BYTES];
};

static void make_key(void *context)
{
	struct things *t = context;

	t->made = sr25519_key_of_seed(sr25519_key_seed(t->key));
}

static void make_key_of_secret(void *context)
{
	struct things *t = context;
	struct error err = {0};

	CHECK_OK(sr25519_key_of_secret(sr25519_key_secret(t->soft), &t->made, &err), err);
}

static void sign(void *context)
{
	struct things *t = context;
	struct error err = {0};

	CHECK_OK(sr25519_sign(t->key, "m", 1, t->signature, &err), err);
}

static void derive_hard(void *context)
{
	struct things *t = context;

	t->made = sr25519_key_derive_hard(t->key, chain_code);
}

static void derive_soft(void *context)
{
	struct things *t = context;

	t->made = sr25519_key_derive_soft(t->key, chain_code);
}

static void read_phrase(void *context)
{
	struct things *t = context;
	struct error err = {0};

	CHECK_OK(mnemonic_parse((const char *)t->phrase.bytes, t->phrase.len, &t->secret, &err),
		 err);
}

static void write_phrase(void *context)
{
	struct things *t = context;

	mnemonic_format(&t->entropy, &t->secret);
}

static void seed_of_phrase(void *context)
{
	struct things *t = context;

	secret_init(&t->secret, MNEMONIC_SEED_BYTES);
	mnemonic_seed(&t->entropy, "", 0, t->secret.bytes);
}

static void key_of_phrase(void *context)
{
	struct things *t = context;

	wallet_key_of_phrase(&t->entropy, &t->wallet_key);
}

static void key_of_uri(void *context)
{
	struct things *t = context;
	struct suri uri = {.phrase = {(const char *)t->phrase.bytes, t->phrase.len},
			   .path = {"//hard/soft", 11}};
	struct error err = {0};

	CHECK_OK(suri_key(&uri, &t->made, &err), err);
}

static void save(void *context)
{
	struct things *t = context;
	struct wallet_place place = {t->directory, "w", "h"};
	struct error err = {0};

	CHECK_OK(wallet_save(&place, &t->wallet_key, NULL, true, &err), err);
}

static void load(void *context)
{
	struct things *t = context;
	auto_free char *path = xprintf("%s/w/hotkeys/h", t->directory);
	struct error err = {0};

	CHECK_OK(key_file_load(path, &t->file, &err), err);
}

static void read_file(void *context)
{
	struct things *t = context;
	struct error err = {0};

	CHECK_OK(key_file_secret(&t->file, &t->wallet_key, &err), err);
}

static void set(const char *name, const struct secret *value)
{
	struct config_place place = {0};
	auto_free char *file = NULL;
	struct error err = {0};

	CHECK_OK(config_row_find(name, &place.row, &err), err);
	CHECK_OK(config_set(&place, (const char *)value->bytes, &file, &err), err);
}

static void set_settings(void *context)
{
	struct things *t = context;

	set("auth.api_key", &t->long_text);
	set("auth.hotkey_seed", &t->digits);
}

static void load_settings(void *context)
{
	struct things *t = context;
	struct config_options o = {0};
	struct error err = {0};

	CHECK_OK(config_load(&o, &t->config, &err), err);
	CHECK_TEXT(t->config.values[CONFIG_HOTKEY_SEED].text, (const char *)t->digits.bytes);
}

static const struct {
	const char *name;
	void (*run)(void *);
} uses[] = {
	{"make_key", make_key},
	{"make_key_of_secret", make_key_of_secret},
	{"sign", sign},
	{"derive_hard", derive_hard},
	{"derive_soft", derive_soft},
	{"read_phrase", read_phrase},
	{"write_phrase", write_phrase},
	{"seed_of_phrase", seed_of_phrase},
	{"key_of_phrase", key_of_phrase},
	{"save", save},
	{"load", load},
	{"read_file", read_file},
	{"key_of_uri", key_of_uri},
	{"set_settings", set_settings},
	{"load_settings", load_settings},
};

static void things_init(struct things *t, const char *directory)
{
	struct error err = {0};

	t->directory = directory;
	secret_init(&t->phrase, strlen(words));
	memcpy(t->phrase.bytes, words, t->phrase.len);
	CHECK_OK(mnemonic_parse(words, strlen(words), &t->entropy, &err), err);

	auto_wallet_key key = {0};

	wallet_key_of_phrase(&t->entropy, &key);
	t->key = take(key.key);
	t->hard = sr25519_key_derive_hard(t->key, chain_code);
	t->soft = sr25519_key_derive_soft(t->key, chain_code);
	secret_init(&t->digits, 2 * SR25519_SEED_BYTES + 1);
	secret_init(&t->long_text, 501);
	for (size_t i = 0; i + 1 < t->digits.len; i++)
		t->digits.bytes[i] = (unsigned char)"0123456789abcdef"[i * i * 7 % 16];
	for (size_t i = 0; i + 1 < t->long_text.len; i++)
		t->long_text.bytes[i] = (unsigned char)('a' + i * i % 23);
	setenv("HOME", directory, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("CHUTES_CONFIG_PATH");
}

static void things_release(struct things *t)
{
	sr25519_key_free(t->key);
	sr25519_key_free(t->hard);
	sr25519_key_free(t->soft);
	secret_release(&t->phrase);
	secret_release(&t->entropy);
	secret_release(&t->digits);
	secret_release(&t->long_text);
}

/* Some of them work with what the one before has made. */
static void release_made(struct things *t, void (*next)(void *))
{
	sr25519_key_free(t->made);
	t->made = NULL;
	secret_release(&t->secret);
	if (next != save)
		wallet_key_release(&t->wallet_key);
	if (next != read_file)
		key_file_release(&t->file);
	config_release(&t->config);
}

static size_t count_on_stack(const struct needle *n)
{
	return needle_count(n, apart_stack, sizeof(apart_stack));
}

TEST(nothing_is_left)
{
	enum { N_USES = array_len(uses) };
	static struct needle needles[9];
	static size_t before[array_len(needles)];
	auto_directory char *directory = directory_new();
	struct things t = {0};

	if (!memory_can_search())
		return; /* under a sanitizer or valgrind; the plain build does */
	things_init(&t, directory);
	needles[0] = needle_of(t.phrase.bytes, t.phrase.len);
	needles[1] = needle_of(t.entropy.bytes, t.entropy.len);
	needles[2] = needle_of(sr25519_key_seed(t.key), SR25519_SEED_BYTES);
	needles[3] = needle_of(sr25519_key_secret(t.key), 32);
	needles[4] = needle_of(sr25519_key_secret(t.key) + 32, 32);
	needles[5] = needle_of(sr25519_key_seed(t.hard), SR25519_SEED_BYTES);
	needles[6] = needle_of(sr25519_key_secret(t.soft), 32);
	needles[7] = needle_of(t.digits.bytes, 64);
	needles[8] = needle_of(t.long_text.bytes, 500);
	for (size_t i = 0; i < array_len(needles); i++)
		before[i] = memory_search(&needles[i]);
	CHECK(before[0] > 0 && before[8] > 0);
	for (size_t use = 0; use < N_USES; use++) {
		run_apart(uses[use].run, &t);
		for (size_t i = 0; i < array_len(needles); i++)
			if (!CHECK(count_on_stack(&needles[i]) == 0))
				printf("# %s: needle %zu on the stack\n", uses[use].name, i);
		release_made(&t, use + 1 < N_USES ? uses[use + 1].run : NULL);
		for (size_t i = 0; i < array_len(needles) && !t.wallet_key.key && !t.file.path; i++)
			if (!CHECK(memory_search(&needles[i]) == before[i]))
				printf("# %s: needle %zu\n", uses[use].name, i);
	}
	things_release(&t);
}
