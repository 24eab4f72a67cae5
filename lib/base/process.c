/* SPDX-License-Identifier: MIT */
#include "lib/base/process.h"

#include "lib/base/env.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD /* before glibc 2.36 */
#define P_PIDFD 3
#endif

void process_guard(void)
{
	struct rlimit core;

	/* a core file that goes to a program is stopped by this alone */
	prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
}

char *program_find(const char *name)
{
	auto_strings directories = {0};

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
	strings_split(&directories, env_get(ENV_PATH) ? env_get(ENV_PATH) : "/usr/bin:/bin", ':');
	/* a user's PATH often lacks these */
	strings_add(&directories, "/usr/sbin");
	strings_add(&directories, "/sbin");
	for (size_t i = 0; i < directories.n; i++) {
		if (directories.items[i][0] != '/')
			continue;
		auto_free char *path = xprintf("%s/%s", directories.items[i], name);
		struct stat st;

		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
			return take(path);
	}
	return NULL;
}

/* In the child, between fork and exec: only async-signal-safe calls, since threads may exist. */
static void child(const struct process_options *o, const char *program, int report)
{
	int fds[3 + PROCESS_FDS_LIMIT] = {o->fd_in, o->fd_out, o->fd_err};
	int n_fds = 3 + (int)o->n_fds;
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < 32; i++)
		if (i != SIGKILL && i != SIGSTOP)
			signal(i, SIG_DFL);
	/* what a server's threads run under is not for what they start */
	if (sched_getscheduler(0) == SCHED_BATCH)
		sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
	if (o->own_session)
		setsid();
	if (o->die_with_us)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* first out of the way of those to come, then into place */
	for (int i = 0; i < n_fds; i++) {
		int from = i < 3 ? fds[i] : o->fds[i - 3];

		fds[i] = fcntl(from >= 0 ? from : null, F_DUPFD_CLOEXEC, n_fds);
		if (fds[i] < 0)
			goto failed;
	}
	int moved = fcntl(report, F_DUPFD_CLOEXEC, n_fds);

	if (moved < 0)
		goto failed;
	report = moved;
	for (int i = 0; i < n_fds; i++)
		if (dup2(fds[i], i) < 0)
			goto failed;
	if (o->cwd && chdir(o->cwd) < 0)
		goto failed;
	close_range((unsigned)n_fds, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
	if (o->before_exec && !o->before_exec())
		goto failed;
	execve(program, o->argv, o->env ? o->env : environ);
failed:;
	int number = errno;
	ssize_t ignored maybe_unused = write(report, &number, sizeof(number));

	_exit(127);
}

bool process_start(const struct process_options *o, pid_t *pid, struct error *err)
{
	auto_free char *program = program_find(o->argv[0]);
	int report[2];
	int number = 0;

	assert(o->n_fds <= PROCESS_FDS_LIMIT);
	if (!program)
		return fail(err, ERROR_NOT_FOUND, "program '%s' not found", o->argv[0]);
	if (pipe2(report, O_CLOEXEC) < 0)
		return fail_errno(err, "starting '%s'", o->argv[0]);
	pid_t started = fork();

	if (started == 0)
		child(o, program, report[1]);
	close(report[1]);
	if (started < 0) {
		close(report[0]);
		return fail_errno(err, "starting '%s'", o->argv[0]);
	}
	ssize_t n = read(report[0], &number, sizeof(number));

	close(report[0]);
	if (n == (ssize_t)sizeof(number)) {
		while (waitpid(started, NULL, 0) < 0 && errno == EINTR)
			;
		errno = number;
		return fail_errno(err, "starting '%s'", o->argv[0]);
	}
	*pid = started;
	return true;
}

static int status_of(int raw) { return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw); }

bool process_wait(pid_t pid, int *status, struct error *err)
{
	int raw;

	while (waitpid(pid, &raw, 0) < 0)
		if (errno != EINTR)
			return fail_errno(err, "waiting for process %d", (int)pid);
	*status = status_of(raw);
	return true;
}

int process_poll(pid_t pid, int *status, struct error *err)
{
	int raw;
	pid_t got = waitpid(pid, &raw, WNOHANG);

	if (got < 0 && errno != EINTR) {
		fail_errno(err, "waiting for process %d", (int)pid);
		return -1;
	}
	if (got <= 0)
		return 0;
	*status = status_of(raw);
	return 1;
}

int process_reap(int pidfd)
{
	siginfo_t info = {0};

	while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

bool process_reap_ended(int pidfd)
{
	siginfo_t info = {0};

	return waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0;
}

/* Drain both pipes until both end. `errors` is cut at its own maximum, `out` fails at `limit`. */
static bool collect(int out_fd, int err_fd, size_t limit, struct text *out, struct text *errors,
		    struct error *err)
{
	struct pollfd fds[2] = {{.fd = out_fd, .events = POLLIN}, {.fd = err_fd, .events = POLLIN}};
	char buffer[16384];
	size_t total = 0;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return fail_errno(err, "reading from a program");
		for (int i = 0; i < 2; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			ssize_t n = read(fds[i].fd, buffer, sizeof(buffer));

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0) {
				fds[i].fd = -1;
				continue;
			}
			if (i == 1) {
				text_add_bytes(errors, buffer, (size_t)n);
				continue;
			}
			total += (size_t)n;
			if (total > limit)
				return fail(err, ERROR_FAILURE,
					    "it wrote more than the limit of %zu bytes", limit);
			text_add_bytes(out, buffer, (size_t)n);
		}
	}
	return true;
}

bool process_capture(char *const *argv, char *const *env, size_t limit, struct text *out,
		     int *status, struct error *err)
{
	int out_pipe[2];
	int err_pipe[2];
	int got = 0;
	pid_t pid = 0;
	auto_text errors = {.max = 4096};

	if (pipe2(out_pipe, O_CLOEXEC) < 0)
		return fail_errno(err, "starting '%s'", argv[0]);
	if (pipe2(err_pipe, O_CLOEXEC) < 0) {
		fail_errno(err, "starting '%s'", argv[0]);
		close(out_pipe[0]);
		close(out_pipe[1]);
		return false;
	}
	struct process_options o = {.argv = argv,
				    .env = env,
				    .fd_in = -1,
				    .fd_out = out_pipe[1],
				    .fd_err = err_pipe[1],
				    .die_with_us = true};
	bool is_started = process_start(&o, &pid, err);

	close(out_pipe[1]);
	close(err_pipe[1]);
	bool ok = is_started && collect(out_pipe[0], err_pipe[0], limit, out, &errors, err);

	close(out_pipe[0]);
	close(err_pipe[0]);
	if (is_started && !ok)
		kill(pid, SIGKILL);
	if (is_started) {
		struct error wait_error;

		if (!process_wait(pid, &got, &wait_error) && ok) {
			*err = wait_error;
			return false;
		}
	}
	if (!ok)
		return fail_in(err, "'%s'", argv[0]);
	if (status) {
		*status = got;
		return true;
	}
	if (got == 0)
		return true;
	auto_text shown = {.max = 400};

	text_add_printable(&shown, text_str(&errors), errors.len, false);
	return fail(err, ERROR_FAILURE, "'%s' ended with %d: %s", argv[0], got, text_str(&shown));
}

/* proc(5), field 22; the name before it may hold anything. */
uint64_t process_start_ticks(pid_t pid)
{
	auto_free char *path = xprintf("/proc/%d/stat", (int)pid);
	auto_text text = {0};
	struct error ignored; /* then there is no such process */

	if (!file_read(path, 4096, &text, &ignored))
		return 0;
	const char *p = strrchr(text_str(&text), ')');

	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}
