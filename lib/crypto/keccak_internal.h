/* SPDX-License-Identifier: MIT
 * The permutation below STROBE. Private: what is hashed with Keccak goes through a transcript.
 */
#ifndef CHUTES_CRYPTO_KECCAK_INTERNAL_H
#define CHUTES_CRYPTO_KECCAK_INTERNAL_H

#include "lib/base/compiler.h"

enum { KECCAK_BYTES = 200 };

/* Keccak-f[1600] (FIPS 202, 3.3): `state` is 25 lanes of 64 bits, little-endian, lane (x, y) at
 * x + 5 * y. Constant time; leaves nothing of the state on the stack. */
void keccak_f1600(unsigned char state[KECCAK_BYTES]);

#endif
