/* SPDX-License-Identifier: MIT
 * Which chutes run here, one of them by name, and its end.
 */
#include "lib/local/local_internal.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/time.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	LOOK_MS = 20,     /* between two looks at a lock that is about to be given back */
	KILLED_MS = 5000, /* what dies with a killed supervisor is gone by then */
};

void local_chute_release(struct local_chute *c)
{
	free(c->name);
	free(c->address);
	free(c->image);
	free(c->directory);
	*c = (struct local_chute){0};
}

void local_chutes_release(struct local_chutes *c)
{
	for (size_t i = 0; i < c->n; i++)
		local_chute_release(&c->items[i]);
	free(c->items);
	*c = (struct local_chutes){0};
}

bool local_list(struct local_chutes *out, struct error *err)
{
	auto_strings names = {0};
	auto_local_chutes list = {0};

	if (!entry_names("run", &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct error why;
		uint64_t ticks;

		list.items = list_grow(list.items, list.n, &list.capacity, sizeof(*list.items));
		list.items[list.n] = (struct local_chute){0};
		int got = entry_load(names.items[i], &list.items[list.n], &ticks, &why);

		/* of another version, maybe: the others are there all the same */
		if (got < 0)
			log_warning("local: %s", why.message);
		list.n += got > 0;
	}
	*out = list;
	list = (struct local_chutes){0};
	return true;
}

bool fail_among(const struct strings *names, const char *name, const char *otherwise,
		struct error *err)
{
	const char *near =
		name ? text_nearest(name, (const char *const *)strings_argv(names)) : NULL;
	auto_text all = {.max = 200};

	if (near)
		return fail_hint(err, "did you mean '%s'?", near);
	if (names->n == 0)
		return fail_hint(err, "%s", otherwise);
	for (size_t i = 0; i < names->n; i++)
		text_addf(&all, "%s%s", i ? ", " : "", names->items[i]);
	return fail_hint(err, "there is: %s", text_str(&all));
}

/* `name` NULL: any. */
static bool fail_unknown(const struct local_chutes *list, const char *name, struct error *err)
{
	auto_strings names = {0};

	for (size_t i = 0; i < list->n; i++)
		strings_add(&names, list->items[i].name);
	if (name)
		fail(err, ERROR_NOT_FOUND, "no chute '%.60s' runs here", name);
	else if (list->n == 0)
		fail(err, ERROR_NOT_FOUND, "no chute runs here");
	else
		fail(err, ERROR_USAGE, "%zu chutes run here: which one is not said", list->n);
	return fail_among(&names, name, "'chutes run -d' starts one", err);
}

static const struct local_chute *choose(const struct local_chutes *list, const char *name)
{
	if (!name)
		return list->n == 1 ? &list->items[0] : NULL;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

bool local_find(const char *name, struct local_chute *out, struct error *err)
{
	auto_local_chutes list = {0};

	if (!local_list(&list, err))
		return false;
	const struct local_chute *found = choose(&list, name);

	if (!found)
		return fail_unknown(&list, name, err);
	/* what stays behind is released with the list */
	size_t i = (size_t)(found - list.items);

	*out = list.items[i];
	list.items[i] = (struct local_chute){0};
	return true;
}

/* --- stop */

/* A descriptor of exactly the process that wrote the entry; -1 when it is gone. */
static int open_process(const struct local_chute *chute, uint64_t start_ticks)
{
	auto_fd int fd = (int)syscall(SYS_pidfd_open, (pid_t)chute->pid, 0);

	if (fd < 0 || process_start_ticks((pid_t)chute->pid) != start_ticks)
		return -1;
	return fd_take(&fd);
}

/* 1 when nothing of it is left, 0 when the time is over, -1 for a signal. */
static int wait_gone(const char *name, int pidfd, uint64_t wait_ms, struct error *err)
{
	uint64_t deadline = clock_ms() + wait_ms;

	for (;;) {
		struct pollfd fds[] = {{.fd = interrupt_fd(), .events = POLLIN},
				       {.fd = pidfd, .events = POLLIN}};
		uint64_t now = clock_ms();

		if (!entry_is_held(name))
			return 1;
		if (now >= deadline)
			return 0;
		if (!interrupt_check(err))
			return -1;
		if (poll(fds, array_len(fds), LOOK_MS) > 0 && fds[1].revents)
			pidfd = -1; /* the last of its children give the lock back a moment later */
	}
}

bool local_stop(const char *name, uint64_t grace_ms, struct error *err)
{
	auto_local_chute chute = {0};
	uint64_t ticks;
	int got = entry_load(name, &chute, &ticks, err);

	if (got < 0)
		return false;
	if (got == 0) {
		auto_local_chutes list = {0};

		return local_list(&list, err) && fail_unknown(&list, name, err);
	}
	auto_fd int pidfd = open_process(&chute, ticks);

	if (pidfd >= 0 && syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0) < 0 &&
	    errno != ESRCH)
		return fail_errno(err, "asking '%s' to stop", name);
	got = wait_gone(name, pidfd, chute.stop_ms + grace_ms, err);
	if (got == 0 && pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		got = wait_gone(name, pidfd, KILLED_MS, err);
	}
	if (got == 0)
		return fail(err, ERROR_TIMEOUT, "chute '%s' does not end, although it was killed",
			    name);
	if (got > 0)
		got = entry_load(name, &chute, &ticks, err); /* takes away what KILL left */
	return got >= 0;
}
