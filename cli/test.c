/* SPDX-License-Identifier: MIT
 * Every example and every test of a chute, against the chute itself.
 */
#include "cli/test.h"

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/running.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { PARALLEL_MAX = 64, GRACE_MS = 5000, REPORT_MODE = 0644 };

struct test_command {
	const char *url;
	const char *cord;
	int64_t parallel;
	bool stub;
	const char *junit;
	bool tap;
	struct running_chute chute;
};

static const struct test_command defaults = {.parallel = 1};

static const struct option_row rows[] = {
	OPT(0, "url", TEXT, test_command, url, "URL", "test the chute there, and start none"),
	OPT(0, "cord", TEXT, test_command, cord, "CORD", "only the tests of this cord"),
	OPT(0, "parallel", NUMBER, test_command, parallel, "N",
	    "how many tests at a time (default 1)"),
	OPT(0, "stub", FLAG, test_command, stub, NULL,
	    "no container: the stub answers; examples then count as not tested"),
	OPT(0, "junit", TEXT, test_command, junit, "FILE", "write a report for CI servers"),
	OPT(0, "tap", FLAG, test_command, tap, NULL, "print TAP 13, as prove and meson read it"),
	RUNNING_CHUTE_ROWS(test_command),
	OPT_END};

struct session {
	struct call *call;
	const struct test_command *o;
	enum test_format format;
	struct call_cords cords;
	struct test_run run;
	const struct launch_options *jobs; /* NULL: no job is run */
};

static void session_release(struct session *s)
{
	for (size_t i = 0; s->run.results && i < s->run.tests.n; i++)
		call_outcome_release(&s->run.results[i].outcome);
	free(s->run.results);
	call_tests_release(&s->run.tests);
	call_cords_release(&s->cords);
}
#define auto_session __attribute__((cleanup(session_release))) struct session

static bool check_options(const struct call *call, struct error *err)
{
	const struct test_command *o = call->options;

	if (o->url && o->stub)
		return fail(err, ERROR_USAGE, "--url and --stub exclude each other");
	if (o->tap && print_is_json())
		return fail(err, ERROR_USAGE, "--tap and --json exclude each other");
	if (o->parallel < 1 || o->parallel > PARALLEL_MAX)
		return fail(err, ERROR_USAGE, "--parallel must be 1 to %d, not %" PRId64,
			    PARALLEL_MAX, o->parallel);
	return true;
}

/* --- the tests */

static void on_done(void *context, size_t i)
{
	const struct session *s = context;

	test_tell_one(&s->run, s->format, i);
}

/* What there is to test; the chute need not run for it, unless it alone knows its cords. */
static bool collect(struct session *s, struct error *err)
{
	if (!call_tests_of(s->run.spec, &s->cords, s->o->cord, &s->run.tests, err))
		return false;
	s->run.results = xcalloc(s->run.tests.n + 1, sizeof(*s->run.results));
	return true;
}

static bool prepare(struct session *s, struct error *err)
{
	return call_cords_of(s->run.spec, &s->cords, err) &&
	       (s->run.spec->cords.is_imported || collect(s, err));
}

static bool write_report(const struct session *s, struct error *err)
{
	auto_text xml = {0};

	if (!s->o->junit)
		return true;
	test_add_junit(&s->run, &xml);
	return file_save(s->o->junit, text_str(&xml), xml.len, REPORT_MODE, err) ||
	       fail_in(err, "--junit");
}

static bool test_all(struct session *s, struct error *err)
{
	struct test_run *run = &s->run;
	uint64_t timeout_ms = s->call->globals.timeout_ms;

	/* a module that registers its own cords is asked where it runs */
	if (run->spec->cords.is_imported &&
	    (!call_ask_cords(run->url, &s->cords, err) || !collect(s, err)))
		return false;
	if (timeout_ms && !run->deadline_ms)
		run->deadline_ms = clock_ms() + timeout_ms;
	test_tell_start(run, s->format);
	if (s->jobs ? !test_run_jobs(run, s->jobs, on_done, s, err)
		    : !test_run_all(run, (size_t)s->o->parallel, on_done, s, err))
		return false;
	test_tell_end(run, s->format);
	print_result_stays();
	if (!write_report(s, err))
		return false;
	size_t n_failed = test_count(run, TEST_FAILED);

	return n_failed == 0 || fail(err, ERROR_CALL, "%zu of %zu test%s failed", n_failed,
				     run->tests.n, run->tests.n == 1 ? "" : "s");
}

/* Nothing to do is no failure, as everywhere; but nobody shall take it for a test. */
static bool has_none(struct session *s, struct error *err, bool *ok)
{
	if (s->run.tests.n > 0 || s->run.spec->cords.is_imported)
		return false;
	print_warning("nothing to test: %s has neither an example nor an entry of 'tests'",
		      s->o->cord ? s->o->cord : s->run.spec->file);
	s->run.url = "";
	test_tell_start(&s->run, s->format);
	test_tell_end(&s->run, s->format);
	print_result_stays();
	*ok = write_report(s, err);
	return true;
}

/* --- against the chute at an address */

static bool test_there(struct session *s, struct error *err)
{
	auto_spec spec = {0};
	bool ok = false;

	s->run.spec = &spec;
	s->run.url = s->o->url;
	bool has_passed = project_any_spec(s->call, &spec, err) && prepare(s, err) &&
			  (has_none(s, err, &ok) ? ok : test_all(s, err));

	s->run.spec = NULL;
	return has_passed;
}

/* --- against one of our own */

static void on_event(void *context maybe_unused, const struct local_event *e)
{
	switch (e->kind) {
	case LOCAL_EVENT_LISTENING:
		print_live("start  waiting until it is ready");
		break;
	case LOCAL_EVENT_NOTE:
		print_warning("%s", e->text);
		break;
	case LOCAL_EVENT_OUTPUT:
		print_log(e->text, strlen(e->text));
		break;
	case LOCAL_EVENT_READY:
	case LOCAL_EVENT_RESTARTED:
	case LOCAL_EVENT_REFUSED:
	case LOCAL_EVENT_DOWN:
	case LOCAL_EVENT_REQUEST:
		break;
	}
}

/* The last lines of a chute whose tests fail say most. */
static bool on_log(void *context maybe_unused, const char *bytes, size_t len,
		   struct error *err maybe_unused)
{
	while (len > 0) {
		const char *end = memchr(bytes, '\n', len);
		size_t n = end ? (size_t)(end - bytes) : len;

		print_log(bytes, n);
		bytes += n + (end != NULL);
		len -= n + (end != NULL);
	}
	return true;
}

static bool test_started(struct session *s, const char *name, const char *address,
			 struct error *err)
{
	auto_free char *url = xprintf("http://%s", address);
	struct error ignored; /* there are other problems */

	s->run.url = url;
	bool ok = test_all(s, err);

	if (!ok && err->code == ERROR_CALL && !print_is_json() &&
	    !local_logs(name, 20, false, on_log, NULL, &ignored))
		print_warning("its output: %s", ignored.message);
	s->run.url = NULL;
	return ok;
}

static bool start_and_test(struct session *s, struct running *r, struct error *err)
{
	auto_free char *address = NULL;
	struct error problem;

	r->local.on_event = on_event;
	r->local.dies_with_us = true;
	interrupt_catch();
	if (!local_start(&r->local, &address, err))
		return false;
	print_live_end();
	bool ok = test_started(s, r->local.name, address, err);

	if (!local_stop(r->local.name, GRACE_MS, &problem) && ok) {
		*err = problem;
		return false;
	}
	return ok;
}

static void on_note(void *context maybe_unused, const char *text) { print_warning("%s", text); }

/* Jobs are run by ourselves, and the stub runs none. */
static bool test_jobs(struct session *s, struct running *r, struct error *err)
{
	struct launch_options launch = r->local.launch;

	launch.fd_out = STDERR_FILENO;
	launch.fd_err = STDERR_FILENO;
	launch.on_note = on_note;
	launch.timeout_ms = s->call->globals.timeout_ms;
	s->run.url = "";
	s->jobs = s->o->stub ? NULL : &launch;
	interrupt_catch();
	bool ok = test_all(s, err);

	s->jobs = NULL;
	return ok;
}

static bool test_here(struct session *s, struct error *err)
{
	auto_running r = {0};
	auto_free char *name = NULL;
	struct running_options o = {
		.chute = &s->o->chute,
		.address = "127.0.0.1:0",
		.is_stub = s->o->stub,
	};
	bool ok = false;

	if (!running_load(&r, s->call, &o, err))
		return false;
	s->run.spec = &r.spec;
	s->run.is_stub = s->o->stub;
	if (!prepare(s, err))
		return false;
	if (has_none(s, err, &ok))
		return ok;
	/* a name that no other run of this chute has */
	name = xprintf("test.%d.%.60s", (int)getpid(), r.spec.name);
	o.name = name;
	if (!running_fill(&r, err))
		return false;
	return r.spec.jobs.n > 0 ? test_jobs(s, &r, err) : start_and_test(s, &r, err);
}

static bool run(struct call *call, struct error *err)
{
	const struct test_command *o = call->options;
	auto_session s = {.call = call, .o = o, .format = TEST_TEXT};

	if (!check_options(call, err))
		return false;
	if (o->tap)
		s.format = TEST_TAP;
	if (print_is_json())
		s.format = TEST_JSON;
	if (!o->url)
		return test_here(&s, err);
	interrupt_catch();
	return test_there(&s, err);
}

const struct command command_test = {
	.name = "test",
	.summary = "run every example and test of the chute",
	.about = "Starts the chute as 'chutes run' does, on a free port, sends every cord's\n"
		 "example and every entry of 'tests', compares the answers with what the spec\n"
		 "expects, and stops everything again. An example must be answered with success,\n"
		 "and with what the cord says it gives. With --stub there is no chute: entries of\n"
		 "'tests' show that spec and schemas agree, examples count as not tested.",
	.options = rows,
	.options_size = sizeof(struct test_command),
	.defaults = &defaults,
	.examples = {"chutes test", "chutes test --cord hello --url http://127.0.0.1:8000",
		     "chutes test --junit report.xml --parallel 4",
		     "chutes test --tap >test.tap; prove -e cat test.tap"},
	.exits = {ERROR_SPEC, ERROR_NOT_FOUND, ERROR_TIMEOUT, ERROR_NETWORK, ERROR_BUILD,
		  ERROR_START, ERROR_MISSING, ERROR_CALL, ERROR_INTERRUPTED},
	.see_also = {"run", "invoke", "validate"},
	.group = GROUP_BUILD,
	.hints_module = true,
	.run = run,
};
