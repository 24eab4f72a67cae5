/* SPDX-License-Identifier: MIT
 * The bytes that are signed, and the headers made from them.
 */
#include "lib/base/memory.h"
#include "lib/sign/sign_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { NS_PER_S = 1000000000, FINGERPRINT_MAX = 256 };

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS  "abcdefghijklmnopqrstuvwxyz"

/* Of these characters only, and not empty. */
static bool is_of(const char *s, const char *characters, size_t most)
{
	size_t len = strnlen(s, most + 1);

	return len && len <= most && strspn(s, characters) == len;
}

static bool is_target(const char *s)
{
	size_t len = 0;

	for (; s[len]; len++)
		if (s[len] <= ' ' || s[len] > '~' || s[len] == '#' || len == TARGET_MAX)
			return false;
	return s[0] == '/';
}

bool sign_request_check(enum sign_scheme scheme, const struct sign_request *request,
			struct error *err)
{
	if (scheme == SIGN_CHUTES && request->purpose &&
	    !is_of(request->purpose, LETTERS "_", PURPOSE_MAX))
		return fail(err, ERROR_USAGE,
			    "'%.80s' is no purpose: it is a word of at most %d letters a-z and '_'",
			    request->purpose, PURPOSE_MAX);
	if (scheme == SIGN_CHUTES && !request->purpose && !request->body_hash)
		return fail(err, ERROR_USAGE,
			    "neither a purpose nor a body, of which one is signed");
	if (scheme == SIGN_CHUTES)
		return true;
	if (!request->method || !is_of(request->method, CAPITALS "-_", METHOD_MAX))
		return fail(err, ERROR_USAGE, "'%.80s' is no method: it is a word of A-Z, as 'GET'",
			    request->method ? request->method : "");
	if (!request->target || !is_target(request->target))
		return fail(err, ERROR_USAGE,
			    "'%.80s' is no target of a request: it begins with '/' and has at most "
			    "%d visible ASCII characters without '#'",
			    request->target ? request->target : "", TARGET_MAX);
	return true;
}

void sign_text_add(struct text *out, const struct sign_facts *facts,
		   const struct sign_request *request, const unsigned char body_hash[SHA256_BYTES])
{
	char hash[SHA256_HEX_SIZE] = "";
	char receiver[SS58_TEXT_SIZE];

	if (body_hash)
		sha256_hex(body_hash, hash);
	if (facts->scheme == SIGN_CHUTES) {
		text_addf(out, "%s:%s:%s", facts->hotkey, facts->nonce,
			  request->purpose ? request->purpose : hash);
		return;
	}
	ss58_format_key(facts->receiver, receiver);
	text_addf(out, "btauth/" BTAUTH_VERSION "\n" BTAUTH_CRYPTO "\n%s\n%s\n%s\n%s\n%s\n%s",
		  request->method, request->target, hash, facts->nonce, facts->hotkey, receiver);
}

static bool sign_hex(const struct sr25519_key *key, const struct text *message,
		     char hex[2 * SR25519_SIGNATURE_BYTES + 1], struct error *err)
{
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	auto_text digits = {0};

	if (!sr25519_sign(key, text_str(message), message->len, signature, err))
		return false;
	text_add_hex(&digits, signature, sizeof(signature));
	memcpy(hex, text_str(&digits), digits.len + 1);
	return true;
}

static void add(struct strings *headers, enum sign_header header, const char *before,
		const char *value)
{
	strings_addf(headers, "%s: %s%s", sign_header_name(header), before, value);
}

static void add_chutes(struct strings *headers, const struct sign_facts *facts,
		       const char *signature)
{
	add(headers, SIGN_HEADER_CHUTES_HOTKEY, "", facts->hotkey);
	add(headers, SIGN_HEADER_CHUTES_NONCE, "", facts->nonce);
	add(headers, SIGN_HEADER_CHUTES_SIGNATURE, "", signature);
}

static void add_btauth(struct strings *headers, const struct sign_facts *facts,
		       const char *signature, const unsigned char body_hash[SHA256_BYTES])
{
	char receiver[SS58_TEXT_SIZE];
	char hash[SHA256_HEX_SIZE];

	ss58_format_key(facts->receiver, receiver);
	sha256_hex(body_hash, hash);
	add(headers, SIGN_HEADER_BTAUTH_VERSION, "", BTAUTH_VERSION);
	add(headers, SIGN_HEADER_BTAUTH_HOTKEY, "", facts->hotkey);
	add(headers, SIGN_HEADER_BTAUTH_NONCE, "", facts->nonce);
	add(headers, SIGN_HEADER_BTAUTH_SIGNATURE, "0x", signature);
	add(headers, SIGN_HEADER_BTAUTH_RECEIVER, "", receiver);
	add(headers, SIGN_HEADER_BTAUTH_BODY, "", hash);
}

/* Address and nonce as they are sent. */
struct stamp {
	char hotkey[SS58_TEXT_SIZE];
	char nonce[20];
};

static struct stamp stamp_make(const struct sr25519_key *key, int64_t nonce)
{
	struct stamp stamp;

	assert(nonce >= 0);
	ss58_format_key(sr25519_key_public(key), stamp.hotkey);
	snprintf(stamp.nonce, sizeof(stamp.nonce), "%lld", (long long)nonce);
	return stamp;
}

bool sign_make(const struct sign_peer *peer, const struct sr25519_key *key,
	       const struct sign_request *request, int64_t now_ns, struct strings *headers,
	       struct error *err)
{
	bool is_btauth = peer->scheme == SIGN_BTAUTH;
	struct stamp stamp = stamp_make(key, is_btauth ? now_ns : now_ns / NS_PER_S);
	struct sign_facts facts = {.scheme = peer->scheme,
				   .hotkey = stamp.hotkey,
				   .nonce = stamp.nonce,
				   .receiver = peer->key};
	const unsigned char *body_hash = request->body_hash;
	unsigned char empty[SHA256_BYTES];
	char signature[2 * SR25519_SIGNATURE_BYTES + 1];
	auto_text message = {0};

	if (!sign_request_check(peer->scheme, request, err))
		return false;
	sha256_of("", 0, empty);
	if (is_btauth && !body_hash)
		body_hash = empty;
	sign_text_add(&message, &facts, request, body_hash);
	if (!sign_hex(key, &message, signature, err))
		return false;
	if (is_btauth)
		add_btauth(headers, &facts, signature, body_hash);
	else
		add_chutes(headers, &facts, signature);
	return true;
}

static bool check_is_chutes(const struct sign_peer *peer, const char *what, struct error *err)
{
	if (peer->scheme == SIGN_CHUTES)
		return true;
	fail(err, ERROR_AUTH, "%s is never signed for a server whose scheme is '%s'", what,
	     sign_scheme_name(peer->scheme));
	return fail_hint(err, "such a server takes signed requests in its place");
}

static bool is_uuid(const char *s)
{
	static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

	if (strnlen(s, sizeof(form)) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? s[i] != '-' : !strchr("0123456789abcdefABCDEF", s[i]))
			return false;
	return true;
}

bool sign_login_nonce(const struct sign_peer *peer, const struct sr25519_key *key,
		      const char *nonce, char hex[2 * SR25519_SIGNATURE_BYTES + 1],
		      struct error *err)
{
	auto_text message = {0};

	if (!check_is_chutes(peer, "a login nonce", err))
		return false;
	if (!is_uuid(nonce))
		return fail(err, ERROR_USAGE,
			    "'%.80s' is no login nonce, which is a UUID: it is not signed", nonce);
	text_add(&message, nonce);
	return sign_hex(key, &message, hex, err);
}

static bool is_fingerprint(const char *s)
{
	size_t len = 0;

	for (; s[len]; len++)
		if (s[len] <= ' ' || s[len] > '~' || s[len] == ':' || len == FINGERPRINT_MAX)
			return false;
	return len;
}

bool sign_fingerprint(const struct sign_peer *peer, const struct sr25519_key *key,
		      const char *fingerprint, int64_t now_ns, struct strings *headers,
		      struct error *err)
{
	struct stamp stamp = stamp_make(key, now_ns / NS_PER_S);
	char signature[2 * SR25519_SIGNATURE_BYTES + 1];
	auto_text message = {0};

	if (!check_is_chutes(peer, "a fingerprint", err))
		return false;
	if (!is_fingerprint(fingerprint))
		return fail(err, ERROR_USAGE,
			    "a fingerprint is of 1 to %d visible ASCII characters without ':'",
			    FINGERPRINT_MAX);
	text_addf(&message, "%s:%s:%s", stamp.hotkey, fingerprint, stamp.nonce);
	if (!sign_hex(key, &message, signature, err))
		return false;
	add(headers, SIGN_HEADER_CHUTES_HOTKEY, "", stamp.hotkey);
	add(headers, SIGN_HEADER_CHUTES_SIGNATURE, "", signature);
	add(headers, SIGN_HEADER_CHUTES_NONCE, "", stamp.nonce);
	return true;
}
