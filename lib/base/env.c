/* SPDX-License-Identifier: MIT */
#include "lib/base/env.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROW(name, meaning)                                                                         \
	{                                                                                          \
		ENV_##name, #name, meaning                                                         \
	}

static const struct env_row rows[] = {
	ROW(CHUTES_STORE, "directory of the local image store (as --store)"),
	ROW(CHUTES_OVERLAY, "one of the spec's 'environments' (as --overlay)"),
	ROW(CHUTES_RUNTIME, "OCI runtime, a name on PATH or a path (as --runtime)"),
	ROW(CHUTES_FORMAT, "default of --format"),
	ROW(CHUTES_PROGRESS, "default of --progress"),
	ROW(CHUTES_STRICT, "treat warnings as errors (as --strict)"),
	ROW(CHUTES_NO_INPUT, "ask nothing: a question is an error (as --no-input)"),
	ROW(CHUTES_LOG, "diagnostics on stderr: error, warning, info or debug"),
	ROW(CHUTES_PYTHON, "Python interpreter inside the image (default python3)"),
	ROW(CHUTES_SHARE, "directory that holds templates/ and lib/sdk/"),
	ROW(CHUTES_CA_FILE, "authorities for requests (as --ca-file)"),
	ROW(CHUTES_NETRC, "1: ~/.netrc may have the API key (as --netrc)"),
	ROW(CHUTES_CONFIG_PATH, "the configuration, instead of the usual files (as --config-path)"),
	ROW(CHUTES_PROFILE, "a profile of the configuration (as --profile)"),
	ROW(CHUTES_API_URL, "address of the API (as --api-url)"),
	ROW(CHUTES_API_KEY, "an API key; CHUTES_API_KEY_FILE does not show it to other programs"),
	ROW(CHUTES_API_KEY_FILE, "file with an API key"),
	ROW(CHUTES_HOTKEY_SEED_FILE, "file with the seed of the hotkey"),
	ROW(CHUTES_WALLET, "name of the wallet"),
	ROW(CHUTES_HOTKEY, "name of the wallet's hotkey"),
	ROW(CHUTES_WALLETS_PATH, "directory of the wallets (default ~/.bittensor/wallets)"),
	ROW(SOURCE_DATE_EPOCH, "time in seconds since 1970 that makes a build reproducible"),
	ROW(XDG_DATA_HOME, "where the store lives (default ~/.local/share)"),
	ROW(XDG_CONFIG_HOME, "where the configuration lives (default ~/.config)"),
	ROW(XDG_CONFIG_DIRS, NULL),
	ROW(XDG_RUNTIME_DIR, "where running chutes are noted (default /tmp/chutes-UID)"),
	ROW(TMPDIR, "where a directory is made for a moment (default /tmp)"),
	ROW(HOME, NULL),
	ROW(PATH, NULL),
	ROW(CI, "when true, nothing is asked: a question is an error that names the flag"),
	ROW(GITHUB_ACTIONS, "when true, findings and failures are also annotations"),
	ROW(NO_COLOR, "no colour"),
	ROW(CLICOLOR, "0: no colour"),
	ROW(CLICOLOR_FORCE, "not 0: colour also without a terminal"),
	ROW(FORCE_COLOR, "colour also without a terminal"),
	ROW(TERM, NULL),
	ROW(HTTP_PROXY, "proxy for http:, lent to build steps, too; http_proxy wins"),
	ROW(HTTPS_PROXY, "proxy for https:, lent to build steps, too; https_proxy wins"),
	ROW(NO_PROXY, "hosts reached without a proxy; no_proxy wins"),
	ROW(ALL_PROXY, "proxy for every protocol; all_proxy wins"),
	ROW(SSL_CERT_FILE, "CA bundle, lent to build steps, too (default: the system's)"),
	ROW(SSL_CERT_DIR, "directory of authorities, as c_rehash makes it, for requests"),
	ROW(PIP_CONFIG_FILE, NULL),
	ROW(COLUMNS, "width of the terminal"),
};

const struct env_row *env_row(enum env_name name)
{
	static_assert(array_len(rows) == ENV_N_NAMES, "one row per variable");
	assert(name < ENV_N_NAMES && rows[name].name == name);
	return &rows[name];
}

static const char *get(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value ? value : NULL;
}

const char *env_get(enum env_name name)
{
	const char *variable = env_row(name)->variable;

	if (name == ENV_HTTP_PROXY || name == ENV_HTTPS_PROXY || name == ENV_NO_PROXY ||
	    name == ENV_ALL_PROXY) {
		char lower[32] = {0};

		for (size_t i = 0; variable[i] && i + 1 < sizeof(lower); i++)
			lower[i] = (char)tolower((unsigned char)variable[i]);
		if (get(lower))
			return get(lower);
	}
	return get(variable);
}

bool env_is_on(enum env_name name)
{
	const char *value = env_get(name);

	return value && strcmp(value, "0") != 0 && strcasecmp(value, "false") != 0 &&
	       strcasecmp(value, "no") != 0;
}

void env_export(enum env_name name, const char *value)
{
	if (setenv(env_row(name)->variable, value, 1) < 0)
		abort(); /* no memory: as everywhere */
}

const char *env_find(const char *variable) { return getenv(variable); }

bool env_next(const char *prefix, size_t *i, const char **entry)
{
	for (; environ[*i]; (*i)++) {
		if (strncmp(environ[*i], prefix, strlen(prefix)) == 0) {
			*entry = environ[(*i)++];
			return true;
		}
	}
	return false;
}
