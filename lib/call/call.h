/* SPDX-License-Identifier: MIT
 * One typed call of a cord: its body from fields and files, its answer as events and files, and
 * what a test expects of it. Knows the spec and HTTP; never prints.
 */
#ifndef CHUTES_CALL_CALL_H
#define CHUTES_CALL_CALL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/http/http.h"
#include "lib/spec/spec.h"

/* --- whom to call */

/* One that nobody describes has a method and a path only. */
struct call_cord {
	const char *function;
	const char *method; /* "POST" */
	const char *path;   /* public; NULL: there is no way in from outside */
	bool is_stream;
	bool has_twin; /* the same route with and without streaming: `stream` in the body decides */
	const struct json *input;       /* of its body: a JSON Schema; NULL: not known */
	const struct json *output;      /* likewise of its answer */
	const struct json *definitions; /* the document that references in `input` are about */
	const struct spec_cord *said;   /* NULL: it is a template's, not of the spec's own */
};
struct call_cords {
	struct call_cord *items;
	size_t n;
	struct json *document;
};
void call_cords_release(struct call_cords *c);
#define auto_call_cords __attribute__((cleanup(call_cords_release))) struct call_cords

/* Those that the spec or its template has; none of a module that registers its own. The spec is
 * borrowed. */
must_use bool call_cords_of(const struct spec *spec, struct call_cords *out, struct error *err);
/* Those that a running chute describes at /openapi.json; what `out` held is released. SPEC: what it
 * says is no such description. */
must_use bool call_ask_cords(const char *base, struct call_cords *out, struct error *err);
must_use bool call_cords_of_openapi(const char *text, size_t len, struct call_cords *out,
				    struct error *err);
/* A cord by function, by path, or by "METHOD /path"; `is_stream` -1: whichever comes first.
 * NOT_FOUND with the nearest. */
must_use bool call_find_cord(const struct call_cords *cords, const char *name, int is_stream,
			     const struct call_cord **out, struct error *err);

/* --- what to send */

/* The input as a JSON object from `name=value`, `name=@file` (a path or "-"): typed as the cord
 * says (a file becomes base64), guessed where it says nothing. USAGE with the field's name and what
 * it may be; unknown ones with the nearest. */
must_use bool call_input(const struct call_cord *cord, const struct strings *fields,
			 struct text *out, struct error *err);

struct call_request {
	const char *method;
	char *url;
	struct text body;
	bool has_body;
	struct strings headers;
};
void call_request_release(struct call_request *r);
#define auto_call_request __attribute__((cleanup(call_request_release))) struct call_request
/* The request that brings `input` (JSON, or NULL) to a cord of the chute at `base`: a body, or for
 * a GET the query. NOT_FOUND: the cord has no way in. */
must_use bool call_request_make(const char *base, const struct call_cord *cord, const char *input,
				struct call_request *out, struct error *err);

/* --- what comes */

/* "application/json; charset=utf-8" is "application/json"; "image/png" is one of "image/" and of
 * "image/" followed by "*". */
bool call_is_type(const char *content_type, const char *wanted);
bool call_is_json(const char *content_type); /* application/json and application/x+json */
/* The one line that a failed answer says about itself: its `detail`, `error` or `message`, else its
 * first line. */
void call_add_detail(const struct text *body, struct text *out);

/* Server-sent events out of bytes that come in any pieces. */
struct call_events {
	struct text line; /* the one that is not complete */
	struct text data; /* of the event that is not complete */
	bool has_data;
	bool was_cr;
};
void call_events_release(struct call_events *e);
#define auto_call_events __attribute__((cleanup(call_events_release))) struct call_events
/* Each whole event's data goes to `on_data`; false ends it. LIMIT as SERVER: an event of more than
 * 16 MiB. */
must_use bool call_events_add(struct call_events *e, const char *bytes, size_t len,
			      bool (*on_data)(void *context, const char *data, struct error *err),
			      void *context, struct error *err);
/* What an event of a language model adds to its text, borrowed from `data`; NULL: it is no such
 * event. */
const char *call_delta(const struct json *data);

/* The files in a JSON answer: what its schema calls base64, and what plainly is a picture, a sound
 * or the like. */
struct call_file {
	char *where; /* "/images/0" */
	struct text bytes;
};
struct call_files {
	struct call_file *items;
	size_t n, capacity;
};
void call_files_release(struct call_files *f);
#define auto_call_files __attribute__((cleanup(call_files_release))) struct call_files
void call_find_files(const struct json *answer, struct call_files *out);

/* --- tests */

struct call_test {
	char *name;                       /* "hello: example", or the entry's */
	const struct call_cord *cord;     /* NULL: a job's */
	const struct spec_job *job;       /* NULL: a cord's */
	const char *function;             /* of either */
	const char *input;                /* JSON; NULL: none */
	const struct spec_expect *expect; /* NULL: any 2xx, and an answer that fits the output */
	struct place place;
	bool is_example;
};
struct call_tests {
	struct call_test *items;
	size_t n, capacity;
};
void call_tests_release(struct call_tests *t);
#define auto_call_tests __attribute__((cleanup(call_tests_release))) struct call_tests
/* Every cord's example, then every entry of `tests`; `cord` (or a job; may be NULL) limits them:
 * NOT_FOUND.
 * SPEC: a test names a cord that nobody knows. */
must_use bool call_tests_of(const struct spec *spec, const struct call_cords *cords,
			    const char *cord, struct call_tests *out, struct error *err);

struct call_outcome {
	bool has_passed;
	int status; /* 0: there was no answer */
	double seconds;
	struct text problem; /* why not: lines, with a diff where that says more */
};
void call_outcome_release(struct call_outcome *o);
/* `timeout_ms` 0: as long as the platform waits. Failures of the connection are outcomes, too;
 * false is only what no test can answer for: a signal, a schema file that cannot be read. */
must_use bool call_test_run(struct http_client *client, const char *base, const struct spec *spec,
			    const struct call_test *test, uint64_t timeout_ms,
			    struct call_outcome *out, struct error *err);

/* The same for a job that has been run and has returned `result` (JSON; "": nothing). */
must_use bool call_test_job(const struct spec *spec, const struct call_test *test,
			    const char *result, double seconds, struct call_outcome *out,
			    struct error *err);

#endif
