/* SPDX-License-Identifier: MIT */
#include "lib/wallet/members_internal.h"

#include "lib/base/text.h"

#include <string.h>

/* Where reading is. */
struct reader {
	char *bytes;
	size_t len;
	size_t at;
	struct error *err;
};

static bool stop(const struct reader *r, const char *what)
{
	return fail(r->err, ERROR_FAILURE, "byte %zu: %s", r->at + 1, what);
}

static char peek(const struct reader *r)
{
	if (r->at == r->len)
		return '\0';
	return r->bytes[r->at];
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->len && strchr(" \t\r\n", r->bytes[r->at]) && r->bytes[r->at])
		r->at++;
}

static bool take_char(struct reader *r, char c)
{
	skip_blanks(r);
	if (peek(r) != c || r->at == r->len)
		return false;
	r->at++;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_unit(struct reader *r, uint32_t *out)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++, r->at++) {
		int digit = hex_digit(peek(r));

		if (digit < 0)
			return stop(r, "four hex digits are expected");
		unit = unit << 4 | (uint32_t)digit;
	}
	*out = unit;
	return true;
}

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(first[n] | c);
	return n;
}

/* Behind "\u": at most four bytes for six or twelve. */
static bool read_code_point(struct reader *r, char *to, size_t *n)
{
	uint32_t high = 0;
	uint32_t low = 0;

	if (!read_unit(r, &high))
		return false;
	if (high < 0xd800 || high > 0xdfff) {
		*n = put_utf8(to, high);
		return true;
	}
	if (high > 0xdbff || r->len - r->at < 2 || memcmp(r->bytes + r->at, "\\u", 2) != 0)
		return stop(r, "half of a pair of surrogates");
	r->at += 2;
	if (!read_unit(r, &low))
		return false;
	if (low < 0xdc00 || low > 0xdfff)
		return stop(r, "half of a pair of surrogates");
	*n = put_utf8(to, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
	return true;
}

/* Behind a backslash. */
static bool read_escape(struct reader *r, char *to, size_t *n)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	char c = peek(r);
	const char *found = c ? strchr(letters, c) : NULL;

	if (found) {
		r->at++;
		to[0] = meanings[found - letters];
		*n = 1;
		return true;
	}
	if (c != 'u')
		return stop(r, "an escape that JSON does not have");
	r->at++;
	return read_code_point(r, to, n);
}

/* A string. Decoded to where it begins unless `out` is NULL: it only gets shorter, so that what is
 * still to be read is never written to. */
static bool read_string(struct reader *r, struct slice *out)
{
	char decoded[4] = {0};
	size_t n;

	if (!take_char(r, '"'))
		return stop(r, "a string is expected");
	char *start = r->bytes + r->at;
	size_t len = 0;

	while (peek(r) != '"') {
		if (r->at == r->len)
			return stop(r, "a string does not end");
		if ((unsigned char)peek(r) < 0x20)
			return stop(r, "a control character in a string");
		decoded[0] = r->bytes[r->at++];
		n = 1;
		if (decoded[0] == '\\' && !read_escape(r, decoded, &n))
			return false;
		if (out)
			memcpy(start + len, decoded, n);
		len += n;
	}
	r->at++;
	if (out)
		*out = (struct slice){start, len};
	return true;
}

static bool skip_digits(struct reader *r)
{
	size_t from = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at > from;
}

static bool skip_number(struct reader *r)
{
	if (peek(r) == '-')
		r->at++;
	bool is_zero = peek(r) == '0';
	size_t from = r->at;

	if (!skip_digits(r) || (is_zero && r->at > from + 1))
		return stop(r, "not a number");
	if (peek(r) == '.') {
		r->at++;
		if (!skip_digits(r))
			return stop(r, "not a number");
	}
	if (ascii_lower(peek(r)) != 'e')
		return true;
	r->at++;
	if (peek(r) == '+' || peek(r) == '-')
		r->at++;
	return skip_digits(r) || stop(r, "not a number");
}

static bool skip_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if (r->len - r->at < len || memcmp(r->bytes + r->at, word, len) != 0)
		return stop(r, "a value is expected");
	r->at += len;
	return true;
}

static bool skip_value(struct reader *r, unsigned depth);

/* From behind the bracket to behind the one that closes. */
static bool skip_container(struct reader *r, bool is_object, unsigned depth)
{
	char close = is_object ? '}' : ']';

	if (depth > MEMBERS_DEPTH_LIMIT)
		return stop(r, "nested too deep");
	if (take_char(r, close))
		return true;
	do {
		if (is_object &&
		    (!read_string(r, NULL) || !(take_char(r, ':') || stop(r, "a ':' is expected"))))
			return false;
		if (!skip_value(r, depth))
			return false;
	} while (take_char(r, ','));
	return take_char(r, close) || stop(r, "a ',' or an end is expected");
}

static bool skip_value(struct reader *r, unsigned depth)
{
	if (take_char(r, '{'))
		return skip_container(r, true, depth + 1);
	if (take_char(r, '['))
		return skip_container(r, false, depth + 1);
	switch (peek(r)) {
	case '"':
		return read_string(r, NULL);
	case 'n':
		return skip_word(r, "null");
	case 't':
		return skip_word(r, "true");
	case 'f':
		return skip_word(r, "false");
	default:
		return skip_number(r);
	}
}

static bool read_value(struct reader *r, struct member *out)
{
	skip_blanks(r);
	size_t from = r->at;
	char c = peek(r);

	out->kind = MEMBER_TEXT;
	if (c == '"')
		return read_string(r, &out->value);
	if (!skip_value(r, 1))
		return false;
	out->inside = r->bytes + from;
	out->value = (struct slice){out->inside, r->at - from};
	out->kind = MEMBER_OTHER;
	if (c == 'n')
		out->kind = MEMBER_NULL;
	else if (c == '-' || (c >= '0' && c <= '9'))
		out->kind = MEMBER_NUMBER;
	return true;
}

/* Two names that differ in a blank before them only are the same. */
static struct slice bare_name(struct slice name)
{
	while (name.len > 0 && *name.at == ' ')
		name = (struct slice){name.at + 1, name.len - 1};
	return name;
}

static bool has_name(const struct members *m, struct slice name)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct slice *other = &m->items[i].name;

		if (other->len == name.len &&
		    (name.len == 0 || memcmp(other->at, name.at, name.len) == 0))
			return true;
	}
	return false;
}

static bool read_member(struct reader *r, bool is_object, struct members *m)
{
	struct member *member = &m->items[m->n];

	if (m->n == MEMBERS_MAX)
		return stop(r, "too many members");
	*member = (struct member){0};
	if (is_object) {
		if (!read_string(r, &member->name))
			return false;
		member->name = bare_name(member->name);
		if (has_name(m, member->name))
			return stop(r, "a name that stands twice");
		if (!take_char(r, ':'))
			return stop(r, "a ':' is expected");
	}
	if (!read_value(r, member))
		return false;
	m->n++;
	return true;
}

static bool read_members(struct reader *r, struct members *m)
{
	bool is_object = take_char(r, '{');
	char close = is_object ? '}' : ']';

	if (!is_object && !take_char(r, '['))
		return stop(r, "an object is expected");
	if (take_char(r, close))
		return true;
	do
		if (!read_member(r, is_object, m))
			return false;
	while (take_char(r, ','));
	return take_char(r, close) || stop(r, "a ',' or an end is expected");
}

bool members_parse(char *bytes, size_t len, struct members *out, struct error *err)
{
	struct reader r = {bytes, len, 0, err};
	struct members m = {0};

	if (!utf8_is_valid(bytes, len))
		return fail(err, ERROR_FAILURE, "binary, or not UTF-8");
	if (!read_members(&r, &m))
		return false;
	skip_blanks(&r);
	if (r.at != r.len)
		return stop(&r, "more than one value");
	*out = m;
	return true;
}

bool slice_equals(struct slice s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

const struct member *members_find(const struct members *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (slice_equals(m->items[i].name, name) && m->items[i].kind != MEMBER_NULL)
			return &m->items[i];
	return NULL;
}
