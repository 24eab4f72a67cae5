/* SPDX-License-Identifier: MIT */
#include "lib/call/base64.h"

#include <string.h>

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

bool base64_decode(const char *text, size_t len, struct text *out)
{
	size_t padding = 0;
	size_t start = out->len;

	if (len % 4 != 0)
		return false;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len; i += 4) {
		size_t n = i + 4 == len ? 4 - padding : 4;
		unsigned bits = 0;

		for (size_t k = 0; k < 4; k++) {
			const char *digit =
				k < n && text[i + k] ? strchr(alphabet, text[i + k]) : NULL;

			if (k < n && !digit) {
				out->len = start;
				return false;
			}
			bits = bits << 6 | (digit ? (unsigned)(digit - alphabet) : 0);
		}
		const unsigned char group[] = {bits >> 16 & 0xff, bits >> 8 & 0xff, bits & 0xff};

		text_add_bytes(out, group, n - 1);
	}
	return true;
}
