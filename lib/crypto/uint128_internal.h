/* SPDX-License-Identifier: MIT
 * The integers of 128 bits that compilers have beside the standard's; lib/crypto/meson.build asks.
 */
#ifndef CHUTES_CRYPTO_UINT128_INTERNAL_H
#define CHUTES_CRYPTO_UINT128_INTERNAL_H

__extension__ typedef unsigned __int128 uint128;

#endif
