/* SPDX-License-Identifier: MIT
 * The route for every processor whose compiler has 128-bit integers.
 */
#include "lib/base/memory.h"
#include "lib/crypto/multiple25519_internal.h"
#include "lib/crypto/verify_internal.h"

#include <pthread.h>

/* Scalars in parts of 64 bits, each with its own table: fewer doublings for all. */
enum { N_PARTS = 4, PART_BITS = 64 };

/* Tables of what never changes may be larger. */
enum { BASE_WIDTH = 10, BASE_SIZE = 256, KEY_WIDTH = 6, KEY_SIZE = 16 };

/* Of 2^(64 part) B; made when first needed, those of halved scalars before the others */
static struct addend base[N_PARTS][BASE_SIZE];

/* Every other one. */
static void make_base(int first_part)
{
	static const unsigned char encoding[POINT_BYTES] = {
		0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9,
		0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82,
		0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76};
	auto_free struct point *points = xcalloc(BASE_SIZE, sizeof(*points));
	const unsigned char *bytes = encoding;
	struct point p;

	if (!point_decode(&bytes, 1, &p))
		abort();
	point_double(&p, first_part * PART_BITS);
	for (int part = first_part; part < N_PARTS; part += 2) {
		odd_multiples(&p, points, BASE_SIZE);
		affine_table_fill(points, BASE_SIZE, base[part]);
		point_double(&p, 2 * PART_BITS);
	}
}

static void make_even_base(void) { make_base(0); }
static void make_odd_base(void) { make_base(1); }

static void need_even_base(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_even_base);
}

static void need_base(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	need_even_base();
	pthread_once(&once, make_odd_base);
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
	need_even_base();
	verify_halve(s, k, &halves);
	table_fill(&points[0], tables[0]);
	table_fill(&points[1], tables[1]);
	multiple_init(&multiples[0], tables[0], halves.c, 2);
	multiple_init(&multiples[1], tables[1], halves.d, 2);
	multiple_init_affine(&multiples[2], base[0], BASE_WIDTH, halves.e, 2);
	multiple_init_affine(&multiples[3], base[2], BASE_WIDTH, halves.e + 2, 2);
	multiples[0].is_negative = !halves.d_is_negative;
	multiples[1].is_negative = true;

	struct point sum = multiples_add(multiples, array_len(multiples));

	return point_is_identity(&sum);
}

/* --- a key that is known */

struct table {
	struct addend addends[N_PARTS * KEY_SIZE]; /* of A, 2^64 A, 2^128 A ... */
};

static bool table_make(const unsigned char public_key[SR25519_PUBLIC_BYTES], void *table)
{
	struct table *t = table;
	struct point points[N_PARTS * KEY_SIZE];
	struct point p;

	if (!point_decode(&public_key, 1, &p))
		return false;
	need_base();
	for (size_t part = 0; part < N_PARTS; part++) {
		odd_multiples(&p, points + part * KEY_SIZE, KEY_SIZE);
		point_double(&p, PART_BITS);
	}
	affine_table_fill(points, array_len(points), t->addends);
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
	for (size_t part = 0; part < N_PARTS; part++) {
		struct multiple *of_key = &multiples[N_PARTS + part];

		multiple_init_affine(&multiples[part], base[part], BASE_WIDTH, &s_limbs[part], 1);
		multiple_init_affine(of_key, t->addends + part * KEY_SIZE, KEY_WIDTH,
				     &k_limbs[part], 1);
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

	need_even_base();
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
	multiple_init_affine(next, base[0], BASE_WIDTH, sum_zs, 4);

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
