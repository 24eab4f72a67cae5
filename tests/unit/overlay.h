/* SPDX-License-Identifier: MIT
 * A private mount namespace for tests that need overlayfs: everything mounted in it vanishes with
 * the program.
 */
#ifndef CHUTES_TESTS_OVERLAY_H
#define CHUTES_TESTS_OVERLAY_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Once per program: an empty tmpfs as working directory. false: this user may not. */
static inline bool overlay_enter(void)
{
	static int state;

	if (state == 0)
		state = unshare(CLONE_NEWNS) == 0 &&
					mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
					mount("none", "/mnt", "tmpfs", 0, "mode=755") == 0 &&
					chdir("/mnt") == 0
				? 1
				: -1;
	return state > 0;
}

/* Make NAME/{lower,upper,work,merged}; the caller fills lower, then mounts. */
static inline bool overlay_make(const char *name)
{
	static const char *const parts[] = {"lower", "upper", "work", "merged"};
	char path[200];

	if (mkdir(name, 0755) < 0)
		return false;
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", name, parts[i]);
		if (mkdir(path, 0755) < 0)
			return false;
	}
	return true;
}

/* A descriptor of NAME/merged over `lowers` ("top:…:bottom"), or -1. `more` are further options:
 * ",userxattr" in a user namespace. */
static inline int overlay_mount_over(const char *name, const char *lowers, const char *more)
{
	char options[4000];
	char path[200];

	snprintf(options, sizeof(options),
		 "lowerdir=%s,upperdir=%s/upper,workdir=%s/work,index=off,metacopy=off,"
		 "redirect_dir=nofollow,xino=off%s",
		 lowers, name, name, more);
	snprintf(path, sizeof(path), "%s/merged", name);
	if (mount("overlay", path, "overlay", 0, options) < 0)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A descriptor of NAME/merged, or -1. */
static inline int overlay_mount(const char *name)
{
	char lower[200];

	snprintf(lower, sizeof(lower), "%s/lower", name);
	return overlay_mount_over(name, lower, "");
}

#endif
