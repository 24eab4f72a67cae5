/* SPDX-License-Identifier: MIT
 * What the commands of `wallet` have in common.
 */
#ifndef CHUTES_CLI_WALLET_H
#define CHUTES_CLI_WALLET_H

#include "cli/command.h"
#include "cli/signer.h"
#include "lib/crypto/secret.h"
#include "lib/wallet/wallet.h"

extern const struct command wallet_import_command;
extern const struct command wallet_list_command;
extern const struct command wallet_new_command;
extern const struct command wallet_show_command;

/* Which key a command is about: a member `names` of its options, and its rows. */
#define WALLET_ROWS(where)                                                                         \
	OPT(0, "wallet", TEXT, where, names.wallet, "NAME",                                        \
	    "name of the wallet (default: wallet.name, then 'default')"),                          \
		OPT(0, "hotkey", TEXT, where, names.hotkey, "NAME",                                \
		    "name of the hotkey in it (default: wallet.hotkey, then 'default')")
#define WALLET_PATH_ROW(where)                                                                     \
	OPT(0, "wallets-path", TEXT, where, names.wallets_path, "DIR", "where the wallets are")

struct wallet_target {
	char *root;
	char *wallet;
	char *hotkey; /* NULL: the coldkey */
	char *path;
	char *public_path;
	char *title; /* "hotkey 'dev' of wallet 'me'" */
};
#define auto_wallet_target __attribute__((cleanup(wallet_target_release))) struct wallet_target
void wallet_target_release(struct wallet_target *t);
/* USAGE for names that there cannot be. */
must_use bool wallet_target_init(const char *root, const char *wallet, const char *hotkey,
				 struct wallet_target *out, struct error *err);
/* What options and settings name, by default the wallet 'default' and its hotkey 'default'. */
must_use bool wallet_target_find(const struct call *call, const struct signer_options *names,
				 bool is_coldkey, struct wallet_target *out, struct error *err);
struct wallet_place wallet_target_place(const struct wallet_target *t); /* borrowed */

/* The password that a key gets: from `file` if that is not NULL, else from the environment, else
 * from a person. 1; 0 when none is given and nobody can be asked; -1. `flag` gives it. */
must_use int wallet_new_password(const struct wallet_target *t, const char *file, const char *flag,
				 struct secret *out, struct error *err);
/* CONFLICT: it is there already; `with` is "" or ", with another key". */
bool wallet_fail_exists(const struct wallet_target *t, const char *with, struct error *err);

/* Where a key to be imported comes from; one of the first four is not NULL. */
struct wallet_source {
	const char *mnemonic; /* these three as secret_input_read() has them */
	const char *seed;
	const char *suri;          /* also "//NAME", a key of developers */
	const char *file;          /* of polkadot-js, or another key file */
	const char *password_file; /* of the file; NULL: as signer_unlock() */
};
must_use bool wallet_source_read(const struct wallet_source *s, struct wallet_key *out,
				 struct error *err);

#endif
