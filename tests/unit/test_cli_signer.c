/* SPDX-License-Identifier: MIT
 * Which hotkey signs, and that it is the one that is meant. How commands ask for passwords is in
 * tests/cli/test_secret_input.py.
 */
#include "cli/signer.h"

#include "cli/print.h"
#include "lib/base/memory.h"
#include "lib/config/config_internal.h"
#include "tests/unit/project_fixture.h"

#define SEED    "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
#define ADDRESS "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"
#define OTHER   "5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX"

static void say(struct config *c, enum config_setting setting, const char *text,
		enum config_origin origin)
{
	static const char *const where[] = {"--x",   "CHUTES_X", "chute.yaml", "p.ini",
					    "u.ini", "l.ini",    NULL};

	struct config_value *v = &c->values[setting];

	config_value_keep(v, config_row(setting), xstrdup(text));
	v->origin = origin;
	v->where = where[origin] ? xstrdup(where[origin]) : NULL;
	v->line = 7;
}

static struct config nothing(const struct folder *f)
{
	static const struct globals globals = {.format = "text", .quiet = true, .no_input = true};
	struct config c = {0};
	auto_free char *root = path_join(f->path, "wallets");

	print_begin(&globals, "sign");
	say(&c, CONFIG_WALLETS_PATH, root, CONFIG_FROM_DEFAULT);
	return c;
}

/* "kind source", or the failure. */
static void check_signer(const struct config *c, const char *wanted)
{
	static const char *const kinds[] = {"none", "seed", "file", "wallet"};
	auto_signer s = {0};
	struct error err = {0};
	auto_free char *got = NULL;

	got = signer_find(c, &s, &err)
		      ? xprintf("%s %s", kinds[s.kind], s.source ? s.source : "-")
		      : xprintf("%d: %s", error_row(err.code)->exit_status, err.message);
	CHECK_TEXT(got, wanted);
}

TEST(who)
{
	auto_folder f = folder_new();
	auto_config c = nothing(&f);

	check_signer(&c, "none -");
	say(&c, CONFIG_HOTKEY_SEED, SEED, CONFIG_FROM_LEGACY);
	check_signer(&c, "seed 'auth.hotkey_seed' in l.ini");
	say(&c, CONFIG_WALLET, "me", CONFIG_FROM_USER);
	check_signer(&c, "wallet hotkey 'default' of wallet 'me'");
	say(&c, CONFIG_HOTKEY_SEED_FILE, "/s", CONFIG_FROM_ENVIRONMENT);
	check_signer(&c, "file CHUTES_X");
	/* one half of a wallet's key is enough to mean it */
	say(&c, CONFIG_WALLET_HOTKEY, "dev", CONFIG_FROM_OPTION);
	check_signer(&c, "wallet hotkey 'dev' of wallet 'me'");
}

TEST(equally_strong)
{
	auto_folder f = folder_new();
	auto_config c = nothing(&f);

	say(&c, CONFIG_WALLET_HOTKEY, "dev", CONFIG_FROM_USER);
	say(&c, CONFIG_HOTKEY_SEED, SEED, CONFIG_FROM_USER);
	check_signer(&c, "2: 'auth.hotkey_seed' in u.ini and 'wallet.hotkey' in u.ini both name a "
			 "hotkey");
	say(&c, CONFIG_WALLET, "me", CONFIG_FROM_PROFILE);
	check_signer(&c, "wallet hotkey 'dev' of wallet 'me'");
	say(&c, CONFIG_HOTKEY_SEED_FILE, "/s", CONFIG_FROM_PROFILE);
	check_signer(&c, "2: 'auth.hotkey_seed_file' in p.ini and 'wallet.name' in p.ini both name "
			 "a hotkey");
	say(&c, CONFIG_WALLET, "../me", CONFIG_FROM_OPTION);
	check_signer(&c, "2: the name of a wallet begins with a dot: '../me'");
}

TEST(the_wallet_that_nobody_named)
{
	auto_folder f = folder_new();
	auto_config c = nothing(&f);

	folder_put(&f, "wallets/default/hotkeys/default", SEED, 1);
	check_signer(&c, "wallet hotkey 'default' of wallet 'default'");
	say(&c, CONFIG_HOTKEY_SEED, SEED, CONFIG_FROM_LEGACY);
	check_signer(&c, "seed 'auth.hotkey_seed' in l.ini");
}

/* The address of the key, or the failure. */
static void check_key(const struct config *c, const char *wanted)
{
	auto_signer s = {0};
	struct error err = {0};
	auto_sr25519_key struct sr25519_key *key = NULL;
	char address[SS58_TEXT_SIZE] = "";

	CHECK_OK(signer_find(c, &s, &err), err);
	if (!signer_key(&s, NULL, c, &key, &err)) {
		auto_free char *got =
			xprintf("%d: %s", error_row(err.code)->exit_status, err.message);

		CHECK(err.hint[0] != '\0');
		CHECK_TEXT(got, wanted);
		return;
	}
	ss58_format_key(sr25519_key_public(key), address);
	CHECK_TEXT(address, wanted);
}

TEST(keys)
{
	auto_folder f = folder_new();
	auto_config c = nothing(&f);
	auto_free char *file = path_join(f.path, "seed");
	auto_free char *want = NULL;

	check_key(&c, "4: nothing says which hotkey signs");
	say(&c, CONFIG_HOTKEY_SEED, "0x" SEED, CONFIG_FROM_LEGACY);
	check_key(&c, ADDRESS);
	folder_put(&f, "wallets/me/hotkeys/default", "{\"secretSeed\":\"0x" SEED "\"}", 1);
	say(&c, CONFIG_WALLET, "me", CONFIG_FROM_USER);
	check_key(&c, ADDRESS);
	say(&c, CONFIG_HOTKEY_SEED_FILE, file, CONFIG_FROM_ENVIRONMENT);
	want = xprintf("5: CHUTES_X: cannot open '%s': No such file or directory", file);
	check_key(&c, want);
	folder_put(&f, "seed", SEED "\n", 1);
	check_key(&c, ADDRESS);
}

TEST(the_address_is_checked)
{
	auto_folder f = folder_new();
	auto_config c = nothing(&f);

	say(&c, CONFIG_HOTKEY_SEED, SEED, CONFIG_FROM_USER);
	say(&c, CONFIG_HOTKEY_ADDRESS, ADDRESS, CONFIG_FROM_USER);
	check_key(&c, ADDRESS);
	say(&c, CONFIG_HOTKEY_ADDRESS, OTHER, CONFIG_FROM_USER);
	check_key(&c, "4: 'auth.hotkey_seed' in u.ini is " ADDRESS
		      ", but 'auth.hotkey_ss58address' in u.ini:7 says " OTHER);
	/* said elsewhere, it is of another hotkey */
	say(&c, CONFIG_HOTKEY_ADDRESS, OTHER, CONFIG_FROM_LEGACY);
	check_key(&c, ADDRESS);
}
