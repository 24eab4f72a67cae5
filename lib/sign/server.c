/* SPDX-License-Identifier: MIT
 * Which server requests may be signed for. Addresses are compared as whole origins, in the one
 * spelling that lib/config gives them, so no part of an address can pretend to be another.
 */
#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/base/url.h"
#include "lib/sign/sign_internal.h"

#include <assert.h>
#include <string.h>

static const char *const scheme_names[] = {"chutes", "btauth"};

const char *sign_scheme_name(enum sign_scheme scheme)
{
	static_assert(array_len(scheme_names) == SIGN_N_SCHEMES, "one name per scheme");
	return scheme_names[scheme];
}

/* An address in its parts; `origin`, which the caller frees, is spelled as lib/config does it. */
struct address {
	char *origin;
	const char *host; /* in it */
	size_t host_len;
	bool is_plain;
	const char *rest; /* path, query, fragment: in the text that was parsed */
};

static void fail_url(const char *url, struct error *err)
{
	auto_text shown = {.max = 200};

	url_show(url, &shown);
	fail(err, ERROR_USAGE, "'%s' is no address to which requests are sent", text_str(&shown));
	fail_hint(err, "it begins with 'https://' and has no blanks: other characters are "
		       "written as '%%XX'");
}

static bool is_visible(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

static bool parse(const char *url, struct address *out, struct error *err)
{
	static const struct {
		const char *name;
		const char *port;
	} schemes[] = {{"https://", ":443"}, {"http://", ":80"}};

	for (size_t i = 0; i < array_len(schemes) && is_visible(url); i++) {
		size_t before = strlen(schemes[i].name);
		size_t len = strncasecmp(url, schemes[i].name, before) == 0
				     ? strcspn(url + before, "/?#")
				     : 0;

		if (!len)
			continue;
		char *origin = xstrndup(url, before + len);
		char *host = origin + before;

		for (char *c = origin; *c; c++)
			*c = ascii_lower(*c);
		out->origin = origin;
		out->host = host;
		out->host_len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
		if (out->host_len > strlen(host)) /* a bracket that is not closed */
			out->host_len = strlen(host);
		if (strcmp(host + out->host_len, schemes[i].port) == 0)
			host[out->host_len] = '\0';
		out->is_plain = i == 1;
		out->rest = url + before + len;
		return true;
	}
	fail_url(url, err);
	return false;
}

bool sign_url_target(const char *url, char **out, struct error *err)
{
	struct address address = {0};

	if (!parse(url, &address, err))
		return false;
	free(address.origin);
	*out = xprintf("%s%.*s", *address.rest == '/' ? "" : "/", (int)strcspn(address.rest, "#"),
		       address.rest);
	return true;
}

static bool parse_scheme(const char *name, enum sign_scheme *out)
{
	for (int i = 0; name && i < SIGN_N_SCHEMES; i++)
		if (strcmp(name, scheme_names[i]) == 0) {
			*out = (enum sign_scheme)i;
			return true;
		}
	return false;
}

static bool check_peer(const struct sign_server *server, struct sign_peer *out, struct error *err)
{
	struct sign_peer peer = {0};

	if (!parse_scheme(server->scheme, &peer.scheme)) {
		fail(err, ERROR_AUTH, "how requests to '%s' are signed is not known",
		     server->base_url);
		return fail_hint(err, "put api.scheme 'btauth' and the server's api.server_key to "
				      "where its address is set: see 'chutes help settings'");
	}
	if (peer.scheme == SIGN_BTAUTH && !server->key) {
		fail(err, ERROR_AUTH, "the key of '%s' is not known", server->base_url);
		return fail_hint(err, "the server shows it when it starts: put it as "
				      "api.server_key to where the server's address is set");
	}
	if (peer.scheme == SIGN_BTAUTH && !ss58_parse_key(server->key, peer.key, err))
		return fail_in(err, "the key of '%s'", server->base_url);
	*out = peer;
	return true;
}

static bool check(const struct sign_server *server, const char *url, const struct address *address,
		  struct sign_peer *out, struct error *err)
{
	if (strcmp(address->origin, server->base_url) != 0) {
		auto_text shown = {.max = 200};

		url_show(url, &shown);
		fail(err, ERROR_AUTH,
		     "'%s' is not at the profile's server, '%s': nothing is "
		     "signed for it",
		     text_str(&shown), server->base_url);
		return fail_hint(err, "choose the profile of that server with --profile");
	}
	if (address->is_plain && !host_is_loopback(address->host, address->host_len)) {
		fail(err, ERROR_AUTH, "'%s' is not encrypted: who listens could use what is signed",
		     server->base_url);
		return fail_hint(err, "use an address with https; http is for this machine only");
	}
	return check_peer(server, out, err);
}

bool sign_server_check(const struct sign_server *server, const char *url, struct sign_peer *out,
		       struct error *err)
{
	struct address address = {0};
	bool done = parse(url, &address, err) && check(server, url, &address, out, err);

	free(address.origin);
	return done;
}
