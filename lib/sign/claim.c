/* SPDX-License-Identifier: MIT
 * What headers claim. Everything has one spelling, except that hex digits of a signature may be
 * capitals, as they may be for the platform.
 */
#include "lib/sign/sign_internal.h"

#include <string.h>

enum { NS_PER_S = 1000000000 };

static bool is_there(const struct sign_headers *h, enum sign_header header)
{
	return h->values[header].at;
}

static bool has_any(const struct sign_headers *h, int first, int last)
{
	for (int i = first; i <= last; i++)
		if (is_there(h, (enum sign_header)i))
			return true;
	return false;
}

static bool fail_form(enum sign_header header, const char *form, struct error *err)
{
	return fail(err, ERROR_AUTH, "header '%s' is not %s", sign_header_name(header), form);
}

static bool is_text(struct slice value, const char *text)
{
	return value.len == strlen(text) && memcmp(value.at, text, value.len) == 0;
}

static int hex_digit(char c, bool takes_capitals)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return takes_capitals && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_hex(struct slice digits, bool takes_capitals, unsigned char *out, size_t n_bytes)
{
	if (digits.len != 2 * n_bytes)
		return false;
	for (size_t i = 0; i < n_bytes; i++) {
		int high = hex_digit(digits.at[2 * i], takes_capitals);
		int low = hex_digit(digits.at[2 * i + 1], takes_capitals);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool parse_address(const struct sign_headers *h, enum sign_header header,
			  unsigned char key[SR25519_PUBLIC_BYTES], char text[SS58_TEXT_SIZE],
			  struct error *err)
{
	struct slice value = h->values[header];

	if (value.len != HOTKEY_LETTERS || memchr(value.at, '\0', value.len))
		return fail_form(header, "an address of 48 characters", err);
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	if (ss58_parse_key(text, key, err))
		return true;
	err->code = ERROR_AUTH;
	return fail_in(err, "header '%s'", sign_header_name(header));
}

/* Decimal digits, no zero before them, as a time that fits into 64 bits. */
static bool parse_nonce(const struct sign_headers *h, enum sign_header header, int64_t unit_ns,
			struct sign_claim *out, struct error *err)
{
	const char *unit = unit_ns == 1 ? "nanoseconds" : "seconds";
	struct slice value = h->values[header];
	int64_t n = 0;
	bool fits = value.len && value.len < sizeof(out->nonce) &&
		    (value.len == 1 || value.at[0] != '0');

	for (size_t i = 0; i < value.len && fits; i++) {
		char c = value.at[i];

		fits = c >= '0' && c <= '9' && !__builtin_mul_overflow(n, 10, &n) &&
		       !__builtin_add_overflow(n, c - '0', &n);
	}
	if (!fits || __builtin_mul_overflow(n, unit_ns, &out->nonce_ns))
		return fail(err, ERROR_AUTH, "header '%s' is not a time in decimal %s since 1970",
			    sign_header_name(header), unit);
	memcpy(out->nonce, value.at, value.len);
	out->nonce[value.len] = '\0';
	return true;
}

static bool check_complete(const struct sign_headers *h, int first, int last, struct error *err)
{
	for (int i = first; i <= last; i++)
		if (!is_there(h, (enum sign_header)i) && i != SIGN_HEADER_BTAUTH_CRYPTO &&
		    i != SIGN_HEADER_BTAUTH_BODY)
			return fail(err, ERROR_AUTH, "header '%s' is missing",
				    sign_header_name((enum sign_header)i));
	return true;
}

static bool parse_chutes(const struct sign_headers *h, struct sign_claim *out, struct error *err)
{
	if (!check_complete(h, SIGN_HEADER_CHUTES_HOTKEY, SIGN_HEADER_CHUTES_SIGNATURE, err) ||
	    !parse_address(h, SIGN_HEADER_CHUTES_HOTKEY, out->public_key, out->hotkey, err) ||
	    !parse_nonce(h, SIGN_HEADER_CHUTES_NONCE, NS_PER_S, out, err))
		return false;
	return parse_hex(h->values[SIGN_HEADER_CHUTES_SIGNATURE], true, out->signature,
			 sizeof(out->signature)) ||
	       fail_form(SIGN_HEADER_CHUTES_SIGNATURE, "of 128 hexadecimal digits without '0x'",
			 err);
}

static bool parse_btauth_signature(const struct sign_headers *h, struct sign_claim *out,
				   struct error *err)
{
	struct slice value = h->values[SIGN_HEADER_BTAUTH_SIGNATURE];
	bool has_mark = value.len > 2 && memcmp(value.at, "0x", 2) == 0;
	struct slice digits =
		has_mark ? (struct slice){value.at + 2, value.len - 2} : (struct slice){0};

	return parse_hex(digits, true, out->signature, sizeof(out->signature)) ||
	       fail_form(SIGN_HEADER_BTAUTH_SIGNATURE, "'0x' with 128 hexadecimal digits", err);
}

static bool parse_body_hash(const struct sign_headers *h, struct sign_claim *out, struct error *err)
{
	out->has_body_hash = is_there(h, SIGN_HEADER_BTAUTH_BODY);
	return !out->has_body_hash ||
	       parse_hex(h->values[SIGN_HEADER_BTAUTH_BODY], false, out->body_hash,
			 sizeof(out->body_hash)) ||
	       fail_form(SIGN_HEADER_BTAUTH_BODY, "of 64 hexadecimal digits in small letters", err);
}

static bool parse_btauth(const struct sign_headers *h, struct sign_claim *out, struct error *err)
{
	char receiver[SS58_TEXT_SIZE];

	if (!check_complete(h, SIGN_HEADER_BTAUTH_VERSION, SIGN_HEADER_BTAUTH_BODY, err))
		return false;
	if (!is_text(h->values[SIGN_HEADER_BTAUTH_VERSION], BTAUTH_VERSION))
		return fail_form(SIGN_HEADER_BTAUTH_VERSION, "'" BTAUTH_VERSION "'", err);
	if (is_there(h, SIGN_HEADER_BTAUTH_CRYPTO) &&
	    !is_text(h->values[SIGN_HEADER_BTAUTH_CRYPTO], BTAUTH_CRYPTO))
		return fail_form(SIGN_HEADER_BTAUTH_CRYPTO, "'" BTAUTH_CRYPTO "'", err);
	return parse_address(h, SIGN_HEADER_BTAUTH_HOTKEY, out->public_key, out->hotkey, err) &&
	       parse_nonce(h, SIGN_HEADER_BTAUTH_NONCE, 1, out, err) &&
	       parse_btauth_signature(h, out, err) &&
	       parse_address(h, SIGN_HEADER_BTAUTH_RECEIVER, out->receiver, receiver, err) &&
	       parse_body_hash(h, out, err);
}

int sign_claim_parse(const struct sign_headers *headers, struct sign_claim *out, struct error *err)
{
	bool is_chutes = has_any(headers, SIGN_HEADER_CHUTES_HOTKEY, SIGN_HEADER_CHUTES_SIGNATURE);
	bool is_btauth = has_any(headers, SIGN_HEADER_BTAUTH_VERSION, SIGN_HEADER_BTAUTH_BODY);
	struct sign_claim claim = {.scheme = is_btauth ? SIGN_BTAUTH : SIGN_CHUTES};

	if (!is_chutes && !is_btauth)
		return 0;
	if (is_chutes && is_btauth) {
		fail(err, ERROR_AUTH, "headers of both schemes, X-Chutes-... and X-Bittensor-...");
		return -1;
	}
	if (!(is_btauth ? parse_btauth : parse_chutes)(headers, &claim, err))
		return -1;
	*out = claim;
	return 1;
}
