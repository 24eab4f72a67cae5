/* SPDX-License-Identifier: MIT
 * Listings: what the wallet library wrote, what is damaged, what is none, and very many.
 */
#include "lib/wallet/wallet.h"

#include "tests/unit/wallet_fixture.h"

#include <unistd.h>

#define ADDRESS "5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX"
#define SEED    "0xda3cf5b1e9144931a0f0db65664aab662673b099415a7f8121b7245fb0be4143"
#define ALICE   "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define PUBLIC  "{\"ss58Address\":\"" ADDRESS "\"}"

static void put(const char *root, const char *name, const char *text, mode_t mode)
{
	auto_free char *path = path_join(root, name);
	auto_free char *directory = path_directory(path);
	struct error err = {0};

	CHECK_OK(directory_make(directory, 0700, &err), err);
	CHECK_OK(file_write_cache(path, text, strlen(text), mode, &err), err);
}

static void list(const char *root, struct wallet_list *out)
{
	struct error err = {0};

	CHECK_OK(wallet_list(root, out, &err), err);
}

/* One line for each entry. */
static void check_list(const char *root, const char *const *wanted, size_t n)
{
	auto_wallet_list l = {0};

	list(root, &l);
	CHECK(l.n == n);
	for (size_t i = 0; i < l.n && i < n; i++) {
		const struct wallet_entry *e = &l.items[i];
		auto_free char *line =
			xprintf("%s/%s %s%s%s%s%s%s", e->wallet, e->hotkey ? e->hotkey : "",
				e->address[0] ? e->address : "?", e->has_secret ? " secret" : "",
				e->is_encrypted ? " encrypted" : "",
				e->is_exposed ? " exposed" : "", e->problem ? ": " : "",
				e->problem ? e->problem + (text_starts_with(e->problem + 1, root)
								   ? strlen(root) + 2
								   : 0)
					   : "");

		CHECK_TEXT(line, wanted[i]);
		CHECK(!e->hint || e->problem);
	}
}

TEST(files_of_the_wallet_library)
{
	static const char cold[] = "5EPCUjPxiHAcNooYipQFWr9NmmXJKpNG5RhcntXwbtUySrgH";
	auto_json struct json *document = vectors_load("wallet/files.json");
	const struct json *rows = json_find(document, "files");
	auto_directory char *root = directory_new();
	auto_wallet_list l = {0};
	struct error err = {0};

	for (size_t i = 0; i < json_count(rows); i++) {
		auto_free char *path = path_join(root, vector_text(json_at(rows, i), "file"));
		auto_free char *directory = path_directory(path);
		auto_secret bytes = {0};

		golden_bytes(json_at(rows, i), &bytes);
		CHECK_OK(directory_make(directory, 0700, &err), err);
		CHECK_OK(file_create(path, bytes.bytes, bytes.len, 0600, &err), err);
	}
	list(root, &l);
	CHECK(l.n == 16);
	for (size_t i = 0; i < l.n; i++) {
		const struct wallet_entry *e = &l.items[i];
		bool is_ed25519 = strcmp(e->wallet, "ed25519") == 0 ||
				  (e->hotkey && strcmp(e->hotkey, "ed") == 0);

		CHECK(e->has_secret && !e->is_exposed && is_ed25519 == (e->problem != NULL));
		CHECK(is_ed25519 == (e->address[0] == '\0'));
	}
	/* encrypted, its address is in the file beside it */
	CHECK_TEXT(l.items[0].wallet, "dev");
	CHECK(!l.items[0].hotkey && l.items[0].is_encrypted);
	CHECK_TEXT(l.items[0].address, cold);
	CHECK_TEXT(l.items[2].hotkey, "locked");
	CHECK_TEXT(l.items[2].address, cold);
}

TEST(forms_and_damage)
{
	static const char *const wanted[] = {
		"a/ " ADDRESS,
		"a/bad ? secret: a/hotkeys/bad': byte 2: a string is expected",
		"a/bare ? secret",
		"a/barepublic " ADDRESS " secret",
		"a/dangling ? secret: a/hotkeys/dangling' is a link to a file that is not there",
		"a/directory ? secret: a/hotkeys/directory' is not a regular file",
		"a/exposed " ADDRESS " secret exposed",
		"a/lone " ADDRESS,
		"a/other " ADDRESS " secret: a/hotkeys/otherpub.txt' is of another key than the "
		"file beside it",
		"a/pub.txt ? secret: a/hotkeys/pub.txt': is empty",
		"a/x.1.tmp " ADDRESS " secret",
		"a/x.tmp " ADDRESS " secret",
		"b/ ? secret: b/coldkey': is encrypted with Fernet, as wallets of before 2023 are",
		"c/ ?: cannot open 'ROOT/c/hotkeys': Not a directory",
	};
	auto_directory char *root = directory_new();
	auto_free char *dangling = path_join(root, "a/hotkeys/dangling");
	auto_free char *directory = path_join(root, "a/hotkeys/directory");
	auto_free char *empty = path_join(root, "d");
	const char *lines[array_len(wanted)];
	auto_free char *last = xprintf("c/ ?: cannot open '%s/c/hotkeys': Not a directory", root);

	put(root, "a/coldkeypub.txt", PUBLIC, 0644);
	put(root, "a/hotkeys/bad", "{", 0600);
	put(root, "a/hotkeys/bare", SEED, 0600);
	put(root, "a/hotkeys/barepublic", "old leopard", 0600);
	put(root, "a/hotkeys/barepublicpub.txt", PUBLIC, 0600);
	put(root, "a/hotkeys/exposed",
	    "{\"secretSeed\":\"" SEED "\",\"ss58Address\":\"" ADDRESS "\"}", 0644);
	put(root, "a/hotkeys/exposedpub.txt", PUBLIC, 0644);
	put(root, "a/hotkeys/lonepub.txt", PUBLIC, 0600);
	put(root, "a/hotkeys/other", PUBLIC, 0600);
	put(root, "a/hotkeys/otherpub.txt", "{\"ss58Address\":\"" ALICE "\"}", 0600);
	put(root, "a/hotkeys/pub.txt", "", 0600);
	put(root, "a/hotkeys/.hidden", "{", 0600);
	put(root, "a/hotkeys/x.1.0.tmp", "{", 0600);
	put(root, "a/hotkeys/x.tmp", PUBLIC, 0600);
	put(root, "a/hotkeys/x.1.tmp", PUBLIC, 0600);
	put(root, "b/coldkey", "gAAAAAxyz", 0600);
	put(root, "c/hotkeys", "", 0600);
	put(root, "file", "", 0600);
	put(root, ".hidden/coldkey", "{", 0600);
	CHECK(symlink("nowhere", dangling) == 0 && mkdir(directory, 0700) == 0 &&
	      mkdir(empty, 0700) == 0);
	memcpy(lines, wanted, sizeof(lines));
	lines[array_len(lines) - 1] = last;
	check_list(root, lines, array_len(lines));
}

TEST(no_wallets)
{
	auto_directory char *root = directory_new();
	auto_free char *missing = path_join(root, "missing");
	auto_free char *file = path_join(root, "file");
	auto_wallet_list l = {0};
	struct error err = {0};

	check_list(root, NULL, 0);
	check_list(missing, NULL, 0);
	CHECK_OK(file_create(file, "", 0, 0600, &err), err);
	CHECK(!wallet_list(file, &l, &err) && strstr(err.message, "Not a directory"));
	CHECK(strstr(err.message, "cannot open '") != NULL);
}

/* Files, that is: each hotkey has two. */
TEST(ten_thousand)
{
	enum { N_HOTKEYS = 5000 };
	auto_directory char *root = directory_new();
	static const char secret[] =
		"{\"secretSeed\":\"" SEED "\",\"ss58Address\":\"" ADDRESS "\"}";
	auto_wallet_list l = {0};
	struct error err = {0};

	if (tap_slowness() == TAP_TOO_SLOW)
		return;
	put(root, "w/hotkeys/h", secret, 0600);
	for (size_t i = 1; i < N_HOTKEYS; i++) {
		auto_free char *name = xprintf("%s/w/hotkeys/h%05zu", root, i);
		auto_free char *public = xprintf("%spub.txt", name);

		CHECK_OK(file_create(name, secret, strlen(secret), 0600, &err), err);
		CHECK_OK(file_create(public, PUBLIC, strlen(PUBLIC), 0600, &err), err);
	}
	list(root, &l);
	CHECK(l.n == N_HOTKEYS);
	CHECK_TEXT(l.items[N_HOTKEYS - 1].hotkey, "h04999");
	CHECK_TEXT(l.items[N_HOTKEYS - 1].address, ADDRESS);
}
