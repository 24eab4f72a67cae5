/* SPDX-License-Identifier: MIT
 * A request as its handler sees it.
 */
#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/serve/serve_internal.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* A slice of the head becomes a string: the byte behind it was a blank or the end of a line. */
static const char *terminate(struct worker *w, struct slice s)
{
	char *start = w->in + (s.at - w->in);

	start[s.len] = '\0';
	return start;
}

static void begin(struct worker *w)
{
	struct request *r = &w->request;

	clock_gettime(CLOCK_MONOTONIC, &r->began);
	r->method = r->target = "";
	r->path[0] = '\0';
	r->query = (struct slice){0};
	r->match.route = NULL;
	r->match.n_params = 0;
	r->body = (struct http1_body){0};
	r->body_max = 0;
	r->body_bytes = r->waited_ms = r->waited_bytes = 0;
	r->failure_status = 0;
	r->is_continue_due = r->is_refused = r->is_gone = false;
	reply_reset(&w->reply);
}

int request_parse(struct worker *w, struct http1_refusal *why)
{
	struct request *r = &w->request;
	int got = http1_parse_request(w->in, w->end, &r->head, &w->head_len, why);

	if (got == 0)
		return 0;
	begin(w);
	if (got < 0) {
		r->head = (struct http1_head){.minor_version = 1};
		return -1;
	}
	w->at = w->head_len;
	http1_body_init(&r->body, &r->head);
	r->is_continue_due = r->head.expects_continue && !http1_body_is_over(&r->body);
	if (!http1_target_split(r->head.target, r->path, &r->query, why))
		return -1;
	r->method = terminate(w, r->head.method);
	r->target = terminate(w, r->head.target);
	if (!r->head.wants_upgrade)
		return 1;
	*why = (struct http1_refusal){426, "only HTTP/1.1 is spoken here: send no Upgrade header"};
	return -1;
}

const char *request_method(const struct request *r) { return r->method; }
const char *request_target(const struct request *r) { return r->target; }
const char *request_path(const struct request *r) { return r->path; }
const char *request_query(const struct request *r) { return r->query.len ? r->query.at : ""; }
const struct route *request_route(const struct request *r) { return r->match.route; }
struct arena *request_arena(struct request *r) { return &r->worker->arena; }
void *request_context(const struct request *r) { return r->server->options.context; }
const struct http1_head *request_head(const struct request *r) { return &r->head; }
void request_failure_status(struct request *r, int status) { r->failure_status = status; }
int request_failure(const struct request *r) { return r->failure_status; }

const char *request_param(const struct request *r, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < r->match.n_params; i++) {
		const struct param *p = &r->match.params[i];

		if (p->name.len == len && memcmp(p->name.at, name, len) == 0)
			return arena_strndup(&r->worker->arena, p->value.at, p->value.len);
	}
	assert(!"the route has this parameter");
	return NULL;
}

const char *request_header(const struct request *r, const char *name)
{
	struct slice value = http1_find(&r->head, name);

	return value.at ? terminate(r->worker, value) : NULL;
}

bool request_header_next(const struct request *r, size_t *i, struct slice *name,
			 struct slice *value)
{
	if (*i >= r->head.n_fields)
		return false;
	*name = r->head.fields[*i].name;
	*value = r->head.fields[*i].value;
	++*i;
	return true;
}

const char *request_peer(const struct request *r)
{
	const struct connection *c = r->worker->connection;
	char host[INET6_ADDRSTRLEN] = "";

	if (!c || c->family == AF_UNIX)
		return "unix";
	if (r->worker->peer[0])
		return r->worker->peer;
	inet_ntop(c->family, &c->address, host, sizeof(host));
	snprintf(r->worker->peer, sizeof(r->worker->peer),
		 c->family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, ntohs(c->port));
	return r->worker->peer;
}

bool request_lost(struct request *r, struct error *err)
{
	r->is_gone = true;
	return fail(err, ERROR_INTERRUPTED, "the client has gone");
}

bool request_is_gone(struct request *r)
{
	struct pollfd client = {.fd = r->worker->fd, .events = POLLRDHUP};

	if (!r->is_gone && poll(&client, 1, 0) > 0)
		r->is_gone = true;
	return r->is_gone;
}

int request_wait(struct request *r, int fd, short events, unsigned timeout_ms, struct error *err)
{
	struct pollfd fds[2] = {{.fd = r->worker->fd, .events = POLLRDHUP},
				{.fd = fd, .events = events}};

	if (r->is_gone) {
		request_lost(r, err);
		return -1;
	}
	if (!reply_flush_head(&r->worker->reply, err))
		return -1;
	int timeout = timeout_ms > INT32_MAX ? -1 : (int)timeout_ms;
	int n = poll(fds, 2, timeout);

	/* no signal reaches this thread */
	if (n < 0) {
		fail_errno(err, "waiting");
		return -1;
	}
	if (fds[0].revents) {
		request_lost(r, err);
		return -1;
	}
	return fds[1].revents != 0;
}
