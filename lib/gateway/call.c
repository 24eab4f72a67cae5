/* SPDX-License-Identifier: MIT
 * One call of a cord: a slot of the concurrency limit, the input looked at where that is ours to
 * do, then the chute, or the stub that stands for it.
 */
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/gateway/input.h"
#include "lib/gateway/state.h"
#include "lib/gateway/stub.h"

#include <string.h>
#include <sys/random.h>

enum { STATUS_GONE = 499, RID_BYTES = 16 };

struct call {
	struct gateway *g;
	const struct cord *cord;
	struct request *req;
	struct reply *reply;
	struct text body;
	bool has_read_body;
	struct json *input; /* NULL: not looked at */
	struct text rid;    /* hex, where the server is told when nobody waits any more */
	struct text abort_body;
	struct text target;
	int status; /* 0: not to be counted */
};

static void call_release(struct call *c)
{
	text_release(&c->body);
	json_free(c->input);
	text_release(&c->rid);
	text_release(&c->abort_body);
	text_release(&c->target);
}

static bool answer_too_long(struct call *c, struct error *err)
{
	auto_free char *detail =
		xprintf("the body is longer than the limit of %d bytes", INPUT_MAX_BYTES);

	reply_close(c->reply);
	return answer_detail(c->reply, 413, detail, err);
}

/* 1: read; 0: answered, too long; -1: `err`. */
static int read_body(struct call *c, struct error *err)
{
	struct slice piece;
	int got = 1;

	if (request_body_length(c->req) > INPUT_MAX_BYTES)
		return answer_too_long(c, err) ? 0 : -1;
	while ((got = request_body_next(c->req, &piece, err)) > 0) {
		if (piece.len > INPUT_MAX_BYTES - c->body.len)
			return answer_too_long(c, err) ? 0 : -1;
		text_add_bytes(&c->body, piece.at, piece.len);
	}
	c->has_read_body = true;
	return got < 0 ? -1 : 1;
}

static bool refuse_input(struct call *c, const struct input_problems *why, struct error *err)
{
	auto_text json = {0};

	input_add_refusal(&json, why, c->g->options.explains_errors);
	return answer_json(c->reply, 400, &json, err);
}

/* Whose JSON is it ours to know? What the chute alone judges goes through unread. */
static bool is_looked_at(const struct call *c)
{
	const struct cord *cord = c->cord;

	return c->g->options.is_stub || cord->fields || cord->twin || cord->aborts_upstream;
}

/* Is what is no JSON, or does not fit, refused here? Else who gets it says so. */
static bool is_refused_here(const struct call *c)
{
	return c->g->options.is_stub || c->cord->fields;
}

static bool fits(const struct call *c, struct input_problems *why)
{
	if (c->g->options.is_stub)
		return stub_input_fits(c->cord, c->input, why);
	return !c->cord->fields || input_fits(c->input, c->cord->fields, why);
}

/* The same as read_body(), for all of what the request says. */
static int read_input(struct call *c, struct error *err)
{
	auto_input_problems why = {0};
	const char *query = request_query(c->req);
	bool is_read = false;

	if (!cord_takes_body(c->cord)) {
		is_read = input_of_query(query, c->cord->fields, &c->input, &why);
	} else {
		int got = read_body(c, err);

		if (got <= 0)
			return got;
		is_read = input_of_body(text_str(&c->body), c->body.len, &c->input, &why);
	}
	c->cord = cord_for_stream(c->cord, input_wants_stream(c->input, query));
	if (!is_refused_here(c) || (is_read && fits(c, &why)))
		return 1;
	return refuse_input(c, &why, err) ? 0 : -1;
}

/* --- an sglang server goes on without its client unless it is told; it knows requests by a name */

static void add_rid(struct call *c)
{
	const struct json *given = json_find(c->input, "rid");
	bool may_name = json_kind(c->input) == JSON_KIND_OBJECT && !json_member(c->input, "rid") &&
			c->body.len > 0;
	unsigned char random[RID_BYTES];

	if (given && json_kind(given) == JSON_KIND_TEXT) {
		text_add(&c->rid, json_text(given));
	} else if (may_name && getrandom(random, sizeof(random), 0) == sizeof(random)) {
		struct text named = {0};

		text_add_hex(&c->rid, random, sizeof(random));
		auto_free char *member = xprintf("\"rid\":\"%s\"", text_str(&c->rid));

		json_write_with(c->input, text_str(&c->body), c->body.len, member, &named);
		text_release(&c->body);
		c->body = named;
	} else {
		return;
	}
	text_add(&c->abort_body, "{\"rid\":");
	text_add_json(&c->abort_body, text_str(&c->rid));
	text_add_char(&c->abort_body, '}');
}

/* What this gateway says of itself; a chute that says it too would say it twice. Who may read the
 * answers is for --cors to say, not for the chute. */
static const char *const own_fields[] = {"X-Chutes-Conn-Used",
					 "X-Chutes-Conn-Available",
					 "X-Chutes-Conn-Utilization",
					 "Access-Control-Allow-Origin",
					 "Access-Control-Allow-Credentials",
					 "Access-Control-Expose-Headers",
					 NULL};

static bool relay_call(struct call *c, struct error *err)
{
	const struct cord *cord = c->cord;
	const struct spec *spec = c->g->options.spec;
	const char *query = request_query(c->req);
	struct relay_result result = {0};
	struct relay_options o = {.upstream = c->g->upstream,
				  .method = cord->forward_method,
				  .own_fields = own_fields,
				  .limit_ms = cord->limit_ms};

	if (cord->forward_path) {
		text_add(&c->target, cord->forward_path);
		text_add(&c->target, *query ? "?" : "");
		text_add(&c->target, query);
		o.target = text_str(&c->target);
		o.headers = &spec->server.headers;
	}
	if (cord->aborts_upstream && c->input)
		add_rid(c);
	if (c->has_read_body)
		o.body = &c->body;
	if (c->rid.len > 0) {
		o.abort_target = "/abort_request";
		o.abort_body = text_str(&c->abort_body);
	}
	if (!relay(c->req, c->reply, &o, &result, err))
		return false;
	c->status = result.status;
	return true;
}

/* What a failure of the relay is called, where something can still be said. */
static bool answer_failure(struct call *c, struct error *err)
{
	struct error failure = *err;

	c->status = request_failure(c->req);
	if (c->status == 0)
		c->status = error_row(err->code)->http_status;
	if (reply_has_begun(c->reply) || c->status == STATUS_GONE)
		return false;
	return answer_detail(c->reply, c->status, failure.message, err);
}

static bool run_call(struct call *c, struct error *err)
{
	int got = is_looked_at(c) ? read_input(c, err) : 1;

	if (got <= 0)
		return got == 0;
	uint64_t began_us = clock_us();

	meter_begin(c->cord->meter);
	bool is_answered = c->g->options.is_stub ? stub_answer(c->g->options.spec, c->cord,
							       c->input, c->reply, &c->status, err)
						 : relay_call(c, err);

	if (!is_answered)
		is_answered = answer_failure(c, err);
	meter_end(c->cord->meter, c->status, clock_us() - began_us);
	return is_answered;
}

static void add_conn_headers(struct gateway *g, struct reply *reply)
{
	struct limit_view view = limit_look(&g->limit);
	char utilization[LIMIT_UTILIZATION_MAX];

	limit_format_utilization(&view, utilization);
	reply_number(reply, "X-Chutes-Conn-Used", view.n_used);
	reply_number(reply, "X-Chutes-Conn-Available", view.n_available);
	reply_header(reply, "X-Chutes-Conn-Utilization", utilization);
}

static bool answer_busy(struct gateway *g, struct reply *reply, struct error *err)
{
	auto_text json = {0};

	text_addf(&json,
		  "{\"error\":\"RateLimitExceeded\",\"detail\":\"Max concurrency exceeded: %u, try "
		  "again later.\"}",
		  limit_look(&g->limit).max);
	return answer_json(reply, 429, &json, err);
}

/* The client may have the last byte of an answer, and ask again, a moment before the thread that
 * sent it gives its slot back. */
static bool enter(struct limit *l, unsigned *slot)
{
	enum { TRIES = 5, PAUSE_MS = 1 };

	for (int i = 0; i < TRIES; i++) {
		if (limit_enter(l, slot))
			return true;
		sleep_ms(PAUSE_MS);
	}
	return limit_enter(l, slot);
}

bool call_cord(struct gateway *g, const struct cord *cord, struct request *req, struct reply *reply,
	       struct error *err)
{
	struct call call = {.g = g, .cord = cord, .req = req, .reply = reply};
	unsigned slot = 0;

	if (atomic_load(&g->state) != GATEWAY_READY)
		return answer_absence(g, reply, err);
	if (!enter(&g->limit, &slot))
		return answer_busy(g, reply, err);
	add_conn_headers(g, reply);
	bool is_answered = run_call(&call, err);

	limit_leave(&g->limit, slot);
	call_release(&call);
	return is_answered;
}
