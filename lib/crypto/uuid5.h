/* SPDX-License-Identifier: MIT
 * Identifiers made from names (RFC 9562, version 5), as the platform gives them to chutes and
 * images. They are built on SHA-1, which is good enough for nothing else and is private here.
 */
#ifndef CHUTES_CRYPTO_UUID5_H
#define CHUTES_CRYPTO_UUID5_H

#include "lib/base/compiler.h"

enum { UUID_BYTES = 16, UUID_TEXT_SIZE = 37 };

/* Of the names that Python calls uuid.NAMESPACE_OID. */
void uuid5_of_oid(const char *name, char out[UUID_TEXT_SIZE]);

#endif
