/* SPDX-License-Identifier: MIT
 * The field lines of a head: one grammar for requests and replies, and what the fields say that
 * decide where a message ends and what is passed on.
 */
#include "lib/http1/http1_internal.h"

#include <assert.h>

enum http1_field_kind http1_field_kind(struct slice name)
{
	static const struct {
		struct slice name;
		enum http1_field_kind kind;
	} rows[] = {
		{{"te", 2}, FIELD_HOP},
		{{"host", 4}, FIELD_HOST},
		{{"expect", 6}, FIELD_EXPECT},
		{{"upgrade", 7}, FIELD_UPGRADE},
		{{"trailer", 7}, FIELD_HOP},
		{{"connection", 10}, FIELD_CONNECTION},
		{{"keep-alive", 10}, FIELD_HOP},
		{{"content-length", 14}, FIELD_CONTENT_LENGTH},
		{{"transfer-encoding", 17}, FIELD_TRANSFER_ENCODING},
	};

	for (size_t i = 0; i < array_len(rows); i++)
		if (name.len == rows[i].name.len && http1_slices_match(name, rows[i].name))
			return rows[i].kind;
	return name.len > 6 && http1_name_is((struct slice){name.at, 6}, "proxy-") ? FIELD_HOP
										   : FIELD_OTHER;
}

void http1_head_init(struct http1_head *head)
{
	head->method = head->target = head->reason = (struct slice){0};
	head->status = 0;
	head->minor_version = 0;
	head->n_fields = 0;
	head->framing = HTTP1_NO_BODY;
	head->length = 0;
	head->keeps_alive = head->names_hop_fields = false;
	head->expects_continue = head->wants_upgrade = false;
}

int http1_need_more(size_t len, struct http1_refusal *why)
{
	return len < HTTP1_HEAD_LIMIT ? 0 : http1_refuse(why, 431, "the head is too large");
}

static int refuse_name(const struct cursor *c, size_t name_len, struct http1_refusal *why)
{
	bool is_blank = *c->at == ' ' || *c->at == '\t';

	return http1_refuse(why, 400,
			    is_blank && name_len == 0 ? "a folded header line"
			    : is_blank                ? "a blank before the colon of a header"
			    : *c->at == ':'           ? "a header without a name"
						      : "a header line that is not 'name: value'");
}

/* One line. 1, 0, -1. */
static int parse_field(struct cursor *c, struct http1_field *out, struct http1_refusal *why)
{
	struct slice name = skip_bytes(c, BYTE_TOKEN);

	if (c->at == c->end)
		return 0;
	if (name.len == 0 || *c->at != ':')
		return refuse_name(c, name.len, why);
	c->at++;
	struct slice value = skip_bytes(c, BYTE_VALUE);
	int got =
		http1_expect(c, "\r\n", "a control character or a bare line end in a header", why);

	if (got == 1)
		*out = (struct http1_field){name, http1_trim(value)};
	return got;
}

static void note_connection(struct slice list, struct http1_head *head, struct http1_facts *facts)
{
	struct slice word;

	while (http1_list_next(&list, &word))
		if (http1_name_is(word, "close"))
			facts->closes = true;
		else if (http1_name_is(word, "keep-alive"))
			facts->keeps = true;
		else if (word.len)
			head->names_hop_fields = true;
}

static int note_length(struct slice value, struct http1_head *head, struct http1_facts *facts,
		       struct http1_refusal *why)
{
	if (facts->has_length)
		return http1_refuse(why, 400, "two Content-Length headers");
	if (!http1_parse_length(value, &head->length))
		return http1_refuse(why, 400, "a Content-Length that is not a number");
	facts->has_length = true;
	return 1;
}

static int note_encoding(struct slice value, struct http1_facts *facts, struct http1_refusal *why)
{
	if (facts->is_chunked)
		return http1_refuse(why, 400, "two Transfer-Encoding headers");
	assert(value.at); /* in the head, so that at least a line end stands behind it */
	/* not every parser takes a tab behind it for a blank */
	if (!http1_name_is(value, "chunked") || value.at[value.len] == '\t')
		return http1_refuse(why, 501, "a Transfer-Encoding other than 'chunked'");
	facts->is_chunked = true;
	return 1;
}

static int note_field(const struct http1_field *field, struct http1_head *head,
		      struct http1_facts *facts, struct http1_refusal *why)
{
	switch (http1_field_kind(field->name)) {
	case FIELD_CONNECTION:
		note_connection(field->value, head, facts);
		return 1;
	case FIELD_CONTENT_LENGTH:
		return note_length(field->value, head, facts, why);
	case FIELD_TRANSFER_ENCODING:
		return note_encoding(field->value, facts, why);
	case FIELD_EXPECT:
		if (http1_name_is(field->value, "100-continue"))
			head->expects_continue = true;
		else
			facts->expects_something = true;
		return 1;
	case FIELD_HOST:
		facts->n_hosts++;
		facts->host = field->value;
		return 1;
	case FIELD_UPGRADE:
		head->wants_upgrade = true;
		return 1;
	case FIELD_HOP:
	case FIELD_OTHER:
		break;
	}
	return 1;
}

/* Such a name is read as one with "-" by every CGI and WSGI behind us. */
static bool has_underscore(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '_')
			return true;
	return false;
}

int http1_parse_fields(struct cursor *c, struct http1_head *head, struct http1_facts *facts,
		       struct http1_refusal *why)
{
	for (size_t n_lines = 0;; n_lines++) {
		struct http1_field field = {0};

		if (c->at < c->end && *c->at == '\r')
			break;
		int got = parse_field(c, &field, why);

		if (got != 1)
			return got;
		if (n_lines == HTTP1_FIELDS_LIMIT)
			return http1_refuse(why, 431, "too many headers");
		if (note_field(&field, head, facts, why) < 0)
			return -1;
		if (!has_underscore(field.name))
			head->fields[head->n_fields++] = field;
	}
	int got = http1_expect(c, "\r\n", "a bare CR at the end of the head", why);

	if (got != 1)
		return got;
	if (facts->has_length && facts->is_chunked)
		return http1_refuse(why, 400, "both Content-Length and Transfer-Encoding");
	if (facts->is_chunked && head->minor_version == 0)
		return http1_refuse(why, 400, "Transfer-Encoding in HTTP/1.0");
	head->keeps_alive = !facts->closes && (head->minor_version == 1 || facts->keeps);
	return 1;
}

struct slice http1_find(const struct http1_head *head, const char *name)
{
	struct slice wanted = text_slice(name);
	struct slice found = {0};

	for (size_t i = 0; i < head->n_fields; i++) {
		if (!http1_slices_match(head->fields[i].name, wanted))
			continue;
		if (found.at)
			return (struct slice){0};
		found = head->fields[i].value;
	}
	return found;
}

/* Does a Connection header say that the field is for the next hop only? */
static bool is_named_by_connection(const struct http1_head *head, struct slice name)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		struct slice list = head->fields[i].value;
		struct slice word;

		if (http1_field_kind(head->fields[i].name) != FIELD_CONNECTION)
			continue;
		while (http1_list_next(&list, &word))
			if (http1_slices_match(word, name))
				return true;
	}
	return false;
}

bool http1_is_passed_on(const struct http1_head *head, const struct http1_field *field)
{
	switch (http1_field_kind(field->name)) {
	case FIELD_HOST:
		return true;
	case FIELD_OTHER:
		/* a client must not strip what others have put in to identify it */
		return !head->names_hop_fields || http1_name_is(field->name, "authorization") ||
		       !is_named_by_connection(head, field->name);
	case FIELD_CONNECTION:
	case FIELD_CONTENT_LENGTH:
	case FIELD_EXPECT:
	case FIELD_TRANSFER_ENCODING:
	case FIELD_UPGRADE:
	case FIELD_HOP:
		break;
	}
	return false;
}
