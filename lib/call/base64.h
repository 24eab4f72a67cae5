/* SPDX-License-Identifier: MIT
 * Bytes as base64 (RFC 4648, 4), the form of files in JSON. Must not know files.
 */
#ifndef CHUTES_CALL_BASE64_H
#define CHUTES_CALL_BASE64_H

#include "lib/base/compiler.h"
#include "lib/base/text.h"

void base64_encode(const void *bytes, size_t len, struct text *out);
/* False, and nothing added, unless it is the whole alphabet, padding included. */
must_use bool base64_decode(const char *text, size_t len, struct text *out);

#endif
