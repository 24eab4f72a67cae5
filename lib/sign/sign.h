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
/* Whom signatures are for, and how they are made. */
struct sign_peer {
	enum sign_scheme scheme;
	unsigned char key[SR25519_PUBLIC_BYTES]; /* of the server; btauth */
};
/* May requests to `url`, an address or one below it, be signed for this server? AUTH, with what is
 * to be done: another server than the profile's; http to a host that is not this machine; no
 * scheme; btauth without the server's key. Nothing here falls back to the other scheme. */
must_use bool sign_server_check(const struct sign_server *server, const char *url,
				struct sign_peer *out, struct error *err);
/* Path and query of an address, as a request for it has them: what btauth signs. The fragment is
 * not part of it. Of the caller. USAGE for what is no http or https address. */
must_use bool sign_url_target(const char *url, char **out, struct error *err);

/* --- what a request needs */

/* How the hosted platform wants an endpoint to be signed. */
enum sign_rule {
	SIGN_RULE_BODY,        /* the hash of the body, an empty one too: POST, PUT, PATCH */
	SIGN_RULE_PURPOSE,     /* a word in its place; a body is not looked at */
	SIGN_RULE_FINGERPRINT, /* a form of its own: sign_fingerprint() */
	SIGN_RULE_NO_HOTKEY,   /* no hotkey is accepted; an API key is needed */
	SIGN_RULE_PUBLIC,      /* open to everybody: nothing is signed */
};
/* By method and path, whose query and last '/' do not count, from one table. A path that it does
 * not know has SIGN_RULE_BODY with a method that has a body, else SIGN_RULE_NO_HOTKEY. `purpose` is
 * a constant, NULL for the other rules. */
enum sign_rule sign_rule_find(const char *method, const char *path, const char **purpose);
/* The table, for people: i from 0 until NULL. */
struct sign_rule_row {
	const char *methods; /* "GET DELETE" */
	const char *path;    /* '*' is one segment; "/..." at its end: this, and everything below */
	enum sign_rule rule;
	const char *purpose;
};
const struct sign_rule_row *sign_rule_row_at(size_t i);
/* POST, PUT, PATCH: the methods whose body the platform looks at. */
bool sign_method_has_body(const char *method);

/* --- making */

/* What is signed of a request. chutes: the purpose where there is one, else the body's hash. */
struct sign_request {
	const char *method;             /* btauth: "POST", capitals */
	const char *target;             /* btauth: path and query as they are sent */
	const char *purpose;            /* chutes; NULL: none */
	const unsigned char *body_hash; /* SHA-256. NULL: no body, which btauth signs as an empty
					   one; to check, a body that was not read yet */
};
/* Add the headers, "Name: value" each, in the reference clients' order. `now_ns`: nanoseconds since
 * 1970, not negative; the nonce of chutes is its seconds. USAGE for chutes with neither body nor
 * purpose; for a purpose that is not a word of a-z and '_', which could otherwise be a hash; for a
 * method or target with blanks, control characters or '#'. */
must_use bool sign_make(const struct sign_peer *peer, const struct sr25519_key *key,
			const struct sign_request *request, int64_t now_ns, struct strings *headers,
			struct error *err);

/* The two texts of the hosted platform that have a form of their own; AUTH where the peer's scheme
 * is not chutes. `nonce` must be a UUID, else USAGE: any other text would make us sign what a
 * server likes. Lower-case hex. */
must_use bool sign_login_nonce(const struct sign_peer *peer, const struct sr25519_key *key,
			       const char *nonce, char hex[2 * SR25519_SIGNATURE_BYTES + 1],
			       struct error *err);
/* "hotkey:fingerprint:nonce" with the headers Hotkey, Signature, Nonce, in this order. USAGE for a
 * fingerprint with a ':', a blank, or anything that is not visible ASCII. */
must_use bool sign_fingerprint(const struct sign_peer *peer, const struct sr25519_key *key,
			       const char *fingerprint, int64_t now_ns, struct strings *headers,
			       struct error *err);

/* --- checking */

enum sign_header {
	SIGN_HEADER_CHUTES_HOTKEY,
	SIGN_HEADER_CHUTES_NONCE,
	SIGN_HEADER_CHUTES_SIGNATURE,
	SIGN_HEADER_BTAUTH_VERSION,
	SIGN_HEADER_BTAUTH_HOTKEY,
	SIGN_HEADER_BTAUTH_NONCE,
	SIGN_HEADER_BTAUTH_SIGNATURE,
	SIGN_HEADER_BTAUTH_CRYPTO, /* not there: sr25519, the only kind taken */
	SIGN_HEADER_BTAUTH_RECEIVER,
	SIGN_HEADER_BTAUTH_BODY, /* X-Bittensor-Body-SHA256: ours, so that a body need not be read
				    first; clients of others leave it out */
	SIGN_N_HEADERS
};
/* "X-Chutes-Hotkey" … */
const char *sign_header_name(enum sign_header header);
/* What a request has of them, borrowed from it; `at` is NULL for one that is not there. */
struct sign_headers {
	struct slice values[SIGN_N_HEADERS];
};
/* To be called with every header of a request; all other names are passed over, upper and lower
 * case are the same. AUTH for one that comes twice. */
must_use bool sign_headers_add(struct sign_headers *headers, struct slice name, struct slice value,
			       struct error *err);

/* What the headers claim: parsed, and nothing of it checked. */
struct sign_claim {
	enum sign_scheme scheme;
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	char hotkey[SS58_TEXT_SIZE];
	char nonce[20];   /* as it was sent: it is signed so */
	int64_t nonce_ns; /* the same as a time, not negative */
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	unsigned char receiver[SR25519_PUBLIC_BYTES]; /* btauth */
	unsigned char body_hash[SHA256_BYTES];        /* btauth with has_body_hash */
	bool has_body_hash;
};
/* 1; 0: no signed request; -1: AUTH. Headers of both schemes at once, a missing one, an address of
 * another network, digits that are not of their form, another version or kind of key are refused.
 */
must_use int sign_claim_parse(const struct sign_headers *headers, struct sign_claim *out,
			      struct error *err);

/* Of an age that the scheme allows? AUTH; the message says by how much it is off. chutes: less than
 * 600 s in the past, btauth at most 10 s; in the future 30 s (ours; the platform allows 600),
 * btauth 2 s. `now_ns` is not negative. */
must_use bool sign_claim_check_time(const struct sign_claim *claim, int64_t now_ns,
				    struct error *err);
/* Must the body be read before sign_claim_check()? For chutes without a purpose, and for btauth
 * without the header for it; else it can be hashed afterwards, on its way to where it goes. */
bool sign_claim_needs_body(const struct sign_claim *claim, const struct sign_request *request);
/* Did the hotkey sign this, for this server? AUTH; so is a body that is needed and was not read.
 * With `request->body_hash` the body is checked, too; without, sign_claim_check_body() does it when
 * the body is there. `server` is not looked at for chutes. */
must_use bool sign_claim_check(const struct sign_claim *claim, const struct sign_request *request,
			       const unsigned char server[SR25519_PUBLIC_BYTES], struct error *err);
/* The same for a signature of chutes as wallets in browsers make it, over "<Bytes>" + text +
 * "</Bytes>": for what people paste, and not for requests of machines. */
must_use bool sign_claim_check_wrapped(const struct sign_claim *claim,
				       const struct sign_request *request, struct error *err);
/* Is this the hash that was signed? AUTH. True for chutes, and for btauth without a hash in its
 * headers: there sign_claim_check() has looked at the body. */
must_use bool sign_claim_check_body(const struct sign_claim *claim,
				    const unsigned char body_hash[SHA256_BYTES], struct error *err);

/* What a replay store remembers, after everything else was checked, for as long as
 * sign_claim_check_time() takes the claim. chutes: the signature, which nobody can turn into
 * another one for the same text; a client may sign several requests in one second. btauth: hotkey
 * and nonce. Keys of the two schemes are never equal. */
enum { SIGN_REPLAY_KEY_BYTES = 64 };
void sign_claim_replay_key(const struct sign_claim *claim,
			   unsigned char out[SIGN_REPLAY_KEY_BYTES]);

#endif
