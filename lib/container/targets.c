/* SPDX-License-Identifier: MIT
 * The targets of mounts in a root file system. A runtime creates those that are missing, and so
 * they would be part of the layer: what was not there before and is empty afterwards is removed.
 */
#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_LIMIT = 8 };

/* The place that a link at `path` names, with `rest` behind it; NULL when there is no link. */
static char *follow(int root, const char *path, const char *rest)
{
	auto_fd int link = inside_open(root, path, O_PATH | O_NOFOLLOW, 0);
	char target[PATH_MAX];
	ssize_t n = link < 0 ? -1 : readlinkat(link, "", target, sizeof(target) - 1);

	if (n <= 0)
		return NULL;
	target[n] = '\0';
	auto_free char *directory = path_directory(path);
	auto_free char *place = path_join(directory, target);
	auto_free char *whole = xprintf("/%s/%s", place, rest);

	return path_clean(whole);
}

/* Length of the part of `path` that is missing from: all up to the first component that does not
 * exist. 0: nothing is missing. */
static size_t first_missing(int root, const char *path)
{
	for (size_t i = 1;; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		auto_free char *part = xstrndup(path, i);
		auto_fd int fd = inside_open(root, part, O_PATH, 0);

		if (fd < 0)
			return errno == ENOENT ? i : 0;
		if (path[i] == '\0')
			return 0;
	}
}

static void note(struct targets *t, char *path, size_t first)
{
	struct target target = {.path = path, .first_missing = first};
	auto_free char *part = xstrndup(path, first);
	auto_free char *parent = path_directory(part);
	auto_fd int fd = inside_open(t->root_fd, parent, O_PATH, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		free(path);
		return;
	}
	target.times[0] = st.st_atim;
	target.times[1] = st.st_mtim;
	t->items = list_grow(t->items, t->n, &t->capacity, sizeof(*t->items));
	t->items[t->n++] = target;
}

void targets_add(struct targets *t, const char *target)
{
	char *path = path_clean(target);

	for (int i = 0; i < LINKS_LIMIT && path[0] == '/'; i++) {
		size_t first = first_missing(t->root_fd, path);

		if (first == 0)
			break;
		auto_free char *part = xstrndup(path, first);
		char *next = follow(t->root_fd, part, path + first);

		if (!next) {
			note(t, path, first);
			return;
		}
		free(path);
		path = next;
	}
	free(path);
}

/* Remove what is empty at `path`: a directory, or a file of no bytes. */
static bool remove_empty(int root, const char *path)
{
	auto_free char *directory = path_directory(path);
	auto_fd int parent = inside_open(root, directory, O_PATH | O_DIRECTORY, 0);
	const char *name = path_name(path);
	struct stat st;

	if (parent < 0 || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return unlinkat(parent, name, AT_REMOVEDIR) == 0;
	return S_ISREG(st.st_mode) && st.st_size == 0 && unlinkat(parent, name, 0) == 0;
}

static void clean(int root, const struct target *t)
{
	auto_free char *path = xstrdup(t->path);

	while (strlen(path) >= t->first_missing) {
		if (!remove_empty(root, path))
			return; /* somebody put something there: then it is part of the step */
		char *up = path_directory(path);

		free(path);
		path = up;
	}
	auto_fd int parent = inside_open(root, path, O_RDONLY | O_DIRECTORY, 0);

	if (parent >= 0)
		futimens(parent, t->times);
}

void targets_clean(const struct targets *t)
{
	for (size_t i = t->n; i > 0; i--)
		clean(t->root_fd, &t->items[i - 1]);
}

void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->items[i].path);
	free(t->items);
	fd_close(&t->root_fd);
}
