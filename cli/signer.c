/* SPDX-License-Identifier: MIT */
#include "cli/signer.h"

#include "cli/print.h"
#include "cli/secret_input.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/wallet/wallet.h"

#include <string.h>

bool signer_settings_load(const struct call *call, const struct signer_options *o,
			  enum settings_use use, struct config *out, struct error *err)
{
	struct config_options given = {0};

	if (o) {
		given.values[CONFIG_WALLET] = o->wallet;
		given.values[CONFIG_WALLET_HOTKEY] = o->hotkey;
		given.values[CONFIG_WALLETS_PATH] = o->wallets_path;
	}
	return settings_load_given(call, &given, use, out, err);
}

void signer_release(struct signer *s)
{
	free(s->source);
	free(s->path);
	*s = (struct signer){0};
}

/* --- who it is */

/* The settings that name a hotkey. */
static const struct {
	enum config_setting setting;
	enum signer_kind kind;
} namings[] = {{CONFIG_HOTKEY_SEED, SIGNER_SEED},
	       {CONFIG_HOTKEY_SEED_FILE, SIGNER_SEED_FILE},
	       {CONFIG_WALLET, SIGNER_WALLET},
	       {CONFIG_WALLET_HOTKEY, SIGNER_WALLET}};

/* Which of them is said strongest; false: none is said at all. */
static bool find_strongest(const struct config *c, size_t *out)
{
	bool is_found = false;

	for (size_t i = 0; i < array_len(namings); i++) {
		const struct config_value *v = &c->values[namings[i].setting];

		if (!v->text || (is_found && v->origin >= c->values[namings[*out].setting].origin))
			continue;
		*out = i;
		is_found = true;
	}
	return is_found;
}

/* "--wallet", "CHUTES_WALLET", "'wallet.name' in FILE" */
static void add_naming(struct text *t, const struct config *c, size_t naming)
{
	enum config_setting setting = namings[naming].setting;
	const struct config_value *v = &c->values[setting];

	if (v->origin >= CONFIG_FROM_PROFILE)
		text_addf(t, "'%s' in ", config_row(setting)->name);
	text_add(t, v->where);
}

static bool check_alone(const struct config *c, size_t best, struct error *err)
{
	const struct config_value *v = &c->values[namings[best].setting];

	for (size_t i = 0; i < array_len(namings); i++) {
		const struct config_value *other = &c->values[namings[i].setting];
		auto_text both = {0};

		if (!other->text || other->origin != v->origin ||
		    namings[i].kind == namings[best].kind)
			continue;
		add_naming(&both, c, best);
		text_add(&both, " and ");
		add_naming(&both, c, i);
		fail(err, ERROR_USAGE, "%s both name a hotkey", text_str(&both));
		return fail_hint(err, "take one of them back, or say which with --wallet and "
				      "--hotkey");
	}
	return true;
}

static const char *text_or_default(const struct config_value *v)
{
	return v->text ? v->text : WALLET_DEFAULT_NAME;
}

static bool find_in_wallet(const struct config *c, struct signer *out, struct error *err)
{
	const char *wallet = text_or_default(&c->values[CONFIG_WALLET]);
	const char *hotkey = text_or_default(&c->values[CONFIG_WALLET_HOTKEY]);
	auto_free char *root = NULL;
	auto_free char *path = NULL;

	if (!wallet_root(c->values[CONFIG_WALLETS_PATH].text, &root, err) ||
	    !wallet_path(root, wallet, hotkey, false, &path, err))
		return false;
	*out = (struct signer){.kind = SIGNER_WALLET,
			       .source = xprintf("hotkey '%s' of wallet '%s'", hotkey, wallet),
			       .path = take(path)};
	return true;
}

/* The wallet that nobody named, where there is one. */
static void find_default(const struct config *c, struct signer *out)
{
	auto_signer s = {0};
	struct error ignored; /* then there is none */

	if (!find_in_wallet(c, &s, &ignored) || !file_exists(s.path)) {
		*out = (struct signer){.kind = SIGNER_NONE};
		return;
	}
	*out = s;
	s = (struct signer){0};
}

bool signer_find(const struct config *c, struct signer *out, struct error *err)
{
	auto_text source = {0};
	size_t best;

	if (!find_strongest(c, &best)) {
		find_default(c, out);
		return true;
	}
	if (!check_alone(c, best, err))
		return false;
	if (namings[best].kind == SIGNER_WALLET)
		return find_in_wallet(c, out, err);
	const struct config_value *v = &c->values[namings[best].setting];

	add_naming(&source, c, best);
	*out = (struct signer){.kind = namings[best].kind,
			       .source = text_take(&source),
			       .path = namings[best].kind == SIGNER_SEED_FILE ? xstrdup(v->text)
									      : NULL};
	return true;
}

/* --- its key */

bool signer_unlock(struct key_file *f, const char *password_file, const char *whose,
		   struct error *err)
{
	auto_secret password = {0};

	if (!f->is_encrypted)
		return true;
	int found = password_file ? 0 : wallet_password_find(f->path, &password, err);

	if (found < 0)
		return false;
	if (password_file && !secret_input_file(password_file, "the password", &password, err))
		return false;
	if (!password_file && found == 0) {
		auto_free char *question = xprintf("password of %s: ", whose);

		if (!secret_input_ask(question, "--password-file", &password, err))
			return false;
	}
	return key_file_unlock(f, password.bytes, password.len, err);
}

void signer_warn_exposed(const char *path)
{
	auto_free char *advice = path_chmod_advice("600", path);

	print_warning("others than you can read '%s': %s", path, advice);
}

/* The seed of the configuration, read as a file of one bare seed is. */
static void seed_as_file(const struct signer *s, const struct config *c, struct key_file *out)
{
	const char *seed = c->values[CONFIG_HOTKEY_SEED].text;

	out->path = xstrdup(s->source);
	secret_init(&out->bytes, strlen(seed));
	memcpy(out->bytes.bytes, seed, out->bytes.len);
}

bool signer_load(const struct signer *s, struct key_file *out, struct error *err)
{
	if (key_file_load(s->path, out, err))
		return true;
	if (s->kind == SIGNER_WALLET && err->code == ERROR_NOT_FOUND && !file_exists(s->path))
		fail_hint(err, "'chutes wallet list' shows the hotkeys that there are");
	return false;
}

static bool load_file(const struct signer *s, struct key_file *out, struct error *err)
{
	if (!signer_load(s, out, err))
		return fail_in(err, "%s", s->source);
	if (out->is_exposed)
		signer_warn_exposed(s->path);
	return true;
}

static bool check_address(const struct config *c, const struct signer *s, const char *address,
			  struct error *err)
{
	const struct config_value *expected = &c->values[CONFIG_HOTKEY_ADDRESS];
	size_t best;

	if (!find_strongest(c, &best) || !expected->text ||
	    expected->origin != c->values[namings[best].setting].origin ||
	    strcmp(expected->text, address) == 0)
		return true;
	fail(err, ERROR_AUTH, "%s is %s, but 'auth.hotkey_ss58address' in %s:%zu says %s",
	     s->source, address, expected->where, expected->line, expected->text);
	return fail_hint(err,
			 "find out which of both you want to sign with, and correct the other");
}

bool signer_key(const struct signer *s, const struct signer_options *o, const struct config *c,
		struct sr25519_key **out, struct error *err)
{
	auto_key_file file = {0};
	auto_wallet_key key = {0};

	if (s->kind == SIGNER_NONE) {
		fail(err, ERROR_AUTH, "nothing says which hotkey signs");
		return fail_hint(err, "name it with --wallet and --hotkey, or make one with "
				      "'chutes wallet new'");
	}
	if (s->kind == SIGNER_SEED)
		seed_as_file(s, c, &file);
	else if (!load_file(s, &file, err))
		return false;
	if (!signer_unlock(&file, o ? o->password_file : NULL, s->source, err) ||
	    !key_file_secret(&file, &key, err) || !check_address(c, s, key.address, err))
		return false;
	*out = take(key.key);
	return true;
}
