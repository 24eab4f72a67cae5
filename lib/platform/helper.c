/* SPDX-License-Identifier: MIT
 * A program that keeps credentials, asked as git asks it.
 */
#include "lib/platform/credentials.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Words between blanks; which programs there may be is the configuration's to say. */
static void split(const char *command, struct strings *out)
{
	for (const char *s = command + strspn(command, " \t"); *s; s += strspn(s, " \t")) {
		size_t len = strcspn(s, " \t");

		strings_add_taken(out, xstrndup(s, len));
		s += len;
	}
	strings_add(out, "get");
}

/* The question fits into a pipe, so that nobody waits for a reader. */
static bool write_question(const char *base_url, int fd, struct error *err)
{
	const char *at = strstr(base_url, "://");
	auto_free char *question =
		xprintf("protocol=%.*s\nhost=%s\n\n", at ? (int)(at - base_url) : 0, base_url,
			at ? at + 3 : base_url);

	return fd_write_all(fd, question, strlen(question), err);
}

/* All that it prints, until it closes its end. */
static bool read_reply(int fd, uint64_t end_ms, char reply[CREDENTIAL_MAX], struct error *err)
{
	for (size_t len = 0;;) {
		struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
				       {.fd = interrupt_fd(), .events = POLLIN}};
		uint64_t now = clock_ms();

		if (!interrupt_check(err))
			return false;
		if (now >= end_ms)
			return fail(err, ERROR_AUTH, "it does not answer");
		if (poll(fds, 2, (int)(end_ms - now)) < 0 && errno != EINTR)
			return fail_errno(err, "waiting");
		if (!fds[0].revents)
			continue;
		ssize_t n = read(fd, reply + len, CREDENTIAL_MAX - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "reading");
		if (n == 0)
			return true;
		len += (size_t)n;
		if (len == CREDENTIAL_MAX - 1)
			return fail(err, ERROR_AUTH, "it prints more than %d bytes",
				    CREDENTIAL_MAX - 2);
	}
}

/* Until it has ended, too: who closes its output may still run. */
static bool wait_for_end(pid_t pid, uint64_t end_ms, int *status, struct error *err)
{
	enum { PAUSE_MS = 10 };

	for (;;) {
		struct pollfd wake = {.fd = interrupt_fd(), .events = POLLIN};
		int got = process_poll(pid, status, err);

		if (got != 0)
			return got > 0;
		if (!interrupt_check(err))
			return false;
		if (clock_ms() >= end_ms)
			return fail(err, ERROR_AUTH, "it does not end");
		if (poll(&wake, 1, PAUSE_MS) < 0 && errno != EINTR)
			return fail_errno(err, "waiting");
	}
}

static bool talk(const struct strings *words, const char *base_url, uint64_t timeout_ms,
		 char reply[CREDENTIAL_MAX], struct error *err)
{
	uint64_t end_ms = clock_ms() + timeout_ms;
	int to[2];
	int from[2];

	if (pipe2(to, O_CLOEXEC) < 0)
		return fail_errno(err, "making a pipe");
	auto_fd int to_read = to[0];
	auto_fd int to_write = to[1];

	if (pipe2(from, O_CLOEXEC) < 0)
		return fail_errno(err, "making a pipe");
	auto_fd int from_read = from[0];
	auto_fd int from_write = from[1];
	const struct process_options o = {.argv = strings_argv(words),
					  .fd_in = to_read,
					  .fd_out = from_write,
					  .fd_err = STDERR_FILENO,
					  .die_with_us = true};
	pid_t pid = 0;
	int status = 0;

	/* while both ends are ours nobody can be told that there is no reader */
	if (!write_question(base_url, to_write, err) || !process_start(&o, &pid, err))
		return false;
	fd_close(&to_read);
	fd_close(&to_write);
	fd_close(&from_write);
	bool ok = read_reply(from_read, end_ms, reply, err) &&
		  wait_for_end(pid, end_ms, &status, err);

	if (!ok) {
		struct error ignored; /* the first failure is told */

		kill(pid, SIGKILL);
		if (!process_wait(pid, &status, &ignored))
			log_debug("credential helper: %s", ignored.message);
		return false;
	}
	return status == 0 || fail(err, ERROR_AUTH, "it ended with status %d", status);
}

int credential_helper_ask(const char *command, const char *base_url, uint64_t timeout_ms,
			  char **key, struct error *err)
{
	char reply[CREDENTIAL_MAX] = {0};
	auto_strings words = {0};
	int got = 0;

	split(command, &words);
	if (!talk(&words, base_url, timeout_ms, reply, err)) {
		err->code = err->code == ERROR_INTERRUPTED ? err->code : ERROR_AUTH;
		fail_in(err, "credential helper '%s'", words.items[0]);
		explicit_bzero(reply, sizeof(reply));
		return -1;
	}
	for (const char *line = reply; *line && got == 0;) {
		size_t len = strcspn(line, "\n");
		static const char name[] = "password=";

		if (strncmp(line, name, strlen(name)) == 0 && len > strlen(name)) {
			*key = xstrndup(line + strlen(name), len - strlen(name));
			got = 1;
		}
		line += len + (line[len] == '\n');
	}
	explicit_bzero(reply, sizeof(reply));
	return got;
}
