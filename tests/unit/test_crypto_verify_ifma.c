/* SPDX-License-Identifier: MIT
 * The arithmetic of the IFMA route, against arithmetic that is too simple to be wrong: bit by bit.
 * What is made of it, test_crypto_verify_routes.c tests.
 */
#include "lib/crypto/verify_ifma_internal.h"
#include "tests/unit/verify_fixture.h"

#ifdef __x86_64__

enum { NUMBER_BYTES = 32 };

/* Below p. */
struct number {
	unsigned char bytes[NUMBER_BYTES]; /* little-endian */
};

union by_lane {
	struct lanes all;
	uint64_t word[LIMBS][LANES];
};

static struct number number_add(struct number a, struct number b)
{
	struct number p;

	memset(&p, 0xff, sizeof(p));
	p.bytes[0] = 0xed;
	p.bytes[NUMBER_BYTES - 1] = 0x7f;
	sodium_add(a.bytes, b.bytes, NUMBER_BYTES);
	if (sodium_compare(a.bytes, p.bytes, NUMBER_BYTES) >= 0)
		sodium_sub(a.bytes, p.bytes, NUMBER_BYTES);
	return a;
}

static struct number number_mul(struct number a, struct number b)
{
	struct number sum = {0};

	for (int bit = 8 * NUMBER_BYTES - 1; bit >= 0; bit--) {
		sum = number_add(sum, sum);
		if (b.bytes[bit / 8] >> bit % 8 & 1)
			sum = number_add(sum, a);
	}
	return sum;
}

static struct number number_of(const union by_lane *lanes, int lane)
{
	struct number sum = {0};

	for (int i = LIMBS - 1; i >= 0; i--) {
		struct number limb = {0};
		uint64_t word = htole64(lanes->word[i][lane]);

		for (int bit = 0; bit < LIMB_BITS; bit++)
			sum = number_add(sum, sum);
		memcpy(limb.bytes, &word, sizeof(word));
		sum = number_add(sum, limb);
	}
	return sum;
}

/* All limbs are below the limit, many just so. */
static void any_lanes(uint64_t limit, union by_lane *out)
{
	const uint64_t edges[] = {0,         1,         limit - 1,      limit - 1,
				  LIMB_MASK, LIMB_MASK, LIMB_MASK - 18, LIMB_MASK + 1};

	for (int i = 0; i < LIMBS; i++)
		for (int lane = 0; lane < LANES; lane++) {
			unsigned edge = any_below(array_len(edges) + 4);

			any_bytes(&out->word[i][lane], sizeof(uint64_t));
			out->word[i][lane] =
				edge < array_len(edges) ? edges[edge] : out->word[i][lane] % limit;
		}
}

static bool are_below(const union by_lane *lanes, uint64_t limit)
{
	bool are = true;

	for (int i = 0; i < LIMBS; i++)
		for (int lane = 0; lane < LANES; lane++)
			are = are && lanes->word[i][lane] < limit;
	return are;
}

static bool are_same(const union by_lane *got, const struct number want[LANES])
{
	bool are = true;

	for (int lane = 0; lane < LANES; lane++) {
		struct number number = number_of(got, lane);

		are = are && memcmp(&number, &want[lane], sizeof(number)) == 0;
	}
	return are;
}

static const uint64_t carried = (UINT64_C(1) << 51) + (1 << 16);
static const uint64_t factor = UINT64_C(1) << 52;

static bool is_tested(void)
{
	if (!verify_route_ifma.is_supported())
		printf("# ifma: not for this processor, NOT TESTED\n");
	return verify_route_ifma.is_supported();
}

ifma_code static void check_products(const union by_lane *a, const union by_lane *b)
{
	union by_lane product = {lanes_product(a->all, b->all)};
	union by_lane carried_product = {lanes_mul(a->all, b->all)};
	union by_lane square = {lanes_square(a->all)};
	struct number want[LANES];
	struct number want_square[LANES];

	for (int lane = 0; lane < LANES; lane++) {
		want[lane] = number_mul(number_of(a, lane), number_of(b, lane));
		want_square[lane] = number_mul(number_of(a, lane), number_of(a, lane));
	}
	CHECK(are_same(&product, want) && are_below(&product, UINT64_C(1) << 60));
	CHECK(are_same(&carried_product, want) && are_below(&carried_product, carried));
	CHECK(are_same(&square, want_square) && are_below(&square, carried));
}

ifma_code static void check_sums(const union by_lane *a, const union by_lane *b)
{
	union by_lane sum = {lanes_add(a->all, b->all)};
	union by_lane rest = {lanes_sub(lanes_add(a->all, lanes_of_p(2)), b->all)};
	union by_lane back = {lanes_add(rest.all, b->all)};
	union by_lane chosen = {lanes_choose(0x5, a->all, b->all)};
	struct number wants[3][LANES];

	for (int lane = 0; lane < LANES; lane++) {
		wants[0][lane] = number_of(a, lane);
		wants[1][lane] = number_add(number_of(a, lane), number_of(b, lane));
		wants[2][lane] = number_of(lane % 2 ? a : b, lane);
	}
	CHECK(are_same(&back, wants[0]));
	CHECK(are_same(&sum, wants[1]));
	CHECK(are_same(&chosen, wants[2]));
}

ifma_code static void check_carry(const union by_lane *a)
{
	union by_lane out = {lanes_carry(a->all)};
	struct number want[LANES];

	for (int lane = 0; lane < LANES; lane++)
		want[lane] = number_of(a, lane);
	CHECK(are_same(&out, want) && are_below(&out, carried));
}

TEST(arithmetic)
{
	if (!is_tested())
		return;
	for (int i = 0; i < 300; i++) {
		union by_lane a;
		union by_lane b;

		any_lanes(factor, &a);
		any_lanes(factor, &b);
		check_products(&a, &b);
		any_lanes(carried, &b); /* as little as can be taken from 2p */
		check_sums(&a, &b);
		any_lanes(UINT64_C(1) << 62, &a);
		check_carry(&a);
	}
}

ifma_code static void check_reduced(const union by_lane *a)
{
	union by_lane out = {lanes_reduce(a->all)};
	__mmask8 zero = lanes_zero(a->all);
	__mmask8 odd = lanes_odd(a->all);

	CHECK(are_below(&out, UINT64_C(1) << LIMB_BITS));
	for (int lane = 0; lane < LANES; lane++) {
		const struct number want = number_of(a, lane);
		unsigned char bytes[NUMBER_BYTES] = {0};

		for (int bit = 0; bit < LIMBS * LIMB_BITS; bit++)
			bytes[bit / 8] |= (unsigned char)((out.word[bit / LIMB_BITS][lane] >>
								   bit % LIMB_BITS &
							   1)
							  << bit % 8);
		CHECK(memcmp(bytes, &want, sizeof(want)) == 0);
		CHECK((zero >> lane & 1) == sodium_is_zero(want.bytes, NUMBER_BYTES));
		CHECK((odd >> lane & 1) == (want.bytes[0] & 1));
	}
}

/* Carried numbers have up to two forms: these are around p and around 2^255. */
TEST(reduced)
{
	if (!is_tested())
		return;
	for (int i = 0; i < 200; i++) {
		union by_lane a;

		any_lanes(carried, &a);
		if (i < 100)
			for (int lane = 0; lane < LANES; lane++) {
				const int from_p = (i * LANES + lane) % 40 - 10;

				a.word[0][lane] = LIMB_MASK - 18 + (uint64_t)from_p;
				for (int limb = 1; limb < LIMBS; limb++)
					a.word[limb][lane] = LIMB_MASK + (i % 8 == limb);
			}
		check_reduced(&a);
	}
}

/* The largest factors in all limbs. */
TEST(largest)
{
	union by_lane a;

	if (!is_tested())
		return;
	for (int i = 0; i < LIMBS; i++)
		for (int lane = 0; lane < LANES; lane++)
			a.word[i][lane] = factor - 1;
	check_products(&a, &a);
}

/* X or Y is zero, also when it is written as p; nothing else matters. */
TEST(is_identity)
{
	static const struct {
		uint64_t x, y, z, t;
		bool is;
	} cases[] = {{0, 1, 1, 0, true},
		     {1, 0, 1, 0, true},
		     {0, 5, 7, 0, true},
		     {1, 1, 0, 0, false},
		     {1, 2, 1, 2, false}};

	if (!is_tested())
		return;
	for (size_t i = 0; i < array_len(cases); i++)
		for (int as_p = 0; as_p < 2; as_p++) {
			const uint64_t words[] = {cases[i].x, cases[i].y, cases[i].z, cases[i].t};
			union by_lane point = {0};

			for (int lane = 0; lane < LANES; lane++) {
				point.word[0][lane] = words[lane] + as_p * (LIMB_MASK - 18);
				for (int limb = 1; limb < LIMBS; limb++)
					point.word[limb][lane] = as_p * LIMB_MASK;
			}
			CHECK(ifma_is_identity(&point.all) == cases[i].is);
		}
}

/* One that is none is found in each lane, whatever is in the others. */
TEST(decode)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_keys.json");
	const struct json *bad = json_find(json_find(document, "not_a_key"), "hex");
	struct encoding good[LANES];
	const unsigned char *encodings[LANES];
	struct lanes points[LANES];

	if (!is_tested())
		return;
	for (size_t i = 0; i < LANES; i++) {
		good[i] = point_of(any_scalar());
		encodings[i] = good[i].bytes;
	}
	for (size_t n = 1; n <= LANES; n++)
		CHECK(ifma_decode(encodings, n, points));
	for (size_t i = 0; i < json_count(bad); i++)
		for (size_t lane = 0; lane < LANES; lane++) {
			auto_free unsigned char *bytes = NULL;

			CHECK(hex_bytes(json_text(json_at(bad, i)), &bytes) == sizeof(good[0]));
			encodings[lane] = bytes;
			for (size_t n = lane + 1; n <= LANES; n++)
				CHECK(!ifma_decode(encodings, n, points));
			encodings[lane] = good[lane].bytes;
		}
}

static void check_digits(const uint64_t scalar[], size_t n_words, int window, bool is_negative)
{
	static const struct scalar zero = {0};
	int16_t digits[64 * 4 / WINDOW];
	struct scalar sum = {0};
	struct scalar power = {{1}};
	struct scalar want = scalar_of(scalar, n_words);

	ifma_digits(scalar, n_words, window, is_negative, digits);
	for (size_t i = 0; i < 64 * n_words / (size_t)window; i++) {
		const uint64_t size = (uint64_t)abs(digits[i]);
		struct scalar part = scalar_mul(power, scalar_of(&size, 1));

		CHECK(size <= UINT64_C(1) << (window - 1));
		sum = digits[i] < 0 ? scalar_sub(sum, part) : scalar_add(sum, part);
		for (int bit = 0; bit < window; bit++)
			power = scalar_add(power, power);
	}
	if (is_negative)
		want = scalar_sub(zero, want);
	CHECK(memcmp(&sum, &want, sizeof(sum)) == 0);
}

TEST(digits)
{
	for (int i = 0; i < 500; i++) {
		uint64_t words[4];

		any_words(words, 4, 253);
		check_digits(words, 4, i % 2 ? WINDOW : BASE_WINDOW, i % 3 == 0);
		any_words(words, 2, 126);
		check_digits(words, 2, i % 2 ? WINDOW : BASE_WINDOW, i % 3 == 0);
	}
	check_digits((const uint64_t[]){0, UINT64_C(1) << 62}, 2, WINDOW, false);
}

static bool halves_test(const struct signed_case *v)
{
	return ifma_halves_test(v->public_key.bytes, v->point.bytes, &v->halves);
}

/* Every bit of the halves counts, and d's sign. */
TEST(halves)
{
	if (!is_tested())
		return;
	for (int i = 0; i < 1000; i++) {
		struct signed_case v;

		any_case(&v);
		CHECK(halves_test(&v));

		const struct {
			uint64_t *words;
			unsigned bits;
		} parts[] = {{v.halves.c, VERIFY_HALF_BITS},
			     {v.halves.d, VERIFY_HALF_BITS},
			     {v.halves.e, 252}};
		unsigned part = any_below(array_len(parts));
		unsigned bit = any_below(parts[part].bits);

		parts[part].words[bit / 64] ^= UINT64_C(1) << bit % 64;
		CHECK(!halves_test(&v));
		parts[part].words[bit / 64] ^= UINT64_C(1) << bit % 64;
		v.halves.d_is_negative = !v.halves.d_is_negative;
		CHECK(!halves_test(&v));

		/* right after it held: its points may still lie on the stack */
		v.halves.d_is_negative = !v.halves.d_is_negative;
		CHECK(halves_test(&v));
		v.point.bytes[0] |= 1;
		CHECK(!halves_test(&v));
	}
}

static struct number number_inverse(struct number a)
{
	struct number out = {{1}};

	for (int bit = 254; bit >= 0; bit--) { /* a^(p - 2), and p - 2 is 2^255 - 21 */
		out = number_mul(out, out);
		if (bit != 2 && bit != 4)
			out = number_mul(out, a);
	}
	return out;
}

static void put_number(union by_lane *out, int lane, struct number number)
{
	for (int i = 0; i < LIMBS; i++)
		out->word[i][lane] = 0;
	for (int bit = 0; bit < LIMBS * LIMB_BITS; bit++)
		out->word[bit / LIMB_BITS][lane] |= (uint64_t)(number.bytes[bit / 8] >> bit % 8 & 1)
						    << bit % LIMB_BITS;
}

/* The same point, one coordinate written with the largest limbs that there are. */
static union by_lane with_largest(const struct lanes *point, int lane)
{
	union by_lane old = {*point};
	union by_lane out;

	for (int i = 0; i < LIMBS; i++)
		out.word[i][lane] = carried - 1;

	struct number scale =
		number_mul(number_of(&out, lane), number_inverse(number_of(&old, lane)));

	for (int other = 0; other < LANES; other++)
		if (other != lane)
			put_number(&out, other, number_mul(scale, number_of(&old, other)));
	return out;
}

/* Is `digit` times the point of both the same? Another multiple is there first: T does not count
 * where the sum is the identity, nor where that is what is added to. */
static bool agree(const struct lanes a[], const struct lanes b[], int16_t digit)
{
	const int16_t first = digit < 0 ? 3 : -3;
	const int16_t rest = (int16_t)(-digit - first);
	const struct term terms[] = {
		{b, &first, 1, WINDOW}, {a, &digit, 1, WINDOW}, {b, &rest, 1, WINDOW}};

	return ifma_sum_is_identity(terms, array_len(terms));
}

/* Y - X, Y + X, 2 Z of numbers that need not be a point. */
TEST(addends)
{
	struct lanes multiples[2];

	if (!is_tested())
		return;
	for (int i = 0; i < 100; i++) {
		union by_lane p;
		union by_lane addend;

		any_lanes(carried, &p);
		for (int limb = 0; limb < LIMBS && i < 10; limb++) {
			p.word[limb][0] = carried - 1;
			p.word[limb][1] = 0;
		}
		ifma_multiples(&p.all, multiples, array_len(multiples));
		addend.all = multiples[1];
		CHECK(are_below(&addend, carried));

		const struct number x = number_of(&p, 0);
		const struct number y = number_of(&p, 1);
		const struct number z = number_of(&p, 2);
		const struct number got[] = {number_add(number_of(&addend, 0), x),
					     number_of(&addend, 1), number_of(&addend, 2)};
		const struct number want[] = {y, number_add(y, x), number_add(z, z)};

		CHECK(memcmp(got, want, sizeof(got)) == 0);
	}
}

/* What random points have once in 2^35. */
TEST(largest_coordinates)
{
	const struct encoding encoding = point_of(any_scalar());
	const unsigned char *encodings[] = {encoding.bytes};
	struct lanes point;
	struct lanes multiples[MULTIPLES];

	if (!is_tested())
		return;
	CHECK_OR_STOP(ifma_decode(encodings, 1, &point));
	ifma_multiples(&point, multiples, MULTIPLES);
	for (int lane = 0; lane < LANES; lane++) {
		union by_lane same = with_largest(&point, lane);
		struct lanes others[MULTIPLES];

		ifma_multiples(&same.all, others, MULTIPLES);
		for (int16_t digit = -8; digit <= 8; digit++)
			CHECK(agree(others, multiples, digit));
		CHECK(!agree(others + 1, multiples, 1));
		same = with_largest(&multiples[1], lane);
		others[1] = same.all;
		CHECK(agree(others, multiples, 1) && agree(others, multiples, -1));
	}
}

#else

TEST(support)
{
	CHECK(!verify_route_ifma.is_supported());
	printf("# ifma: not for this processor, NOT TESTED\n");
}

#endif
