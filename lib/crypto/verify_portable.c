/* SPDX-License-Identifier: MIT
 * The route for every processor whose compiler has 128-bit integers.
 */
#include "lib/base/memory.h"
#include "lib/crypto/multiple25519_internal.h"
#include "lib/crypto/verify_internal.h"

#include <pthread.h>

/* Scalars in parts of 64 bits, each with its own table: fewer doublings for all. */
enum { N_PARTS = 4, PART_BITS = 64 };

/* Of 2^(64 part) B; made when first needed */
static struct addend base[N_PARTS][WIDE_TABLE_SIZE];

static void make_base(void)
{
	static const unsigned char encoding[POINT_BYTES] = {
		0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9,
		0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82,
		0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76};
	const unsigned char *bytes = encoding;
	struct point p;

	if (!point_decode(&bytes, 1, &p))
		abort();
	for (int part = 0; part < N_PARTS; part++) {
		wide_table_fill(&p, base[part]);
		point_double(&p, PART_BITS);
	}
}

static void need_base(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_base);
}

static bool is_supported(void) { return true; }

static bool test(const unsigned char public_key[SR25519_PUBLIC_BYTES],
		 const unsigned char s[SCALAR_BYTES], const unsigned char k[SCALAR_BYTES],
		 const unsigned char r[SR25519_PUBLIC_BYTES])
{
	const unsigned char *const encodings[] = {public_key, r};
	struct point points[2];
	struct addend_z tables[2][TABLE_SIZE];
	struct verify_halves halves;
	struct multiple multiples[4];

	if (!point_decode(encodings, 2, points))
		return false;
	need_base();
	verify_halve(s, k, &halves);
	table_fill(&points[0], tables[0]);
	table_fill(&points[1], tables[1]);
	multiple_init(&multiples[0], tables[0], halves.c, 2);
	multiple_init(&multiples[1], tables[1], halves.d, 2);
	multiple_init_wide(&multiples[2], base[0], halves.e, 2);
	multiple_init_wide(&multiples[3], base[2], halves.e + 2, 2);
	multiples[0].is_negative = !halves.d_is_negative;
	multiples[1].is_negative = true;

	struct point sum = multiples_add(multiples, array_len(multiples));

	return point_is_identity(&sum);
}

/* --- a key that is known */

struct table {
	struct addend_z parts[N_PARTS][TABLE_SIZE]; /* of 2^(64 part) A */
};

static bool table_make(const unsigned char public_key[SR25519_PUBLIC_BYTES], void *table)
{
	struct table *t = table;
	struct point p;

	if (!point_decode(&public_key, 1, &p))
		return false;
	need_base();
	for (int part = 0; part < N_PARTS; part++) {
		table_fill(&p, t->parts[part]);
		point_double(&p, PART_BITS);
	}
	return true;
}

static bool table_test(const void *table, const unsigned char s[SCALAR_BYTES],
		       const unsigned char k[SCALAR_BYTES],
		       const unsigned char r[SR25519_PUBLIC_BYTES])
{
	const struct table *t = table;
	struct multiple multiples[2 * N_PARTS];
	struct point point_r;
	uint64_t s_limbs[N_PARTS];
	uint64_t k_limbs[N_PARTS];

	if (!point_decode(&r, 1, &point_r))
		return false;
	scalar_load(s_limbs, s);
	scalar_load(k_limbs, k);
	for (int part = 0; part < N_PARTS; part++) {
		struct multiple *of_key = &multiples[N_PARTS + part];

		multiple_init_wide(&multiples[part], base[part], &s_limbs[part], 1);
		multiple_init(of_key, t->parts[part], &k_limbs[part], 1);
		of_key->is_negative = true;
	}

	struct point sum = multiples_add(multiples, array_len(multiples));

	return point_is_equal(&sum, &point_r);
}

/* --- many at once */

struct batch {
	struct multiple multiples[2 * VERIFY_BATCH_MAX + 1];
	struct addend_z tables[2 * VERIFY_BATCH_MAX][TABLE_SIZE];
};

static bool batch_test(const struct verify_item *items, size_t n, const uint64_t sum_zs[4])
{
	auto_free struct batch *batch = xcalloc(1, sizeof(*batch));
	struct multiple *next = batch->multiples;
	struct addend_z(*table)[TABLE_SIZE] = batch->tables;

	need_base();
	for (size_t i = 0; i < n; i++) {
		const unsigned char *const encodings[] = {items[i].public_key, items[i].r};
		struct point points[2];

		if (!point_decode(encodings, 2, points))
			return false;
		table_fill(&points[0], table[0]);
		table_fill(&points[1], table[1]);
		multiple_init(&next[0], table[0], items[i].zk, 4);
		multiple_init(&next[1], table[1], items[i].z, 2);
		next[0].is_negative = true;
		next[1].is_negative = true;
		next += 2;
		table += 2;
	}
	multiple_init_wide(next, base[0], sum_zs, 4);

	struct point sum = multiples_add(batch->multiples, 2 * n + 1);

	return point_is_identity(&sum);
}

const struct verify_route verify_route_portable = {
	.name = "portable",
	.is_supported = is_supported,
	.test = test,
	.table_bytes = sizeof(struct table),
	.table_make = table_make,
	.table_test = table_test,
	.batch_test = batch_test,
};
