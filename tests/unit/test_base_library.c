/* SPDX-License-Identifier: MIT */
#include "lib/base/library.h"

#include "tests/unit/tap.h"

TEST(functions_are_found)
{
	double (*cosine)(double) = NULL;
	const struct library_function functions[] = {{"cos", &cosine}};

	CHECK_OR_STOP(library_open("libm.so.6", functions, 1));
	CHECK(cosine(0.0) == 1.0);
}

TEST(one_missing_function_is_all_missing)
{
	double (*cosine)(double) = NULL;
	double (*none)(double) = NULL;
	const struct library_function functions[] = {{"cos", &cosine}, {"no_such_function", &none}};

	CHECK(!library_open("libm.so.6", functions, 2));
	CHECK(!cosine && !none);
}

TEST(a_missing_library)
{
	int (*function)(void) = NULL;
	const struct library_function functions[] = {{"f", &function}};

	CHECK(!library_open("libdoes-not-exist.so.0", functions, 1));
	CHECK(!function);
}
