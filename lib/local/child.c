/* SPDX-License-Identifier: MIT
 * Starting and ending the process of a generation.
 */
#include "lib/local/supervise.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

void child_forget(struct child *c)
{
	fd_close(&c->pidfd);
	fd_close(&c->control);
	free(c->changed);
	*c = NO_CHILD;
}

void child_end(struct child *c)
{
	syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
	process_reap(c->pidfd);
}

void child_kill(struct child *c)
{
	if (!child_is_alive(c))
		return;
	child_end(c);
	child_forget(c);
}

/* In the child. */
static _Noreturn void become_generation(struct supervisor *s, const char *changed, int control)
{
	struct generation g = {
		.number = s->n_generations,
		.options = s->options,
		.launch = s->options->launch,
		.changed = changed,
		.listener = s->listener,
		.events = s->events[1],
		.control = control,
		.output = s->output[1],
		.states = -1,
	};

	/* what is the supervisor's alone must end with it */
	close(s->events[0]);
	close(s->output[0]);
	fd_close(&s->starter);
	child_forget(&s->current);
	child_forget(&s->next);
	generation_run(&g);
}

bool child_start(struct supervisor *s, const char *changed, struct error *err)
{
	int sockets[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return fail_errno(err, "making a socket");
	s->n_generations++;
	pid_t pid = fork();

	if (pid == 0) {
		process_attach(parent, "chutes-chute");
		close(sockets[0]);
		become_generation(s, changed, sockets[1]);
	}
	close(sockets[1]);
	struct child c = {.number = s->n_generations, .control = sockets[0], .pidfd = -1};

	if (pid > 0)
		c.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (c.pidfd < 0) {
		fail_errno(err, "starting a process");
		child_forget(&c);
		return false;
	}
	c.changed = changed ? xstrdup(changed) : NULL;
	s->next = c;
	return true;
}
