/* SPDX-License-Identifier: MIT */
#include "lib/base/memory.h"
#include "lib/http1/http1.h"
#include "tests/unit/tap.h"

static const struct slice get = {"GET", 3};
static const struct slice head_method = {"HEAD", 4};

TEST(reply_is_taken_apart)
{
	static const char text[] = "HTTP/1.1 404 Not \xc3\xa4 Found\r\nA: b\r\n\r\n";
	struct http1_head head;
	struct http1_refusal why;
	size_t used = 0;

	for (size_t n = 0; n < sizeof(text) - 1; n++)
		CHECK(http1_parse_reply(text, n, get, &head, &used, &why) == 0);
	CHECK_OR_STOP(http1_parse_reply(text, sizeof(text) - 1, get, &head, &used, &why) == 1);
	CHECK(used == sizeof(text) - 1);
	CHECK(head.status == 404 && head.minor_version == 1 && head.n_fields == 1);
	CHECK(head.reason.len == 12 && memcmp(head.reason.at, "Not \xc3\xa4 Found", 12) == 0);
	CHECK(head.framing == HTTP1_UNTIL_CLOSE && !head.keeps_alive);
}

TEST(status_and_method_decide_about_a_body)
{
	static const struct {
		const char *text;
		bool to_head;
		enum http1_framing framing;
		bool keeps;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, HTTP1_LENGTH, true},
		{"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", false, HTTP1_CHUNKED, true},
		{"HTTP/1.1 200 OK\r\n\r\n", false, HTTP1_UNTIL_CLOSE, false},
		{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", false,
		 HTTP1_LENGTH, true},
		{"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, HTTP1_LENGTH, false},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, HTTP1_NO_BODY, true},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, HTTP1_NO_BODY,
		 true},
		{"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false, HTTP1_NO_BODY,
		 true},
		{"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, HTTP1_NO_BODY,
		 true},
		{"HTTP/1.1 100 Continue\r\n\r\n", false, HTTP1_NO_BODY, true},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct http1_head head;
		struct http1_refusal why;
		size_t used;

		CHECK_OR_STOP(http1_parse_reply(cases[i].text, strlen(cases[i].text),
						cases[i].to_head ? head_method : get, &head, &used,
						&why) == 1);
		if (!CHECK(head.framing == cases[i].framing && head.keeps_alive == cases[i].keeps))
			printf("# case %zu\n", i);
	}
}

TEST(reply_heads_have_a_limit)
{
	auto_text text = {0};
	struct http1_head head;
	struct http1_refusal why = {0};
	size_t used;

	text_add(&text, "HTTP/1.1 200 ");
	while (text.len < HTTP1_HEAD_LIMIT - 4)
		text_add_char(&text, 'a');
	text_add(&text, "\r\n\r\n");
	CHECK(http1_parse_reply(text.bytes, text.len, get, &head, &used, &why) == 1);
	text.bytes[text.len - 4] = 'a';
	CHECK(http1_parse_reply(text.bytes, text.len - 3, get, &head, &used, &why) == 0);
	memcpy(text.bytes + text.len - 3, "\r\n\r", 3);
	CHECK(http1_parse_reply(text.bytes, text.len, get, &head, &used, &why) == -1);
	CHECK_TEXT(why.reason, "the head is too large");
	CHECK(why.status == 502);
}
