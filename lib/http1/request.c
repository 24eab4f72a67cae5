/* SPDX-License-Identifier: MIT
 * The head of a request.
 */
#include "lib/http1/http1_internal.h"

#include <string.h>

static const char not_a_line[] = "a request line that is not 'METHOD TARGET HTTP/1.1'";

static int parse_request_line(struct cursor *c, struct http1_head *out, struct http1_refusal *why)
{
	out->method = skip_bytes(c, BYTE_TOKEN);
	if (c->at < c->end && out->method.len == 0)
		return http1_refuse(why, 400, not_a_line);
	int got = http1_expect(c, " ", not_a_line, why);

	if (got != 1)
		return got;
	out->target = skip_bytes(c, BYTE_TARGET);
	if (out->target.len > HTTP1_TARGET_LIMIT)
		return http1_refuse(why, 414, "the target is too long");
	if (c->at < c->end && (*c->at != ' ' || out->target.len == 0))
		return http1_refuse(why, 400, "a byte that may not stand in a target");
	got = http1_expect(c, " ", not_a_line, why);
	if (got == 1)
		got = http1_parse_version(c, &out->minor_version, not_a_line, why);
	return got == 1 ? http1_expect(c, "\r\n", not_a_line, why) : got;
}

static bool method_is(const struct http1_head *head, const char *name)
{
	struct slice method = text_slice(name);

	return head->method.len == method.len &&
	       memcmp(head->method.at, method.at, method.len) == 0;
}

static int check_method(const struct http1_head *head, struct http1_refusal *why)
{
	static const char *const known[] = {"GET",   "POST",   "HEAD",    "PUT",
					    "PATCH", "DELETE", "OPTIONS", "TRACE"};

	if (method_is(head, "CONNECT"))
		return http1_refuse(why, 405, "CONNECT is not served here");
	for (size_t i = 0; i < array_len(known); i++)
		if (method_is(head, known[i]))
			return 1;
	return http1_refuse(why, 501, "an unknown method");
}

static int check_host(const struct http1_head *head, const struct http1_facts *facts,
		      struct http1_refusal *why)
{
	if (facts->n_hosts > 1)
		return http1_refuse(why, 400, "two Host headers");
	if (facts->n_hosts == 0 && head->minor_version == 1)
		return http1_refuse(why, 400, "no Host header");
	if (facts->n_hosts == 1 && !http1_authority_is_valid(facts->host))
		return http1_refuse(why, 400, "a Host that is not 'NAME[:PORT]'");
	return 1;
}

static int check_target(const struct http1_head *head, const struct http1_facts *facts,
			struct http1_refusal *why)
{
	char path[HTTP1_TARGET_LIMIT + 1];
	struct slice query;
	struct slice authority = http1_target_authority(head->target);

	if (head->target.at[0] == '*' && !method_is(head, "OPTIONS"))
		return http1_refuse(why, 400, "the target '*' without OPTIONS");
	if (!http1_target_split(head->target, path, &query, why))
		return -1;
	if (!authority.at)
		return 1;
	if (!http1_authority_is_valid(authority))
		return http1_refuse(why, 400, "a target whose host is not 'NAME[:PORT]'");
	if (facts->n_hosts == 1 && !http1_slices_match(authority, facts->host))
		return http1_refuse(why, 400, "a target with another host than the Host header");
	return 1;
}

static int check_request(struct http1_head *head, const struct http1_facts *facts,
			 struct http1_refusal *why)
{
	if (check_method(head, why) < 0 || check_host(head, facts, why) < 0 ||
	    check_target(head, facts, why) < 0)
		return -1;
	if (facts->expects_something)
		return http1_refuse(why, 417, "an Expect other than '100-continue'");
	/* RFC 9110 10.1.1 */
	head->expects_continue = head->expects_continue && head->minor_version == 1;
	head->framing = facts->is_chunked   ? HTTP1_CHUNKED
			: facts->has_length ? HTTP1_LENGTH
					    : HTTP1_NO_BODY;
	return 1;
}

int http1_parse_request(const char *bytes, size_t len, struct http1_head *out, size_t *used,
			struct http1_refusal *why)
{
	struct cursor c = {bytes, bytes + (len < HTTP1_HEAD_LIMIT ? len : HTTP1_HEAD_LIMIT)};
	struct http1_facts facts = {0};

	http1_head_init(out);
	int got = parse_request_line(&c, out, why);

	if (got == 1)
		got = http1_parse_fields(&c, out, &facts, why);
	if (got == 1)
		got = check_request(out, &facts, why);
	if (got == 1)
		*used = (size_t)(c.at - bytes);
	return got == 0 ? http1_need_more(len, why) : got;
}

bool http1_head_is_worth_parsing(const char *bytes, size_t len, size_t *looked)
{
	const char *end = bytes + len;

	if (len >= HTTP1_HEAD_LIMIT || (len && !byte_is(bytes[0], BYTE_TOKEN)))
		return true;
	for (const char *at = bytes + *looked; at < end; at++) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			break;
		/* the line before: its end must be CR LF; is it the empty one? */
		size_t i = (size_t)(at - bytes);

		if (bytes[i - 1] != '\r' || bytes[i - 2] == '\n')
			return true;
	}
	*looked = len;
	return false;
}
