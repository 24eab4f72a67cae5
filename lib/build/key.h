/* SPDX-License-Identifier: MIT
 * Cache keys: the SHA-256 of a list of named fields, each with its length, so that no two lists
 * give the same bytes. Field: name "=" decimal length ":" value "\n". The first field is the format
 * number: change it when the meaning of a key changes.
 */
#ifndef CHUTES_BUILD_KEY_H
#define CHUTES_BUILD_KEY_H

#include "lib/base/compiler.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/crypto/sha256.h"

enum { KEY_HEX_SIZE = SHA256_HEX_SIZE };

struct key {
	struct text fields;
};

#define auto_key __attribute__((cleanup(key_release))) struct key

void key_release(struct key *k);
/* Start one: format number and what is keyed ("run", "debian" …). */
void key_begin(struct key *k, const char *kind);
void key_bytes(struct key *k, const char *name, const void *bytes, size_t len);
/* NULL is the empty text: no field is ever left out. */
void key_text(struct key *k, const char *name, const char *value);
void key_number(struct key *k, const char *name, int64_t value);
/* The count, then each element in order. */
void key_list(struct key *k, const char *name, char *const *items, size_t n);
/* Lower-case hex; `k` can go on. */
void key_hex(const struct key *k, char out[KEY_HEX_SIZE]);

#endif
