/* SPDX-License-Identifier: MIT
 * What the kernel leaves in upper directories, as layers.
 */
#include "lib/build/layer.h"

#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "tests/unit/layer_listing.h"
#include "tests/unit/overlay.h"

#include <sys/wait.h>

/* A new overlay NAME over NAME/lower. The working directory is NAME/merged between mount_over()
 * and check(). */
static const char *current;

static bool begin(const char *name)
{
	current = name;
	return overlay_enter() && chdir("/mnt") == 0 && overlay_make(name) && chdir(name) == 0 &&
	       chdir("lower") == 0;
}

static bool mount_over(void)
{
	CHECK(chdir("/mnt") == 0);
	auto_fd int fd = overlay_mount(current);

	return fd >= 0 && fchdir(fd) == 0;
}

static void check(const char *want)
{
	auto_free char *upper = xprintf("/mnt/%s/upper", current);
	auto_free char *lower = xprintf("/mnt/%s/lower", current);
	const char *const lowers[] = {lower};
	const struct layer_pack_options o = {.upper = upper, .lowers = lowers, .n_lowers = 1};

	check_layer(&o, want);
	CHECK(pack_notes.n == 0);
}

#define BEGIN_OR_SKIP(name)                                                                        \
	if (!begin(name))                                                                          \
	SKIP("needs root and overlayfs")

static void remove_tree(const char *name)
{
	struct error err;

	CHECK_OK(tree_remove_path(name, &err), err);
}

TEST(made_changed_deleted)
{
	BEGIN_OR_SKIP("basic");
	make_directory("d");
	make_directory("d/untouched");
	make_file("d/changed", "old");
	make_file("d/deleted", "old");
	make_file("d/mode", "old");
	make_file("same", "old");
	CHECK_OR_STOP(mount_over());
	make_file("d/changed", "newer");
	make_file("d/new", "n");
	CHECK(chmod("d/mode", 0600) == 0);
	CHECK(unlink("d/deleted") == 0);
	check("5 0755 d\n0 0000 d/.wh.deleted\n0 0644 d/changed 5\n0 0600 d/mode 3\n"
	      "0 0644 d/new 1\n");
}

TEST(made_and_deleted_again)
{
	BEGIN_OR_SKIP("again");
	CHECK_OR_STOP(mount_over());
	make_directory("d");
	make_file("d/f", "x");
	remove_tree("d");
	check("");
	CHECK(pack_stats.n_entries == 0);
}

/* Upper directories of others have whiteouts of what never was. */
TEST(whiteouts_of_nothing)
{
	BEGIN_OR_SKIP("of-nothing");
	make_directory("d");
	make_file("d/there", "x");
	CHECK(chdir("../upper") == 0);
	make_directory("d");
	make_whiteout("d/never");
	make_whiteout("d/there");
	make_whiteout("nor");
	make_directory("new");
	make_whiteout("new/nor");
	check("5 0755 d\n0 0000 d/.wh.there\n5 0755 new\n");
}

/* All whiteouts of a mount share an inode: they are no hard links. */
TEST(many_whiteouts)
{
	struct stat st;

	BEGIN_OR_SKIP("many");
	make_file("a", "");
	make_file("b", "");
	make_file("c", "");
	CHECK_OR_STOP(mount_over());
	CHECK(unlink("c") == 0 && unlink("a") == 0 && unlink("b") == 0);
	CHECK(lstat("/mnt/many/upper/a", &st) == 0 && st.st_nlink > 1);
	check("0 0000 .wh.a\n0 0000 .wh.b\n0 0000 .wh.c\n");
}

TEST(a_directory_made_again)
{
	BEGIN_OR_SKIP("opaque");
	make_directory("d");
	make_file("d/old", "x");
	make_file("d/both", "x");
	make_directory("d/sub");
	make_file("d/sub/old", "x");
	make_directory("d/gone");
	make_file("d/gone/f", "x");
	make_directory("d/file");
	CHECK_OR_STOP(mount_over());
	remove_tree("d");
	make_directory("d");
	make_file("d/both", "y");
	make_directory("d/sub"); /* opaque without a mark of its own */
	make_file("d/sub/new", "y");
	make_file("d/file", "y");
	check("5 0755 d\n0 0000 d/.wh.gone\n0 0000 d/.wh.old\n0 0644 d/both 1\n0 0644 d/file 1\n"
	      "5 0755 d/sub\n0 0000 d/sub/.wh.old\n0 0644 d/sub/new 1\n");
}

TEST(a_directory_for_a_file)
{
	BEGIN_OR_SKIP("for-a-file");
	make_file("was-file", "x");
	make_directory("was-directory");
	make_file("was-directory/f", "x");
	CHECK_OR_STOP(mount_over());
	CHECK(unlink("was-file") == 0);
	make_directory("was-file");
	make_file("was-file/new", "y");
	remove_tree("was-directory");
	make_file("was-directory", "y");
	check("0 0644 was-directory 1\n5 0755 was-file\n0 0644 was-file/new 1\n");
}

static void make_many(size_t n)
{
	char name[32];

	make_directory("d");
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "d/%06zu", i);
		make_file(name, "");
	}
}

TEST(up_to_10000_names_are_listed)
{
	static const char *const lowers[] = {"/mnt/listed/lower"};
	const struct layer_pack_options o = {
		.upper = "/mnt/listed/upper", .lowers = lowers, .n_lowers = 1};
	auto_text want = {0};
	auto_text got = {0};
	struct error err;

	BEGIN_OR_SKIP("listed");
	make_many(10000);
	CHECK_OR_STOP(mount_over());
	remove_tree("d");
	make_directory("d");
	text_add(&want, "5 0755 d\n");
	for (size_t i = 0; i < 10000; i++)
		text_addf(&want, "0 0000 d/.wh.%06zu\n", i);
	CHECK_OK(pack_with(&o, &err), err);
	list_layer(&pack_tar, &got);
	CHECK(strcmp(text_str(&got), text_str(&want)) == 0);
}

TEST(more_are_one_marker)
{
	static const char *const lowers[] = {"/mnt/marker/lower"};
	const struct layer_pack_options o = {
		.upper = "/mnt/marker/upper", .lowers = lowers, .n_lowers = 1};
	struct error err;

	BEGIN_OR_SKIP("marker");
	make_many(10001);
	CHECK_OR_STOP(mount_over());
	remove_tree("d");
	make_directory("d");
	check("5 0755 d\n0 0000 d/.wh..wh..opq\n");
	make_file("d/000000", ""); /* 10,000 are left to hide */
	CHECK_OK(pack_with(&o, &err), err);
	CHECK(pack_stats.n_entries == 10002);
}

TEST(one_of_two_names_of_a_lower_file)
{
	BEGIN_OR_SKIP("lower-links");
	make_file("a", "x");
	CHECK(link("a", "b") == 0);
	CHECK_OR_STOP(mount_over());
	make_file("b", "y");
	CHECK(link("b", "c") == 0);
	check("0 0644 b 1\n1 c -> b\n");
}

TEST(a_changed_root)
{
	BEGIN_OR_SKIP("root");
	CHECK_OR_STOP(mount_over());
	CHECK(chmod(".", 01777) == 0);
	check("5 1777 .\n");
}

/* --- several trees below, bottom first */

static void check_stack(const char *const *lowers, size_t n, const char *want)
{
	const struct layer_pack_options o = {.upper = "upper", .lowers = lowers, .n_lowers = n};

	check_layer(&o, want);
}

TEST(trees_below_hide_each_other)
{
	static const char *const lowers[] = {"1", "2", "3"};

	if (!overlay_enter() || chdir("/mnt") < 0)
		SKIP("needs root and overlayfs");
	make_directory("stack");
	CHECK(chdir("stack") == 0);
	static const char *const directories[] = {
		"1",   "2",   "3",   "upper", "1/d", "1/o",     "1/f",     "1/w",     "2/d",
		"2/o", "3/d", "3/o", "3/f",   "3/w", "upper/d", "upper/o", "upper/f", "upper/w"};

	for (size_t i = 0; i < array_len(directories); i++)
		make_directory(directories[i]);
	/* d: deleted in 2 and made again in 3; deleted in 2; only in the bottom */
	make_file("1/d/again", "");
	make_whiteout("2/d/again");
	make_file("3/d/again", "");
	make_file("1/d/deleted", "");
	make_whiteout("2/d/deleted");
	make_file("1/d/bottom", "");
	/* o: opaque in 2 */
	make_file("1/o/hidden", "");
	make_file("2/o/seen", "");
	CHECK(setxattr("2/o", "trusted.overlay.opaque", "y", 1, 0) == 0);
	/* f: a file in 2 hides the directory of 1; w: a whiteout does */
	make_file("1/f/hidden", "");
	make_file("2/f", "");
	make_file("1/w/hidden", "");
	make_whiteout("2/w");
	static const char *const whiteouts[] = {"d/again", "d/deleted", "d/bottom", "o/hidden",
						"o/seen",  "f/hidden",  "w/hidden"};

	for (size_t i = 0; i < array_len(whiteouts); i++) {
		auto_free char *path = xprintf("upper/%s", whiteouts[i]);

		make_whiteout(path);
	}
	check_stack(lowers, 3,
		    "5 0755 d\n0 0000 d/.wh.again\n0 0000 d/.wh.bottom\n5 0755 f\n5 0755 o\n"
		    "0 0000 o/.wh.seen\n5 0755 w\n");
	/* the same names, by an opaque directory */
	CHECK(setxattr("upper/d", "user.overlay.opaque", "y", 1, 0) == 0);
	CHECK(setxattr("upper/o", "trusted.overlay.opaque", "y", 1, 0) == 0);
	CHECK(setxattr("upper/f", "trusted.overlay.opaque", "y", 1, 0) == 0);
	check_stack(lowers, 3,
		    "5 0755 d\n0 0000 d/.wh.again\n0 0000 d/.wh.bottom\n5 0755 f\n5 0755 o\n"
		    "0 0000 o/.wh.seen\n5 0755 w\n");
	/* and with the topmost tree alone below */
	check_stack(lowers + 2, 1, "5 0755 d\n0 0000 d/.wh.again\n5 0755 f\n5 0755 o\n5 0755 w\n");
	check_stack(NULL, 0, "5 0755 d\n5 0755 f\n5 0755 o\n5 0755 w\n");
}

/* Whiteouts as attributes of empty files: Linux 6.7 and later, overlays inside of containers. */
TEST(whiteouts_as_attributes)
{
	static const char *const lowers[] = {"lower"};

	if (!overlay_enter() || chdir("/mnt") < 0)
		SKIP("needs root and overlayfs");
	make_directory("attribute");
	CHECK(chdir("attribute") == 0);
	make_directory("lower");
	make_directory("upper");
	make_file("lower/a", "x");
	make_file("lower/b", "x");
	make_file("upper/a", "");
	make_file("upper/b", "");
	make_file("upper/c", "");
	CHECK(setxattr("upper/a", "trusted.overlay.whiteout", "", 0, 0) == 0);
	CHECK(setxattr("upper/c", "user.overlay.whiteout", "", 0, 0) == 0);
	check_stack(lowers, 1, "0 0644 a\n0 0644 b\n0 0644 c\n"); /* not marked: plain files */
	CHECK(setxattr("upper", "trusted.overlay.opaque", "x", 1, 0) == 0);
	check_stack(lowers, 1, "0 0000 .wh.a\n0 0644 b\n");
}

/* --- in a user namespace */

static bool write_line(const char *path, const char *line)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);
}

/* Run in a child that is root of a namespace of one id; its status. */
static int in_user_namespace(int (*run)(void))
{
	int status = -1;

	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		bool is_in = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
			     write_line("/proc/self/setgroups", "deny") &&
			     write_line("/proc/self/uid_map", "0 0 1") &&
			     write_line("/proc/self/gid_map", "0 0 1");

		_exit(is_in ? run() : 77);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int opaque_in_user_namespace(void)
{
	static const char *const lowers[] = {"lower"};
	const struct layer_pack_options o = {.upper = "upper", .lowers = lowers, .n_lowers = 1};
	auto_text got = {0};
	struct error err;

	if (mount("none", "/mnt", "tmpfs", 0, "mode=755") < 0 || chdir("/mnt") < 0 ||
	    !overlay_make("n"))
		return 77;
	make_directory("n/lower/d");
	make_file("n/lower/d/old", "x");
	make_file("n/lower/gone", "x");
	auto_fd int fd = overlay_mount_over("n", "n/lower", ",userxattr");

	if (fd < 0)
		return 77;
	CHECK(fchdir(fd) == 0);
	remove_tree("d");
	make_directory("d");
	CHECK(unlink("gone") == 0);
	CHECK(chdir("/mnt/n") == 0);
	CHECK_OK(pack_with(&o, &err), err);
	list_layer(&pack_tar, &got);
	CHECK_TEXT(text_str(&got), "0 0000 .wh.gone\n5 0755 d\n0 0000 d/.wh.old\n");
	fflush(stdout);
	return tap_failed;
}

TEST(a_user_namespace)
{
	int status = in_user_namespace(opaque_in_user_namespace);

	if (status == 77)
		SKIP("needs overlayfs in a user namespace");
	CHECK(status == 0);
}

static int pack_foreign(void)
{
	const struct layer_pack_options o = {.upper = "/mnt/owners"};
	struct error err = {0};

	CHECK(!pack_with(&o, &err) && err.code == ERROR_BUILD);
	CHECK_TEXT(err.message, "packing '/foreign': its owner is outside of the id map");
	fflush(stdout);
	return tap_failed;
}

TEST(owners_outside_of_the_map)
{
	struct error err;
	const struct layer_pack_options o = {.upper = "/mnt/owners"};

	if (!overlay_enter())
		SKIP("needs root and overlayfs");
	make_directory("/mnt/owners");
	make_file("/mnt/owners/a", "");
	make_file("/mnt/owners/foreign", "");
	CHECK(chown("/mnt/owners/foreign", 65534, 0) == 0);
	CHECK_OK(pack_with(&o, &err), err); /* 65534 is "nobody" here, an owner as any other */
	CHECK(chown("/mnt/owners/foreign", 1000, 0) == 0);
	int status = in_user_namespace(pack_foreign);

	if (status == 77)
		SKIP("needs user namespaces");
	CHECK(status == 0);
}
