/* SPDX-License-Identifier: MIT
 * Headers of a request, one in a line: what is taken is written again as the same claim, and no
 * signature that somebody makes up holds.
 */
#include "lib/sign/sign.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool add_lines(const char *at, const char *end, struct sign_headers *out)
{
	struct error err;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = stop ? stop : end;
		const char *colon = memchr(at, ':', (size_t)(line_end - at));
		const char *value = colon ? colon + 1 : line_end;

		while (value < line_end && *value == ' ')
			value++;
		if (colon &&
		    !sign_headers_add(out, (struct slice){at, (size_t)(colon - at)},
				      (struct slice){value, (size_t)(line_end - value)}, &err))
			return false;
		at = line_end + 1;
	}
	return true;
}

static void set(struct sign_headers *headers, enum sign_header header, const char *value)
{
	headers->values[header] = (struct slice){value, strlen(value)};
}

/* The claim as headers is the claim. */
static void check_again(const struct sign_claim *claim)
{
	bool is_btauth = claim->scheme == SIGN_BTAUTH;
	char receiver[SS58_TEXT_SIZE];
	char signature[2 + 2 * SR25519_SIGNATURE_BYTES + 1] = "0x";
	char hash[SHA256_HEX_SIZE];
	struct sign_headers headers = {0};
	struct sign_claim again;
	struct error err;

	ss58_format_key(claim->receiver, receiver);
	sha256_hex(claim->body_hash, hash);
	for (size_t i = 0; i < SR25519_SIGNATURE_BYTES; i++)
		snprintf(signature + 2 + 2 * i, 3, "%02x", claim->signature[i]);
	if (is_btauth) {
		set(&headers, SIGN_HEADER_BTAUTH_VERSION, "1");
		set(&headers, SIGN_HEADER_BTAUTH_HOTKEY, claim->hotkey);
		set(&headers, SIGN_HEADER_BTAUTH_NONCE, claim->nonce);
		set(&headers, SIGN_HEADER_BTAUTH_SIGNATURE, signature);
		set(&headers, SIGN_HEADER_BTAUTH_RECEIVER, receiver);
		if (claim->has_body_hash)
			set(&headers, SIGN_HEADER_BTAUTH_BODY, hash);
	} else {
		set(&headers, SIGN_HEADER_CHUTES_HOTKEY, claim->hotkey);
		set(&headers, SIGN_HEADER_CHUTES_NONCE, claim->nonce);
		set(&headers, SIGN_HEADER_CHUTES_SIGNATURE, signature + 2);
	}
	assert(sign_claim_parse(&headers, &again, &err) == 1);
	assert(again.scheme == claim->scheme && again.nonce_ns == claim->nonce_ns &&
	       again.has_body_hash == claim->has_body_hash &&
	       strcmp(again.hotkey, claim->hotkey) == 0 &&
	       memcmp(again.signature, claim->signature, sizeof(again.signature)) == 0 &&
	       memcmp(again.body_hash, claim->body_hash, sizeof(again.body_hash)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sign_request request = {
		.method = "GET", .target = "/", .purpose = "me"};
	unsigned char key[SIGN_REPLAY_KEY_BYTES];
	struct sign_headers headers = {0};
	struct sign_claim claim;
	struct error err;

	if (!add_lines((const char *)data, (const char *)data + size, &headers) ||
	    sign_claim_parse(&headers, &claim, &err) != 1)
		return 0;
	assert(claim.nonce_ns >= 0 && strlen(claim.hotkey) == 48);
	check_again(&claim);
	sign_claim_replay_key(&claim, key);
	(void)!sign_claim_check_time(&claim, 1752076800000000000, &err);
	claim.hotkey[47] ^= 1; /* so that the golden ones of the corpus do not hold either */
	assert(!sign_claim_check(&claim, &request, claim.receiver, &err));
	return 0;
}
