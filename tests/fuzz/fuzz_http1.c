/* SPDX-License-Identifier: MIT
 * The first byte chooses request, reply or reply to HEAD, the second the pieces in which the rest
 * comes. Any pieces give the same message as one; what is written from it is read as the same.
 */
#include "tests/unit/http1_message.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static bool slices_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static void check_equal(const struct message *a, const struct message *b)
{
	must(a->status == b->status && a->reason == b->reason);
	if (a->status != 200)
		return;
	must(a->used == b->used && a->head.n_fields == b->head.n_fields);
	must(a->head.framing == b->head.framing && a->head.length == b->head.length);
	must(slices_equal((struct slice){a->body.bytes, a->body.len},
			  (struct slice){b->body.bytes, b->body.len}));
}

/* As the relay does it: the fields that are passed on, and framing of our own. */
static void write_message(const struct message *m, enum message_kind kind, struct text *out)
{
	enum http1_framing framing = m->head.framing;
	char chunk[HTTP1_CHUNK_HEAD_MAX];

	if (framing == HTTP1_UNTIL_CLOSE)
		framing = HTTP1_CHUNKED;
	if (kind == MESSAGE_REQUEST)
		http1_write_request_line(out, m->head.method, m->head.target);
	else
		http1_write_status_line(out, m->head.status);
	for (size_t i = 0; i < m->head.n_fields; i++)
		if (http1_is_passed_on(&m->head, &m->head.fields[i]))
			http1_write_parsed_field(out, &m->head.fields[i]);
	http1_write_framing(out, framing, m->head.length);
	http1_write_end(out);
	if (framing == HTTP1_CHUNKED && m->body.len) {
		text_add_bytes(out, chunk, http1_chunk_head(chunk, m->body.len));
		text_add_bytes(out, m->body.bytes, m->body.len);
		text_add(out, "\r\n");
	} else {
		text_add_bytes(out, text_str(&m->body), m->body.len);
	}
	if (framing == HTTP1_CHUNKED)
		text_add(out, "0\r\n\r\n");
}

static void check_written(const struct message *m, enum message_kind kind)
{
	auto_text first = {0};
	auto_text second = {0};
	auto_message again = {0};

	/* HTTP/1.0 may lack the Host that the HTTP/1.1 we write must have */
	if (kind == MESSAGE_REQUEST && !http1_find(&m->head, "host").at)
		return;
	write_message(m, kind, &first);
	if (first.len - m->body.len > HTTP1_HEAD_LIMIT)
		return; /* ": " for ":" may be too much */
	message_read_whole(&again, kind, (struct slice){first.bytes, first.len});
	must(again.status == 200 || again.head.n_fields == HTTP1_FIELDS_LIMIT);
	if (again.status != 200)
		return;
	must(slices_equal(m->head.method, again.head.method) &&
	     slices_equal(m->head.target, again.head.target) &&
	     m->head.status == again.head.status && again.used == first.len);
	write_message(&again, kind, &second);
	must(slices_equal((struct slice){first.bytes, first.len},
			  (struct slice){second.bytes, second.len}));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (len < 2)
		return 0;
	enum message_kind kind = bytes[0] % 3;
	size_t steps[] = {1 + bytes[1] % 7, 1 + bytes[1] / 7};
	struct slice rest = {(const char *)bytes + 2, len - 2};
	auto_message whole = {0};
	auto_message pieces = {0};
	auto_message single = {0};

	message_read_whole(&whole, kind, rest);
	message_read(&pieces, kind, rest, steps, array_len(steps));
	message_read(&single, kind, rest, &(size_t){1}, 1);
	check_equal(&whole, &pieces);
	check_equal(&whole, &single);
	if (whole.status == 200)
		check_written(&whole, kind);
	return 0;
}
