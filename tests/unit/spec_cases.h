/* SPDX-License-Identifier: MIT
 * Tables of lines and the findings that they must give.
 */
#ifndef CHUTES_TESTS_SPEC_CASES_H
#define CHUTES_TESTS_SPEC_CASES_H

#include "tests/unit/spec_fixture.h"

struct rule {
	const char *lines;
	const char *findings;
};

static inline void check_rules(const struct rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fixture_check(rules[i].lines, rules[i].findings);
}

/* A limit from both of its sides. NULL: that side is not looked at. */
struct limit {
	const char *good; /* no finding at all */
	const char *bad;
	const char *finding;
};

static inline void check_limits(const struct limit *limits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (limits[i].good)
			fixture_check(limits[i].good, "");
		if (limits[i].bad)
			fixture_check(limits[i].bad, limits[i].finding);
	}
}

#endif
