/* SPDX-License-Identifier: MIT */
#include "lib/base/process.h"

#include "lib/base/io.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Descriptors arrive under their numbers in the child, whatever they are here, and no others do. */
TEST(descriptors_that_are_passed_on)
{
	char sh[] = "sh";
	char option[] = "-c";
	char script[] = "echo one >&3; echo two >&4; ls /proc/self/fd | tr '\\n' ' '";
	char *const argv[] = {sh, option, script, NULL};
	int pipes[3][2];
	struct text got[3] = {{0}};
	int status = 1;
	struct error err;
	pid_t pid;

	for (int i = 0; i < 3; i++)
		CHECK_OR_STOP(pipe2(pipes[i], O_CLOEXEC) == 0);
	int fds[] = {pipes[1][1], pipes[0][1]};
	struct process_options o = {.argv = argv,
				    .fd_in = -1,
				    .fd_out = pipes[2][1],
				    .fd_err = -1,
				    .fds = fds,
				    .n_fds = 2};

	CHECK_OK(process_start(&o, &pid, &err), err);
	CHECK_OK(process_wait(pid, &status, &err), err);
	CHECK(status == 0);
	for (int i = 0; i < 3; i++) {
		close(pipes[i][1]);
		CHECK_OK(fd_read_all(pipes[i][0], 100, &got[i], &err), err);
		close(pipes[i][0]);
	}
	CHECK_TEXT(text_str(&got[0]), "two\n");
	CHECK_TEXT(text_str(&got[1]), "one\n");
	CHECK_TEXT(text_str(&got[2]), "0 1 2 3 4 5 "); /* the last is ls's own */
	for (int i = 0; i < 3; i++)
		text_release(&got[i]);
}

/* A child that waits for the end of `gate`, then does as `end` says; a descriptor of it. */
static int start_child(int gate[2], int end)
{
	pid_t pid = fork();
	char byte;

	if (pid == 0) {
		close(gate[1]);
		(void)!read(gate[0], &byte, 1);
		if (end < 0)
			kill(getpid(), -end);
		_exit(end);
	}
	close(gate[0]);
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

TEST(processes_behind_descriptors)
{
	static const struct {
		int end, status;
	} cases[] = {{0, 0}, {7, 7}, {-SIGKILL, 128 + SIGKILL}};

	for (size_t i = 0; i < array_len(cases); i++) {
		int gate[2];

		CHECK_OR_STOP(pipe2(gate, O_CLOEXEC) == 0);
		auto_fd int pidfd = start_child(gate, cases[i].end);

		if (pidfd < 0)
			SKIP("no pidfd_open() here");
		CHECK(!process_reap_ended(pidfd));
		close(gate[1]);
		CHECK(process_reap(pidfd) == cases[i].status);
		CHECK(!process_reap_ended(pidfd));
	}
}
