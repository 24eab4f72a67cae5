/* SPDX-License-Identifier: MIT */
#include "lib/crypto/ss58.h"

#include "lib/crypto/blake2b.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
	BASE = 58,
	ONE_BYTE_NETWORKS = 64,
	/* network, account, checksum */
	MAX_BYTES = 2 + SS58_MAX_ACCOUNT_BYTES + 2,
	MAX_LETTERS = SS58_TEXT_SIZE - 1,
};

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* What base58 decodes to: a number, big-endian, behind as many zero bytes as the text begins with
 * ones. Returns how many bytes, 0 when they are more than MAX_BYTES. */
static size_t base58_decode(const char *text, unsigned char out[MAX_BYTES])
{
	unsigned char number[MAX_BYTES] = {0};
	size_t n_zeros = strspn(text, "1");
	size_t first = 0;

	for (const char *at = text; *at; at++) {
		unsigned carry = (unsigned)(strchr(alphabet, *at) - alphabet);

		for (size_t i = MAX_BYTES; i-- > 0; carry >>= 8) {
			carry += number[i] * BASE;
			number[i] = (unsigned char)carry;
		}
		if (carry)
			return 0;
	}
	while (first < MAX_BYTES && number[first] == 0)
		first++;
	if (n_zeros > first)
		return 0;
	memset(out, 0, n_zeros);
	memcpy(out + n_zeros, number + first, MAX_BYTES - first);
	return n_zeros + MAX_BYTES - first;
}

static void base58_encode(const unsigned char *bytes, size_t len, char out[SS58_TEXT_SIZE])
{
	unsigned char digits[MAX_LETTERS] = {0};
	size_t n_zeros = 0;
	size_t first = 0;
	size_t n = 0;

	while (n_zeros < len && bytes[n_zeros] == 0)
		n_zeros++;
	for (size_t k = 0; k < len; k++) {
		unsigned carry = bytes[k];

		for (size_t i = MAX_LETTERS; i-- > 0; carry /= BASE) {
			carry += digits[i] * 256U;
			digits[i] = (unsigned char)(carry % BASE);
		}
		assert(carry == 0);
	}
	while (first < MAX_LETTERS && digits[first] == 0)
		first++;
	for (size_t i = 0; i < n_zeros; i++)
		out[n++] = alphabet[0];
	for (size_t i = first; i < MAX_LETTERS; i++)
		out[n++] = alphabet[digits[i]];
	out[n] = '\0';
}

static bool is_key_length(size_t len) { return len == SS58_KEY_BYTES || len == 33; }

static bool is_index_length(size_t len) { return len == 1 || len == 2 || len == 4 || len == 8; }

static size_t checksum_length(size_t account_len) { return is_key_length(account_len) ? 2 : 1; }

static void checksum(const unsigned char *bytes, size_t len, unsigned char hash[BLAKE2B_MAX_BYTES])
{
	unsigned char text[7 + MAX_BYTES] = "SS58PRE";

	memcpy(text + 7, bytes, len);
	blake2b_of(text, 7 + len, hash, BLAKE2B_MAX_BYTES);
}

static bool check_letters(const char *text, struct error *err)
{
	size_t len = strnlen(text, SS58_TEXT_SIZE);
	size_t good = strspn(text, alphabet);

	if (len == 0)
		return fail(err, ERROR_USAGE, "the address is empty");
	if (len > MAX_LETTERS)
		return fail(err, ERROR_USAGE, "address '%.10s...' has more than %d characters",
			    text, MAX_LETTERS);
	if (good == len)
		return true;
	if (text[good] > ' ' && text[good] <= '~')
		return fail(err, ERROR_USAGE, "address '%s': no address has the character '%c'",
			    text, text[good]);
	return fail(err, ERROR_USAGE, "character %zu of the address is no letter or digit",
		    good + 1);
}

static bool fail_length(const char *text, struct error *err)
{
	fail(err, ERROR_USAGE, "address '%s' is too short or too long", text);
	return fail_hint(err, "copy it again: a hotkey or coldkey has 48 characters");
}

static bool check_network(const char *text, unsigned network, struct error *err)
{
	if (network == 46 || network == 47)
		return fail(err, ERROR_USAGE, "address '%s' is of network %u, which is reserved",
			    text, network);
	return true;
}

bool ss58_parse(const char *text, struct ss58 *out, struct error *err)
{
	unsigned char bytes[MAX_BYTES] = {0};
	unsigned char hash[BLAKE2B_MAX_BYTES];
	struct ss58 address = {0};

	if (!check_letters(text, err))
		return false;

	size_t len = base58_decode(text, bytes);
	size_t before = bytes[0] < ONE_BYTE_NETWORKS ? 1 : 2;
	size_t behind = len > before + SS58_KEY_BYTES ? 2 : 1;

	if (len <= before + behind)
		return fail_length(text, err);
	address.len = len - before - behind;
	if (!is_key_length(address.len) && !is_index_length(address.len))
		return fail_length(text, err);
	checksum(bytes, before + address.len, hash);
	if (memcmp(hash, bytes + before + address.len, behind) != 0) {
		fail(err, ERROR_USAGE, "address '%s' has a wrong checksum", text);
		return fail_hint(err, "copy it again: at least one character is not right");
	}
	address.network = bytes[0];
	if (before == 2)
		address.network = (bytes[0] & 0x3fU) << 2 | bytes[1] >> 6 | (bytes[1] & 0x3fU) << 8;
	/* 64 to 127 begin the form of two bytes, which is for what does not fit in one */
	if (bytes[0] >= 2 * ONE_BYTE_NETWORKS ||
	    (before == 2 && address.network < ONE_BYTE_NETWORKS))
		return fail(err, ERROR_USAGE, "address '%s' is of no network", text);
	if (!check_network(text, address.network, err))
		return false;
	memcpy(address.account, bytes + before, address.len);
	*out = address;
	return true;
}

bool ss58_format(const struct ss58 *address, char out[SS58_TEXT_SIZE], struct error *err)
{
	unsigned char bytes[MAX_BYTES];
	unsigned char hash[BLAKE2B_MAX_BYTES];
	unsigned network = address->network;
	size_t len = 0;

	if (!is_key_length(address->len) && !is_index_length(address->len))
		return fail(err, ERROR_USAGE, "no address is of an account of %zu bytes",
			    address->len);
	if (network > SS58_MAX_NETWORK || network == 46 || network == 47)
		return fail(err, ERROR_USAGE, "no address is of network %u", network);
	if (network < ONE_BYTE_NETWORKS) {
		bytes[len++] = (unsigned char)network;
	} else {
		bytes[len++] = (unsigned char)((network & 0xfc) >> 2 | 0x40);
		bytes[len++] = (unsigned char)(network >> 8 | (network & 3) << 6);
	}
	memcpy(bytes + len, address->account, address->len);
	len += address->len;
	checksum(bytes, len, hash);
	memcpy(bytes + len, hash, checksum_length(address->len));
	base58_encode(bytes, len + checksum_length(address->len), out);
	return true;
}

bool ss58_parse_key(const char *text, unsigned char public_key[SS58_KEY_BYTES], struct error *err)
{
	struct ss58 address = {0};

	if (!ss58_parse(text, &address, err))
		return false;
	if (address.network != SS58_BITTENSOR)
		return fail(err, ERROR_USAGE,
			    "address '%s' is of network %u, not of Bittensor (%d)", text,
			    address.network, SS58_BITTENSOR);
	if (address.len != SS58_KEY_BYTES)
		return fail(err, ERROR_USAGE, "address '%s' is not that of a key of %d bytes", text,
			    SS58_KEY_BYTES);
	memcpy(public_key, address.account, SS58_KEY_BYTES);
	return true;
}

void ss58_format_key(const unsigned char public_key[SS58_KEY_BYTES], char out[SS58_TEXT_SIZE])
{
	struct ss58 address = {.network = SS58_BITTENSOR, .len = SS58_KEY_BYTES};
	struct error err;

	memcpy(address.account, public_key, SS58_KEY_BYTES);

	bool done = ss58_format(&address, out, &err);

	assert(done);
}
