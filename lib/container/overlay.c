/* SPDX-License-Identifier: MIT
 * The root file system of a container: overlayfs over the trees of layers.
 *
 * Options. What makes an upper directory depend on the host's defaults is off: index, metacopy,
 * redirect_dir, xino. `redirect_dir` is "nofollow", since the kernel refuses "off" together with
 * `userxattr`, which a user namespace needs (its markers are user.overlay.* attributes). `volatile`
 * leaves out syncs: a scratch directory is used once, and layers are synced when packed. Kernels
 * that do not know an option say EINVAL: then it is tried without `volatile` (Linux 5.10), then
 * without `xino`.
 *
 * Names. Mount data is at most one page, and paths may hold ':' and ','. So every tree gets a link
 * `l/N` in the scratch directory, and the mount is made from there with relative names.
 *
 * The stub tree at the bottom holds the targets of the runtime's mounts, which would else be
 * created in the upper directory and so in the layer.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "lib/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOWERS_LIMIT = 499 }; /* the kernel's 500 with the stub tree */

static const char *const made_directories[] = {
	"upper",     "work",
	"root",      "l",
	"stub",      "stub/dev",
	"stub/proc", "stub/sys",
	"stub/run",  "stub/run/chutes",
	"stub/etc",  "stub/run/secrets",
};
static const char *const made_files[] = {
	"stub/etc/resolv.conf",
	"stub/etc/hosts",
	"stub/etc/hostname",
};

static bool make_scratch(int scratch, const struct root_options *o, struct error *err)
{
	for (size_t i = 0; i < array_len(made_directories); i++)
		if (mkdirat(scratch, made_directories[i], 0755) < 0)
			return fail_errno(err, "creating '%s'", made_directories[i]);
	for (size_t i = 0; i < array_len(made_files); i++)
		if (mknodat(scratch, made_files[i], S_IFREG | 0644, 0) < 0)
			return fail_errno(err, "creating '%s'", made_files[i]);
	for (size_t i = 0; i < o->n_lowers; i++) {
		auto_free char *link = xprintf("l/%zu", i);
		auto_free char *tree = realpath(o->lowers[i], NULL);

		if (!tree || symlinkat(tree, scratch, link) < 0)
			return fail_errno(err, "tree '%s'", o->lowers[i]);
	}
	return true;
}

/* "lowerdir=l/1:l/0:stub,upperdir=upper,workdir=work": top first. */
static void add_trees(struct text *data, const struct root_options *o)
{
	text_add(data, "lowerdir=");
	/* without an upper directory the kernel wants two lower ones at least */
	if (o->is_read_only && o->n_lowers == 0)
		text_add(data, "upper:");
	for (size_t i = o->n_lowers; i > 0; i--)
		text_addf(data, "l/%zu%s", i - 1, i == 1 && o->has_no_stub ? "" : ":");
	text_add(data, o->has_no_stub ? "" : "stub");
	if (!o->is_read_only)
		text_add(data, ",upperdir=upper,workdir=work");
}

/* mount(2) with `scratch` as working directory, in a process of its own since that directory
 * belongs to all threads. 0 or the error number. */
static int mount_at(int scratch, const char *data)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		if (fchdir(scratch) < 0 || mount("overlay", "root", "overlay", 0, data) < 0)
			_exit(errno);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static bool fail_mount(struct error *err, const char *scratch, int number)
{
	struct statfs st = {0};

	if (statfs(scratch, &st) == 0 && st.f_type == OVERLAYFS_SUPER_MAGIC) {
		fail(err, ERROR_MISSING,
		     "'%s' is on overlayfs, which cannot hold another container's changes",
		     scratch);
		return fail_hint(err, "name a directory on a volume or a tmpfs with --store");
	}
	if (number == ENODEV) {
		fail(err, ERROR_MISSING, "the kernel has no overlayfs");
		return fail_hint(err, "run 'modprobe overlay' as root");
	}
	fail(err, ERROR_MISSING, "mounting overlayfs in '%s' (file system type 0x%lx): %s", scratch,
	     (unsigned long)st.f_type, strerror(number));
	return fail_hint(err, "use a local file system (ext4, xfs, btrfs) with --store; as a user, "
			      "Linux 5.11 is needed, and 6.6 for a tmpfs");
}

static bool mount_overlay(int scratch, const struct root_options *o, const struct sandbox *inside,
			  struct error *err)
{
	static const char *const attempts[] = {",xino=off,volatile", ",xino=off", ""};
	int number = 0;

	for (size_t i = o->is_read_only ? 1 : 0; i < array_len(attempts); i++) {
		auto_text data = {0};

		add_trees(&data, o);
		text_add(&data, ",index=off,metacopy=off,redirect_dir=nofollow");
		text_add(&data, inside->is_user_namespace ? ",userxattr" : "");
		text_add(&data, attempts[i]);
		number = mount_at(scratch, text_str(&data));
		if (number != EINVAL)
			break;
	}
	return number == 0 || fail_mount(err, o->scratch, number);
}

bool root_mount(struct sandbox *inside, const struct root_options *o, struct root *out,
		struct error *err)
{
	auto_fd int scratch = open(o->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (o->n_lowers > LOWERS_LIMIT)
		return fail(err, ERROR_BUILD, "%zu layers are above the limit of %d", o->n_lowers,
			    LOWERS_LIMIT);
	if (scratch < 0)
		return fail_errno(err, "opening '%s'", o->scratch);
	if (!make_scratch(scratch, o, err))
		return fail_in(err, "preparing a root file system in '%s'", o->scratch);
	if (!mount_overlay(scratch, o, inside, err))
		return false;
	*out = (struct root){
		.path = path_join(o->scratch, "root"),
		.upper = o->is_read_only ? NULL : path_join(o->scratch, "upper"),
	};
	return true;
}

/* --- who keeps a mount busy */

/* Does a link of /proc/PID lead to `path` or below it? */
static bool leads_below(const char *link, const char *path)
{
	char target[4096];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n <= 0)
		return false;
	target[n] = '\0';
	return path_is_below(target, path);
}

static bool holds(const char *pid, const char *path)
{
	static const char *const links[] = {"root", "cwd", "exe"};
	auto_strings names = {0};
	struct error ignored; /* it may have ended meanwhile */

	for (size_t i = 0; i < array_len(links); i++) {
		auto_free char *link = xprintf("/proc/%s/%s", pid, links[i]);

		if (leads_below(link, path))
			return true;
	}
	auto_free char *directory = xprintf("/proc/%s/fd", pid);
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || !directory_list(fd, &names, &ignored))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *link = path_join(directory, names.items[i]);

		if (leads_below(link, path))
			return true;
	}
	return false;
}

static bool fail_busy(struct error *err, const char *path)
{
	auto_fd int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error ignored; /* then nobody is named */

	fail(err, ERROR_CONFLICT, "unmounting '%s': it is busy", path);
	if (proc < 0 || !directory_list(proc, &names, &ignored))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		const char *pid = names.items[i];
		auto_free char *file = xprintf("/proc/%s/comm", pid);
		auto_text name = {0};

		if (pid[0] < '0' || pid[0] > '9' || !holds(pid, path) ||
		    !file_read(file, 64, &name, &ignored))
			continue;
		auto_text shown = {0};

		text_add_printable(&shown, text_str(&name), name.len ? name.len - 1 : 0, false);
		return fail(err, ERROR_CONFLICT, "unmounting '%s': process %s (%s) keeps it busy",
			    path, pid, text_str(&shown));
	}
	return false;
}

static bool unmount(const char *path, struct error *err)
{
	/* what `volatile` left in work/ makes it useless for another mount, and it may be large */
	static const char *const disposable[] = {"root", "work", "l", "stub"};
	auto_free char *scratch = path_directory(path);
	auto_fd int fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening '%s'", scratch);
	if (umount2(path, UMOUNT_NOFOLLOW) < 0)
		return errno == EBUSY ? fail_busy(err, path)
				      : fail_errno(err, "unmounting '%s'", path);
	for (size_t i = 0; i < array_len(disposable); i++)
		if (!tree_remove(fd, disposable[i], err))
			return fail_in(err, "cleaning '%s'", scratch);
	return true;
}

bool root_unmount(struct sandbox *inside maybe_unused, struct root *r, struct error *err)
{
	bool ok = unmount(r->path, err);

	root_release(r);
	return ok;
}

bool root_use(struct sandbox *inside, const struct root_options *o,
	      bool (*use)(void *context, const struct root *root, struct error *err), void *context,
	      char **upper, struct error *err)
{
	struct root root = {0};
	struct error late; /* the first failure is the one that counts */

	if (!root_mount(inside, o, &root, err))
		return false;
	bool ok = use(context, &root, err);
	auto_free char *written = take(root.upper);

	if (!root_unmount(inside, &root, ok ? err : &late))
		ok = false;
	if (ok && upper)
		*upper = take(written);
	return ok;
}

void root_release(struct root *r)
{
	free(r->path);
	free(r->upper);
	*r = (struct root){0};
}
