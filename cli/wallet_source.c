/* SPDX-License-Identifier: MIT
 * Keys that come from elsewhere: words, a seed, a secret URI, a file of another tool.
 */
#include "cli/print.h"
#include "cli/secret_input.h"
#include "cli/wallet.h"
#include "lib/base/memory.h"
#include "lib/crypto/mnemonic.h"
#include "lib/crypto/suri.h"

#include <string.h>

enum { SEED_DIGITS = 2 * SR25519_SEED_BYTES };

static bool of_words(const char *words, size_t len, struct wallet_key *out, struct error *err)
{
	auto_secret entropy = {0};

	if (!mnemonic_parse(words, len, &entropy, err))
		return false;
	wallet_key_of_phrase(&entropy, out);
	return true;
}

static bool of_suri(const struct suri *uri, struct wallet_key *out, struct error *err)
{
	struct sr25519_key *key = NULL;

	/* plain words are kept */
	if (uri->path.len == 0 && uri->password.len == 0 &&
	    !(uri->phrase.len >= 2 && memcmp(uri->phrase.at, "0x", 2) == 0))
		return of_words(uri->phrase.at, uri->phrase.len, out, err);
	if (!suri_key(uri, &key, err))
		return false;
	wallet_key_of(key, out);
	return true;
}

static bool read_mnemonic(const char *source, struct wallet_key *out, struct error *err)
{
	auto_secret words = {0};

	return secret_input_read(source, "the mnemonic", &words, err) &&
	       of_words((const char *)words.bytes, words.len, out, err);
}

static bool read_seed(const char *source, struct wallet_key *out, struct error *err)
{
	auto_secret typed = {0};
	auto_secret text = {0};
	struct suri uri;

	if (!secret_input_read(source, "the seed", &typed, err))
		return false;
	const char *digits = (const char *)typed.bytes;

	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		digits += 2;
	if (strlen(digits) != SEED_DIGITS ||
	    strspn(digits, "0123456789abcdefABCDEF") != SEED_DIGITS)
		return fail(err, ERROR_USAGE, "the seed is not %d hex digits", SEED_DIGITS);
	secret_init(&text, 2 + SEED_DIGITS + 1);
	memcpy(text.bytes, "0x", 2);
	memcpy(text.bytes + 2, digits, SEED_DIGITS);
	return suri_parse((const char *)text.bytes, &uri, err) && of_suri(&uri, out, err);
}

/* Keys that everybody knows are named like that, and by nothing else. */
static bool read_development(const char *name, struct wallet_key *out, struct error *err)
{
	struct suri uri;

	if (!suri_parse(name, &uri, err))
		return false;
	if (uri.password.len > 0) {
		fail(err, ERROR_USAGE, "others can see the password of the secret URI");
		return fail_hint(err, "give it as '-' for standard input, or '@FILE'");
	}
	print_warning("everybody has the key of '%s': it is for development only", name);
	return of_suri(&uri, out, err);
}

static bool read_suri(const char *source, struct wallet_key *out, struct error *err)
{
	auto_secret text = {0};
	struct suri uri;

	if (*source == '/')
		return read_development(source, out, err);
	if (!secret_input_read(source, "the secret URI", &text, err) ||
	    !suri_parse((const char *)text.bytes, &uri, err))
		return false;
	if (uri.phrase.len == 0) {
		fail(err, ERROR_USAGE, "the secret URI has no phrase: everybody has its key");
		return fail_hint(err,
				 "begin it with the words; for development say --suri //Alice");
	}
	return of_suri(&uri, out, err);
}

static bool read_export(const struct key_file *f, const char *password_file, struct wallet_key *out,
			struct error *err)
{
	auto_free char *question = xprintf("password of '%s': ", f->path);
	auto_secret password = {0};

	if (password_file ? !secret_input_file(password_file, "the password", &password, err)
			  : !secret_input_ask(question, "--password-file", &password, err))
		return false;
	return key_file_import(f, password.bytes, password.len, out, err);
}

static bool read_file(const char *path, const char *password_file, struct wallet_key *out,
		      struct error *err)
{
	auto_key_file f = {0};
	auto_free char *whose = xprintf("'%s'", path);

	if (!key_file_load(path, &f, err))
		return false;
	if (f.is_exposed)
		signer_warn_exposed(path);
	if (!f.is_encrypted && key_file_is_export(&f))
		return read_export(&f, password_file, out, err);
	return signer_unlock(&f, password_file, whose, err) && key_file_secret(&f, out, err);
}

bool wallet_source_read(const struct wallet_source *s, struct wallet_key *out, struct error *err)
{
	if (s->mnemonic)
		return read_mnemonic(s->mnemonic, out, err);
	if (s->seed)
		return read_seed(s->seed, out, err);
	if (s->suri)
		return read_suri(s->suri, out, err);
	return read_file(s->file, s->password_file, out, err);
}
