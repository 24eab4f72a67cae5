/* SPDX-License-Identifier: MIT
 * The body of a request, piece by piece out of its framing and within its limits.
 */
#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/serve/serve_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

bool request_has_body(const struct request *r)
{
	return r->head.framing == HTTP1_CHUNKED ||
	       (r->head.framing == HTTP1_LENGTH && r->head.length > 0);
}

int64_t request_body_length(const struct request *r)
{
	switch (r->head.framing) {
	case HTTP1_LENGTH:
		return (int64_t)r->head.length;
	case HTTP1_CHUNKED:
		return -1;
	case HTTP1_NO_BODY:
	case HTTP1_UNTIL_CLOSE:
		break;
	}
	return 0;
}

/* What follows cannot be told from the body any more: the answer is the last one. */
static int refuse(struct request *r, int status, enum error_code code, const char *reason,
		  struct error *err)
{
	r->is_refused = true;
	r->failure_status = status;
	fail(err, code, "%s", reason);
	return -1;
}

static bool send_continue(struct request *r, struct error *err)
{
	static const char head[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (!r->is_continue_due)
		return true;
	r->is_continue_due = false;
	/* a client that sends without waiting wants none; nor may one follow the reply's head */
	if (r->worker->at < r->worker->end || reply_has_begun(&r->worker->reply))
		return true;
	return send(r->worker->fd, head, sizeof(head) - 1, MSG_NOSIGNAL) == sizeof(head) - 1 ||
	       request_lost(r, err);
}

/* Wait for bytes of the body, or for `fd`. 1, 2 as request_body_next_or(), 0: nothing came. */
static int wait_for_more(struct request *r, int fd, unsigned timeout_ms)
{
	struct pollfd fds[2] = {{.fd = r->worker->fd, .events = POLLIN},
				{.fd = fd, .events = POLLIN}};

	if (poll(fds, 2, (int)timeout_ms) <= 0)
		return 0;
	return fds[0].revents ? 1 : 2;
}

/* Time that passed without bytes counts against the client, not what the handler takes. */
static bool is_too_slow(struct request *r, uint64_t waited_ms, uint64_t got)
{
	const unsigned limit_ms = r->server->options.stall_timeout_ms;

	r->waited_ms += waited_ms;
	r->waited_bytes += got;
	if (r->waited_ms < limit_ms)
		return false;
	bool is_slow = r->waited_bytes * 1000 < r->waited_ms * BODY_BYTES_PER_SECOND_MIN;

	r->waited_ms = r->waited_bytes = 0;
	return is_slow;
}

/* Instead of a descriptor to look after: */
enum { BODY_ALONE = -1, BODY_AT_HAND = -2 };

/* Read behind the head. 1; 2: `fd` is ready, or with BODY_AT_HAND nothing has come; -1. */
static int receive(struct request *r, int fd, struct error *err)
{
	struct worker *w = r->worker;
	uint64_t began_ms = clock_ms();
	ssize_t n;
	int flags = fd == BODY_ALONE ? 0 : MSG_DONTWAIT;

	w->at = w->end = w->head_len;
	while ((n = recv(w->fd, w->in + w->end, INPUT_BYTES - w->end, flags)) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			break;
		if (fd == BODY_AT_HAND)
			return 2;
		uint64_t waited_ms = clock_ms() - began_ms;
		const unsigned limit_ms = r->server->options.stall_timeout_ms;
		int got = waited_ms < limit_ms
				  ? wait_for_more(r, fd, limit_ms - (unsigned)waited_ms)
				  : 0;

		if (got == 2)
			return 2;
		if (got == 0)
			return refuse(r, 408, ERROR_TIMEOUT, "the body does not come", err);
		flags = MSG_DONTWAIT;
	}
	if (n <= 0) {
		request_lost(r, err);
		return -1;
	}
	w->end += (size_t)n;
	if (is_too_slow(r, clock_ms() - began_ms, (uint64_t)n))
		return refuse(r, 408, ERROR_TIMEOUT, "the body comes too slowly", err);
	return 1;
}

/* The next piece of payload that is at hand: 1, 0 at the end, -1, 2 when there is none. */
static int take_piece(struct request *r, struct slice *piece, struct error *err)
{
	struct worker *w = r->worker;
	struct http1_refusal why;
	size_t used = 0;

	while (w->at < w->end && !http1_body_is_over(&r->body)) {
		int got = http1_body_next(&r->body, w->in + w->at, w->end - w->at, &used, piece,
					  &why);

		if (got < 0)
			return refuse(r, why.status, ERROR_USAGE, why.reason, err);
		w->at += used;
		r->body_bytes += piece->len;
		if (piece->len)
			return 1;
	}
	return http1_body_is_over(&r->body) ? 0 : 2;
}

/* As request_body_next_or(). */
static int next(struct request *r, int fd, struct slice *piece, struct error *err)
{
	int got;

	if (r->is_gone) {
		request_lost(r, err);
		return -1;
	}
	while ((got = take_piece(r, piece, err)) == 2) {
		if (!send_continue(r, err))
			return -1;
		got = receive(r, fd, err);
		if (got != 1)
			return got;
	}
	if (got == 1 && r->body_bytes > r->body_max)
		return refuse(r, 413, ERROR_USAGE, "the body is too long", err);
	return got;
}

int request_body_next(struct request *r, struct slice *piece, struct error *err)
{
	return next(r, BODY_ALONE, piece, err);
}

int request_body_next_or(struct request *r, int fd, struct slice *piece, struct error *err)
{
	return next(r, fd < 0 ? BODY_AT_HAND : fd, piece, err);
}

bool request_body_text(struct request *r, size_t max, struct text *out, struct error *err)
{
	struct slice piece;
	int got;

	while ((got = request_body_next(r, &piece, err)) == 1) {
		if (piece.len > max - out->len) {
			refuse(r, 413, ERROR_USAGE, "the body is too long", err);
			return false;
		}
		text_add_bytes(out, piece.at, piece.len);
	}
	return got == 0;
}

bool request_body_to_file(struct request *r, int fd, uint64_t max_bytes, struct error *err)
{
	struct slice piece;
	int got;

	while ((got = request_body_next(r, &piece, err)) == 1) {
		if (r->body_bytes > max_bytes) {
			refuse(r, 413, ERROR_USAGE, "the body is too long", err);
			return false;
		}
		if (!fd_write_all(fd, piece.at, piece.len, err))
			return false;
	}
	return got == 0;
}

bool request_may_keep(const struct request *r)
{
	if (r->is_refused || r->is_gone)
		return false;
	if (http1_body_is_over(&r->body))
		return true;
	/* it waits for 100, so nobody knows whether its body will come */
	return !r->is_continue_due &&
	       (r->body.framing == HTTP1_CHUNKED || r->body.remaining <= DRAIN_BYTES);
}

bool request_finish_body(struct request *r)
{
	struct slice piece;
	struct error ignored; /* the answer is out, all that is left is to close */
	uint64_t began_ms = clock_ms();
	uint64_t limit = r->body_bytes + DRAIN_BYTES;
	int got = 2;

	if (http1_body_is_over(&r->body))
		return true;
	if (r->worker->reply.closes || !request_may_keep(r))
		return false;
	while ((got = take_piece(r, &piece, &ignored)) > 0) {
		if (r->body_bytes > limit || clock_ms() - began_ms >= DRAIN_MS)
			return false;
		if (got == 2 &&
		    (wait_for_more(r, -1, DRAIN_MS) != 1 || receive(r, BODY_ALONE, &ignored) != 1))
			return false;
	}
	return got == 0;
}
