/* SPDX-License-Identifier: MIT
 * What comes down: the answer's head, written anew, and its body as it comes. What has come at once
 * goes out at once; the head goes out with the first bytes of the body.
 */
#include "lib/gateway/relay_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { PIECES = 32 }; /* chunks that go out in one call */

static bool fail_malformed(const char *reason, struct error *err)
{
	return fail(err, ERROR_NETWORK, "the chute's answer is not HTTP/1.1: %s", reason);
}

ssize_t relay_read(struct exchange *x, int flags)
{
	ssize_t n;

	do
		n = recv(x->up->fd, x->up->in + x->len, UPSTREAM_BUFFER_BYTES - x->len, flags);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return -1;
	x->was_reset = n < 0;
	if (n <= 0)
		return 0;
	x->has_received = true;
	x->len += (size_t)n;
	return n;
}

/* To HEAD an answer tells the length of what it leaves out. */
static int64_t length_of(const struct exchange *x)
{
	struct slice text = http1_find(&x->head, "content-length");
	int64_t length = 0;

	if (x->head.framing == HTTP1_LENGTH)
		return (int64_t)x->head.length;
	if (x->head.framing != HTTP1_NO_BODY)
		return REPLY_UNKNOWN_LENGTH;
	for (size_t i = 0; i < text.len; i++) /* checked by the parser */
		length = length * 10 + (text.at[i] - '0');
	return length;
}

static bool is_own(const struct exchange *x, struct slice name)
{
	for (const char *const *own = x->options->own_fields; own && *own; own++)
		if (http1_name_is(name, *own))
			return true;
	return false;
}

/* Late, so that a failure until then is an answer of its own. */
static bool begin(struct exchange *x, struct error *err)
{
	if (x->has_begun)
		return true;
	for (size_t i = 0; i < x->head.n_fields; i++) {
		const struct http1_field *field = &x->head.fields[i];
		if (http1_is_passed_on(&x->head, field) && !is_own(x, field->name))
			reply_field(x->reply, field->name, field->value);
	}
	if (!x->is_sent_whole)
		reply_close(x->reply); /* the rest of the client's body is nobody's */
	x->has_begun = true;
	return reply_begin(x->reply, x->head.status, length_of(x), err);
}

/* 1: bytes came; 0: the connection has ended; -1: `err`. */
static int receive(struct exchange *x, struct error *err)
{
	for (;;) {
		unsigned left_ms = relay_time_left(x, err);
		if (left_ms == 0)
			return -1;
		ssize_t n = relay_read(x, 0);
		if (n >= 0)
			return n > 0;
		/* nothing for a while: whoever waits for the head gets it, and from here on the
		 * client is watched as well */
		if (x->has_head && !x->has_begun &&
		    !(begin(x, err) && reply_write_pieces(x->reply, NULL, 0, false, err)))
			return -1;
		if (request_wait(x->req, x->up->fd, POLLIN, left_ms, err) < 0)
			return -1;
	}
}

int relay_look_for_head(struct exchange *x, struct error *err)
{
	struct http1_refusal why;
	size_t used;

	while (http1_head_is_worth_parsing(x->up->in, x->len, &x->looked)) {
		int got = http1_parse_reply(x->up->in, x->len, x->method, &x->head, &used, &why);
		if (got == 0)
			return 0;
		if (got < 0) {
			fail_malformed(why.reason, err);
			return -1;
		}
		if (x->head.status == 101) {
			fail_malformed("it changes to another protocol", err);
			return -1;
		}
		if (x->head.status >= 200) {
			x->has_head = true;
			x->at = used;
			return 1;
		}
		x->len -= used;
		memmove(x->up->in, x->up->in + used, x->len);
		x->looked = 0;
	}
	return 0;
}

int relay_receive_head(struct exchange *x, struct error *err)
{
	while (!x->has_head) {
		int got = receive(x, err);
		if (got < 0)
			return -1;
		if (got == 0) {
			if (!x->has_received)
				return 0;
			fail(err, ERROR_NETWORK,
			     "the chute broke off within the head of its answer");
			return -1;
		}
		if (relay_look_for_head(x, err) < 0)
			return -1;
	}
	return 1;
}

/* Take what has come out of its framing, as far as there is room for pieces. 1: there may be more;
 * 0: the body is over; -1: `err`. */
static int take_apart(struct exchange *x, struct slice pieces[PIECES], size_t *n, struct error *err)
{
	*n = 0;
	while (*n < PIECES) {
		struct http1_refusal why;
		size_t used;
		int got = http1_body_next(&x->body, x->up->in + x->at, x->len - x->at, &used,
					  &pieces[*n], &why);
		if (got < 0) {
			fail_malformed(why.reason, err);
			return -1;
		}
		x->at += used;
		*n += pieces[*n].len > 0;
		if (got == 0 && x->at < x->len) {
			fail_malformed("bytes follow behind its end", err);
			return -1;
		}
		if (got == 0 || x->at == x->len)
			return got;
	}
	return 1;
}

static bool pass_on(struct exchange *x, const struct slice *pieces, size_t n, bool is_last,
		    struct error *err)
{
	/* with a length the body is on its way: one write for both */
	if (n == 0 && !is_last && x->head.framing == HTTP1_LENGTH)
		return true;
	if (!begin(x, err) || !reply_write_pieces(x->reply, pieces, n, is_last, err))
		return false;
	for (size_t i = 0; i < n; i++)
		x->n_bytes += pieces[i].len;
	return true;
}

/* 1; 0: the body ends with the connection; -1: `err`. */
static int receive_more(struct exchange *x, struct error *err)
{
	if (x->at < x->len)
		return 1;
	if (x->has_begun)
		x->at = x->len = 0; /* until then the head lies there */
	int got = receive(x, err);
	if (got == 0 && (x->was_reset || x->body.framing != HTTP1_UNTIL_CLOSE)) {
		fail(err, ERROR_NETWORK, "the chute broke off after %llu bytes of its answer",
		     (unsigned long long)x->n_bytes);
		return -1;
	}
	return got;
}

/* HEAD was asked as something else: what follows is for nobody. */
static bool leaves_body_out(const struct exchange *x)
{
	return strcmp(request_method(x->req), "HEAD") == 0 && x->head.framing != HTTP1_NO_BODY;
}

bool relay_answer(struct exchange *x, bool *is_whole, struct error *err)
{
	struct slice pieces[PIECES];
	size_t n;

	http1_body_init(&x->body, &x->head);
	int going = take_apart(x, pieces, &n, err);
	if (going < 0)
		return false;
	if (leaves_body_out(x)) {
		*is_whole = false;
		return begin(x, err);
	}
	for (;;) {
		if (!pass_on(x, pieces, n, going == 0, err))
			return false;
		if (going == 0)
			break;
		going = receive_more(x, err);
		if (going > 0)
			going = take_apart(x, pieces, &n, err);
		else
			n = 0;
		if (going < 0)
			return false;
	}
	*is_whole = x->head.keeps_alive && x->is_sent_whole && x->head.framing != HTTP1_UNTIL_CLOSE;
	return true;
}
