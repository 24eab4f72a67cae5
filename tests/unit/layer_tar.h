/* SPDX-License-Identifier: MIT
 * Small layers for tests, one line for each member, and looks at the tree they gave.
 */
#ifndef CHUTES_TESTS_LAYER_TAR_H
#define CHUTES_TESTS_LAYER_TAR_H

#include "lib/archive/archive.h"
#include "lib/base/io.h"
#include "lib/base/text.h"
#include "lib/base/tree.h"
#include "lib/build/layer.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A member without what most tests do not care for: mode 0755 or 0644, 0:0, mtime 1000. */
struct member {
	char type; /* 0: a file */
	const char *path;
	const char *content; /* or the target of a link */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int64_t mtime;
	unsigned device_minor;
	struct xattr xattr;
};

static inline bool layer_write(struct tar_writer *w, const struct member *m, struct error *err)
{
	struct tar_entry e = {
		.path = m->path,
		.type = m->type ? m->type : '0',
		.mode = m->mode          ? m->mode
			: m->type == '5' ? 0755
					 : 0644,
		.uid = m->uid,
		.gid = m->gid,
		.mtime = m->mtime ? m->mtime : 1000,
		.device_major = m->device_minor ? 1 : 0,
		.device_minor = m->device_minor,
		.xattrs = &m->xattr,
		.n_xattrs = m->xattr.name ? 1 : 0,
	};

	if (e.type == '1' || e.type == '2')
		e.link = m->content;
	else if (e.type == '0' && m->content)
		e.size = strlen(m->content);
	return tar_writer_entry(w, &e, err) &&
	       (e.size == 0 || tar_writer_data(w, m->content, e.size, err));
}

static inline bool layer_tar(const struct member *members, size_t n, struct text *out,
			     struct error *err)
{
	struct tar_writer *w = tar_writer_new(sink_of_text(out));
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++)
		ok = layer_write(w, &members[i], err);
	ok = ok && tar_writer_finish(w, err);
	tar_writer_free(w);
	return ok;
}

/* What the last unpacking said beside success or failure. */
static struct strings unpack_notes;
static struct layer_stats unpack_stats;

static inline bool layer_apply_as(struct layer_unpack_options o, const struct member *members,
				  size_t n, struct error *err)
{
	auto_text tar = {0};

	if (!layer_tar(members, n, &tar, err))
		return false;
	struct memory bytes = {text_str(&tar), tar.len};

	o.limits = tar_limits_default;
	strings_release(&unpack_notes);
	return layer_unpack(&o, source_of_memory(&bytes), &unpack_stats, &unpack_notes, err) &&
	       bytes.len == 0;
}

/* Unpack the members into the directory `root_fd`. */
#define layer_apply(fd, err, ...)                                                                  \
	layer_apply_as((struct layer_unpack_options){.root_fd = (fd)},                             \
		       (const struct member[]){__VA_ARGS__},                                       \
		       sizeof((const struct member[]){__VA_ARGS__}) / sizeof(struct member),       \
		       (err))

static inline const char *note(size_t i) { return i < unpack_notes.n ? unpack_notes.items[i] : ""; }

/* The file's content, a link's target in "<>", "(directory)", "(none)" or "(other)". Overwritten by
 * the next but seven. */
static inline const char *look(int root_fd, const char *path)
{
	static char shown[8][300];
	static unsigned turn;
	char *out = shown[turn++ % 8];
	struct stat st;

	memset(out, 0, sizeof(shown[0]));
	if (fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return "(none)";
	if (S_ISDIR(st.st_mode))
		return "(directory)";
	if (S_ISLNK(st.st_mode)) {
		out[0] = '<';
		ssize_t n = readlinkat(root_fd, path, out + 1, sizeof(shown[0]) - 3);

		out[n > 0 ? n + 1 : 1] = '>';
		return out;
	}
	if (!S_ISREG(st.st_mode))
		return "(other)";
	auto_fd int fd = openat(root_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got maybe_unused = fd < 0 ? 0 : read(fd, out, sizeof(shown[0]) - 1);

	return out;
}

static inline struct stat stat_of(int root_fd, const char *path)
{
	struct stat st = {0};

	CHECK(fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0);
	return st;
}

#endif
