/* SPDX-License-Identifier: MIT
 * The server that a command line means, and what we can show to it: what commands that ask a server
 * have in common. What is secret is read when a request needs it, and not before.
 */
#ifndef CHUTES_CLI_CLIENT_H
#define CHUTES_CLI_CLIENT_H

#include "cli/command.h"
#include "cli/signer.h"
#include "lib/config/config.h"
#include "lib/platform/platform.h"

/* What such commands take: members `signer` and `uses_netrc` of their options, and their rows. */
#define CLIENT_ROWS(where)                                                                         \
	SIGNER_ROWS(where), OPT(0, "netrc", FLAG, where, uses_netrc, NULL,                         \
				"the API key may be a password of ~/.netrc")

/* Where the API key comes from: the first of these that there is. */
enum client_key_kind {
	CLIENT_KEY_NONE,
	CLIENT_KEY_SETTING, /* auth.api_key */
	CLIENT_KEY_FILE,    /* auth.api_key_file */
	CLIENT_KEY_HELPER,  /* auth.credential_helper, asked when it is needed */
	CLIENT_KEY_NETRC,
};

struct client {
	struct config config;
	struct signer signer;
	struct sign_server server; /* borrowed from here */
	const char *user_id;       /* likewise; NULL: not known */
	enum client_key_kind key_kind;
	char *key_source; /* "CHUTES_API_KEY", "'auth.api_key' in FILE": for people; NULL: none */
	char *key_path;   /* of the file that it is in; NULL: none */
	struct config_key_file key_file;
	char *api_key; /* wiped */
	struct sr25519_key *hotkey;
	struct http_client *http;
};
#define auto_client __attribute__((cleanup(client_release))) struct client
void client_release(struct client *c);

/* Find out. A file with an API key says which server is meant, where nothing else does. USAGE when
 * two things are said equally strong; as settings_load_given() and config_key_file_load(). */
must_use bool client_load(const struct call *call, const struct signer_options *signer,
			  bool uses_netrc, enum settings_use use, struct client *out,
			  struct error *err);
bool client_has_hotkey(const struct client *c);
bool client_has_key(const struct client *c);
/* May the API key go to the server? AUTH: it is another one's, or would go in plain text; USAGE: a
 * key of the environment, and nothing says which server it is for. */
must_use bool client_key_check(const struct client *c, struct error *err);
/* Read what `auth` needs, and be ready to ask. Borrowed from `c`. */
must_use bool client_open(struct client *c, const struct signer_options *signer,
			  enum platform_auth auth, struct platform *out, struct error *err);

#endif
