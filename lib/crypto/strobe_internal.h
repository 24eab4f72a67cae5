/* SPDX-License-Identifier: MIT
 * As much of STROBE-128 as Merlin transcripts need. Private: see merlin_internal.h.
 * Source: the STROBE 1.0.2 specification, sections 5 and 6.
 */
#ifndef CHUTES_CRYPTO_STROBE_INTERNAL_H
#define CHUTES_CRYPTO_STROBE_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/crypto/keccak_internal.h"

/* Copied with `=`: a copy goes its own way. Once strobe_key() was called it is a secret, to be
 * wiped by who has it. */
struct strobe {
	unsigned char state[KECCAK_BYTES];
	unsigned char position; /* of the next byte: 0 to 165 */
	unsigned char begin;    /* behind the position where the operation began, in this block */
};

void strobe_init(struct strobe *s, const char *protocol);
/* With `is_more` the bytes belong to the operation before, which must be of the same kind. */
void strobe_meta_ad(struct strobe *s, const void *bytes, size_t len, bool is_more);
void strobe_ad(struct strobe *s, const void *bytes, size_t len, bool is_more);
void strobe_key(struct strobe *s, const void *bytes, size_t len);
void strobe_prf(struct strobe *s, void *out, size_t len);

#endif
