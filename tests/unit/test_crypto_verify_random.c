/* SPDX-License-Identifier: MIT
 * Every route says what libsodium says. CHUTES_TEST_ROUNDS times 4000 inputs, 5 rounds if it is not
 * set.
 */
#include "tests/unit/verify_inputs.h"
#include "tests/unit/verify_routes.h"

enum { INPUTS_A_ROUND = 4000, ROUNDS = 5 };

static long count_inputs(void)
{
	const char *rounds = getenv("CHUTES_TEST_ROUNDS");

	return (rounds ? strtol(rounds, NULL, 10) : ROUNDS) * INPUTS_A_ROUND / tap_slowness();
}

static void show(const struct verify_input *in, enum verify_input_kind kind, bool is_right)
{
	auto_text text = {0};

	text_addf(&text, "# kind %d, libsodium says %s: A ", (int)kind, is_right ? "yes" : "no");
	text_add_hex(&text, in->public_key, sizeof(in->public_key));
	text_add(&text, " s ");
	text_add_hex(&text, in->s, sizeof(in->s));
	text_add(&text, " k ");
	text_add_hex(&text, in->k, sizeof(in->k));
	text_add(&text, " R ");
	text_add_hex(&text, in->r, sizeof(in->r));
	puts(text_str(&text));
}

static bool is_agreed(const struct verify_route *route, const struct verify_input *in,
		      enum verify_input_kind kind, void *table)
{
	bool is_right = verify_route_libsodium.test(in->public_key, in->s, in->k, in->r);
	bool by_table = route->table_make(in->public_key, table) &&
			route->table_test(table, in->s, in->k, in->r);

	if (CHECK(route->test(in->public_key, in->s, in->k, in->r) == is_right) &&
	    CHECK(by_table == is_right))
		return true;
	show(in, kind, is_right);
	return false;
}

static void check_inputs(void)
{
	const struct verify_route *route = verify_route();
	struct random random = random_start();
	long n = count_inputs();
	size_t size = route->table_bytes + VERIFY_TABLE_ALIGNMENT;
	auto_free unsigned char *table = memory_check(
		aligned_alloc(VERIFY_TABLE_ALIGNMENT, size - size % VERIFY_TABLE_ALIGNMENT));

	if (route == &verify_route_libsodium)
		return;
	for (long i = 0; i < n; i++) {
		enum verify_input_kind kind = (enum verify_input_kind)(i % N_INPUT_KINDS);
		struct verify_input in = verify_input_make(&random, kind);

		if (!is_agreed(route, &in, kind, table))
			return;
	}
	printf("# %ld inputs\n", n);
}

TEST(inputs) { on_every_route(check_inputs); }

/* Inputs that hold, weighed, and the sum of their z s. */
struct batch {
	struct verify_input inputs[VERIFY_BATCH_MAX];
	struct verify_item items[VERIFY_BATCH_MAX];
	uint64_t sum_zs[4];
};

static void weigh(struct random *random, struct batch *batch, size_t n)
{
	unsigned char sum[SCALAR_BYTES] = {0};

	for (size_t i = 0; i < n; i++) {
		struct verify_item *item = &batch->items[i];
		const struct verify_input *in = &batch->inputs[i];
		unsigned char z[SCALAR_BYTES];
		unsigned char product[SCALAR_BYTES];
		uint64_t limbs[4];

		random_bits(random, VERIFY_HALF_BITS, z);
		z[0] |= 1; /* not zero, which would let everything pass */
		scalar_load(limbs, z);
		memcpy(item->z, limbs, sizeof(item->z));
		crypto_core_ristretto255_scalar_mul(product, z, in->k);
		scalar_load(item->zk, product);
		crypto_core_ristretto255_scalar_mul(product, z, in->s);
		crypto_core_ristretto255_scalar_add(sum, sum, product);
		item->public_key = in->public_key;
		item->r = in->r;
	}
	scalar_load(batch->sum_zs, sum);
}

static const enum verify_input_kind good_kinds[] = {
	INPUT_ANY,        INPUT_R_IS_IDENTITY,   INPUT_R_IS_KEY,
	INPUT_K_IS_SMALL, INPUT_K_IS_NEAR_POWER, INPUT_HAS_RUNS,
};
static const enum verify_input_kind bad_kinds[] = {
	INPUT_S_CHANGED,     INPUT_K_CHANGED,     INPUT_R_CHANGED,        INPUT_A_CHANGED,
	INPUT_R_IS_ANYTHING, INPUT_A_IS_ANYTHING, INPUT_R_IS_NO_ENCODING, INPUT_A_IS_NO_ENCODING,
};

static void check_batches(void)
{
	const struct verify_route *route = verify_route();
	struct random random = random_start();
	auto_free struct batch *batch = xcalloc(1, sizeof(*batch));
	long n_batches = count_inputs() / 200;

	if (!route->batch_test)
		return;
	for (long i = 0; i < n_batches; i++) {
		size_t n = i < VERIFY_BATCH_MAX ? (size_t)i + 1
						: 1 + random_below(&random, VERIFY_BATCH_MAX);

		for (size_t j = 0; j < n; j++)
			batch->inputs[j] = verify_input_make(
				&random, good_kinds[random_below(&random, array_len(good_kinds))]);
		weigh(&random, batch, n);
		CHECK_OR_STOP(route->batch_test(batch->items, n, batch->sum_zs));

		struct verify_input *bad = &batch->inputs[random_below(&random, n)];
		enum verify_input_kind kind = bad_kinds[(size_t)i % array_len(bad_kinds)];

		*bad = verify_input_make(&random, kind);

		bool is_right =
			verify_route_libsodium.test(bad->public_key, bad->s, bad->k, bad->r);

		weigh(&random, batch, n);
		if (!CHECK(route->batch_test(batch->items, n, batch->sum_zs) == is_right)) {
			show(bad, kind, is_right);
			return;
		}
	}
	printf("# %ld batches\n", n_batches);
}

TEST(batches) { on_every_route(check_batches); }
