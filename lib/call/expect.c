/* SPDX-License-Identifier: MIT
 * What a test expects of an answer, and the words for what is not so.
 */
#include "lib/base/diff.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/call/call_internal.h"
#include "lib/data/json_number.h"
#include "lib/data/json_pretty.h"
#include "lib/data/json_schema.h"

#include <string.h>

enum { SCHEMA_MAX = 4 * 1024 * 1024, SHOWN_BYTES = 600 };

struct expecting {
	const struct call_test *test;
	const struct http_answer *answer;
	struct json *json; /* the answer's; NULL: it is none */
	struct text *problem;
};

/* The start of the answer, each line indented. */
static void add_start(const struct expecting *e)
{
	const struct text *body = &e->answer->body;
	size_t len = body->len < SHOWN_BYTES ? body->len : SHOWN_BYTES;
	auto_text shown = {0};

	if (!utf8_is_valid(text_str(body), body->len) && memchr(text_str(body), '\0', body->len)) {
		text_addf(e->problem, "  %zu bytes that are no text\n", body->len);
		return;
	}
	text_add_printable(&shown, text_str(body), len, true);
	for (const char *line = text_str(&shown); *line;) {
		size_t n = strcspn(line, "\n");

		text_addf(e->problem, "  %.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
	if (len < body->len)
		text_addf(e->problem, "  ... (%zu bytes)\n", body->len);
}

static bool check_status(const struct expecting *e, const struct spec_expect *expect)
{
	int status = e->answer->status;
	auto_text wanted = {0};

	if (expect ? status == expect->status : status / 100 == 2)
		return true;
	if (expect)
		text_addf(&wanted, "%lld", (long long)expect->status);
	text_addf(e->problem, "status %d, expected %s\n", status,
		  expect ? text_str(&wanted) : "2xx");
	add_start(e);
	return false;
}

/* --- JSON */

/* Has `value` at least what `wanted` has? Elements of lists are counted. */
/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static bool has_all(const struct json *value, const struct json *wanted)
{
	void *position = NULL;
	const char *key;
	const struct json *member;
	size_t work = 0;

	if (json_kind(wanted) == JSON_KIND_LIST) {
		if (json_kind(value) != JSON_KIND_LIST || json_count(value) != json_count(wanted))
			return false;
		for (size_t i = 0; i < json_count(wanted); i++)
			if (!has_all(json_at(value, i), json_at(wanted, i)))
				return false;
		return true;
	}
	if (json_kind(wanted) != JSON_KIND_OBJECT)
		return json_is_equal(value, wanted, &work);
	while (json_next(wanted, &position, &key, &member)) {
		const struct json *other =
			json_kind(value) == JSON_KIND_OBJECT ? json_member(value, key) : NULL;

		if (!other || !has_all(other, member))
			return false;
	}
	return json_kind(value) == JSON_KIND_OBJECT;
}

static void project(const struct json *value, const struct json *wanted, struct text *out);

/* NOLINTNEXTLINE(misc-no-recursion): the depth of documents is bounded */
static void project_object(const struct json *value, const struct json *wanted, struct text *out)
{
	void *position = NULL;
	const char *key;
	const struct json *member;
	size_t n = 0;

	text_add_char(out, '{');
	while (json_next(wanted, &position, &key, &member)) {
		const struct json *other = json_member(value, key);

		if (!other)
			continue;
		text_add(out, n++ > 0 ? "," : "");
		text_add_json(out, key);
		text_add_char(out, ':');
		project(other, member, out);
	}
	text_add_char(out, '}');
}

/* The answer without what the test does not speak of, in the test's order and with its numbers:
 * then a diff shows the difference alone. */
/* NOLINTNEXTLINE(misc-no-recursion): likewise */
static void project(const struct json *value, const struct json *wanted, struct text *out)
{
	enum json_kind kind = json_kind(value);

	if (kind == JSON_KIND_OBJECT && json_kind(wanted) == JSON_KIND_OBJECT) {
		project_object(value, wanted, out);
	} else if (kind == JSON_KIND_LIST && json_kind(wanted) == JSON_KIND_LIST) {
		text_add_char(out, '[');
		for (size_t i = 0; i < json_count(value); i++) {
			text_add(out, i > 0 ? "," : "");
			if (i < json_count(wanted))
				project(json_at(value, i), json_at(wanted, i), out);
			else
				json_write(json_at(value, i), out);
		}
		text_add_char(out, ']');
	} else {
		json_write(has_all(value, wanted) ? wanted : value, out);
	}
}

static void add_pretty(const char *compact, struct text *out)
{
	auto_json struct json *json = NULL;
	struct error ignored; /* it was written from a value */

	if (json_parse(compact, strlen(compact), SIZE_MAX, &json, &ignored))
		json_add_pretty(json, out);
	text_add_char(out, '\n');
}

static void check_subset(const struct expecting *e, const char *wanted_text)
{
	auto_json struct json *wanted = NULL;
	struct error ignored; /* the spec's reader has written it */
	auto_text got = {0};
	auto_text before = {0};
	auto_text after = {0};

	if (!json_parse(wanted_text, strlen(wanted_text), SIZE_MAX, &wanted, &ignored))
		return;
	if (!e->json) {
		text_add(e->problem, "the answer is no JSON\n");
		add_start(e);
		return;
	}
	if (has_all(e->json, wanted))
		return;
	json_add_pretty(wanted, &before);
	text_add_char(&before, '\n');
	project(e->json, wanted, &got);
	add_pretty(text_str(&got), &after);
	text_add(e->problem, "the answer differs from what 'json' expects (-) as shown (+)\n");
	text_add_diff(e->problem, "json", text_str(&before), text_str(&after));
}

static bool check_schema(const struct expecting *e, const char *text, size_t len, const char *name,
			 struct error *err)
{
	auto_json struct json *schema = NULL;
	auto_text where = {0};
	bool fits = false;

	if (!e->json) {
		text_addf(e->problem, "the answer is no JSON, as %s wants it\n", name);
		add_start(e);
		return true;
	}
	if (!json_parse(text, len, SCHEMA_MAX, &schema, err) ||
	    !json_schema_check(schema, e->json, &fits, &where, err))
		return fail_in(err, "%s", name);
	if (!fits)
		text_addf(e->problem, "the answer does not fit %s: %s\n", name, text_str(&where));
	return true;
}

static bool check_schema_file(const struct expecting *e, const struct spec *spec, const char *file,
			      struct error *err)
{
	auto_free char *path = path_join(spec->directory, file);
	auto_free char *name = xprintf("schema '%s'", file);
	auto_text text = {0};

	return file_read(path, SCHEMA_MAX, &text, err) &&
	       check_schema(e, text_str(&text), text.len, name, err);
}

/* The cord's own `output`, where it is known and the answer is JSON. */
static void check_output(const struct expecting *e)
{
	const struct call_cord *cord = e->test->cord;
	auto_text schema = {0};
	struct error ignored; /* what our check cannot read is no fault of the answer */

	if (!cord->output || !call_is_json(e->answer->content_type))
		return;
	json_write(cord->output, &schema);
	if (!check_schema(e, text_str(&schema), schema.len, "the cord's output", &ignored))
		return;
}

/* --- the rest */

static void check_type(const struct expecting *e, const char *wanted)
{
	const char *is = e->answer->content_type;

	if (!call_is_type(is, wanted))
		text_addf(e->problem, "content type '%s', expected '%s'\n", is, wanted);
}

static bool join_data(void *context, const char *data, struct error *err maybe_unused)
{
	struct text *joined = context;
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is text */
	const char *delta = NULL;

	if (json_parse(data, strlen(data), SIZE_MAX, &json, &ignored))
		delta = call_delta(json);
	text_add(joined, delta ? delta : data);
	return true;
}

/* In the answer, or in what its events say together. */
static void check_contains(const struct expecting *e, const char *wanted)
{
	const struct text *body = &e->answer->body;
	auto_call_events events = {0};
	auto_text joined = {0};
	struct error ignored; /* an event too long for us */

	if (memmem(text_str(body), body->len, wanted, strlen(wanted)))
		return;
	if (call_events_add(&events, text_str(body), body->len, join_data, &joined, &ignored) &&
	    strstr(text_str(&joined), wanted))
		return;
	auto_text shown = {0};

	text_add_printable(&shown, wanted, strlen(wanted), false);
	text_addf(e->problem, "the answer does not contain '%s'\n", text_str(&shown));
	add_start(e);
}

static void check_time(const struct expecting *e, int64_t max_ms)
{
	double ms = e->answer->seconds * 1000;

	if (ms > (double)max_ms)
		text_addf(e->problem, "took %.0f ms, expected at most %lld ms\n", ms,
			  (long long)max_ms);
}

bool call_expect(const struct spec *spec, const struct call_test *test,
		 const struct http_answer *answer, struct text *problem, struct error *err)
{
	const struct spec_expect *expect = test->expect;
	auto_json struct json *json = NULL;
	struct error ignored; /* then it is none */
	struct expecting e = {.test = test, .answer = answer, .problem = problem};

	if (json_parse(text_str(&answer->body), answer->body.len, SIZE_MAX, &json, &ignored))
		e.json = json;
	/* of another answer than the expected one nothing else says more */
	if (!check_status(&e, expect))
		return true;
	if (!expect) {
		check_output(&e);
		return true;
	}
	if (expect->content_type)
		check_type(&e, expect->content_type);
	if (expect->json)
		check_subset(&e, expect->json);
	if (expect->schema && !check_schema_file(&e, spec, expect->schema, err))
		return false;
	if (expect->contains)
		check_contains(&e, expect->contains);
	if (expect->max_ms > 0)
		check_time(&e, expect->max_ms);
	return true;
}
