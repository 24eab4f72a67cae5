/* SPDX-License-Identifier: MIT
 * The mounts of a sandbox: nothing of them is seen outside, and they go with it.
 */
#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "lib/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One entry of the host's /run at the same place of ours. What cannot be bound is not there. */
static void keep(int old, int new, const char *name)
{
	struct stat st;
	char target[PATH_MAX];
	int made = -1;

	if (fstatat(old, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(old, name, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		if (n > 0 && symlinkat(target, new, name) < 0)
			log_debug("container: /run/%s: %s", name, strerror(errno));
		return;
	}
	auto_fd int tree = (int)syscall(SYS_open_tree, old, name,
					OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
						AT_SYMLINK_NOFOLLOW);

	if (tree >= 0)
		made = S_ISDIR(st.st_mode) ? mkdirat(new, name, 0755)
					   : mknodat(new, name, S_IFREG | 0644, 0);
	if (made < 0 || syscall(SYS_move_mount, tree, "", new, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		log_debug("container: /run/%s: %s", name, strerror(errno));
}

/* /run becomes ours, so that a runtime's state vanishes with the sandbox; what the host keeps there
 * stays visible: resolv.conf of its resolver, mounted disks, a user's runtime directory. */
static bool cover_run(struct error *err)
{
	auto_fd int old = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};

	if (old < 0 || mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
		return fail_errno(err, "covering /run");
	auto_fd int new = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (new < 0 || mkdir(SANDBOX_DIRECTORY, 0700) < 0)
		return fail_errno(err, "creating '%s'", SANDBOX_DIRECTORY);
	if (!directory_list(old, &names, err))
		return fail_in(err, "/run");
	for (size_t i = 0; i < names.n; i++)
		keep(old, new, names.items[i]);
	return true;
}

bool sandbox_mounts(struct sandbox *inside, struct error *err)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail_namespaces(err, inside->ids, errno);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		log_warning("a new /proc was refused (%s): containers may fail to start",
			    strerror(errno));
	/* crun refuses hybrid cgroups whatever it is told; it takes an empty directory for "none"
	 */
	if (mount("tmpfs", "/sys/fs/cgroup", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=755,size=64k") < 0 &&
	    errno != ENOENT)
		return fail_errno(err, "covering /sys/fs/cgroup");
	return cover_run(err);
}
