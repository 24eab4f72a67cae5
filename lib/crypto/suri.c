/* SPDX-License-Identifier: MIT */
#include "lib/crypto/suri.h"

#include "lib/base/text.h"
#include "lib/crypto/blake2b.h"
#include "lib/crypto/mnemonic.h"
#include "lib/crypto/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { SEED_DIGITS = 2 * SR25519_SEED_BYTES };

static const char development_phrase[] =
	"bottom drive obey lake curtain smoke basket hold race lonely fit walk";

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* As Rust reads an u64: a plus is allowed. */
static bool read_number(struct slice s, uint64_t *out)
{
	size_t i = s.len > 1 && s.at[0] == '+' ? 1 : 0;
	uint64_t number = 0;

	for (; i < s.len; i++)
		if (!is_digit(s.at[i]) || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(s.at[i] - '0'), &number))
			return false;
	*out = number;
	return s.len > 0;
}

void suri_chain_code(struct slice junction, unsigned char out[SR25519_CHAIN_CODE_BYTES])
{
	unsigned char bytes[2 + SURI_LIMIT];
	uint64_t number = 0;
	size_t len = 0;

	assert(junction.len <= SURI_LIMIT);
	memset(out, 0, SR25519_CHAIN_CODE_BYTES);
	if (read_number(junction, &number)) {
		for (int i = 0; i < 8; i++)
			out[i] = (unsigned char)(number >> (8 * i));
		return;
	}
	/* text as SCALE writes it: its length in one byte or two, marked by the lowest bits */
	if (junction.len < 64) {
		bytes[len++] = (unsigned char)(junction.len << 2);
	} else {
		bytes[len++] = (unsigned char)(junction.len << 2 | 1);
		bytes[len++] = (unsigned char)(junction.len >> 6);
	}
	memcpy(bytes + len, junction.at, junction.len);
	len += junction.len;
	if (len > SR25519_CHAIN_CODE_BYTES)
		blake2b_of(bytes, len, out, SR25519_CHAIN_CODE_BYTES);
	else
		memcpy(out, bytes, len);
	sodium_memzero(bytes, sizeof(bytes));
}

/* The next junction of a path that suri_parse() has seen; false at the end. */
static bool next_junction(struct slice *path, struct slice *junction, bool *is_hard)
{
	if (path->len == 0)
		return false;
	*is_hard = path->len > 1 && path->at[1] == '/';

	size_t begin = *is_hard ? 2 : 1;
	size_t end = begin;

	while (end < path->len && path->at[end] != '/')
		end++;
	*junction = (struct slice){path->at + begin, end - begin};
	path->at += end;
	path->len -= end;
	return true;
}

bool suri_parse(const char *text, struct suri *out, struct error *err)
{
	size_t len = strnlen(text, SURI_LIMIT + 1);
	struct suri uri = {0};

	if (len > SURI_LIMIT)
		return fail(err, ERROR_USAGE, "a secret URI has at most %d bytes", SURI_LIMIT);
	if (!utf8_is_valid(text, len))
		return fail(err, ERROR_USAGE, "the secret URI is not UTF-8");
	uri.phrase = (struct slice){text, strcspn(text, "/")};

	const char *path = text + uri.phrase.len;
	const char *password = strstr(path, "///");

	if (!password) {
		uri.path = (struct slice){path, strlen(path)};
	} else {
		uri.path = (struct slice){path, (size_t)(password - path)};
		uri.password = (struct slice){password + 3, strlen(password + 3)};
	}
	if (uri.password.len && memchr(uri.password.at, '\n', uri.password.len))
		return fail(err, ERROR_USAGE, "the password of the secret URI has a line break");

	struct slice rest = uri.path;
	struct slice junction;
	bool is_hard;

	for (size_t i = 1; next_junction(&rest, &junction, &is_hard); i++)
		if (junction.len == 0)
			return fail(err, ERROR_USAGE,
				    "part %zu of the path of the secret URI is "
				    "empty",
				    i);
	*out = uri;
	return true;
}

static bool read_seed(struct slice digits, unsigned char seed[SR25519_SEED_BYTES],
		      struct error *err)
{
	if (digits.len == SEED_DIGITS &&
	    sodium_hex2bin(seed, SR25519_SEED_BYTES, digits.at, digits.len, NULL, NULL, NULL) == 0)
		return true;
	return fail(err, ERROR_USAGE, "a seed is 0x and %d hex digits", SEED_DIGITS);
}

static bool make_seed(const struct suri *uri, unsigned char seed[SR25519_SEED_BYTES],
		      struct error *err)
{
	struct slice phrase = uri->phrase;
	auto_secret entropy = {0};

	if (phrase.len == 0)
		phrase = (struct slice){development_phrase, strlen(development_phrase)};
	if (phrase.len >= 2 && memcmp(phrase.at, "0x", 2) == 0) {
		if (uri->password.len > 0)
			return fail(err, ERROR_USAGE, "a seed has no password, only a phrase has");
		return read_seed((struct slice){phrase.at + 2, phrase.len - 2}, seed, err);
	}
	if (!mnemonic_parse(phrase.at, phrase.len, &entropy, err))
		return false;
	mnemonic_seed(&entropy, uri->password.at, uri->password.len, seed);
	return true;
}

bool suri_key(const struct suri *uri, struct sr25519_key **out, struct error *err)
{
	auto_sr25519_key struct sr25519_key *key = NULL;
	auto_secret seed = {0};
	unsigned char chain_code[SR25519_CHAIN_CODE_BYTES];
	struct slice path = uri->path;
	struct slice junction;
	bool is_hard;

	secret_init(&seed, SR25519_SEED_BYTES);
	if (!make_seed(uri, seed.bytes, err))
		return false;
	key = sr25519_key_of_seed(seed.bytes);
	while (next_junction(&path, &junction, &is_hard)) {
		suri_chain_code(junction, chain_code);

		struct sr25519_key *child = is_hard ? sr25519_key_derive_hard(key, chain_code)
						    : sr25519_key_derive_soft(key, chain_code);

		sr25519_key_free(key);
		key = child;
	}
	sodium_memzero(chain_code, sizeof(chain_code));
	*out = take(key);
	return true;
}
