/* SPDX-License-Identifier: MIT
 * From libarchive's entry to ours: limits, cleaned names, one value per attribute.
 */
#include "lib/archive/tar_read_internal.h"

#include "lib/base/memory.h"

#include <archive_entry.h>
#include <inttypes.h>
#include <string.h>

/* NAME_MAX of every file system that an image is unpacked to, and a prefix of four bytes such as a
 * layer's ".wh.", which is not part of the name there. */
enum { COMPONENT_MAX = 255 + 4 };

static bool check_path(const struct tar_limits *limits, const char *path, struct error *err)
{
	size_t len = strlen(path);

	if (len > limits->max_path)
		return fail(err, ERROR_BUILD, "a path of %zu bytes; the limit is %zu", len,
			    limits->max_path);
	for (const char *p = path; *p;) {
		size_t component = strcspn(p, "/");

		if (component > COMPONENT_MAX)
			return fail(err, ERROR_BUILD, "a name of %zu bytes; the limit is %d",
				    component, COMPONENT_MAX);
		p += component;
		p += strspn(p, "/");
	}
	return true;
}

/* Without leading "./" and trailing "/"; the root is "." (or "/", when it was written so). */
static void set_path(struct text *out, const char *path)
{
	while (path[0] == '.' && path[1] == '/') {
		path++;
		path += strspn(path, "/");
	}
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	text_clear(out);
	text_add_bytes(out, len > 0 ? path : ".", len > 0 ? len : 1);
}

static bool set_names(struct tar_names *b, const struct tar_limits *limits, struct archive_entry *e,
		      struct tar_entry *entry, struct error *err)
{
	const char *path = archive_entry_pathname(e);
	const char *hard_link = archive_entry_hardlink(e);
	const char *link = hard_link ? hard_link : archive_entry_symlink(e);
	bool is_link = hard_link || entry->type == '2';

	if (!path || path[0] == '\0')
		return fail(err, ERROR_BUILD, "an empty name");
	if (!check_path(limits, path, err))
		return false;
	set_path(&b->path, path);
	entry->path = text_str(&b->path);
	if (!is_link)
		return true;
	if (!link || link[0] == '\0')
		return fail(err, ERROR_BUILD, "'%s' is a link to nothing", entry->path);
	if (!check_path(limits, link, err))
		return false;
	text_clear(&b->link);
	if (hard_link)
		set_path(&b->link, link);
	else
		text_add(&b->link, link);
	entry->link = text_str(&b->link);
	return true;
}

static bool has_xattr(const struct tar_names *b, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(b->xattrs[i].name, name) == 0)
			return true;
	return false;
}

/* An attribute may be there twice, for libarchive writes it in two forms. libarchive lists the last
 * record first, and the last record counts. */
static bool set_xattrs(struct tar_names *b, const struct tar_limits *limits,
		       struct archive_entry *e, struct tar_entry *entry, struct error *err)
{
	struct xattr x;
	size_t n = 0;

	archive_entry_xattr_reset(e);
	while (archive_entry_xattr_next(e, &x.name, &x.value, &x.size) == ARCHIVE_OK) {
		if (x.size > limits->max_xattr_value)
			return fail(err, ERROR_BUILD,
				    "'%s': an attribute of %zu bytes; the limit is %zu",
				    entry->path, x.size, limits->max_xattr_value);
		if (has_xattr(b, n, x.name))
			continue;
		if (n == limits->max_xattrs)
			return fail(err, ERROR_BUILD, "'%s': more than %zu attributes", entry->path,
				    limits->max_xattrs);
		b->xattrs = list_grow(b->xattrs, n, &b->xattrs_capacity, sizeof(*b->xattrs));
		b->xattrs[n++] = x;
	}
	entry->xattrs = b->xattrs;
	entry->n_xattrs = n;
	return true;
}

/* The type flag as the archive has it, but for the several forms of regular files and for names
 * whose trailing slash makes a directory in archives of before 1988. */
static char type_of(struct archive_entry *e, char raw)
{
	if (raw != '\0' && !strchr("01234567S", raw))
		return raw;
	if (archive_entry_hardlink(e))
		return '1';
	switch (archive_entry_filetype(e)) {
	case AE_IFLNK:
		return '2';
	case AE_IFCHR:
		return '3';
	case AE_IFBLK:
		return '4';
	case AE_IFDIR:
		return '5';
	case AE_IFIFO:
		return '6';
	default:
		return '0';
	}
}

static bool set_numbers(struct archive_entry *e, struct tar_entry *entry, struct error *err)
{
	const int64_t id_max = UINT32_MAX - 1; /* the last one means "no id" to chown() */
	int64_t uid = archive_entry_uid(e);
	int64_t gid = archive_entry_gid(e);
	int64_t size = entry->type == '0' ? archive_entry_size(e) : 0;

	if (uid < 0 || uid > id_max || gid < 0 || gid > id_max)
		return fail(err, ERROR_BUILD,
			    "'%s': the owner %" PRId64 ":%" PRId64 " is outside 0 to %" PRId64,
			    entry->path, uid, gid, id_max);
	if (size < 0)
		return fail(err, ERROR_BUILD, "'%s': a negative size", entry->path);
	entry->size = (uint64_t)size;
	entry->uid = (uid_t)uid;
	entry->gid = (gid_t)gid;
	entry->mode = archive_entry_perm(e) & 07777;
	entry->mtime = archive_entry_mtime(e);
	if (entry->type == '3' || entry->type == '4') {
		entry->device_major = (unsigned)archive_entry_rdevmajor(e);
		entry->device_minor = (unsigned)archive_entry_rdevminor(e);
	}
	return true;
}

bool tar_entry_convert(struct archive_entry *e, char raw_type, const struct tar_limits *limits,
		       struct tar_names *b, struct tar_entry *out, struct error *err)
{
	struct tar_entry entry = {.type = type_of(e, raw_type)};

	if (!set_names(b, limits, e, &entry, err) || !set_numbers(e, &entry, err) ||
	    !set_xattrs(b, limits, e, &entry, err))
		return false;
	*out = entry;
	return true;
}

void tar_names_release(struct tar_names *b)
{
	text_release(&b->path);
	text_release(&b->link);
	free(b->xattrs);
	*b = (struct tar_names){0};
}
