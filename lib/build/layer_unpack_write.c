/* SPDX-License-Identifier: MIT
 * What an entry puts into the tree: create, data, owner, mode, attributes, times, in this order,
 * since a change of owner clears setuid bits and capabilities. The last component of a name is only
 * used with calls that do not follow links.
 */
#include "lib/build/layer_unpack_internal.h"

#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool write_data(struct unpack *u, int fd, const struct tar_entry *e, struct error *err)
{
	uint64_t end = 0;
	uint64_t offset = 0;
	size_t got;

	for (;;) {
		if (!tar_reader_data(u->tar, u->buffer, UNPACK_BUFFER_SIZE, &got, &offset, err))
			return false;
		if (got == 0)
			break;
		for (size_t done = 0; done < got;) {
			ssize_t n =
				pwrite(fd, u->buffer + done, got - done, (off_t)(offset + done));

			if (n < 0 && errno != EINTR)
				return unpack_errno(err, "writing", e->path);
			done += n > 0 ? (size_t)n : 0;
		}
		end = offset + got;
		u->stats.n_bytes += got;
	}
	/* a hole at the end of a sparse file */
	if (end < e->size && ftruncate(fd, (off_t)e->size) < 0)
		return unpack_errno(err, "writing", e->path);
	return true;
}

static bool create_file(struct unpack *u, const struct tar_entry *e, const char *name,
			struct error *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	auto_fd int fd = openat(u->parent_fd, name, flags, 0600);

	if (fd < 0 && errno == EEXIST) {
		if (!unpack_clear(u, name, err))
			return false;
		fd = openat(u->parent_fd, name, flags, 0600);
	}
	if (fd < 0)
		return unpack_errno(err, "creating", e->path);
	return write_data(u, fd, e, err);
}

/* A directory that is there keeps its content; its own attributes of before are taken away. */
static bool create_directory(struct unpack *u, const struct tar_entry *e, const char *name,
			     bool *existed, struct error *err)
{
	struct stat st;

	*existed = fstatat(u->parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (*existed && S_ISDIR(st.st_mode))
		return true;
	if (*existed && !unpack_clear(u, name, err))
		return false;
	*existed = false;
	return mkdirat(u->parent_fd, name, 0700) == 0 || unpack_errno(err, "creating", e->path);
}

static bool refuse_link(struct error *err, const struct tar_entry *e, const char *reason)
{
	auto_text from = {.max = 200};
	auto_text to = {.max = 200};

	text_add_printable(&from, e->path, strlen(e->path), false);
	text_add_printable(&to, e->link, strlen(e->link), false);
	return fail(err, ERROR_BUILD, "link '%s' -> '%s': %s", text_str(&from), text_str(&to),
		    reason);
}

/* The target may lie in this layer or below; overlayfs copies it up then. */
static bool create_hard_link(struct unpack *u, const struct tar_entry *e, const char *name,
			     struct error *err)
{
	bool was_outside;
	auto_free char *target = unpack_clean(e->link, &was_outside);
	struct stat st;

	if (was_outside)
		unpack_note(u, NOTE_OUTSIDE, e->link);
	if (!*target)
		return refuse_link(err, e, "the target is a directory");
	auto_free char *directory = path_directory(target);
	auto_fd int fd = inside_open(u->o->root_fd, directory, O_PATH | O_DIRECTORY, 0);
	const char *last = path_name(target);

	if (fd < 0 || fstatat(fd, last, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return refuse_link(err, e, "no such file in the image");
	if (S_ISDIR(st.st_mode))
		return refuse_link(err, e, "the target is a directory");
	auto_free char *target_parent = NULL;

	if (!unpack_canonical(u, fd, &target_parent, err))
		return false;
	if (strcmp(target_parent, u->parent_path) == 0 && strcmp(last, name) == 0)
		return true; /* a link to itself */
	if (linkat(fd, last, u->parent_fd, name, 0) == 0)
		return true;
	if (errno != EEXIST)
		return unpack_errno(err, "linking", e->path);
	if (!unpack_clear(u, name, err))
		return false;
	if (linkat(fd, last, u->parent_fd, name, 0) == 0)
		return true;
	return errno == ENOENT ? refuse_link(err, e, "the link replaces its own target")
			       : unpack_errno(err, "linking", e->path);
}

/* Devices are left out, and not only where they may not be made: nothing would stand between what
 * runs in the image and the disks of this machine. A container gets its own /dev. */
static bool create_node(struct unpack *u, const struct tar_entry *e, const char *name,
			bool *is_skipped, struct error *err)
{
	if (!unpack_clear(u, name, err))
		return false;
	*is_skipped = e->type != '6';
	if (*is_skipped) {
		unpack_note(u, NOTE_DEVICE, e->path);
		u->stats.n_skipped++;
		return true;
	}
	return mknodat(u->parent_fd, name, S_IFIFO | 0600, 0) == 0 ||
	       unpack_errno(err, "creating", e->path);
}

static bool create_link(struct unpack *u, const struct tar_entry *e, const char *name,
			struct error *err)
{
	if (symlinkat(e->link, u->parent_fd, name) == 0)
		return true;
	if (errno != EEXIST)
		return unpack_errno(err, "creating link", e->path);
	if (!unpack_clear(u, name, err))
		return false;
	return symlinkat(e->link, u->parent_fd, name) == 0 ||
	       unpack_errno(err, "creating link", e->path);
}

static bool set_owner(struct unpack *u, const struct tar_entry *e, const char *name,
		      struct error *err)
{
	uid_t uid = u->o->has_owner ? u->o->uid : e->uid;
	gid_t gid = u->o->has_owner ? u->o->gid : e->gid;

	if (u->o->ids_are_squashed)
		return true;
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return unpack_refuse(err, "unpacking", e->path, "its owner is not an id");
	if (fchownat(u->parent_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	if (errno != EINVAL)
		return unpack_errno(err, "changing the owner of", e->path);
	auto_free char *reason =
		xprintf("its owner %u:%u is outside of the ids given to this user", uid, gid);

	unpack_refuse(err, "unpacking", e->path, reason);
	return fail_hint(err, "give the user a larger range in /etc/subuid and /etc/subgid");
}

/* Attributes of the directory as it was below that `e` does not have. */
static void remove_xattrs(const char *path, const struct tar_entry *e)
{
	char names[4096];
	ssize_t len = llistxattr(path, names, sizeof(names));

	for (const char *name = names; len > 0 && name < names + len; name += strlen(name) + 1) {
		bool is_wanted = !layer_keeps_xattr(name);

		for (size_t i = 0; i < e->n_xattrs && !is_wanted; i++)
			is_wanted = strcmp(e->xattrs[i].name, name) == 0;
		if (!is_wanted)
			lremovexattr(path, name);
	}
}

static bool set_xattr(struct unpack *u, const struct tar_entry *e, const char *path,
		      const struct xattr *x, struct error *err)
{
	unsigned char capability[LAYER_CAPABILITY_BYTES];
	const void *value = x->value;
	size_t size = x->size;

	if (text_starts_with(x->name, "system.posix_acl_"))
		unpack_note(u, NOTE_ACL, e->path);
	if (!layer_keeps_xattr(x->name))
		return true;
	if (strcmp(x->name, "security.capability") == 0) {
		if (!layer_capability(value, size, capability))
			return unpack_refuse(err, "unpacking", e->path,
					     "its capabilities are malformed");
		value = capability;
		size = sizeof(capability);
	}
	if (lsetxattr(path, x->name, value, size, 0) == 0)
		return true;
	if (errno != ENOTSUP && errno != EPERM)
		return unpack_errno(err, "setting extended attributes of", e->path);
	unpack_note(u, NOTE_XATTR, e->path);
	u->stats.n_skipped++;
	return true;
}

static bool set_xattrs(struct unpack *u, const struct tar_entry *e, const char *name, bool existed,
		       struct error *err)
{
	/* no *at calls exist for these; the magic link ends at our own descriptor */
	auto_free char *path = xprintf("/proc/self/fd/%d/%s", u->parent_fd, name);

	if (existed)
		remove_xattrs(path, e);
	for (size_t i = 0; i < e->n_xattrs; i++)
		if (!set_xattr(u, e, path, &e->xattrs[i], err))
			return false;
	return true;
}

static bool set_attributes(struct unpack *u, const struct tar_entry *e, const char *name,
			   bool existed, struct error *err)
{
	struct timespec times[2] = {{.tv_sec = e->mtime}, {.tv_sec = e->mtime}};

	if (!set_owner(u, e, name, err))
		return false;
	if (e->type != '2' && fchmodat(u->parent_fd, name, e->mode & 07777, 0) < 0)
		return unpack_errno(err, "changing the mode of", e->path);
	if ((existed || e->n_xattrs > 0) && !set_xattrs(u, e, name, existed, err))
		return false;
	if (e->type != '5' && utimensat(u->parent_fd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return unpack_errno(err, "setting the time of", e->path);
	return true;
}

/* `existed`: a directory that was there. `is_done`: nothing more is to be set. */
static bool create(struct unpack *u, const struct tar_entry *e, const char *name, bool *existed,
		   bool *is_done, struct error *err)
{
	switch (e->type) {
	case '0':
		return create_file(u, e, name, err);
	case '1':
		*is_done = true; /* its attributes came with the first name */
		return create_hard_link(u, e, name, err);
	case '2':
		return create_link(u, e, name, err);
	case '3':
	case '4':
	case '6':
		return create_node(u, e, name, is_done, err);
	case '5':
		return create_directory(u, e, name, existed, err);
	default:
		return unpack_refuse(err, "unpacking", e->path, "unknown type of file");
	}
}

bool unpack_write(struct unpack *u, const struct tar_entry *e, const char *name, struct error *err)
{
	auto_free char *path = unpack_child(u, name);
	bool existed = false;
	bool is_done = false;

	if (!create(u, e, name, &existed, &is_done, err) ||
	    (!is_done && !set_attributes(u, e, name, existed, err)))
		return false;
	struct unpack_path *row = unpack_paths_write(&u->paths, path);

	if (row->is_entry && e->type != '5')
		unpack_note(u, NOTE_DUPLICATE, e->path);
	row->is_entry = true;
	row->has_mtime = e->type == '5';
	row->mtime = (struct timespec){.tv_sec = e->mtime};
	return true;
}
