/* SPDX-License-Identifier: MIT
 * Which byte may stand where, and the smallest pieces of the grammar.
 */
#include "lib/http1/http1_internal.h"

enum {
	VISIBLE = BYTE_VALUE | BYTE_TARGET,
	TOKEN = BYTE_TOKEN | VISIBLE,
	NAME = BYTE_HOST | TOKEN,
	DIGIT = BYTE_DIGIT | NAME,
};

/* clang-format off */
__extension__ const unsigned char http1_byte_classes[256] = {
	['\t'] = BYTE_VALUE,
	[' '] = BYTE_VALUE,
	['!'] = TOKEN,
	['"'] = VISIBLE,
	['#'] = BYTE_TOKEN | BYTE_VALUE,
	['$'] = TOKEN, ['%'] = TOKEN, ['&'] = TOKEN, ['\''] = TOKEN,
	['('] = VISIBLE, [')'] = VISIBLE,
	['*'] = TOKEN, ['+'] = TOKEN,
	[','] = VISIBLE,
	['-'] = NAME, ['.'] = NAME,
	['/'] = VISIBLE,
	['0' ... '9'] = DIGIT,
	[':' ... '@'] = VISIBLE,
	['A' ... 'Z'] = NAME,
	['[' ... ']'] = VISIBLE,
	['^'] = TOKEN,
	['_'] = NAME,
	['`'] = TOKEN,
	['a' ... 'z'] = NAME,
	['{'] = VISIBLE,
	['|'] = TOKEN,
	['}'] = VISIBLE,
	['~'] = TOKEN,
	[0x80 ... 0xff] = BYTE_VALUE,
};
/* clang-format on */

int http1_expect(struct cursor *c, const char *literal, const char *reason,
		 struct http1_refusal *why)
{
	for (; *literal; literal++, c->at++) {
		if (c->at == c->end)
			return 0;
		if (*c->at != *literal)
			return http1_refuse(why, 400, reason);
	}
	return 1;
}

int http1_parse_version(struct cursor *c, int *minor, const char *reason, struct http1_refusal *why)
{
	int got = http1_expect(c, "HTTP/", reason, why);

	if (got != 1)
		return got;
	const char *number = c->at; /* "1.1" */

	if (c->end - number < 3)
		return 0;
	if (!byte_is(number[0], BYTE_DIGIT) || number[1] != '.' || !byte_is(number[2], BYTE_DIGIT))
		return http1_refuse(why, 400, reason);
	if (number[0] != '1' || number[2] > '1')
		return http1_refuse(why, 505, "an HTTP version other than 1.0 and 1.1");
	*minor = number[2] - '0';
	c->at += 3;
	return 1;
}

int http1_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	char letter = (char)(c | 0x20);

	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool http1_parse_length(struct slice digits, uint64_t *out)
{
	uint64_t length = 0;

	for (size_t i = 0; i < digits.len; i++) {
		if (!byte_is(digits.at[i], BYTE_DIGIT))
			return false;
		uint64_t digit = (uint64_t)(digits.at[i] - '0');

		if (length > (INT64_MAX - digit) / 10)
			return false;
		length = length * 10 + digit;
	}
	*out = length;
	return digits.len > 0;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

struct slice http1_trim(struct slice text)
{
	while (text.len && is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

static unsigned char lower(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

bool http1_slices_match(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

bool http1_name_is(struct slice name, const char *expected)
{
	return http1_slices_match(name, text_slice(expected));
}

bool http1_list_next(struct slice *list, struct slice *element)
{
	size_t len = 0;

	if (list->len == 0)
		return false;
	while (len < list->len && list->at[len] != ',')
		len++;
	*element = http1_trim((struct slice){list->at, len});
	len += len < list->len;
	*list = (struct slice){list->at + len, list->len - len};
	return true;
}
