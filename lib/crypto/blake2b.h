/* SPDX-License-Identifier: MIT
 * BLAKE2b without a key (RFC 7693), as Substrate hashes. Knows nothing of what is hashed.
 */
#ifndef CHUTES_CRYPTO_BLAKE2B_H
#define CHUTES_CRYPTO_BLAKE2B_H

#include "lib/base/compiler.h"

enum { BLAKE2B_MIN_BYTES = 16, BLAKE2B_MAX_BYTES = 64 };

/* A hash of `out_len` bytes, BLAKE2B_MIN_BYTES to BLAKE2B_MAX_BYTES. A shorter hash is not the
 * beginning of a longer one. */
void blake2b_of(const void *bytes, size_t len, unsigned char *out, size_t out_len);

#endif
