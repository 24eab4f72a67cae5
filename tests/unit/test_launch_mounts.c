/* SPDX-License-Identifier: MIT */
#include "lib/launch/launch.h"

#include "tests/unit/tap.h"

TEST(mounts_as_written)
{
	static const struct {
		const char *text;
		const char *source;
		const char *target;
		bool is_writable;
	} cases[] = {
		{"/etc:/data", "/etc", "/data", true},
		{"/etc/:/data/x/:rw", "/etc", "/data/x", true},
		{".:/data:ro", "/proc", "/data", false},
		{"sys/kernel:/k", "/proc/sys/kernel", "/k", true},
		{"../etc/passwd:/p:ro", "/etc/passwd", "/p", false},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct launch_mount m;
		struct error err;

		CHECK_OK(launch_mount_parse(cases[i].text, "/proc", &m, &err), err);
		CHECK_TEXT(m.source, cases[i].source);
		CHECK_TEXT(m.target, cases[i].target);
		CHECK(m.is_writable == cases[i].is_writable);
		launch_mount_release(&m);
	}
}

TEST(mounts_that_are_refused)
{
	static const char *const cases[] = {"/etc",         ":/data", "/etc:data", "/etc:/data:rx",
					    "/etc:/a:ro:b", "/etc:/", "/etc:/..",  ""};
	struct launch_mount m;
	struct error err;

	for (size_t i = 0; i < array_len(cases); i++) {
		CHECK(!launch_mount_parse(cases[i], "/", &m, &err));
		CHECK(err.code == ERROR_USAGE);
		CHECK(strstr(err.message, "is not HOST:CONTAINER[:ro]") != NULL);
	}
	static const char *const hiding[] = {"/etc:/proc", "/etc:/proc/sys", "/etc:/run",
					     "/etc:/run/chutes", "/etc:/run/chutes/code"};

	for (size_t i = 0; i < array_len(hiding); i++) {
		CHECK(!launch_mount_parse(hiding[i], "/", &m, &err));
		CHECK(err.code == ERROR_USAGE);
		CHECK(strstr(err.message, "of the container") != NULL);
	}
	CHECK_OK(launch_mount_parse("/etc:/run/chutes2", "/", &m, &err), err);
	launch_mount_release(&m);
	CHECK(!launch_mount_parse("nowhere:/data", "/proc", &m, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "mount '/proc/nowhere': No such file or directory");
}
