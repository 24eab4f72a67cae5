/* SPDX-License-Identifier: MIT */
#include "lib/gateway/gateway.h"

#include "lib/base/memory.h"
#include "lib/gateway/openapi.h"
#include "lib/gateway/state.h"
#include "lib/lower/ids.h"

#include <string.h>

/* Beside the requests that a chute works on: those that are refused, and pages. */
enum { THREADS_MAX = LIMIT_SLOTS_MAX + 64 };

/* Who owns a chute on this machine. */
#define LOCAL_USER "local"

static const struct route routes[] = {
	{.method = "*", .path = "/", .body_max_bytes = UINT64_MAX, .handle = dispatch_request},
	{.method = "*",
	 .path = "/{path...}",
	 .body_max_bytes = UINT64_MAX,
	 .handle = dispatch_request},
};

static void log_request(const struct request *req, int status, uint64_t bytes, double seconds)
{
	const struct gateway *g = request_context(req);
	const struct gateway_request line = {.method = request_method(req),
					     .target = request_target(req),
					     .peer = request_peer(req),
					     .status = status,
					     .bytes = bytes,
					     .seconds = seconds};

	if (g->options.log)
		g->options.log(g->options.context, &line);
}

/* A module is asked only for what the spec does not say. */
static void set_limit(struct gateway *g, int64_t of_module)
{
	const struct spec_scaling *scaling = &g->options.spec->scaling;
	bool is_imported = scaling->is_concurrency_imported && of_module > 0;

	limit_set(&g->limit, is_imported ? of_module : scaling->concurrency);
}

/* Takes `cords`. */
static void serve_cords(struct gateway *g, struct cords *cords, const char *origin)
{
	struct served *served = xcalloc(1, sizeof(*served));

	served->cords = cords;
	text_add(&served->origin, origin);
	openapi_add(g->options.spec, cords, &served->openapi);
	served->before = atomic_load(&g->served);
	set_limit(g, cords->concurrency);
	atomic_store(&g->served, served);
}

static void served_free(struct served *served)
{
	while (served) {
		struct served *before = served->before;

		cords_free(served->cords);
		text_release(&served->openapi);
		text_release(&served->origin);
		free(served);
		served = before;
	}
}

static bool open_parts(struct gateway *g, struct error *err)
{
	const struct server_options options = {
		.routes = routes,
		.n_routes = array_len(routes),
		.check = dispatch_check,
		.log = log_request,
		.context = g,
		.threads_max = THREADS_MAX,
	};
	struct cords *cords = NULL;

	if (!cords_of_spec(g->options.spec, &cords, err))
		return false;
	serve_cords(g, cords, "");
	return (g->options.is_stub ||
		upstream_new(&g->upstream, g->options.connect, g->options.context, err)) &&
	       server_new(&g->server, &options, err);
}

bool gateway_new(struct gateway **out, const struct gateway_options *o, struct error *err)
{
	struct gateway *g = xcalloc(1, sizeof(*g));
	const char *user = o->spec->username ? o->spec->username : LOCAL_USER;

	g->options = *o;
	g->options.cors_origin = o->cors_origin ? xstrdup(o->cors_origin) : NULL;
	pthread_mutex_init(&g->lock, NULL);
	atomic_store(&g->state, o->is_stub ? GATEWAY_READY : GATEWAY_STARTING);
	id_of_chute(user, o->spec->name, g->chute_id);
	if (!open_parts(g, err)) {
		gateway_free(g);
		return false;
	}
	*out = g;
	return true;
}

void gateway_free(struct gateway *g)
{
	if (!g)
		return;
	server_free(g->server);
	if (g->upstream)
		upstream_free(g->upstream);
	served_free(atomic_load(&g->served));
	pthread_mutex_destroy(&g->lock);
	free(g->state_text);
	free(g->listens_on);
	free((char *)(uintptr_t)g->options.cors_origin);
	free(g);
}

/* "[::1]:8000" → "[::1]" */
static char *host_of(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon ? xstrndup(address, (size_t)(colon - address)) : xstrdup(address);
}

bool gateway_listen(struct gateway *g, const char *address, struct error *err)
{
	if (!server_listen(g->server, address, err))
		return false;
	free(g->listens_on);
	g->listens_on = host_of(address);
	return true;
}

const char *gateway_address(const struct gateway *g) { return server_address(g->server, 0); }

bool gateway_run(struct gateway *g, struct error *err) { return server_run(g->server, err); }

void gateway_stop(struct gateway *g, unsigned drain_ms) { server_stop(g->server, drain_ms); }

void gateway_set_state(struct gateway *g, enum gateway_state state, const char *text)
{
	pthread_mutex_lock(&g->lock);
	free(g->state_text);
	g->state_text = text ? xstrdup(text) : NULL;
	pthread_mutex_unlock(&g->lock);
	if (atomic_exchange(&g->state, (int)state) == GATEWAY_READY && state != GATEWAY_READY &&
	    g->upstream)
		upstream_drop_idle(g->upstream);
}

bool gateway_set_cords(struct gateway *g, const char *json, struct error *err)
{
	const struct served *now = atomic_load(&g->served);
	struct cords *cords = NULL;
	int64_t concurrency = 0;

	if (!g->options.spec->cords.is_imported) {
		/* the spec says them, and more than a module knows of them */
		if (!cords_concurrency(json, strlen(json), &concurrency, err))
			return false;
		set_limit(g, concurrency);
		return true;
	}
	/* a restart that changed nothing keeps the counts */
	if (now->origin.len > 0 && strcmp(text_str(&now->origin), json) == 0)
		return true;
	if (!cords_of_json(json, strlen(json), &cords, err))
		return false;
	serve_cords(g, cords, json);
	return true;
}

bool answer_absence(struct gateway *g, struct reply *reply, struct error *err)
{
	bool is_down = atomic_load(&g->state) == GATEWAY_DOWN;

	pthread_mutex_lock(&g->lock);
	auto_free char *text = g->state_text ? xstrdup(g->state_text) : NULL;
	pthread_mutex_unlock(&g->lock);
	if (is_down)
		return answer_detail(reply, 502, text ? text : "the chute is not running", err);
	reply_header(reply, "Retry-After", "1");
	return answer_detail(reply, 503, text ? text : "the chute is starting", err);
}

bool answer_json(struct reply *reply, int status, const struct text *json, struct error *err)
{
	return reply_send(reply, status, "application/json", text_str(json), json->len, err);
}

bool answer_detail(struct reply *reply, int status, const char *detail, struct error *err)
{
	auto_text json = {0};

	text_add(&json, "{\"detail\":");
	text_add_json(&json, detail);
	text_add_char(&json, '}');
	return answer_json(reply, status, &json, err);
}
