/* SPDX-License-Identifier: MIT
 * A strict look at the raw headers of an entry. libarchive is made to read broken archives too: it
 * takes garbage for 0, cuts names at a NUL byte and skips records that it cannot parse. Two readers
 * may then see two different trees in one image, so these are errors here.
 */
#include "lib/archive/tar_internal.h"

#include <ctype.h>
#include <string.h>

/* Base-256 (GNU): the first bit is set, the second is the sign. */
static bool parse_binary(const char *field, size_t size, uint64_t *out)
{
	uint64_t number = (unsigned char)field[0] & 0x3f;

	if (field[0] & 0x40)
		return false;
	for (size_t i = 1; i < size; i++) {
		if (number >> 55)
			return false;
		number = number << 8 | (unsigned char)field[i];
	}
	*out = number;
	return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\0'; }

/* Octal digits with spaces or NULs around them; empty is 0. */
static bool parse_number(const char *field, size_t size, uint64_t *out)
{
	uint64_t number = 0;
	size_t i = 0;

	if (field[0] & 0x80)
		return parse_binary(field, size, out);
	while (i < size && is_blank(field[i]))
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		number = number * 8 + (uint64_t)(field[i] - '0');
	while (i < size && is_blank(field[i]))
		i++;
	*out = number;
	return i == size;
}

static bool check_numbers(const struct tar_header *h, uint64_t *size, struct error *err)
{
	uint64_t ignored;

	if (!parse_number(h->size, sizeof(h->size), size))
		return fail(err, ERROR_BUILD, "the size is not a number");
	if (!parse_number(h->mode, sizeof(h->mode), &ignored))
		return fail(err, ERROR_BUILD, "the mode is not a number");
	if (!parse_number(h->uid, sizeof(h->uid), &ignored) ||
	    !parse_number(h->gid, sizeof(h->gid), &ignored))
		return fail(err, ERROR_BUILD, "the owner is not a number");
	/* A time before 1970 is negative in base-256, and harmless. */
	if (!(h->mtime[0] & 0x80) && !parse_number(h->mtime, sizeof(h->mtime), &ignored))
		return fail(err, ERROR_BUILD, "the time is not a number");
	return true;
}

struct record {
	const char *key;
	size_t key_len;
	const char *value;
	size_t value_len;
};

/* "LEN KEY=VALUE\n", LEN counting all of it. Moves *text behind the record. */
static bool parse_record(const char **text, const char *end, struct record *out)
{
	const char *p = *text;
	size_t len = 0;

	while (p < end && isdigit((unsigned char)*p) && len <= TAR_PAX_MAX)
		len = len * 10 + (size_t)(*p++ - '0');
	if (p == *text || p == end || *p != ' ' || len > (size_t)(end - *text))
		return false;
	const char *last = *text + len - 1;

	p++;
	if (last <= p || *last != '\n')
		return false;
	const char *equals = memchr(p, '=', (size_t)(last - p));

	if (!equals || equals == p)
		return false;
	out->key = p;
	out->key_len = (size_t)(equals - p);
	out->value = equals + 1;
	out->value_len = (size_t)(last - out->value);
	*text = last + 1;
	return true;
}

static bool has_key(const struct record *r, const char *key)
{
	return r->key_len == strlen(key) && memcmp(r->key, key, r->key_len) == 0;
}

static bool is_digits(const struct record *r)
{
	/* An empty value deletes the record; more than 19 digits do not fit 64 bits. */
	for (size_t i = 0; i < r->value_len; i++)
		if (!isdigit((unsigned char)r->value[i]))
			return false;
	return r->value_len <= 19;
}

static bool check_record(const struct record *r, struct error *err)
{
	static const char *const numbers[] = {"size", "uid", "gid", "GNU.sparse.size",
					      "GNU.sparse.realsize"};
	static const char *const names[] = {"path", "linkpath", "GNU.sparse.name"};

	for (size_t i = 0; i < array_len(numbers); i++)
		if (has_key(r, numbers[i]) && !is_digits(r))
			return fail(err, ERROR_BUILD, "the record '%s' is not a number",
				    numbers[i]);
	for (size_t i = 0; i < array_len(names); i++)
		if (has_key(r, names[i]) && memchr(r->value, '\0', r->value_len))
			return fail(err, ERROR_BUILD, "a name with a NUL byte");
	return true;
}

static bool check_pax(const char *text, size_t len, struct error *err)
{
	const char *end = text + len;
	struct record r;

	while (text < end) {
		if (!parse_record(&text, end, &r))
			return fail(err, ERROR_BUILD, "malformed extended header");
		if (!check_record(&r, err))
			return false;
	}
	return true;
}

/* GNU's long names end in one NUL byte, or in none. */
static bool check_long_name(const char *name, size_t len, struct error *err)
{
	const char *nul = memchr(name, '\0', len);

	return !nul || nul == name + len - 1 || fail(err, ERROR_BUILD, "a name with a NUL byte");
}

static bool check_extension(char type, const char *body, size_t len, struct error *err)
{
	if (type == 'L' || type == 'K')
		return check_long_name(body, len, err);
	/* Solaris' access control lists ('A') are text that nobody here reads. */
	return type == 'A' || check_pax(body, len, err);
}

bool tar_check_headers(const void *bytes, size_t len, char *type, struct error *err)
{
	const char *p = bytes;
	const char *end = p + len;

	for (;;) {
		const struct tar_header *h = (const void *)p;
		uint64_t size = 0;

		if (end - p < TAR_BLOCK)
			return fail(err, ERROR_BUILD, "headers of more than %d bytes", TAR_PAX_MAX);
		if (!check_numbers(h, &size, err))
			return false;
		if (h->type != '\0' && strchr("VMDN", h->type))
			return fail(err, ERROR_BUILD, "type '%c' is not supported", h->type);
		*type = h->type;
		if (h->type == '\0' || !strchr("xgXLKA", h->type))
			return true;
		p += TAR_BLOCK;
		if (size > (size_t)(end - p))
			return fail(err, ERROR_BUILD, "headers of more than %d bytes", TAR_PAX_MAX);
		if (!check_extension(h->type, p, size, err))
			return false;
		size_t blocks = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;

		p += blocks < (size_t)(end - p) ? blocks : (size_t)(end - p);
	}
}
