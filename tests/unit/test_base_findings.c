/* SPDX-License-Identifier: MIT */
#include "lib/base/findings.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "tests/unit/tap.h"

TEST(rows)
{
	const struct finding_row *row;

	for (size_t i = 0; (row = finding_row_at(i)); i++) {
		bool is_good = finding_row_find(row->code) == row && strlen(row->code) == 4 &&
			       strchr("EWID", row->code[0]) && *row->title &&
			       !text_ends_with(row->title, ".") &&
			       text_ends_with(row->explain, ".");

		if (!tap_note(is_good, __FILE__, __LINE__, "a code of its own, a title, sentences"))
			printf("#   %s\n", row->code);
		/* of a machine both are told */
		CHECK(row->code[0] == 'D' ||
		      (row->code[0] == 'E') == (row->severity == SEVERITY_ERROR));
	}
	CHECK(!finding_row_find("E999"));
}

TEST(sort_by_place)
{
	auto_findings f = {0};
	auto_text order = {0};

	finding_place(findings_add(&f, "E101", "d"), "b", 1, 1, 0);
	finding_place(findings_add(&f, "E101", "c"), "a", 2, 5, 0);
	finding_place(findings_add(&f, "E110", "a"), "a", 2, 1, 0);
	finding_place(findings_add(&f, "E101", "b"), "a", 2, 1, 0);
	findings_sort(&f);
	for (size_t i = 0; i < f.n; i++)
		text_add(&order, f.items[i].message);
	CHECK_TEXT(text_str(&order), "abcd");
}

TEST(strict_and_allow)
{
	auto_findings f = {0};
	struct error err;

	findings_add(&f, "W305", "a");
	findings_add(&f, "I122", "b");
	CHECK_OK(findings_pass(&f, &err), err);
	findings_allow(&f, "W305");
	CHECK(f.n == 1);
	findings_strict(&f);
	CHECK(!findings_pass(&f, &err));
	CHECK(err.code == ERROR_BUILD);
	CHECK_TEXT(err.message, "1 error found");
}

TEST(move)
{
	auto_findings f = {0};
	auto_findings more = {0};

	findings_add(&f, "E101", "a");
	findings_add(&more, "E110", "b");
	finding_hint(&more.items[0], "c");
	findings_move(&f, &more);
	CHECK(more.n == 0 && f.n == 2);
	CHECK_TEXT(f.items[1].hint, "c");
}

TEST(most)
{
	auto_findings f = {0};
	auto_findings more = {0};

	for (size_t i = 0; i < FINDINGS_MAX + 5; i++)
		findings_add(&f, "E101", "%zu", i);
	CHECK(f.n == FINDINGS_MAX && f.n_dropped == 5);
	findings_add(&more, "E110", "b");
	findings_move(&f, &more);
	CHECK(f.n == FINDINGS_MAX && f.n_dropped == 6);
}
