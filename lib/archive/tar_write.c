/* SPDX-License-Identifier: MIT
 * Write tar archives whose bytes depend on nothing but the entries: POSIX ustar headers, a PAX
 * header of one fixed name only where a value does not fit, no GNU extensions, no user names, no
 * access or change times, two zero blocks at the end.
 */
#include "lib/archive/archive.h"
#include "lib/archive/tar_internal.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is one block");

struct tar_writer {
	struct sink out;
	uint64_t data_left; /* of the current entry */
	size_t padding;     /* zero bytes behind its data */
};

static const unsigned char zeros[2 * TAR_BLOCK];

unsigned tar_checksum(const struct tar_header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	const size_t first = offsetof(struct tar_header, checksum);
	unsigned sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= first && i < first + sizeof(h->checksum) ? ' ' : bytes[i];
	return sum;
}

/* Octal digits that fill the field but for its terminator. */
static void set_octal(char *field, size_t size, uint64_t number)
{
	field[--size] = '\0';
	while (size > 0) {
		field[--size] = (char)('0' + number % 8);
		number /= 8;
	}
}

static void set_bytes(char *field, size_t size, const char *text, size_t len)
{
	memcpy(field, text, len < size ? len : size);
}

/* Split at the last slash that leaves at most 155 bytes before it, as Go's writer does. */
static bool set_path(struct tar_header *h, const char *path)
{
	size_t len = strlen(path);
	size_t slash = len - 1 < sizeof(h->prefix) + 1 ? len - 1 : sizeof(h->prefix) + 1;

	if (len <= sizeof(h->name)) {
		set_bytes(h->name, sizeof(h->name), path, len);
		return true;
	}
	while (slash > 0 && path[--slash] != '/')
		continue;
	if (slash == 0 || len - slash - 1 > sizeof(h->name)) {
		set_bytes(h->name, sizeof(h->name), path, len);
		return false;
	}
	set_bytes(h->prefix, sizeof(h->prefix), path, slash);
	set_bytes(h->name, sizeof(h->name), path + slash + 1, len - slash - 1);
	return true;
}

static uint64_t or_zero(uint64_t number, uint64_t max) { return number <= max ? number : 0; }

/* All but the path; what does not fit is zero or cut here and right in the PAX header. */
static void set_fields(struct tar_header *h, const struct tar_entry *entry)
{
	set_octal(h->mode, sizeof(h->mode), entry->mode & 07777);
	set_octal(h->uid, sizeof(h->uid), or_zero(entry->uid, TAR_ID_MAX));
	set_octal(h->gid, sizeof(h->gid), or_zero(entry->gid, TAR_ID_MAX));
	set_octal(h->size, sizeof(h->size), or_zero(entry->size, TAR_SIZE_MAX));
	set_octal(h->mtime, sizeof(h->mtime),
		  entry->mtime > 0 ? or_zero((uint64_t)entry->mtime, TAR_SIZE_MAX) : 0);
	h->type = entry->type;
	if (entry->link)
		set_bytes(h->link, sizeof(h->link), entry->link, strlen(entry->link));
	memcpy(h->magic, "ustar", sizeof(h->magic));
	memcpy(h->version, "00", sizeof(h->version));
	set_octal(h->device_major, sizeof(h->device_major), entry->device_major);
	set_octal(h->device_minor, sizeof(h->device_minor), entry->device_minor);
}

static bool put(struct tar_writer *w, const void *bytes, size_t len, struct error *err)
{
	return len == 0 || w->out.write(w->out.context, bytes, len, err);
}

static bool put_header(struct tar_writer *w, struct tar_header *h, struct error *err)
{
	/* Six digits, NUL, space: the form that every reader expects. */
	set_octal(h->checksum, sizeof(h->checksum) - 1, tar_checksum(h));
	h->checksum[sizeof(h->checksum) - 1] = ' ';
	return put(w, h, sizeof(*h), err);
}

static size_t padding_of(uint64_t size) { return (size_t)(-size % TAR_BLOCK); }

static bool put_pax(struct tar_writer *w, const struct text *records, struct error *err)
{
	const struct tar_entry entry = {.type = 'x', .mode = 0644, .size = records->len};
	struct tar_header h = {0};

	set_path(&h, "PaxHeaders/0");
	set_fields(&h, &entry);
	return put_header(w, &h, err) && put(w, text_str(records), records->len, err) &&
	       put(w, zeros, padding_of(records->len), err);
}

struct tar_writer *tar_writer_new(struct sink out)
{
	struct tar_writer *w = xcalloc(1, sizeof(*w));

	w->out = out;
	return w;
}

void tar_writer_free(struct tar_writer *w) { free(w); }

bool tar_writer_entry(struct tar_writer *w, const struct tar_entry *entry, struct error *err)
{
	auto_free char *path = xprintf("%s%s", entry->path, entry->type == '5' ? "/" : "");
	auto_text records = {0};
	struct tar_header h = {0};

	assert(w->data_left == 0 && entry->path[0] != '\0');
	assert(entry->size == 0 || entry->type == '0');
	assert(entry->device_major <= TAR_ID_MAX && entry->device_minor <= TAR_ID_MAX);
	bool path_fits = set_path(&h, path);

	set_fields(&h, entry);
	if (!pax_add_entry(&records, entry, path, path_fits, err))
		return fail_in(err, "'%s'", entry->path);
	if (records.len > 0 && !put_pax(w, &records, err))
		return false;
	w->data_left = entry->size;
	w->padding = padding_of(entry->size);
	return put_header(w, &h, err);
}

bool tar_writer_data(struct tar_writer *w, const void *bytes, size_t len, struct error *err)
{
	assert(len <= w->data_left);
	if (len == 0)
		return true;
	w->data_left -= len;
	return put(w, bytes, len, err) && (w->data_left > 0 || put(w, zeros, w->padding, err));
}

bool tar_writer_finish(struct tar_writer *w, struct error *err)
{
	assert(w->data_left == 0);
	return put(w, zeros, sizeof(zeros), err);
}
