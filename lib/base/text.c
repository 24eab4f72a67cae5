/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

#include "lib/base/memory.h"

#include <stdio.h>
#include <string.h>

/* Of what was, nothing stays. */
static void forget(struct text *t)
{
	if (t->is_secret && t->bytes)
		explicit_bzero(t->bytes, t->capacity);
	free(t->bytes);
}

void text_release(struct text *t)
{
	forget(t);
	*t = (struct text){.max = t->max, .is_secret = t->is_secret};
}

void text_clear(struct text *t)
{
	if (t->is_secret && t->bytes)
		explicit_bzero(t->bytes, t->capacity);
	t->len = 0;
	t->is_cut = false;
	if (t->bytes)
		t->bytes[0] = '\0';
}

static void grow(struct text *t, size_t capacity)
{
	if (t->is_secret) { /* realloc() would leave a copy behind */
		char *bytes = xcalloc(capacity, 1);

		if (t->len)
			memcpy(bytes, t->bytes, t->len);
		forget(t);
		t->bytes = bytes;
	} else {
		t->bytes = xrealloc(t->bytes, capacity);
	}
	t->capacity = capacity;
}

/* Room for `more` bytes and the terminator; returns how many of them are allowed. */
static size_t reserve(struct text *t, size_t more)
{
	if (t->max && more > t->max - t->len) {
		more = t->max - t->len;
		t->is_cut = true;
	}
	size_t wanted = t->len + more + 1;

	if (wanted > t->capacity) {
		size_t capacity = t->capacity ? t->capacity : 64;

		while (capacity < wanted)
			capacity *= 2;
		grow(t, capacity);
	}
	return more;
}

void text_add_bytes(struct text *t, const void *bytes, size_t len)
{
	len = reserve(t, len);
	if (len)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
}

void text_add(struct text *t, const char *s) { text_add_bytes(t, s, strlen(s)); }

void text_add_char(struct text *t, char c) { text_add_bytes(t, &c, 1); }

void text_addv(struct text *t, const char *fmt, va_list args)
{
	char small[256];
	va_list again;

	va_copy(again, args);
	int wanted = vsnprintf(small, sizeof(small), fmt, args);

	if (wanted >= 0 && (size_t)wanted < sizeof(small)) {
		text_add_bytes(t, small, (size_t)wanted);
	} else if (wanted >= 0) {
		auto_free char *big = xcalloc(1, (size_t)wanted + 1);

		vsnprintf(big, (size_t)wanted + 1, fmt, again);
		text_add_bytes(t, big, (size_t)wanted);
		if (t->is_secret)
			explicit_bzero(big, (size_t)wanted);
	}
	if (t->is_secret)
		explicit_bzero(small, sizeof(small));
	va_end(again);
}

void text_addf(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_addv(t, fmt, args);
	va_end(args);
}

size_t utf8_length(const char *s, size_t len)
{
	const unsigned char *b = (const unsigned char *)s;

	if (len == 0)
		return 0;
	if (b[0] < 0x80)
		return 1;
	size_t n = b[0] >= 0xc2 && b[0] <= 0xdf   ? 2
		   : b[0] >= 0xe0 && b[0] <= 0xef ? 3
		   : b[0] >= 0xf0 && b[0] <= 0xf4 ? 4
						  : 0;

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF (RFC 3629 section 4) */
	if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
	    (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return n;
}

size_t utf8_count(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; n++) {
		size_t step = utf8_length(s + i, len - i);

		i += step ? step : 1;
	}
	return n;
}

size_t utf8_whole(const char *s, size_t len)
{
	for (size_t back = 1; back < 4 && back <= len; back++) {
		unsigned char c = (unsigned char)s[len - back];
		size_t wanted = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;

		if ((c & 0xc0) != 0x80) /* the first byte of the last character */
			return c < 0xf5 && wanted > back ? len - back : len;
	}
	return len;
}

bool utf8_is_valid(const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = utf8_length(s + i, len - i);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

static uint32_t decode(const char *s, size_t n)
{
	const unsigned char *b = (const unsigned char *)s;

	switch (n) {
	case 1:
		return b[0];
	case 2:
		return (uint32_t)(b[0] & 0x1f) << 6 | (b[1] & 0x3f);
	case 3:
		return (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
	default:
		return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3f) << 12 |
		       (uint32_t)(b[2] & 0x3f) << 6 | (b[3] & 0x3f);
	}
}

/* Line and paragraph separators and what turns the direction of writing (U+2028 to U+202E, U+2066
 * to U+2069): with these a text shows as something that it is not. */
static bool is_misleading(const char *s, size_t n)
{
	static const struct {
		const char *first;
		const char *last;
	} ranges[] = {{"\xe2\x80\xa8", "\xe2\x80\xae"}, {"\xe2\x81\xa6", "\xe2\x81\xa9"}};

	for (size_t i = 0; i < array_len(ranges); i++)
		if (n == 3 && memcmp(s, ranges[i].first, 3) >= 0 &&
		    memcmp(s, ranges[i].last, 3) <= 0)
			return true;
	return false;
}

/* C1 control characters: U+0080 to U+009F. */
static bool is_c1(const char *s, size_t n)
{
	return n == 2 && (unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0;
}

void text_add_json(struct text *t, const char *s)
{
	size_t len = strlen(s);

	text_add_char(t, '"');
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)s[i];
		size_t n = utf8_length(s + i, len - i);

		if (n == 0) {
			text_add(t, "\xef\xbf\xbd");
			i++;
			continue;
		}
		if (c == '"' || c == '\\')
			text_addf(t, "\\%c", c);
		else if (c == '\n')
			text_add(t, "\\n");
		else if (c == '\r')
			text_add(t, "\\r");
		else if (c == '\t')
			text_add(t, "\\t");
		else if (c < 0x20 || c == 0x7f || is_c1(s + i, n) || is_misleading(s + i, n))
			text_addf(t, "\\u%04x", (unsigned)decode(s + i, n));
		else
			text_add_bytes(t, s + i, n);
		i += n;
	}
	text_add_char(t, '"');
}

void text_add_shell(struct text *t, const char *s)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789@%+=:,./_-";

	if (*s && s[strspn(s, safe)] == '\0') {
		text_add(t, s);
		return;
	}
	text_add_char(t, '\'');
	for (; *s; s++)
		if (*s == '\'')
			text_add(t, "'\\''");
		else
			text_add_char(t, *s);
	text_add_char(t, '\'');
}

void text_add_python(struct text *t, const char *s)
{
	size_t len = strlen(s);

	text_add_char(t, '"');
	for (size_t i = 0; i < len;) {
		size_t n = utf8_length(s + i, len - i);
		uint32_t c = n ? decode(s + i, n) : 0xfffd;

		if (c == '"' || c == '\\')
			text_addf(t, "\\%c", (char)c);
		else if (c == '\n')
			text_add(t, "\\n");
		else if (c < 0x20 || c == 0x7f)
			text_addf(t, "\\x%02x", (unsigned)c);
		else if (c < 0x7f)
			text_add_char(t, (char)c);
		else if (c <= 0xffff)
			text_addf(t, "\\u%04x", (unsigned)c);
		else
			text_addf(t, "\\U%08x", (unsigned)c);
		i += n ? n : 1;
	}
	text_add_char(t, '"');
}

void text_add_printable(struct text *t, const char *s, size_t len, bool keep_lines)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)s[i];
		size_t n = utf8_length(s + i, len - i);

		if (n == 0 || is_c1(s + i, n) || c == 0x7f || is_misleading(s + i, n) ||
		    (c < 0x20 && !(keep_lines && (c == '\n' || c == '\t'))))
			for (size_t k = 0; k < (n ? n : 1); k++)
				text_addf(t, "\\x%02x", (unsigned char)s[i + k]);
		else
			text_add_bytes(t, s + i, n);
		i += n ? n : 1;
	}
}

void text_add_hex(struct text *t, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = bytes;

	for (size_t i = 0; i < len; i++) {
		char pair[2] = {digits[b[i] >> 4], digits[b[i] & 15]};

		text_add_bytes(t, pair, 2);
	}
}

void text_add_size(struct text *t, uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 999.5 && unit + 1 < array_len(units)) {
		value /= 1000;
		unit++;
	}
	text_addf(t, unit == 0 || value >= 9.95 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

const char *text_str(const struct text *t) { return t->bytes ? t->bytes : ""; }

char *text_take(struct text *t)
{
	char *out = t->bytes ? t->bytes : xstrdup("");

	*t = (struct text){.max = t->max, .is_secret = t->is_secret};
	return out;
}

size_t text_distance(const char *a, const char *b, size_t max)
{
	enum { LONGEST = 64 };
	size_t la = strlen(a);
	size_t lb = strlen(b);
	size_t rows[3][LONGEST + 1];

	if (la > LONGEST || lb > LONGEST || (la > lb ? la - lb : lb - la) > max)
		return max + 1;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *now = rows[i % 3];
		const size_t *up = rows[(i - 1) % 3];
		const size_t *upper = rows[(i + 1) % 3]; /* i - 2 */

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = up[j - 1] + (a[i - 1] != b[j - 1]);

			best = up[j] + 1 < best ? up[j] + 1 : best;
			best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    upper[j - 2] + 1 < best)
				best = upper[j - 2] + 1;
			now[j] = best;
		}
	}
	size_t result = rows[la % 3][lb];

	return result > max ? max + 1 : result;
}

const char *text_nearest(const char *name, const char *const *names)
{
	const char *best = NULL;
	size_t best_distance = 3;

	for (; *names; names++) {
		size_t d = text_distance(name, *names, 2);

		if (d < best_distance && 2 * d < strlen(name)) {
			best = *names;
			best_distance = d;
		}
	}
	return best;
}

char ascii_lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	return c;
}

char ascii_upper(char c)
{
	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	return c;
}

bool text_starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *s, const char *suffix)
{
	size_t ls = strlen(s);
	size_t lx = strlen(suffix);

	return ls >= lx && strcmp(s + ls - lx, suffix) == 0;
}
