/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/container/container.h"
#include "tests/unit/tap.h"

#include <sys/stat.h>
#include <unistd.h>

static char *root;

static void put(const char *name, const char *text)
{
	auto_free char *path = path_join(root, name);
	auto_free char *directory = path_directory(path);
	struct error err;

	CHECK_OK(directory_make(directory, 0755, &err), err);
	CHECK_OK(file_write_cache(path, text, strlen(text), 0644, &err), err);
}

static void begin(void)
{
	char name[] = "/tmp/chutes-user-XXXXXX";

	root = xstrdup(mkdtemp(name));
	put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
			  "# comment\n"
			  "broken:x:one:1::/:\n"
			  "short:x:5\n"
			  ":x:6:6::/:\n"
			  "app:x:1000:1001::/app:/bin/sh\n"
			  "123:x:77:78::/n:/bin/sh\n"
			  "relative:x:80:80::home:/bin/sh\n"
			  "nogroup:x:81:::/x:/bin/sh\n");
	put("etc/group", "root:x:0:\nstaff:x:50:app,other\nadm:x:4:other,app\napp:x:1001:app\n"
			 "none:x:51\n");
}

static void end(void)
{
	struct error err;

	CHECK_OK(tree_remove_path(root, &err), err);
	free(root);
}

TEST(known_users)
{
	static const struct {
		const char *text;
		uid_t uid;
		gid_t gid;
		size_t n_groups;
		const char *home;
	} cases[] = {
		{"", 0, 0, 0, "/root"},
		{"root", 0, 0, 0, "/root"},
		{"0", 0, 0, 0, "/root"},
		{"app", 1000, 1001, 2, "/app"},
		{"1000", 1000, 1001, 2, "/app"},
		{"app:staff", 1000, 50, 0, "/app"},
		{"app:7", 1000, 7, 0, "/app"},
		{"app:", 1000, 1001, 2, "/app"},
		{"123", 77, 78, 0, "/n"}, /* names come first */
		{"77", 77, 78, 0, "/n"},
		{"5000", 5000, 0, 0, "/"},
		{"5000:4", 5000, 4, 0, "/"},
		{"4294967294:4294967294", 4294967294, 4294967294, 0, "/"},
		{"relative", 80, 80, 0, "/"},
	};

	begin();
	for (size_t i = 0; i < array_len(cases); i++) {
		struct user_ids got = {0};
		struct error err;

		CHECK_OK(user_resolve(root, cases[i].text, &got, &err), err);
		if (!CHECK(got.uid == cases[i].uid && got.gid == cases[i].gid &&
			   got.n_groups == cases[i].n_groups))
			printf("#   '%s': %u:%u, %zu groups\n", cases[i].text, (unsigned)got.uid,
			       (unsigned)got.gid, got.n_groups);
		CHECK_TEXT(got.home, cases[i].home);
	}
	struct user_ids app = {0};
	struct error err;

	CHECK_OK(user_resolve(root, "app", &app, &err), err);
	CHECK(app.groups[0] == 50 && app.groups[1] == 4);
	end();
}

TEST(unknown_users)
{
	static const char *const cases[][2] = {
		{"nobody", "no user 'nobody' in the image's /etc/passwd: it knows root, app, 123, "
			   "relative, nogroup"},
		{"app:wheel", "no group 'wheel' in the image's /etc/group: it knows root, staff, "
			      "adm, app, none"},
		{"4294967295", "no user '4294967295' in the image's /etc/passwd: it knows root, "
			       "app, 123, relative, nogroup"},
		{"-1", "no user '-1' in the image's /etc/passwd: it knows root, app, 123, "
		       "relative, nogroup"},
		{"a\nb", "no user 'a\\x0ab' in the image's /etc/passwd: it knows root, app, 123, "
			 "relative, nogroup"},
		{"nogroup", "user 'nogroup' has no group in the image's /etc/passwd"},
	};

	begin();
	for (size_t i = 0; i < array_len(cases); i++) {
		struct user_ids got = {.uid = 42};
		struct error err = {0};

		CHECK(!user_resolve(root, cases[i][0], &got, &err));
		CHECK_TEXT(err.message, cases[i][1]);
		CHECK(err.code == ERROR_BUILD && got.uid == 42);
	}
	end();
}

TEST(an_image_without_files)
{
	char name[] = "/tmp/chutes-user-XXXXXX";
	struct user_ids got = {0};
	struct error err = {0};

	CHECK_OR_STOP(mkdtemp(name) != NULL);
	CHECK_OK(user_resolve(name, "", &got, &err), err);
	CHECK(got.uid == 0);
	CHECK_TEXT(got.home, "/");
	CHECK_OK(user_resolve(name, "12:13", &got, &err), err);
	CHECK(got.uid == 12 && got.gid == 13);
	CHECK(!user_resolve(name, "app", &got, &err));
	CHECK_TEXT(err.message, "no user 'app' in the image: it has no /etc/passwd");
	rmdir(name);
}

TEST(hostile_files)
{
	struct user_ids got = {0};
	struct error err = {0};

	begin();
	auto_free char *passwd = path_join(root, "etc/passwd");

	/* inside the root this leads nowhere; outside it would be the host's */
	CHECK(unlink(passwd) == 0 && symlink("../../../../../../etc/group", passwd) == 0);
	CHECK(!user_resolve(root, "daemon", &got, &err));
	CHECK(unlink(passwd) == 0 && mkfifo(passwd, 0644) == 0);
	CHECK(!user_resolve(root, "app", &got, &err));
	CHECK(strstr(err.message, "not a regular file") != NULL);
	CHECK(unlink(passwd) == 0 && symlink("passwd", passwd) == 0);
	CHECK(!user_resolve(root, "app", &got, &err));
	CHECK(unlink(passwd) == 0);
	end();
}

/* A passwd file of `size` bytes whose last line is app's. */
static bool resolve_padded(size_t size, struct error *err)
{
	static const char last[] = "\napp:x:1:2::/:/bin/sh\n";
	auto_free char *text = xcalloc(1, size + 1);
	struct user_ids got;

	memset(text, '#', size);
	memcpy(text + size - strlen(last), last, strlen(last));
	put("etc/passwd", text);
	return user_resolve(root, "app", &got, err);
}

TEST(limits)
{
	struct error err = {0};
	struct user_ids got;

	begin();
	CHECK_OK(resolve_padded(1 << 20, &err), err);
	CHECK(!resolve_padded((1 << 20) + 1, &err));
	CHECK(strstr(err.message, "more than the limit of 1048576 bytes") != NULL);
	for (int n = USER_GROUPS_LIMIT; n <= USER_GROUPS_LIMIT + 1; n++) {
		auto_text groups = {0};

		for (int i = 0; i < n; i++)
			text_addf(&groups, "g%d:x:%d:app\n", i, 100 + i);
		put("etc/passwd", "app:x:1:2::/:/bin/sh\n");
		put("etc/group", text_str(&groups));
		CHECK(user_resolve(root, "app", &got, &err) == (n == USER_GROUPS_LIMIT));
	}
	CHECK_TEXT(err.message, "user 'app' is in more than 64 groups");
	end();
}
