/* SPDX-License-Identifier: MIT
 * The two processes of a sandbox: clone, hand-shake, and the loop of the one outside.
 *
 * Order (each line waits for the one before): clone; inside: death signal, wait for a byte;
 * outside: id maps, write the byte; inside: mounts, `work`. When the outside dies before the byte,
 * the read ends; when it dies later, the death signal comes. Process 1 of a pid namespace takes
 * everything in it along, and the mounts go with the last process.
 */
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/time.h"
#include "lib/container/container_internal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
typedef bool (*work_function)(struct sandbox *, void *, struct error *);

/* Nobody reads it inside after the hand-shake: a packet from the outside is the wish to stop. */
int sandbox_stop_fd(const struct sandbox *inside) { return inside->socket; }

enum sandbox_ids sandbox_ids_of(const struct sandbox *inside) { return inside->ids; }

/* One byte to the inside: go on first, stop later. */
static void signal_inside(int socket)
{
	/* it fails only when there is nobody left, which the loop will see */
	ssize_t ignored maybe_unused = send(socket, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void sandbox_stop(const struct sandbox *outside) { signal_inside(outside->socket); }

/* --- inside */

/* `sockets`: the outside's end, the inside's. */
static _Noreturn void inside(int sockets[2], enum sandbox_ids ids, work_function work, void *arg)
{
	struct sandbox self = {.ids = ids, .socket = sockets[1]};
	struct error err = {0};
	char go;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd_close(&sockets[0]);
	interrupt_reset();
	if (recv(sockets[1], &go, 1, 0) != 1)
		_exit(EXIT_FAILURE);
	self.is_user_namespace = in_user_namespace();
	setsid();
	umask(022);
	prctl(PR_SET_NAME, "chutes-sandbox");
	/* our supplementary groups are not mapped; with one id the kernel wants them kept */
	if (ids == SANDBOX_SUBIDS && syscall(SYS_setgroups, 0, NULL) < 0)
		fail_errno(&err, "dropping groups");
	else if (sandbox_mounts(&self, &err) && work(&self, arg, &err))
		_exit(EXIT_SUCCESS);
	struct error ignored; /* nobody left to tell */
	bool told maybe_unused =
		sandbox_send(&self, SANDBOX_MESSAGE_FAILURE, &err, sizeof(err), -1, &ignored);

	_exit(EXIT_FAILURE);
}

/* --- outside */

struct watch {
	const struct sandbox_options *o;
	struct sandbox outside;
	struct sandbox_message *message;
	int pidfd;
	bool has_ended;
	bool has_failed; /* `failure` is why; the first one counts */
	bool is_stopping;
	struct error failure;
	uint64_t timeout_at; /* clock_ms(); 0: never */
	uint64_t kill_at;
	uint64_t tick_at;
};

static void kill_sandbox(const struct watch *w)
{
	/* it fails only for one that has ended */
	syscall(SYS_pidfd_send_signal, w->pidfd, SIGKILL, NULL, 0);
}

/* A callback said no: nothing inside matters any more. */
static void give_up(struct watch *w, const struct error *why)
{
	if (!w->has_failed)
		w->failure = *why;
	w->has_failed = true;
	kill_sandbox(w);
}

static void begin_stop(struct watch *w, const struct error *why)
{
	w->is_stopping = true;
	if (w->o->grace_ms == 0) {
		give_up(w, why);
		return;
	}
	w->failure = *why;
	w->has_failed = true;
	w->kill_at = clock_ms() + w->o->grace_ms;
	w->timeout_at = 0;
	sandbox_stop(&w->outside);
}

static void handle_message(struct watch *w)
{
	struct sandbox_message *m = w->message;
	struct error err;

	if (m->type == SANDBOX_MESSAGE_FAILURE) {
		fd_close(&m->fd);
		if (m->len == sizeof(err) && !w->has_failed) {
			memcpy(&w->failure, m->bytes, sizeof(w->failure));
			w->has_failed = true;
		}
	} else if (!w->o->on_message) {
		fd_close(&m->fd);
	} else if (!w->o->on_message(w->o->context, m->type, m->bytes, m->len, m->fd, &err)) {
		give_up(w, &err);
	}
}

static void receive_all(struct watch *w)
{
	struct error err;
	int got;

	while ((got = sandbox_receive(w->outside.socket, w->message, &err)) > 0)
		handle_message(w);
	if (got < 0)
		give_up(w, &err);
}

static void check_clock(struct watch *w)
{
	const struct sandbox_options *o = w->o;
	uint64_t now = clock_ms();
	struct error err;

	if (w->kill_at && now >= w->kill_at) {
		w->kill_at = 0;
		kill_sandbox(w);
	}
	if (w->timeout_at && now >= w->timeout_at && !w->is_stopping) {
		fail(&err, ERROR_TIMEOUT, "not finished after %.1f s", (double)o->timeout_ms / 1e3);
		begin_stop(w, &err);
	}
	if (o->on_tick && now >= w->tick_at) {
		w->tick_at = now + o->tick_ms;
		if (!o->on_tick(o->context, &w->outside, &err))
			give_up(w, &err);
	}
}

static int next_wait(const struct watch *w)
{
	const uint64_t times[] = {w->timeout_at, w->kill_at, w->o->on_tick ? w->tick_at : 0};

	return ms_until_first(times, array_len(times));
}

static void watch_once(struct watch *w)
{
	struct pollfd fds[] = {
		{.fd = w->pidfd, .events = POLLIN},
		{.fd = w->outside.socket, .events = POLLIN},
		{.fd = w->is_stopping ? -1 : interrupt_fd(), .events = POLLIN},
		{.fd = w->o->on_readable ? w->o->extra_fd : -1, .events = POLLIN},
	};
	struct error err;

	if (poll(fds, array_len(fds), next_wait(w)) < 0) {
		if (errno != EINTR) {
			fail_errno(&err, "waiting for the sandbox");
			give_up(w, &err);
		}
		return;
	}
	if (fds[1].revents)
		receive_all(w);
	if (fds[1].revents & POLLHUP)
		fd_close(&w->outside.socket);
	if (fds[2].revents && !interrupt_check(&err))
		begin_stop(w, &err);
	if (w->o->on_readable && fds[3].revents && !w->o->on_readable(w->o->context, &err))
		give_up(w, &err);
	w->has_ended = fds[0].revents != 0;
}

static bool watch(struct watch *w, struct error *err)
{
	while (!w->has_ended) {
		check_clock(w);
		watch_once(w);
	}
	if (w->outside.socket >= 0)
		receive_all(w);
	int status = process_reap(w->pidfd);

	if (w->has_failed) {
		*err = w->failure;
		return false;
	}
	if (status == 128 + SIGKILL)
		return fail(err, ERROR_FAILURE, "the sandbox was killed: is memory short?");
	return status == 0 || fail(err, ERROR_FAILURE, "the sandbox ended with %d", status);
}

/* Clone and map; on success the inside runs. */
static bool start(int sockets[2], const struct sandbox_options *o, work_function work, void *arg,
		  int *pidfd, struct error *err)
{
	long flags = CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | SIGCHLD;
	int fd = -1;

	if (o->ids != SANDBOX_ROOT)
		flags |= CLONE_NEWUSER;
	/* not clone3(2): the filters of common containers answer it with ENOSYS */
	pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, &fd, NULL, NULL);

	if (pid == 0)
		inside(sockets, o->ids, work, arg);
	if (pid < 0)
		return fail_namespaces(err, o->ids, errno);
	fd_close(&sockets[1]);
	if (!sandbox_map_ids(pid, o->ids, err)) {
		fd_close(&sockets[0]); /* it waits for the byte and ends by itself */
		process_reap(fd);
		fd_close(&fd);
		return false;
	}
	signal_inside(sockets[0]);
	*pidfd = fd;
	return true;
}

bool sandbox_run(const struct sandbox_options *o, work_function work, void *arg, struct error *err)
{
	int sockets[2];
	auto_fd int pidfd = -1;

	assert(!o->on_tick || o->tick_ms > 0);
	if (!interrupt_check(err))
		return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return fail_errno(err, "making a sandbox");
	if (!start(sockets, o, work, arg, &pidfd, err)) {
		fd_close(&sockets[0]);
		fd_close(&sockets[1]);
		return false;
	}
	auto_free struct sandbox_message *message = xcalloc(1, sizeof(*message));
	struct watch w = {
		.o = o,
		.outside = {.ids = o->ids, .socket = sockets[0]},
		.message = message,
		.pidfd = pidfd,
		.timeout_at = o->timeout_ms ? clock_ms() + o->timeout_ms : 0,
	};
	bool ok = watch(&w, err);

	fd_close(&w.outside.socket);
	return ok;
}
