/* SPDX-License-Identifier: MIT
 * What reading a key file and reading what is in it share.
 */
#ifndef CHUTES_WALLET_KEY_FILE_INTERNAL_H
#define CHUTES_WALLET_KEY_FILE_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

/* Put the path in front of a failure, and behind it what helps with all damaged files, unless it
 * has a remedy already. */
bool key_file_fail(const char *path, struct error *err);

#endif
