/* SPDX-License-Identifier: MIT */
#include "lib/crypto/sha256.h"

#include "lib/base/memory.h"
#include "lib/crypto/sha256_internal.h"
#include "tests/unit/tap.h"

#include <pthread.h>

/* FIPS 180-4 examples (NIST, "Examples with Intermediate Values") and the empty message. */
static const struct {
	const char *text;
	size_t repeat;
	const char *hex;
} vectors[] = {
	{"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void check_stream(struct sha256 *h)
{
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX_SIZE];

	/* One stream for all vectors: finishing starts again from empty. */
	for (size_t i = 0; i < array_len(vectors); i++) {
		for (size_t n = 0; n < vectors[i].repeat; n++)
			sha256_update(h, vectors[i].text, strlen(vectors[i].text));
		sha256_finish(h, hash);
		sha256_hex(hash, hex);
		CHECK_TEXT(hex, vectors[i].hex);
	}
	sha256_free(h);
}

TEST(one_shot)
{
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX_SIZE];

	for (size_t i = 0; i < array_len(vectors); i++) {
		if (vectors[i].repeat > 1)
			continue;
		sha256_of(vectors[i].text, strlen(vectors[i].text), hash);
		sha256_hex(hash, hex);
		CHECK_TEXT(hex, vectors[i].hex);
	}
}

TEST(stream) { check_stream(sha256_new()); }

TEST(stream_without_libcrypto)
{
	struct sha256 *h = sha256_new_portable();

	CHECK(!sha256_is_accelerated(h));
	check_stream(h);
}

TEST(libcrypto_is_used)
{
	auto_sha256 struct sha256 *h = sha256_new();

	if (!sha256_is_accelerated(h))
		SKIP("libcrypto.so.3 is not installed");
}

static void *hash_in_thread(void *hex)
{
	unsigned char hash[SHA256_BYTES];
	auto_sha256 struct sha256 *h = sha256_new();

	sha256_update(h, "abc", 3);
	sha256_finish(h, hash);
	sha256_hex(hash, hex);
	return NULL;
}

TEST(threads)
{
	pthread_t threads[4];
	char hex[4][SHA256_HEX_SIZE];

	for (size_t i = 0; i < array_len(threads); i++)
		CHECK_OR_STOP(pthread_create(&threads[i], NULL, hash_in_thread, hex[i]) == 0);
	for (size_t i = 0; i < array_len(threads); i++) {
		pthread_join(threads[i], NULL);
		CHECK_TEXT(hex[i], vectors[1].hex);
	}
}

TEST(no_stream) { sha256_free(NULL); }
