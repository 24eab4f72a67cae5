/* SPDX-License-Identifier: MIT
 * Counts of calls in the form that Prometheus reads, under the platform's names.
 */
#include "lib/gateway/meters.h"

#include "tests/unit/tap.h"

static void write_document(const struct meter *m, const char *function, struct text *out)
{
	struct meters_out parts = {0};

	meters_add(&parts, m, "id", function);
	meters_finish(&parts, out);
}

static bool has_line(const struct text *document, const char *line)
{
	const char *at = strstr(text_str(document), line);

	return at && (at == text_str(document) || at[-1] == '\n') && at[strlen(line)] == '\n';
}

TEST(nothing_yet)
{
	struct meter m = {0};
	auto_text document = {0};

	write_document(&m, "f", &document);
	CHECK_TEXT(text_str(&document),
		   "# HELP invocation_total Total invocations\n"
		   "# TYPE invocation_total counter\n"
		   "# HELP invocation_created Total invocations\n"
		   "# TYPE invocation_created gauge\n"
		   "# HELP invocation_duration Invocation duration in seconds\n"
		   "# TYPE invocation_duration histogram\n"
		   "# HELP invocation_duration_created Invocation duration in seconds\n"
		   "# TYPE invocation_duration_created gauge\n"
		   "# HELP invocation_last_timestamp Timestamp of the most recent invocation\n"
		   "# TYPE invocation_last_timestamp gauge\n");
}

#define LABELS "{chute_id=\"id\",function=\"f\","

TEST(ends_and_durations)
{
	static struct meter m;
	auto_text document = {0};

	meter_begin(&m);
	meter_end(&m, 200, 5000); /* a bound belongs to its bucket */
	meter_end(&m, 204, 5001);
	meter_end(&m, 399, 10000001);
	meter_end(&m, 400, 1);
	meter_end(&m, 504, 2000000);
	meter_end(&m, 499, 0);
	write_document(&m, "f", &document);
	CHECK(has_line(&document, "invocation_total" LABELS "status=\"200\"} 3.0"));
	CHECK(has_line(&document, "invocation_total" LABELS "status=\"500\"} 2.0"));
	CHECK(has_line(&document, "invocation_total" LABELS "status=\"499\"} 1.0"));
	CHECK(has_line(&document,
		       "invocation_duration_bucket" LABELS "le=\"0.005\",status=\"200\"} 1.0"));
	CHECK(has_line(&document,
		       "invocation_duration_bucket" LABELS "le=\"0.01\",status=\"200\"} 2.0"));
	CHECK(has_line(&document,
		       "invocation_duration_bucket" LABELS "le=\"10.0\",status=\"200\"} 2.0"));
	CHECK(has_line(&document,
		       "invocation_duration_bucket" LABELS "le=\"+Inf\",status=\"200\"} 3.0"));
	CHECK(has_line(&document, "invocation_duration_count" LABELS "status=\"200\"} 3.0"));
	CHECK(has_line(&document, "invocation_duration_sum" LABELS "status=\"200\"} 10.010002"));
	CHECK(strstr(text_str(&document),
		     "\ninvocation_last_timestamp{chute_id=\"id\",function=\"f\"} "));
}

TEST(labels_are_escaped)
{
	static struct meter m;
	auto_text document = {0};

	meter_begin(&m);
	write_document(&m, "a\"b\\c", &document);
	CHECK(strstr(text_str(&document), "function=\"a\\\"b\\\\c\"} "));
}
