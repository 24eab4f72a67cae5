/* SPDX-License-Identifier: MIT
 * The settings that there are. The names of the Python client's are its own.
 */
#include "lib/config/config_internal.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <assert.h>
#include <string.h>

static const struct config_row rows[] = {
	{CONFIG_PROFILE, "client.profile", NULL, CONFIG_TYPE_PROFILE, NULL, "--profile",
	 ENV_CHUTES_PROFILE, "default", false, false, "which profile is used"},
	{CONFIG_BASE_URL, "api.base_url", "base_url", CONFIG_TYPE_URL, NULL, "--api-url",
	 ENV_CHUTES_API_URL, "https://api.chutes.ai", false, false, "address of the API"},
	{CONFIG_SCHEME, "api.scheme", "scheme", CONFIG_TYPE_CHOICE, "btauth|chutes", NULL,
	 ENV_N_NAMES, NULL, false, true,
	 "how requests to it are signed; 'chutes' where base_url is the hosted platform's"},
	{CONFIG_SERVER_KEY, "api.server_key", "server_key", CONFIG_TYPE_ADDRESS, NULL, NULL,
	 ENV_N_NAMES, NULL, false, true, "the server's key, for requests signed by 'btauth'"},
	{CONFIG_USERNAME, "auth.username", "username", CONFIG_TYPE_WORDS, NULL, NULL, ENV_N_NAMES,
	 NULL, false, true, "name of the account"},
	{CONFIG_USER_ID, "auth.user_id", "user_id", CONFIG_TYPE_WORDS, NULL, NULL, ENV_N_NAMES,
	 NULL, false, true, "identifier of the account"},
	{CONFIG_API_KEY, "auth.api_key", "api_key", CONFIG_TYPE_KEY, NULL, NULL, ENV_CHUTES_API_KEY,
	 NULL, true, true, "API key"},
	{CONFIG_API_KEY_FILE, "auth.api_key_file", "api_key_file", CONFIG_TYPE_PATH, NULL, NULL,
	 ENV_CHUTES_API_KEY_FILE, NULL, false, true,
	 "file with an API key and the address of its server"},
	{CONFIG_CREDENTIAL_HELPER, "auth.credential_helper", "credential_helper",
	 CONFIG_TYPE_PROGRAM, NULL, NULL, ENV_N_NAMES, NULL, false, true,
	 "program that is asked for the API key, as git asks its helpers; no shell reads it"},
	{CONFIG_HOTKEY_SEED, "auth.hotkey_seed", "hotkey_seed", CONFIG_TYPE_SEED, NULL, NULL,
	 ENV_N_NAMES, NULL, true, false, "seed of the hotkey, where no wallet has it"},
	{CONFIG_HOTKEY_SEED_FILE, "auth.hotkey_seed_file", "hotkey_seed_file", CONFIG_TYPE_PATH,
	 NULL, NULL, ENV_CHUTES_HOTKEY_SEED_FILE, NULL, false, false,
	 "file with the seed of the hotkey"},
	{CONFIG_HOTKEY_NAME, "auth.hotkey_name", "hotkey_name", CONFIG_TYPE_NAME, NULL, NULL,
	 ENV_N_NAMES, NULL, false, false, "name of the hotkey that the seed is of"},
	{CONFIG_HOTKEY_ADDRESS, "auth.hotkey_ss58address", "hotkey_ss58address",
	 CONFIG_TYPE_ADDRESS, NULL, NULL, ENV_N_NAMES, NULL, false, false,
	 "address of that hotkey"},
	{CONFIG_WALLET, "wallet.name", "wallet", CONFIG_TYPE_NAME, NULL, "--wallet",
	 ENV_CHUTES_WALLET, NULL, false, false, "name of the wallet"},
	{CONFIG_WALLET_HOTKEY, "wallet.hotkey", "hotkey", CONFIG_TYPE_NAME, NULL, "--hotkey",
	 ENV_CHUTES_HOTKEY, NULL, false, false, "name of the wallet's hotkey"},
	{CONFIG_WALLETS_PATH, "wallet.path", "wallets_path", CONFIG_TYPE_PATH, NULL,
	 "--wallets-path", ENV_CHUTES_WALLETS_PATH, "~/.bittensor/wallets", false, false,
	 "directory of the wallets"},
	{CONFIG_PAYMENT_ADDRESS, "payment.address", "payment_address", CONFIG_TYPE_ADDRESS, NULL,
	 NULL, ENV_N_NAMES, NULL, false, true, "where the account is paid into"},
};

const struct config_row *config_row(enum config_setting setting)
{
	static_assert(array_len(rows) == CONFIG_N_SETTINGS, "one row per setting");
	assert(setting < CONFIG_N_SETTINGS && rows[setting].setting == setting);
	return &rows[setting];
}

bool config_row_find(const char *name, const struct config_row **out, struct error *err)
{
	const char *names[CONFIG_N_SETTINGS + 1] = {0};

	for (size_t i = 0; i < array_len(rows); i++) {
		names[i] = rows[i].name;
		if (strcmp(name, rows[i].name) == 0) {
			*out = &rows[i];
			return true;
		}
	}
	const char *near = text_nearest(name, names);

	/* the key alone, or as a profile has it */
	for (size_t i = 0; i < array_len(rows) && !near; i++)
		if (strcmp(name, config_row_key(&rows[i], NULL)) == 0 ||
		    (rows[i].profile_key && strcmp(name, rows[i].profile_key) == 0))
			near = rows[i].name;
	fail(err, ERROR_USAGE, "there is no setting '%.80s'", name);
	if (near)
		return fail_hint(err, "did you mean '%s'?", near);
	return fail_hint(err, "'chutes help settings' lists them");
}

const char *config_row_form(const struct config_row *row)
{
	switch (row->type) {
	case CONFIG_TYPE_WORDS:
		return "printable text of at most 256 characters";
	case CONFIG_TYPE_PROFILE:
		return "1 to 64 characters without '/', '[', ']' and '%'";
	case CONFIG_TYPE_NAME:
		return "1 to 64 characters without '/'";
	case CONFIG_TYPE_URL:
		return "https://HOST or https://HOST:PORT, or the same with http";
	case CONFIG_TYPE_CHOICE:
		return row->choices;
	case CONFIG_TYPE_PATH:
		return "a path, in a file from / or ~/ on";
	case CONFIG_TYPE_ADDRESS:
		return "an SS58 address with its checksum: 48 characters, the first a 5";
	case CONFIG_TYPE_SEED:
		return "64 hexadecimal digits";
	case CONFIG_TYPE_KEY:
		return "visible ASCII without blanks, at most 512 characters";
	case CONFIG_TYPE_PROGRAM:
		return "a program by its path from / or ~/ on, or by a name that PATH has; words "
		       "behind it are its arguments";
	}
	return "";
}

#define PROFILE_SECTION "profile "

char *config_row_section(const struct config_row *row, const char *profile)
{
	return profile ? xprintf(PROFILE_SECTION "%s", profile)
		       : xstrndup(row->name, strcspn(row->name, "."));
}

const char *config_row_key(const struct config_row *row, const char *profile)
{
	return profile ? row->profile_key : strchr(row->name, '.') + 1;
}

const char *config_section_profile(const char *section)
{
	return text_starts_with(section, PROFILE_SECTION) ? section + strlen(PROFILE_SECTION)
							  : NULL;
}

const char *config_origin_name(enum config_origin origin)
{
	static const char *const names[] = {"option", "environment", "project", "profile",
					    "user",   "legacy",      "default"};

	static_assert(array_len(names) == CONFIG_N_ORIGINS, "one name per origin");
	return names[origin];
}
