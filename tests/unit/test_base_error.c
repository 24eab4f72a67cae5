/* SPDX-License-Identifier: MIT */
#include "lib/base/error.h"

#include "lib/base/findings.h"
#include "tests/unit/tap.h"

#include <errno.h>

TEST(rows_have_distinct_exit_statuses)
{
	for (int a = 0; a < ERROR_N_CODES; a++)
		for (int b = 0; b < a; b++)
			CHECK(error_row((enum error_code)a)->exit_status !=
			      error_row((enum error_code)b)->exit_status);
}

TEST(context_goes_in_front)
{
	struct error err;

	CHECK(!fail(&err, ERROR_SPEC, "line %d: unknown key '%s'", 3, "gpus"));
	CHECK(!fail_in(&err, "reading '%s'", "a.yaml"));
	CHECK_TEXT(err.message, "reading 'a.yaml': line 3: unknown key 'gpus'");
	CHECK(err.code == ERROR_SPEC);
	CHECK_TEXT(err.hint, "");
}

TEST(too_long_is_cut)
{
	struct error err;
	char longer[2000];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	fail(&err, ERROR_FAILURE, "%s", longer);
	CHECK(strlen(err.message) == sizeof(err.message) - 1);
	CHECK_TEXT(err.message + sizeof(err.message) - 4, "...");
	fail_in(&err, "context");
	CHECK_TEXT(err.message + sizeof(err.message) - 4, "...");
}

TEST(errno_chooses_the_code)
{
	struct error err;

	errno = ENOENT;
	fail_errno(&err, "cannot open '%s'", "x");
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "cannot open 'x': No such file or directory");
	errno = ENOSPC;
	fail_errno(&err, "writing");
	CHECK(err.code == ERROR_FAILURE && err.hint[0] && err.is_full);
	errno = EIO;
	fail_errno(&err, "writing");
	CHECK(err.code == ERROR_FAILURE && !err.hint[0] && !err.is_full);
}

TEST(findings_sort_by_place_and_pass_on_warnings)
{
	auto_findings f = {0};
	struct error err;

	finding_place(findings_add(&f, "E110", "b"), "x", 4, 2, 1);
	finding_place(findings_add(&f, "E101", "a"), "x", 4, 1, 1);
	findings_sort(&f);
	CHECK_TEXT(f.items[0].message, "a");
	CHECK(!findings_pass(&f, &err));
	CHECK(err.code == ERROR_SPEC);
	CHECK_TEXT(err.message, "2 errors found");
	f.items[0].severity = f.items[1].severity = SEVERITY_WARNING;
	CHECK(findings_pass(&f, &err));
	findings_strict(&f);
	CHECK(!findings_pass(&f, &err));
}
