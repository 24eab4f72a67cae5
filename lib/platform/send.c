/* SPDX-License-Identifier: MIT
 * One request, in as many attempts as it takes.
 */
#include "lib/platform/platform.h"

#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

enum { HASH_PIECE = 256 * 1024, COLLECT_MAX = 64 * 1024 * 1024 };

void platform_answer_release(struct platform_answer *a)
{
	http_answer_release(&a->http);
	*a = (struct platform_answer){0};
}

bool platform_body_hash(const struct http_body *body, unsigned char out[SHA256_BYTES],
			struct error *err)
{
	auto_sha256 struct sha256 *hash = sha256_new();
	auto_free char *bytes = xcalloc(1, HASH_PIECE);
	size_t len = 0;

	for (uint64_t offset = 0; offset < body->len; offset += len) {
		if (!interrupt_check(err) ||
		    !body->read(body->context, offset, bytes, HASH_PIECE, &len, err))
			return false;
		sha256_update(hash, bytes, len);
	}
	sha256_finish(hash, out);
	return true;
}

/* A request on its way. */
struct sending {
	const struct platform *p;
	const struct platform_request *r;
	enum platform_auth auth;
	char *url;
	const unsigned char *body_hash; /* NULL: there is nothing to hash */
	uint64_t end_ms;                /* of clock_ms(); 0: none */
	uint64_t waited_ms;
	unsigned n_retries;
	/* of one attempt */
	bool is_retried; /* its answer is not the last one */
	bool is_success;
	bool is_handed_on; /* somebody got a part of it */
	uint64_t wait_ms;
	uint64_t n_collected; /* bytes of an answer that is not handed on */
	struct text body;     /* of them those that somebody will see */
};

static bool is_repeatable(const struct platform_request *r)
{
	return r->is_repeatable ||
	       (strcmp(r->method, "POST") != 0 && strcmp(r->method, "PATCH") != 0);
}

/* Is there another attempt, and after how long? */
static bool may_retry(struct sending *s, const char *retry_after)
{
	s->wait_ms = platform_retry_ms(s->n_retries, retry_after);
	return is_repeatable(s->r) && s->n_retries < s->r->retries && !s->is_handed_on &&
	       s->waited_ms + s->wait_ms <= PLATFORM_RETRY_WAIT_MS &&
	       (!s->end_ms || clock_ms() + s->wait_ms < s->end_ms);
}

static bool on_head(void *context, const struct http_answer *head, struct error *err)
{
	struct sending *s = context;

	s->is_retried = platform_is_passing(head->status) &&
			may_retry(s, http_answer_header(head, "Retry-After"));
	s->is_success = head->status / 100 == 2;
	if (s->is_retried || !s->is_success || !s->r->on_head)
		return true;
	s->is_handed_on = true;
	return s->r->on_head(s->r->context, head, err);
}

/* A success is handed on; a refusal is collected, unless nobody will see it: even then it has to
 * end. */
static bool on_bytes(void *context, const void *bytes, size_t len, struct error *err)
{
	struct sending *s = context;

	if (!s->is_retried && s->is_success && s->r->on_bytes) {
		s->is_handed_on = true;
		return s->r->on_bytes(s->r->context, bytes, len, err);
	}
	s->n_collected += len;
	if (s->n_collected > COLLECT_MAX)
		return fail(err, ERROR_SERVER, "the answer is longer than the limit of %d bytes",
			    COLLECT_MAX);
	if (!s->is_retried)
		text_add_bytes(&s->body, bytes, len);
	return true;
}

/* --- attempts */

/* Until then, or until a signal. */
static bool wait_for(uint64_t ms, struct error *err)
{
	uint64_t end = clock_ms() + ms;

	for (uint64_t now = clock_ms(); now < end; now = clock_ms()) {
		struct pollfd wake = {.fd = interrupt_fd(), .events = POLLIN};

		if (!interrupt_check(err))
			return false;
		if (poll(&wake, 1, (int)(end - now)) < 0 && errno != EINTR)
			return fail_errno(err, "waiting");
	}
	return interrupt_check(err);
}

static void log_headers(const struct strings *headers)
{
	for (size_t i = 0; log_is_enabled(LOG_LEVEL_DEBUG) && i < headers->n; i++) {
		auto_text shown = {0};

		platform_header_show(headers->items[i], &shown);
		log_debug("platform: > %s", text_str(&shown));
	}
}

/* 0 where there is no time left is none at all. */
static bool time_left(const struct sending *s, uint64_t *ms, struct error *err)
{
	uint64_t now = clock_ms();

	*ms = s->end_ms ? s->end_ms - now : 0;
	if (!s->end_ms || now < s->end_ms)
		return true;
	return fail(err, ERROR_TIMEOUT, "%s %.*s took longer than %" PRIu64 " ms", s->r->method,
		    (int)strcspn(s->r->target, "?"), s->r->target, s->r->timeout_ms);
}

static bool attempt(struct sending *s, struct platform_answer *out, struct error *err)
{
	auto_strings headers = {0};
	struct http_request request = {
		.method = s->r->method,
		.url = s->url,
		.headers = &headers,
		.stream = s->r->body,
		.body = !s->r->body && sign_method_has_body(s->r->method) ? "" : NULL,
		/* what changes something, or cannot be verified twice */
		.is_sent_once = !is_repeatable(s->r) || s->auth == PLATFORM_AUTH_HOTKEY,
		.idle_timeout_ms = PLATFORM_IDLE_MS,
		.on_head = on_head,
		.on_bytes = on_bytes,
		.context = s,
	};

	s->is_retried = s->is_handed_on = s->is_success = false;
	s->n_collected = 0;
	text_clear(&s->body);
	if (!time_left(s, &request.timeout_ms, err) ||
	    !platform_headers(s->p, s->r, s->auth, s->body_hash, &headers, err))
		return false;
	log_headers(&headers);
	out->n_attempts++;
	return http_send(s->p->http, &request, &out->http, err);
}

static bool wait_for_retry(struct sending *s, const char *why, struct error *err)
{
	log_debug("platform: %s; again in %" PRIu64 " ms", why, s->wait_ms);
	if (s->r->on_retry)
		s->r->on_retry(s->r->context, why, s->wait_ms);
	s->n_retries++;
	s->waited_ms += s->wait_ms;
	return wait_for(s->wait_ms, err);
}

static bool send_all(struct sending *s, struct platform_answer *out, struct error *err)
{
	for (;;) {
		bool ok = attempt(s, out, err);
		auto_free char *why = ok ? xprintf("answered %d", out->http.status)
					 : xstrdup("the connection broke");

		if (ok && !s->is_retried) {
			out->http.body = s->body;
			s->body = (struct text){0};
			return true;
		}
		if (!ok && (!http_client_has_lost(s->p->http) || !may_retry(s, NULL)))
			return false;
		http_answer_release(&out->http);
		if (!wait_for_retry(s, why, err))
			return false;
	}
}

bool platform_send(const struct platform *p, const struct platform_request *r,
		   struct platform_answer *out, struct error *err)
{
	auto_free char *url = xprintf("%s%s", p->server.base_url, r->target);
	unsigned char hash[SHA256_BYTES];
	struct sending s = {
		.p = p,
		.r = r,
		.url = url,
		.end_ms = r->timeout_ms ? clock_ms() + r->timeout_ms : 0,
	};
	struct platform_answer answer = {0};

	if (!platform_target_check(r->target, err) ||
	    !platform_auth_choose(&p->server, r, p->hotkey, p->api_key, &s.auth, err))
		return false;
	if (s.auth == PLATFORM_AUTH_HOTKEY && (r->body || sign_method_has_body(r->method))) {
		const struct http_body none = {0};

		if (!platform_body_hash(r->body ? r->body : &none, hash, err))
			return false;
		s.body_hash = hash;
	}
	answer.auth = s.auth;
	bool ok = send_all(&s, &answer, err);

	text_release(&s.body);
	if (ok)
		*out = answer;
	else
		platform_answer_release(&answer);
	return ok;
}
