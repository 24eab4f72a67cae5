/* SPDX-License-Identifier: MIT
 * Twelve to twenty-four English words for a secret (BIP 39), and the seed that Substrate makes of
 * them, which is not the one of other chains. No error shows a word of the phrase, but a hint names
 * the word that was meant. Looking a word up takes the same time for all words.
 */
#ifndef CHUTES_CRYPTO_MNEMONIC_H
#define CHUTES_CRYPTO_MNEMONIC_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/crypto/secret.h"

enum {
	MNEMONIC_MIN_WORDS = 12, /* 12, 15, 18, 21 or 24, for 16, 20, 24, 28 or 32 bytes */
	MNEMONIC_MAX_WORDS = 24,
	MNEMONIC_TEXT_LIMIT = 1024, /* bytes of a phrase with all its blanks */
	MNEMONIC_SEED_BYTES = 32,   /* SR25519_SEED_BYTES */
};

/* The random bytes of a new phrase. USAGE for another number of words. */
must_use bool mnemonic_make(size_t n_words, struct secret *entropy, struct error *err);
/* The bytes that `words` stand for: words in small letters with blanks or line breaks between them,
 * `len` bytes. USAGE with what is wrong: the number of words; which word is none of the list; the
 * checksum. */
must_use bool mnemonic_parse(const char *words, size_t len, struct secret *entropy,
			     struct error *err);
/* The words of 16, 20, 24, 28 or 32 bytes with one blank between them, terminated (`len` counts
 * that byte, too). */
void mnemonic_format(const struct secret *entropy, struct secret *words);
/* The seed of these words and of a password, of which an empty one is none; its bytes count as they
 * are. Takes 2 ms, on purpose. The caller wipes `out`. Source: the Rust library substrate-bip39. */
void mnemonic_seed(const struct secret *entropy, const void *password, size_t password_len,
		   unsigned char out[MNEMONIC_SEED_BYTES]);

#endif
