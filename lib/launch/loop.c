/* SPDX-License-Identifier: MIT
 * The outside of a launch: asks at the door, tells the phases, ends it. One loop, in which nothing
 * waits for the chute.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/launch/launch_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	FIRST_PAUSE_MS = 20, /* doubled from question to question */
	CLEANING_MS = 1000,  /* what the inside has beyond the process's own grace */
	COLLECT_MS = 60000,  /* the same for a job, whose output may be large */
	NEVER_MS = 1 << 30,
	PORTS_PAUSE_MS = 5000, /* before other ports are looked at */
	CORDS_LIMIT = 1 << 20,
};

static void tell_phase(const struct launch *l, enum launch_phase phase)
{
	if (l->options->on_phase)
		l->options->on_phase(l->options->context, phase);
}

/* --- the questions */

static void sooner(uint64_t *at, uint64_t when)
{
	if (when && (!*at || when < *at))
		*at = when;
}

/* Wake us at the next of our times. */
static bool set_timer(const struct launch *l, struct error *err)
{
	uint64_t now = clock_ms();
	uint64_t at = 0;

	sooner(&at, l->ask_at);
	sooner(&at, l->unready_at);
	sooner(&at, l->kill_at);
	if (l->job)
		sooner(&at, l->job->late_at);
	if (l->probe.state != PROBE_IDLE)
		sooner(&at, l->probe.deadline);
	uint64_t wait = at > now ? at - now : 0;
	struct itimerspec when = {
		.it_value = {(time_t)(wait / 1000), (long)(wait % 1000) * 1000000}};

	if (at && wait == 0)
		when.it_value.tv_nsec = 1; /* 0 would be never */
	return timerfd_settime(l->timer, 0, &when, NULL) == 0 || fail_errno(err, "setting a timer");
}

static bool watch_fd(const struct launch *l, int how, int fd, uint32_t events, struct error *err)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(l->epoll, how, fd, &event) == 0 || fail_errno(err, "watching the chute");
}

static void ask_later(struct launch *l)
{
	l->ask_at = clock_ms() + l->pause_ms;
	l->pause_ms = l->pause_ms * 2 < l->interval_ms ? l->pause_ms * 2 : l->interval_ms;
}

static bool tell_cords(const struct launch *l, struct error *err)
{
	struct stat st;
	auto_free char *json = NULL;

	if (l->cords_fd < 0 || !l->options->on_cords || fstat(l->cords_fd, &st) < 0 ||
	    st.st_size == 0)
		return true;
	if (st.st_size > CORDS_LIMIT)
		return fail(err, ERROR_START, "the list of the module's cords is above %d bytes",
			    CORDS_LIMIT);
	json = xcalloc((size_t)st.st_size + 1, 1);
	if (pread(l->cords_fd, json, (size_t)st.st_size, 0) != st.st_size)
		return fail_errno(err, "reading the module's cords");
	l->options->on_cords(l->options->context, json);
	return true;
}

static bool become_ready(struct launch *l, struct error *err)
{
	l->is_ready = true;
	l->unready_at = 0;
	l->ask_at = 0;
	if (!tell_cords(l, err) || !launch_lock(l, err))
		return false;
	tell_phase(l, LAUNCH_READY);
	return true;
}

/* Said early: who waits ten minutes for a wrong number learns nothing. */
static void tell_other_ports(struct launch *l)
{
	auto_text ports = {0};

	if (l->has_told_ports || l->last_status || clock_ms() - l->started_at < PORTS_PAUSE_MS)
		return;
	l->has_told_ports = true;
	if (describe_other_ports(l, &ports))
		l->options->on_note(l->options->context, text_str(&ports));
}

static bool ask(struct launch *l, struct error *err)
{
	tell_other_ports(l);
	l->ask_at = 0;
	if (!probe_begin(&l->probe)) {
		ask_later(l);
		return true;
	}
	return watch_fd(l, EPOLL_CTL_ADD, l->probe.fd, (uint32_t)probe_events(&l->probe), err);
}

/* The socket of a probe may be another one, or another event may be due, after each step. */
static bool hear(struct launch *l, struct error *err)
{
	int fd = l->probe.fd;
	int status = 0;

	if (!watch_fd(l, EPOLL_CTL_DEL, fd, 0, err))
		return false;
	int got = probe_go_on(&l->probe, &status);

	if (got == 0)
		return watch_fd(l, EPOLL_CTL_ADD, l->probe.fd, (uint32_t)probe_events(&l->probe),
				err);
	if (got > 0) {
		l->last_status = status;
		l->last_fault = l->probe.why;
	}
	if (got > 0 && status == l->ready_status)
		return become_ready(l, err);
	ask_later(l);
	return true;
}

static void stop_asking(struct launch *l)
{
	probe_end(&l->probe);
	l->ask_at = 0;
	l->unready_at = 0;
}

/* --- what happens */

static bool on_started(struct launch *l, struct error *err)
{
	struct error ignored; /* an empty file stays as it is */

	if (l->cords_fd >= 0 &&
	    (ftruncate(l->cords_fd, 0) < 0 || lseek(l->cords_fd, 0, SEEK_SET) < 0))
		fail_errno(&ignored, "emptying the cords");
	l->has_ended = false;
	l->last_status = 0;
	l->last_fault = NULL;
	l->memory_kills = memory_kills();
	l->started_at = clock_ms();
	if (l->was_told_to_stop)
		return true;
	tell_phase(l, LAUNCH_STARTING);
	if (l->job) {
		l->job->late_at = l->job->timeout_ms ? clock_ms() + l->job->timeout_ms : 0;
		return set_timer(l, err);
	}
	l->unready_at = clock_ms() + l->ready_ms;
	l->pause_ms = FIRST_PAUSE_MS;
	return ask(l, err) && set_timer(l, err);
}

static bool on_ended(struct launch *l, const struct ended *ended, struct error *err)
{
	l->ended = *ended;
	l->has_ended = true;
	stop_asking(l);
	tell_phase(l, LAUNCH_ENDED);
	if (ended->restart) {
		auto_free char *note = xprintf("the server ended with status %d; restart %u",
					       ended->result.status, ended->restart);

		l->options->on_note(l->options->context, note);
		l->is_ready = false;
		l->n_restarts = ended->restart;
	}
	return set_timer(l, err);
}

static bool on_message(void *context, int type, const void *bytes, size_t len, int fd,
		       struct error *err)
{
	struct launch *l = context;
	struct ended ended;

	if (type == MESSAGE_WAY_OUT) {
		fd_close(&l->way_out);
		l->way_out = fd;
		return true;
	}
	fd_close(&fd);
	if (type == MESSAGE_STARTED)
		return on_started(l, err);
	if (type == MESSAGE_NOTE) {
		auto_free char *note = xstrndup(bytes, len);

		l->options->on_note(l->options->context, note);
		return true;
	}
	if (type != MESSAGE_ENDED || len != sizeof(ended))
		return fail(err, ERROR_FAILURE, "the sandbox sent an unknown message %d", type);
	memcpy(&ended, bytes, sizeof(ended));
	return on_ended(l, &ended, err);
}

static uint64_t time_to_stop(const struct launch *l)
{
	return l->grace_ms + (l->job ? COLLECT_MS : CLEANING_MS);
}

static void stop(struct launch *l)
{
	stop_asking(l);
	l->kill_at = clock_ms() + time_to_stop(l);
	sandbox_stop(l->outside);
}

static bool stop_when_told(struct launch *l, struct error *err)
{
	l->was_told_to_stop = true;
	stop(l);
	return watch_fd(l, EPOLL_CTL_DEL, l->options->stop_fd, 0, err);
}

static bool check_times(struct launch *l, struct error *err)
{
	uint64_t now = clock_ms();

	if (l->kill_at && now >= l->kill_at)
		return fail(err, ERROR_FAILURE, "the chute did not end in time");
	if (l->job && l->job->late_at && now >= l->job->late_at) {
		l->job->late_at = 0;
		l->job->is_late = true;
		stop(l);
	}
	if (l->unready_at && now >= l->unready_at)
		return fail_unready(l, err);
	if (l->ask_at && now >= l->ask_at)
		return ask(l, err);
	if (l->probe.state != PROBE_IDLE && l->probe.deadline && now >= l->probe.deadline)
		return hear(l, err);
	return true;
}

static bool on_readable(void *context, struct error *err)
{
	struct launch *l = context;
	struct epoll_event events[4];
	int n = epoll_wait(l->epoll, events, array_len(events), 0);

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;
		uint64_t n_times;

		if (fd == l->timer) {
			ssize_t ignored maybe_unused = read(fd, &n_times, sizeof(n_times));
		} else if (fd == l->options->stop_fd) {
			if (!stop_when_told(l, err))
				return false;
		} else if (l->probe.state != PROBE_IDLE && fd == l->probe.fd && !hear(l, err)) {
			return false;
		}
	}
	return check_times(l, err) && set_timer(l, err);
}

/* Called once, to learn whom to ask to stop. */
static bool on_tick(void *context, struct sandbox *outside, struct error *err maybe_unused)
{
	struct launch *l = context;

	l->outside = outside;
	return true;
}

static bool open_watch(struct launch *l, struct error *err)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->epoll < 0 || l->timer < 0)
		return fail_errno(err, "preparing to watch the chute");
	return watch_fd(l, EPOLL_CTL_ADD, l->timer, EPOLLIN, err) &&
	       (l->options->stop_fd < 0 ||
		watch_fd(l, EPOLL_CTL_ADD, l->options->stop_fd, EPOLLIN, err));
}

bool launch_loop(struct launch *l, struct error *err)
{
	enum sandbox_ids ids;

	if (!launch_prepare(l, err) || !open_watch(l, err) || !sandbox_probe(&ids, err))
		return false;
	struct sandbox_options so = {
		.ids = ids,
		.on_message = on_message,
		.on_readable = on_readable,
		.extra_fd = l->epoll,
		.on_tick = on_tick,
		.tick_ms = NEVER_MS,
		.context = l,
		.timeout_ms = l->options->timeout_ms,
		.grace_ms = time_to_stop(l),
	};

	return sandbox_run(&so, launch_work, l, err);
}
