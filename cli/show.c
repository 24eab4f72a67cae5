/* SPDX-License-Identifier: MIT */
#include "cli/show.h"

#include "cli/print.h"
#include "lib/base/base64.h"
#include "lib/call/call.h"
#include "lib/data/json_pretty.h"

#include <string.h>

void show_release(struct show *s)
{
	text_release(&s->tail);
	*s = (struct show){0};
}

bool show_takes_bytes(const struct show *s) { return s->is_raw || !print_is_terminal(); }

static bool is_text(const struct text *body)
{
	return !memchr(text_str(body), '\0', body->len) && utf8_is_valid(text_str(body), body->len);
}

static bool fail_binary(const char *content_type, struct error *err)
{
	fail(err, ERROR_USAGE, "the answer is binary%s%s, and standard output a terminal",
	     *content_type ? ": " : "", content_type);
	return fail_hint(err, "save it with -o FILE, or pipe it on");
}

bool show_check_type(const struct show *s, const char *content_type, struct error *err)
{
	return show_takes_bytes(s) || !*content_type || call_is_type(content_type, "text/*") ||
	       call_is_json(content_type) || fail_binary(content_type, err);
}

/* Text of a terminal: escaped, and never half a character. */
static bool show_text(struct show *s, const char *bytes, size_t len, struct error *err)
{
	auto_text shown = {0};

	if (memchr(bytes, '\0', len))
		return fail_binary("", err);
	text_add_bytes(&s->tail, bytes, len);
	size_t whole = utf8_whole(text_str(&s->tail), s->tail.len);

	text_add_printable(&shown, text_str(&s->tail), whole, true);
	memmove(s->tail.bytes, s->tail.bytes + whole, s->tail.len - whole);
	s->tail.len -= whole;
	if (shown.len > 0)
		s->has_open_line = shown.bytes[shown.len - 1] != '\n';
	return print_stream(text_str(&shown), shown.len, err);
}

bool show_piece(struct show *s, const char *bytes, size_t len, struct error *err)
{
	bool ok =
		show_takes_bytes(s) ? print_stream(bytes, len, err) : show_text(s, bytes, len, err);

	print_flush();
	return ok;
}

bool show_tail(struct show *s, struct error *err)
{
	return s->tail.len == 0 || print_stream("?", 1, err);
}

bool show_line_end(struct show *s, struct error *err)
{
	return !s->has_open_line || print_stream("\n", 1, err);
}

bool show_whole(const struct show *s, const struct text *body, const struct json *json,
		const char *content_type, struct error *err)
{
	auto_text shown = {0};

	if (show_takes_bytes(s))
		return print_stream(text_str(body), body->len, err);
	if (!is_text(body))
		return fail_binary(content_type, err);
	if (json) {
		auto_text pretty = {0};

		json_add_pretty(json, &pretty);
		text_add_printable(&shown, text_str(&pretty), pretty.len, true);
	} else {
		text_add_printable(&shown, text_str(body), body->len, true);
	}
	if (shown.len > 0 && shown.bytes[shown.len - 1] != '\n')
		text_add_char(&shown, '\n');
	return print_stream(text_str(&shown), shown.len, err);
}

void show_member(struct json_out *j, const struct text *body, const struct json *json)
{
	auto_text written = {0};

	if (json) {
		json_write(json, &written);
		json_out_raw(j, "json", text_str(&written));
	} else if (is_text(body)) {
		json_out_text(j, "text", text_str(body));
	} else {
		base64_encode(text_str(body), body->len, &written);
		json_out_text(j, "base64", text_str(&written));
	}
}
