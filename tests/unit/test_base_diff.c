/* SPDX-License-Identifier: MIT */
#include "lib/base/diff.h"

#include "tests/unit/tap.h"

#include <time.h>

static void check(const char *before, const char *after, const char *wanted)
{
	auto_text out = {0};

	text_add_diff(&out, "f", before, after);
	CHECK_TEXT(text_str(&out), wanted);
}

#define HEAD "--- f\n+++ f\n"

TEST(hunks)
{
	check("", "", "");
	check("a\n", "a\n", "");
	check("a\n", "b\n", HEAD "@@ -1,1 +1,1 @@\n-a\n+b\n");
	check("", "a\n", HEAD "@@ -0,0 +1,1 @@\n+a\n");
	check("a\n", "", HEAD "@@ -1,1 +0,0 @@\n-a\n");
	check("a", "a\n", HEAD "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
	check("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
	      HEAD "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
	/* changes that are near each other are one */
	check("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\nx\n3\n4\n5\n6\n7\n8\ny\n",
	      HEAD "@@ -1,9 +1,9 @@\n 1\n-2\n+x\n 3\n 4\n 5\n 6\n 7\n 8\n-9\n+y\n");
	check("x\n1\n2\n3\n4\n5\n6\n7\nx\n", "y\n1\n2\n3\n4\n5\n6\n7\ny\n",
	      HEAD "@@ -1,4 +1,4 @@\n-x\n+y\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-x\n+y\n");
	/* a block that moves */
	check("c\na\nb\n", "a\nb\nc\n", HEAD "@@ -1,3 +1,3 @@\n-c\n a\n b\n+c\n");
}

TEST(large)
{
	enum { N = 100000 };
	auto_text before = {0};
	auto_text after = {0};
	auto_text out = {0};
	clock_t began = clock();

	for (int i = 0; i < N; i++) {
		text_addf(&before, "a%d\n", i);
		text_addf(&after, "b%d\n", i);
	}
	text_add_diff(&out, "f", text_str(&before), text_str(&after));
	CHECK(out.len > before.len + after.len);
	CHECK(clock() - began < 2 * tap_slowness() * CLOCKS_PER_SEC);
}
