/* SPDX-License-Identifier: MIT
 * What turns a Debian into the base of a chute, by writing files and not by running anything in it.
 */
#include "lib/build/debian.h"

#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUTES_ID = 1000, PASSWD_LIMIT = 1 << 20, SECONDS_A_DAY = 86400, TREE_DEPTH_MAX = 64 };

struct customize {
	int root_fd;
	int64_t epoch;
	bool ids_are_squashed;
};

static bool set_time(const struct customize *c, int fd, const char *path, struct error *err)
{
	const struct timespec times[2] = {{.tv_sec = c->epoch}, {.tv_sec = c->epoch}};

	return futimens(fd, times) == 0 || fail_errno(err, "setting the time of '/%s'", path);
}

/* Lines of `name` or with the id of our user in a file of passwd(5)'s shape. */
static bool has_line(const struct text *content, const char *path, bool *is_there,
		     struct error *err)
{
	bool has_ids = strcmp(path, "etc/passwd") == 0 || strcmp(path, "etc/group") == 0;
	auto_strings lines = {0};

	*is_there = false;
	strings_split(&lines, text_str(content), '\n');
	for (size_t i = 0; i < lines.n; i++) {
		auto_strings fields = {0};

		strings_split(&fields, lines.items[i], ':');
		if (strcmp(fields.items[0], "chutes") == 0)
			*is_there = true;
		else if (has_ids && fields.n > 2 && strcmp(fields.items[2], "1000") == 0)
			return fail(err, ERROR_BUILD,
				    "the id 1000 in '/%s' belongs to '%s', not to 'chutes'", path,
				    fields.items[0]);
	}
	return true;
}

static bool add_line(const struct customize *c, const char *path, const char *line,
		     struct error *err)
{
	auto_text content = {0};
	bool is_there;
	int found = inside_read(c->root_fd, path, PASSWD_LIMIT, &content, err);

	if (found < 0)
		return false;
	if (found == 0)
		return fail(err, ERROR_BUILD, "the base has no '/%s'", path);
	if (!has_line(&content, path, &is_there, err))
		return false;
	if (is_there)
		return true;
	auto_fd int fd = inside_open(c->root_fd, path, O_WRONLY | O_APPEND, 0);

	if (fd < 0)
		return fail_errno(err, "opening '/%s'", path);
	if (content.len > 0 && content.bytes[content.len - 1] != '\n' &&
	    !fd_write_all(fd, "\n", 1, err))
		return false;
	return fd_write_all(fd, line, strlen(line), err) && set_time(c, fd, path, err);
}

static bool add_user(const struct customize *c, struct error *err)
{
	/* shadow(5): locked, "changed" on the day of the base */
	auto_free char *shadow =
		xprintf("chutes:!:%lld:0:99999:7:::\n", (long long)(c->epoch / SECONDS_A_DAY));

	return add_line(c, "etc/passwd", "chutes:x:1000:1000::/home/chutes:/bin/bash\n", err) &&
	       add_line(c, "etc/group", "chutes:x:1000:\n", err) &&
	       add_line(c, "etc/shadow", shadow, err) &&
	       add_line(c, "etc/gshadow", "chutes:!::\n", err);
}

static bool own(const struct customize *c, int directory_fd, const char *name, struct error *err)
{
	return c->ids_are_squashed ||
	       fchownat(directory_fd, name, CHUTES_ID, CHUTES_ID, AT_SYMLINK_NOFOLLOW) == 0 ||
	       fail_errno(err, "changing the owner of '%s'", name);
}

static bool add_directory(const struct customize *c, const char *path, struct error *err)
{
	auto_fd int fd = inside_open(c->root_fd, path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0) {
		const char *slash = strrchr(path, '/');
		auto_free char *above = xstrndup(path, slash ? (size_t)(slash - path) : 0);
		auto_fd int parent = inside_open(c->root_fd, above, O_RDONLY | O_DIRECTORY, 0);
		const char *name = slash ? slash + 1 : path;

		if (parent < 0 || mkdirat(parent, name, 0755) < 0)
			return fail_errno(err, "creating '/%s'", path);
		if (!set_time(c, parent, above, err))
			return false;
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return fail_errno(err, "opening '/%s'", path);
	return own(c, fd, ".", err) && set_time(c, fd, path, err);
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by `depth` */
static bool own_tree(const struct customize *c, int fd, unsigned depth, struct error *err)
{
	auto_strings names = {0};

	if (depth > TREE_DEPTH_MAX)
		return fail(err, ERROR_BUILD, "'/usr/local' is too deep");
	if (!own(c, fd, ".", err) || !directory_list(fd, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
		auto_fd int below = openat(fd, names.items[i], flags);

		if (below >= 0 ? !own_tree(c, below, depth + 1, err)
			       : !own(c, fd, names.items[i], err))
			return false;
	}
	return true;
}

static bool own_local(const struct customize *c, struct error *err)
{
	auto_fd int fd = inside_open(c->root_fd, "usr/local", O_RDONLY | O_DIRECTORY, 0);

	return fd >= 0 ? own_tree(c, fd, 0, err) : fail_errno(err, "opening '/usr/local'");
}

/* PEP 668: with the marker, pip refuses to install outside of a virtual environment. */
static bool free_pip(const struct customize *c, struct error *err)
{
	auto_fd int lib = inside_open(c->root_fd, "usr/lib", O_RDONLY | O_DIRECTORY, 0);
	auto_strings names = {0};

	if (lib < 0)
		return fail_errno(err, "opening '/usr/lib'");
	if (!directory_list(lib, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		if (!text_starts_with(names.items[i], "python3"))
			continue;
		auto_fd int fd = openat(lib, names.items[i],
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			continue; /* a link, or no directory */
		if (unlinkat(fd, "EXTERNALLY-MANAGED", 0) == 0) {
			if (!set_time(c, fd, names.items[i], err))
				return false;
		} else if (errno != ENOENT) {
			return fail_errno(err, "removing 'EXTERNALLY-MANAGED'");
		}
	}
	return true;
}

bool debian_customize(int root_fd, const char *suite, bool ids_are_squashed, struct error *err)
{
	const struct customize c = {root_fd, debian_epoch(suite), ids_are_squashed};

	return (add_user(&c, err) && add_directory(&c, "home/chutes", err) &&
		add_directory(&c, "app", err) && own_local(&c, err) && free_pip(&c, err)) ||
	       fail_in(err, "preparing the Debian base");
}
