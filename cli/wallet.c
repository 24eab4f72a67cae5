/* SPDX-License-Identifier: MIT
 * chutes wallet: the keys of Bittensor wallets. Each command has a file of its own.
 */
#include "cli/wallet.h"

#include "cli/commands.h"
#include "cli/secret_input.h"
#include "lib/base/memory.h"

#include <string.h>

void wallet_target_release(struct wallet_target *t)
{
	free(t->root);
	free(t->wallet);
	free(t->hotkey);
	free(t->path);
	free(t->public_path);
	free(t->title);
	*t = (struct wallet_target){0};
}

bool wallet_target_init(const char *root, const char *wallet, const char *hotkey,
			struct wallet_target *out, struct error *err)
{
	auto_wallet_target t = {0};

	if (!wallet_path(root, wallet, hotkey, false, &t.path, err) ||
	    !wallet_path(root, wallet, hotkey, true, &t.public_path, err))
		return false;
	t.root = xstrdup(root);
	t.wallet = xstrdup(wallet);
	t.hotkey = hotkey ? xstrdup(hotkey) : NULL;
	t.title = hotkey ? xprintf("hotkey '%s' of wallet '%s'", hotkey, wallet)
			 : xprintf("the coldkey of wallet '%s'", wallet);
	*out = t;
	t = (struct wallet_target){0};
	return true;
}

static const char *name_of(const struct config *c, enum config_setting setting)
{
	return c->values[setting].text ? c->values[setting].text : WALLET_DEFAULT_NAME;
}

bool wallet_target_find(const struct call *call, const struct signer_options *names,
			bool is_coldkey, struct wallet_target *out, struct error *err)
{
	auto_config c = {0};
	auto_free char *root = NULL;

	return signer_settings_load(call, names, SETTINGS_TO_SHOW, &c, err) &&
	       wallet_root(c.values[CONFIG_WALLETS_PATH].text, &root, err) &&
	       wallet_target_init(root, name_of(&c, CONFIG_WALLET),
				  is_coldkey ? NULL : name_of(&c, CONFIG_WALLET_HOTKEY), out, err);
}

struct wallet_place wallet_target_place(const struct wallet_target *t)
{
	return (struct wallet_place){.root = t->root, .wallet = t->wallet, .hotkey = t->hotkey};
}

/* Prompts, ours and those of other tools, leave blanks around a password away: who typed it could
 * never open the key. */
static bool check_password(const struct secret *p, struct error *err)
{
	static const char blanks[] = " \t\n\v\f\r";

	if (p->len > 0 && !strchr(blanks, p->bytes[0]) && !strchr(blanks, p->bytes[p->len - 1]))
		return true;
	fail(err, ERROR_USAGE, "the password begins or ends with a blank");
	return fail_hint(err, "leave it away: whoever is asked for a password cannot type it");
}

int wallet_new_password(const struct wallet_target *t, const char *file, const char *flag,
			struct secret *out, struct error *err)
{
	auto_free char *question = xprintf("new password of %s: ", t->title);

	if (file)
		return secret_input_file(file, "the password", out, err) && check_password(out, err)
			       ? 1
			       : -1;
	int found = wallet_password_find(t->path, out, err);

	if (found > 0)
		return check_password(out, err) ? 1 : -1;
	if (found < 0 || !secret_input_can_ask())
		return found;
	return secret_input_ask_new(question, flag, out, err) ? 1 : -1;
}

bool wallet_fail_exists(const struct wallet_target *t, const char *with, struct error *err)
{
	fail(err, ERROR_CONFLICT, "%s exists already%s: '%s'", t->title, with, t->path);
	return fail_hint(err, "choose another name; --overwrite replaces it, which without its "
			      "words loses it");
}

static const struct command *const wallet_commands[] = {&wallet_list_command, &wallet_show_command,
							&wallet_new_command, &wallet_import_command,
							NULL};

const struct command command_wallet = {
	.name = "wallet",
	.summary = "the keys of Bittensor wallets",
	.about = "Reads and writes wallets as the tools of Bittensor do, by default those in\n"
		 "~/.bittensor/wallets: a wallet has a coldkey, for its money, and hotkeys, which\n"
		 "sign requests. Only these commands ever touch a coldkey.",
	.examples = {"chutes wallet list", "chutes wallet new --wallet me --hotkey dev"},
	.see_also = {"config"},
	.group = GROUP_ACCOUNT,
	.sub = wallet_commands,
};
