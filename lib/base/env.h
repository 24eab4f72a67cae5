/* SPDX-License-Identifier: MIT
 * The only place that reads environment variables: ours by rows of one table, which is also the
 * ENVIRONMENT section of the man pages, and those that a document refers to.
 */
#ifndef CHUTES_BASE_ENV_H
#define CHUTES_BASE_ENV_H

#include "lib/base/compiler.h"

enum env_name {
	ENV_CHUTES_STORE,
	ENV_CHUTES_OVERLAY,
	ENV_CHUTES_RUNTIME,
	ENV_CHUTES_FORMAT,
	ENV_CHUTES_PROGRESS,
	ENV_CHUTES_STRICT,
	ENV_CHUTES_NO_INPUT,
	ENV_CHUTES_LOG,
	ENV_CHUTES_PYTHON,
	ENV_CHUTES_SHARE,
	ENV_CHUTES_CA_FILE,
	ENV_CHUTES_NETRC,
	ENV_CHUTES_CONFIG_PATH,
	ENV_CHUTES_PROFILE,
	ENV_CHUTES_API_URL,
	ENV_CHUTES_API_KEY,
	ENV_CHUTES_API_KEY_FILE,
	ENV_CHUTES_HOTKEY_SEED_FILE,
	ENV_CHUTES_WALLET,
	ENV_CHUTES_HOTKEY,
	ENV_CHUTES_WALLETS_PATH,
	ENV_SOURCE_DATE_EPOCH,
	ENV_XDG_DATA_HOME,
	ENV_XDG_CONFIG_HOME,
	ENV_XDG_CONFIG_DIRS,
	ENV_XDG_RUNTIME_DIR,
	ENV_TMPDIR,
	ENV_HOME,
	ENV_PATH,
	ENV_CI,
	ENV_GITHUB_ACTIONS,
	ENV_NO_COLOR,
	ENV_CLICOLOR,
	ENV_CLICOLOR_FORCE,
	ENV_FORCE_COLOR,
	ENV_TERM,
	ENV_HTTP_PROXY,  /* the lower-case form wins where both are set */
	ENV_HTTPS_PROXY, /* likewise */
	ENV_NO_PROXY,    /* likewise */
	ENV_ALL_PROXY,   /* likewise */
	ENV_SSL_CERT_FILE,
	ENV_SSL_CERT_DIR,
	ENV_PIP_CONFIG_FILE,
	ENV_COLUMNS,
	ENV_N_NAMES
};

struct env_row {
	enum env_name name;
	const char *variable; /* "CHUTES_STORE" */
	const char *meaning;  /* for the man page; NULL: not ours to document */
};
const struct env_row *env_row(enum env_name name);

/* Borrowed value, or NULL when unset or empty. */
const char *env_get(enum env_name name);
/* Set and not "0", "false" or "no". */
bool env_is_on(enum env_name name);
/* For the programs that we become or start; no secret is ever handed on so. */
void env_export(enum env_name name, const char *value);
/* A variable that a user's document names, never one of ours by its name: borrowed, "" where it is
 * empty, NULL when unset. */
const char *env_find(const char *variable);
/* Iterate over the variables that start with `prefix`: i from 0 until false. `entry` gets the
 * borrowed "NAME=value". */
bool env_next(const char *prefix, size_t *i, const char **entry);

#endif
