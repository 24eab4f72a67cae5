/* SPDX-License-Identifier: MIT
 * Heads written anew. No formatted printing: this runs twice for each relayed request.
 */
#include "lib/http1/http1_internal.h"

#include <assert.h>
#include <string.h>

static void add_slice(struct text *out, struct slice bytes)
{
	text_add_bytes(out, bytes.at, bytes.len);
}

/* Digits of `number` at the end of `room`. */
static struct slice format_number(uint64_t number, unsigned base, char *room, size_t size)
{
	char *at = room + size;

	do {
		*--at = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	return (struct slice){at, (size_t)(room + size - at)};
}

void http1_write_request_line(struct text *out, struct slice method, struct slice target)
{
	add_slice(out, method);
	text_add_char(out, ' ');
	add_slice(out, target);
	text_add(out, " HTTP/1.1\r\n");
}

void http1_write_status_line(struct text *out, int status)
{
	char room[20];

	assert(status >= 100 && status <= 999);
	text_add(out, "HTTP/1.1 ");
	add_slice(out, format_number((uint64_t)status, 10, room, sizeof(room)));
	text_add_char(out, ' ');
	text_add(out, http1_reason(status));
	text_add(out, "\r\n");
}

static void write_field(struct text *out, struct slice name, struct slice value)
{
	for (size_t i = 0; i < name.len; i++)
		assert(byte_is(name.at[i], BYTE_TOKEN));
	for (size_t i = 0; i < value.len; i++)
		assert(byte_is(value.at[i], BYTE_VALUE));
	add_slice(out, name);
	text_add_bytes(out, ": ", 2);
	add_slice(out, value);
	text_add_bytes(out, "\r\n", 2);
}

void http1_write_field(struct text *out, const char *name, struct slice value)
{
	write_field(out, text_slice(name), value);
}

void http1_write_number(struct text *out, const char *name, uint64_t number)
{
	char room[20];

	http1_write_field(out, name, format_number(number, 10, room, sizeof(room)));
}

void http1_write_parsed_field(struct text *out, const struct http1_field *field)
{
	write_field(out, field->name, field->value);
}

void http1_write_framing(struct text *out, enum http1_framing framing, uint64_t length)
{
	switch (framing) {
	case HTTP1_LENGTH:
		http1_write_number(out, "Content-Length", length);
		break;
	case HTTP1_CHUNKED:
		text_add(out, "Transfer-Encoding: chunked\r\n");
		break;
	case HTTP1_NO_BODY:
	case HTTP1_UNTIL_CLOSE:
		break;
	}
}

void http1_write_end(struct text *out) { text_add_bytes(out, "\r\n", 2); }

size_t http1_chunk_head(char out[HTTP1_CHUNK_HEAD_MAX], size_t len)
{
	char room[16];
	struct slice digits = format_number(len, 16, room, sizeof(room));

	memcpy(out, digits.at, digits.len);
	out[digits.len] = '\r';
	out[digits.len + 1] = '\n';
	return digits.len + 2;
}

/* RFC 9110 15, RFC 6585; the most common first. */
static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{100, "Continue"},
	{101, "Switching Protocols"},
	{103, "Early Hints"},
	{201, "Created"},
	{202, "Accepted"},
	{203, "Non-Authoritative Information"},
	{204, "No Content"},
	{205, "Reset Content"},
	{206, "Partial Content"},
	{300, "Multiple Choices"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{402, "Payment Required"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{407, "Proxy Authentication Required"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{411, "Length Required"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{416, "Range Not Satisfiable"},
	{417, "Expectation Failed"},
	{421, "Misdirected Request"},
	{422, "Unprocessable Content"},
	{423, "Locked"},
	{424, "Failed Dependency"},
	{425, "Too Early"},
	{426, "Upgrade Required"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{451, "Unavailable For Legal Reasons"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
	{505, "HTTP Version Not Supported"},
	{507, "Insufficient Storage"},
	{511, "Network Authentication Required"},
};

const char *http1_reason(int status)
{
	for (size_t i = 0; i < array_len(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}
