/* SPDX-License-Identifier: MIT
 * A layer onto the merged view of the layers below it: whiteouts, implied directories, copies up.
 */
#include "lib/build/layer.h"

#include "lib/base/memory.h"
#include "tests/unit/layer_tar.h"
#include "tests/unit/overlay.h"

#include <sys/xattr.h>

/* lower: the members, by layer_unpack itself; then the overlay on it. -1 without root. */
static int over_as(const char *name, const struct member *lower, size_t n)
{
	struct error err;
	struct layer_unpack_options o = {0};
	auto_free char *path = xprintf("%s/lower", name);

	if (!overlay_enter() || !overlay_make(name))
		return -1;
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	o.root_fd = fd;
	CHECK_OK(layer_apply_as(o, lower, n, &err), err);
	return overlay_mount(name);
}

#define OVER_OR_SKIP(name, ...)                                                                    \
	auto_fd int root =                                                                         \
		over_as(name, (const struct member[]){__VA_ARGS__},                                \
			sizeof((const struct member[]){__VA_ARGS__}) / sizeof(struct member));     \
	struct error err = {0};                                                                    \
                                                                                                   \
	if (root < 0)                                                                              \
	SKIP("needs root and overlayfs")

static bool is_whiteout(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == 0;
}

TEST(removes_what_is_below)
{
	OVER_OR_SKIP("removes", {0, "gone", "1"}, {0, "tree/a/b", "2"}, {0, "stays", "3"});
	CHECK_OK(layer_apply(root, &err, {0, ".wh.gone"}, {0, ".wh.tree"}), err);
	CHECK_TEXT(look(root, "gone"), "(none)");
	CHECK_TEXT(look(root, "tree"), "(none)");
	CHECK_TEXT(look(root, "stays"), "3");
	CHECK(is_whiteout("removes/upper/gone") && is_whiteout("removes/upper/tree"));
}

TEST(never_removes_what_the_layer_wrote)
{
	OVER_OR_SKIP("own", {0, "a", "old"}, {0, "b", "old"}, {0, "d/old", "old"},
		     {0, "e/old", "old"});
	CHECK_OK(layer_apply(root, &err, {0, "a", "new"}, {0, ".wh.a"}, {0, ".wh.b"},
			     {0, "b", "new"}, {0, "d/new", "new"}, {0, ".wh.d"}, {0, ".wh.e"},
			     {0, "e/new", "new"}),
		 err);
	CHECK_TEXT(look(root, "a"), "new");
	CHECK_TEXT(look(root, "b"), "new");
	CHECK_TEXT(look(root, "d/new"), "new");
	CHECK_TEXT(look(root, "d/old"), "(none)");
	CHECK_TEXT(look(root, "e/new"), "new");
	CHECK_TEXT(look(root, "e/old"), "(none)");
}

TEST(opaque_before_and_after)
{
	OVER_OR_SKIP("opaque", {0, "a/old", "1"}, {0, "a/sub/old", "2"}, {0, "b/old", "3"},
		     {0, "b/sub/old", "4"}, {0, "c/old", "5"});
	CHECK_OK(layer_apply(root, &err, {'5', "a"}, {0, "a/.wh..wh..opq"}, {0, "a/new", "6"},
			     {0, "a/sub/new", "7"}, {0, "b/new", "8"}, {0, "b/sub/new", "9"},
			     {0, "b/.wh.old"}, {0, "b/.wh..wh..opq"}, {0, ".wh..wh..opq"}),
		 err);
	CHECK_TEXT(look(root, "a/old"), "(none)");
	CHECK_TEXT(look(root, "a/sub/old"), "(none)");
	CHECK_TEXT(look(root, "a/sub/new"), "7");
	CHECK_TEXT(look(root, "b/old"), "(none)");
	CHECK_TEXT(look(root, "b/sub/old"), "(none)");
	CHECK_TEXT(look(root, "b/sub/new"), "9");
	CHECK_TEXT(look(root, "b/new"), "8");
	CHECK_TEXT(look(root, "c"), "(none)");
}

TEST(below_a_whiteout_of_the_same_layer)
{
	OVER_OR_SKIP("under", {'5', "a", .mode = 0700, .uid = 5}, {0, "a/old", "1"}, {0, "f", "2"});
	CHECK_OK(layer_apply(root, &err, {0, ".wh.a"}, {0, "a/new", "3"}, {0, "f/x", "4"}), err);
	CHECK_TEXT(look(root, "a/old"), "(none)");
	CHECK_TEXT(look(root, "a/new"), "3");
	CHECK_TEXT(look(root, "f/x"), "4");
	CHECK(stat_of(root, "a").st_uid == 0 && (stat_of(root, "a").st_mode & 07777) == 0755);
}

/* Layers of some builders leave out directories that did not change. */
TEST(implied_directories_keep_what_they_were)
{
	OVER_OR_SKIP("kept", {'5', "tmp", .mode = 01777, .uid = 3, .mtime = 50},
		     {'5', "usr/lib", .mtime = 60}, {'2', "lib", "usr/lib"});
	CHECK_OK(layer_apply(root, &err, {0, "tmp/x", "1"}, {0, "lib/y", "2"}, {0, "lib/.wh.no"}),
		 err);
	struct stat tmp = stat_of(root, "tmp");

	CHECK((tmp.st_mode & 07777) == 01777 && tmp.st_uid == 3 && tmp.st_mtime == 50);
	CHECK_TEXT(look(root, "lib"), "<usr/lib>");
	CHECK_TEXT(look(root, "usr/lib/y"), "2");
	CHECK(stat_of(root, "usr/lib").st_mtime == 60);
	struct stat copied = stat_of(AT_FDCWD, "kept/upper/tmp");

	CHECK((copied.st_mode & 07777) == 01777 && copied.st_mtime == 50);
}

TEST(whiteouts_change_no_times)
{
	OVER_OR_SKIP("times", {'5', "d", .mtime = 50}, {0, "d/a", "1"}, {'5', "d/e", .mtime = 60},
		     {0, "d/e/b", "2"}, {'5', "o", .mtime = 70}, {0, "o/c", "3"});
	CHECK_OK(layer_apply(root, &err, {0, "d/.wh.a"}, {0, "d/e/.wh.b"}, {0, "o/.wh..wh..opq"}),
		 err);
	CHECK(stat_of(root, "d").st_mtime == 50);
	CHECK(stat_of(root, "d/e").st_mtime == 60);
	CHECK(stat_of(root, "o").st_mtime == 70);
}

/* One directory under two names: what is written by one is known by the other. */
TEST(whiteouts_through_links)
{
	OVER_OR_SKIP("alias", {0, "usr/lib/old", "1"}, {0, "usr/lib/x", "2"},
		     {'2', "lib", "usr/lib"});
	CHECK_OK(layer_apply(root, &err, {0, "lib/x", "new"}, {0, "usr/lib/.wh.x"},
			     {0, "lib/.wh.old"}),
		 err);
	CHECK_TEXT(look(root, "usr/lib/x"), "new");
	CHECK_TEXT(look(root, "usr/lib/old"), "(none)");
	/* a whiteout of the link takes the link */
	CHECK_OK(layer_apply(root, &err, {0, ".wh.lib"}), err);
	CHECK_TEXT(look(root, "lib"), "(none)");
	CHECK_TEXT(look(root, "usr/lib/x"), "new");
}

TEST(links_to_files_below)
{
	OVER_OR_SKIP("below", {0, "a/file", "1"}, {'2', "s", "a"});
	CHECK_OK(layer_apply(root, &err, {'1', "b", "s/file"}, {0, "a/.wh.file"}), err);
	CHECK_TEXT(look(root, "b"), "1");
	CHECK_TEXT(look(root, "a/file"), "(none)");
}

TEST(types_over_types_below)
{
	OVER_OR_SKIP("over", {0, "file", "1"}, {0, "dir/x", "2"}, {'2', "link", "dir"});
	CHECK_OK(layer_apply(root, &err, {'5', "file"}, {0, "dir", "3"}, {'5', "link"},
			     {0, "link/y", "4"}),
		 err);
	CHECK_TEXT(look(root, "file"), "(directory)");
	CHECK_TEXT(look(root, "dir"), "3");
	CHECK_TEXT(look(root, "link/y"), "4");
}

TEST(a_directory_again_replaces_its_attributes)
{
	OVER_OR_SKIP("again", {'5', "d", .xattr = {"user.old", "1", 1}, .uid = 5}, {0, "d/x", "1"});
	CHECK_OK(layer_apply(root, &err,
			     {'5', "d", .xattr = {"user.new", "2", 1}, .mode = 0700, .mtime = 9}),
		 err);
	char value[8];
	struct stat st = stat_of(root, "d");

	CHECK(getxattr("again/merged/d", "user.old", value, sizeof(value)) < 0);
	CHECK(getxattr("again/merged/d", "user.new", value, sizeof(value)) == 1);
	CHECK(st.st_uid == 0 && (st.st_mode & 07777) == 0700 && st.st_mtime == 9);
	CHECK_TEXT(look(root, "d/x"), "1");
}

TEST(a_link_where_a_known_directory_was)
{
	OVER_OR_SKIP("swap", {'5', "a", .mtime = 50}, {'5', "b", .mtime = 60}, {0, "a/x", "1"});
	CHECK_OK(layer_apply(root, &err, {0, "a/y", "2"}, {'2', "a", "b"}, {0, "a/z", "3"}), err);
	CHECK_TEXT(look(root, "a"), "<b>");
	CHECK_TEXT(look(root, "b/z"), "3");
	CHECK(stat_of(root, "b").st_mtime == 60);
}
