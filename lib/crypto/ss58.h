/* SPDX-License-Identifier: MIT
 * Addresses as Substrate writes them (SS58): base58 of a network, an account and a checksum. Knows
 * nothing of keys: whether one can have signed says sr25519_public_check().
 * Source: docs.substrate.io, "SS58 address format".
 */
#ifndef CHUTES_CRYPTO_SS58_H
#define CHUTES_CRYPTO_SS58_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum {
	SS58_BITTENSOR = 42, /* the network of hotkeys and coldkeys */
	SS58_MAX_NETWORK = 16383,
	SS58_KEY_BYTES = 32, /* an account that is a public key */
	SS58_MAX_ACCOUNT_BYTES = 33,
	SS58_TEXT_SIZE = 52, /* the longest address, terminated */
};

struct ss58 {
	unsigned network; /* 0 to SS58_MAX_NETWORK, except 46 and 47, which are reserved */
	size_t len;       /* of the account: 1, 2, 4 or 8 (an index), 32 or 33 (a key) */
	unsigned char account[SS58_MAX_ACCOUNT_BYTES];
};

/* Strict: each account has one address in a network, and no blank is skipped. USAGE; what is wrong
 * with it is said in this order: letters, length, checksum, network. */
must_use bool ss58_parse(const char *text, struct ss58 *out, struct error *err);
/* Terminated. USAGE for a network or a length that there is not. */
must_use bool ss58_format(const struct ss58 *address, char out[SS58_TEXT_SIZE], struct error *err);

/* The same for the keys of Bittensor: 48 characters that begin with a 5. USAGE, also for addresses
 * of other networks, although their keys are the same: so a key has one spelling. */
must_use bool ss58_parse_key(const char *text, unsigned char public_key[SS58_KEY_BYTES],
			     struct error *err);
void ss58_format_key(const unsigned char public_key[SS58_KEY_BYTES], char out[SS58_TEXT_SIZE]);

#endif
