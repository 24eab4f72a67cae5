/* SPDX-License-Identifier: MIT
 * Two implementations: libsodium is linked in and portable; libcrypto takes a millisecond to load
 * and is several times faster on long inputs, because it uses the SHA instructions of the CPU.
 */
#include "lib/crypto/sha256.h"

#include "lib/base/library.h"
#include "lib/base/memory.h"
#include "lib/crypto/sha256_internal.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>

/* What we use of libcrypto.so.3, with the types of its own headers. */
static struct {
	__typeof__(OPENSSL_init_crypto) *init;
	__typeof__(EVP_MD_fetch) *fetch;
	__typeof__(EVP_MD_CTX_new) *context_new;
	__typeof__(EVP_MD_CTX_free) *context_free;
	__typeof__(EVP_DigestInit_ex) *start;
	__typeof__(EVP_DigestUpdate) *update;
	__typeof__(EVP_DigestFinal_ex) *finish;
} evp;

static const struct library_function evp_functions[] = {
	{"OPENSSL_init_crypto", &evp.init},   {"EVP_MD_fetch", &evp.fetch},
	{"EVP_MD_CTX_new", &evp.context_new}, {"EVP_MD_CTX_free", &evp.context_free},
	{"EVP_DigestInit_ex", &evp.start},    {"EVP_DigestUpdate", &evp.update},
	{"EVP_DigestFinal_ex", &evp.finish},
};

static EVP_MD *evp_sha256; /* NULL: libcrypto is not to be had */

struct sha256 {
	EVP_MD_CTX *context; /* NULL: `portable` is used */
	crypto_hash_sha256_state portable;
};

static void open_libcrypto(void)
{
	if (!library_open("libcrypto.so.3", evp_functions, array_len(evp_functions)))
		return;
	/* No openssl.cnf: a hash needs none. No atexit handler: threads may still be hashing. */
	if (evp.init(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL))
		evp_sha256 = evp.fetch(NULL, "SHA2-256", NULL);
}

void sha256_of(const void *bytes, size_t len, unsigned char out[SHA256_BYTES])
{
	crypto_hash_sha256(out, bytes, len);
}

void sha256_hex(const unsigned char hash[SHA256_BYTES], char out[SHA256_HEX_SIZE])
{
	sodium_bin2hex(out, SHA256_HEX_SIZE, hash, SHA256_BYTES);
}

struct sha256 *sha256_new_portable(void)
{
	struct sha256 *h = xcalloc(1, sizeof(*h));

	crypto_hash_sha256_init(&h->portable);
	return h;
}

struct sha256 *sha256_new(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sha256 *h = sha256_new_portable();

	pthread_once(&once, open_libcrypto);
	if (!evp_sha256)
		return h;
	h->context = evp.context_new();
	if (h->context && !evp.start(h->context, evp_sha256, NULL)) {
		evp.context_free(h->context);
		h->context = NULL;
	}
	return h;
}

bool sha256_is_accelerated(const struct sha256 *h) { return h->context; }

void sha256_free(struct sha256 *h)
{
	if (h && h->context)
		evp.context_free(h->context);
	free(h);
}

void sha256_update(struct sha256 *h, const void *bytes, size_t len)
{
	int done = 1;

	if (h->context)
		done = evp.update(h->context, bytes, len);
	else
		crypto_hash_sha256_update(&h->portable, bytes, len);
	assert(done); /* fails only for a digest that was not started */
}

void sha256_finish(struct sha256 *h, unsigned char out[SHA256_BYTES])
{
	int done = 1;

	if (h->context) {
		done = evp.finish(h->context, out, NULL) && evp.start(h->context, evp_sha256, NULL);
	} else {
		crypto_hash_sha256_final(&h->portable, out);
		crypto_hash_sha256_init(&h->portable);
	}
	assert(done);
}
