/* SPDX-License-Identifier: MIT
 * What the tests gave: for people, as TAP, as JSON, as JUnit's XML.
 */
#include "cli/print.h"
#include "cli/test.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <string.h>

static const char *const verdicts[] = {
	[TEST_PASSED] = "passed",
	[TEST_FAILED] = "failed",
	[TEST_SKIPPED] = "skipped",
	[TEST_UNTESTED] = "not tested",
};

#define STUB_REASON "the stub has answered, not the chute"

static double milliseconds(const struct test_result *r) { return r->outcome.seconds * 1000; }

static const struct place *place_of(const struct test_run *run, size_t i)
{
	return &run->tests.items[i].place;
}

/* Each line of a text behind a prefix. */
static void print_lines(const char *prefix, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		print_line("%s%.*s", prefix, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* --- text */

static void tell_text(const struct test_run *run, size_t i)
{
	static const char *const words[] = {"ok", "not ok", "skip", "stub"};
	const struct test_result *r = &run->results[i];
	const char *name = run->tests.items[i].name;

	if (r->verdict == TEST_SKIPPED) {
		print_line("%s %zu %s  (%s)", words[r->verdict], i + 1, name,
			   text_str(&r->outcome.problem));
		return;
	}
	print_line("%s %zu %s  %.0f ms", words[r->verdict], i + 1, name, milliseconds(r));
	if (r->verdict != TEST_FAILED)
		return;
	print_line("  --> %s:%zu", run->spec->file, place_of(run, i)->line);
	print_lines("    ", text_str(&r->outcome.problem));
}

static void summarize(const struct test_run *run, struct text *out)
{
	size_t n_skipped = test_count(run, TEST_SKIPPED);
	size_t n_untested = test_count(run, TEST_UNTESTED);

	text_addf(out, "%zu passed, %zu failed", test_count(run, TEST_PASSED),
		  test_count(run, TEST_FAILED));
	if (n_skipped)
		text_addf(out, ", %zu skipped", n_skipped);
	if (n_untested)
		text_addf(out, ", %zu example%s not tested", n_untested,
			  n_untested == 1 ? "" : "s");
	if (run->is_stub)
		text_add(out, " (stub run: no code of the chute ran)");
}

/* --- TAP */

static void add_tap_name(struct text *out, const char *name)
{
	for (const char *c = name; *c; c++) {
		if (*c == '#' || *c == '\\')
			text_add_char(out, '\\');
		text_add_char(out, *c);
	}
}

static void tell_tap(const struct test_run *run, size_t i)
{
	const struct test_result *r = &run->results[i];
	auto_text line = {0};

	text_addf(&line, "%sok %zu - ", r->verdict == TEST_FAILED ? "not " : "", i + 1);
	add_tap_name(&line, run->tests.items[i].name);
	if (r->verdict == TEST_SKIPPED)
		text_addf(&line, " # SKIP %s", text_str(&r->outcome.problem));
	else if (r->verdict == TEST_UNTESTED)
		text_add(&line, " # SKIP " STUB_REASON);
	print_line("%s", text_str(&line));
	if (r->verdict == TEST_SKIPPED)
		return;
	print_line("  ---");
	print_line("  duration_ms: %.3f", milliseconds(r));
	if (r->verdict == TEST_FAILED) {
		auto_text file = {0};

		text_add_json(&file, run->spec->file);
		print_line("  at: {file: %s, line: %zu}", text_str(&file), place_of(run, i)->line);
		print_line("  message: |");
		print_lines("    ", text_str(&r->outcome.problem));
	}
	print_line("  ...");
}

/* --- JSON */

static void add_number(struct json_out *j, const char *key, double value)
{
	auto_free char *text = xprintf("%.3f", value);

	json_out_raw(j, key, text);
}

static void tell_json(const struct test_run *run)
{
	struct json_out *j = print_result();

	json_out_text(j, "url", run->url);
	json_out_bool(j, "stub", run->is_stub);
	json_out_number(j, "passed", (int64_t)test_count(run, TEST_PASSED));
	json_out_number(j, "failed", (int64_t)test_count(run, TEST_FAILED));
	json_out_number(j, "skipped", (int64_t)test_count(run, TEST_SKIPPED));
	json_out_number(j, "not_tested", (int64_t)test_count(run, TEST_UNTESTED));
	add_number(j, "seconds", run->seconds);
	json_out_array(j, "tests");
	for (size_t i = 0; i < run->tests.n; i++) {
		const struct call_test *test = &run->tests.items[i];
		const struct test_result *r = &run->results[i];
		bool is_fine = r->outcome.problem.len == 0;

		json_out_object(j, NULL);
		json_out_text(j, "name", test->name);
		json_out_text(j, test->job ? "job" : "cord", test->function);
		json_out_text(j, "verdict", verdicts[r->verdict]);
		json_out_bool(j, "example", test->is_example);
		json_out_number(j, "status", r->outcome.status);
		add_number(j, "ms", milliseconds(r));
		json_out_number(j, "line", (int64_t)place_of(run, i)->line);
		json_out_text(j, "problem", is_fine ? NULL : text_str(&r->outcome.problem));
		json_out_object_end(j);
	}
	json_out_array_end(j);
}

/* --- what is told when */

void test_tell_start(const struct test_run *run, enum test_format format)
{
	if (format != TEST_TAP)
		return;
	print_line("TAP version 13"); /* all that we need of 14, and older readers take it */
	print_line("1..%zu%s", run->tests.n, run->tests.n ? "" : " # SKIP nothing to test");
	if (run->is_stub)
		print_line("# stub run: no code of the chute ran");
}

void test_tell_one(const struct test_run *run, enum test_format format, size_t i)
{
	if (format == TEST_TAP)
		tell_tap(run, i);
	else if (format == TEST_TEXT)
		tell_text(run, i);
	print_flush();
}

void test_tell_end(const struct test_run *run, enum test_format format)
{
	auto_text summary = {0};

	summarize(run, &summary);
	if (format == TEST_JSON)
		tell_json(run);
	else
		print_line("%s%s", format == TEST_TAP ? "# " : "", text_str(&summary));
}

/* --- JUnit */

/* Characters that XML cannot hold become U+FFFD. */
static void add_xml(struct text *out, const char *text)
{
	static const struct {
		char c;
		const char *name;
	} names[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
	size_t len = strlen(text);

	for (size_t i = 0, n = 0; i < len; i += n ? n : 1) {
		unsigned char c = (unsigned char)text[i];
		const char *name = NULL;

		n = utf8_length(text + i, len - i);
		for (size_t k = 0; k < array_len(names); k++)
			if (names[k].c == text[i])
				name = names[k].name;
		bool is_bad = n == 0 || (c < ' ' && c != '\n' && c != '\t') ||
			      strncmp(text + i, "\xef\xbf\xbe", 3) == 0 ||
			      strncmp(text + i, "\xef\xbf\xbf", 3) == 0;

		if (name)
			text_add(out, name);
		else if (is_bad)
			text_add(out, "\xef\xbf\xbd");
		else
			text_add_bytes(out, text + i, n);
	}
}

static void add_attribute(struct text *out, const char *name, const char *value)
{
	text_addf(out, " %s=\"", name);
	add_xml(out, value);
	text_add_char(out, '"');
}

static void add_counts(const struct test_run *run, struct text *out)
{
	text_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" time=\"%.3f\"", run->tests.n,
		  test_count(run, TEST_FAILED), run->seconds);
}

static void add_case(const struct test_run *run, size_t i, struct text *out)
{
	const struct test_result *r = &run->results[i];
	const char *problem = text_str(&r->outcome.problem);
	auto_free char *first = xstrndup(problem, strcspn(problem, "\n"));
	auto_free char *class = xprintf("%s.%s", run->spec->name, run->tests.items[i].function);

	text_add(out, "    <testcase");
	add_attribute(out, "classname", class);
	add_attribute(out, "name", run->tests.items[i].name);
	text_addf(out, " time=\"%.3f\">\n", r->outcome.seconds);
	if (r->verdict == TEST_FAILED) {
		text_add(out, "      <failure type=\"answer\"");
		add_attribute(out, "message", first);
		text_add_char(out, '>');
		add_xml(out, problem);
		text_add(out, "</failure>\n");
	} else if (r->verdict != TEST_PASSED) {
		text_add(out, "      <skipped");
		add_attribute(out, "message", r->verdict == TEST_UNTESTED ? STUB_REASON : problem);
		text_add(out, "/>\n");
	}
	text_add(out, "    </testcase>\n");
}

void test_add_junit(const struct test_run *run, struct text *out)
{
	auto_text now = {0};
	size_t n_skipped = test_count(run, TEST_SKIPPED) + test_count(run, TEST_UNTESTED);

	text_add_time(&now, clock_unix());
	if (now.len && now.bytes[now.len - 1] == 'Z') /* the schema wants none */
		now.bytes[now.len - 1] = '\0';
	text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	add_counts(run, out);
	text_add(out, ">\n  <testsuite");
	add_attribute(out, "name", run->spec->name);
	add_counts(run, out);
	text_addf(out, " skipped=\"%zu\"", n_skipped);
	add_attribute(out, "timestamp", text_str(&now));
	text_add(out, " hostname=\"localhost\">\n    <properties>\n");
	text_addf(out, "      <property name=\"stub\" value=\"%s\"/>\n    </properties>\n",
		  run->is_stub ? "true" : "false");
	for (size_t i = 0; i < run->tests.n; i++)
		add_case(run, i, out);
	text_add(out, "  </testsuite>\n</testsuites>\n");
}
