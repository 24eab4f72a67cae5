/* SPDX-License-Identifier: MIT
 * The tests themselves, several at a time.
 */
#include "cli/test.h"

#include "cli/parallel.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <pthread.h>

struct work {
	struct test_run *run;
	pthread_mutex_t lock;
	size_t n_begun, n_told;
	bool has_failed; /* no more tests: `err` says why */
	struct error err;
	void (*on_done)(void *context, size_t i);
	void *context;
};

size_t test_count(const struct test_run *run, enum test_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < run->tests.n; i++)
		n += run->results[i].is_done && run->results[i].verdict == verdict;
	return n;
}

static enum test_verdict judge(const struct test_run *run, const struct call_test *test,
			       const struct call_outcome *outcome)
{
	if (!outcome->has_passed)
		return TEST_FAILED;
	return run->is_stub && test->is_example ? TEST_UNTESTED : TEST_PASSED;
}

static bool run_one(const struct test_run *run, const struct call_test *test,
		    struct http_client *client, struct test_result *out, struct error *err)
{
	uint64_t now = clock_ms();

	if (test->job || !test->cord->path) {
		out->verdict = TEST_SKIPPED;
		text_add(&out->outcome.problem, !test->job     ? "the cord has no public route"
						: run->is_stub ? "the stub runs no jobs"
							       : "jobs run without --url only");
		return true;
	}
	if (run->deadline_ms && now >= run->deadline_ms)
		return fail(err, ERROR_TIMEOUT, "the tests took longer than --timeout");
	uint64_t left = run->deadline_ms ? run->deadline_ms - now : 0;

	if (!call_test_run(client, run->url, run->spec, test, left, &out->outcome, err))
		return fail_in(err, "test '%s'", test->name);
	out->verdict = judge(run, test, &out->outcome);
	return true;
}

static bool take_one(struct work *w, size_t *i)
{
	pthread_mutex_lock(&w->lock);
	bool is_left = w->n_begun < w->run->tests.n && !w->has_failed;

	*i = w->n_begun;
	w->n_begun += is_left;
	pthread_mutex_unlock(&w->lock);
	return is_left;
}

static void note_failure(struct work *w, const struct error *err)
{
	pthread_mutex_lock(&w->lock);
	if (!w->has_failed)
		w->err = *err;
	w->has_failed = true;
	pthread_mutex_unlock(&w->lock);
}

/* Tell what is done, as far as nothing before it is missing. */
static void note_done(struct work *w, size_t i)
{
	pthread_mutex_lock(&w->lock);
	w->run->results[i].is_done = true;
	while (w->n_told < w->run->tests.n && w->run->results[w->n_told].is_done)
		w->on_done(w->context, w->n_told++);
	pthread_mutex_unlock(&w->lock);
}

static void *run_many(void *context)
{
	struct work *w = context;
	auto_http_client struct http_client *client = NULL;
	struct error err;
	size_t i = 0;

	if (!http_client_new(&client, &err)) {
		note_failure(w, &err);
		return NULL;
	}
	while (take_one(w, &i))
		if (run_one(w->run, &w->run->tests.items[i], client, &w->run->results[i], &err))
			note_done(w, i);
		else
			note_failure(w, &err);
	return NULL;
}

bool test_run_all(struct test_run *run, size_t n_parallel, void (*on_done)(void *context, size_t i),
		  void *context, struct error *err)
{
	struct work w = {.run = run, .on_done = on_done, .context = context};
	uint64_t start = clock_ms();

	pthread_mutex_init(&w.lock, NULL);
	run_parallel(n_parallel, run_many, &w);
	pthread_mutex_destroy(&w.lock);
	run->seconds = (double)(clock_ms() - start) / 1000;
	if (!w.has_failed)
		return true;
	*err = w.err;
	return false;
}
