/* SPDX-License-Identifier: MIT */
#include "lib/http1/http1.h"
#include "tests/unit/tap.h"

TEST(heads_are_written)
{
	auto_text out = {0};

	http1_write_request_line(&out, (struct slice){"POST", 4}, (struct slice){"/a?b", 4});
	http1_write_field(&out, "Host", (struct slice){"c", 1});
	http1_write_framing(&out, HTTP1_LENGTH, UINT64_MAX);
	http1_write_end(&out);
	CHECK_TEXT(text_str(&out), "POST /a?b HTTP/1.1\r\nHost: c\r\n"
				   "Content-Length: 18446744073709551615\r\n\r\n");
	text_clear(&out);
	http1_write_status_line(&out, 503);
	http1_write_framing(&out, HTTP1_CHUNKED, 0);
	http1_write_framing(&out, HTTP1_NO_BODY, 1);
	http1_write_framing(&out, HTTP1_UNTIL_CLOSE, 1);
	http1_write_framing(&out, HTTP1_LENGTH, 0);
	CHECK_TEXT(text_str(&out), "HTTP/1.1 503 Service Unavailable\r\n"
				   "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n");
	text_clear(&out);
	http1_write_status_line(&out, 299);
	CHECK_TEXT(text_str(&out), "HTTP/1.1 299 \r\n");
}

TEST(reasons)
{
	CHECK_TEXT(http1_reason(200), "OK");
	CHECK_TEXT(http1_reason(429), "Too Many Requests");
	CHECK_TEXT(http1_reason(511), "Network Authentication Required");
	CHECK_TEXT(http1_reason(999), "");
}

TEST(chunk_heads)
{
	char room[HTTP1_CHUNK_HEAD_MAX];

	CHECK(http1_chunk_head(room, 0) == 3 && memcmp(room, "0\r\n", 3) == 0);
	CHECK(http1_chunk_head(room, 0x1a2b) == 6 && memcmp(room, "1a2b\r\n", 6) == 0);
	CHECK(http1_chunk_head(room, SIZE_MAX) == 18);
	CHECK(memcmp(room, "ffffffffffffffff\r\n", 18) == 0);
}
