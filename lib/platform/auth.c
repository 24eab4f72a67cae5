/* SPDX-License-Identifier: MIT
 * What a request shows of who sends it: a signature, an API key, nothing.
 */
#include "lib/platform/platform.h"

#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/base/url.h"

#include <string.h>
#include <strings.h>

const char *platform_auth_name(enum platform_auth auth)
{
	static const char *const names[] = {"auto", "hotkey", "key", "none"};

	return names[auth];
}

/* --- which */

/* btauth is the same everywhere; else as the platform declares it. A purpose that was said is
 * taken for one that is wanted. */
static enum sign_rule rule_of(const struct sign_server *server, const struct platform_request *r)
{
	const char *purpose = NULL;
	enum sign_rule rule = sign_rule_find(r->method, r->target, &purpose);

	if (server->scheme && strcmp(server->scheme, "btauth") == 0)
		return SIGN_RULE_BODY;
	return r->purpose ? SIGN_RULE_PURPOSE : rule;
}

static bool fail_needs(const struct platform_request *r, const char *what, const char *hint,
		       struct error *err)
{
	fail(err, ERROR_AUTH, "%s %.*s needs %s", r->method, (int)strcspn(r->target, "?"),
	     r->target, what);
	return fail_hint(err, "%s", hint);
}

#define HOTKEY_HINT                                                                                \
	"name one with --wallet, or once for all with 'chutes config set wallet.name NAME'"
#define KEY_HINT "set CHUTES_API_KEY_FILE; without a credential asks --auth none"

static bool choose_hotkey(const struct platform_request *r, enum sign_rule rule, bool has_hotkey,
			  struct error *err)
{
	if (rule == SIGN_RULE_NO_HOTKEY)
		return fail_needs(r, "an API key: no signature is known to be accepted there",
				  "use --auth key, or say with --purpose what is wanted", err);
	if (rule == SIGN_RULE_FINGERPRINT)
		return fail_needs(r, "a signature of a form of its own",
				  "only a fingerprint is changed with it", err);
	return has_hotkey || fail_needs(r, "a hotkey, and there is none", HOTKEY_HINT, err);
}

static bool choose(const struct sign_server *server, const struct platform_request *r,
		   bool has_hotkey, bool has_key, enum platform_auth *out, struct error *err)
{
	enum sign_rule rule = rule_of(server, r);
	bool is_signed = rule == SIGN_RULE_BODY || rule == SIGN_RULE_PURPOSE;

	if (rule == SIGN_RULE_PUBLIC)
		*out = PLATFORM_AUTH_NONE;
	else if (is_signed && has_hotkey && (server->scheme || !has_key))
		*out = PLATFORM_AUTH_HOTKEY;
	else if (has_key)
		*out = PLATFORM_AUTH_KEY;
	else if (is_signed)
		return fail_needs(r, "a hotkey or an API key, and there is neither", HOTKEY_HINT,
				  err);
	else
		return fail_needs(r, "an API key: no signature is known to be accepted there",
				  KEY_HINT, err);
	return true;
}

bool platform_auth_choose(const struct sign_server *server, const struct platform_request *r,
			  bool has_hotkey, bool has_key, enum platform_auth *out, struct error *err)
{
	if (r->auth == PLATFORM_AUTH_AUTO)
		return choose(server, r, has_hotkey, has_key, out, err);
	if (r->auth == PLATFORM_AUTH_KEY && !has_key)
		return fail_needs(r, "an API key, and there is none", KEY_HINT, err);
	if (r->auth == PLATFORM_AUTH_HOTKEY &&
	    !choose_hotkey(r, rule_of(server, r), has_hotkey, err))
		return false;
	*out = r->auth;
	return true;
}

bool platform_key_check(const char *base_url, struct error *err)
{
	struct slice host = url_host(base_url);

	if (strncasecmp(base_url, "https://", strlen("https://")) == 0)
		return true;
	if (host_is_loopback(host.at, host.len))
		return true;
	fail(err, ERROR_AUTH, "an API key would go to %s in plain text", base_url);
	return fail_hint(err, "use https; http is for this machine only");
}

/* --- what callers may say */

static bool is_ours(const char *name, size_t len)
{
	static const char *const names[] = {
		"Authorization",   "Proxy-Authorization",
		"Cookie",          "Host",
		"Content-Length",  "Transfer-Encoding",
		"Connection",      "Upgrade",
		"Expect",          "TE",
		"Trailer",         "X-Chutes-Hotkey",
		"X-Chutes-Nonce",  "X-Chutes-Signature",
		"X-Chutes-UserID",
	};
	static const char prefix[] = "X-Bittensor-";

	for (size_t i = 0; i < array_len(names); i++)
		if (strlen(names[i]) == len && strncasecmp(name, names[i], len) == 0)
			return true;
	return strncasecmp(name, prefix, strlen(prefix)) == 0;
}

bool platform_header_check(const char *line, struct error *err)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789"
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = strspn(line, token);
	const char *value = line + len + (line[len] == ':');

	value += strspn(value, " ");
	bool is_good = len > 0 && line[len] == ':' && *value;

	for (const char *c = value; *c; c++)
		is_good &= (unsigned char)*c >= ' ' && *c != 0x7f;
	if (!is_good) {
		/* the value may be secret */
		fail(err, ERROR_USAGE, "'%.*s' is no header", (int)(len < 40 ? len : 40), line);
		return fail_hint(err, "write it as 'Name: value'");
	}
	if (!is_ours(line, len))
		return true;
	fail(err, ERROR_USAGE, "the header '%.*s' cannot be set", (int)len, line);
	return fail_hint(err, "who asks is said with --auth; length and host follow from the "
			      "request");
}

bool platform_target_check(const char *target, struct error *err)
{
	const unsigned char *c = (const unsigned char *)target;

	if (*c != '/') {
		fail(err, ERROR_USAGE, "'%.100s' is no path", target);
		return fail_hint(err, "write it as /users/me");
	}
	while (*c > ' ' && *c < 0x7f && *c != '#')
		c++;
	if (!*c)
		return true;
	fail(err, ERROR_USAGE, "the path has a byte 0x%02x, which no request can carry", *c);
	return fail_hint(err, "write it as %%%02X", *c);
}

/* --- headers */

static bool add_signature(const struct platform *p, const struct platform_request *r,
			  const unsigned char *body_hash, struct strings *out, struct error *err)
{
	auto_free char *url = xprintf("%s%s", p->server.base_url, r->target);
	struct sign_request request = {.method = r->method,
				       .target = r->target,
				       .purpose = r->purpose,
				       .body_hash = body_hash};
	struct sign_peer peer;

	if (!sign_server_check(&p->server, url, &peer, err))
		return false;
	if (!request.purpose)
		sign_rule_find(r->method, r->target, &request.purpose);
	if (peer.scheme == SIGN_CHUTES && p->user_id)
		strings_addf(out, "X-Chutes-UserID: %s", p->user_id);
	return sign_make(&peer, p->hotkey, &request, clock_unix_ns(), out, err);
}

/* Where the platform looks at the version of its client. */
static bool asks_version(const struct platform_request *r)
{
	static const char *const paths[] = {"/images", "/images/", "/chutes", "/chutes/"};
	size_t len = strcspn(r->target, "?");

	for (size_t i = 0; i < array_len(paths); i++)
		if (strlen(paths[i]) == len && strncmp(r->target, paths[i], len) == 0)
			return strcmp(r->method, "POST") == 0;
	return false;
}

bool platform_headers(const struct platform *p, const struct platform_request *r,
		      enum platform_auth auth, const unsigned char *body_hash, struct strings *out,
		      struct error *err)
{
	if (auth == PLATFORM_AUTH_HOTKEY && !add_signature(p, r, body_hash, out, err))
		return false;
	if (auth == PLATFORM_AUTH_KEY) {
		if (!platform_key_check(p->server.base_url, err))
			return false;
		strings_addf(out, "Authorization: Bearer %s", p->api_key);
	}
	if (r->body && !http_header_find(r->headers, "Content-Type"))
		strings_addf(out, "Content-Type: %s",
			     r->content_type ? r->content_type : "application/json");
	if (p->sdk_version && asks_version(r) && !http_header_find(r->headers, "X-Chutes-Version"))
		strings_addf(out, "X-Chutes-Version: %s", p->sdk_version);
	if (r->headers)
		strings_add_all(out, r->headers);
	return true;
}

void platform_header_show(const char *line, struct text *out)
{
	static const char *const harmless[] = {
		"Accept",
		"Content-Type",
		"Content-Length",
		"Date",
		"Location",
		"Retry-After",
		"Server",
		"User-Agent",
		"X-Request-ID",
		"X-Chutes-Version",
		"X-Chutes-UserID",
		"X-Chutes-Hotkey",
		"X-Chutes-Nonce",
		"X-Bittensor-Version",
		"X-Bittensor-Hotkey",
		"X-Bittensor-Nonce",
		"X-Bittensor-Receiver",
		"X-Bittensor-Body-SHA256",
	};
	size_t len = strcspn(line, ":");
	bool is_harmless = false;

	for (size_t i = 0; i < array_len(harmless); i++)
		is_harmless |=
			strlen(harmless[i]) == len && strncasecmp(line, harmless[i], len) == 0;
	if (is_harmless) {
		text_add_printable(out, line, strlen(line), false);
		return;
	}
	text_add_printable(out, line, len, false);
	text_add(out, ": <redacted>");
}
