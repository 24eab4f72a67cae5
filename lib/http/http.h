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

/* How this process reaches the network, where its environment shall not decide. Borrowed for as
 * long as there are requests; set before the first one. */
struct http_network {
	const char *proxy;   /* "http://HOST:PORT" for every address but loopback; NULL: as the
				environment says */
	const char *ca_file; /* the authorities, all of them; NULL: SSL_CERT_FILE, else the system's
			      */
};
void http_set_network(const struct http_network *network);

/* Connections are kept between requests of one client. One thread at a time. */
struct http_client;
must_use bool http_client_new(struct http_client **out,
			      struct error *err); /* MISSING: no libcurl */
void http_client_free(struct http_client *c);     /* accepts NULL */
static inline void http_client_free_slot(struct http_client **c) { http_client_free(*c); }
#define auto_http_client __attribute__((cleanup(http_client_free_slot)))
/* Did the last request fail because its connection broke after it stood? */
bool http_client_has_lost(const struct http_client *c);

/* A body that is read while it is sent, from wherever the sending begins again. */
struct http_body {
	uint64_t len;
	/* `len` bytes from `offset` on, all of them there are: at most `room`, at least 1. */
	bool (*read)(void *context, uint64_t offset, void *bytes, size_t room, size_t *len,
		     struct error *err);
	void *context;
};

struct http_answer {
	int status;
	char *status_line;      /* "HTTP/1.1 200 OK" */
	char *content_type;     /* "" when there is none */
	struct strings headers; /* "Name: value" as they came */
	struct text body;       /* unless on_bytes took it */
	double connect_seconds, first_byte_seconds, seconds;
};
void http_answer_release(struct http_answer *a);
#define auto_http_answer __attribute__((cleanup(http_answer_release))) struct http_answer

struct http_request {
	const char *method;
	const char *url;               /* http, https; "http+unix:" is not known */
	const struct strings *headers; /* "Name: value"; may be NULL */
	const void *body;              /* NULL: none */
	size_t body_len;
	const struct http_body *stream; /* instead of `body` */
	bool is_sent_once;   /* never again on a new connection, as happens when a kept one broke */
	uint64_t timeout_ms; /* of the whole; 0: none */
	uint64_t connect_timeout_ms; /* 0: 10 s */
	uint64_t idle_timeout_ms;    /* in which nothing goes or comes; 0: none */
	size_t limit;                /* most bytes of a collected answer; 0: 64 MiB */
	/* Called with each piece as it comes, instead of collecting; false ends the request. */
	bool (*on_bytes)(void *context, const void *bytes, size_t len, struct error *err);
	/* Called once, before the first piece, with all but the body; may be NULL. */
	bool (*on_head)(void *context, const struct http_answer *head, struct error *err);
	void *context;
};
/* Any status is an answer. NETWORK: DNS, connect, TLS, broken answer; TIMEOUT; SERVER: an answer
 * longer than the limit; INTERRUPTED after a signal; USAGE: no such address. Redirects are not
 * followed, and the path goes as it is. Proxies as http_set_network() and curl's environment say,
 * never for loopback. No message shows the query of an address. */
must_use bool http_send(struct http_client *c, const struct http_request *r,
			struct http_answer *out, struct error *err);
/* The value of a header in a list of "Name: value" (NULL: it is empty), without blanks in front:
 * borrowed, or NULL. */
const char *http_header_find(const struct strings *headers, const char *name);
const char *http_answer_header(const struct http_answer *a, const char *name); /* the same of it */

/* --- a file as a body */

struct http_file;
/* "-" is standard input. What cannot be read twice is first copied to a temporary file without a
 * name, at most `copy_limit` bytes of it: USAGE for more, and for devices. */
must_use bool http_file_open(const char *path, uint64_t copy_limit, struct http_file **out,
			     struct error *err);
void http_file_close(struct http_file *f); /* accepts NULL */
static inline void http_file_close_slot(struct http_file **f) { http_file_close(*f); }
#define auto_http_file __attribute__((cleanup(http_file_close_slot)))
/* Borrowed from the file. Reading fails with CONFLICT once the file is another one than it was when
 * it was opened. */
const struct http_body *http_file_body(const struct http_file *f);

#endif
