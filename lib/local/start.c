/* SPDX-License-Identifier: MIT
 * A supervisor of its own session, and who starts it: he waits until it is ready, hears why it is
 * not, and says that he has heard. Without that word it ends again: nobody knew of it.
 */
#include "lib/local/supervise.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { N_LAST_LINES = 20 };

/* --- the supervisor */

struct detached {
	const struct local_options *options; /* the starter's */
	int fd;
};

static void send_event(void *context, const struct local_event *e)
{
	static const enum report_kind kinds[] = {
		[LOCAL_EVENT_LISTENING] = REPORT_PREPARED, [LOCAL_EVENT_READY] = REPORT_READY,
		[LOCAL_EVENT_RESTARTED] = REPORT_PREPARED, [LOCAL_EVENT_REFUSED] = REPORT_NOTE,
		[LOCAL_EVENT_DOWN] = REPORT_DOWN,          [LOCAL_EVENT_REQUEST] = REPORT_REQUEST,
		[LOCAL_EVENT_NOTE] = REPORT_NOTE,          [LOCAL_EVENT_OUTPUT] = REPORT_OUTPUT,
	};
	const struct detached *d = context;
	struct report m = {.kind = kinds[e->kind]};

	snprintf(m.text, sizeof(m.text), "%s", e->text);
	if (e->kind == LOCAL_EVENT_DOWN) {
		fail(&m.error, ERROR_START, "%s", e->text);
		fail_hint(&m.error, "%s", e->hint);
	}
	/* he reads until he has what he waits for; after that it goes nowhere */
	report_send(d->fd, &m, e->kind == LOCAL_EVENT_OUTPUT || e->kind == LOCAL_EVENT_REQUEST);
}

static bool reload(void *context, const char *changed, struct launch_options *out,
		   struct error *err)
{
	const struct detached *d = context;

	return d->options->reload(d->options->context, changed, out, err);
}

static _Noreturn void detach(const struct local_options *o, int starter, pid_t parent)
{
	struct local_options mine = *o;
	struct error err;
	/* the supervisor closes the other */
	struct detached d = {o, fcntl(starter, F_DUPFD_CLOEXEC, 0)};

	setsid();
	interrupt_reset();
	if (o->dies_with_us && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() != parent)
		_exit(EXIT_FAILURE); /* it has ended already */
	mine.on_event = send_event;
	mine.reload = o->reload ? reload : NULL;
	mine.context = &d;
	if (supervise(&mine, starter, &err))
		_exit(EXIT_SUCCESS);
	report_send_error(d.fd, REPORT_FAILED, 0, &err);
	_exit(error_row(err.code)->exit_status);
}

bool starter_has_heard(int starter)
{
	char byte;
	ssize_t n = recv(starter, &byte, 1, MSG_DONTWAIT);

	/* he left before he had read all of our output: told before his word */
	if (n < 0 && errno == ECONNRESET)
		n = recv(starter, &byte, 1, MSG_DONTWAIT);
	return n == 1;
}

/* --- who starts it */

struct waiting {
	const struct local_options *options;
	int fd;
	struct strings last; /* lines of output */
	char *address;
	bool is_over;
	bool has_failed;
	struct error failure;
};

static void tell(const struct waiting *w, enum local_event_kind kind, const char *text)
{
	const struct local_event e = {.kind = kind, .text = text, .hint = ""};

	w->options->on_event(w->options->context, &e);
}

static void add_line(struct strings *last, const char *line)
{
	if (last->n == N_LAST_LINES) {
		free(last->items[0]);
		memmove(last->items, last->items + 1, (last->n - 1) * sizeof(*last->items));
		last->n--;
		last->items[last->n] = NULL;
	}
	strings_add(last, line);
}

static void on_failure(struct waiting *w, const struct error *why)
{
	for (size_t i = 0; i < w->last.n; i++)
		tell(w, LOCAL_EVENT_OUTPUT, w->last.items[i]);
	w->failure = *why;
	w->has_failed = true;
	w->is_over = true;
}

static void on_message(struct waiting *w, const struct report *m)
{
	if (m->kind == REPORT_NOTE) {
		tell(w, LOCAL_EVENT_NOTE, m->text);
	} else if (m->kind == REPORT_OUTPUT) {
		add_line(&w->last, m->text);
	} else if (m->kind == REPORT_READY) {
		w->address = xstrdup(m->text);
		w->is_over = true;
	} else if (m->kind == REPORT_FAILED || m->kind == REPORT_DOWN) {
		on_failure(w, &m->error);
	}
}

/* What it says until it is ready or not. False for a signal. */
static bool wait_for_it(struct waiting *w, struct error *err)
{
	auto_free struct report *m = xcalloc(1, sizeof(*m));
	int got;

	while (!w->is_over) {
		struct pollfd fds[] = {{.fd = w->fd, .events = POLLIN},
				       {.fd = interrupt_fd(), .events = POLLIN}};

		poll(fds, array_len(fds), -1);
		if (!interrupt_check(err))
			return false;
		while (!w->is_over && (got = report_receive(w->fd, m)) > 0)
			on_message(w, m);
		if (!w->is_over && got < 0) {
			fail(&m->error, ERROR_START, "the supervisor of the chute was killed");
			on_failure(w, &m->error);
		}
	}
	return true;
}

/* All of it has gone when its last descriptor of this socket has. */
static void wait_for_end(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	auto_free struct report *m = xcalloc(1, sizeof(*m));

	shutdown(fd, SHUT_WR);
	for (;;) {
		int got = report_receive(fd, m);

		if (got < 0)
			return;
		if (got == 0 && poll(&poller, 1, -1) < 0 && errno != EINTR)
			return;
	}
}

bool local_start(const struct local_options *o, char **address, struct error *err)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return fail_errno(err, "making a socket");
	struct waiting w = {.options = o, .fd = sockets[0]};

	interrupt_catch();
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		close(sockets[0]);
		detach(o, sockets[1], parent);
	}
	close(sockets[1]);
	bool ok = (pid > 0 || fail_errno(err, "starting a process")) && wait_for_it(&w, err);

	if (ok && w.has_failed) {
		*err = w.failure;
		ok = false;
	}
	if (!ok || send(w.fd, "", 1, MSG_NOSIGNAL) != 1) {
		if (ok)
			ok = fail(err, ERROR_START, "the chute ended as soon as it was ready");
		wait_for_end(w.fd);
	}
	close(w.fd);
	strings_release(&w.last);
	if (ok)
		*address = w.address;
	else
		free(w.address);
	return ok;
}
