/* SPDX-License-Identifier: MIT */
#include "lib/build/place.h"

#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_LIMIT = 40 };

void place_close(struct place *p)
{
	if (p->path)
		fd_close(&p->fd);
	free(p->path);
	*p = (struct place){0};
}

/* "making '/app/x' in the image: errno's text"; BUILD unless the disk is full. */
static bool fail_at(struct error *err, const char *doing, const char *directory, const char *name)
{
	int number = errno;
	auto_text shown = {.max = 300};

	text_add_printable(&shown, directory, strlen(directory), false);
	if (name && !text_ends_with(directory, "/"))
		text_add_char(&shown, '/');
	if (name)
		text_add_printable(&shown, name, strlen(name), false);
	errno = number;
	fail_errno(err, "%s '%s' in the image", doing, text_str(&shown));
	if (number != ENOSPC && number != EDQUOT)
		err->code = ERROR_BUILD;
	if (number == ENOSYS)
		fail_hint(err, "use Linux 5.6 or newer, or allow openat2(2)");
	return false;
}

static bool refuse(struct error *err, const struct place *in, const char *name, const char *why)
{
	auto_text shown = {.max = 300};

	text_add_printable(&shown, in->path, strlen(in->path), false);
	if (!text_ends_with(in->path, "/"))
		text_add_char(&shown, '/');
	text_add_printable(&shown, name, strlen(name), false);
	return fail(err, ERROR_BUILD, "'%s' %s", text_str(&shown), why);
}

static bool set_owner(const struct place *in, const char *name, const struct place_owner *owner,
		      struct error *err)
{
	if (owner->is_kept ||
	    fchownat(in->fd, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	int number = errno;

	fail_at(err, "changing the owner of", in->path, name);
	if (number == EINVAL)
		fail_hint(err, "give the user a larger range in /etc/subuid and /etc/subgid");
	return false;
}

static bool set_time(const struct place *in, const char *name, const struct timespec *mtime,
		     struct error *err)
{
	struct timespec times[2] = {*mtime, *mtime};

	return utimensat(in->fd, name, times, AT_SYMLINK_NOFOLLOW) == 0 ||
	       fail_at(err, "setting the time of", in->path, name);
}

/* --- the way to a destination */
static bool make_one(const struct place *in, const char *name, const struct place_owner *owner,
		     const struct timespec *mtime, struct error *err)
{
	if (mkdirat(in->fd, name, 0755) < 0)
		return fail_at(err, "making", in->path, name);
	/* the mode in spite of any umask */
	if (fchmodat(in->fd, name, 0755, 0) < 0)
		return fail_at(err, "changing the mode of", in->path, name);
	return set_owner(in, name, owner, err) && (!mtime || set_time(in, name, mtime, err));
}

static bool exists(const struct place *in, const char *name)
{
	struct stat st;

	return fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool place_open(int root_fd, const char *path, const struct place_owner *owner,
		const struct timespec *mtime, struct place *out, struct error *err)
{
	auto_place at = {.fd = inside_open(root_fd, path, O_PATH | O_DIRECTORY, 0),
			 .path = xstrdup(path)};
	const char *end = path;

	if (at.fd < 0 && errno == ENOENT)
		at.fd = inside_open(root_fd, "", O_PATH | O_DIRECTORY, 0);
	else
		end = path + strlen(path);
	if (at.fd < 0)
		return fail_at(err, "opening", path, NULL);
	while (*end) {
		const char *name = end + strspn(end, "/");

		end = name + strcspn(name, "/");
		auto_free char *part = xstrndup(name, (size_t)(end - name));
		auto_free char *prefix = xstrndup(path, (size_t)(end - path));
		int next = inside_open(root_fd, prefix, O_PATH | O_DIRECTORY, 0);

		if (next < 0 && errno == ENOENT && !exists(&at, part)) {
			if (!make_one(&at, part, owner, mtime, err))
				return false;
			next = inside_open(root_fd, prefix, O_PATH | O_DIRECTORY, 0);
		}
		if (next < 0)
			return fail_at(err, "opening", prefix, NULL);
		fd_close(&at.fd);
		at.fd = next;
		free(at.path);
		at.path = xstrdup(prefix);
	}
	*out = at;
	at = (struct place){0};
	return true;
}

bool place_find(int root_fd, const char *path, enum place_kind *out, struct error *err)
{
	auto_fd int fd = inside_open(root_fd, path, O_PATH, 0);
	struct stat st = {0};

	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return fail_at(err, "opening", path, NULL);
	if (fd >= 0 && fstat(fd, &st) < 0)
		return fail_at(err, "opening", path, NULL);
	*out = fd < 0 ? PLACE_NOTHING : S_ISDIR(st.st_mode) ? PLACE_DIRECTORY : PLACE_FILE;
	return true;
}

bool place_follow(int root_fd, const char *path, char **out, struct error *err)
{
	auto_free char *at = xstrdup(path);

	for (int i = 0; i < LINKS_LIMIT; i++) {
		auto_free char *directory = path_directory(at);
		auto_fd int fd = inside_open(root_fd, directory, O_PATH | O_DIRECTORY, 0);
		char target[PATH_MAX];
		ssize_t len =
			fd < 0 ? -1 : readlinkat(fd, path_name(at), target, sizeof(target) - 1);

		if (len < 0 && errno != EINVAL && errno != ENOENT)
			return fail_at(err, "opening", fd < 0 ? directory : at, NULL);
		if (len < 0) {
			*out = take(at);
			return true;
		}
		target[len] = '\0';
		auto_free char *joined = path_join(directory, target);

		free(at);
		at = path_clean(joined);
	}
	errno = ELOOP;
	return fail_at(err, "opening", path, NULL);
}

/* --- things */
/* Make room for something that is no directory. */
static bool clear(const struct place *in, const char *name, struct error *err)
{
	if (unlinkat(in->fd, name, 0) == 0 || errno == ENOENT)
		return true;
	return errno == EISDIR ? refuse(err, in, name, "is a directory in the image")
			       : fail_at(err, "replacing", in->path, name);
}

static bool refuse_directory(const struct place *in, const char *name, mode_t mode,
			     struct error *err)
{
	char target[200];
	ssize_t len;

	if (!S_ISLNK(mode))
		return refuse(err, in, name, "is a file in the image, and a directory here");
	len = readlinkat(in->fd, name, target, sizeof(target) - 1);
	target[len < 0 ? 0 : len] = '\0';
	auto_free char *why =
		xprintf("is a link to '%s' in the image, and a directory here", target);

	refuse(err, in, name, why);
	return fail_hint(err, "add its content to the link's target instead");
}

bool place_directory(const struct place *in, const char *name, const struct place_look *look,
		     struct error *err)
{
	struct stat st;

	if (mkdirat(in->fd, name, 0700) < 0) {
		if (errno != EEXIST || fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return fail_at(err, "making", in->path, name);
		if (!S_ISDIR(st.st_mode))
			return refuse_directory(in, name, st.st_mode, err);
	}
	/* a change of the owner clears setuid and setgid: it comes first */
	return set_owner(in, name, &look->owner, err) &&
	       (fchmodat(in->fd, name, look->mode, 0) == 0 ||
		fail_at(err, "changing the mode of", in->path, name));
}

bool place_link(const struct place *in, const char *name, const char *target,
		const struct place_look *look, struct error *err)
{
	if (!clear(in, name, err))
		return false;
	if (symlinkat(target, in->fd, name) < 0)
		return fail_at(err, "linking", in->path, name);
	return set_owner(in, name, &look->owner, err) && set_time(in, name, &look->mtime, err);
}

bool place_file(const struct place *in, const char *name, int *fd, struct error *err)
{
	if (!clear(in, name, err))
		return false;
	int opened =
		openat(in->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (opened < 0)
		return fail_at(err, "creating", in->path, name);
	*fd = opened;
	return true;
}

bool place_file_finish(const struct place *in, const char *name, int fd,
		       const struct place_look *look, struct error *err)
{
	struct timespec times[2] = {look->mtime, look->mtime};

	if (!set_owner(in, name, &look->owner, err))
		return false;
	if (fchmod(fd, look->mode) < 0)
		return fail_at(err, "changing the mode of", in->path, name);
	return futimens(fd, times) == 0 || fail_at(err, "setting the time of", in->path, name);
}
