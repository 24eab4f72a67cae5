/* SPDX-License-Identifier: MIT
 * One request to the chute's web server and its answer back: on a connection of the pool, once more
 * on a new one when that was dead, and nothing left running when the client goes.
 */
#include "lib/gateway/relay_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/time.h"

enum { ABORT_LIMIT_MS = 1000 };

unsigned relay_time_left(const struct exchange *x, struct error *err)
{
	uint64_t now_ms = clock_ms();

	if (now_ms >= x->deadline_ms) {
		fail(err, ERROR_TIMEOUT, "the chute did not finish its answer within %llu s",
		     (unsigned long long)(x->options->limit_ms / 1000));
		return 0;
	}
	return x->deadline_ms - now_ms > INT32_MAX ? INT32_MAX
						   : (unsigned)(x->deadline_ms - now_ms);
}

/* RFC 9110 9.2.2: asked twice, nothing else happens. */
static bool is_idempotent(struct slice method)
{
	static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};

	for (size_t i = 0; i < array_len(methods); i++)
		if (method.len == strlen(methods[i]) &&
		    memcmp(method.at, methods[i], method.len) == 0)
			return true;
	return false;
}

/* Up to the head of the answer. 1: it is there; 0: the connection was dead; -1: `err`. */
static int ask(struct exchange *x, bool is_new, struct error *err)
{
	if (!upstream_open(x->options->upstream, is_new, &x->up, err) || !relay_send(x, err))
		return -1;
	return relay_receive_head(x, err);
}

static bool ask_alive(struct exchange *x, struct error *err)
{
	int got = ask(x, false, err);

	if (got == 0 && x->up->is_reused && !x->is_past_first &&
	    (!x->has_sent || is_idempotent(x->method))) {
		upstream_close(take(x->up));
		got = ask(x, true, err);
	}
	if (got == 0)
		fail(err, ERROR_NETWORK, "the chute closed the connection before it answered");
	return got > 0;
}

static bool run(struct exchange *x, struct error *err)
{
	bool is_whole;

	if (!ask_alive(x, err) || !relay_answer(x, &is_whole, err))
		return false;
	if (is_whole)
		upstream_keep(x->options->upstream, take(x->up));
	else
		upstream_close(take(x->up));
	return true;
}

/* Engines that go on without a client are told to stop. The client has gone: no one is there to
 * hear of a failure. */
static void tell_abort(const struct relay_options *o)
{
	struct upstream_connection *up;
	struct error nobody_listens;
	uint64_t end_ms = clock_ms() + ABORT_LIMIT_MS;
	char byte;

	if (!upstream_open(o->upstream, true, &up, &nobody_listens))
		return;
	text_addf(&up->head,
		  "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		  "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		  o->abort_target, strlen(o->abort_body), o->abort_body);
	if (send(up->fd, up->head.bytes, up->head.len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)up->head.len)
		while (recv(up->fd, &byte, 1, 0) < 0 && errno == EAGAIN && clock_ms() < end_ms)
			;
	upstream_close(up);
}

bool relay(struct request *req, struct reply *reply, const struct relay_options *o,
	   struct relay_result *out, struct error *err)
{
	const char *method = o->method ? o->method : request_method(req);
	struct exchange x;

	memset(&x, 0, offsetof(struct exchange, head)); /* the rest is large and written first */
	x.req = req;
	x.reply = reply;
	x.options = o;
	x.method = (struct slice){method, strlen(method)};
	x.deadline_ms = o->limit_ms > 0 ? clock_ms() + o->limit_ms : UINT64_MAX;
	if (!run(&x, err)) {
		upstream_close(x.up);
		if (err->code == ERROR_INTERRUPTED && o->abort_target)
			tell_abort(o);
		return false;
	}
	out->status = x.head.status;
	out->n_bytes = x.n_bytes;
	return true;
}
