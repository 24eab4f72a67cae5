/* SPDX-License-Identifier: MIT
 * What is below a layer: several trees in overlay form, merged as overlayfs merges them. A tree's
 * whiteout, file or opaque directory hides everything under it. Only deletions ask, so the merged
 * directory is found anew for each directory that deletes something.
 */
#include "lib/build/layer_pack_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

bool pack_is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

size_t pack_overlay_attribute(int fd, const char *name, char *value, size_t size)
{
	static const char *const prefixes[] = {"trusted.overlay.", "user.overlay."};

	for (size_t i = 0; i < array_len(prefixes); i++) {
		auto_free char *full = xprintf("%s%s", prefixes[i], name);
		ssize_t n = fgetxattr(fd, full, value, size);

		if (n > 0)
			return (size_t)n;
	}
	return 0;
}

bool pack_is_opaque(int fd)
{
	char value[2];

	return pack_overlay_attribute(fd, "opaque", value, sizeof(value)) == 1 && value[0] == 'y';
}

bool pack_has_attribute_whiteouts(int fd)
{
	char value[2];

	/* Linux 6.7 marks the directory with "whiteouts", later ones with an opaque "x" */
	return (pack_overlay_attribute(fd, "opaque", value, sizeof(value)) == 1 &&
		value[0] == 'x') ||
	       pack_overlay_attribute(fd, "whiteouts", value, sizeof(value)) > 0;
}

bool pack_is_attribute_whiteout(int directory_fd, const char *name, const struct stat *st)
{
	char value[2];

	if (!S_ISREG(st->st_mode) || st->st_size != 0)
		return false;
	auto_fd int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && (fgetxattr(fd, "trusted.overlay.whiteout", value, sizeof(value)) >= 0 ||
			   fgetxattr(fd, "user.overlay.whiteout", value, sizeof(value)) >= 0);
}

void lower_release(struct lower *l)
{
	for (size_t i = 0; i < l->n; i++)
		close(l->fds[i]);
	free(l->fds);
	*l = (struct lower){0};
}

static bool fail_below(const struct pack *p, struct error *err)
{
	return pack_errno(p, err, "looking below");
}

/* What one tree says of a name in one of its directories. */
enum finding { ABSENT, DELETED, DIRECTORY, OTHER, FAILED };

static enum finding look(int fd, const char *name)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? ABSENT : FAILED;
	if (S_ISDIR(st.st_mode))
		return DIRECTORY;
	if (pack_is_whiteout(&st) ||
	    (pack_has_attribute_whiteouts(fd) && pack_is_attribute_whiteout(fd, name, &st)))
		return DELETED;
	return OTHER;
}

/* Follow `path` down one tree. *fd gets the directory, or -1; *hides is set when this tree hides
 * the ones under it. */
static bool descend(const char *tree, const char *path, int *fd, bool *hides)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	auto_free char *copy = xstrdup(path);
	auto_fd int at = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *rest = copy;

	if (at < 0)
		return false;
	for (char *name; (name = strsep(&rest, "/")) && name[0] != '\0';) {
		enum finding found = look(at, name);
		int next;

		if (found == FAILED)
			return false;
		if (found != DIRECTORY) {
			*hides |= found != ABSENT;
			return true;
		}
		next = openat(at, name, flags);
		if (next < 0)
			return false;
		fd_close(&at);
		at = next;
		*hides |= pack_is_opaque(at);
	}
	*fd = at;
	at = -1;
	return true;
}

bool lower_open(const struct pack *p, struct lower *out, struct error *err)
{
	struct lower l = {.fds = xcalloc(p->o->n_lowers + 1, sizeof(*l.fds))};
	bool hides = false;

	for (size_t i = p->o->n_lowers; i > 0 && !hides; i--) {
		int fd = -1;

		if (!descend(p->o->lowers[i - 1], text_str(&p->path), &fd, &hides)) {
			fail_below(p, err);
			lower_release(&l);
			return false;
		}
		if (fd >= 0)
			l.fds[l.n++] = fd;
	}
	*out = l;
	return true;
}

int lower_has(const struct pack *p, const struct lower *l, const char *name, struct error *err)
{
	for (size_t i = 0; i < l->n; i++) {
		enum finding found = look(l->fds[i], name);

		if (found == FAILED) {
			fail_below(p, err);
			return -1;
		}
		if (found != ABSENT)
			return found != DELETED;
	}
	return 0;
}

bool lower_names(const struct pack *p, const struct lower *l, struct strings *out,
		 struct error *err)
{
	auto_strings all = {0};

	for (size_t i = 0; i < l->n; i++)
		if (!directory_list(l->fds[i], &all, err))
			return pack_fail(p, err, "looking below: %s", err->message);
	for (size_t i = 0; i < all.n; i++) {
		if (i > 0 && strcmp(all.items[i], all.items[i - 1]) == 0)
			continue;
		int has = lower_has(p, l, all.items[i], err);

		if (has < 0)
			return false;
		if (has)
			strings_add(out, all.items[i]);
	}
	return true;
}
