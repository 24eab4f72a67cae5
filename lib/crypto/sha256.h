/* SPDX-License-Identifier: MIT
 * SHA-256 (FIPS 180-4). Small inputs go through libsodium, which costs nothing to start; streams go
 * through libcrypto with the CPU's instructions, opened when first needed. Knows nothing of files.
 */
#ifndef CHUTES_CRYPTO_SHA256_H
#define CHUTES_CRYPTO_SHA256_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

enum { SHA256_BYTES = 32, SHA256_HEX_SIZE = 65 };

/* One shot, for keys and small documents. Never fails. */
void sha256_of(const void *bytes, size_t len, unsigned char out[SHA256_BYTES]);
void sha256_hex(const unsigned char hash[SHA256_BYTES], char out[SHA256_HEX_SIZE]);

/* A stream. Falls back to libsodium where libcrypto cannot be opened. */
struct sha256;
must_use struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *h); /* accepts NULL */
void sha256_update(struct sha256 *h, const void *bytes, size_t len);
/* The hash of everything so far; the stream starts again from empty. */
void sha256_finish(struct sha256 *h, unsigned char out[SHA256_BYTES]);

static inline void sha256_free_slot(struct sha256 **h) { sha256_free(*h); }
#define auto_sha256 __attribute__((cleanup(sha256_free_slot)))

#endif
