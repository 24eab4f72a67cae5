/* SPDX-License-Identifier: MIT
 * Settings: which server, as whom, with which key, and where each of them was said. The first that
 * says a value wins: an option, the environment, the profile, the user's file, the file of the
 * Python client, the default. A project's file may name the profile and nothing else. Must not know
 * what a request or a wallet is.
 *
 * What belongs to one server (how requests are signed, the server's key, the user, the API key) is
 * taken only from where that server's address comes from, so that no other server ever gets it.
 */
#ifndef CHUTES_CONFIG_CONFIG_H
#define CHUTES_CONFIG_CONFIG_H

#include "lib/base/compiler.h"
#include "lib/base/env.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"

enum config_setting {
	CONFIG_PROFILE,
	CONFIG_BASE_URL,
	CONFIG_SCHEME,
	CONFIG_SERVER_KEY,
	CONFIG_USERNAME,
	CONFIG_USER_ID,
	CONFIG_API_KEY,
	CONFIG_API_KEY_FILE,
	CONFIG_CREDENTIAL_HELPER,
	CONFIG_HOTKEY_SEED,
	CONFIG_HOTKEY_SEED_FILE,
	CONFIG_HOTKEY_NAME,
	CONFIG_HOTKEY_ADDRESS,
	CONFIG_WALLET,
	CONFIG_WALLET_HOTKEY,
	CONFIG_WALLETS_PATH,
	CONFIG_PAYMENT_ADDRESS,
	CONFIG_N_SETTINGS
};

enum config_type {
	CONFIG_TYPE_WORDS,   /* printable, 1 to 256 characters */
	CONFIG_TYPE_PROFILE, /* a name that can stand between brackets */
	CONFIG_TYPE_NAME,    /* of a wallet or hotkey: no '/', no blank at its ends */
	CONFIG_TYPE_URL,     /* an origin: scheme, host, port */
	CONFIG_TYPE_CHOICE,  /* one word of `choices` */
	CONFIG_TYPE_PATH,    /* in a file absolute, or from "~/" on */
	CONFIG_TYPE_ADDRESS, /* SS58 of a Bittensor key */
	CONFIG_TYPE_SEED,    /* 64 hex digits, "0x" may stand before them */
	CONFIG_TYPE_KEY,     /* visible ASCII */
	CONFIG_TYPE_PROGRAM, /* and its arguments; no path from where somebody stands */
};

/* One setting: a row of the table in settings.c, from which help and reference are made. */
struct config_row {
	enum config_setting setting;
	const char *name;        /* "api.base_url": section and key of the file */
	const char *profile_key; /* its key in a [profile NAME]; NULL: it cannot stand there */
	enum config_type type;
	const char *choices;  /* "btauth|chutes" */
	const char *option;   /* that gives it: "--api-url"; NULL: none */
	enum env_name env;    /* ENV_N_NAMES: none */
	const char *fallback; /* default; NULL: none */
	bool is_secret;
	bool is_of_server; /* belongs to one server */
	const char *help;  /* lower case, no full stop */
};
const struct config_row *config_row(enum config_setting setting);
/* By its name, "api.base_url". USAGE with the nearest name when there is none. */
must_use bool config_row_find(const char *name, const struct config_row **out, struct error *err);
/* "btauth or chutes", "an address: https://host or https://host:port": what a value must be. */
const char *config_row_form(const struct config_row *row);

/* Who said a value, strongest first. */
enum config_origin {
	CONFIG_FROM_OPTION,
	CONFIG_FROM_ENVIRONMENT,
	CONFIG_FROM_PROJECT, /* chute.yaml; the profile only */
	CONFIG_FROM_PROFILE, /* a section [profile NAME] of the user's files */
	CONFIG_FROM_USER,
	CONFIG_FROM_LEGACY, /* the Python client's file */
	CONFIG_FROM_DEFAULT,
	CONFIG_N_ORIGINS
};
/* "option", "environment" … */
const char *config_origin_name(enum config_origin origin);

struct config_value {
	char *text; /* NULL: not set; of a secret in memory for secrets (secret.h) */
	enum config_origin origin;
	char *where; /* "--api-url", "CHUTES_API_URL", the file; NULL for a default */
	size_t line; /* of the file; 0: none */
};

struct config {
	struct config_value values[CONFIG_N_SETTINGS];
	struct strings profiles; /* those that there are */
	struct strings warnings; /* files with secrets that others can read */
};
#define auto_config __attribute__((cleanup(config_release))) struct config
void config_release(struct config *c);

/* What the caller knows. All borrowed. */
struct config_options {
	const char *values[CONFIG_N_SETTINGS]; /* by options of the command line */
	const char *path;         /* --config-path; NULL: CHUTES_CONFIG_PATH or the usual files */
	const char *project_file; /* chute.yaml, as it is named to people */
	const char *project_profile; /* what it says; NULL: nothing */
};

/* Read all files and decide. USAGE with file and line for what they may not say; NOT_FOUND for a
 * profile or a named file that is not there; AUTH for a file of secrets that others can read, and
 * for any file that anybody may change. */
must_use bool config_load(const struct config_options *o, struct config *out, struct error *err);

/* Where the files are, whether they exist or not. */
struct config_paths {
	char *user;        /* config.ini */
	char *credentials; /* secrets; NULL with a named file, which has them itself */
	char *legacy;      /* of the Python client; NULL likewise, or without HOME */
};
#define auto_config_paths __attribute__((cleanup(config_paths_release))) struct config_paths
void config_paths_release(struct config_paths *p);
/* `path` as in struct config_options. */
must_use bool config_paths_find(const char *path, struct config_paths *out, struct error *err);

/* The files one by one, whatever is wrong with them. */
enum { CONFIG_N_FILES = 3 };
struct config_look {
	struct config_look_file {
		char *path; /* NULL: there is no such file here */
		bool exists;
		bool has_secret;
		bool has_problem;
		struct error problem; /* as config_load() would tell it */
	} files[CONFIG_N_FILES];      /* the user's, that of secrets, the Python client's */
};
void config_look_release(struct config_look *l);
#define auto_config_look __attribute__((cleanup(config_look_release))) struct config_look
/* `path` as in struct config_options. */
must_use bool config_look(const char *path, struct config_look *out, struct error *err);

/* Which value of which file is changed. */
struct config_place {
	const char *path;    /* as in struct config_options */
	const char *profile; /* NULL: outside of the profiles */
	const struct config_row *row;
	bool is_dry_run; /* check everything, write nothing */
};
/* Write a value, nothing else of the file changes; a link is followed. A file that may hold secrets
 * can be read by its owner only. `file` gets the path that was written, of the caller. */
must_use bool config_set(const struct config_place *place, const char *value, char **file,
			 struct error *err);
/* Take a value out. NOT_FOUND when the file does not have it. */
must_use bool config_unset(const struct config_place *place, char **file, struct error *err);

/* An API key in a file of its own, which names the server that it is for: the key goes nowhere
 * else. The dialect of the other files, with [api] base_url, server_key and [auth] api_key. */
struct config_key_file {
	char *base_url;
	char *server_key; /* NULL: not said */
	char *api_key;
};
#define auto_config_key_file                                                                       \
	__attribute__((cleanup(config_key_file_release))) struct config_key_file
void config_key_file_release(struct config_key_file *f); /* the key is wiped */
/* AUTH when others can read it; USAGE, with the line, for what it may not say; NOT_FOUND. */
must_use bool config_key_file_load(const char *path, struct config_key_file *out,
				   struct error *err);
/* Make such a file, which only its owner can read. CONFLICT when there is one. */
must_use bool config_key_file_save(const char *path, const struct config_key_file *f,
				   struct error *err);

/* Copy the Python client's file, which stays as it is, to where ours are: the seed into the file of
 * secrets, everything else as it stands there. CONFLICT when there is a configuration already. */
struct config_migrated {
	struct config_paths paths; /* of the caller, to be released */
	bool has_secret;           /* the file of secrets was written too */
	bool is_open_to_others;    /* the old file has a secret that others can read */
};
must_use bool config_migrate(bool is_dry_run, struct config_migrated *out, struct error *err);

#endif
