/* SPDX-License-Identifier: MIT
 * The routes of verification, all by the same tests: they accept what holds and nothing else.
 */
#include "tests/unit/verify_fixture.h"

static const struct verify_route *const routes[] = {
	&verify_route_ifma,
#ifdef __SIZEOF_INT128__
	&verify_route_portable,
#endif
};

/* Say which ones run: on another processor it is fewer. */
static bool is_tested(const struct verify_route *route)
{
	if (!route->is_supported())
		printf("# %s: not for this processor, NOT TESTED\n", route->name);
	return route->is_supported();
}

static void *new_table(const struct verify_route *route)
{
	const size_t unit = VERIFY_TABLE_ALIGNMENT;

	return memory_check(aligned_alloc(unit, (route->table_bytes + unit - 1) / unit * unit));
}

/* The case with this key and this R, by itself and with the tables of the key. */
static void check_case(const struct verify_route *route, const struct signed_case *v,
		       const struct encoding *key, const struct encoding *r, bool holds,
		       const char *kind)
{
	auto_free void *table = new_table(route);
	bool once = route->test(key->bytes, v->s.bytes, v->k.bytes, r->bytes);
	bool again = route->table_make(key->bytes, table) &&
		     route->table_test(table, v->s.bytes, v->k.bytes, r->bytes);

	if (!CHECK(once == holds && again == holds))
		printf("# %s: %s: test %d, table_test %d\n", route->name, kind, once, again);
}

static void check_valid(const struct verify_route *route)
{
	for (int i = 0; i < 400; i++) {
		struct signed_case v;

		any_case(&v);
		check_case(route, &v, &v.public_key, &v.point, true, "valid");
	}
}

TEST(valid)
{
	for (size_t i = 0; i < array_len(routes); i++)
		if (is_tested(routes[i]))
			check_valid(routes[i]);
}

/* R is the identity, which is an encoding as any other. */
static void check_identity(const struct verify_route *route)
{
	for (int i = 0; i < 20; i++) {
		struct signed_case v;

		any_case(&v);
		v.s = scalar_mul(v.k, v.a);
		case_finish(&v);
		CHECK(sodium_is_zero(v.point.bytes, sizeof(v.point)));
		check_case(route, &v, &v.public_key, &v.point, true, "R is the identity");
		v.point = point_of(any_scalar());
		check_case(route, &v, &v.public_key, &v.point, false,
			   "only s B - k A is the identity");
	}
}

TEST(identity)
{
	for (size_t i = 0; i < array_len(routes); i++)
		if (is_tested(routes[i]))
			check_identity(routes[i]);
}

static void check_bits(const struct verify_route *route)
{
	struct signed_case v;

	any_case(&v);
	for (int bit = 0; bit < 252; bit++) {
		struct signed_case changed = v;
		struct scalar *part = bit % 2 ? &changed.s : &changed.k;

		part->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		check_case(route, &changed, &v.public_key, &v.point, false, "another bit");
	}
	check_case(route, &v, &v.public_key, &v.point, true, "unchanged");
}

TEST(every_bit_counts)
{
	for (size_t i = 0; i < array_len(routes); i++)
		if (is_tested(routes[i]))
			check_bits(routes[i]);
}

/* Other points in the place of the key and of R. */
static void check_other_points(const struct verify_route *route)
{
	static const struct scalar one = {{1}};

	for (int i = 0; i < 40; i++) {
		struct signed_case v;

		any_case(&v);
		struct encoding points[] = {
			point_of(scalar_negative(v.r)), point_of(scalar_add(v.r, one)),
			point_of(scalar_sub(v.r, one)), point_of(scalar_add(v.r, v.r)),
			point_of((struct scalar){{0}}),
		};
		struct encoding keys[] = {
			point_of(scalar_negative(v.a)),
			point_of(scalar_add(v.a, one)),
			point_of(scalar_sub(v.a, one)),
			v.point,
		};

		for (size_t j = 0; j < array_len(points); j++)
			check_case(route, &v, &v.public_key, &points[j], false, "another R");
		for (size_t j = 0; j < array_len(keys); j++)
			check_case(route, &v, &keys[j], &v.point, false, "another key");
	}
}

TEST(other_points)
{
	for (size_t i = 0; i < array_len(routes); i++)
		if (is_tested(routes[i]))
			check_other_points(routes[i]);
}

/* p - s: the same point, were it an encoding. */
static struct encoding negative_encoding(struct encoding s)
{
	unsigned char p[SR25519_PUBLIC_BYTES];

	memset(p, 0xff, sizeof(p));
	p[0] = 0xed;
	p[sizeof(p) - 1] = 0x7f;
	sodium_sub(p, s.bytes, sizeof(p));
	memcpy(s.bytes, p, sizeof(p));
	return s;
}

static bool is_passed(const struct verify_route *route, const struct signed_case *v,
		      const struct encoding *key, const struct encoding *r)
{
	return route->test(key->bytes, v->s.bytes, v->k.bytes, r->bytes);
}

static void check_undecodable(const struct verify_route *route, const struct signed_case *v,
			      const struct encoding *bad, const char *kind)
{
	auto_free void *table = new_table(route);

	CHECK(!route->table_make(bad->bytes, table));
	check_case(route, v, bad, &v->point, false, kind);
	check_case(route, v, &v->public_key, bad, false, kind);
	/* right after what holds: what is left of it is not taken for what does not decode */
	CHECK(is_passed(route, v, &v->public_key, &v->point));
	CHECK(!is_passed(route, v, bad, &v->point));
	CHECK(is_passed(route, v, &v->public_key, &v->point));
	CHECK(!is_passed(route, v, &v->public_key, bad));
	/* right after a good one, whose point may still lie on the stack */
	CHECK(route->table_make(v->public_key.bytes, table));
	(void)route->table_test(table, v->s.bytes, v->k.bytes, v->point.bytes);
	CHECK(!route->table_test(table, v->s.bytes, v->k.bytes, bad->bytes));
}

/* Strings that a careless decoder takes for the key or for R. */
static void check_aliases(const struct verify_route *route)
{
	for (int i = 0; i < 20; i++) {
		struct signed_case v;

		any_case(&v);
		for (int of_key = 0; of_key < 2; of_key++) {
			const struct encoding good = of_key ? v.public_key : v.point;
			struct encoding bad = negative_encoding(good);

			check_undecodable(route, &v, &bad, "negative");
			bad = good;
			bad.bytes[SR25519_PUBLIC_BYTES - 1] |= 0x80;
			check_undecodable(route, &v, &bad, "bit 255");
		}
		v.s = scalar_mul(v.k, v.a);
		case_finish(&v);

		struct encoding p = negative_encoding(v.point);

		check_undecodable(route, &v, &p, "p for 0");
	}
}

/* The strings of the vectors, and all from p to 2^255 - 1. */
static void check_bad_encodings(const struct verify_route *route)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *bad = json_find(json_find(document, "not_a_key"), "hex");
	struct signed_case v;

	any_case(&v);
	CHECK(json_count(bad) == 39);
	for (size_t i = 0; i < json_count(bad); i++) {
		const char *hex = json_text(json_at(bad, i));
		auto_free unsigned char *bytes = NULL;
		struct encoding s;

		CHECK_OR_STOP(hex_bytes(hex, &bytes) == sizeof(s));
		memcpy(s.bytes, bytes, sizeof(s));
		check_undecodable(route, &v, &s, hex);
	}
	for (int i = 0; i < 19; i++) {
		struct encoding above;

		memset(&above, 0xff, sizeof(above));
		above.bytes[0] = (unsigned char)(0xed + i);
		above.bytes[SR25519_PUBLIC_BYTES - 1] = 0x7f;
		check_undecodable(route, &v, &above, "not below p");
	}
}

/* Half of the numbers that are even are the encoding of a point: exactly those of libsodium. */
static void check_any_encodings(const struct verify_route *route)
{
	auto_free void *table = new_table(route);
	int n_good = 0;

	for (int i = 0; i < 2000; i++) {
		struct encoding s;

		any_bytes(&s, sizeof(s));
		if (i < 200)
			memset(s.bytes + 1, 0, sizeof(s) - 1); /* small */
		else if (i < 300)
			memset(s.bytes + 1, 0xff, sizeof(s) - 1); /* just below p */
		s.bytes[0] &= 0xfe;
		s.bytes[sizeof(s) - 1] &= 0x7f;

		bool is_good = crypto_core_ristretto255_is_valid_point(s.bytes);

		n_good += is_good;
		CHECK(route->table_make(s.bytes, table) == is_good);
	}
	CHECK(n_good > 300 && n_good < 1200);
}

TEST(encodings)
{
	for (size_t i = 0; i < array_len(routes); i++)
		if (is_tested(routes[i])) {
			check_aliases(routes[i]);
			check_bad_encodings(routes[i]);
			check_any_encodings(routes[i]);
		}
}

struct batch {
	struct signed_case cases[VERIFY_BATCH_MAX];
	struct verify_item items[VERIFY_BATCH_MAX];
	size_t n;
	uint64_t sum_zs[4];
};

static void any_batch(struct batch *out, size_t n)
{
	struct scalar sum = {{0}};

	out->n = n;
	for (size_t i = 0; i < n; i++) {
		struct verify_item *item = &out->items[i];
		struct signed_case *v = &out->cases[i];

		any_case(v);
		item->public_key = v->public_key.bytes;
		item->r = v->point.bytes;
		do
			any_words(item->z, 2, 126);
		while (!item->z[0] && !item->z[1]);

		struct scalar z = scalar_of(item->z, 2);

		scalar_words(scalar_mul(z, v->k), item->zk);
		sum = scalar_add(sum, scalar_mul(z, v->s));
	}
	scalar_words(sum, out->sum_zs);
}

/* One thing is wrong with one of them. */
static void check_batch_errors(const struct verify_route *route, struct batch *b)
{
	const struct encoding bad = {{1}};
	const struct encoding other = point_of(any_scalar());

	for (size_t i = 0; i < b->n; i++) {
		struct verify_item *item = &b->items[i];
		const struct verify_item good = *item;

		item->r = other.bytes;
		CHECK(!route->batch_test(b->items, b->n, b->sum_zs));
		item->r = bad.bytes;
		CHECK(!route->batch_test(b->items, b->n, b->sum_zs));
		*item = good;
		item->public_key = bad.bytes;
		CHECK(!route->batch_test(b->items, b->n, b->sum_zs));
		*item = good;
		item->zk[i % 4] ^= UINT64_C(1) << any_below(60);
		CHECK(!route->batch_test(b->items, b->n, b->sum_zs));
		*item = good;
	}
	b->sum_zs[any_below(4)] ^= UINT64_C(1) << any_below(60);
	CHECK(!route->batch_test(b->items, b->n, b->sum_zs));
}

static void check_batches(const struct verify_route *route)
{
	static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 31, 32, VERIFY_BATCH_MAX};
	auto_free struct batch *b = xcalloc(1, sizeof(*b));

	for (size_t i = 0; i < array_len(sizes); i++) {
		any_batch(b, sizes[i]);
		if (!CHECK(route->batch_test(b->items, b->n, b->sum_zs)))
			printf("# %s: a batch of %zu\n", route->name, sizes[i]);
		check_batch_errors(route, b);
	}
}

TEST(batches)
{
	for (size_t i = 0; i < array_len(routes); i++)
		if (routes[i]->batch_test && is_tested(routes[i]))
			check_batches(routes[i]);
}
