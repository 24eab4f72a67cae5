/* SPDX-License-Identifier: MIT
 * A packed layer as lines, and small files to pack, for tests.
 */
#ifndef CHUTES_TESTS_LAYER_LISTING_H
#define CHUTES_TESTS_LAYER_LISTING_H

#include "lib/archive/archive.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/build/layer.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* --- files; a failure is a failed test */

static inline void make_directory(const char *path)
{
	CHECK(mkdir(path, 0755) == 0 && chmod(path, 0755) == 0);
}

static inline void make_file(const char *path, const char *content)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct error err;

	CHECK(fd >= 0 && fchmod(fd, 0644) == 0);
	CHECK(fd_write_all(fd, content, strlen(content), &err));
}

/* What overlayfs leaves for a deleted name. */
static inline void make_whiteout(const char *path)
{
	CHECK(mknod(path, S_IFCHR, makedev(0, 0)) == 0);
}

/* --- layers */

static struct text pack_tar;
static struct strings pack_notes;
static struct layer_stats pack_stats;

static inline bool pack_with(const struct layer_pack_options *o, struct error *err)
{
	text_clear(&pack_tar);
	strings_release(&pack_notes);
	return layer_pack(o, sink_of_text(&pack_tar), &pack_stats, &pack_notes, err);
}

/* "5 0755 etc", "0 0644 etc/motd 3", "2 bin -> usr/bin", … one line for each member. */
static inline void list_layer(const struct text *tar, struct text *out)
{
	struct memory m = {text_str(tar), tar->len};
	auto_tar_reader struct tar_reader *r = NULL;
	struct tar_entry e;
	struct error err;
	int status;

	if (!tar_reader_open(source_of_memory(&m), NULL, &r, &err)) {
		text_add(out, err.message);
		return;
	}
	while ((status = tar_reader_next(r, &e, &err)) > 0) {
		text_addf(out, "%c ", e.type);
		if (e.type != '1' && e.type != '2')
			text_addf(out, "%04o ", e.mode);
		text_add(out, e.path);
		if (e.link)
			text_addf(out, " -> %s", e.link);
		if (e.type == '0' && e.size > 0)
			text_addf(out, " %llu", (unsigned long long)e.size);
		if (e.type == '3' || e.type == '4')
			text_addf(out, " %u:%u", e.device_major, e.device_minor);
		text_add_char(out, '\n');
	}
	if (status < 0)
		text_add(out, err.message);
}

/* Pack `o` and compare with the lines. */
static inline void check_layer(const struct layer_pack_options *o, const char *want)
{
	auto_text got = {0};
	struct error err = {0};

	CHECK_OK(pack_with(o, &err), err);
	list_layer(&pack_tar, &got);
	CHECK_TEXT(text_str(&got), want);
}

#endif
