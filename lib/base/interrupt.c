/* SPDX-License-Identifier: MIT */
#include "lib/base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t caught;
static int wake[2] = {-1, -1};
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(int number)
{
	int saved = errno;

	if (caught && number == SIGINT)
		_exit(128 + SIGINT); /* asked twice: leave at once */
	caught = number;
	ssize_t ignored maybe_unused = write(wake[1], "", 1);
	errno = saved;
}

void interrupt_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	if (wake[0] >= 0 || pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < array_len(signals); i++)
		sigaction(signals[i], &action, NULL);
}

void interrupt_reset(void)
{
	for (size_t i = 0; i < array_len(signals); i++)
		signal(signals[i], SIG_DFL);
	for (size_t i = 0; i < array_len(wake); i++) {
		if (wake[i] >= 0)
			close(wake[i]);
		wake[i] = -1;
	}
	caught = 0;
}

int interrupt_signal(void) { return caught; }

int interrupt_fd(void) { return wake[0]; }

bool interrupt_check(struct error *err)
{
	if (!caught)
		return true;
	return fail(err, ERROR_INTERRUPTED, "interrupted by signal %d (%s)", (int)caught,
		    strsignal(caught));
}
