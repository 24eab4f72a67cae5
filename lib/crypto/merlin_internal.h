/* SPDX-License-Identifier: MIT
 * Merlin transcripts: a hash of labelled messages, out of which challenges are drawn. Both who
 * signs and who verifies says the same to a transcript and so draws the same. Private: signatures
 * and derivation are built on it. Source: merlin.cool, and the Rust library merlin 3.
 */
#ifndef CHUTES_CRYPTO_MERLIN_INTERNAL_H
#define CHUTES_CRYPTO_MERLIN_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/crypto/strobe_internal.h"

enum { MERLIN_RANDOM_BYTES = 32 };
#define MERLIN_MESSAGE_LIMIT UINT32_MAX /* bytes; the length is hashed as 32 bits */

/* Copied with `=`. It is a secret once a secret was added to it; then who has it wipes it. */
struct transcript {
	struct strobe strobe;
};

void transcript_init(struct transcript *t, const char *label);
/* At most MERLIN_MESSAGE_LIMIT bytes, which the caller has checked. */
void transcript_add(struct transcript *t, const char *label, const void *message, size_t len);
/* `len` bytes that depend on everything added so far. The transcript goes on from there. */
void transcript_challenge(struct transcript *t, const char *label, void *out, size_t len);
/* `len` bytes that nobody can guess, for nonces: from the transcript, which stays as it is, a
 * secret and random bytes. It takes both a known secret and known random bytes to know them. The
 * caller wipes `out`; everything in between is wiped here. */
void transcript_draw(const struct transcript *t, const char *label, const void *secret,
		     size_t secret_len, const unsigned char random[MERLIN_RANDOM_BYTES], void *out,
		     size_t len);

#endif
