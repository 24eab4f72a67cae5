/* SPDX-License-Identifier: MIT */
#include "lib/base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *bytes, size_t len, struct text *out)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned bits = (unsigned)at[i] << 16;

		if (n > 1)
			bits |= (unsigned)at[i + 1] << 8;
		if (n > 2)
			bits |= at[i + 2];
		for (size_t k = 0; k < 4; k++)
			text_add_bytes(out, k <= n ? &alphabet[(bits >> (18 - 6 * k)) & 63] : "=",
				       1);
	}
}

/* 1 when c is one of first to last, else 0; without a branch. */
static unsigned is_between(unsigned c, unsigned first, unsigned last)
{
	return ((first - 1 - c) & (c - last - 1)) >> 31;
}

/* What a digit stands for, plus 1; 0 when it is none. */
static unsigned digit_value(unsigned char c)
{
	return is_between(c, 'A', 'Z') * (c - 'A' + 1U) |
	       is_between(c, 'a', 'z') * (c - 'a' + 27U) |
	       is_between(c, '0', '9') * (c - '0' + 53U) | is_between(c, '+', '+') * 63 |
	       is_between(c, '/', '/') * 64;
}

bool base64_decode(const char *digits, size_t len, void *out, size_t *out_len)
{
	unsigned char *bytes = out;
	unsigned is_wrong = 0;
	size_t padding = 0;

	if (len % 4 != 0)
		return false;
	while (padding < 2 && padding < len && digits[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len; i += 4) {
		size_t n = i + 4 == len ? 4 - padding : 4;
		unsigned bits = 0;

		for (size_t k = 0; k < n; k++) {
			unsigned value = digit_value((unsigned char)digits[i + k]);

			is_wrong |= is_between(value, 0, 0);
			bits |= (value - 1) << (18 - 6 * k);
		}
		for (size_t k = 0; k < n - 1; k++)
			*bytes++ = (unsigned char)(bits >> (16 - 8 * k));
		is_wrong |= bits & 0xffffffU >> 8 * (n - 1); /* which the padding hides */
	}
	*out_len = (size_t)(bytes - (unsigned char *)out);
	return !is_wrong;
}
