/* SPDX-License-Identifier: MIT */
#include "lib/base/time.h"

#include "tests/unit/tap.h"

TEST(ages_are_in_the_largest_unit_of_which_there_are_two)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{0, "0 seconds"},
		{1, "1 second"},
		{119, "119 seconds"},
		{120, "2 minutes"},
		{7199, "119 minutes"},
		{7200, "2 hours"},
		{2 * 86400 - 1, "47 hours"},
		{2 * 86400, "2 days"},
		{14 * 86400, "2 weeks"},
		{60 * 86400, "2 months"},
		{730 * 86400, "2 years"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text t = {0};

		text_add_age(&t, cases[i].seconds);
		CHECK_TEXT(text_str(&t), cases[i].text);
	}
}

TEST(times_have_a_zone)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} cases[] = {
		{"1970-01-01T00:00:10Z", 10},
		{"2026-01-02T03:04:05Z", 1767323045},
		{"2026-01-02T03:04:05.999999999Z", 1767323045},
		{"2026-01-02T05:04:05+02:00", 1767323045},
		{"2026-01-01T22:34:05-04:30", 1767323045},
		{"2026-01-02T03:04:05", -1},
		{"2026-01-02T03:04:05 Z", -1},
		{"2026-01-02T03:04:05Zx", -1},
		{"2026-01-02", -1},
		{"", -1},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		int64_t seconds = -1;
		struct error err;
		auto_text message = {0};
		bool ok = time_parse(cases[i].text, &seconds, &err);

		CHECK(ok == (cases[i].seconds >= 0) && seconds == cases[i].seconds);
		text_addf(&message, "'%s' is no time such as 2026-01-31T12:00:00Z", cases[i].text);
		if (!ok)
			CHECK_TEXT(err.message, text_str(&message));
	}
}

TEST(times_are_written_in_utc)
{
	auto_text t = {0};

	text_add_time(&t, 1767323045);
	CHECK_TEXT(text_str(&t), "2026-01-02T03:04:05Z");
}

TEST(the_first_of_some_times)
{
	uint64_t now = clock_ms();
	const uint64_t times[] = {0, now + 60000, now + 3600000, UINT64_MAX};
	const uint64_t past[] = {now + 60000, 1};

	CHECK(ms_until_first(times, 1) == -1 && ms_until_first(&times[3], 1) == -1);
	int ms = ms_until_first(times, array_len(times));

	CHECK(ms > 0 && ms <= 60000);
	CHECK(ms_until_first(past, array_len(past)) == 0);
}

TEST(http_dates)
{
	static const char *const bad[] = {"",
					  "soon",
					  "Sun, 06 Nov 1994 08:49:37",
					  "1994-11-06",
					  "Sun, 06 Nov 1994 08:49:37 GMT x",
					  "Sunday, 06-Nov-94 08:49:37 GMT"};
	int64_t seconds = 0;
	struct error err;

	CHECK_OK(http_date_parse("Sun, 06 Nov 1994 08:49:37 GMT", &seconds, &err), err);
	CHECK(seconds == 784111777);
	for (size_t i = 0; i < array_len(bad); i++)
		CHECK(!http_date_parse(bad[i], &seconds, &err));
}
