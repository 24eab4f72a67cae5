/* SPDX-License-Identifier: MIT
 * Numbers and values compared as JSON means them: 1 and 1.0 are the same, and no digit is lost on
 * the way between integers and reals.
 */
#include "lib/data/json_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool json_is_number(const struct json *value)
{
	enum json_kind kind = json_kind(value);

	return kind == JSON_KIND_INTEGER || kind == JSON_KIND_REAL;
}

bool json_is_whole(const struct json *value)
{
	return json_kind(value) == JSON_KIND_INTEGER ||
	       (json_kind(value) == JSON_KIND_REAL &&
		floor(json_real_of(value)) == json_real_of(value));
}

static int compare_mixed(int64_t i, double r)
{
	if (r >= 0x1p63)
		return -1;
	if (r < -0x1p63)
		return 1;
	int64_t whole = (int64_t)r; /* towards zero */
	double rest = r - (double)whole;

	if (i != whole)
		return i < whole ? -1 : 1;
	return rest > 0 ? -1 : rest < 0;
}

int json_compare_numbers(const struct json *a, const struct json *b)
{
	bool is_a = json_kind(a) == JSON_KIND_INTEGER;
	bool is_b = json_kind(b) == JSON_KIND_INTEGER;

	if (is_a && is_b)
		return (json_integer_of(a) > json_integer_of(b)) -
		       (json_integer_of(a) < json_integer_of(b));
	if (is_a)
		return compare_mixed(json_integer_of(a), json_real_of(b));
	if (is_b)
		return -compare_mixed(json_integer_of(b), json_real_of(a));
	return (json_real_of(a) > json_real_of(b)) - (json_real_of(a) < json_real_of(b));
}

/* --- multiples: on the decimal digits, as people mean 0.3 and 0.1 */

struct decimal {
	uint64_t digits; /* without zeros at the end */
	int exponent;
};

static void format_real(double r, char out[32])
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, 32, "%.*e", digits - 1, r);
		if (strtod(out, NULL) == r)
			return;
	}
}

static struct decimal decimal_of(const struct json *value)
{
	struct decimal d = {0};

	if (json_kind(value) == JSON_KIND_INTEGER) {
		int64_t i = json_integer_of(value);

		d.digits = i < 0 ? -(uint64_t)i : (uint64_t)i;
	} else {
		char text[32];
		const char *at = text;

		format_real(fabs(json_real_of(value)), text);
		for (; *at != 'e'; at++)
			if (*at != '.')
				d.digits = d.digits * 10 + (uint64_t)(*at - '0');
		size_t n_fraction = at - text > 1 ? (size_t)(at - text) - 2 : 0;

		d.exponent = (int)strtol(at + 1, NULL, 10) - (int)n_fraction;
	}
	while (d.digits && d.digits % 10 == 0) {
		d.digits /= 10;
		d.exponent++;
	}
	return d;
}

__extension__ typedef unsigned __int128 wide;

bool json_is_multiple(const struct json *value, const struct json *of)
{
	struct decimal a = decimal_of(value);
	struct decimal b = decimal_of(of);
	int shift = a.exponent - b.exponent;

	if (a.digits == 0 || b.digits == 0)
		return a.digits == 0;
	if (shift < -19) /* more places than the step's digits can fill */
		return false;
	wide rest = a.digits;
	wide step = b.digits;

	for (; shift < 0; shift++)
		step *= 10;
	rest %= step;
	for (; shift > 0 && rest; shift--)
		rest = rest * 10 % step;
	return rest == 0;
}

/* --- whole values */

static bool are_equal_objects(const struct json *a, const struct json *b, size_t *work);

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static bool are_equal(const struct json *a, const struct json *b, size_t *work)
{
	enum json_kind kind = json_kind(a);

	++*work;
	if (json_is_number(a) && json_is_number(b))
		return json_compare_numbers(a, b) == 0;
	if (kind != json_kind(b))
		return false;
	switch (kind) {
	case JSON_KIND_BOOL:
		return json_bool(a) == json_bool(b);
	case JSON_KIND_TEXT:
		return strcmp(json_text(a), json_text(b)) == 0;
	case JSON_KIND_LIST:
		if (json_count(a) != json_count(b))
			return false;
		for (size_t i = 0; i < json_count(a); i++)
			if (!are_equal(json_at(a, i), json_at(b, i), work))
				return false;
		return true;
	case JSON_KIND_OBJECT:
		return json_count(a) == json_count(b) && are_equal_objects(a, b, work);
	case JSON_KIND_NULL:
	case JSON_KIND_INTEGER:
	case JSON_KIND_REAL:
		break;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static bool are_equal_objects(const struct json *a, const struct json *b, size_t *work)
{
	void *position = NULL;
	const char *key;
	const struct json *value;

	while (json_next(a, &position, &key, &value)) {
		const struct json *other = json_member(b, key);

		if (!other || !are_equal(value, other, work))
			return false;
	}
	return true;
}

bool json_is_equal(const struct json *a, const struct json *b, size_t *work)
{
	return are_equal(a, b, work);
}

static uint64_t hash_bytes(uint64_t h, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ at[i]) * 1099511628211U; /* FNV-1a */
	return h;
}

/* NOLINTNEXTLINE(misc-no-recursion): likewise */
uint64_t json_hash(const struct json *value, size_t *work)
{
	const uint64_t start = 14695981039346656037U + (uint64_t)json_kind(value);
	uint64_t h = start;

	++*work;
	if (json_is_number(value)) {
		double r = json_real_of(value) + 0.0; /* no negative zero */

		return hash_bytes(14695981039346656037U, &r, sizeof(r));
	}
	if (json_kind(value) == JSON_KIND_TEXT)
		return hash_bytes(h, json_text(value), strlen(json_text(value)));
	if (json_kind(value) == JSON_KIND_BOOL)
		return h + json_bool(value);
	for (size_t i = 0; json_kind(value) == JSON_KIND_LIST && i < json_count(value); i++)
		h = h * 31 + json_hash(json_at(value, i), work);
	if (json_kind(value) == JSON_KIND_OBJECT) {
		void *position = NULL;
		const char *key;
		const struct json *member;

		while (json_next(value, &position, &key, &member)) /* in any order */
			h += hash_bytes(start, key, strlen(key)) * json_hash(member, work);
	}
	return h;
}

void json_add_shown(const struct json *value, size_t room, struct text *out)
{
	auto_text written = {0};

	if (json_kind(value) == JSON_KIND_REAL) {
		double r = json_real_of(value);
		char text[32];

		for (int digits = 15; digits <= 17; digits++) {
			snprintf(text, sizeof(text), "%.*g", digits, r);
			if (strtod(text, NULL) == r)
				break;
		}
		text_add(out, text);
		return;
	}
	json_write(value, &written);
	if (written.len <= room) {
		text_add_bytes(out, text_str(&written), written.len);
		return;
	}
	size_t len = 0;
	size_t n = 0;

	while ((n = utf8_length(written.bytes + len, written.len - len)) > 0 && len + n <= room)
		len += n;
	text_add_bytes(out, text_str(&written), len);
	text_add(out, "...");
}
