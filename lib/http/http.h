/* SPDX-License-Identifier: MIT
 * HTTP client: one request, its answer whole or as it comes. libcurl behind it is opened when first
 * used, so that starting costs nothing. Knows nothing of whom it talks to.
 */
#ifndef CHUTES_HTTP_HTTP_H
#define CHUTES_HTTP_HTTP_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

/* Connections are kept between requests of one client. One thread at a time. */
struct http_client;
must_use bool http_client_new(struct http_client **out,
			      struct error *err); /* MISSING: no libcurl */
void http_client_free(struct http_client *c);     /* accepts NULL */
static inline void http_client_free_slot(struct http_client **c) { http_client_free(*c); }
#define auto_http_client __attribute__((cleanup(http_client_free_slot)))

struct http_request {
	const char *method;
	const char *url;               /* http, https; "http+unix:" is not known */
	const struct strings *headers; /* "Name: value"; may be NULL */
	const void *body;              /* NULL: none */
	size_t body_len;
	uint64_t timeout_ms;         /* of the whole; 0: none */
	uint64_t connect_timeout_ms; /* 0: 10 s */
	size_t limit;                /* most bytes of a collected answer; 0: 64 MiB */
	/* Called with each piece as it comes, instead of collecting; false ends the request. */
	bool (*on_bytes)(void *context, const void *bytes, size_t len, struct error *err);
	/* Called once, before the first piece; may be NULL. */
	bool (*on_head)(void *context, int status, const char *content_type, struct error *err);
	void *context;
};
struct http_answer {
	int status;
	char *content_type;     /* "" when there is none */
	struct strings headers; /* "Name: value" as they came */
	struct text body;       /* unless on_bytes took it */
	double connect_seconds, first_byte_seconds, seconds;
};
void http_answer_release(struct http_answer *a);
#define auto_http_answer __attribute__((cleanup(http_answer_release))) struct http_answer
/* Any status is an answer. NETWORK: DNS, connect, TLS, broken answer; TIMEOUT; SERVER: an answer
 * longer than the limit; INTERRUPTED after a signal; USAGE: no such address. Redirects are not
 * followed. Proxies as curl's environment says, never for loopback. */
must_use bool http_send(struct http_client *c, const struct http_request *r,
			struct http_answer *out, struct error *err);
const char *http_answer_header(const struct http_answer *a, const char *name); /* or NULL */

#endif
