/* SPDX-License-Identifier: MIT
 * For tests: the stream as it is where libcrypto cannot be opened.
 */
#ifndef CHUTES_CRYPTO_SHA256_INTERNAL_H
#define CHUTES_CRYPTO_SHA256_INTERNAL_H

#include "lib/crypto/sha256.h"

must_use struct sha256 *sha256_new_portable(void);
/* Does this stream go through libcrypto? */
bool sha256_is_accelerated(const struct sha256 *h);

#endif
