/* SPDX-License-Identifier: MIT
 * What tests of signatures start from: a key that everybody has, a server, a request.
 */
#ifndef CHUTES_TESTS_SIGN_FIXTURE_H
#define CHUTES_TESTS_SIGN_FIXTURE_H

#include "lib/base/memory.h"
#include "lib/sign/sign.h"
#include "tests/unit/vectors.h"

/* //Alice signs, for the server //Bob. */
#define ALICE      "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define BOB        "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
#define ALICE_SEED "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
/* 2025-07-09T16:00:00Z */
static const int64_t test_now_ns = 1752076800000000000;

static inline struct sr25519_key *alice_key(void)
{
	auto_free unsigned char *seed = NULL;

	CHECK(hex_bytes(ALICE_SEED, &seed) == SR25519_SEED_BYTES);
	return sr25519_key_of_seed(seed);
}

static inline struct sign_peer peer_of(enum sign_scheme scheme)
{
	struct sign_peer peer = {.scheme = scheme};
	struct error err = {0};

	if (scheme == SIGN_BTAUTH)
		CHECK_OK(ss58_parse_key(BOB, peer.key, &err), err);
	return peer;
}

/* "Name: value" lines as a server has them. */
static inline bool headers_add_line(struct sign_headers *headers, const char *line,
				    struct error *err)
{
	const char *colon = strstr(line, ": ");

	return sign_headers_add(headers, (struct slice){line, (size_t)(colon - line)},
				(struct slice){colon + 2, strlen(colon + 2)}, err);
}

/* 1, 0 or -1 as sign_claim_parse(). */
static inline int claim_of(const struct strings *lines, struct sign_claim *out, struct error *err)
{
	struct sign_headers headers = {0};

	for (size_t i = 0; i < lines->n; i++)
		if (!headers_add_line(&headers, lines->items[i], err))
			return -1;
	return sign_claim_parse(&headers, out, err);
}

#endif
