/* SPDX-License-Identifier: MIT
 * Replies: a head, written when the first bytes of the body are there so that both leave in one
 * system call, then the body in its framing.
 */
#include "lib/serve/serve_internal.h"

#include "lib/base/io.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

void reply_init(struct reply *reply, struct request *r) { *reply = (struct reply){.request = r}; }

void reply_release(struct reply *reply)
{
	text_release(&reply->start);
	text_release(&reply->fields);
	text_release(&reply->event);
}

/* For the next request; memory is kept. */
void reply_reset(struct reply *reply)
{
	text_clear(&reply->start);
	text_clear(&reply->fields);
	reply->status = 0;
	reply->framing = HTTP1_NO_BODY;
	reply->has_date = reply->has_no_body = reply->is_head_pending = false;
	reply->is_over = reply->is_broken = reply->closes = reply->is_stalled = false;
	reply->length = reply->n_bytes = 0;
}

bool reply_has_begun(const struct reply *reply) { return reply->status != 0; }
void reply_close(struct reply *reply) { reply->closes = true; }

/* --- the head */
static bool is_ours(struct slice name)
{
	static const char *const names[] = {"Connection", "Content-Length", "Transfer-Encoding"};

	for (size_t i = 0; i < array_len(names); i++)
		if (http1_name_is(name, names[i]))
			return true;
	return false;
}

void reply_field(struct reply *reply, struct slice name, struct slice value)
{
	const struct http1_field field = {name, value};

	assert(!is_ours(name) && !reply_has_begun(reply));
	reply->has_date |= http1_name_is(name, "Date");
	http1_write_parsed_field(&reply->fields, &field);
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
	reply_field(reply, (struct slice){name, strlen(name)},
		    (struct slice){value, strlen(value)});
}

void reply_number(struct reply *reply, const char *name, uint64_t value)
{
	assert(!is_ours((struct slice){name, strlen(name)}) && !reply_has_begun(reply));
	http1_write_number(&reply->fields, name, value);
}

/* RFC 9110 5.6.7; written once a second. */
static void add_date(struct reply *reply)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct timespec now;
	struct tm t;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec != reply->date_unix) {
		gmtime_r(&now.tv_sec, &t);
		snprintf(reply->date, sizeof(reply->date),
			 "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[t.tm_wday],
			 t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min,
			 t.tm_sec);
		reply->date_unix = now.tv_sec;
	}
	text_add(&reply->start, reply->date);
}

bool reply_begin(struct reply *reply, int status, int64_t length, struct error *err)
{
	const struct request *r = reply->request;

	if (r->is_gone || reply->is_broken)
		return request_lost(reply->request, err);
	assert(!reply_has_begun(reply) && status >= 200);
	reply->status = status;
	reply->has_no_body = status == 204 || status == 304 || strcmp(r->method, "HEAD") == 0;
	reply->length = length < 0 ? 0 : (uint64_t)length;
	reply->framing = length >= 0                  ? HTTP1_LENGTH
			 : r->head.minor_version == 1 ? HTTP1_CHUNKED
						      : HTTP1_UNTIL_CLOSE;
	if (status == 204 || status == 304 ||
	    (reply->has_no_body && reply->framing == HTTP1_UNTIL_CLOSE))
		reply->framing = HTTP1_NO_BODY;
	reply->is_head_pending = true;
	return true;
}

static void write_head(struct reply *reply)
{
	const struct request *r = reply->request;

	reply->closes = reply->closes || !r->head.keeps_alive || !request_may_keep(r) ||
			reply->framing == HTTP1_UNTIL_CLOSE || r->server->is_stopping;
	http1_write_status_line(&reply->start, reply->status);
	if (!reply->has_date)
		add_date(reply);
	if (reply->closes)
		text_add(&reply->start, "Connection: close\r\n");
	else if (r->head.minor_version == 0)
		text_add(&reply->start, "Connection: keep-alive\r\n");
	http1_write_framing(&reply->start, reply->framing, reply->length);
	http1_write_end(&reply->fields);
	reply->is_head_pending = false;
}

/* --- sending */
enum {
	PIECES_MAX = 64, /* that one system call takes */
	CHUNKS_MAX = 32,
};
struct sender {
	struct reply *reply;
	struct iovec pieces[PIECES_MAX];
	size_t n_pieces;
	char chunk_heads[CHUNKS_MAX][HTTP1_CHUNK_HEAD_MAX];
	size_t n_chunks;
};

static bool broken(struct reply *reply, struct error *err)
{
	reply->is_broken = true;
	reply->is_stalled = errno == EAGAIN;
	if (reply->is_stalled)
		return fail(err, ERROR_TIMEOUT, "the client reads nothing");
	return request_lost(reply->request, err);
}

static bool flush(struct sender *s, int flags, struct error *err)
{
	const struct worker *w = s->reply->request->worker;
	struct msghdr message = {.msg_iov = s->pieces, .msg_iovlen = s->n_pieces};

	flags |= MSG_NOSIGNAL | w->send_flags;
	while (message.msg_iovlen > 0) {
		ssize_t n = sendmsg(w->fd, &message, flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(s->reply, err);
		message_skip(&message, (size_t)n);
	}
	s->n_pieces = s->n_chunks = 0;
	return true;
}

static bool add(struct sender *s, const char *bytes, size_t len, struct error *err)
{
	if (len == 0)
		return true;
	if (s->n_pieces == PIECES_MAX && !flush(s, MSG_MORE, err))
		return false;
	/* sendmsg() does not write to it */
	s->pieces[s->n_pieces++] = (struct iovec){(void *)(uintptr_t)bytes, len};
	return true;
}

static bool add_chunk_head(struct sender *s, size_t len, struct error *err)
{
	if (s->n_chunks == CHUNKS_MAX && !flush(s, MSG_MORE, err))
		return false;
	char *head = s->chunk_heads[s->n_chunks++];

	return add(s, head, http1_chunk_head(head, len), err);
}

static bool add_head(struct sender *s, struct error *err)
{
	struct reply *reply = s->reply;

	if (!reply->is_head_pending)
		return true;
	write_head(reply);
	return add(s, reply->start.bytes, reply->start.len, err) &&
	       add(s, reply->fields.bytes, reply->fields.len, err);
}

static bool add_end(struct sender *s, struct error *err)
{
	struct reply *reply = s->reply;

	assert(reply->has_no_body || reply->framing != HTTP1_LENGTH ||
	       reply->n_bytes == reply->length);
	reply->is_over = true;
	return reply->has_no_body || reply->framing != HTTP1_CHUNKED || add(s, "0\r\n\r\n", 5, err);
}

/* Account for `len` bytes of the body; false: they are not sent. */
static bool count(struct reply *reply, size_t len)
{
	assert(reply_has_begun(reply) && !reply->is_over);
	if (len == 0 || reply->has_no_body)
		return false;
	reply->n_bytes += len;
	assert(reply->framing != HTTP1_LENGTH || reply->n_bytes <= reply->length);
	return true;
}

/* One chunk, or just the bytes. */
static bool add_pieces(struct sender *s, const struct slice *pieces, size_t n, struct error *err)
{
	bool is_chunked = s->reply->framing == HTTP1_CHUNKED;
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += pieces[i].len;
	if (!count(s->reply, len))
		return true;
	if (is_chunked && !add_chunk_head(s, len, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add(s, pieces[i].at, pieces[i].len, err))
			return false;
	return !is_chunked || add(s, "\r\n", 2, err);
}

static bool is_writable(struct reply *reply, struct error *err)
{
	return (!reply->is_broken && !reply->request->is_gone) || request_lost(reply->request, err);
}

bool reply_write(struct reply *reply, const struct slice *pieces, size_t n, struct error *err)
{
	struct sender s;

	s.reply = reply;
	s.n_pieces = s.n_chunks = 0;
	return is_writable(reply, err) && add_head(&s, err) && add_pieces(&s, pieces, n, err) &&
	       flush(&s, 0, err);
}

bool reply_write_pieces(struct reply *reply, const struct slice *pieces, size_t n, bool is_last,
			struct error *err)
{
	struct sender s;

	s.reply = reply;
	s.n_pieces = s.n_chunks = 0;
	if (!is_writable(reply, err) || !add_head(&s, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add_pieces(&s, &pieces[i], 1, err))
			return false;
	return (!is_last || add_end(&s, err)) && flush(&s, 0, err);
}

bool reply_flush_head(struct reply *reply, struct error *err)
{
	return !reply->is_head_pending || reply_write(reply, NULL, 0, err);
}

bool reply_finish(struct reply *reply, struct error *err)
{
	return reply->is_over || reply_write_pieces(reply, NULL, 0, true, err);
}

bool reply_send(struct reply *reply, int status, const char *type, const void *body, size_t len,
		struct error *err)
{
	const struct slice piece = {body, len};

	if (type)
		reply_header(reply, "Content-Type", type);
	return reply_begin(reply, status, (int64_t)len, err) &&
	       reply_write_pieces(reply, &piece, 1, true, err);
}

bool reply_file(struct reply *reply, int status, int fd, uint64_t from, uint64_t len,
		struct error *err)
{
	off_t at = (off_t)from;
	struct sender s;

	s.reply = reply;
	s.n_pieces = s.n_chunks = 0;
	if (!reply_begin(reply, status, (int64_t)len, err) || !add_head(&s, err) ||
	    !flush(&s, len && !reply->has_no_body ? MSG_MORE : 0, err))
		return false;
	while (!reply->has_no_body && reply->n_bytes < len) {
		uint64_t left = len - reply->n_bytes;
		/* a piece is what must be taken before the time for no progress is over */
		size_t wanted = left < (1U << 20) ? (size_t)left : 1U << 20;
		ssize_t n = sendfile(reply->request->worker->fd, fd, &at, wanted);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(reply, err);
		if (n == 0) {
			reply->is_broken = true;
			return fail(err, ERROR_FAILURE, "the file is shorter than it was");
		}
		reply->n_bytes += (uint64_t)n;
	}
	reply->is_over = true;
	return true;
}
