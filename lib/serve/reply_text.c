/* SPDX-License-Identifier: MIT
 * Replies whose text is made here: failures that no handler answers, events of a stream.
 */
#include "lib/serve/serve_internal.h"

#include <assert.h>
#include <string.h>

void reply_failure(struct reply *reply, int status, const char *message)
{
	const struct request *r = reply->request;
	struct text *body = &reply->event;
	struct error ignored; /* who cannot be answered has gone */

	text_clear(body);
	if (r->server->options.format_error) {
		r->server->options.format_error(r, status, message, body);
	} else {
		text_add(body, "{\"detail\":");
		text_add_json(body, message);
		text_add(body, "}");
	}
	bool done maybe_unused =
		reply_send(reply, status, "application/json", text_str(body), body->len, &ignored);
}

/* Every line of the data is a field of its own. */
static void add_data(struct text *event, const char *data)
{
	for (;;) {
		size_t len = strcspn(data, "\r\n");

		text_add(event, "data: ");
		text_add_bytes(event, data, len);
		text_add_char(event, '\n');
		data += len;
		if (!*data)
			return;
		data += data[0] == '\r' && data[1] == '\n' ? 2 : 1;
	}
}

bool reply_event(struct reply *reply, const char *name, const char *data, struct error *err)
{
	struct text *event = &reply->event;

	if (!reply_has_begun(reply)) {
		reply_header(reply, "Content-Type", "text/event-stream");
		reply_header(reply, "Cache-Control", "no-cache");
		if (!reply_begin(reply, 200, REPLY_UNKNOWN_LENGTH, err))
			return false;
	}
	text_clear(event);
	if (name) {
		assert(!strpbrk(name, "\r\n"));
		text_addf(event, "event: %s\n", name);
	}
	add_data(event, data);
	text_add_char(event, '\n');
	const struct slice piece = {event->bytes, event->len};

	return reply_write(reply, &piece, 1, err);
}
