/* SPDX-License-Identifier: MIT
 * What a request means: one of the gateway's own pages, a cord, or nothing. Browsers are kept from
 * reaching a chute on this machine under a name that somebody else points here.
 */
#include "lib/gateway/docs.h"
#include "lib/gateway/input.h"
#include "lib/gateway/meters.h"
#include "lib/gateway/state.h"

#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/lower/schema_value.h"

#include <string.h>
#include <strings.h>

/* --- Host */

/* Without the port. */
static struct slice name_of_host(const char *host)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');

	if (host[0] == '[' && end)
		end++;
	return (struct slice){host, end ? (size_t)(end - host) : strlen(host)};
}

static bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

static bool is_allowed(const struct gateway *g, const char *origin)
{
	const char *allowed = g->options.cors_origin;

	return allowed && (strcmp(allowed, "*") == 0 || strcmp(allowed, origin) == 0);
}

/* A page of another origin cannot read the answer, but without this it could make a cord run: a
 * form, and what looks like one, is sent without asking first. Who is no browser sends no Origin.
 */
static bool check_origin(const struct gateway *g, const char *origin, const char *host,
			 struct error *err)
{
	const char *authority = origin ? strstr(origin, "://") : NULL;

	if (!origin || is_allowed(g, origin) ||
	    (authority && host && strcasecmp(authority + strlen("://"), host) == 0))
		return true;
	fail(err, ERROR_AUTH, "pages of '%s' may not call the chute", origin);
	return fail_hint(err, "start it with --cors '%s'", origin);
}

bool dispatch_check(struct request *req, const struct route *route, struct error *err)
{
	const struct gateway *g = request_context(req);
	const char *host = request_header(req, "Host");
	struct slice name = host ? name_of_host(host) : (struct slice){0};

	(void)route;
	if (!host || g->options.allows_any_host || host_is_loopback(name.at, name.len) ||
	    (g->listens_on && slice_is(name, g->listens_on)))
		return check_origin(g, request_header(req, "Origin"), host, err);
	return fail(err, ERROR_AUTH,
		    "the chute is served to this machine only, not under the name '%.*s'",
		    (int)name.len, name.at);
}

/* --- CORS */

static bool is_preflight(const struct request *req)
{
	return strcmp(request_method(req), "OPTIONS") == 0 && request_header(req, "Origin") &&
	       request_header(req, "Access-Control-Request-Method");
}

/* true: pages of the request's origin may read the answer. */
static bool add_cors(const struct gateway *g, const struct request *req, struct reply *reply)
{
	const char *allowed = g->options.cors_origin;
	const char *origin = request_header(req, "Origin");

	if (!allowed)
		return false;
	if (strcmp(allowed, "*") != 0)
		reply_header(reply, "Vary", "Origin");
	if (!origin || !is_allowed(g, origin))
		return false;
	reply_header(reply, "Access-Control-Allow-Origin", allowed);
	reply_header(reply, "Access-Control-Expose-Headers",
		     "X-Chutes-Conn-Used, X-Chutes-Conn-Available, X-Chutes-Conn-Utilization, "
		     "X-Chutes-Stub");
	return true;
}

static bool answer_preflight(const struct request *req, struct reply *reply, struct error *err)
{
	const char *headers = request_header(req, "Access-Control-Request-Headers");

	reply_header(reply, "Access-Control-Allow-Methods",
		     "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
	if (headers)
		reply_header(reply, "Access-Control-Allow-Headers", headers);
	if (request_header(req, "Access-Control-Request-Private-Network"))
		reply_header(reply, "Access-Control-Allow-Private-Network", "true");
	reply_header(reply, "Access-Control-Max-Age", "600");
	return reply_send(reply, 204, NULL, "", 0, err);
}

/* --- the gateway's own pages */

/* POST: the same JSON again, as the platform asks its instances. */
static bool answer_echo(struct request *req, struct reply *reply, struct error *err)
{
	enum { ECHO_MAX_BYTES = 1024 * 1024 };
	auto_input_problems why = {0};
	auto_json struct json *json = NULL;
	auto_arena arena = {0};
	auto_text body = {0};
	auto_text echo = {0};

	if (!request_body_text(req, ECHO_MAX_BYTES, &body, err))
		return false;
	if (!input_of_body(text_str(&body), body.len, &json, &why)) {
		const struct gateway *g = request_context(req);

		input_add_refusal(&echo, &why, g->options.explains_errors);
		return answer_json(reply, 400, &echo, err);
	}
	value_write(value_from_json(&arena, json), &echo);
	return answer_json(reply, 200, &echo, err);
}

static bool answer_ping(struct gateway *g, struct request *req, struct reply *reply,
			struct error *err)
{
	static const char ready[] = "{\"ready\":true}";

	if (atomic_load(&g->state) != GATEWAY_READY)
		return answer_absence(g, reply, err);
	if (strcmp(request_method(req), "POST") == 0)
		return answer_echo(req, reply, err);
	return reply_send(reply, 200, "application/json", ready, strlen(ready), err);
}

static bool answer_metrics(struct gateway *g, struct request *req, struct reply *reply,
			   struct error *err)
{
	const struct cords *cords = atomic_load(&g->served)->cords;
	struct meters_out parts = {0};
	auto_text document = {0};

	(void)req;
	for (size_t i = 0; i < cords->n; i++)
		meters_add(&parts, cords->items[i].meter, g->chute_id, cords->items[i].function);
	meters_finish(&parts, &document);
	return reply_send(reply, 200, METERS_CONTENT_TYPE, text_str(&document), document.len, err);
}

static bool answer_conn_stats(struct gateway *g, struct request *req, struct reply *reply,
			      struct error *err)
{
	auto_text json = {0};

	(void)req;
	limit_add_json(&g->limit, &json);
	return answer_json(reply, 200, &json, err);
}

static bool answer_openapi(struct gateway *g, struct request *req, struct reply *reply,
			   struct error *err)
{
	(void)req;
	return answer_json(reply, 200, &atomic_load(&g->served)->openapi, err);
}

static bool answer_docs(struct gateway *g, struct request *req, struct reply *reply,
			struct error *err)
{
	(void)g;
	(void)req;
	return docs_answer(reply, err);
}

static bool answer_redirect(struct gateway *g, struct request *req, struct reply *reply,
			    struct error *err)
{
	(void)g;
	(void)req;
	reply_header(reply, "Location", "/");
	return reply_send(reply, 307, NULL, "", 0, err);
}

struct page {
	const char *path;
	bool takes_post;
	bool (*answer)(struct gateway *g, struct request *req, struct reply *reply,
		       struct error *err);
};
static const struct page pages[] = {
	{"/_ping", true, answer_ping},
	{"/_metrics", false, answer_metrics},
	{"/_conn_stats", false, answer_conn_stats},
	{"/openapi.json", false, answer_openapi},
	{"/docs", false, answer_redirect},
	{"/", false, answer_docs},
};

static bool answer_page(struct gateway *g, const struct page *page, struct request *req,
			struct reply *reply, struct error *err)
{
	const char *method = request_method(req);

	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
	    (page->takes_post && strcmp(method, "POST") == 0))
		return page->answer(g, req, reply, err);
	reply_header(reply, "Allow", page->takes_post ? "GET, HEAD, POST" : "GET, HEAD");
	return answer_detail(reply, 405, "Method Not Allowed", err);
}

static const struct page *find_page(const char *path)
{
	for (size_t i = 0; i < array_len(pages); i++)
		if (strcmp(pages[i].path, path) == 0)
			return &pages[i];
	return NULL;
}

/* A module that registers its own cords has not said them yet, or nobody runs it. */
static bool answer_unknown(struct gateway *g, struct reply *reply, struct error *err)
{
	if (atomic_load(&g->state) != GATEWAY_READY)
		return answer_absence(g, reply, err);
	return answer_detail(reply, 404,
			     g->options.is_stub
				     ? "the module registers its cords when it runs, and a stub "
				       "does not run it: list them in the spec"
				     : "Not Found",
			     err);
}

bool dispatch_request(struct request *req, struct reply *reply, struct error *err)
{
	struct gateway *g = request_context(req);
	const struct cords *cords = atomic_load(&g->served)->cords;
	const char *path = request_path(req);
	const struct page *page = find_page(path);
	auto_text allow = {0};

	if (add_cors(g, req, reply) && is_preflight(req))
		return answer_preflight(req, reply, err);
	/* what begins so is the runtime's, here as there */
	if (page && text_starts_with(path, "/_"))
		return answer_page(g, page, req, reply, err);
	const struct cord *cord = cords_find(cords, request_method(req), path, &allow);

	if (cord)
		return call_cord(g, cord, req, reply, err);
	if (page)
		return answer_page(g, page, req, reply, err);
	if (g->options.spec->cords.is_imported && cords->n == 0)
		return answer_unknown(g, reply, err);
	if (allow.len == 0)
		return answer_detail(reply, 404, "Not Found", err);
	reply_header(reply, "Allow", text_str(&allow));
	return answer_detail(reply, 405, "Method Not Allowed", err);
}
