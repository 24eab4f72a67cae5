/* SPDX-License-Identifier: MIT
 * The ways to verify that this processor has, each of which must pass the same tests.
 */
#ifndef CHUTES_TESTS_VERIFY_ROUTES_H
#define CHUTES_TESTS_VERIFY_ROUTES_H

#include "lib/crypto/verify_internal.h"
#include "tests/unit/vectors.h"

static const char *const route_names[] = {"libsodium", "portable", "ifma"};

/* Choose by name, and say so, or that there is none. */
static inline bool route_is_chosen(const char *name)
{
	bool is_here = verify_route_use(name);

	printf("# route %s%s\n", name, is_here ? "" : ": not on this machine");
	return is_here;
}

static inline void on_every_route(void (*check)(void))
{
	for (size_t i = 0; i < array_len(route_names); i++)
		if (route_is_chosen(route_names[i]))
			check();
	CHECK(verify_route_use(NULL));
}

#endif
