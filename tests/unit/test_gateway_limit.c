/* SPDX-License-Identifier: MIT
 * How many requests run at once: exactly as many as allowed, whoever asks at the same time.
 */
#include "lib/gateway/limit.h"

#include "tests/unit/tap.h"

#include <pthread.h>
#include <stdio.h>

static void check_json(struct limit *l, const char *wanted)
{
	auto_text json = {0};

	limit_add_json(l, &json);
	CHECK_TEXT(text_str(&json), wanted);
}

TEST(exactly_as_many_as_allowed)
{
	static struct limit l;
	unsigned slots[4];

	limit_set(&l, 3);
	for (int i = 0; i < 3; i++)
		CHECK(limit_enter(&l, &slots[i]));
	CHECK(!limit_enter(&l, &slots[3]));
	CHECK(slots[0] != slots[1] && slots[1] != slots[2] && slots[0] != slots[2]);
	limit_leave(&l, slots[1]);
	CHECK(limit_enter(&l, &slots[1]));
	CHECK(!limit_enter(&l, &slots[3]));
	for (int i = 0; i < 3; i++)
		limit_leave(&l, slots[i]);
	check_json(&l, "{\"concurrency\":3,\"in_flight\":0,\"available\":3,\"utilization\":0.0,"
		       "\"oldest_in_flight_age_secs\":null}");
}

TEST(limits_of_the_limit)
{
	static struct limit l;

	limit_set(&l, 0);
	CHECK(limit_look(&l).max == 1);
	limit_set(&l, LIMIT_SLOTS_MAX);
	CHECK(limit_look(&l).max == LIMIT_SLOTS_MAX);
	limit_set(&l, LIMIT_SLOTS_MAX + 1);
	CHECK(limit_look(&l).max == LIMIT_SLOTS_MAX);
}

TEST(the_part_that_is_used_is_rounded_as_printf_does)
{
	for (unsigned max = 1; max <= LIMIT_SLOTS_MAX; max++)
		for (unsigned n = 0; n <= max; n++) {
			const struct limit_view view = {.max = max, .n_used = n};
			char wanted[32], got[LIMIT_UTILIZATION_MAX];

			snprintf(wanted, sizeof(wanted), "%.4f", (double)n / max);
			limit_format_utilization(&view, got);
			CHECK_TEXT(got, wanted);
		}
	/* the limit has been lowered meanwhile */
	const struct limit_view crowded = {.max = 1, .n_used = LIMIT_SLOTS_MAX};
	char got[LIMIT_UTILIZATION_MAX];

	limit_format_utilization(&crowded, got);
	CHECK_TEXT(got, "256.0000");
}

TEST(numbers_as_the_platform_shows_them)
{
	static struct limit l;
	static const struct {
		int64_t max;
		double wanted;
		const char *text;
	} cases[] = {
		{1, 1, "1.0"}, {8, 0.125, "0.125"}, {3, 0.3333, "0.3333"}, {256, 0.0039, "0.0039"}};
	unsigned slot = 0;

	limit_set(&l, 1);
	CHECK(limit_enter(&l, &slot));
	CHECK(limit_oldest_ms(&l) >= 0);
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_text json = {0};

		limit_set(&l, cases[i].max);
		limit_add_json(&l, &json);
		const char *at = strstr(text_str(&json), "\"utilization\":");

		CHECK_OR_STOP(at);
		at += strlen("\"utilization\":");
		CHECK(strncmp(at, cases[i].text, strlen(cases[i].text)) == 0 &&
		      at[strlen(cases[i].text)] == ',');
	}
	limit_set(&l, 1);
	CHECK(limit_look(&l).n_available == 0);
	limit_leave(&l, slot);
}

/* Lowered while requests run: those finish, none are added. */
TEST(lowered_under_load)
{
	static struct limit l;
	unsigned slots[2];
	unsigned more = 0;

	limit_set(&l, 2);
	CHECK(limit_enter(&l, &slots[0]) && limit_enter(&l, &slots[1]));
	limit_set(&l, 1);
	CHECK(limit_look(&l).n_available == 0);
	limit_leave(&l, slots[0]);
	CHECK(!limit_enter(&l, &more));
	limit_leave(&l, slots[1]);
	CHECK(limit_enter(&l, &more));
	limit_leave(&l, more);
}

enum { CROWD = 8, ROUNDS = 5000, CROWD_LIMIT = 3 };
static struct limit crowd_limit;
static atomic_uint crowd_inside;
static atomic_uint crowd_most;
static atomic_uint crowd_entered;

static void *join_crowd(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		unsigned slot = 0;

		if (!limit_enter(&crowd_limit, &slot))
			continue;
		unsigned n = atomic_fetch_add(&crowd_inside, 1) + 1;

		if (n > atomic_load(&crowd_most))
			atomic_store(&crowd_most, n);
		atomic_fetch_add(&crowd_entered, 1);
		atomic_fetch_sub(&crowd_inside, 1);
		limit_leave(&crowd_limit, slot);
	}
	return NULL;
}

TEST(many_at_once)
{
	pthread_t threads[CROWD];

	limit_set(&crowd_limit, CROWD_LIMIT);
	for (int i = 0; i < CROWD; i++)
		CHECK(pthread_create(&threads[i], NULL, join_crowd, NULL) == 0);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
	CHECK(atomic_load(&crowd_most) <= CROWD_LIMIT);
	CHECK(atomic_load(&crowd_entered) > 0);
	CHECK(limit_look(&crowd_limit).n_used == 0 && limit_oldest_ms(&crowd_limit) == -1);
}
