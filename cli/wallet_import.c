/* SPDX-License-Identifier: MIT
 * chutes wallet import: a key that exists becomes a key of a wallet. Doing it again changes
 * nothing.
 */
#include "cli/print.h"
#include "cli/secret_input.h"
#include "cli/wallet.h"
#include "lib/base/io.h"

#include <string.h>

struct import_options {
	struct signer_options names;
	const char *mnemonic;
	const char *seed;
	const char *suri;
	const char *password_file;
	const char *new_password_file;
	bool coldkey;
	bool overwrite;
};
static const struct option_row rows[] = {
	WALLET_ROWS(import_options),
	OPT(0, "coldkey", FLAG, import_options, coldkey, NULL,
	    "make it the coldkey of the wallet, encrypted"),
	WALLET_PATH_ROW(import_options),
	OPT(0, "mnemonic", TEXT, import_options, mnemonic, "SOURCE", "words of a key"),
	OPT(0, "seed", TEXT, import_options, seed, "SOURCE", "seed of a key: 64 hex digits"),
	OPT(0, "suri", TEXT, import_options, suri, "SOURCE",
	    "words//hard/soft///password; '//Alice' is a key of developers"),
	OPT(0, "password-file", TEXT, import_options, password_file, "FILE",
	    "password of the file that is read; '-' is standard input, fd:N a descriptor"),
	OPT(0, "new-password-file", TEXT, import_options, new_password_file, "FILE",
	    "password of the file that is written; likewise"),
	OPT(0, "overwrite", FLAG, import_options, overwrite, NULL,
	    "replace a key of that name; it is lost"),
	OPT_END};

static bool find_source(const struct call *call, struct wallet_source *out, struct error *err)
{
	const struct import_options *o = call->options;
	const char *file = call->args.n ? call->args.items[0] : NULL;

	*out = (struct wallet_source){o->mnemonic, o->seed, o->suri, file, o->password_file};
	int n = (o->mnemonic != NULL) + (o->seed != NULL) + (o->suri != NULL) + (file != NULL);

	if (n == 1)
		return true;
	fail(err, ERROR_USAGE,
	     n == 0 ? "nothing says which key to import" : "more than one key to import");
	return fail_hint(err, "give one of --mnemonic, --seed, --suri and FILE");
}

enum state { KEY_IS_NEW, KEY_IS_PUBLIC_ONLY, KEY_IS_THERE, KEY_IS_ANOTHER };

/* The key of a file as far as it can be told without a password; "" where it cannot. */
static bool address_of(const char *path, bool is_public, char out[SS58_TEXT_SIZE],
		       bool *is_encrypted)
{
	auto_key_file f = {0};
	auto_wallet_key key = {0};
	struct error ignored; /* a file that cannot be read is no key that we know */

	*is_encrypted = false;
	if (!key_file_load(path, &f, &ignored))
		return false;
	*is_encrypted = f.is_encrypted;
	if (f.is_encrypted || !(is_public ? key_file_public(&f, &key, &ignored)
					  : key_file_secret(&f, &key, &ignored)))
		return false;
	memcpy(out, key.address, SS58_TEXT_SIZE);
	return true;
}

/* What is in the place that the key is for. */
static enum state look(const struct wallet_target *t, const char *address)
{
	char there[SS58_TEXT_SIZE];
	bool has_secret = file_exists(t->path);
	bool has_public = file_exists(t->public_path);
	bool is_encrypted = false;
	bool ignored;

	if (has_public &&
	    !(address_of(t->public_path, true, there, &ignored) && strcmp(there, address) == 0))
		return KEY_IS_ANOTHER;
	if (!has_secret)
		return has_public ? KEY_IS_PUBLIC_ONLY : KEY_IS_NEW;
	if (address_of(t->path, false, there, &is_encrypted))
		return strcmp(there, address) == 0 ? KEY_IS_THERE : KEY_IS_ANOTHER;
	/* of an encrypted key, what is beside it tells */
	return is_encrypted && has_public ? KEY_IS_THERE : KEY_IS_ANOTHER;
}

/* Whose password it is, a hotkey only has where it is given. */
static bool find_password(const struct import_options *o, const struct wallet_target *t,
			  struct secret *out, struct error *err)
{
	static const char flag[] = "--new-password-file";

	if (!o->coldkey && !o->new_password_file)
		return true;
	int found = wallet_new_password(t, o->new_password_file, flag, out, err);

	if (found != 0)
		return found > 0;
	fail(err, ERROR_USAGE, "a coldkey is encrypted, and there is no password for it");
	return fail_hint(err, "give it with %s", flag);
}

static bool save(const struct import_options *o, const struct wallet_target *t,
		 const struct wallet_key *key, enum state state, struct error *err)
{
	const struct wallet_place place = wallet_target_place(t);
	auto_secret password = {0};
	bool replace = o->overwrite || state == KEY_IS_PUBLIC_ONLY;

	if (state == KEY_IS_ANOTHER && !o->overwrite)
		return wallet_fail_exists(t, ", with another key", err);
	if (!find_password(o, t, &password, err) ||
	    !wallet_save(&place, key, password.bytes ? &password : NULL, replace, err))
		return false;
	print_changed();
	print_status("wrote", "%s", t->path);
	if (!sr25519_key_seed(key->key))
		print_warning("%s has no seed: the Python client of the platform cannot use it",
			      t->title);
	return true;
}

static void report(const struct wallet_target *t, const struct wallet_key *key)
{
	struct json_out *j = print_result();

	if (!j) {
		print_line("%s", key->address);
		return;
	}
	json_out_text(j, "wallet", t->wallet);
	json_out_text(j, "hotkey", t->hotkey);
	json_out_text(j, "address", key->address);
	json_out_text(j, "file", t->path);
}

static bool run(struct call *call, struct error *err)
{
	const struct import_options *o = call->options;
	struct wallet_source source;
	auto_wallet_target target = {0};
	auto_wallet_key key = {0};

	if (o->coldkey && o->names.hotkey)
		return fail(err, ERROR_USAGE, "--coldkey and --hotkey exclude each other");
	if (!find_source(call, &source, err) ||
	    !wallet_target_find(call, &o->names, o->coldkey, &target, err) ||
	    !wallet_source_read(&source, &key, err))
		return false;
	enum state state = look(&target, key.address);

	if (state == KEY_IS_THERE)
		print_status("there", "%s", target.title);
	else if (!save(o, &target, &key, state, err))
		return false;
	report(&target, &key);
	return true;
}

const struct command wallet_import_command = {
	.name = "import",
	.arguments = "[FILE]",
	.summary = "put a key that you have into a wallet",
	.about = "Takes words, a seed, a secret URI, or a FILE: an export of polkadot-js or a key\n"
		 "file of another wallet. SOURCE is '-' for standard input, @FILE, or fd:N for a\n"
		 "descriptor, for others can see what stands on a command line; only the keys of\n"
		 "developers, which everybody has, are named there: --suri //Alice. A key that is\n"
		 "there already stays as it is, another key of that name is a conflict. Shows\n"
		 "the address.",
	.options = rows,
	.options_size = sizeof(struct import_options),
	.examples = {"chutes wallet import --wallet me --hotkey dev --mnemonic -",
		     "chutes wallet import --wallet me --hotkey web export.json",
		     "chutes wallet import --wallet test --suri //Alice"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_MISSING},
	.see_also = {"wallet new", "wallet show"},
	.run = run,
};
