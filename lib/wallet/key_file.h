/* SPDX-License-Identifier: MIT
 * Key files of Bittensor wallets, as all versions of the wallet library wrote them, checked harder
 * than it checks: everything in a file that can be derived from another part of it must agree. The
 * bytes of a file, decrypted or not, and all that is read from them are only ever in memory for
 * secrets, and no error shows a secret. Must not know where wallets are.
 */
#ifndef CHUTES_WALLET_KEY_FILE_H
#define CHUTES_WALLET_KEY_FILE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/crypto/secret.h"
#include "lib/crypto/sr25519.h"
#include "lib/crypto/ss58.h"

enum { KEY_FILE_LIMIT = 65536 }; /* bytes; a real one has less than 1000 */

/* A key file as it is on disk. */
struct key_file {
	char *path;
	bool is_exposed;     /* its mode lets others than its owner read or write it */
	bool is_encrypted;   /* needs key_file_unlock() */
	struct secret bytes; /* never empty */
};
#define auto_key_file __attribute__((cleanup(key_file_release))) struct key_file
void key_file_release(struct key_file *f);

/* What a key file says. */
struct wallet_key {
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	char address[SS58_TEXT_SIZE];
	struct sr25519_key *key; /* NULL: only the public key is known */
	struct secret phrase;    /* its words, terminated; empty when they are not known */
};
#define auto_wallet_key __attribute__((cleanup(wallet_key_release))) struct wallet_key
void wallet_key_release(struct wallet_key *k);
/* Of the bytes that a phrase stands for (mnemonic.h), without a password. */
void wallet_key_of_phrase(const struct secret *entropy, struct wallet_key *out);
/* Takes the key, whose phrase is not known. */
void wallet_key_of(struct sr25519_key *key, struct wallet_key *out);

/* Every failure below names the path, and has a hint. */

/* Read a file. Links are followed. NOT_FOUND, AUTH; FAILURE for what is no regular file, is empty
 * or larger than KEY_FILE_LIMIT, or has one of the two encryptions of before 2023, with the way to
 * convert it. */
must_use bool key_file_load(const char *path, struct key_file *out, struct error *err);
/* Decrypt in place; nothing to do for a file that is not encrypted. The bytes of the password count
 * as they are. AUTH for a wrong password, and the file is as it was; MISSING when the 512 MiB that
 * this takes, besides seconds, are not there. */
must_use bool key_file_unlock(struct key_file *f, const void *password, size_t len,
			      struct error *err);

/* The key of a secret file ("coldkey", "hotkeys/NAME"). AUTH while it is encrypted. FAILURE when it
 * has no secret, is of another kind of key than sr25519, is an export of polkadot-js, or does not
 * agree with itself; fields are named as in the file. */
must_use bool key_file_secret(const struct key_file *f, struct wallet_key *out, struct error *err);
/* The public key of a public file ("coldkeypub.txt", "hotkeys/NAMEpub.txt"), or of a secret file
 * that is not encrypted; `out->key` is NULL. Secrets in it are not derived from, so this is fast.
 */
must_use bool key_file_public(const struct key_file *f, struct wallet_key *out, struct error *err);
/* Is it an export of polkadot-js, whatever is in it? */
bool key_file_is_export(const struct key_file *f);
/* The key in an export of polkadot-js (version 3), which has a password of its own. Errors as
 * above. */
must_use bool key_file_import(const struct key_file *f, const void *password, size_t len,
			      struct wallet_key *out, struct error *err);

/* The bytes of a secret file, and of a public one, as every version of the wallet library reads
 * them: text fields only, and the kind of key, which old ones stumble over, not among them. Needs
 * `k->key`; there are as many fields as are known. */
void key_file_format(const struct wallet_key *k, struct secret *out);
void key_file_format_public(const struct wallet_key *k, struct text *out);

enum { KEY_FILE_PASSWORD_MIN_BYTES = 6 }; /* which the wallet library demands, too */
/* Encrypt such bytes as key_file_unlock() decrypts them. USAGE for a password that is too short;
 * MISSING as there. */
must_use bool key_file_lock(struct secret *bytes, const void *password, size_t len,
			    struct error *err);

#endif
