/* SPDX-License-Identifier: MIT
 * Wallets as the tools of Bittensor keep them: ROOT/WALLET/coldkey, ROOT/WALLET/hotkeys/HOTKEY, and
 * beside each secret file a public one. Knows where files are, not what is in them (key_file.h).
 */
#ifndef CHUTES_WALLET_WALLET_H
#define CHUTES_WALLET_WALLET_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/wallet/key_file.h"

/* The name of the wallet, and of the hotkey in it, where a user names none. */
#define WALLET_DEFAULT_NAME "default"
/* What the name of a public file ends in, behind that of its secret file. */
#define WALLET_PUBLIC_END "pub.txt"

/* Where wallets are: `given`, of which only a leading "~/" is expanded, or "~/.bittensor/wallets"
 * when it is NULL. MISSING when HOME is needed and is no absolute path. Caller frees. */
must_use bool wallet_root(const char *given, char **out, struct error *err);

/* Paths below it, of a coldkey when `hotkey` is NULL; `is_public` for the file beside it. USAGE for
 * names that are empty, have a "/", or begin with a dot, and for a hotkey's that ends as public
 * files do. Caller frees. */
must_use bool wallet_path(const char *root, const char *wallet, const char *hotkey, bool is_public,
			  char **out, struct error *err);

struct wallet_place {
	const char *root;
	const char *wallet;
	const char *hotkey; /* NULL: the coldkey */
};
/* A key that is to be written: its secret file, encrypted unless `password` is NULL, and the public
 * one. All borrowed. */
struct wallet_item {
	struct wallet_place place;
	const struct wallet_key *key;
	const struct secret *password;
	bool replace;
};

/* Write keys of one wallet, in this order. Missing directories are made for the owner alone, the
 * files have mode 0600 from their first instant, and each is there whole or not at all. When it
 * fails, those that are new are taken back. CONFLICT, and nothing is changed, when one of the files
 * exists already, unless `replace`. USAGE for names that are those of other files. */
enum { WALLET_ITEMS_MAX = 2 };
must_use bool wallet_save_all(const struct wallet_item *items, size_t n, struct error *err);
/* One key. */
must_use bool wallet_save(const struct wallet_place *place, const struct wallet_key *key,
			  const struct secret *password, bool replace, struct error *err);

/* The password of a key file that the tools of Bittensor put into the environment, as BT_PW_ and
 * the file's path: 1, 0 when there is none, -1 when it is not written as they write it. */
must_use int wallet_password_find(const char *path, struct secret *out, struct error *err);

/* A key in a listing. */
struct wallet_entry {
	char *wallet;
	char *hotkey;                 /* NULL: the coldkey */
	char address[SS58_TEXT_SIZE]; /* empty when it cannot be told without a password */
	bool has_secret;              /* else there is only a public file */
	bool is_encrypted;
	bool is_exposed; /* the secret file can be read or written by others */
	char *problem;   /* what is wrong with it, or NULL */
	char *hint;      /* what to do about that, or NULL */
};

struct wallet_list {
	struct wallet_entry *items;
	size_t n;
	size_t capacity;
};
#define auto_wallet_list __attribute__((cleanup(wallet_list_release))) struct wallet_list
void wallet_list_release(struct wallet_list *l);

/* All keys of all wallets in `root`, sorted by bytes, a coldkey before its hotkeys; none when there
 * is no `root`. Only public fields are read, nothing is derived or decrypted. What cannot be read
 * is an entry with a problem; only a root that cannot be read fails. */
must_use bool wallet_list(const char *root, struct wallet_list *out, struct error *err);
/* Those of one wallet. */
void wallet_list_one(const char *root, const char *wallet, struct wallet_list *out);

#endif
