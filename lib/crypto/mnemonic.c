/* SPDX-License-Identifier: MIT
 * A word is a number of 11 bits; the numbers in a row are the bytes and a few bits of their hash.
 * Words are looked for in the whole list, so that neither time nor cache tells which it was.
 */
#include "lib/crypto/mnemonic.h"

#include "lib/base/slice.h"
#include "lib/base/text.h"
#include "lib/crypto/sha256.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum {
	N_WORDS = 2048,
	WORD_BITS = 11,
	MAX_LETTERS = 8, /* of a word of the list */
	MAX_ENTROPY = 32,
	ITERATIONS = 2048,
};

/* bip39_english.txt: a word and a line feed each, sorted */
extern const unsigned char bip39_english_txt[];
extern const size_t bip39_english_txt_len;

static char list[N_WORDS][MAX_LETTERS + 1]; /* filled up with zeros */

static void read_list(void)
{
	size_t word = 0;
	size_t letter = 0;

	for (size_t i = 0; i < bip39_english_txt_len; i++) {
		if (bip39_english_txt[i] == '\n') {
			word++;
			letter = 0;
			continue;
		}
		assert(word < N_WORDS && letter < MAX_LETTERS);
		list[word][letter++] = (char)bip39_english_txt[i];
	}
	assert(word == N_WORDS);
}

static void need_list(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_list);
}

/* All ones when both are the same, else zero. */
static uint64_t equal_mask(uint64_t a, uint64_t b)
{
	uint64_t different = a ^ b;

	return ((different | (0 - different)) >> 63) - 1;
}

/* The number of a word, N_WORDS when it is none. */
static unsigned find_word(const char *word, size_t len)
{
	uint64_t wanted = 0;
	uint64_t found = 0;
	uint64_t is_found = 0;

	if (len > MAX_LETTERS || memchr(word, '\0', len))
		return N_WORDS;
	memcpy(&wanted, word, len);
	for (unsigned i = 0; i < N_WORDS; i++) {
		uint64_t row;

		memcpy(&row, list[i], sizeof(row));

		uint64_t mask = equal_mask(row, wanted);

		found |= i & mask;
		is_found |= mask;
	}
	sodium_memzero(&wanted, sizeof(wanted));
	return (unsigned)(found | (N_WORDS & ~is_found));
}

/* The letters of a word by its number, with zeros behind them. */
static void get_word(unsigned number, char out[MAX_LETTERS])
{
	uint64_t word = 0;

	for (unsigned i = 0; i < N_WORDS; i++) {
		uint64_t row;

		memcpy(&row, list[i], sizeof(row));
		word |= row & equal_mask(i, number);
	}
	memcpy(out, &word, MAX_LETTERS);
	sodium_memzero(&word, sizeof(word));
}

static bool is_count(size_t n_words)
{
	return n_words >= MNEMONIC_MIN_WORDS && n_words <= MNEMONIC_MAX_WORDS && n_words % 3 == 0;
}

static bool check_count(size_t n_words, struct error *err)
{
	if (is_count(n_words))
		return true;
	return fail(err, ERROR_USAGE, "a phrase has 12, 15, 18, 21 or 24 words, not %zu", n_words);
}

/* How many bits of the hash stand behind the bytes, as a mask of its first byte. */
static unsigned char checksum_mask(size_t entropy_len)
{
	return (unsigned char)(0xff << (8 - entropy_len / 4));
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* The next word; at the end, nothing. */
static struct slice next_word(const char **at, const char *end)
{
	while (*at < end && is_blank(**at))
		(*at)++;

	struct slice word = {*at, 0};

	while (*at < end && !is_blank(**at))
		(*at)++;
	word.len = (size_t)(*at - word.at);
	return word;
}

/* What is wrong with a word that is none. */
static bool fail_word(struct slice word, size_t position, struct error *err)
{
	const char *names[N_WORDS + 1];
	char text[2 * MAX_LETTERS] = "";
	const char *nearest = NULL;

	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] >= 'a' && word.at[i] <= 'z')
			continue;
		fail(err, ERROR_USAGE, "character %zu of word %zu is no letter from a to z", i + 1,
		     position);
		if (word.at[i] >= 'A' && word.at[i] <= 'Z')
			return fail_hint(err, "write the words in small letters");
		return fail_hint(err, "type the word anew: letters of another alphabet can look "
				      "the same");
	}
	fail(err, ERROR_USAGE, "word %zu is not in the list of words", position);
	if (word.len >= sizeof(text))
		return false;
	memcpy(text, word.at, word.len);
	for (size_t i = 0; i < N_WORDS; i++)
		names[i] = list[i];
	names[N_WORDS] = NULL;
	nearest = text_nearest(text, names);
	sodium_memzero(text, sizeof(text));
	return nearest ? fail_hint(err, "did you mean '%s'?", nearest) : false;
}

/* The numbers of the words in a row. */
static bool read_words(const char *words, size_t len, unsigned char *bits, struct error *err)
{
	const char *at = words;
	size_t bit = 0;

	for (size_t position = 1;; position++) {
		struct slice word = next_word(&at, words + len);
		unsigned number = word.len ? find_word(word.at, word.len) : N_WORDS;

		if (word.len == 0)
			return true;
		if (number == N_WORDS)
			return fail_word(word, position, err);
		for (int i = WORD_BITS; i-- > 0; bit++)
			bits[bit / 8] |= (unsigned char)((number >> i & 1) << (7 - bit % 8));
	}
}

static bool check_checksum(const unsigned char *bits, size_t entropy_len, struct error *err)
{
	unsigned char hash[SHA256_BYTES];

	sha256_of(bits, entropy_len, hash);

	unsigned char difference =
		(unsigned char)((hash[0] ^ bits[entropy_len]) & checksum_mask(entropy_len));

	sodium_memzero(hash, sizeof(hash));
	if (difference == 0)
		return true;
	fail(err, ERROR_USAGE, "the words do not fit together: their checksum is wrong");
	return fail_hint(err, "look for a word that stands for another, and for words that changed "
			      "places");
}

bool mnemonic_parse(const char *words, size_t len, struct secret *entropy, struct error *err)
{
	const char *at = words;
	size_t n_words = 0;
	auto_secret bits = {0};

	if (len > MNEMONIC_TEXT_LIMIT)
		return fail(err, ERROR_USAGE, "a phrase has at most %d bytes, not %zu",
			    MNEMONIC_TEXT_LIMIT, len);
	while (len && next_word(&at, words + len).len)
		n_words++;
	if (!check_count(n_words, err))
		return false;

	size_t entropy_len = n_words / 3 * 4;

	need_list();
	secret_init(&bits, entropy_len + 1);
	if (!read_words(words, len, bits.bytes, err) ||
	    !check_checksum(bits.bytes, entropy_len, err))
		return false;
	secret_init(entropy, entropy_len);
	memcpy(entropy->bytes, bits.bytes, entropy_len);
	return true;
}

void mnemonic_format(const struct secret *entropy, struct secret *words)
{
	size_t n_words = entropy->len / 4 * 3;
	auto_secret bits = {0};
	auto_secret text = {0};
	unsigned char hash[SHA256_BYTES];
	size_t len = 0;

	assert(is_count(n_words) && entropy->len % 4 == 0);
	need_list();
	secret_init(&bits, entropy->len + 1);
	secret_init(&text, n_words * (MAX_LETTERS + 1) + MAX_LETTERS);
	sha256_of(entropy->bytes, entropy->len, hash);
	memcpy(bits.bytes, entropy->bytes, entropy->len);
	bits.bytes[entropy->len] = hash[0];
	sodium_memzero(hash, sizeof(hash));
	for (size_t word = 0, bit = 0; word < n_words; word++) {
		unsigned number = 0;

		for (int i = 0; i < WORD_BITS; i++, bit++)
			number = number << 1 | (bits.bytes[bit / 8] >> (7 - bit % 8) & 1U);
		get_word(number, (char *)text.bytes + len);
		len += strlen((const char *)text.bytes + len);
		text.bytes[len++] = word + 1 < n_words ? ' ' : '\0';
	}
	secret_init(words, len);
	memcpy(words->bytes, text.bytes, len);
}

bool mnemonic_make(size_t n_words, struct secret *entropy, struct error *err)
{
	if (!check_count(n_words, err))
		return false;
	secret_init(entropy, n_words / 3 * 4);
	randombytes_buf(entropy->bytes, entropy->len);
	return true;
}

/* PBKDF2 with HMAC-SHA512 (RFC 8018, 5.2); one block is enough for the seed. */
void mnemonic_seed(const struct secret *entropy, const void *password, size_t password_len,
		   unsigned char out[MNEMONIC_SEED_BYTES])
{
	static const unsigned char block_number[] = {0, 0, 0, 1};
	crypto_auth_hmacsha512_state keyed; /* the same in all iterations */
	crypto_auth_hmacsha512_state state;
	unsigned char hash[crypto_auth_hmacsha512_BYTES];
	unsigned char sum[crypto_auth_hmacsha512_BYTES];

	crypto_auth_hmacsha512_init(&keyed, entropy->bytes, entropy->len);
	state = keyed;
	crypto_auth_hmacsha512_update(&state, (const unsigned char *)"mnemonic", 8);
	crypto_auth_hmacsha512_update(&state, password, password_len);
	crypto_auth_hmacsha512_update(&state, block_number, sizeof(block_number));
	crypto_auth_hmacsha512_final(&state, hash);
	memcpy(sum, hash, sizeof(sum));
	for (int i = 1; i < ITERATIONS; i++) {
		state = keyed;
		crypto_auth_hmacsha512_update(&state, hash, sizeof(hash));
		crypto_auth_hmacsha512_final(&state, hash);
		for (size_t k = 0; k < sizeof(sum); k++)
			sum[k] ^= hash[k];
	}
	memcpy(out, sum, MNEMONIC_SEED_BYTES);
	sodium_memzero(&keyed, sizeof(keyed));
	sodium_memzero(&state, sizeof(state));
	sodium_memzero(hash, sizeof(hash));
	sodium_memzero(sum, sizeof(sum));
}
