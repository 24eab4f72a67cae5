/* SPDX-License-Identifier: MIT
 * An answer as a person or a pipe wants it.
 */
#include "cli/invoke.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/show.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <stdio.h>
#include <string.h>

enum { ANSWER_MODE = 0644, TRACE_MAX = 200 };

/* How the bytes are shown while they come. */
enum showing {
	SHOW_AT_END, /* collected */
	SHOW_EVENTS, /* data of events */
	SHOW_BYTES,
	SHOW_UNDECIDED, /* events or bytes: the first ones tell */
};

struct answering {
	const struct invocation *v;
	enum showing showing;
	int status;
	struct text body; /* SHOW_AT_END */
	struct call_events events;
	struct text start; /* what is undecided */
	struct show show;
};

static void answering_release(struct answering *a)
{
	text_release(&a->body);
	text_release(&a->start);
	show_release(&a->show);
	call_events_release(&a->events);
}
#define auto_answering __attribute__((cleanup(answering_release))) struct answering

static bool is_to_stdout(const struct invocation *v)
{
	return v->o->output && strcmp(v->o->output, "-") == 0;
}

/* --- as it comes */

/* What a language model adds goes on in the line; any other event has one of its own. */
static bool on_data(void *context, const char *data, struct error *err)
{
	struct answering *a = context;
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is text */
	const char *delta = NULL;

	if (strcmp(data, "[DONE]") == 0)
		return true;
	if (json_parse(data, strlen(data), SIZE_MAX, &json, &ignored))
		delta = call_delta(json);
	if (delta) {
		if (*delta)
			a->show.has_open_line = delta[strlen(delta) - 1] != '\n';
		return show_piece(&a->show, delta, strlen(delta), err);
	}
	a->show.has_open_line = false;
	return show_piece(&a->show, data, strlen(data), err) && show_piece(&a->show, "\n", 1, err);
}

static bool starts_as_events(const struct text *start)
{
	static const char *const fields[] = {"data:", "event:", "id:", "retry:", ":"};

	for (size_t i = 0; i < array_len(fields); i++)
		if (text_starts_with(text_str(start), fields[i]))
			return true;
	return false;
}

static bool show_some(struct answering *a, const char *bytes, size_t len, struct error *err)
{
	return a->showing == SHOW_EVENTS ? call_events_add(&a->events, bytes, len, on_data, a, err)
					 : show_piece(&a->show, bytes, len, err);
}

/* The platform's streams have no content type: the first bytes say what they are. */
static bool decide(struct answering *a, bool is_end, struct error *err)
{
	if (a->start.len < sizeof("event:") && !is_end)
		return true;
	a->showing = starts_as_events(&a->start) ? SHOW_EVENTS : SHOW_BYTES;
	return show_some(a, text_str(&a->start), a->start.len, err);
}

static bool on_bytes(void *context, const void *bytes, size_t len, struct error *err)
{
	struct answering *a = context;

	if (a->showing == SHOW_UNDECIDED) {
		text_add_bytes(&a->start, bytes, len);
		return decide(a, false, err);
	}
	if (a->showing != SHOW_AT_END)
		return show_some(a, bytes, len, err);
	if (len > INVOKE_ANSWER_MAX - a->body.len)
		return fail(err, ERROR_SERVER, "the answer is longer than the limit of %d bytes",
			    INVOKE_ANSWER_MAX);
	text_add_bytes(&a->body, bytes, len);
	return true;
}

static bool on_head(void *context, const struct http_answer *head, struct error *err)
{
	const char *content_type = head->content_type;
	struct answering *a = context;
	const struct invocation *v = a->v;
	bool is_events = call_is_type(content_type, "text/event-stream");
	bool is_saved = v->o->output && !is_to_stdout(v);

	a->status = head->status;
	if (head->status / 100 != 2 || print_is_json() || is_saved)
		return true;
	if (v->o->is_raw || is_to_stdout(v))
		a->showing = SHOW_BYTES;
	else if (is_events)
		a->showing = SHOW_EVENTS;
	else if (v->cord->is_stream && !call_is_json(content_type))
		a->showing = SHOW_UNDECIDED;
	return a->showing != SHOW_BYTES || show_check_type(&a->show, content_type, err);
}

/* What is left once all has come. */
static bool end_stream(struct answering *a, struct error *err)
{
	if (a->showing == SHOW_UNDECIDED && !decide(a, true, err))
		return false;
	/* an event without its empty line, and half a character */
	if (a->showing == SHOW_EVENTS && !call_events_add(&a->events, "\n\n", 2, on_data, a, err))
		return false;
	if (!show_tail(&a->show, err))
		return false;
	bool is_shown = a->showing == SHOW_EVENTS ||
			(a->showing == SHOW_BYTES && !show_takes_bytes(&a->show));

	return !is_shown || show_line_end(&a->show, err);
}

/* --- at the end */

/* "out.png" as the `n`th of several: "out-2.png", or what "%d" in it becomes. */
static char *file_name(const char *pattern, size_t n)
{
	const char *place = strstr(pattern, "%d");
	const char *name = path_name(pattern);
	const char *dot = strrchr(name, '.');
	size_t stem = dot && dot > name ? (size_t)(dot - pattern) : strlen(pattern);

	if (place)
		return xprintf("%.*s%zu%s", (int)(place - pattern), pattern, n, place + 2);
	return n == 1 ? xstrdup(pattern)
		      : xprintf("%.*s-%zu%s", (int)stem, pattern, n, pattern + stem);
}

static bool save(const char *pattern, size_t n, const struct text *bytes, struct error *err)
{
	auto_free char *name = file_name(pattern, n);
	auto_free char *size = project_size(bytes->len);

	if (!file_save(name, text_str(bytes), bytes->len, ANSWER_MODE, err))
		return false;
	print_status("saved", "%s (%s)", name, size);
	return true;
}

/* The files in a JSON answer, else the answer. */
static bool save_answer(const struct answering *a, const struct json *json, struct error *err)
{
	auto_call_files files = {0};

	if (json && !a->v->o->is_raw)
		call_find_files(json, &files);
	for (size_t i = 0; i < files.n; i++)
		if (!save(a->v->o->output, i + 1, &files.items[i].bytes, err))
			return false;
	return files.n > 0 || save(a->v->o->output, 1, &a->body, err);
}

static void add_seconds(struct json_out *j, const char *key, double seconds)
{
	auto_free char *text = xprintf("%.6f", seconds);

	json_out_raw(j, key, text);
}

static void tell_result(const struct answering *a, const struct json *json,
			const struct http_answer *answer)
{
	struct json_out *j = print_result();

	json_out_number(j, "status", answer->status);
	json_out_text(j, "content_type", answer->content_type);
	add_seconds(j, "first_byte_seconds", answer->first_byte_seconds);
	add_seconds(j, "seconds", answer->seconds);
	show_member(j, &a->body, json);
}

static bool tell_answer(const struct answering *a, const struct http_answer *answer,
			struct error *err)
{
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is none */

	if (call_is_json(answer->content_type) &&
	    !json_parse(text_str(&a->body), a->body.len, SIZE_MAX, &json, &ignored))
		json = NULL;
	if (a->v->o->output && !is_to_stdout(a->v) && !save_answer(a, json, err))
		return false;
	if (print_result())
		tell_result(a, json, answer);
	else if (!a->v->o->output)
		return show_whole(&a->show, &a->body, json, answer->content_type, err);
	return true;
}

bool invoke_fail(const struct invocation *v, const struct http_answer *answer,
		 const struct text *body, struct error *err)
{
	const char *location = http_answer_header(answer, "Location");
	auto_text detail = {0};

	call_add_detail(body, &detail);
	if (answer->status / 100 == 3 && location)
		return fail(err, ERROR_CALL, "%s answered %d and points to '%.200s'", v->target,
			    answer->status, location);
	return fail(err, ERROR_CALL, "%s answered %d%s%s", v->target, answer->status,
		    detail.len ? ": " : "", text_str(&detail));
}

/* --- the call */

static void trace(const struct invocation *v, const struct http_answer *answer)
{
	auto_text lines = {0};

	text_addf(&lines, "> %s %s\n", v->request.method, v->request.url);
	for (size_t i = 0; i < v->request.headers.n; i++)
		text_addf(&lines, "> %s\n", v->request.headers.items[i]);
	if (v->request.has_body)
		text_addf(&lines, "> %zu bytes: %.*s%s\n", v->request.body.len, TRACE_MAX,
			  text_str(&v->request.body), v->request.body.len > TRACE_MAX ? "..." : "");
	text_addf(&lines, "< %d\n", answer->status);
	for (size_t i = 0; i < answer->headers.n; i++)
		text_addf(&lines, "< %s\n", answer->headers.items[i]);
	text_addf(&lines,
		  "= connected after %.1f ms, first byte after %.1f ms, all after %.1f ms\n",
		  answer->connect_seconds * 1000, answer->first_byte_seconds * 1000,
		  answer->seconds * 1000);
	for (const char *line = text_str(&lines); *line;) {
		size_t len = strcspn(line, "\n");

		print_log(line, len);
		line += len + 1;
	}
}

bool invoke_once(const struct invocation *v, struct error *err)
{
	auto_http_client struct http_client *client = NULL;
	auto_http_answer answer = {0};
	auto_answering a = {.v = v, .show = {.is_raw = is_to_stdout(v)}};
	struct http_request request = v->http;

	request.on_head = on_head;
	request.on_bytes = on_bytes;
	request.context = &a;
	if (!http_client_new(&client, err) || !http_send(client, &request, &answer, err)) {
		print_flush(); /* what has come stands before the error */
		return false;
	}
	if (v->o->traces)
		trace(v, &answer);
	if (answer.status / 100 != 2) {
		if (v->o->is_raw && !print_is_json() && show_takes_bytes(&a.show))
			print_bytes(text_str(&a.body), a.body.len);
		return invoke_fail(v, &answer, &a.body, err);
	}
	if (a.showing != SHOW_AT_END)
		return end_stream(&a, err);
	return tell_answer(&a, &answer, err);
}
