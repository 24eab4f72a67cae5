/* SPDX-License-Identifier: MIT */
#include "lib/launch/launch.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char *write_file(const char *text, size_t len)
{
	char *path = xstrdup("/tmp/chutes-env-XXXXXX");
	int fd = mkstemp(path);
	struct error err;

	if (fd < 0)
		abort();
	CHECK_OK(fd_write_all(fd, text, len, &err), err);
	close(fd);
	return path;
}

TEST(lines_as_docker_reads_them)
{
	static const char text[] = "\xef\xbb\xbf# a comment\n"
				   "\n"
				   "  A=1\n"
				   "B=\"two\" # kept \n"
				   "C=a=b\r\n"
				   "D=\n"
				   "   # another\n"
				   "CHUTES_TEST_THERE\n"
				   "CHUTES_TEST_NOT_THERE\n"
				   "A=2";
	auto_free char *path = write_file(text, sizeof(text) - 1);
	auto_strings env = {0};
	struct error err;

	setenv("CHUTES_TEST_THERE", "from here", 1);
	unsetenv("CHUTES_TEST_NOT_THERE");
	strings_env_set(&env, "Z", "kept");
	CHECK_OK(launch_env_file(path, &env, &err), err);
	CHECK(env.n == 6);
	CHECK_TEXT(strings_env_find(&env, "A"), "2");
	CHECK_TEXT(strings_env_find(&env, "B"), "\"two\" # kept ");
	CHECK_TEXT(strings_env_find(&env, "C"), "a=b");
	CHECK_TEXT(strings_env_find(&env, "D"), "");
	CHECK_TEXT(strings_env_find(&env, "CHUTES_TEST_THERE"), "from here");
	CHECK_TEXT(strings_env_find(&env, "Z"), "kept");
	unlink(path);
}

TEST(lines_that_are_refused)
{
	static const struct {
		const char *text;
		size_t len;
		const char *message; /* behind "'PATH'" */
	} cases[] = {
		{"A=1\nMY NAME=2\n", 14, ", line 2: the name 'MY NAME' has a blank in it"},
		{"=1", 2, ", line 1: no name before '='"},
		{"A=\xff", 3, " is not UTF-8 text"},
		{"A=\0b", 4, " is not UTF-8 text"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *path = write_file(cases[i].text, cases[i].len);
		auto_free char *expected = xprintf("'%s'%s", path, cases[i].message);
		auto_strings env = {0};
		struct error err;

		CHECK(!launch_env_file(path, &env, &err));
		CHECK(err.code == ERROR_USAGE && env.n == 0);
		CHECK_TEXT(err.message, expected);
		unlink(path);
	}
	auto_strings env = {0};
	struct error err;

	CHECK(!launch_env_file("/nowhere/env", &env, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
}
