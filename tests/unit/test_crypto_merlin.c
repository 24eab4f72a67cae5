/* SPDX-License-Identifier: MIT
 * Keccak, STROBE and Merlin against tests/vectors/crypto/merlin.json, which names the suites that
 * its values are from.
 */
#include "lib/crypto/merlin_internal.h"

#include "lib/crypto/sha256.h"
#include "lib/crypto/sr25519_internal.h"
#include "tests/unit/vectors.h"

#include <sodium.h>

static const char some_data[] = "some data";

TEST(keccak_of_zero)
{
	auto_json struct json *document = vectors_load("crypto/merlin.json");
	const struct json *v = json_find(document, "keccak");
	unsigned char state[KECCAK_BYTES] = {0};

	keccak_f1600(state);
	CHECK(is_hex(state, 8, vector_text(v, "zero_state_first_lane")));
}

TEST(strobe_sanity)
{
	auto_json struct json *document = vectors_load("crypto/merlin.json");
	const struct json *v = json_find(document, "sanity");
	unsigned char data[1024];
	unsigned char out[64];
	struct strobe s;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)i;
	strobe_init(&s, "test-strobe-sanity");
	strobe_meta_ad(&s, data, sizeof(data), false);
	strobe_key(&s, "test-strobe-sanity-key", 22);

	struct strobe copy = s;

	strobe_ad(&s, data, sizeof(data), false);
	strobe_ad(&s, data, sizeof(data), true);
	strobe_prf(&s, out, 64);
	CHECK(is_hex(out, 64, vector_text(v, "prf")));
	strobe_prf(&copy, out, 16);
	CHECK(is_hex(out, 16, vector_text(v, "prf_of_copy")));
}

TEST(strobe_conformance)
{
	auto_json struct json *document = vectors_load("crypto/merlin.json");
	const struct json *v = json_find(document, "conformance");
	unsigned char data[1024];
	unsigned char out[32];
	struct strobe s;

	memset(data, 0x63, sizeof(data));
	strobe_init(&s, "Conformance Test Protocol");
	strobe_meta_ad(&s, "ms", 2, false);
	strobe_meta_ad(&s, "g", 1, true);
	strobe_ad(&s, data, sizeof(data), false);
	strobe_meta_ad(&s, "prf", 3, false);
	strobe_prf(&s, out, 32);
	CHECK(is_hex(out, 32, vector_text(v, "first_prf")));
	strobe_meta_ad(&s, "key", 3, false);
	strobe_key(&s, out, 32);
	strobe_meta_ad(&s, "prf", 3, false);
	strobe_prf(&s, out, 32);
	CHECK(is_hex(out, 12, vector_text(v, "second_prf_begins")));
}

TEST(simple_transcript)
{
	auto_json struct json *document = vectors_load("crypto/merlin.json");
	const struct json *v = json_find(document, "simple");
	unsigned char out[32];
	struct transcript t;

	transcript_init(&t, "test protocol");
	transcript_add(&t, "some label", some_data, strlen(some_data));
	transcript_challenge(&t, "challenge", out, sizeof(out));
	CHECK(is_hex(out, sizeof(out), vector_text(v, "challenge")));
}

TEST(complex_transcript)
{
	auto_json struct json *document = vectors_load("crypto/merlin.json");
	const struct json *v = json_find(document, "complex");
	unsigned char data[1024];
	unsigned char out[32];
	struct transcript t;

	memset(data, 0x63, sizeof(data));
	transcript_init(&t, "test protocol");
	transcript_add(&t, "step1", some_data, strlen(some_data));
	for (int i = 0; i < 32; i++) {
		transcript_challenge(&t, "challenge", out, sizeof(out));
		transcript_add(&t, "bigdata", data, sizeof(data));
		transcript_add(&t, "challengedata", out, sizeof(out));
	}
	CHECK(is_hex(out, sizeof(out), vector_text(v, "last_challenge")));
}

TEST(transcript_of_schnorrkel)
{
	auto_json struct json *document = vectors_load("crypto/merlin.json");
	const struct json *v = json_find(document, "uniform");
	unsigned char seed[32];
	unsigned char scalar[SCALAR_BYTES];
	unsigned char nonce[32];
	unsigned char public_key[SR25519_PUBLIC_BYTES];
	auto_sr25519_key struct sr25519_key *key = NULL;
	struct transcript t;

	vector_exactly(v, "seed", seed, sizeof(seed));
	transcript_init(&t, "ExpandSecretKeys");
	transcript_add(&t, "mini", seed, sizeof(seed));
	transcript_scalar(&t, "sk", scalar);
	transcript_challenge(&t, "no", nonce, sizeof(nonce));
	CHECK(is_hex(scalar, sizeof(scalar), vector_text(v, "scalar")));
	CHECK(is_hex(nonce, sizeof(nonce), vector_text(v, "nonce")));
	scalar_point(scalar, public_key);
	CHECK(is_hex(public_key, sizeof(public_key), vector_text(v, "public")));
	/* Substrate's way gives another key */
	key = sr25519_key_of_seed(seed);
	CHECK(memcmp(sr25519_key_public(key), public_key, sizeof(public_key)) != 0);
}

static void check_state(const struct json *points, size_t i, const struct strobe *s)
{
	const struct json *want = json_at(points, i);
	unsigned char hash[SHA256_BYTES];

	sha256_of(s->state, sizeof(s->state), hash);
	if (!CHECK(s->position == json_integer_of(json_find(want, "pos"))) ||
	    !CHECK(s->begin == json_integer_of(json_find(want, "pos_begin"))) ||
	    !CHECK(is_hex(s->state, 32, vector_text(want, "state_first32"))) ||
	    !CHECK(is_hex(hash, sizeof(hash), vector_text(want, "state_sha256"))))
		printf("# after %s\n", vector_text(want, "after"));
}

/* The state after each step of a signature. */
TEST(trace_of_a_signature)
{
	auto_json struct json *document = vectors_load("crypto/sr25519_trace.json");
	const struct json *v = json_find(document, "trace");
	const struct json *points = json_find(v, "checkpoints");
	auto_free unsigned char *message = NULL;
	size_t message_len = vector_bytes(v, "msg", &message);
	unsigned char public_key[32], nonce[32], random[32], point[32];
	unsigned char scalar[32], r[32], k[32], s[32];
	unsigned char wide[64];
	struct transcript t;

	vector_exactly(v, "scalar", scalar, 32);
	vector_exactly(v, "public", public_key, 32);
	vector_exactly(v, "nonce", nonce, 32);
	vector_exactly(v, "rnd32", random, 32);
	vector_exactly(v, "R", point, 32);
	CHECK(json_count(points) == 7);
	strobe_init(&t.strobe, "Merlin v1.0"); /* what is before it is checked by what it leaves */
	check_state(points, 1, &t.strobe);
	transcript_init(&t, "SigningContext");
	check_state(points, 2, &t.strobe);
	transcript_add(&t, "", "substrate", 9);
	check_state(points, 3, &t.strobe);
	transcript_add(&t, "sign-bytes", message, message_len);
	check_state(points, 4, &t.strobe);
	transcript_add(&t, "proto-name", "Schnorr-sig", 11);
	transcript_add(&t, "sign:pk", public_key, 32);
	check_state(points, 5, &t.strobe);
	transcript_draw(&t, "signing", nonce, 32, random, wide, 64);
	CHECK(is_hex(wide, 64, vector_text(v, "witness64")));
	crypto_core_ristretto255_scalar_reduce(r, wide);
	CHECK(is_hex(r, 32, vector_text(v, "r")));
	transcript_add(&t, "sign:R", point, 32);
	check_state(points, 6, &t.strobe);
	transcript_challenge(&t, "sign:c", wide, 64);
	CHECK(is_hex(wide, 64, vector_text(v, "challenge64")));
	crypto_core_ristretto255_scalar_reduce(k, wide);
	CHECK(is_hex(k, 32, vector_text(v, "k")));
	crypto_core_ristretto255_scalar_mul(s, k, scalar);
	crypto_core_ristretto255_scalar_add(s, s, r);
	CHECK(is_hex(s, 32, vector_text(v, "s")));
}

/* What is drawn depends on each of its inputs, and the transcript stays as it was. */
TEST(draw)
{
	struct transcript t;
	struct transcript other;
	unsigned char secret[32] = {1};
	unsigned char random[MERLIN_RANDOM_BYTES] = {2};
	unsigned char drawn[6][32];

	transcript_init(&t, "one");
	transcript_init(&other, "two");

	struct transcript before = t;

	transcript_draw(&t, "label", secret, sizeof(secret), random, drawn[0], 32);
	CHECK(memcmp(&before, &t, sizeof(t)) == 0);
	transcript_draw(&t, "label", secret, sizeof(secret), random, drawn[1], 32);
	CHECK(memcmp(drawn[0], drawn[1], 32) == 0);
	transcript_draw(&other, "label", secret, sizeof(secret), random, drawn[1], 32);
	transcript_draw(&t, "Label", secret, sizeof(secret), random, drawn[2], 32);
	transcript_draw(&t, "label", secret, sizeof(secret) - 1, random, drawn[3], 32);
	secret[31] ^= 1;
	transcript_draw(&t, "label", secret, sizeof(secret), random, drawn[4], 32);
	secret[31] ^= 1;
	random[31] ^= 1;
	transcript_draw(&t, "label", secret, sizeof(secret), random, drawn[5], 32);
	for (size_t i = 0; i < array_len(drawn); i++)
		for (size_t k = 0; k < i; k++)
			CHECK(memcmp(drawn[i], drawn[k], 32) != 0);
}

/* A message that fills a block to its last byte, and one more: the rate is 166. Whatever the
 * length, a message in two pieces is the same message. */
TEST(pieces)
{
	unsigned char data[400];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7);
	for (size_t len = 0; len <= sizeof(data); len++) {
		struct strobe whole;
		struct strobe pieces;
		unsigned char out[2][16];

		strobe_init(&whole, "pieces");
		pieces = whole;
		strobe_ad(&whole, data, len, false);
		strobe_ad(&pieces, data, len / 3, false);
		strobe_ad(&pieces, data + len / 3, len - len / 3, true);
		strobe_prf(&whole, out[0], 16);
		strobe_prf(&pieces, out[1], 16);
		CHECK(memcmp(out[0], out[1], 16) == 0);
	}
}
