/* SPDX-License-Identifier: MIT
 * The head of a reply.
 */
#include "lib/http1/http1_internal.h"

#include <string.h>

static const char not_a_line[] = "a status line that is not 'HTTP/1.1 STATUS REASON'";

static int parse_status_line(struct cursor *c, struct http1_head *out, struct http1_refusal *why)
{
	int got = http1_parse_version(c, &out->minor_version, not_a_line, why);

	if (got == 1)
		got = http1_expect(c, " ", not_a_line, why);
	if (got != 1)
		return got;
	struct slice digits = skip_bytes(c, BYTE_DIGIT);
	uint64_t status = 0;

	if (c->at == c->end)
		return 0;
	if (digits.len != 3 || !http1_parse_length(digits, &status) || status < 100 || status > 599)
		return http1_refuse(why, 502, "a status that is not 100 to 599");
	out->status = (int)status;
	got = http1_expect(c, " ", not_a_line, why);
	if (got != 1)
		return got;
	out->reason = skip_bytes(c, BYTE_VALUE);
	return http1_expect(c, "\r\n", not_a_line, why);
}

/* RFC 9112 6.3 */
static enum http1_framing framing_of(const struct http1_head *head, const struct http1_facts *facts,
				     struct slice request_method)
{
	bool is_head = request_method.len == 4 && memcmp(request_method.at, "HEAD", 4) == 0;

	if (is_head || head->status < 200 || head->status == 204 || head->status == 304)
		return HTTP1_NO_BODY;
	return facts->is_chunked   ? HTTP1_CHUNKED
	       : facts->has_length ? HTTP1_LENGTH
				   : HTTP1_UNTIL_CLOSE;
}

int http1_parse_reply(const char *bytes, size_t len, struct slice request_method,
		      struct http1_head *out, size_t *used, struct http1_refusal *why)
{
	struct cursor c = {bytes, bytes + (len < HTTP1_HEAD_LIMIT ? len : HTTP1_HEAD_LIMIT)};
	struct http1_facts facts = {0};

	http1_head_init(out);
	int got = parse_status_line(&c, out, why);

	if (got == 1)
		got = http1_parse_fields(&c, out, &facts, why);
	if (got == 1 && out->status == 101)
		got = http1_refuse(why, 502, "a change of the protocol that nobody asked for");
	/* RFC 9110 8.6; not every parser knows that nothing follows */
	if (got == 1 && out->status < 200 && (facts.is_chunked || out->length))
		got = http1_refuse(why, 502, "a body announced by an interim reply");
	if (got == 0)
		got = http1_need_more(len, why);
	if (got < 0)
		why->status = 502;
	if (got != 1)
		return got;
	*used = (size_t)(c.at - bytes);
	out->framing = framing_of(out, &facts, request_method);
	out->keeps_alive = out->keeps_alive && out->framing != HTTP1_UNTIL_CLOSE;
	return 1;
}
