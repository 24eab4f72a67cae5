/* SPDX-License-Identifier: MIT
 * Bodies out of their framing. The chunk grammar (RFC 9112 7.1) is an automaton over bytes, since
 * its lines may come in any pieces; the data between them is passed in one go.
 */
#include "lib/http1/http1_internal.h"

enum {
	CHUNK_LINE_LIMIT = 256, /* size and extensions */
	CHUNK_SIZE_BITS = 60,   /* of its size; more would be no body but an attack */
};

enum chunk_state {
	SIZE_FIRST,
	SIZE,
	EXTENSION_NAME_FIRST,
	EXTENSION_NAME,
	EXTENSION_VALUE_FIRST,
	EXTENSION_VALUE,
	EXTENSION_QUOTED,
	EXTENSION_ESCAPED,
	EXTENSION_QUOTED_END,
	SIZE_LINE_END,
	DATA,
	DATA_END,
	DATA_LINE_END,
	TRAILER_FIRST,
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LINE_END,
	LAST_LINE_END,
	OVER,
};

void http1_body_init(struct http1_body *body, const struct http1_head *head)
{
	*body = (struct http1_body){
		.framing = head->framing,
		.remaining = head->framing == HTTP1_LENGTH ? head->length : 0,
		.state = SIZE_FIRST,
	};
}

bool http1_body_is_over(const struct http1_body *body)
{
	switch (body->framing) {
	case HTTP1_NO_BODY:
		return true;
	case HTTP1_LENGTH:
		return body->remaining == 0;
	case HTTP1_CHUNKED:
		return body->state == OVER;
	case HTTP1_UNTIL_CLOSE:
		break;
	}
	return false;
}

/* Each step takes one byte and says what is wrong with it, NULL for nothing. */
static const char *go_to(struct http1_body *body, enum chunk_state state)
{
	body->state = state;
	return NULL;
}

/* Behind a size, or an extension that may end here. */
static const char *step_between_extensions(struct http1_body *body, char c)
{
	return c == ';'    ? go_to(body, EXTENSION_NAME_FIRST)
	       : c == '\r' ? go_to(body, SIZE_LINE_END)
			   : "a chunk size that is not a hexadecimal number";
}

static const char *step_size(struct http1_body *body, char c)
{
	int digit = http1_hex_digit(c);

	if (digit >= 0) {
		if (body->remaining >> (CHUNK_SIZE_BITS - 4))
			return "a chunk size that is too large";
		body->remaining = body->remaining << 4 | (unsigned)digit;
		return go_to(body, SIZE);
	}
	if (body->state == SIZE_FIRST)
		return "a chunk without a size";
	return step_between_extensions(body, c);
}

static const char *step_extension(struct http1_body *body, char c)
{
	static const char wrong[] = "a chunk extension that is not ';name=value'";

	switch (body->state) {
	case EXTENSION_NAME_FIRST:
		return byte_is(c, BYTE_TOKEN) ? go_to(body, EXTENSION_NAME) : wrong;
	case EXTENSION_NAME:
		if (byte_is(c, BYTE_TOKEN))
			return NULL;
		return c == '=' ? go_to(body, EXTENSION_VALUE_FIRST)
				: step_between_extensions(body, c);
	case EXTENSION_VALUE_FIRST:
		if (c == '"')
			return go_to(body, EXTENSION_QUOTED);
		return byte_is(c, BYTE_TOKEN) ? go_to(body, EXTENSION_VALUE) : wrong;
	case EXTENSION_VALUE:
		return byte_is(c, BYTE_TOKEN) ? NULL : step_between_extensions(body, c);
	case EXTENSION_QUOTED:
		if (c == '"')
			return go_to(body, EXTENSION_QUOTED_END);
		if (c == '\\')
			return go_to(body, EXTENSION_ESCAPED);
		return byte_is(c, BYTE_VALUE) ? NULL : wrong;
	case EXTENSION_ESCAPED:
		return byte_is(c, BYTE_VALUE) ? go_to(body, EXTENSION_QUOTED) : wrong;
	default:
		return step_between_extensions(body, c);
	}
}

static const char *end_trailer_name(struct http1_body *body)
{
	struct slice name = {body->name, body->name_len};
	enum http1_field_kind kind =
		name.len <= sizeof(body->name) ? http1_field_kind(name) : FIELD_OTHER;

	if (kind == FIELD_CONTENT_LENGTH || kind == FIELD_TRANSFER_ENCODING)
		return "a header about the framing behind the body";
	return go_to(body, TRAILER_VALUE);
}

static const char *step_trailer_name(struct http1_body *body, char c)
{
	if (c == ':' && body->name_len)
		return end_trailer_name(body);
	if (!byte_is(c, BYTE_TOKEN))
		return "a header line behind the body that is not 'name: value'";
	if (body->name_len < sizeof(body->name))
		body->name[body->name_len] = c;
	body->name_len++;
	return go_to(body, TRAILER_NAME);
}

static const char *step_trailer(struct http1_body *body, char c)
{
	if (body->state == TRAILER_NAME)
		return step_trailer_name(body, c);
	if (body->state == TRAILER_FIRST) {
		body->name_len = 0;
		return c == '\r' ? go_to(body, LAST_LINE_END) : step_trailer_name(body, c);
	}
	if (c == '\r')
		return go_to(body, TRAILER_LINE_END);
	return byte_is(c, BYTE_VALUE) ? NULL : "a control character in a header behind the body";
}

/* The bytes that end lines. */
static const char *step_line_end(struct http1_body *body, char c)
{
	enum chunk_state state = (enum chunk_state)body->state;

	if (c != (state == DATA_END ? '\r' : '\n'))
		return state == DATA_END || state == DATA_LINE_END
			       ? "chunk data that is not as long as its size says"
			       : "a bare CR in the framing of a body";
	if (state == DATA_END)
		return go_to(body, DATA_LINE_END);
	if (state == LAST_LINE_END)
		return go_to(body, OVER);
	if (state == TRAILER_LINE_END)
		return go_to(body, TRAILER_FIRST);
	body->line_len = 0;
	if (state == DATA_LINE_END)
		return go_to(body, SIZE_FIRST);
	return go_to(body, body->remaining ? DATA : TRAILER_FIRST);
}

static const char *step(struct http1_body *body, char c)
{
	bool is_trailer = body->state >= TRAILER_FIRST;

	if (++body->line_len > (is_trailer ? (size_t)HTTP1_HEAD_LIMIT : CHUNK_LINE_LIMIT))
		return is_trailer ? "too many headers behind the body" : "a chunk line too long";
	switch (body->state) {
	case SIZE_FIRST:
	case SIZE:
		return step_size(body, c);
	case SIZE_LINE_END:
	case DATA_END:
	case DATA_LINE_END:
	case TRAILER_LINE_END:
	case LAST_LINE_END:
		return step_line_end(body, c);
	case TRAILER_FIRST:
	case TRAILER_NAME:
	case TRAILER_VALUE:
		return step_trailer(body, c);
	default:
		return step_extension(body, c);
	}
}

static struct slice take_data(struct http1_body *body, const char *at, size_t len)
{
	size_t n = body->remaining < len ? (size_t)body->remaining : len;

	body->remaining -= n;
	return (struct slice){at, n};
}

/* One piece of data with the framing before and behind it. */
static int next_chunked(struct http1_body *body, struct slice bytes, size_t *used,
			struct slice *payload, struct http1_refusal *why)
{
	size_t i = 0;

	while (i < bytes.len && body->state != OVER) {
		if (body->state != DATA) {
			const char *wrong = step(body, bytes.at[i++]);

			if (wrong)
				return http1_refuse(why, 400, wrong);
			continue;
		}
		if (payload->len)
			break;
		*payload = take_data(body, bytes.at + i, bytes.len - i);
		i += payload->len;
		if (body->remaining == 0)
			body->state = DATA_END;
	}
	*used = i;
	return body->state != OVER;
}

int http1_body_next(struct http1_body *body, const char *bytes, size_t len, size_t *used,
		    struct slice *payload, struct http1_refusal *why)
{
	*used = 0;
	*payload = (struct slice){bytes, 0};
	switch (body->framing) {
	case HTTP1_NO_BODY:
		return 0;
	case HTTP1_LENGTH:
		*payload = take_data(body, bytes, len);
		*used = payload->len;
		return body->remaining > 0;
	case HTTP1_CHUNKED:
		return next_chunked(body, (struct slice){bytes, len}, used, payload, why);
	case HTTP1_UNTIL_CLOSE:
		break;
	}
	*payload = (struct slice){bytes, len};
	*used = len;
	return 1;
}
