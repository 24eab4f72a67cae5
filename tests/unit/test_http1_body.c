/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/http1/http1.h"
#include "tests/unit/tap.h"

static struct http1_body body_of(enum http1_framing framing, uint64_t length)
{
	struct http1_head head = {.framing = framing, .length = length};
	struct http1_body body;

	http1_body_init(&body, &head);
	return body;
}

/* Read `bytes` in pieces of `step`; the payload goes to `out`. 1: it is not over, 0: it is, with
 * `*rest` bytes behind it, -1: refused. */
static int read_body(struct http1_body *body, struct slice bytes, size_t step, struct text *out,
		     size_t *rest)
{
	struct http1_refusal why = {0};
	size_t at = 0;
	int got = http1_body_is_over(body) ? 0 : 1;

	while (got == 1 && at < bytes.len) {
		size_t n = bytes.len - at < step ? bytes.len - at : step;
		auto_free char *copy = xmemdup(bytes.at + at, n);
		struct slice payload;
		size_t used;

		got = http1_body_next(body, copy, n, &used, &payload, &why);
		if (got < 0)
			break;
		text_add_bytes(out, payload.at, payload.len);
		at += used;
		CHECK(got == 0 || used > 0);
	}
	CHECK(got >= 0 || (why.status == 400 && why.reason));
	CHECK((got == 0) == http1_body_is_over(body));
	*rest = bytes.len - at;
	return got;
}

TEST(the_largest_chunk_size)
{
	struct http1_body body = body_of(HTTP1_CHUNKED, 0);
	auto_text out = {0};
	size_t rest;

	CHECK(read_body(&body, (struct slice){"fffffffffffffff\r\n", 17}, 17, &out, &rest) == 1);
	CHECK(body.remaining == 0xfffffffffffffff);
}

/* `head`, as many "a" that it is `n_bytes` long, `end`. */
static int read_filled(const char *head, size_t n_bytes, const char *end)
{
	struct http1_body body = body_of(HTTP1_CHUNKED, 0);
	auto_text bytes = {0};
	auto_text out = {0};
	size_t rest;

	text_add(&bytes, head);
	while (bytes.len < n_bytes)
		text_add_char(&bytes, 'a');
	text_add(&bytes, end);
	return read_body(&body, (struct slice){bytes.bytes, bytes.len}, bytes.len, &out, &rest);
}

TEST(lines_and_trailers_have_limits)
{
	CHECK(read_filled("0;", 254, "\r\n") == 1);
	CHECK(read_filled("0;", 255, "\r\n") == -1);
	CHECK(read_filled("0\r\nA:", 3 + HTTP1_HEAD_LIMIT - 4, "\r\n\r\n") == 0);
	CHECK(read_filled("0\r\nA:", 3 + HTTP1_HEAD_LIMIT - 3, "\r\n\r\n") == -1);
}

TEST(a_length_is_counted)
{
	for (size_t step = 1; step <= 8; step++) {
		struct http1_body body = body_of(HTTP1_LENGTH, 5);
		auto_text out = {0};
		size_t rest = 0;

		CHECK(read_body(&body, (struct slice){"helloGET", 8}, step, &out, &rest) == 0);
		CHECK_TEXT(text_str(&out), "hello");
		CHECK(rest == 3);
	}
	struct http1_body body = body_of(HTTP1_LENGTH, 5);
	auto_text out = {0};
	size_t rest = 0;

	CHECK(read_body(&body, (struct slice){"hell", 4}, 4, &out, &rest) == 1);
	CHECK(body.remaining == 1);
}

TEST(no_body_and_until_close)
{
	static const char text[] = "abc";
	struct http1_refusal why;
	struct slice payload;
	size_t used;
	struct http1_body none = body_of(HTTP1_NO_BODY, 7);
	struct http1_body empty = body_of(HTTP1_LENGTH, 0);
	struct http1_body open = body_of(HTTP1_UNTIL_CLOSE, 0);

	CHECK(http1_body_is_over(&none) && http1_body_is_over(&empty));
	CHECK(http1_body_next(&none, text, 3, &used, &payload, &why) == 0 && used == 0);
	CHECK(http1_body_next(&empty, text, 3, &used, &payload, &why) == 0 && used == 0);
	CHECK(!http1_body_is_over(&open));
	CHECK(http1_body_next(&open, text, 3, &used, &payload, &why) == 1);
	CHECK(used == 3 && payload.len == 3);
}
