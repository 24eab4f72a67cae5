/* SPDX-License-Identifier: MIT
 * Is it true what headers claim? Times first, then signatures: only what costs something waits.
 */
#include "lib/base/time.h"
#include "lib/sign/sign_internal.h"

#include <assert.h>
#include <string.h>

static const int64_t ns_per_s = 1000000000;

/* The platform takes what is less than 600 s old, in seconds; so does this. */
static const struct {
	int64_t past_ns, future_ns;
} windows[] = {
	[SIGN_CHUTES] = {600000000000 - 1, 30000000000},
	[SIGN_BTAUTH] = {10000000000, 2000000000},
};

static bool fail_time(int64_t off_ns, int64_t allowed_ns, const char *where, struct error *err)
{
	auto_text off = {0};

	if (off_ns < 120 * ns_per_s)
		text_addf(&off, "%.3f seconds", (double)off_ns / 1e9);
	else
		text_add_age(&off, (uint64_t)(off_ns / ns_per_s));
	fail(err, ERROR_AUTH, "the request was signed %s in the %s, and %lld seconds are allowed",
	     text_str(&off), where, (long long)((allowed_ns + ns_per_s - 1) / ns_per_s));
	return fail_hint(err, "sign each attempt anew, and let the clocks of both sides be set by "
			      "the network: see 'timedatectl'");
}

bool sign_claim_check_time(const struct sign_claim *claim, int64_t now_ns, struct error *err)
{
	int64_t past_ns = windows[claim->scheme].past_ns;
	int64_t future_ns = windows[claim->scheme].future_ns;
	int64_t age_ns = now_ns - claim->nonce_ns; /* neither is negative */

	assert(now_ns >= 0);
	if (age_ns > past_ns)
		return fail_time(age_ns, past_ns, "past", err);
	if (-age_ns > future_ns)
		return fail_time(-age_ns, future_ns, "future", err);
	return true;
}

bool sign_claim_needs_body(const struct sign_claim *claim, const struct sign_request *request)
{
	return claim->scheme == SIGN_CHUTES ? !request->purpose : !claim->has_body_hash;
}

bool sign_claim_check_body(const struct sign_claim *claim,
			   const unsigned char body_hash[SHA256_BYTES], struct error *err)
{
	return !claim->has_body_hash || memcmp(claim->body_hash, body_hash, SHA256_BYTES) == 0 ||
	       fail(err, ERROR_AUTH, "the body is not the one that was signed");
}

static bool check_text(const struct sign_claim *claim, const char *text, size_t len,
		       struct error *err)
{
	return sr25519_verify(claim->public_key, text, len, claim->signature, err) ||
	       fail_in(err, "signature of hotkey '%s'", claim->hotkey);
}

/* The text that must have been signed. */
static bool find_text(const struct sign_claim *claim, const struct sign_request *request,
		      struct text *out, struct error *err)
{
	struct sign_facts facts = {.scheme = claim->scheme,
				   .hotkey = claim->hotkey,
				   .nonce = claim->nonce,
				   .receiver = claim->receiver};

	if (sign_claim_needs_body(claim, request) && !request->body_hash)
		return fail(err, ERROR_AUTH, "the body is signed, and it was not read");
	if (!sign_request_check(claim->scheme, request, err)) {
		err->code = ERROR_AUTH;
		return false;
	}
	sign_text_add(out, &facts, request,
		      claim->has_body_hash ? claim->body_hash : request->body_hash);
	return true;
}

bool sign_claim_check(const struct sign_claim *claim, const struct sign_request *request,
		      const unsigned char server[SR25519_PUBLIC_BYTES], struct error *err)
{
	auto_text text = {0};

	if (claim->scheme == SIGN_BTAUTH &&
	    memcmp(claim->receiver, server, SR25519_PUBLIC_BYTES) != 0)
		return fail(err, ERROR_AUTH, "the request was signed for another server");
	return find_text(claim, request, &text, err) &&
	       check_text(claim, text_str(&text), text.len, err) &&
	       (!request->body_hash || sign_claim_check_body(claim, request->body_hash, err));
}

bool sign_claim_check_wrapped(const struct sign_claim *claim, const struct sign_request *request,
			      struct error *err)
{
	auto_text text = {0};
	auto_text wrapped = {0};

	if (claim->scheme != SIGN_CHUTES)
		return fail(err, ERROR_AUTH, "wallets in browsers do not sign by '%s'",
			    sign_scheme_name(claim->scheme));
	if (!find_text(claim, request, &text, err))
		return false;
	text_addf(&wrapped, "<Bytes>%s</Bytes>", text_str(&text));
	return check_text(claim, text_str(&wrapped), wrapped.len, err);
}

void sign_claim_replay_key(const struct sign_claim *claim, unsigned char out[SIGN_REPLAY_KEY_BYTES])
{
	if (claim->scheme == SIGN_CHUTES) {
		memcpy(out, claim->signature, sizeof(claim->signature));
		return;
	}
	/* the last byte of a signature has its top bit set */
	memset(out, 0, SIGN_REPLAY_KEY_BYTES);
	memcpy(out, claim->public_key, sizeof(claim->public_key));
	memcpy(out + sizeof(claim->public_key), &claim->nonce_ns, sizeof(claim->nonce_ns));
}
