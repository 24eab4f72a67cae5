/* SPDX-License-Identifier: MIT */
#include "lib/wallet/wallet.h"

#include "lib/base/env.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <string.h>

bool wallet_root(const char *given, char **out, struct error *err)
{
	const char *home = env_get(ENV_HOME);
	const char *path = given ? given : "~/.bittensor/wallets";

	if (!text_starts_with(path, "~/")) {
		*out = path_clean(path);
		return true;
	}
	if (!home) {
		fail(err, ERROR_MISSING, "cannot tell where wallets are: HOME is not set");
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

bool wallet_path(const char *root, const char *wallet, const char *hotkey, bool is_public,
		 char **out, struct error *err)
{
	if (!check_name("wallet", wallet, err) || (hotkey && !check_name("hotkey", hotkey, err)))
		return false;
	*out = hotkey ? xprintf("%s/%s/hotkeys/%s%s", root, wallet, hotkey,
				is_public ? "pub.txt" : "")
		      : xprintf("%s/%s/coldkey%s", root, wallet, is_public ? "pub.txt" : "");
	return true;
}
