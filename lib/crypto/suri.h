/* SPDX-License-Identifier: MIT
 * Secret URIs as Substrate has them: PHRASE//hard/soft///PASSWORD, where the phrase may be 0x and
 * the 64 hex digits of a seed, or nothing: then it is the phrase of developers, whose keys
 * (//Alice) everybody knows. No error shows a part of the URI. Source: the Rust library sp-core,
 * crypto.rs.
 */
#ifndef CHUTES_CRYPTO_SURI_H
#define CHUTES_CRYPTO_SURI_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/crypto/sr25519.h"

enum { SURI_LIMIT = 4096 }; /* bytes */

struct suri {                  /* borrowed from the text */
	struct slice phrase;   /* words, or 0x and digits; empty: the phrase of developers */
	struct slice path;     /* "//hard/soft", or empty */
	struct slice password; /* what is behind "///", or empty */
};

/* The parts of a URI, terminated and of at most SURI_LIMIT bytes of UTF-8. USAGE. */
must_use bool suri_parse(const char *text, struct suri *out, struct error *err);
/* The key that it names. USAGE as mnemonic_parse(), for a seed that is none, and for a password
 * beside a seed, which would be of no effect. */
must_use bool suri_key(const struct suri *uri, struct sr25519_key **out, struct error *err);
/* The chain code of what stands between two slashes: a number below 2^64 counts as such. */
void suri_chain_code(struct slice junction, unsigned char out[SR25519_CHAIN_CODE_BYTES]);

#endif
