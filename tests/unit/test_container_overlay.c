/* SPDX-License-Identifier: MIT */
#include "tests/unit/container_fixture.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/wait.h>

/* `work` of a test: CHECKs do not count inside, so it fails with what was wrong. */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return fail(err, ERROR_FAILURE, "line %d: %s", __LINE__, #condition);      \
	} while (0)

struct trees {
	const struct place *place;
	const char *lowers[600];
	size_t n;
	bool is_read_only;
};

static bool has_text(const char *directory, const char *name, const char *want)
{
	auto_free char *path = path_join(directory, name);
	auto_text text = {0};
	struct error ignored;

	return file_read(path, 4096, &text, &ignored) && strcmp(text_str(&text), want) == 0;
}

static bool mount_trees(struct sandbox *inside, const struct trees *t, struct root *root,
			struct error *err)
{
	struct root_options o = {.lowers = t->lowers,
				 .n_lowers = t->n,
				 .scratch = t->place->scratch,
				 .is_read_only = t->is_read_only};

	return root_mount(inside, &o, root, err);
}

static bool run_trees(struct trees *t,
		      bool (*work)(struct sandbox *inside, void *arg, struct error *err),
		      struct error *err)
{
	struct sandbox_options o = {0};

	return test_ids(&o.ids) && sandbox_run(&o, work, t, err);
}

static bool layers_inside(struct sandbox *inside, void *arg, struct error *err)
{
	struct root root;

	if (!mount_trees(inside, arg, &root, err))
		return false;
	EXPECT(has_text(root.path, "a", "top"));
	EXPECT(has_text(root.path, "b", "bottom"));
	EXPECT(has_text(root.path, "etc/hosts", ""));
	auto_free char *path = path_join(root.path, "run/chutes");

	EXPECT(directory_exists(path));
	auto_free char *a = path_join(root.path, "a");

	EXPECT(unlink(a) == 0);
	auto_free char *upper = xstrdup(root.upper);

	if (!root_unmount(inside, &root, err))
		return false;
	EXPECT(!root.path && !root.upper);
	struct stat st;
	auto_free char *whiteout = path_join(upper, "a");

	EXPECT(lstat(whiteout, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == 0);
	return true;
}

TEST(layers_lie_on_one_another)
{
	auto_place p = place_new();
	/* names that would break mount data */
	auto_free char *top = path_join(p.path, "top:a,b\\");
	struct trees t = {.place = &p, .lowers = {p.tree, top}, .n = 2};
	auto_strings names = {0};
	struct error err;

	put_file(p.tree, "a", "bottom", 0644);
	put_file(p.tree, "b", "bottom", 0644);
	put_file(top, "a", "top", 0644);
	CHECK_OK(run_trees(&t, layers_inside, &err), err);
	auto_fd int fd = open(p.scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK_OK(directory_list(fd, &names, &err), err);
	CHECK(names.n == 1 && strcmp(names.items[0], "upper") == 0);
}

static bool writable_inside(struct sandbox *inside, void *arg, struct error *err)
{
	const struct trees *t = arg;
	struct root root;

	if (!mount_trees(inside, t, &root, err))
		return false;
	auto_free char *path = path_join(root.path, "new");
	int made = mkdir(path, 0755);
	int number = made < 0 ? errno : 0;

	EXPECT(number == (t->is_read_only ? EROFS : 0));
	EXPECT(!root.upper == t->is_read_only);
	return root_unmount(inside, &root, err);
}

TEST(read_only_and_empty)
{
	for (int i = 0; i < 4; i++) {
		auto_place p = place_new();
		struct trees t = {.place = &p, .lowers = {p.tree}};
		struct error err;

		t.is_read_only = i & 1;
		t.n = i & 2 ? 1 : 0;
		CHECK_OK(run_trees(&t, writable_inside, &err), err);
	}
}

TEST(as_many_layers_as_the_kernel_takes)
{
	for (size_t n = 499; n <= 500; n++) {
		auto_place p = place_new();
		struct trees t = {.place = &p, .n = n};
		struct error err = {0};

		for (size_t i = 0; i < n; i++)
			t.lowers[i] = p.tree;
		bool ok = run_trees(&t, writable_inside, &err);

		/* the kernel wants different trees; what counts is who refuses */
		if (n == 500)
			CHECK_TEXT(err.message, "500 layers are above the limit of 499");
		else if (!ok)
			CHECK(strstr(err.message, "limit") == NULL);
	}
}

static bool many_inside(struct sandbox *inside, void *arg, struct error *err)
{
	struct trees *t = arg;
	struct root root;
	auto_strings names = {0};

	for (size_t i = 0; i < 400; i++) {
		strings_addf(&names, "%s/some-rather-long-name-of-a-layer-%zu", t->place->path, i);
		EXPECT(mkdir(names.items[i], 0755) == 0);
	}
	for (size_t i = 0; i < 400; i++)
		t->lowers[t->n++] = names.items[i];
	return mount_trees(inside, t, &root, err) && root_unmount(inside, &root, err);
}

TEST(four_hundred_layers)
{
	auto_place p = place_new();
	struct trees t = {.place = &p};
	struct error err;

	CHECK_OK(run_trees(&t, many_inside, &err), err);
}

static bool busy_inside(struct sandbox *inside, void *arg, struct error *err)
{
	struct root root;

	if (!mount_trees(inside, arg, &root, err))
		return false;
	auto_fd int held maybe_unused = open(root.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return root_unmount(inside, &root, err);
}

TEST(a_busy_mount_names_its_holder)
{
	auto_place p = place_new();
	struct trees t = {.place = &p, .lowers = {p.tree}, .n = 1};
	struct error err = {0};

	CHECK(!run_trees(&t, busy_inside, &err));
	CHECK(err.code == ERROR_CONFLICT);
	auto_free char *want = xprintf("unmounting '%s/root': process 1 (chutes-sandbox) keeps it "
				       "busy",
				       p.scratch);

	CHECK_TEXT(err.message, want);
}

TEST(a_missing_tree)
{
	auto_place p = place_new();
	struct trees t = {.place = &p, .lowers = {"/no/such/tree"}, .n = 1};
	struct error err = {0};

	CHECK(!run_trees(&t, writable_inside, &err));
	CHECK(strstr(err.message, "tree '/no/such/tree': No such file or directory") != NULL);
}

/* An overlay whose scratch directory is on an overlay. */
static bool nested_inside(struct sandbox *inside, void *arg, struct error *err)
{
	struct trees *t = arg;
	struct root outer;
	struct root inner;

	if (!mount_trees(inside, t, &outer, err))
		return false;
	auto_free char *scratch = path_join(outer.path, "scratch");
	struct root_options o = {.lowers = t->lowers, .n_lowers = t->n, .scratch = scratch};

	EXPECT(mkdir(scratch, 0755) == 0);
	bool is_mounted = root_mount(inside, &o, &inner, err);

	EXPECT(!is_mounted);
	return false;
}

TEST(overlay_on_overlay_is_missing_with_a_remedy)
{
	auto_place p = place_new();
	struct trees t = {.place = &p, .lowers = {p.tree}, .n = 1};
	struct error err = {0};

	CHECK(!run_trees(&t, nested_inside, &err));
	CHECK(err.code == ERROR_MISSING);
	CHECK(strstr(err.message,
		     "is on overlayfs, which cannot hold another container's changes"));
	CHECK_TEXT(err.hint, "name a directory on a volume or a tmpfs with --store");
}

/* --- root_use() */

/* Write, and fail if told so. */
static bool write_or_fail(void *context, const struct root *root, struct error *err)
{
	const bool *fails = context;
	auto_free char *path = path_join(root->path, "written");

	if (!file_create(path, "x", 1, 0644, err))
		return false;
	return !*fails || fail(err, ERROR_BUILD, "as told");
}

static bool use_inside(struct sandbox *inside, void *arg, struct error *err)
{
	const struct trees *t = arg;
	struct root_options o = {
		.lowers = t->lowers, .n_lowers = t->n, .scratch = t->place->scratch};
	bool fails = true;
	struct error told;
	auto_free char *upper = NULL;

	EXPECT(!root_use(inside, &o, write_or_fail, &fails, &upper, &told));
	EXPECT(told.code == ERROR_BUILD && strcmp(told.message, "as told") == 0);
	EXPECT(!upper);
	/* nothing is mounted there any more: the directory can be cleared and used again */
	EXPECT(tree_remove_path(t->place->scratch, err));
	EXPECT(directory_make(t->place->scratch, 0755, err));
	fails = false;
	EXPECT(root_use(inside, &o, write_or_fail, &fails, &upper, err));
	EXPECT(has_text(upper, "written", "x"));
	return true;
}

TEST(a_use_that_fails_leaves_nothing_mounted)
{
	auto_place p = place_new();
	struct trees t = {.place = &p, .lowers = {p.tree}, .n = 1};
	struct error err;

	CHECK_OK(run_trees(&t, use_inside, &err), err);
}

enum { LEND_UID = 7 };

/* As an image's user: write beside, replace, and write into a small file. */
static bool write_lent(struct sandbox *inside, void *arg, struct error *err)
{
	const struct place *p = arg;
	auto_free char *source = path_join(p->path, "cache");
	struct user_ids user = {.uid = LEND_UID, .gid = LEND_UID};
	struct root lent;
	int status;

	if (!root_lend(inside, source, p->scratch, &user, &lent, err))
		return false;
	pid_t pid = fork();

	if (pid == 0) {
		if (chdir(lent.path) < 0 || setgid(LEND_UID) < 0 || setuid(LEND_UID) < 0)
			_exit(1);
		_exit(mkdir("hub/new", 0755) < 0 || access("hub/lock", R_OK | W_OK) < 0 ||
		      access("hub/blob", R_OK) < 0 || access("hub/blob", W_OK) == 0 ||
		      access("etc", F_OK) == 0 || unlink("hub/blob") < 0);
	}
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		fail(err, ERROR_FAILURE, "the user could not do it: %d", status);
	else
		return root_unmount(inside, &lent, err);
	return false;
}

TEST(a_directory_is_lent)
{
	auto_place p = place_new();
	auto_free char *new = path_join(p.path, "cache/hub/new");
	auto_free char *blob = path_join(p.path, "cache/hub/blob");
	enum { LARGE = 5000 };
	struct sandbox_options o = {0};
	struct stat st;
	struct error err;

	put_file(p.path, "cache/hub/lock", "", 0644);
	put_file(p.path, "cache/hub/blob", "", 0644);
	CHECK(truncate(blob, LARGE) == 0);
	if (!test_ids(&o.ids) || o.ids == SANDBOX_SINGLE)
		return;
	CHECK_OK(sandbox_run(&o, write_lent, &p, &err), err);
	CHECK(!file_exists(new));
	CHECK(stat(blob, &st) == 0 && st.st_size == LARGE && st.st_uid == getuid());
}
