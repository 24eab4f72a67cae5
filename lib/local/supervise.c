/* SPDX-License-Identifier: MIT
 * The supervisor: one loop that hears what the processes of a chute say and decides which
 * generation runs. It makes no threads and does no work that takes time, so that output is taken
 * and signals are heard whatever is built meanwhile.
 */
#include "lib/local/supervise.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DRAIN_MS = 2000,       /* what running requests have when somebody waits for us */
	DRAIN_STOP_MS = 10000, /* and when nobody does */
	GRACE_MS = 25000,      /* of a chute whose spec says nothing; as the platform's runtime */
	CLEANING_MS = 5000,    /* unmounting, removing */
	MESSAGES_MAX = 1024,   /* in one turn: more than the socket holds, but not for ever */
};

/* --- telling */

void supervisor_tell(struct supervisor *s, enum local_event_kind kind, const char *text,
		     const char *hint)
{
	static const char *const labels[] = {
		[LOCAL_EVENT_LISTENING] = "chutes: listening at ",
		[LOCAL_EVENT_READY] = "chutes: ready at ",
		[LOCAL_EVENT_RESTARTED] = "chutes: ",
		[LOCAL_EVENT_REFUSED] = "chutes: error: ",
		[LOCAL_EVENT_DOWN] = "chutes: error: ",
		[LOCAL_EVENT_REQUEST] = "",
		[LOCAL_EVENT_NOTE] = "chutes: warning: ",
		[LOCAL_EVENT_OUTPUT] = "",
	};
	const struct local_event e = {.kind = kind, .text = text, .hint = hint};
	auto_free char *line = xprintf("%s%s\n", labels[kind], text);
	struct error err;

	s->options->on_event(s->options->context, &e);
	if (!log_writer_add(&s->log, line, strlen(line), &err)) {
		const struct local_event full = {LOCAL_EVENT_NOTE, err.message, err.hint};

		s->options->on_event(s->options->context, &full);
	}
}

static void set_state(struct supervisor *s, enum local_state state)
{
	struct error err;

	s->chute.state = state;
	if (!entry_save(&s->entry, &s->chute, &err))
		supervisor_tell(s, LOCAL_EVENT_NOTE, err.message, err.hint);
}

/* --- generations */

static void give_turn(struct supervisor *s)
{
	s->current = s->next;
	s->next = NO_CHILD;
	/* it fails only for one that has died, which the loop sees */
	ssize_t ignored maybe_unused = send(s->current.control, "", 1, MSG_NOSIGNAL);
}

/* Running requests first, the chute after them; killed when it takes too long. */
static void ask_to_end(struct supervisor *s, unsigned drain_ms)
{
	struct child *c = &s->current;

	if (!child_is_alive(c) || c->is_ending)
		return;
	c->is_ending = true;
	c->kill_at = clock_ms() + drain_ms + s->grace_ms + CLEANING_MS;
	ssize_t ignored maybe_unused = send(c->control, &drain_ms, sizeof(drain_ms), MSG_NOSIGNAL);
}

static void begin_end(struct supervisor *s, unsigned drain_ms)
{
	if (s->is_ending)
		return;
	s->is_ending = true;
	child_kill(&s->next);
	ask_to_end(s, drain_ms);
	set_state(s, LOCAL_STOPPING);
}

/* The first failure is the one that counts. */
static void end_with(struct supervisor *s, const struct error *why, unsigned drain_ms)
{
	if (!s->has_failed)
		s->failure = *why;
	s->has_failed = true;
	begin_end(s, drain_ms);
}

static void begin_change(struct supervisor *s, const char *file)
{
	struct error err;

	if (s->is_ending)
		return;
	if (s->current.is_ending) { /* the next one first: it goes on if this comes to nothing */
		free(s->late);
		s->late = xstrdup(file);
		return;
	}
	uint64_t since = child_is_alive(&s->next) ? s->next.changed_ms : clock_ms();

	child_kill(&s->next); /* it began with something older */
	if (child_start(s, file, &err))
		s->next.changed_ms = since;
	else
		supervisor_tell(s, LOCAL_EVENT_REFUSED, err.message, err.hint);
}

/* --- what is said */

static void on_prepared(struct supervisor *s, const struct report *m)
{
	if (!child_is_alive(&s->next) || m->generation != s->next.number)
		return;
	memccpy(s->next.digest, m->text, 0, sizeof(s->next.digest) - 1);
	s->next.is_prepared = true;
	s->next.is_rebuilt = m->is_rebuilt;
	if (!child_is_alive(&s->current)) {
		give_turn(s);
		return;
	}
	set_state(s, LOCAL_RESTARTING);
	ask_to_end(s, DRAIN_MS);
}

/* What changed before anything was ready restarted nothing that anybody knew of. */
static void tell_ready(struct supervisor *s)
{
	auto_free char *changed = take(s->current.changed);

	if (!changed || !s->was_ready) {
		s->was_ready = true;
		supervisor_tell(s, LOCAL_EVENT_READY, s->address, "");
		return;
	}
	bool is_rebuilt = s->current.is_rebuilt && strcmp(s->digest, s->current.digest) != 0;
	auto_free char *text =
		xprintf("%s in %.1f s: %s changed", is_rebuilt ? "rebuilt" : "restarted",
			(double)(clock_ms() - s->current.changed_ms) / 1e3, changed);

	supervisor_tell(s, LOCAL_EVENT_RESTARTED, text, "");
}

/* A server that 'server.restart' starts again is ready several times. */
static void on_ready(struct supervisor *s, const struct report *m)
{
	if (m->generation != s->current.number || s->is_ending)
		return;
	tell_ready(s);
	memcpy(s->digest, s->current.digest, sizeof(s->digest));
	set_state(s, LOCAL_READY);
}

/* Is there one that goes on when the next one comes to nothing? */
static bool has_current(const struct supervisor *s)
{
	return child_is_alive(&s->current) && !s->current.is_ending;
}

static void on_failed(struct supervisor *s, const struct report *m)
{
	bool is_next = child_is_alive(&s->next) && m->generation == s->next.number;

	if (is_next)
		s->next.has_failed = true;
	if (is_next && has_current(s))
		supervisor_tell(s, LOCAL_EVENT_REFUSED, m->error.message, m->error.hint);
	else if (is_next || m->generation == s->current.number)
		end_with(s, &m->error, DRAIN_MS);
}

static void on_down(struct supervisor *s, const struct report *m)
{
	if (m->generation != s->current.number || s->is_ending)
		return;
	supervisor_tell(s, LOCAL_EVENT_DOWN, m->error.message, m->error.hint);
	set_state(s, LOCAL_DOWN);
}

static void on_message(struct supervisor *s, const struct report *m)
{
	switch (m->kind) {
	case REPORT_PREPARED:
		on_prepared(s, m);
		break;
	case REPORT_READY:
		on_ready(s, m);
		break;
	case REPORT_DOWN:
		on_down(s, m);
		break;
	case REPORT_FAILED:
		on_failed(s, m);
		break;
	case REPORT_CHANGED:
		begin_change(s, m->text);
		break;
	case REPORT_NOTE:
		supervisor_tell(s, LOCAL_EVENT_NOTE, m->text, "");
		break;
	case REPORT_REQUEST:
		supervisor_tell(s, LOCAL_EVENT_REQUEST, m->text, "");
		break;
	case REPORT_OUTPUT: /* a supervisor's own, for its starter */
		break;
	}
}

static void hear_all(struct supervisor *s)
{
	auto_free struct report *m = xcalloc(1, sizeof(*m));

	for (int i = 0; i < MESSAGES_MAX && report_receive(s->events[0], m) > 0; i++)
		on_message(s, m);
}

/* --- ends */

static void on_current_gone(struct supervisor *s)
{
	bool was_asked = s->current.is_ending;
	struct error err;

	child_forget(&s->current);
	if (was_asked && s->next.is_prepared) {
		auto_free char *late = take(s->late);

		give_turn(s);
		if (late)
			begin_change(s, late);
	} else if (!was_asked && !s->is_ending) {
		/* it says why before it goes */
		fail(&err, ERROR_START, "the process that ran the chute was killed");
		end_with(s, &err, 0);
	}
}

static void on_next_gone(struct supervisor *s)
{
	struct error err;

	bool has_said_why = s->next.has_failed;

	child_forget(&s->next);
	if (s->is_ending || has_said_why)
		return;
	fail(&err, ERROR_START, "the process that was to run the chute was killed");
	if (has_current(s))
		supervisor_tell(s, LOCAL_EVENT_REFUSED, err.message, err.hint);
	else
		end_with(s, &err, 0);
}

static void check_child(struct supervisor *s, struct child *c)
{
	int pidfd = c->pidfd;

	if (!process_reap_ended(pidfd))
		return;
	hear_all(s); /* its last words */
	if (c->pidfd != pidfd)
		return; /* by which it was forgotten */
	if (c == &s->current)
		on_current_gone(s);
	else
		on_next_gone(s);
}

static void check_clock(struct supervisor *s)
{
	uint64_t now = clock_ms();
	struct error err;

	if (s->timeout_at && now >= s->timeout_at && !s->is_ending) {
		fail(&err, ERROR_TIMEOUT, "not finished after %.1f s",
		     (double)s->options->timeout_ms / 1e3);
		end_with(s, &err, DRAIN_MS);
	}
	if (s->current.kill_at && now >= s->current.kill_at) {
		child_end(&s->current);
		on_current_gone(s);
	}
}

static void check_signal(struct supervisor *s)
{
	struct error err;

	if (!interrupt_check(&err))
		end_with(s, &err, interrupt_signal() == SIGINT ? DRAIN_MS : DRAIN_STOP_MS);
}

/* A starter that dies before it was told has nobody who knows of us. */
static void hear_starter(struct supervisor *s)
{
	struct error err;
	bool has_heard = starter_has_heard(s->starter);

	fd_close(&s->starter);
	if (has_heard)
		return;
	fail(&err, ERROR_INTERRUPTED, "who started it is gone");
	end_with(s, &err, 0);
}

static int next_wait(const struct supervisor *s)
{
	const uint64_t times[] = {s->is_ending ? 0 : s->timeout_at, s->current.kill_at};

	return ms_until_first(times, array_len(times));
}

static void loop(struct supervisor *s)
{
	while (child_is_alive(&s->current) || child_is_alive(&s->next)) {
		struct pollfd fds[] = {
			{.fd = s->is_ending ? -1 : interrupt_fd(), .events = POLLIN},
			{.fd = s->events[0], .events = POLLIN},
			{.fd = s->output[0], .events = POLLIN},
			{.fd = s->starter, .events = POLLIN},
			{.fd = s->current.pidfd, .events = POLLIN},
			{.fd = s->next.pidfd, .events = POLLIN},
		};

		if (poll(fds, array_len(fds), next_wait(s)) < 0)
			continue; /* a signal: the descriptor says so */
		if (fds[2].revents)
			supervisor_take_output(s);
		if (fds[1].revents)
			hear_all(s);
		if (fds[0].revents)
			check_signal(s);
		if (fds[3].revents)
			hear_starter(s);
		if (child_is_alive(&s->current))
			check_child(s, &s->current);
		if (child_is_alive(&s->next))
			check_child(s, &s->next);
		check_clock(s);
	}
}

/* --- begin and end */

/* Somebody listens there: one of ours? */
static bool explain_port(const struct local_options *o, struct error *err)
{
	const char *port = strrchr(o->address, ':');
	auto_local_chutes list = {0};
	struct error ignored; /* the port is in use anyway */

	if (err->code != ERROR_CONFLICT || !local_list(&list, &ignored))
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (text_ends_with(list.items[i].address, port))
			return fail_hint(err,
					 "the chute '%s' listens there: 'chutes stop %s' ends it, "
					 "-p 0 takes any free port",
					 list.items[i].name, list.items[i].name);
	return false;
}

static bool open_pipes(struct supervisor *s, struct error *err)
{
	if (!report_open(s->events, err))
		return false;
	if (pipe2(s->output, O_CLOEXEC) < 0 ||
	    fcntl(s->output[0], F_SETFL, O_RDONLY | O_NONBLOCK) < 0)
		return fail_errno(err, "making a pipe");
	if (s->starter < 0)
		return true;
	/* what is left of our terminal, for what builds tell */
	auto_fd int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return (dup2(null, STDIN_FILENO) >= 0 && dup2(s->output[1], STDOUT_FILENO) >= 0 &&
		dup2(s->output[1], STDERR_FILENO) >= 0) ||
	       fail_errno(err, "leaving the terminal");
}

static void describe(struct supervisor *s)
{
	const struct local_options *o = s->options;
	const struct spec *spec = o->launch.spec;

	s->grace_ms = spec->mode == SPEC_SERVER ? spec->server.stop.grace_ms : GRACE_MS;
	s->timeout_at = o->timeout_ms ? clock_ms() + o->timeout_ms : 0;
	s->chute = (struct local_chute){
		.name = s->entry.name,
		.address = s->address,
		.image = s->image,
		.directory = spec->directory,
		.state = LOCAL_STARTING,
		.is_stub = o->is_stub,
		.pid = getpid(),
		.started_unix = clock_unix(),
		.stop_ms = DRAIN_STOP_MS + s->grace_ms + CLEANING_MS,
	};
}

static bool begin(struct supervisor *s, struct error *err)
{
	const struct local_options *o = s->options;

	if (!entry_claim(o->name ? o->name : o->launch.spec->name, &s->entry, err))
		return false;
	if (!local_listen(o->address, &s->listener, &s->address, err))
		return explain_port(o, err);
	s->image = xstrdup(o->launch.image ? o->launch.image : "");
	describe(s);
	if (!entry_save(&s->entry, &s->chute, err) ||
	    !log_writer_open(s->entry.name, &s->log, err) || !open_pipes(s, err))
		return false;
	supervisor_tell(s, LOCAL_EVENT_LISTENING, s->address, "");
	return child_start(s, NULL, err);
}

static void release(struct supervisor *s)
{
	child_kill(&s->current);
	child_kill(&s->next);
	fd_close(&s->listener);
	entry_remove(&s->entry);
	log_writer_close(&s->log);
	for (size_t i = 0; i < 2; i++) {
		fd_close(&s->events[i]);
		fd_close(&s->output[i]);
	}
	text_release(&s->line);
	free(s->address);
	free(s->image);
	free(s->late);
}

bool supervise(const struct local_options *o, int starter, struct error *err)
{
	struct supervisor s = {
		.options = o,
		.entry = {.fd = -1},
		.log = {.fd = -1},
		.listener = -1,
		.events = {-1, -1},
		.output = {-1, -1},
		.starter = starter,
		.current = NO_CHILD,
		.next = NO_CHILD,
	};

	interrupt_catch();
	bool ok = begin(&s, err);

	if (ok) {
		loop(&s);
		supervisor_end_output(&s);
	}
	if (ok && s.has_failed) {
		*err = s.failure;
		ok = false;
	}
	release(&s);
	return ok;
}

bool local_run(const struct local_options *o, struct error *err) { return supervise(o, -1, err); }
