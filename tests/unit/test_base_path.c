/* SPDX-License-Identifier: MIT */
#include "lib/base/path.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

TEST(clean)
{
	static const char *const cases[][2] = {
		{"", "."},        {"/", "/"},      {"a//b/./c/", "a/b/c"},  {"a/../b", "b"},
		{"../a", "../a"}, {"/../a", "/a"}, {"a/../../b", "../b"},   {"/a/b/../..", "/"},
		{"./.", "."},     {"a/..", "."},   {"../../x/..", "../.."}, {"/a/./b//", "/a/b"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *got = path_clean(cases[i][0]);

		CHECK_TEXT(got, cases[i][1]);
	}
}

TEST(chmod_advice)
{
	auto_free char *plain = path_chmod_advice("600", "/a/b");
	auto_free char *blank = path_chmod_advice("-R go=", "/a b");

	CHECK_TEXT(plain, "run 'chmod 600 /a/b'");
	CHECK_TEXT(blank, "run 'chmod -R go= '/a b''");
}

TEST(join_directory_name)
{
	auto_free char *a = path_join("x", "y");
	auto_free char *b = path_join("x/", "y");
	auto_free char *c = path_join("x", "/y");
	auto_free char *d = path_join(".", "y");
	auto_free char *e = path_directory("/y");
	auto_free char *f = path_directory("y");

	CHECK_TEXT(a, "x/y");
	CHECK_TEXT(b, "x/y");
	CHECK_TEXT(c, "/y");
	CHECK_TEXT(d, "y");
	CHECK_TEXT(e, "/");
	CHECK_TEXT(f, ".");
	CHECK_TEXT(path_name("a/b"), "b");
}

TEST(below)
{
	CHECK(path_is_below("/a/b", "/a"));
	CHECK(path_is_below("/a", "/a"));
	CHECK(!path_is_below("/ab", "/a"));
	CHECK(path_is_below("/a", "/"));
}

TEST(temporary)
{
	setenv("TMPDIR", "/usr", 1);
	CHECK_TEXT(path_temporary(), "/usr");
	setenv("TMPDIR", "/no/such/directory", 1);
	CHECK_TEXT(path_temporary(), "/tmp");
	setenv("TMPDIR", "usr", 1);
	CHECK_TEXT(path_temporary(), "/tmp");
	unsetenv("TMPDIR");
	CHECK_TEXT(path_temporary(), "/tmp");
}
