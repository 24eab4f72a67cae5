/* SPDX-License-Identifier: MIT
 * What stands between a chute and our terminal. With the terminal itself a chute could read what is
 * typed there, the answers to its own control sequences included, and leave it in another mode.
 * What a chute wrote last is kept, since it tells why one ended.
 */
#include "lib/launch/relay.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

struct relay {
	int to;
	struct tail *tail;
	int pipe[2];
	pthread_t thread;
};

static void *copy(void *arg)
{
	struct relay *r = arg;
	auto_free char *bytes = xcalloc(CHUNK, 1);
	bool is_open = true;
	struct error ignored; /* a terminal that is gone must not end the chute */
	ssize_t n;

	while ((n = read(r->pipe[0], bytes, CHUNK)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		if (r->tail)
			tail_add(r->tail, bytes, (size_t)n);
		is_open = is_open && fd_write_all(r->to, bytes, (size_t)n, &ignored);
	}
	return NULL;
}

bool relay_open(int to, struct tail *tail, struct relay **out, struct error *err)
{
	struct relay *r = xcalloc(1, sizeof(*r));

	r->to = to;
	r->tail = tail;
	if (pipe2(r->pipe, O_CLOEXEC) < 0) {
		free(r);
		return fail_errno(err, "making a pipe");
	}
	errno = pthread_create(&r->thread, NULL, copy, r);
	if (errno == 0) {
		*out = r;
		return true;
	}
	fail_errno(err, "starting a thread");
	fd_close(&r->pipe[0]);
	fd_close(&r->pipe[1]);
	free(r);
	return false;
}

int relay_fd(const struct relay *r) { return r->pipe[1]; }

void relay_close(struct relay *r)
{
	if (!r)
		return;
	fd_close(&r->pipe[1]);
	pthread_join(r->thread, NULL);
	fd_close(&r->pipe[0]);
	free(r);
}
