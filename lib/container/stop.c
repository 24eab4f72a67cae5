/* SPDX-License-Identifier: MIT
 * The signal that asks a container to end. The kernel drops one that process 1 of a pid namespace
 * does nothing about, where any other process would be ended by it: that is made up for here, so
 * that a program ends as it does when it is not process 1.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "lib/container/container_internal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_LIMIT = 16 * 1024 };

/* A mask of proc_pid_status(5), "SigCgt:\t0000000180014202"; 0 when there is none. */
static uint64_t mask_of(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	return line ? strtoull(line + strlen(name), NULL, 16) : 0;
}

/* Does the kernel drop it? Not when we cannot tell. */
static bool is_dropped(pid_t pid, int number)
{
	auto_free char *path = xprintf("/proc/%d/status", (int)pid);
	auto_text status = {0};
	uint64_t bit = (uint64_t)1 << (number - 1);
	struct error ignored; /* it has ended */

	if (!file_read(path, STATUS_LIMIT, &status, &ignored))
		return false;
	return !((mask_of(text_str(&status), "\nSigCgt:") |
		  mask_of(text_str(&status), "\nSigIgn:")) &
		 bit);
}

static bool same_namespace(const char *pid, const struct stat *wanted)
{
	auto_free char *path = xprintf("/proc/%s/ns/pid", pid);
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino;
}

/* The other processes of the container; how many there are. */
static size_t signal_others(pid_t first, int number)
{
	auto_free char *path = xprintf("/proc/%d/ns/pid", (int)first);
	auto_fd int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error ignored; /* without /proc there is nobody to find */
	struct stat wanted;
	size_t n = 0;

	if (stat(path, &wanted) < 0 || proc < 0 || !directory_list(proc, &names, &ignored))
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		pid_t pid = (pid_t)strtol(names.items[i], NULL, 10);

		if (pid <= 0 || pid == first || !same_namespace(names.items[i], &wanted))
			continue;
		if (kill(pid, number) == 0)
			n++;
	}
	return n;
}

bool stop_signal_send(pid_t runtime, pid_t first, int number)
{
	bool is_lost = first > 0 && is_dropped(first, number);

	kill(runtime, number); /* which the runtime passes on */
	return !is_lost || signal_others(first, number) > 0;
}
