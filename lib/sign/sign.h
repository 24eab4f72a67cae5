/* SPDX-License-Identifier: MIT
 * Signed requests: which bytes are signed, and the headers that carry the signature; made here for
 * a client, checked here for a server. Two schemes. "chutes" is the hosted platform's (X-Chutes-…):
 * it signs neither method nor path nor host, so who gets such headers can use them for ten minutes
 * with the platform. "btauth" is Bittensor's btauth/1 (X-Bittensor-…), which signs all of these and
 * whom it is for. Which one a server gets is never up to the server. Must not know sockets, files,
 * or where keys come from; times are the caller's, so that tests have their own.
 *
 * A signature is for one attempt: to try again is to make the headers again.
 */
#ifndef CHUTES_SIGN_SIGN_H
#define CHUTES_SIGN_SIGN_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/base/strings.h"
#include "lib/crypto/sha256.h"
#include "lib/crypto/sr25519.h"
#include "lib/crypto/ss58.h"

enum sign_scheme { SIGN_CHUTES, SIGN_BTAUTH, SIGN_N_SCHEMES };
/* "chutes", "btauth": words of the setting api.scheme. */
const char *sign_scheme_name(enum sign_scheme scheme);

/* --- whom a client signs for */

/* The server of a profile; all borrowed from the configuration. */
struct sign_server {
	const char *base_url; /* as lib/config spells it: small letters, no default port, no path */
	const char *scheme;   /* NULL: not known */
	const char *key;      /* its address; NULL: not known */
};
/* May requests to `url`, an address or one below it, be signed for this server? AUTH, with what is
 * to be done: another server than the profile's; http to a host that is not this machine; no
 * scheme; btauth without the server's key. Nothing here falls back to the other scheme. */
must_use bool sign_server_check(const struct sign_server *server, const char *url,
				enum sign_scheme *scheme, struct error *err);

/* --- what a request needs */

/* How the hosted platform wants an endpoint to be signed. */
enum sign_rule {
	SIGN_RULE_BODY,      /* the hash of the body, an empty one too: POST, PUT, PATCH */
	SIGN_RULE_PURPOSE,   /* a word in its place */
	SIGN_RULE_NO_HOTKEY, /* no hotkey is accepted; an API key is needed */
};
/* By method and path (without its query), from one table. A path that it does not know has
 * SIGN_RULE_BODY with a method that has a body, else SIGN_RULE_NO_HOTKEY. `purpose` is a constant,
 * NULL for the other rules. */
enum sign_rule sign_rule_find(const char *method, const char *path, const char **purpose);

/* --- making */

struct sign_request {
	const char *method;  /* "POST", capitals */
	const char *target;  /* path and query as they are sent; btauth */
	const char *purpose; /* chutes, where there is no body; NULL: none */
	const unsigned char
		*body_hash; /* SHA-256; NULL: no body, which btauth signs as an empty one */
};
/* Add the headers, "Name: value" each, in the reference client's order. `now_ns`: nanoseconds since
 * 1970; the nonce of chutes is its seconds. `server`: receiver of btauth; NULL for chutes. USAGE
 * for chutes with neither body nor purpose; for a purpose that is not a word of a-z and '_', which
 * could otherwise be a hash; for a method or target with blanks or control characters. */
must_use bool sign_make(enum sign_scheme scheme, const struct sr25519_key *key,
			const struct sign_request *request,
			const unsigned char server[SR25519_PUBLIC_BYTES], int64_t now_ns,
			struct strings *headers, struct error *err);

/* The two texts of the hosted platform that have a form of their own; chutes only. `nonce` must be
 * a UUID, else USAGE: any other text would make us sign what a server likes. Lower-case hex. */
must_use bool sign_login_nonce(const struct sr25519_key *key, const char *nonce,
			       char hex[2 * SR25519_SIGNATURE_BYTES + 1], struct error *err);
/* "hotkey:fingerprint:nonce" with the headers Hotkey, Signature, Nonce, in this order. */
must_use bool sign_fingerprint(const struct sr25519_key *key, const char *fingerprint,
			       int64_t now_ns, struct strings *headers, struct error *err);

/* --- checking */

enum sign_header {
	SIGN_HEADER_CHUTES_HOTKEY,
	SIGN_HEADER_CHUTES_NONCE,
	SIGN_HEADER_CHUTES_SIGNATURE,
	SIGN_HEADER_BTAUTH_VERSION,
	SIGN_HEADER_BTAUTH_HOTKEY,
	SIGN_HEADER_BTAUTH_RECEIVER,
	SIGN_HEADER_BTAUTH_NONCE,
	SIGN_HEADER_BTAUTH_CRYPTO,
	SIGN_HEADER_BTAUTH_BODY, /* X-Bittensor-Body-SHA256: ours, so that a body need not be read
				    first */
	SIGN_HEADER_BTAUTH_SIGNATURE,
	SIGN_N_HEADERS
};
/* "X-Chutes-Hotkey" …: a server asks its request for each of them, once. */
const char *sign_header_name(enum sign_header header);
/* What it found; `at` is NULL for a header that is not there. A header that is there twice is the
 * server's to refuse. */
struct sign_headers {
	struct slice values[SIGN_N_HEADERS];
};

/* What the headers claim: parsed, and nothing of it checked. */
struct sign_claim {
	enum sign_scheme scheme;
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	char hotkey[SS58_TEXT_SIZE];
	char nonce[24];   /* as it was sent: it is signed so */
	int64_t nonce_ns; /* the same as a time */
	unsigned char
		signature[SR25519_SIGNATURE_BYTES]; /* with the hotkey the key of a replay store */
	unsigned char body_hash[SHA256_BYTES];      /* btauth */
};
/* 1; 0: no signed request; -1: AUTH. Headers of both schemes at once, a missing one, an address of
 * another network, a key that cannot have signed, digits that are not of their form, another
 * version or kind of key are refused; so is a receiver that is not `server`. The messages of chutes
 * are the platform's. */
must_use int sign_claim_parse(const struct sign_headers *headers,
			      const unsigned char server[SR25519_PUBLIC_BYTES],
			      struct sign_claim *out, struct error *err);

/* Of an age that the scheme allows? AUTH; the message says by how much it is off. chutes: 600 s in
 * the past, btauth 10 s; 30 s in the future (ours; the platform allows 600), btauth 2 s. */
must_use bool sign_claim_check_time(const struct sign_claim *claim, int64_t now_ns,
				    struct error *err);
/* Did the hotkey sign this? AUTH. Before the body is read: btauth takes its hash from the headers,
 * and sign_claim_check_body() compares it when the body is there; chutes needs
 * `request->body_hash` where it has no purpose, so the body is read first. A signature over
 * "<Bytes>" + text + "</Bytes>", as wallets in browsers make them, counts for chutes. */
must_use bool sign_claim_check(const struct sign_claim *claim, const struct sign_request *request,
			       const unsigned char server[SR25519_PUBLIC_BYTES], struct error *err);
/* Is this the hash that was signed? AUTH. */
must_use bool sign_claim_check_body(const struct sign_claim *claim,
				    const unsigned char body_hash[SHA256_BYTES], struct error *err);

#endif
