/* SPDX-License-Identifier: MIT
 * Verification on x86-64 with AVX-512 IFMA: which sum each test of the route is.
 */
#include "lib/crypto/verify_ifma_internal.h"

#ifdef __x86_64__

#include "lib/base/memory.h"

#include <assert.h>
#include <pthread.h>

static bool is_supported(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512ifma");
}

static _Alignas(VERIFY_TABLE_ALIGNMENT) struct lanes base_multiples[PIECES][BASE_MULTIPLES];

static void make_base(void)
{
	/* RFC 9496, appendix A.1 */
	static const unsigned char encoding[SR25519_PUBLIC_BYTES] = {
		0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9,
		0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82,
		0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76};
	const unsigned char *encodings[] = {encoding};
	struct lanes point;
	bool done = ifma_decode(encodings, 1, &point);

	assert(done);
	ifma_pieces(&point, base_multiples[0], BASE_MULTIPLES);
}

static const struct lanes *base(size_t piece)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_base);
	return base_multiples[piece];
}

enum {
	WORD_DIGITS = 64 / WINDOW,
	BASE_WORD_DIGITS = 64 / BASE_WINDOW,
};

bool ifma_halves_test(const unsigned char public_key[SR25519_PUBLIC_BYTES],
		      const unsigned char r[SR25519_PUBLIC_BYTES], const struct verify_halves *h)
{
	const unsigned char *encodings[] = {public_key, r};
	struct lanes points[2];
	struct lanes a_multiples[MULTIPLES];
	struct lanes r_multiples[MULTIPLES];
	int16_t c[2 * WORD_DIGITS];
	int16_t d[2 * WORD_DIGITS];
	int16_t e[4 * BASE_WORD_DIGITS];
	const struct term terms[] = {
		{a_multiples, c, array_len(c), WINDOW},
		{r_multiples, d, array_len(d), WINDOW},
		{base(0), e, array_len(e) / 2, BASE_WINDOW},
		{base(2), e + array_len(e) / 2, array_len(e) / 2, BASE_WINDOW},
	};

	if (!ifma_decode(encodings, 2, points))
		return false;
	ifma_multiples(&points[0], a_multiples, MULTIPLES);
	ifma_multiples(&points[1], r_multiples, MULTIPLES);
	ifma_digits(h->c, 2, WINDOW, !h->d_is_negative, c);
	ifma_digits(h->d, 2, WINDOW, true, d);
	ifma_digits(h->e, 4, BASE_WINDOW, false, e);
	return ifma_sum_is_identity(terms, array_len(terms));
}

static bool test(const unsigned char public_key[SR25519_PUBLIC_BYTES],
		 const unsigned char s[SCALAR_BYTES], const unsigned char k[SCALAR_BYTES],
		 const unsigned char r[SR25519_PUBLIC_BYTES])
{
	struct verify_halves halves;

	verify_halve(s, k, &halves);
	return ifma_halves_test(public_key, r, &halves);
}

struct key_table {
	_Alignas(VERIFY_TABLE_ALIGNMENT) struct lanes multiples[PIECES][MULTIPLES];
};

static bool table_make(const unsigned char public_key[SR25519_PUBLIC_BYTES], void *table)
{
	struct key_table *out = table;
	struct lanes point;

	if (!ifma_decode(&public_key, 1, &point))
		return false;
	ifma_pieces(&point, out->multiples[0], MULTIPLES);
	return true;
}

static bool table_test(const void *table, const unsigned char s[SCALAR_BYTES],
		       const unsigned char k[SCALAR_BYTES],
		       const unsigned char r[SR25519_PUBLIC_BYTES])
{
	static const int16_t minus_1 = -1;
	const struct key_table *key = table;
	struct lanes point;
	struct lanes r_multiples[2];
	uint64_t words[4];
	int16_t k_digits[PIECES * WORD_DIGITS];
	int16_t s_digits[PIECES * BASE_WORD_DIGITS];
	struct term terms[2 * PIECES + 1];

	if (!ifma_decode(&r, 1, &point))
		return false;
	ifma_multiples(&point, r_multiples, array_len(r_multiples));
	scalar_load(words, k);
	ifma_digits(words, 4, WINDOW, true, k_digits);
	scalar_load(words, s);
	ifma_digits(words, 4, BASE_WINDOW, false, s_digits);
	for (size_t i = 0; i < PIECES; i++) {
		terms[2 * i] = (struct term){key->multiples[i], k_digits + i * WORD_DIGITS,
					     WORD_DIGITS, WINDOW};
		terms[2 * i + 1] = (struct term){base(i), s_digits + i * BASE_WORD_DIGITS,
						 BASE_WORD_DIGITS, BASE_WINDOW};
	}
	terms[array_len(terms) - 1] = (struct term){r_multiples, &minus_1, 1, WINDOW};
	return ifma_sum_is_identity(terms, array_len(terms));
}

/* What a batch has for one signature: of the key, and of R. */
struct batch_item {
	_Alignas(VERIFY_TABLE_ALIGNMENT) struct lanes a[MULTIPLES];
	struct lanes r[MULTIPLES];
	int16_t zk[4 * WORD_DIGITS];
	int16_t z[2 * WORD_DIGITS];
};

static bool prepare_items(const struct verify_item *items, size_t n, struct batch_item *out)
{
	enum { AT_ONCE = LANES / 2 };

	for (size_t i = 0; i < n; i += AT_ONCE) {
		const unsigned char *encodings[LANES];
		struct lanes points[LANES];
		size_t n_now = n - i < AT_ONCE ? n - i : AT_ONCE;

		for (size_t j = 0; j < n_now; j++) {
			encodings[2 * j] = items[i + j].public_key;
			encodings[2 * j + 1] = items[i + j].r;
		}
		if (!ifma_decode(encodings, 2 * n_now, points))
			return false;
		for (size_t j = 0; j < n_now; j++) {
			struct batch_item *item = &out[i + j];

			ifma_multiples(&points[2 * j], item->a, MULTIPLES);
			ifma_multiples(&points[2 * j + 1], item->r, MULTIPLES);
			ifma_digits(items[i + j].zk, 4, WINDOW, true, item->zk);
			ifma_digits(items[i + j].z, 2, WINDOW, true, item->z);
		}
	}
	return true;
}

static bool batch_test(const struct verify_item *items, size_t n, const uint64_t sum_zs[4])
{
	auto_free struct batch_item *prepared =
		memory_check(aligned_alloc(VERIFY_TABLE_ALIGNMENT, (n + 1) * sizeof(*prepared)));
	int16_t s[4 * BASE_WORD_DIGITS];
	struct term terms[2 * VERIFY_BATCH_MAX + 1];

	if (!prepare_items(items, n, prepared))
		return false;
	ifma_digits(sum_zs, 4, BASE_WINDOW, false, s);
	terms[0] = (struct term){base(0), s, array_len(s), BASE_WINDOW};
	for (size_t i = 0; i < n; i++) {
		const struct batch_item *item = &prepared[i];

		terms[2 * i + 1] = (struct term){item->a, item->zk, array_len(item->zk), WINDOW};
		terms[2 * i + 2] = (struct term){item->r, item->z, array_len(item->z), WINDOW};
	}
	return ifma_sum_is_identity(terms, 2 * n + 1);
}

const struct verify_route verify_route_ifma = {
	"ifma", is_supported, test, sizeof(struct key_table), table_make, table_test, batch_test};

#else

static bool is_supported(void) { return false; }

const struct verify_route verify_route_ifma = {.name = "ifma", .is_supported = is_supported};

#endif
