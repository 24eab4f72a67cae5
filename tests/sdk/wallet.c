/* SPDX-License-Identifier: MIT
 * Reads and writes files of wallets, for comparisons with the wallet library. The keys of tests are
 * no secrets, so they are arguments here.
 *
 *   wallet save ROOT WALLET HOTKEY PHRASE [PASSWORD]   HOTKEY "-" is the coldkey; PHRASE "-": a new
 *                                                      one of 24 words
 *   wallet read PATH [PASSWORD]                        ADDRESS and PHRASE, or ADDRESS alone;
 * without PASSWORD the environment's
 */
#include "lib/wallet/wallet.h"
#include "lib/crypto/mnemonic.h"

#include <stdio.h>
#include <string.h>

static void secret_of(const char *text, struct secret *out)
{
	secret_init(out, strlen(text));
	memcpy(out->bytes, text, out->len);
}

static bool save(char **args, const char *password_text, struct error *err)
{
	struct wallet_place place = {args[0], args[1], strcmp(args[2], "-") == 0 ? NULL : args[2]};
	auto_secret entropy = {0};
	auto_secret password = {0};
	auto_wallet_key key = {0};
	bool is_new = strcmp(args[3], "-") == 0;

	if (is_new ? !mnemonic_make(MNEMONIC_MAX_WORDS, &entropy, err)
		   : !mnemonic_parse(args[3], strlen(args[3]), &entropy, err))
		return false;
	wallet_key_of_phrase(&entropy, &key);
	if (password_text)
		secret_of(password_text, &password);
	if (!wallet_save(&place, &key, password_text ? &password : NULL, false, err))
		return false;
	printf("%s %s\n", key.address, (const char *)key.phrase.bytes);
	return true;
}

static bool unlock(struct key_file *f, const char *password_text, struct error *err)
{
	auto_secret password = {0};

	if (!f->is_encrypted)
		return true;
	if (password_text)
		secret_of(password_text, &password);
	else if (wallet_password_find(f->path, &password, err) <= 0)
		return fail(err, ERROR_AUTH, "no password for '%s'", f->path);
	return key_file_unlock(f, password.bytes, password.len, err);
}

static bool show(const char *path, const char *password, struct error *err)
{
	bool is_public = text_ends_with(path, "pub.txt");
	auto_key_file f = {0};
	auto_wallet_key key = {0};

	if (!key_file_load(path, &f, err) || !unlock(&f, password, err))
		return false;
	if (is_public ? !key_file_public(&f, &key, err) : !key_file_secret(&f, &key, err))
		return false;
	printf("%s%s%s\n", key.address, key.phrase.bytes ? " " : "",
	       key.phrase.bytes ? (const char *)key.phrase.bytes : "");
	return true;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	bool ok = false;

	if (argc >= 6 && strcmp(argv[1], "save") == 0)
		ok = save(argv + 2, argv[6], &err);
	else if (argc >= 3 && strcmp(argv[1], "read") == 0)
		ok = show(argv[2], argv[3], &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.message);
	return ok ? 0 : 1;
}
