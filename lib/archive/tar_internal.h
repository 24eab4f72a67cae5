/* SPDX-License-Identifier: MIT
 * The bytes of a tar archive, shared by writer and reader: the ustar header block and PAX records
 * (POSIX.1-2017, pax).
 */
#ifndef CHUTES_ARCHIVE_TAR_INTERNAL_H
#define CHUTES_ARCHIVE_TAR_INTERNAL_H

#include "lib/archive/archive.h"
#include "lib/base/text.h"

enum {
	TAR_BLOCK = 512,
	TAR_PAX_MAX = 1 << 20, /* bytes of one extended header or GNU long name */
	TAR_ID_MAX = 07777777, /* in seven octal digits */
};
#define TAR_SIZE_MAX     UINT64_C(077777777777) /* in eleven octal digits: 8 GiB - 1 */
#define TAR_XATTR_PREFIX "SCHILY.xattr."

struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char device_major[8];
	char device_minor[8];
	char prefix[155];
	char padding[12];
};

/* Sum of the header's bytes with the checksum field taken as spaces. */
unsigned tar_checksum(const struct tar_header *h);

/* Append "LEN KEY=VALUE\n". */
void pax_add(struct text *records, const char *key, const void *value, size_t len);
/* Append the records that `entry` needs beside its ustar header; `path` is the name as written,
 * `path_fits` says whether the header holds it. BUILD when an attribute cannot be expressed. */
must_use bool pax_add_entry(struct text *records, const struct tar_entry *entry, const char *path,
			    bool path_fits, struct error *err);

/* Check the raw headers of one entry, which start at `bytes`: extended headers, then its own. *type
 * gets the type flag of the last. What libarchive would repair in silence is BUILD here: numbers
 * that are none, negative sizes, malformed records, names with a NUL byte, types of multi-volume
 * archives. */
must_use bool tar_check_headers(const void *bytes, size_t len, char *type, struct error *err);

#endif
