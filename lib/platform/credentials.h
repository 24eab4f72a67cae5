/* SPDX-License-Identifier: MIT
 * Where an API key may come from besides the configuration: a program that keeps credentials, and
 * ~/.netrc. Both are asked for one server, and give nothing for another one.
 */
#ifndef CHUTES_PLATFORM_CREDENTIALS_H
#define CHUTES_PLATFORM_CREDENTIALS_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum { CREDENTIAL_HELPER_MS = 60 * 1000, CREDENTIAL_MAX = 4096 };

/* Ask a program as git asks its helpers: `command` and "get" as its words (split at blanks, no
 * shell), on its standard input "protocol=https", "host=HOST:PORT" and an empty line; the line
 * "password=…" of what it prints is the key. 1; 0: it knows none. AUTH when it cannot be run, fails
 * or takes longer than `timeout_ms` to its end. `key` is of the caller, who wipes it. */
must_use int credential_helper_ask(const char *command, const char *base_url, uint64_t timeout_ms,
				   char **key, struct error *err);

/* The password of the host in a file as curl and ftp read it; the login says nothing, and neither
 * does "default", which would be for every server. 1; 0: none, or there is no such file. AUTH for a
 * file that others can read, USAGE for what is no netrc. `key` as above. */
must_use int netrc_find(const char *path, const char *base_url, char **key, struct error *err);
/* The same of a file's text, which is named for messages; an IPv6 address is in brackets. */
must_use int netrc_find_in(const char *name, const char *text, const char *host, char **key,
			   struct error *err);

#endif
