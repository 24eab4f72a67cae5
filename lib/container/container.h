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
#include "lib/container/cdi.h"

#include <sys/types.h>

/* How ids are mapped; the first that works for the caller. */
enum sandbox_ids {
	SANDBOX_ROOT,   /* root with CAP_SYS_ADMIN: no user namespace */
	SANDBOX_SUBIDS, /* user namespace with a sub-id range (newuidmap) */
	SANDBOX_SINGLE, /* user namespace with one id: ownership calls are answered, not done */
};
/* What this machine and user can do. MISSING with the switch or package to change when nothing
 * works (no user namespaces, sysctl, AppArmor). */
must_use bool sandbox_probe(enum sandbox_ids *out, struct error *err);
/* Why there can be no sub-ids, for people; NULL when there can. */
const char *sandbox_subids_missing(void);

/* A forked process 1 of new pid, mount, ipc (and user) namespaces that runs `work` and dies with
 * its parent, and everything in it with it (PR_SET_PDEATHSIG, pid namespace). `/` is private, /proc
 * is new, /sys/fs/cgroup is an empty tmpfs, /run holds what the host's has, and a private
 * directory. Inside, the caller is uid 0 in a session of its own: Ctrl-C reaches the outside only.
 * Every descriptor of the caller is open inside too, so a flock() held by the caller is held until
 * the last process inside is gone. */
struct sandbox; /* inside: given to `work`; outside: given to `on_tick` */
struct sandbox_options {
	enum sandbox_ids ids;
	/* Outside: a message of the sandbox (sandbox_send). `fd` is -1 or a descriptor that came
	 * along and now belongs to the callee. false ends the sandbox with that error. */
	bool (*on_message)(void *context, int type, const void *bytes, size_t len, int fd,
			   struct error *err);
	/* Outside: called whenever poll() says that `extra_fd` is readable; may be NULL. For more
	 * than one, or one that can end, use an epoll descriptor and take them out of it. */
	bool (*on_readable)(void *context, struct error *err);
	int extra_fd; /* used with on_readable only */
	/* Outside: called at the start and then every `tick_ms`; may be NULL. */
	bool (*on_tick)(void *context, struct sandbox *outside, struct error *err);
	uint64_t tick_ms; /* more than 0 with on_tick */
	void *context;
	uint64_t timeout_ms; /* 0: none; then TIMEOUT */
	/* After a signal or the timeout. 0: everything is killed at once; else a stop is sent
	 * (sandbox_stop_fd) and the sandbox has so long to end by itself. */
	uint64_t grace_ms;
};
/* Run `work(inside, arg, err)` in a sandbox and wait for it. Its failure comes back as ours. A
 * sandbox that dies otherwise is FAILURE; a signal to us is INTERRUPTED after it was ended, also
 * when `work` then succeeded. MISSING where namespaces are refused. To be called from a thread that
 * lives as long, and before any other thread exists. */
must_use bool sandbox_run(const struct sandbox_options *o,
			  bool (*work)(struct sandbox *inside, void *arg, struct error *err),
			  void *arg, struct error *err);
/* Inside: a message to the outside; at most SANDBOX_MESSAGE_LIMIT bytes. fd -1: none; the caller
 * keeps it. Thread-safe. */
enum { SANDBOX_MESSAGE_LIMIT = 64 * 1024 };
must_use bool sandbox_send(struct sandbox *inside, int type, const void *bytes, size_t len, int fd,
			   struct error *err);
/* Inside: readable when the outside asked us to stop. */
int sandbox_stop_fd(const struct sandbox *inside);
/* Outside, in a callback: ask the inside to stop; nothing else happens. */
void sandbox_stop(const struct sandbox *outside);
enum sandbox_ids sandbox_ids_of(const struct sandbox *inside);

/* --- the root file system (inside) */
struct root_options {
	const char *const *lowers; /* trees, bottom first; the stub tree is added below them */
	size_t n_lowers;
	const char *scratch; /* an empty directory: upper/, work/, root/ … are made in it */
	bool is_read_only;   /* no upper */
	bool has_no_stub;    /* it gets no targets for a runtime's mounts */
};
struct root {
	char *path;  /* merged: `scratch`/root */
	char *upper; /* `scratch`/upper; NULL when read only */
};
/* Mount options and their order: see overlay.c. MISSING with a remedy where overlayfs cannot
 * work (scratch on overlayfs, kernel without it). Thread-safe. */
must_use bool root_mount(struct sandbox *inside, const struct root_options *o, struct root *out,
			 struct error *err);
/* Unmount; a busy mount is a CONFLICT that names who holds it. `upper` stays, all else that
 * root_mount made is removed. `r` is released in any case. */
must_use bool root_unmount(struct sandbox *inside, struct root *r, struct error *err);
void root_release(struct root *r); /* memory only */
/* Mount, let `use` work on it, unmount, whatever came of it; the first failure is the one reported.
 * `upper` (may be NULL) gets the directory of what was written; the caller frees it. */
must_use bool root_use(struct sandbox *inside, const struct root_options *o,
		       bool (*use)(void *context, const struct root *root, struct error *err),
		       void *context, char **upper, struct error *err);

/* --- users of an image */
enum { USER_GROUPS_LIMIT = 64 };
struct user_ids {
	uid_t uid;
	gid_t gid;
	gid_t groups[USER_GROUPS_LIMIT]; /* supplementary */
	size_t n_groups;
	char home[256]; /* "/" when unknown */
};
/* `user` is "", name, id, name:group or id:id, looked up in etc/passwd and etc/group of the tree
 * `root`, whose links lead nowhere else. As in docker: with a group there are no supplementary
 * ones; an id without entry has group 0. BUILD for an unknown name, with the known ones. */
must_use bool user_resolve(const char *root, const char *user, struct user_ids *out,
			   struct error *err);

/* A directory of the host for who may not write there: mounted with an upper in `scratch` (an empty
 * directory) where `user` may, and what is written is thrown away. As root_mount(). */
must_use bool root_lend(struct sandbox *inside, const char *source, const char *scratch,
			const struct user_ids *user, struct root *out, struct error *err);

/* --- a network of its own (inside) */
struct network {
	int fd;      /* its namespace */
	int way_out; /* pidfd of the program through which it reaches the outside; -1: none. Whoever
		      * kills that leaves loopback only */
	const char *program;     /* "pasta"; NULL: none */
	struct text resolv_conf; /* empty: no names but /etc/hosts */
	const char *host;        /* what 127.0.0.1 of the host is called in it; NULL: unreachable */
	bool has_all_host_ports; /* all ports of that are reachable: the program knows no single
				    ones */
};
struct network_options {
	bool has_outside; /* through pasta or slirp4netns */
	/* Ports of the host's 127.0.0.1, such as those of a proxy, that are to be reachable. */
	const uint16_t *host_ports;
	size_t n_host_ports;
};
/* A network namespace with loopback, once in a sandbox. Everything of it dies with the sandbox.
 * MISSING when neither program works, with why; then there is still the host's network. */
must_use bool network_open(const struct network_options *o, struct network *out, struct error *err);
void network_release(struct network *n); /* ends the way outside, too */
/* TCP ports that something listens to in it (of 127.0.0.1 or any address), ascending; how many of
 * at most `max`. */
size_t network_ports(const struct network *n, uint16_t *ports, size_t max);

/* --- running (inside) */
struct mount {
	const char *source; /* host path as seen inside the sandbox */
	const char *target; /* absolute in the container */
	bool is_writable;
	bool is_device; /* or holds devices */
};
struct run_options {
	const struct root *root;
	const char *runtime; /* NULL: CHUTES_RUNTIME, else crun, else runc */
	char *const *argv;
	char *const *env; /* complete */
	const char *cwd;  /* NULL: "/" */
	/* Ignored in SANDBOX_SINGLE, where there is nobody but root. */
	struct user_ids user;
	const char *hostname; /* NULL: "chutes" */
	const struct mount *mounts;
	size_t n_mounts;
	const struct cdi_hook *hooks;
	size_t n_hooks;
	bool is_read_only;             /* the whole root file system */
	bool has_no_network;           /* own network namespace, loopback only */
	const struct network *network; /* NULL: the host's */
	bool is_service;               /* no capabilities at all */
	bool may_gain_privileges;      /* setuid programs work; never for a service */
	bool has_terminal; /* the pty master is sent outside as message RUN_MESSAGE_TERMINAL */
	int fd_in, fd_out, fd_err; /* -1: /dev/null; unused with a terminal */
	const int *fds;            /* become 3, 4, … of the program */
	size_t n_fds;
	/* When the outside asks to stop: the signal, 0 for TERM, and the time until KILL; 0: KILL
	 * at once. The sandbox's own grace must be longer. */
	int stop_signal;
	uint64_t grace_ms;
};
enum { RUN_MESSAGE_TERMINAL = 1000 };
struct run_result {
	int status;             /* of the program: 0..255, 128 + signal */
	bool is_not_found;      /* the program does not exist in the image (127) */
	bool is_not_executable; /* (126) */
	bool was_stopped;       /* because the outside asked */
};
/* Run to the end through the OCI runtime. MISSING when there is none. A runtime that fails for its
 * own reasons, and a `cwd` that does not exist, are BUILD; a program that cannot be executed is no
 * error but a result. Thread-safe. */
must_use bool container_run(struct sandbox *inside, const struct run_options *o,
			    struct run_result *out, struct error *err);
/* The runtime that would be used: its path; MISSING when there is none. `name` as in run_options.
 * Caller frees. */
must_use bool runtime_find(const char *name, char **path, struct error *err);

#endif
