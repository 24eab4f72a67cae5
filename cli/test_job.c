/* SPDX-License-Identifier: MIT
 * Tests of jobs: each runs its job to the end with the test's arguments; what it returns is held to
 * what the test expects.
 */
#include "cli/test.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/launch/launch.h"

static bool run_job(const struct test_run *run, const struct launch_options *launch,
		    const struct call_test *test, struct test_result *out, struct error *err)
{
	const char *scratch;
	auto_text result = {0};
	uint64_t start = clock_ms();
	struct error problem;

	if (!store_tmp(launch->store, &scratch, err))
		return false;
	auto_free char *directory = path_join(scratch, "test-output");
	bool ok = launch_job(launch, test->job, test->input ? test->input : "{}", directory,
			     &result, err);
	double seconds = (double)(clock_ms() - start) / 1000;

	if (!tree_remove_path(directory, &problem) && ok) {
		*err = problem;
		return false;
	}
	if (ok)
		return call_test_job(run->spec, test, text_str(&result), seconds, &out->outcome,
				     err);
	if (err->code != ERROR_JOB)
		return false;
	out->outcome.seconds = seconds;
	text_addf(&out->outcome.problem, "%s\n", err->message);
	return true;
}

bool test_run_jobs(struct test_run *run, const struct launch_options *launch,
		   void (*on_done)(void *context, size_t i), void *context, struct error *err)
{
	uint64_t start = clock_ms();

	for (size_t i = 0; i < run->tests.n; i++) {
		const struct call_test *test = &run->tests.items[i];
		struct test_result *r = &run->results[i];

		if (!run_job(run, launch, test, r, err))
			return fail_in(err, "test '%s'", test->name);
		r->verdict = r->outcome.has_passed ? TEST_PASSED : TEST_FAILED;
		r->is_done = true;
		on_done(context, i);
	}
	run->seconds = (double)(clock_ms() - start) / 1000;
	return true;
}
