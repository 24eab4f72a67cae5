/* SPDX-License-Identifier: MIT
 * One typed call of a cord: its body from fields and files, its answer to files, and what a test
 * expects of it. Knows the spec and HTTP; never prints.
 */
#ifndef CHUTES_CALL_CALL_H
#define CHUTES_CALL_CALL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/http/http.h"
#include "lib/spec/spec.h"

/* The body from `-i name=value`, `-i name=@file` (a path or "-"): typed as the cord's input says
 * (a file field becomes base64), guessed where it says nothing. USAGE with the field's name and
 * what it may be; unknown fields with the nearest name. `cord` may be NULL. */
must_use bool call_body(const struct spec *spec, const struct spec_cord *cord,
			const struct strings *inputs, struct text *out, struct error *err);
/* A cord by function, by path, or by "METHOD /path"; `is_stream` -1: whichever comes first.
 * NOT_FOUND with the nearest. */
must_use bool call_find_cord(const struct spec *spec, const char *name, int is_stream,
			     const struct spec_cord **out, struct error *err);

/* --- tests */
struct call_test {
	const char *name; /* "generate: example", or the entry's */
	const struct spec_cord *cord;
	const char *input_json;           /* NULL: no body */
	const struct spec_expect *expect; /* NULL: any 2xx, and an answer that fits `output` */
	struct place place;
	bool is_example;
};
struct call_tests {
	struct call_test *items;
	size_t n;
};
/* Every cord's example, then every entry of `tests`; `cord` (may be NULL) limits them. */
must_use bool call_tests_of(const struct spec *spec, const char *cord, struct call_tests *out,
			    struct error *err);
void call_tests_release(struct call_tests *t);

struct call_outcome {
	bool has_passed;
	int status;
	double seconds;
	/* What was not as expected, several lines with a diff where that says more. */
	struct text problem;
};
void call_outcome_release(struct call_outcome *o);
/* Failures of the connection are outcomes, too; false is only what no test can answer for. */
must_use bool call_test_run(struct http_client *client, const char *url, const struct spec *spec,
			    const struct call_test *test, struct call_outcome *out,
			    struct error *err);

#endif
