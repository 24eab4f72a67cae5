/* SPDX-License-Identifier: MIT */
#include "lib/wallet/wallet.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <string.h>

bool wallet_root(const char *given, char **out, struct error *err)
{
	const char *home = path_home();
	const char *path = given ? given : "~/.bittensor/wallets";

	if (!text_starts_with(path, "~/")) {
		*out = path_clean(path);
		return true;
	}
	if (!home) {
		fail(err, ERROR_MISSING,
		     "cannot tell where wallets are: HOME is not set to a directory");
		return fail_hint(err, "set HOME, or name the directory of the wallets");
	}
	auto_free char *joined = path_join(home, path + 2);

	*out = path_clean(joined);
	return true;
}

static bool check_name(const char *what, const char *name, struct error *err)
{
	const char *wrong = *name == '\0'       ? "is empty"
			    : *name == '.'      ? "begins with a dot"
			    : strchr(name, '/') ? "has a '/'"
						: NULL;

	if (!wrong)
		return true;
	fail(err, ERROR_USAGE, "the name of a %s %s: '%s'", what, wrong, name);
	return fail_hint(err, "give a name, not a path");
}

/* Else its file could be the public one of another hotkey. */
static bool check_hotkey(const char *name, struct error *err)
{
	if (!check_name("hotkey", name, err))
		return false;
	if (!text_ends_with(name, WALLET_PUBLIC_END))
		return true;
	fail(err, ERROR_USAGE, "the name of a hotkey ends in '%s': '%s'", WALLET_PUBLIC_END, name);
	return fail_hint(err, "leave that away: it is the end of files with public keys");
}

bool wallet_path(const char *root, const char *wallet, const char *hotkey, bool is_public,
		 char **out, struct error *err)
{
	if (!check_name("wallet", wallet, err) || (hotkey && !check_hotkey(hotkey, err)))
		return false;
	*out = hotkey ? xprintf("%s/%s/hotkeys/%s%s", root, wallet, hotkey,
				is_public ? WALLET_PUBLIC_END : "")
		      : xprintf("%s/%s/coldkey%s", root, wallet,
				is_public ? WALLET_PUBLIC_END : "");
	return true;
}
