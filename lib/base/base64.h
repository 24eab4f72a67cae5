/* SPDX-License-Identifier: MIT
 * Bytes as base64 (RFC 4648, 4), the form of files in JSON and of some secrets. Must not know
 * either.
 */
#ifndef CHUTES_BASE_BASE64_H
#define CHUTES_BASE_BASE64_H

#include "lib/base/compiler.h"
#include "lib/base/text.h"

/* The most bytes that so many digits stand for. */
#define BASE64_MAX_BYTES(n_digits) ((n_digits) / 4 * 3)

void base64_encode(const void *bytes, size_t len, struct text *out);
/* `out` has BASE64_MAX_BYTES(len) bytes, of which `out_len` tells how many count. False unless it
 * is the only form that these bytes have: padding included, no blank, no bit left over. Takes the
 * same time for all digits, which may be secret. */
must_use bool base64_decode(const char *digits, size_t len, void *out, size_t *out_len);

#endif
