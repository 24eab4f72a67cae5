/* SPDX-License-Identifier: MIT
 * Who signs: the hotkey that options, environment and configuration name, read and unlocked. What
 * commands that sign have in common.
 */
#ifndef CHUTES_CLI_SIGNER_H
#define CHUTES_CLI_SIGNER_H

#include "cli/command.h"
#include "cli/settings.h"
#include "lib/config/config.h"
#include "lib/crypto/sr25519.h"
#include "lib/wallet/key_file.h"

/* What such commands take: a member `signer` of their options, and its rows. Not global, so that
 * others keep these names for themselves. */
struct signer_options {
	const char *wallet;
	const char *hotkey;
	const char *wallets_path;
	const char *password_file;
};
#define SIGNER_ROWS(where)                                                                           \
	OPT(0, "wallet", TEXT, where, signer.wallet, "NAME",                                         \
	    "sign with a hotkey of this wallet (default: wallet.name, then 'default')"),             \
		OPT(0, "hotkey", TEXT, where, signer.hotkey, "NAME",                                 \
		    "which of the wallet's hotkeys signs (default: wallet.hotkey, then 'default')"), \
		OPT(0, "wallets-path", TEXT, where, signer.wallets_path, "DIR",                      \
		    "where the wallets are"),                                                        \
		OPT(0, "password-file", TEXT, where, signer.password_file, "FILE",                   \
		    "password of an encrypted hotkey; '-' is standard input, fd:N a descriptor")

/* settings_load_given() with these options. `o` may be NULL. */
must_use bool signer_settings_load(const struct call *call, const struct signer_options *o,
				   enum settings_use use, struct config *out, struct error *err);

/* Where the hotkey comes from, found without reading a secret. */
enum signer_kind {
	SIGNER_NONE,      /* nothing names one */
	SIGNER_SEED,      /* auth.hotkey_seed */
	SIGNER_SEED_FILE, /* auth.hotkey_seed_file */
	SIGNER_WALLET,
};
struct signer {
	enum signer_kind kind;
	char *source; /* "hotkey 'dev' of wallet 'me'", "CHUTES_HOTKEY_SEED_FILE": for people */
	char *path;   /* of the file with the key; NULL for a seed of the configuration */
};
#define auto_signer __attribute__((cleanup(signer_release))) struct signer
void signer_release(struct signer *s);
/* Decide: what was said strongest wins. USAGE when two are said equally strong. Where nothing is
 * said, it is the hotkey 'default' of the wallet 'default' if there is one, as with btcli. */
must_use bool signer_find(const struct config *c, struct signer *out, struct error *err);

/* Its file, which there must be, as it is. As key_file_load(). */
must_use bool signer_load(const struct signer *s, struct key_file *out, struct error *err);
/* Its key, with the password of an encrypted file from `o` (which may be NULL), the environment or
 * a hidden prompt. AUTH when nothing names a hotkey, with what to do; when the key is not that of
 * auth.hotkey_ss58address, where it comes from the same place; otherwise as key_file.h. */
must_use bool signer_key(const struct signer *s, const struct signer_options *o,
			 const struct config *c, struct sr25519_key **out, struct error *err);

/* Decrypt a key file where it needs it: with the password of `password_file` (NULL: none is given),
 * else of the environment, else of a person. `whose` is for the question: "hotkey 'dev'". */
must_use bool signer_unlock(struct key_file *f, const char *password_file, const char *whose,
			    struct error *err);
/* A key file that others can read is used all the same. */
void signer_warn_exposed(const char *path);
#endif
