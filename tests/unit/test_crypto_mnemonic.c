/* SPDX-License-Identifier: MIT
 * Phrases against tests/vectors/crypto/bip39.json; the list of words itself; and how phrases may be
 * written.
 */
#include "lib/crypto/mnemonic.h"

#include "lib/base/strings.h"
#include "lib/crypto/sha256.h"
#include "lib/crypto/sr25519.h"
#include "tests/unit/vectors.h"

static const char development[] =
	"bottom drive obey lake curtain smoke basket hold race lonely fit walk";

static bool parse(const char *words, struct secret *entropy, struct error *err)
{
	return mnemonic_parse(words, strlen(words), entropy, err);
}

/* Words to bytes and back. */
static void check_words(const struct json *row)
{
	const char *text = vector_text(row, "mnemonic");
	auto_secret entropy = {0};
	auto_secret words = {0};
	struct error err = {0};

	CHECK_OK(parse(text, &entropy, &err), err);
	if (json_find(row, "entropy"))
		CHECK(is_hex(entropy.bytes, entropy.len, vector_text(row, "entropy")));
	mnemonic_format(&entropy, &words);
	CHECK_TEXT((const char *)words.bytes, text);
	CHECK(words.len == strlen(text) + 1);
}

TEST(standard)
{
	auto_json struct json *document = vectors_load("crypto/bip39.json");
	const struct json *rows = json_find(document, "standard");

	CHECK(json_count(rows) == 24);
	for (size_t i = 0; i < json_count(rows); i++)
		check_words(json_at(rows, i));
}

TEST(substrate)
{
	auto_json struct json *document = vectors_load("crypto/bip39.json");
	const struct json *rows = json_find(document, "substrate");

	CHECK(json_count(rows) == 24);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		const char *password = vector_text(row, "password");
		unsigned char seed[MNEMONIC_SEED_BYTES];
		unsigned char wanted[64];
		unsigned char secret[SR25519_SECRET_BYTES];
		auto_secret entropy = {0};
		auto_sr25519_key struct sr25519_key *other = NULL;
		struct error err = {0};

		check_words(row);
		CHECK_OK(parse(vector_text(row, "mnemonic"), &entropy, &err), err);
		mnemonic_seed(&entropy, password, strlen(password), seed);
		vector_exactly(row, "seed64", wanted, sizeof(wanted));
		CHECK(memcmp(seed, wanted, sizeof(seed)) == 0);
		vector_exactly(row, "sr25519_secret_x8_and_nonce", secret, sizeof(secret));

		auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);

		CHECK_OK(sr25519_key_of_ed25519_secret(secret, &other, &err), err);
		CHECK(memcmp(sr25519_key_secret(key), sr25519_key_secret(other),
			     SR25519_SECRET_BYTES) == 0);
	}
}

TEST(no_password)
{
	auto_json struct json *document = vectors_load("crypto/bip39.json");
	const struct json *rows = json_find(document, "no_password");

	CHECK(json_count(rows) == 2);
	for (size_t i = 0; i < json_count(rows); i++) {
		unsigned char seed[MNEMONIC_SEED_BYTES];
		auto_secret entropy = {0};
		struct error err = {0};

		CHECK_OK(parse(vector_text(json_at(rows, i), "mnemonic"), &entropy, &err), err);
		mnemonic_seed(&entropy, NULL, 0, seed);
		CHECK(is_hex(seed, sizeof(seed), vector_text(json_at(rows, i), "mini_secret")));
	}
}

TEST(invalid)
{
	auto_json struct json *document = vectors_load("crypto/bip39.json");
	const struct json *rows = json_find(document, "invalid");

	CHECK(json_count(rows) == 23);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		auto_secret entropy = {0};
		struct error err = {0};

		CHECK(!parse(vector_text(row, "mnemonic"), &entropy, &err));
		CHECK(err.code == ERROR_USAGE && !entropy.bytes);
		CHECK_TEXT(err.message, vector_text(row, "error"));
		if (json_find(row, "hint"))
			CHECK_TEXT(err.hint, vector_text(row, "hint"));
	}
}

/* As in the repository of the standard. */
TEST(list_of_words)
{
	const char *root = getenv("CHUTES_SHARE");
	auto_free char *path = xprintf("%s/lib/crypto/bip39_english.txt", root ? root : ".");
	auto_json struct json *document = vectors_load("crypto/bip39.json");
	auto_text text = {0};
	unsigned char hash[SHA256_BYTES];
	struct error err = {0};

	CHECK_OK(file_read(path, 1 << 20, &text, &err), err);
	sha256_of(text.bytes, text.len, hash);
	CHECK(is_hex(hash, sizeof(hash), vector_text(document, "list_sha256")));
}

/* Each word is found, and each number gives its word: 24 numbers at a time, of which the last is
 * what the checksum makes it. */
TEST(all_words)
{
	for (unsigned first = 0; first < 2048; first += 23) {
		auto_secret entropy = {0};
		auto_secret words = {0};
		auto_secret again = {0};
		struct error err = {0};

		secret_init(&entropy, 32);
		for (unsigned bit = 0; bit < 253; bit++) {
			unsigned number = (first + bit / 11) % 2048;

			entropy.bytes[bit / 8] |=
				(unsigned char)((number >> (10 - bit % 11) & 1) << (7 - bit % 8));
		}
		mnemonic_format(&entropy, &words);
		CHECK_OK(mnemonic_parse((const char *)words.bytes, words.len - 1, &again, &err),
			 err);
		CHECK(again.len == 32 && memcmp(again.bytes, entropy.bytes, 32) == 0);
	}
}

/* Of the words that differ from the last one in the bits of the checksum, only that one is right.
 */
TEST(every_bit_of_the_checksum)
{
	const char *root = getenv("CHUTES_SHARE");
	auto_free char *path = xprintf("%s/lib/crypto/bip39_english.txt", root ? root : ".");
	auto_text text = {0};
	auto_strings list = {0};
	struct error err = {0};

	CHECK_OK(file_read(path, 1 << 20, &text, &err), err);
	strings_split(&list, text_str(&text), '\n');
	CHECK_OR_STOP(list.n == 2049);
	for (size_t n_words = 12; n_words <= 24; n_words += 3) {
		auto_secret entropy = {0};
		auto_secret words = {0};
		size_t n_checksums = (size_t)1 << n_words / 3;
		size_t n_right = 0;
		size_t last = 0;

		CHECK_OK(mnemonic_make(n_words, &entropy, &err), err);
		mnemonic_format(&entropy, &words);

		char *phrase = (char *)words.bytes;
		char *behind = strrchr(phrase, ' ') + 1;

		while (last < 2048 && strcmp(list.items[last], behind) != 0)
			last++;
		last -= last % n_checksums;
		for (size_t i = 0; i < n_checksums; i++) {
			auto_free char *changed = xprintf("%.*s%s", (int)(behind - phrase), phrase,
							  list.items[last + i]);
			auto_secret again = {0};

			n_right += parse(changed, &again, &err);
		}
		CHECK(n_right == 1);
	}
}

TEST(blanks)
{
	static const char *const phrases[] = {
		"  bottom drive obey lake curtain smoke basket hold race lonely fit walk  ",
		"bottom\tdrive obey   lake curtain smoke\nbasket hold race lonely fit walk\n",
		"bottom drive obey lake\r\ncurtain smoke basket hold\r\nrace lonely fit walk\r\n",
	};
	auto_secret wanted = {0};
	struct error err = {0};

	CHECK_OK(parse(development, &wanted, &err), err);
	for (size_t i = 0; i < array_len(phrases); i++) {
		auto_secret entropy = {0};

		CHECK_OK(parse(phrases[i], &entropy, &err), err);
		CHECK(entropy.len == wanted.len &&
		      memcmp(entropy.bytes, wanted.bytes, wanted.len) == 0);
	}
}

TEST(nothing)
{
	auto_secret entropy = {0};
	struct error err = {0};

	CHECK(!mnemonic_parse(NULL, 0, &entropy, &err));
	CHECK_TEXT(err.message, "a phrase has 12, 15, 18, 21 or 24 words, not 0");
}

TEST(limit)
{
	auto_free char *phrase = xprintf("%*s", MNEMONIC_TEXT_LIMIT + 1, development);
	auto_secret entropy = {0};
	struct error err = {0};

	CHECK(!parse(phrase, &entropy, &err));
	CHECK_TEXT(err.message, "a phrase has at most 1024 bytes, not 1025");
	CHECK_OK(parse(phrase + 1, &entropy, &err), err);
}

/* A phrase is so many bytes, not text up to a zero. */
TEST(zero_byte)
{
	char phrase[sizeof(development)];
	auto_secret entropy = {0};
	struct error err = {0};

	memcpy(phrase, development, sizeof(phrase));
	phrase[8] = '\0';
	CHECK(!mnemonic_parse(phrase, sizeof(phrase) - 1, &entropy, &err));
	CHECK_TEXT(err.message, "character 2 of word 2 is no letter from a to z");
	CHECK(!mnemonic_parse(development, sizeof(development), &entropy, &err));
	CHECK_TEXT(err.message, "character 5 of word 12 is no letter from a to z");
}

TEST(make)
{
	static const size_t n_words[] = {12, 15, 18, 21, 24};
	static const size_t others[] = {0, 9, 11, 13, 16, 23, 25, 27};
	auto_secret before = {0};
	struct error err = {0};

	for (size_t i = 0; i < array_len(n_words); i++) {
		auto_secret entropy = {0};
		auto_secret words = {0};
		auto_secret again = {0};

		CHECK_OK(mnemonic_make(n_words[i], &entropy, &err), err);
		CHECK(entropy.len == n_words[i] / 3 * 4);
		mnemonic_format(&entropy, &words);
		CHECK_OK(parse((const char *)words.bytes, &again, &err), err);
		CHECK(again.len == entropy.len &&
		      memcmp(again.bytes, entropy.bytes, entropy.len) == 0);
		if (before.bytes)
			CHECK(memcmp(before.bytes, entropy.bytes, before.len) != 0);
		secret_move(&entropy, &before);
	}
	for (size_t i = 0; i < array_len(others); i++) {
		auto_secret entropy = {0};

		CHECK(!mnemonic_make(others[i], &entropy, &err) && !entropy.bytes);
	}
	CHECK_TEXT(err.message, "a phrase has 12, 15, 18, 21 or 24 words, not 27");
}
