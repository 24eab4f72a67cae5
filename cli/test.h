/* SPDX-License-Identifier: MIT
 * What the files of `chutes test` share.
 */
#ifndef CHUTES_CLI_TEST_H
#define CHUTES_CLI_TEST_H

#include "cli/command.h"
#include "lib/call/call.h"

enum test_verdict {
	TEST_PASSED,
	TEST_FAILED,
	TEST_SKIPPED,  /* it cannot be made: `outcome.problem` says why */
	TEST_UNTESTED, /* an example that a stub has answered with itself */
};
struct test_result {
	bool is_done;
	enum test_verdict verdict;
	struct call_outcome outcome;
};
struct test_run {
	const struct spec *spec;
	const char *url;
	bool is_stub;
	struct call_tests tests;
	struct test_result *results; /* one for each of `tests` */
	uint64_t deadline_ms;        /* of the monotonic clock; 0: none */
	double seconds;              /* all of it */
};
size_t test_count(const struct test_run *run, enum test_verdict verdict);

/* All tests, `n_parallel` at a time; `on_done` in the order of the tests, one call at a time. */
must_use bool test_run_all(struct test_run *run, size_t n_parallel,
			   void (*on_done)(void *context, size_t i), void *context,
			   struct error *err);

struct launch_options;
/* The same of a chute with jobs, one after the other. Called from a process without threads. */
must_use bool test_run_jobs(struct test_run *run, const struct launch_options *launch,
			    void (*on_done)(void *context, size_t i), void *context,
			    struct error *err);

/* --- what is told */
enum test_format { TEST_TEXT, TEST_TAP, TEST_JSON };
void test_tell_start(const struct test_run *run, enum test_format format);
void test_tell_one(const struct test_run *run, enum test_format format, size_t i);
void test_tell_end(const struct test_run *run, enum test_format format);
/* The form that CI servers read. */
void test_add_junit(const struct test_run *run, struct text *out);

#endif
