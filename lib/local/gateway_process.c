/* SPDX-License-Identifier: MIT
 * The process of a generation that has threads: the gateway. It ends when it is told to, after
 * running requests had their time, and the chute after it.
 */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/gateway/gateway.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	/* During a restart nobody is served: who connects waits in the listener's queue so long
	 * before he is told to come again. */
	HOLD_MS = 5000,
	TEXT_LIMIT = 4 << 20, /* the cords of a module */
};

struct process {
	const struct generation *generation;
	struct gateway *gateway;
	int states;
	uint32_t state;     /* the last one told */
	bool is_refused;    /* the module's own cords are wrong */
	atomic_uint n_lost; /* lines of the access log */
};

/* --- the access log */

static void on_request(void *context, const struct gateway_request *r)
{
	struct process *p = context;
	const struct generation *g = p->generation;
	struct report m = {.kind = REPORT_REQUEST, .generation = g->number};
	auto_text line = {.max = sizeof(m.text) - 1};
	unsigned n_lost = atomic_exchange(&p->n_lost, 0);

	text_addf(&line, "%s \"%s %.*s\" %d ", r->peer, r->method, 2048, r->target, r->status);
	text_add_size(&line, r->bytes);
	text_addf(&line, " %.1f ms", r->seconds * 1e3);
	if (n_lost)
		text_addf(&line, " (%u lines before this one are lost)", n_lost);
	memcpy(m.text, text_str(&line), line.len + 1);
	/* requests do not wait for their lines */
	if (!report_send(g->events, &m, true))
		atomic_fetch_add(&p->n_lost, n_lost + 1);
}

/* --- what it is told */

bool gateway_tell(int states, uint32_t kind, const char *text)
{
	struct gateway_frame frame = {kind, (uint32_t)strlen(text)};
	struct error ignored; /* it has gone: its generation sees that */

	return fd_write_all(states, &frame, sizeof(frame), &ignored) &&
	       fd_write_all(states, text, frame.len, &ignored);
}

static void tell_ready(const struct process *p)
{
	report_send_text(p->generation->events, REPORT_READY, p->generation->number, "");
}

static void refuse(struct process *p, const struct error *why)
{
	p->is_refused = true;
	report_send_error(p->generation->events, REPORT_DOWN, p->generation->number, why);
	gateway_set_state(p->gateway, GATEWAY_DOWN, why->message);
}

/* One frame; false when the generation is gone. */
static bool take_frame(struct process *p)
{
	struct gateway_frame frame;
	struct error err;

	if (fd_read_exact(p->states, &frame, sizeof(frame), &err) <= 0 || frame.len > TEXT_LIMIT)
		return false;
	auto_free char *text = xcalloc(frame.len + 1, 1);

	if (frame.len && fd_read_exact(p->states, text, frame.len, &err) <= 0)
		return false;
	if (p->is_refused)
		return true;
	if (frame.kind == GATEWAY_CORDS) {
		if (!gateway_set_cords(p->gateway, text, &err))
			refuse(p, &err);
		return true;
	}
	p->state = frame.kind;
	gateway_set_state(p->gateway, (enum gateway_state)frame.kind, *text ? text : NULL);
	if (frame.kind == GATEWAY_READY)
		tell_ready(p);
	return true;
}

/* Wait for the next thing to happen, -1: for ever. 1: the chute's state was told; 0: time is over;
 * -1: it is to end, within `drain_ms`. */
static int wait_told(struct process *p, int timeout_ms, unsigned *drain_ms)
{
	struct pollfd fds[] = {{.fd = p->generation->control, .events = POLLIN},
			       {.fd = p->states, .events = POLLIN}};
	struct error ignored;
	int n = poll(fds, array_len(fds), timeout_ms);

	if (n <= 0)
		return n == 0 ? 0 : 1;
	*drain_ms = 0;
	if (fds[0].revents) {
		int got = fd_read_exact(fds[0].fd, drain_ms, sizeof(*drain_ms), &ignored);

		*drain_ms = got > 0 ? *drain_ms : 0;
		return -1;
	}
	return take_frame(p) ? 1 : -1;
}

static void *listen_to_others(void *arg)
{
	struct process *p = arg;
	unsigned drain_ms = 0;

	while (wait_told(p, -1, &drain_ms) >= 0)
		;
	gateway_stop(p->gateway, drain_ms);
	return NULL;
}

/* --- its life */

static bool connect_to_chute(void *context, int *fd, struct error *err)
{
	const struct process *p = context;

	return launch_door_connect(p->generation->launch.door, fd, err);
}

/* Until the chute is there, or it takes too long; false when it is to end. */
static bool hold(struct process *p)
{
	uint64_t deadline = clock_ms() + HOLD_MS;
	unsigned drain_ms;

	for (;;) {
		uint64_t now = clock_ms();
		int got = now < deadline ? wait_told(p, (int)(deadline - now), &drain_ms) : 0;

		if (got <= 0)
			return got == 0;
		if (p->state != GATEWAY_STARTING || p->is_refused)
			return true;
	}
}

static bool serve(struct process *p, struct error *err)
{
	const struct generation *g = p->generation;
	const struct local_options *o = g->options;
	auto_free char *address = xprintf("fd:%d", g->listener);
	struct gateway_options options = {
		.spec = g->launch.spec,
		.connect = o->is_stub ? NULL : connect_to_chute,
		.log = o->logs_requests ? on_request : NULL,
		.context = p,
		.is_stub = o->is_stub,
		.explains_errors = o->explains_errors,
		.cors_origin = o->cors_origin,
		.allows_any_host = !address_is_loopback(o->address),
	};
	pthread_t thread;

	if (!gateway_new(&p->gateway, &options, err) || !gateway_listen(p->gateway, address, err))
		return false;
	if (g->number > 1 && !hold(p))
		return true;
	errno = pthread_create(&thread, NULL, listen_to_others, p);
	if (errno)
		return fail_errno(err, "starting a thread");
	return gateway_run(p->gateway, err);
}

void gateway_process_run(const struct generation *g, int states)
{
	struct process p = {.generation = g, .states = states};
	struct error err;

	if (serve(&p, &err))
		_exit(EXIT_SUCCESS);
	fail_in(&err, "the gateway");
	report_send_error(g->events, REPORT_FAILED, g->number, &err);
	_exit(EXIT_FAILURE);
}
