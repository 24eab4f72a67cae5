/* SPDX-License-Identifier: MIT
 * The tests that a spec has, and one of them run.
 */
#include "lib/base/memory.h"
#include "lib/call/call_internal.h"

#include <string.h>

enum { CALL_MS = 1800 * 1000 }; /* of the platform, for one call */

void call_tests_release(struct call_tests *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->items[i].name);
	free(t->items);
	*t = (struct call_tests){0};
}

void call_outcome_release(struct call_outcome *o)
{
	text_release(&o->problem);
	*o = (struct call_outcome){0};
}

static struct call_test *add(struct call_tests *t, const struct call_cord *cord)
{
	t->items = list_grow(t->items, t->n, &t->capacity, sizeof(*t->items));
	t->items[t->n] = (struct call_test){.cord = cord, .function = cord ? cord->function : NULL};
	return &t->items[t->n++];
}

static bool is_wanted(const struct call_cord *cord, const char *name)
{
	return !name || strcmp(cord->function, name) == 0;
}

static void fill(struct call_test *test, const struct spec_test *entry)
{
	test->name = xprintf("%s: %s", test->function, entry->name);
	test->input = entry->input_json;
	test->expect = &entry->expect;
	test->place = entry->place;
}

/* A chute has cords or jobs. */
static bool add_jobs(const struct spec *spec, const char *wanted, struct call_tests *out,
		     struct error *err)
{
	if (wanted && !spec_find_job(spec, wanted))
		return fail(err, ERROR_NOT_FOUND, "there is no job '%.100s'", wanted);
	for (size_t i = 0; i < spec->tests.n; i++) {
		const struct spec_test *entry = &spec->tests.items[i];
		const struct spec_job *job = spec_find_job(spec, entry->cord);

		if (!job)
			return fail(err, ERROR_SPEC, "%s:%zu: test '%s': there is no job '%s'",
				    spec->file, entry->place.line, entry->name, entry->cord);
		if (wanted && strcmp(wanted, job->function) != 0)
			continue;
		struct call_test *test = add(out, NULL);

		test->job = job;
		test->function = job->function;
		fill(test, entry);
	}
	return true;
}

static bool add_entry(const struct spec *spec, const struct call_cords *cords,
		      const struct spec_test *entry, const char *wanted, struct call_tests *out,
		      struct error *err)
{
	const struct call_cord *cord = NULL;
	struct error why;

	if (!call_find_cord(cords, entry->cord, -1, &cord, &why)) {
		fail(err, ERROR_SPEC, "%s:%zu: test '%s': %s", spec->file, entry->place.line,
		     entry->name, why.message);
		return fail_hint(err, "%s", why.hint);
	}
	if (!is_wanted(cord, wanted))
		return true;
	fill(add(out, cord), entry);
	return true;
}

static bool add_cords(const struct spec *spec, const struct call_cords *cords, const char *cord,
		      struct call_tests *out, struct error *err)
{
	const struct call_cord *found = NULL;

	if (cord && !call_find_cord(cords, cord, -1, &found, err))
		return false;
	const char *wanted = found ? found->function : NULL;

	for (size_t i = 0; i < cords->n; i++) {
		const struct call_cord *c = &cords->items[i];

		if (!c->said || !c->said->example_json || !is_wanted(c, wanted))
			continue;
		struct call_test *test = add(out, c);

		test->name = xprintf("%s: example", c->function);
		test->input = c->said->example_json;
		test->place = c->said->place;
		test->is_example = true;
	}
	for (size_t i = 0; i < spec->tests.n; i++)
		if (!add_entry(spec, cords, &spec->tests.items[i], wanted, out, err))
			return false;
	return true;
}

bool call_tests_of(const struct spec *spec, const struct call_cords *cords, const char *cord,
		   struct call_tests *out, struct error *err)
{
	auto_call_tests tests = {0};

	if (spec->jobs.n > 0 ? !add_jobs(spec, cord, &tests, err)
			     : !add_cords(spec, cords, cord, &tests, err))
		return false;
	*out = tests;
	tests = (struct call_tests){0};
	return true;
}

bool call_test_run(struct http_client *client, const char *base, const struct spec *spec,
		   const struct call_test *test, uint64_t timeout_ms, struct call_outcome *out,
		   struct error *err)
{
	auto_call_request request = {0};
	auto_http_answer answer = {0};
	struct call_outcome outcome = {0};

	if (!call_request_make(base, test->cord, test->input, &request, err))
		return false;
	const struct http_request r = {
		.method = request.method,
		.url = request.url,
		.headers = &request.headers,
		.body = request.has_body ? text_str(&request.body) : NULL,
		.body_len = request.body.len,
		.timeout_ms = timeout_ms ? timeout_ms : CALL_MS,
	};

	if (!http_send(client, &r, &answer, err)) {
		if (err->code == ERROR_INTERRUPTED || err->code == ERROR_USAGE ||
		    err->code == ERROR_MISSING)
			return false;
		text_addf(&outcome.problem, "%s\n", err->message);
		*out = outcome;
		return true;
	}
	outcome.status = answer.status;
	outcome.seconds = answer.seconds;
	if (!call_expect(spec, test, &answer, &outcome.problem, err)) {
		call_outcome_release(&outcome);
		return false;
	}
	outcome.has_passed = outcome.problem.len == 0;
	*out = outcome;
	return true;
}

bool call_test_job(const struct spec *spec, const struct call_test *test, const char *result,
		   double seconds, struct call_outcome *out, struct error *err)
{
	auto_http_answer answer = {.status = 200, .seconds = seconds};
	struct call_outcome outcome = {.status = 200, .seconds = seconds};

	answer.content_type = xstrdup("application/json");
	text_add(&answer.body, result);
	if (!call_expect(spec, test, &answer, &outcome.problem, err)) {
		call_outcome_release(&outcome);
		return false;
	}
	outcome.has_passed = outcome.problem.len == 0;
	*out = outcome;
	return true;
}
