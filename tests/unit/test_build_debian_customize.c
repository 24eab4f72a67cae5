/* SPDX-License-Identifier: MIT */
#include "lib/build/debian.h"

#include "lib/base/memory.h"
#include "tests/unit/layer_tar.h"

static char top[64];

/* A little Debian. */
static int fresh(const char *passwd)
{
	struct error err;

	snprintf(top, sizeof(top), "/tmp/chutes-customize-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	int root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct member members[] = {
		{0, "etc/passwd", passwd},
		{0, "etc/group", "root:x:0:\n"},
		{0, "etc/shadow", "root:*:19000:0:99999:7:::\n", .mode = 0640},
		{0, "etc/gshadow", "root:*::", .mode = 0640},
		{'5', "home"},
		{0, "usr/lib/python3.11/EXTERNALLY-MANAGED", "x"},
		{'5', "usr/lib/python3"},
		{'2', "usr/lib/python3.12", "/etc"},
		{0, "etc/EXTERNALLY-MANAGED", "not this one"},
		{0, "usr/local/lib/python3.11/x", "x"},
		{'2', "usr/local/man", "share/man"},
		{'2', "usr/local/escape", "/etc/passwd"},
	};

	CHECK_OK(layer_apply_as((struct layer_unpack_options){.root_fd = root,
							      .ids_are_squashed = geteuid() != 0},
				members, array_len(members), &err),
		 err);
	return root;
}

static void leave(void)
{
	struct error err;

	CHECK_OK(tree_remove_path(top, &err), err);
}

TEST(user_and_directories)
{
	auto_fd int root = fresh("root:x:0:0:root:/root:/bin/bash\n");
	bool is_root = geteuid() == 0;
	struct error err;

	CHECK_OR_STOP(root >= 0);
	for (int i = 0; i < 2; i++) /* the second time changes nothing */
		CHECK_OK(debian_customize(root, "bookworm", !is_root, &err), err);
	CHECK_TEXT(look(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n"
					     "chutes:x:1000:1000::/home/chutes:/bin/bash\n");
	CHECK_TEXT(look(root, "etc/group"), "root:x:0:\nchutes:x:1000:\n");
	CHECK_TEXT(look(root, "etc/shadow"),
		   "root:*:19000:0:99999:7:::\nchutes:!:19518:0:99999:7:::\n");
	CHECK_TEXT(look(root, "etc/gshadow"), "root:*::\nchutes:!::\n");
	CHECK((stat_of(root, "etc/shadow").st_mode & 07777) == 0640);
	CHECK_TEXT(look(root, "usr/lib/python3.11/EXTERNALLY-MANAGED"), "(none)");
	CHECK_TEXT(look(root, "etc/EXTERNALLY-MANAGED"), "not this one");
	static const char *const owned[] = {"app", "home/chutes", "usr/local",
					    "usr/local/lib/python3.11/x", "usr/local/man"};

	for (size_t i = 0; i < array_len(owned); i++)
		CHECK(stat_of(root, owned[i]).st_uid == (is_root ? 1000 : geteuid()));
	CHECK(stat_of(root, "etc/passwd").st_uid == geteuid());
	static const char *const dated[] = {"etc/passwd",        "etc/gshadow", "app",
					    "home/chutes",       "home",        ".",
					    "usr/lib/python3.11"};

	for (size_t i = 0; i < array_len(dated); i++)
		CHECK(stat_of(root, dated[i]).st_mtime == 1686355200);
	leave();
}

TEST(somebody_else_has_the_id)
{
	auto_fd int root = fresh("app:x:1000:1000::/:/bin/sh\n");
	struct error err;

	CHECK_OR_STOP(root >= 0);
	CHECK(!debian_customize(root, "bookworm", geteuid() != 0, &err));
	CHECK_TEXT(err.message,
		   "preparing the Debian base: the id 1000 in '/etc/passwd' belongs to "
		   "'app', not to 'chutes'");
	leave();
}

TEST(not_a_debian)
{
	struct error err;

	snprintf(top, sizeof(top), "/tmp/chutes-customize-XXXXXX");
	CHECK_OR_STOP(mkdtemp(top));
	auto_fd int root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(!debian_customize(root, "bookworm", geteuid() != 0, &err));
	CHECK_TEXT(err.message, "preparing the Debian base: the base has no '/etc/passwd'");
	CHECK(err.code == ERROR_BUILD);
	leave();
}
