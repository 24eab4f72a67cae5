/* SPDX-License-Identifier: MIT
 * Child processes by argv, never by a shell.
 */
#ifndef CHUTES_BASE_PROCESS_H
#define CHUTES_BASE_PROCESS_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"

#include <sys/types.h>

enum { PROCESS_FDS_LIMIT = 8 };
struct process_options {
	char *const *argv; /* argv[0] is searched on PATH unless it has a "/" */
	char *const *env;  /* NULL: ours */
	const char *cwd;   /* NULL: ours */
	int fd_in;         /* -1: /dev/null */
	int fd_out;        /* -1: /dev/null */
	int fd_err;        /* -1: /dev/null */
	const int *fds;    /* become 3, 4, … in the child; at most PROCESS_FDS_LIMIT */
	size_t n_fds;
	bool own_session; /* setsid() */
	bool die_with_us; /* PR_SET_PDEATHSIG SIGKILL */
	/* In the child, last thing before exec; NULL: nothing. Only async-signal-safe calls. False
	 * with errno: the start fails. */
	bool (*before_exec)(void);
};
/* NOT_FOUND when the program does not exist; a child that cannot exec is reported here, not as an
 * exit status. All descriptors but those named are closed in the child. */
must_use bool process_start(const struct process_options *o, pid_t *pid, struct error *err);
/* Wait for it. `status`: exit status, or 128 + signal. */
must_use bool process_wait(pid_t pid, int *status, struct error *err);
/* 1 when it ended (status filled), 0 when it still runs, -1 on error. */
must_use int process_poll(pid_t pid, int *status, struct error *err);
/* The same for a descriptor of pidfd_open(2). */
int process_reap(int pidfd);
/* Collect it if it has ended; false: it still runs. */
bool process_reap_ended(int pidfd);
/* Run to the end, collect at most `limit` bytes of stdout (more is an error) and the first 4 KiB of
 * stderr, which goes into the error when `status` is not 0. NULL status: anything but 0 is a
 * failure (FAILURE). */
must_use bool process_capture(char *const *argv, char *const *env, size_t limit, struct text *out,
			      int *status, struct error *err);
/* When a process started, in ticks since the machine did: with its id it names one process for
 * good. 0 when there is no such process. */
uint64_t process_start_ticks(pid_t pid);
/* From now on no core file is written of this process, and nobody but root may look into its
 * memory: it holds a secret. It can make no user namespace then, for its files in /proc are root's.
 */
void process_guard(void);
/* Full path of a program on PATH (unset: /usr/bin:/bin), or in /usr/sbin, /sbin beside it; NULL if
 * there is none.
 * Relative PATH entries are skipped. Caller frees. */
must_use char *program_find(const char *name);

#endif
