/* SPDX-License-Identifier: MIT
 * What making and checking share: the names, and the bytes that are signed.
 */
#ifndef CHUTES_SIGN_SIGN_INTERNAL_H
#define CHUTES_SIGN_SIGN_INTERNAL_H

#include "lib/base/text.h"
#include "lib/sign/sign.h"

enum {
	PURPOSE_MAX = 32,    /* characters: with fewer than a hash has, none is one */
	METHOD_MAX = 32,     /* characters */
	TARGET_MAX = 65536,  /* bytes */
	HOTKEY_LETTERS = 48, /* of every address of Bittensor */
};
#define BTAUTH_VERSION "1"
#define BTAUTH_CRYPTO  "sr25519"

/* Who signed when, and for whom: what the texts say besides the request. */
struct sign_facts {
	enum sign_scheme scheme;
	const char *hotkey;
	const char *nonce;
	const unsigned char *receiver; /* btauth */
};
/* Can this be signed, for it would be read in one way only? With the code USAGE. */
must_use bool sign_request_check(enum sign_scheme scheme, const struct sign_request *request,
				 struct error *err);
/* The text that is signed, with `body_hash` where there is no purpose. */
void sign_text_add(struct text *out, const struct sign_facts *facts,
		   const struct sign_request *request, const unsigned char body_hash[SHA256_BYTES]);

#endif
