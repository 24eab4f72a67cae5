/* SPDX-License-Identifier: MIT
 * Processes in a root file system: namespaces that die with us, overlay mounts, and an OCI runtime
 * (crun) that runs a bundle. Knows nothing of steps, caches or images: a tree is a path.
 */
#ifndef CHUTES_CONTAINER_CONTAINER_H
#define CHUTES_CONTAINER_CONTAINER_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

#include <sys/types.h>

/* How ids are mapped; the first that works for the caller. */
enum sandbox_ids {
	SANDBOX_ROOT,	/* root with CAP_SYS_ADMIN: no user namespace */
	SANDBOX_SUBIDS, /* user namespace with a sub-id range (newuidmap) */
	SANDBOX_SINGLE, /* user namespace with one id: ownership calls are answered, not done */
};
/* What this machine and user can do. MISSING with the switch or package to change when nothing works
 * (no user namespaces, sysctl, AppArmor). */
must_use bool sandbox_probe(enum sandbox_ids *out, struct error *err);

/* A forked process 1 of new pid, mount, ipc (and user) namespaces that runs `work` and dies with its
 * parent, and everything in it with it (PR_SET_PDEATHSIG, pid namespace). `/` is private, /proc is
 * new, /sys/fs/cgroup and /run are tmpfs. Inside, the caller is uid 0. */
struct sandbox; /* the inside: given to `work` */
struct sandbox_options {
	enum sandbox_ids ids;
	int lock_fd; /* inherited by the sandbox so that the lock lives as long as it; -1: none */
	/* Outside: a message of the sandbox (sandbox_send). `fd` is -1 or a descriptor that came
	 * along and now belongs to the callee. false ends the sandbox with that error. */
	bool (*on_message)(void *context, int type, const void *bytes, size_t len, int fd,
			   struct error *err);
	/* Outside: also wait for these while the sandbox runs; may be NULL. Called when poll() says
	 * that `extra_fd` is readable. */
	bool (*on_readable)(void *context, struct error *err);
	int extra_fd; /* -1: none */
	/* Outside: called at least every `tick_ms` (0: never) and once at the start; may be NULL. */
	bool (*on_tick)(void *context, struct sandbox *outside, struct error *err);
	uint64_t tick_ms;
	void *context;
	uint64_t timeout_ms;	   /* 0: none; then TIMEOUT */
	uint64_t grace_ms;	   /* after INT or TERM: 0 kills at once; else a stop is sent and this long waited */
};
/* Run `work(inside, arg, err)` in a sandbox and wait for it. Its failure comes back as ours. A
 * sandbox that dies otherwise is FAILURE; a signal to us is INTERRUPTED after it was ended. */
must_use bool sandbox_run(const struct sandbox_options *o,
			  bool (*work)(struct sandbox *inside, void *arg, struct error *err),
			  void *arg, struct error *err);
/* Inside: a message to the outside; at most 64 KiB. fd -1: none. Thread-safe. */
must_use bool sandbox_send(struct sandbox *inside, int type, const void *bytes, size_t len, int fd,
			   struct error *err);
/* Inside: readable when the outside asked us to stop (grace). */
int sandbox_stop_fd(struct sandbox *inside);
enum sandbox_ids sandbox_ids_of(const struct sandbox *inside);

/* --- the root file system (inside) */
struct root_options {
	const char *const *lowers; /* trees, bottom first; the stub tree is added below them */
	size_t n_lowers;
	const char *scratch; /* a fresh directory: upper/, work/, root/ are made in it */
	bool is_read_only;   /* no upper */
};
struct root {
	char *path;  /* merged */
	char *upper; /* NULL when read only */
};
/* Mount options and their order: design in overlay.c. MISSING with a remedy where overlayfs cannot
 * work (store on overlayfs, kernel without it). */
must_use bool root_mount(struct sandbox *inside, const struct root_options *o, struct root *out,
			 struct error *err);
/* Unmount; a busy mount is an error. The upper stays, `work` is removed. */
must_use bool root_unmount(struct sandbox *inside, struct root *r, struct error *err);
void root_release(struct root *r); /* memory only */

/* --- users of an image: name, id, name:group, resolved in <root>/etc/passwd and group, links inside
 * the root only. */
struct user_ids {
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	size_t n_groups;
	char home[256]; /* "/" when unknown */
};
must_use bool user_resolve(const char *root, const char *user, struct user_ids *out,
			   struct error *err);

/* --- running */
struct mount {
	const char *source; /* host path as seen inside the sandbox */
	const char *target; /* absolute in the container */
	bool is_writable;
};
struct run_options {
	const struct root *root;
	const char *runtime; /* NULL: CHUTES_RUNTIME, else crun, else runc */
	char *const *argv;
	char *const *env; /* complete */
	const char *cwd;
	struct user_ids user;
	const char *hostname;
	const struct mount *mounts;
	size_t n_mounts;
	bool has_no_network; /* own network namespace, loopback only */
	bool is_service;     /* no capabilities at all, as `chutes run` does */
	bool may_gain_privileges; /* noNewPrivileges false */
	bool has_terminal;   /* the pty master is sent outside as message RUN_MESSAGE_TERMINAL */
	int fd_in, fd_out, fd_err; /* -1: /dev/null; unused with a terminal */
	uint64_t grace_ms;   /* between TERM and KILL when the outside asks to stop */
};
enum { RUN_MESSAGE_TERMINAL = 1000 };
struct run_result {
	int status;	    /* of the program: 0..255, 128 + signal */
	bool is_not_found;  /* the program does not exist in the image (127) */
	bool is_not_executable; /* (126) */
	bool was_stopped;   /* because the outside asked */
};
/* Run to the end through the OCI runtime. MISSING when there is none. A runtime that fails for its
 * own reasons is BUILD with its message; a program that cannot be executed is no error but a
 * result. */
must_use bool container_run(struct sandbox *inside, const struct run_options *o,
			    struct run_result *out, struct error *err);

#endif
