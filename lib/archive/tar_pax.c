/* SPDX-License-Identifier: MIT
 * PAX extended header records: only for values that the ustar header cannot hold.
 */
#include "lib/archive/tar_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static size_t n_digits(size_t number)
{
	size_t n = 1;

	for (; number >= 10; number /= 10)
		n++;
	return n;
}

void pax_add(struct text *records, const char *key, const void *value, size_t len)
{
	size_t rest = strlen(key) + len + 3; /* space, '=', newline */
	size_t total = rest + n_digits(rest);

	total = rest + n_digits(total); /* the length counts its own digits */
	text_addf(records, "%zu %s=", total, key);
	text_add_bytes(records, value, len);
	text_add_char(records, '\n');
}

static void add_number(struct text *records, const char *key, uint64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	pax_add(records, key, digits, (size_t)len);
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static bool add_xattr(struct text *records, const struct xattr *x, struct error *err)
{
	auto_text key = {0};

	/* The first '=' ends a keyword, and an empty value means "no such record". */
	if (strchr(x->name, '=') || x->size == 0)
		return fail(err, ERROR_BUILD, "the attribute '%s' cannot be written to an archive",
			    x->name);
	text_add(&key, TAR_XATTR_PREFIX);
	text_add(&key, x->name);
	pax_add(records, text_str(&key), x->value, x->size);
	return true;
}

bool pax_add_entry(struct text *records, const struct tar_entry *entry, const char *path,
		   bool path_fits, struct error *err)
{
	const char *link = entry->link ? entry->link : "";

	if (!utf8_is_valid(path, strlen(path)) || !utf8_is_valid(link, strlen(link)))
		pax_add(records, "hdrcharset", "BINARY", strlen("BINARY"));
	if (!path_fits || !is_ascii(path))
		pax_add(records, "path", path, strlen(path));
	if (strlen(link) > sizeof(((struct tar_header *)0)->link) || !is_ascii(link))
		pax_add(records, "linkpath", link, strlen(link));
	if (entry->size > TAR_SIZE_MAX)
		add_number(records, "size", entry->size);
	if (entry->uid > TAR_ID_MAX)
		add_number(records, "uid", entry->uid);
	if (entry->gid > TAR_ID_MAX)
		add_number(records, "gid", entry->gid);
	if (entry->mtime > (int64_t)TAR_SIZE_MAX)
		add_number(records, "mtime", (uint64_t)entry->mtime);
	for (size_t i = 0; i < entry->n_xattrs; i++)
		if (!add_xattr(records, &entry->xattrs[i], err))
			return false;
	if (records->len > TAR_PAX_MAX)
		return fail(err, ERROR_BUILD,
			    "names and attributes take %zu bytes; the limit is %d", records->len,
			    TAR_PAX_MAX);
	return true;
}
