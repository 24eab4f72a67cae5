/* SPDX-License-Identifier: MIT
 * One message read the way a server or a client does it: the head when its end is there, then the
 * body, from bytes that come in pieces. For the tests of shapes, the comparison with another parser
 * and the fuzz target.
 */
#ifndef CHUTES_TESTS_HTTP1_MESSAGE_H
#define CHUTES_TESTS_HTTP1_MESSAGE_H

#include "lib/base/memory.h"
#include "lib/http1/http1.h"

struct message {
	int status;         /* 200: taken; 0: not yet complete; else its refusal's */
	const char *reason; /* of a refusal */
	struct http1_head head;
	size_t used; /* with 200: its length */
	struct text body;
};

#define auto_message __attribute__((cleanup(message_release))) struct message

static inline void message_release(struct message *m) { text_release(&m->body); }

enum message_kind { MESSAGE_REQUEST, MESSAGE_REPLY, MESSAGE_REPLY_TO_HEAD };

static inline int message_refuse(struct message *m, enum message_kind kind,
				 const struct http1_refusal *why)
{
	m->status = kind == MESSAGE_REQUEST ? why->status : 502;
	m->reason = why->reason;
	return -1;
}

/* As http1_parse_request(). What it looks at is exactly as long as what has come, so that reading
 * behind its end is seen. */
static inline int message_read_head(struct message *m, enum message_kind kind, struct slice bytes)
{
	auto_free char *copy = bytes.len ? xmemdup(bytes.at, bytes.len) : NULL;
	struct slice method = {"GET", 3};
	struct http1_refusal why = {0};

	if (kind == MESSAGE_REPLY_TO_HEAD)
		method = (struct slice){"HEAD", 4};
	int got = kind == MESSAGE_REQUEST
			  ? http1_parse_request(copy, bytes.len, &m->head, &m->used, &why)
			  : http1_parse_reply(copy, bytes.len, method, &m->head, &m->used, &why);

	if (got < 0)
		return message_refuse(m, kind, &why);
	/* the slices of the head shall outlive the copy */
	if (got == 1 && kind == MESSAGE_REQUEST)
		got = http1_parse_request(bytes.at, bytes.len, &m->head, &m->used, &why);
	else if (got == 1)
		got = http1_parse_reply(bytes.at, bytes.len, method, &m->head, &m->used, &why);
	return got;
}

static inline int message_read_body(struct message *m, enum message_kind kind,
				    struct http1_body *body, struct slice piece)
{
	auto_free char *copy = piece.len ? xmemdup(piece.at, piece.len) : NULL;
	size_t at = 0;
	int got = 1;

	while (got == 1 && at < piece.len) {
		struct http1_refusal why = {0};
		struct slice payload;
		size_t used;

		got = http1_body_next(body, copy + at, piece.len - at, &used, &payload, &why);
		if (got < 0)
			return message_refuse(m, kind, &why);
		text_add_bytes(&m->body, payload.at, payload.len);
		at += used;
		if (got == 1 && used == 0)
			abort(); /* it would never end */
	}
	m->used += at;
	return got;
}

/* The lengths of the pieces are those in `steps`, again and again. */
static inline void message_read(struct message *m, enum message_kind kind, struct slice bytes,
				const size_t *steps, size_t n_steps)
{
	struct http1_body body = {0};
	size_t looked = 0;
	size_t come = 0;
	int got = 0;

	*m = (struct message){0};
	for (size_t i = 0; got == 0; i++) {
		if (http1_head_is_worth_parsing(bytes.at, come, &looked))
			got = message_read_head(m, kind, (struct slice){bytes.at, come});
		if (got != 0 || come == bytes.len)
			break;
		size_t step = steps[i % n_steps];

		come += step < bytes.len - come ? step : bytes.len - come;
	}
	if (got != 1)
		return;
	http1_body_init(&body, &m->head);
	got = http1_body_is_over(&body) ? 0 : 1;
	for (size_t i = 0; got == 1; i++) {
		size_t at = m->used;
		size_t step = come > at ? come - at : steps[i % n_steps];
		struct slice piece = {bytes.at + at, step < bytes.len - at ? step : bytes.len - at};

		if (piece.len == 0)
			break;
		got = message_read_body(m, kind, &body, piece);
	}
	if (got == 0 || (got == 1 && m->head.framing == HTTP1_UNTIL_CLOSE))
		m->status = 200;
}

/* In one piece. */
static inline void message_read_whole(struct message *m, enum message_kind kind, struct slice bytes)
{
	message_read(m, kind, bytes, &(size_t){bytes.len ? bytes.len : 1}, 1);
}

#endif
