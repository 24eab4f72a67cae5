/* SPDX-License-Identifier: MIT
 * From a head to its answer: route, check, handler, and what is said when one of them fails.
 */
#include "lib/serve/serve_internal.h"

#include <assert.h>
#include <string.h>
#include <time.h>

enum { CLIENT_GONE = 499 }; /* nginx's number, in logs only */

static void log_request(const struct request *r)
{
	const struct reply *reply = &r->worker->reply;
	struct timespec now;

	if (!r->server->options.log)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	r->server->options.log(r, r->is_gone ? CLIENT_GONE : reply->status, reply->n_bytes,
			       (double)(now.tv_sec - r->began.tv_sec) +
				       (double)(now.tv_nsec - r->began.tv_nsec) / 1e9);
}

static void fail_with(struct request *r, int status, const char *message)
{
	struct reply *reply = &r->worker->reply;

	if (status == 413)
		r->is_refused = true;
	reply_failure(reply, status, message);
}

void request_refuse(struct request *r, const struct http1_refusal *why)
{
	struct reply *reply = &r->worker->reply;

	r->is_refused = true;
	/* RFC 9110 15.5.22 and 15.5.6 */
	if (why->status == 426)
		reply_header(reply, "Upgrade", "HTTP/1.1");
	if (why->status == 405)
		reply_header(reply, "Allow", "");
	fail_with(r, why->status, why->reason);
	log_request(r);
}

static bool find_route(struct request *r)
{
	const struct server *s = r->server;
	struct reply *reply = &r->worker->reply;
	auto_text allowed = {0};

	switch (routes_find(s->routes, s->options.n_routes, r->method, r->path, &r->match)) {
	case ROUTE_FOUND:
		return true;
	case ROUTE_NO_PATH:
		fail_with(r, 404, "no such path");
		return false;
	case ROUTE_NO_METHOD:
		break;
	}
	routes_add_allowed(s->routes, s->options.n_routes, r->path, &allowed);
	reply_header(reply, "Allow", text_str(&allowed));
	fail_with(r, 405, "this path has no such method");
	return false;
}

static bool body_is_allowed(struct request *r)
{
	const uint64_t max = r->match.route->body_max_bytes;

	r->body_max = max;
	if (r->head.framing == HTTP1_CHUNKED ? max > 0 : (uint64_t)request_body_length(r) <= max)
		return true;
	fail_with(r, 413, max ? "the body is too long" : "no body is taken here");
	return false;
}

/* The handler or `check` failed: an answer, where one is possible. */
static void answer_failure(struct request *r, const struct error *err)
{
	struct reply *reply = &r->worker->reply;

	if (r->is_gone || reply->is_broken || reply_has_begun(reply)) {
		reply->is_broken = true;
		return;
	}
	text_clear(&reply->fields);
	reply->has_date = false;
	fail_with(r, r->failure_status ? r->failure_status : error_row(err->code)->http_status,
		  err->message);
}

void request_handle(struct request *r)
{
	const struct server_options *o = &r->server->options;
	struct reply *reply = &r->worker->reply;
	struct error err;

	if (!find_route(r)) {
		log_request(r);
		return;
	}
	if (o->check && !o->check(r, r->match.route, &err)) {
		answer_failure(r, &err);
	} else if (body_is_allowed(r)) {
		if (!r->match.route->handle(r, reply, &err)) {
			answer_failure(r, &err);
		} else {
			assert(reply_has_begun(reply));
			bool ignored maybe_unused = reply_finish(reply, &err);
		}
	}
	log_request(r);
}
