/* SPDX-License-Identifier: MIT
 * Key files as text, put together in memory for secrets.
 */
#include "lib/crypto/mnemonic.h"
#include "lib/wallet/key_file.h"

#include <string.h>

enum {
	/* what is not a value: braces, names, quotes; rounded up */
	FRAME_BYTES = 256,
	VALUES_BYTES = 2 * (2 * SR25519_PUBLIC_BYTES + SR25519_SECRET_BYTES + SR25519_SEED_BYTES) +
		       SS58_TEXT_SIZE,
};

/* Text that grows in memory for secrets, which is large enough from the start. */
struct writer {
	struct secret bytes;
	size_t len;
};

static void put(struct writer *w, const char *text)
{
	size_t len = strlen(text);

	memcpy(w->bytes.bytes + w->len, text, len);
	w->len += len;
}

/* In a time that does not depend on the digits. */
static void put_hex(struct writer *w, const unsigned char *bytes, size_t len)
{
	put(w, "0x");
	for (size_t i = 0; i < 2 * len; i++) {
		unsigned digit = (bytes[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15;

		/* 39 more for a to f: 'a' - '0' - 10 */
		w->bytes.bytes[w->len++] = (unsigned char)('0' + digit + (((9 - digit) >> 8) & 39));
	}
}

static void put_name(struct writer *w, const char *name)
{
	put(w, w->len == 0 ? "{\"" : "\",\"");
	put(w, name);
	put(w, "\":\"");
}

static void put_key(struct writer *w, const char *name, const unsigned char *bytes, size_t len)
{
	put_name(w, name);
	put_hex(w, bytes, len);
}

static void put_public(struct writer *w, const struct wallet_key *k)
{
	put_key(w, "accountId", k->public_key, sizeof(k->public_key));
	put_key(w, "publicKey", k->public_key, sizeof(k->public_key));
}

static void put_end(struct writer *w, const struct wallet_key *k)
{
	put_name(w, "ss58Address");
	put(w, k->address);
	put(w, "\"}");
}

void key_file_format(const struct wallet_key *k, struct secret *out)
{
	const unsigned char *seed = sr25519_key_seed(k->key);
	struct writer w = {0};

	secret_init(&w.bytes, FRAME_BYTES + VALUES_BYTES + k->phrase.len);
	put_public(&w, k);
	put_key(&w, "privateKey", sr25519_key_secret(k->key), SR25519_SECRET_BYTES);
	if (k->phrase.bytes) {
		put_name(&w, "secretPhrase");
		put(&w, (const char *)k->phrase.bytes);
	}
	if (seed)
		put_key(&w, "secretSeed", seed, SR25519_SEED_BYTES);
	put_end(&w, k);
	secret_init(out, w.len);
	memcpy(out->bytes, w.bytes.bytes, w.len);
	secret_release(&w.bytes);
}

void key_file_format_public(const struct wallet_key *k, struct text *out)
{
	struct writer w = {0};

	secret_init(&w.bytes, FRAME_BYTES + VALUES_BYTES);
	put_public(&w, k);
	put_end(&w, k);
	text_add_bytes(out, w.bytes.bytes, w.len);
	secret_release(&w.bytes);
}

void wallet_key_of_phrase(const struct secret *entropy, struct wallet_key *out)
{
	auto_secret seed = {0};

	secret_init(&seed, MNEMONIC_SEED_BYTES);
	mnemonic_seed(entropy, "", 0, seed.bytes);
	wallet_key_of(sr25519_key_of_seed(seed.bytes), out);
	mnemonic_format(entropy, &out->phrase);
}

void wallet_key_of(struct sr25519_key *key, struct wallet_key *out)
{
	wallet_key_release(out);
	out->key = key;
	memcpy(out->public_key, sr25519_key_public(key), sizeof(out->public_key));
	ss58_format_key(out->public_key, out->address);
}
