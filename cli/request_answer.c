/* SPDX-License-Identifier: MIT
 * The answer of a request: shown, saved, or told as a failure.
 */
#include "cli/print.h"
#include "cli/project.h"
#include "cli/request.h"
#include "cli/show.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/call/call.h"

#include <string.h>

enum { ANSWER_MODE = 0644, COLLECT_MAX = 64 * 1024 * 1024 };

/* Where the bytes of a success go while they come. */
enum landing { LAND_MEMORY, LAND_OUTPUT, LAND_FILE };

struct receiving {
	const struct asking *a;
	enum landing landing;
	struct show show;
	struct text body;        /* LAND_MEMORY */
	struct file_saving file; /* LAND_FILE */
	uint64_t n_bytes;
};
static void receiving_release(struct receiving *r)
{
	show_release(&r->show);
	text_release(&r->body);
	file_saving_release(&r->file);
}
#define auto_receiving __attribute__((cleanup(receiving_release))) struct receiving

static bool is_to_stdout(const struct asking *a)
{
	return a->o->output && strcmp(a->o->output, "-") == 0;
}

static bool is_saved(const struct asking *a) { return a->o->output && !is_to_stdout(a); }

/* --- as it comes */

/* Status and headers, as they came but for what a terminal takes for more than text. */
static bool show_head(const struct receiving *r, const struct http_answer *head, struct error *err)
{
	auto_text lines = {0};

	if (print_is_json() || !r->a->o->shows_head)
		return true;
	text_addf(&lines, "%s\n", head->status_line);
	for (size_t i = 0; i < head->headers.n; i++)
		text_addf(&lines, "%s\n", head->headers.items[i]);
	text_add_char(&lines, '\n');
	if (show_takes_bytes(&r->show))
		return print_stream(text_str(&lines), lines.len, err);
	auto_text shown = {0};

	text_add_printable(&shown, text_str(&lines), lines.len, true);
	return print_stream(text_str(&shown), shown.len, err);
}

static bool on_head(void *context, const struct http_answer *head, struct error *err)
{
	struct receiving *r = context;

	if (!show_head(r, head, err))
		return false;
	if (is_saved(r->a)) {
		r->landing = LAND_FILE;
		return file_saving_open(&r->file, r->a->o->output, ANSWER_MODE, err);
	}
	/* a document is laid out for a terminal once it is whole */
	if (print_is_json() || (!show_takes_bytes(&r->show) && call_is_json(head->content_type))) {
		r->landing = LAND_MEMORY;
		return true;
	}
	r->landing = LAND_OUTPUT;
	return show_check_type(&r->show, head->content_type, err);
}

static bool on_bytes(void *context, const void *bytes, size_t len, struct error *err)
{
	struct receiving *r = context;

	r->n_bytes += len;
	if (r->landing == LAND_FILE)
		return fd_write_all(r->file.fd, bytes, len, err) ||
		       fail_in(err, "'%s'", r->a->o->output);
	if (r->landing == LAND_OUTPUT)
		return show_piece(&r->show, bytes, len, err);
	if (len > COLLECT_MAX - r->body.len)
		return fail(err, ERROR_SERVER, "the answer is longer than the limit of %d bytes",
			    COLLECT_MAX);
	text_add_bytes(&r->body, bytes, len);
	return true;
}

/* --- when it is whole */

static void tell_headers(struct json_out *j, const struct http_answer *answer)
{
	json_out_array(j, "headers");
	for (size_t i = 0; i < answer->headers.n; i++)
		json_out_text(j, NULL, answer->headers.items[i]);
	json_out_array_end(j);
}

bool request_show(const struct asking *a, const struct http_answer *answer, const struct text *body,
		  struct error *err)
{
	const struct show show = {.is_raw = is_to_stdout(a)};
	struct json_out *j = print_result();
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is none */

	if ((j || !show_takes_bytes(&show)) && call_is_json(answer->content_type) &&
	    !json_parse(text_str(body), body->len, SIZE_MAX, &json, &ignored))
		json = NULL;
	if (!j)
		return show_whole(&show, body, json, answer->content_type, err);
	json_out_number(j, "status", answer->status);
	json_out_text(j, "content_type", answer->content_type);
	if (a->o->shows_head)
		tell_headers(j, answer);
	show_member(j, body, json);
	return true;
}

static bool save_end(struct receiving *r, const struct http_answer *answer, struct error *err)
{
	struct json_out *j = print_result();
	auto_free char *size = project_size(r->n_bytes);

	if (!file_saving_commit(&r->file, err))
		return false;
	print_status("saved", "%s (%s)", r->a->o->output, size);
	if (j) {
		json_out_number(j, "status", answer->status);
		json_out_text(j, "content_type", answer->content_type);
		json_out_text(j, "file", r->a->o->output);
		json_out_number(j, "bytes", (int64_t)r->n_bytes);
	}
	return true;
}

bool request_fail(const struct asking *a, const struct platform_answer *answer, struct error *err)
{
	auto_free char *what = xprintf("%s %s%.*s", a->request.method, a->platform.server.base_url,
				       (int)strcspn(a->request.target, "?"), a->request.target);

	print_http(what, answer->http.status, http_answer_header(&answer->http, "X-Request-ID"));
	return platform_fail(&a->platform, &a->request, answer, err);
}

/* What a refusal says is shown where a success would be, as far as it can be. */
static bool show_refusal(const struct receiving *r, const struct platform_answer *answer,
			 struct error *err)
{
	struct error ignored; /* the refusal is the failure */

	if (show_head(r, &answer->http, &ignored) &&
	    (answer->http.body.len > 0 || print_is_json()) &&
	    request_show(r->a, &answer->http, &answer->http.body, &ignored))
		print_result_stays();
	print_flush();
	return request_fail(r->a, answer, err);
}

bool request_once(struct asking *a, struct error *err)
{
	auto_receiving r = {.a = a, .show = {.is_raw = is_to_stdout(a)}, .file = {.fd = -1}};
	auto_platform_answer answer = {0};

	a->request.on_head = on_head;
	a->request.on_bytes = on_bytes;
	a->request.context = &r;
	if (!platform_send(&a->platform, &a->request, &answer, err)) {
		print_flush(); /* what has come stands before the error */
		return false;
	}
	if (answer.http.status / 100 != 2)
		return show_refusal(&r, &answer, err);
	switch (r.landing) {
	case LAND_MEMORY:
		return request_show(a, &answer.http, &r.body, err);
	case LAND_OUTPUT:
		return show_tail(&r.show, err) && show_line_end(&r.show, err);
	case LAND_FILE:
		return save_end(&r, &answer.http, err);
	}
	return true;
}
