/* SPDX-License-Identifier: MIT
 * What goes up: the head and the first bytes of the body in one call, then the body as the client
 * sends it, while the chute may answer at any time.
 */
#include "lib/gateway/relay_internal.h"

#include "lib/base/io.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum { PARTS = 4 }; /* head, chunk head, piece, end of the chunk */

/* Something can be read while we send. 1: keep sending (nothing yet, or a 1xx); 0: no, it is the
 * answer or the end; -1: `err`. */
static int listen_up(struct exchange *x, struct error *err)
{
	ssize_t n = relay_read(x, MSG_DONTWAIT);

	if (n <= 0)
		return n < 0; /* the end relay_receive_head() meets again */
	int got = relay_look_for_head(x, err);
	return got < 0 ? -1 : got == 0;
}

static int wait_to_send(struct exchange *x, struct error *err)
{
	unsigned left_ms = relay_time_left(x, err);
	int ready =
		left_ms == 0 ? -1 : request_wait(x->req, x->up->fd, POLLIN | POLLOUT, left_ms, err);

	return ready < 0 ? -1 : listen_up(x, err);
}

/* 1: all is sent; 0: the chute has answered or gone; -1: `err`. */
static int send_parts(struct exchange *x, struct iovec *parts, size_t n_parts, struct error *err)
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = n_parts};

	while (message.msg_iovlen > 0) {
		ssize_t n = sendmsg(x->up->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			x->has_sent = true;
			message_skip(&message, (size_t)n);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return 0;
		int going = wait_to_send(x, err);
		if (going <= 0)
			return going;
	}
	return 1;
}

static void add_part(struct iovec *parts, size_t *n, const void *bytes, size_t len)
{
	union {
		const void *is_not_written;
		void *base;
	} pointer = {.is_not_written = bytes};

	if (len > 0)
		parts[(*n)++] = (struct iovec){pointer.base, len};
}

static bool is_chunked(const struct exchange *x)
{
	return !x->options->body && request_head(x->req)->framing == HTTP1_CHUNKED;
}

/* Either may be empty. As send_parts(). */
static int send_piece(struct exchange *x, struct slice head, struct slice piece, struct error *err)
{
	struct iovec parts[PARTS];
	char chunk_head[HTTP1_CHUNK_HEAD_MAX];
	size_t n = 0;
	bool is_chunk = is_chunked(x) && piece.len > 0;

	add_part(parts, &n, head.at, head.len);
	if (is_chunk)
		add_part(parts, &n, chunk_head, http1_chunk_head(chunk_head, piece.len));
	add_part(parts, &n, piece.at, piece.len);
	if (is_chunk)
		add_part(parts, &n, "\r\n", 2);
	return send_parts(x, parts, n, err);
}

static int send_end(struct exchange *x, struct error *err)
{
	struct iovec parts[1];
	size_t n = 0;

	if (is_chunked(x))
		add_part(parts, &n, "0\r\n\r\n", 5);
	return send_parts(x, parts, n, err);
}

static void note_piece(struct exchange *x, struct slice piece)
{
	const struct http1_head *head = request_head(x->req);

	x->n_read += piece.len;
	x->is_read = head->framing == HTTP1_LENGTH && x->n_read == head->length;
}

/* What the client has sent already goes up with the head. */
static bool read_first(struct exchange *x, struct error *err)
{
	if (!request_has_body(x->req))
		x->is_read = true;
	if (x->is_read || x->piece.len > 0)
		return true;
	struct slice piece;
	int got = request_body_next_or(x->req, -1, &piece, err);
	if (got == 1) {
		x->piece = piece;
		note_piece(x, piece);
	}
	return got >= 0;
}

/* As send_parts(). */
static int send_rest(struct exchange *x, struct error *err)
{
	while (!x->is_read) {
		struct slice piece = {0};
		if (x->piece.len > 0)
			x->is_past_first = true;
		if (relay_time_left(x, err) == 0)
			return -1;
		int got = request_body_next_or(x->req, x->up->fd, &piece, err);
		if (got < 0)
			return -1;
		int going = 1;
		if (got == 2) {
			going = listen_up(x, err);
		} else if (got == 1) {
			x->is_past_first = true;
			note_piece(x, piece);
			going = send_piece(x, (struct slice){0}, piece, err);
		} else {
			x->is_read = true;
		}
		if (going <= 0)
			return going;
	}
	return send_end(x, err);
}

bool relay_send(struct exchange *x, struct error *err)
{
	const struct text *given = x->options->body;
	struct text *text = &x->up->head;
	int going;

	text_clear(text);
	relay_write_head(text, x);
	const struct slice head = {text->bytes, text->len};
	x->has_sent = false;
	if (given) {
		going = send_piece(x, head, (struct slice){given->bytes, given->len}, err);
	} else {
		if (!read_first(x, err))
			return false;
		going = send_piece(x, head, x->piece, err);
		if (going > 0)
			going = send_rest(x, err);
	}
	x->is_sent_whole = going > 0;
	return going >= 0;
}
