/* SPDX-License-Identifier: MIT
 * Server-sent events (WHATWG HTML, 9.2.6) as far as their data goes: names and numbers of events
 * are passed over.
 */
#include "lib/call/call.h"

#include <string.h>

enum { EVENT_MAX = 16 * 1024 * 1024 };

void call_events_release(struct call_events *e)
{
	text_release(&e->line);
	text_release(&e->data);
	*e = (struct call_events){0};
}

static void add_field(struct call_events *e)
{
	const char *line = text_str(&e->line);

	if (strncmp(line, "data", 4) != 0 || (line[4] != ':' && line[4] != '\0'))
		return;
	line += line[4] == ':' ? 5 : 4;
	line += *line == ' ';
	if (e->has_data)
		text_add_char(&e->data, '\n');
	text_add(&e->data, line);
	e->has_data = true;
}

bool call_events_add(struct call_events *e, const char *bytes, size_t len,
		     bool (*on_data)(void *context, const char *data, struct error *err),
		     void *context, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		bool is_second = e->was_cr && bytes[i] == '\n';
		bool is_end = bytes[i] == '\n' || bytes[i] == '\r';

		e->was_cr = bytes[i] == '\r';
		if (is_second)
			continue;
		if (!is_end) {
			if (e->line.len + e->data.len >= EVENT_MAX)
				return fail(err, ERROR_SERVER,
					    "an event is longer than the limit of %d bytes",
					    EVENT_MAX);
			text_add_char(&e->line, bytes[i]);
			continue;
		}
		if (e->line.len > 0) {
			add_field(e);
		} else if (e->has_data) {
			e->has_data = false;
			if (!on_data(context, text_str(&e->data), err))
				return false;
			text_clear(&e->data);
		}
		text_clear(&e->line);
	}
	return true;
}

const char *call_delta(const struct json *data)
{
	const struct json *choices = json_find(data, "choices");
	const struct json *choice = choices ? json_at(choices, 0) : NULL;
	const struct json *delta = choice ? json_find(choice, "delta") : NULL;
	const struct json *content = delta ? json_find(delta, "content") : NULL;

	if (!choice)
		return NULL;
	if (!delta)
		content = json_find(choice, "text");
	return content && json_text(content) ? json_text(content) : "";
}
