/* SPDX-License-Identifier: MIT
 * A layer onto an empty directory: what is hostile in names, links, types, owners and attributes.
 */
#include "lib/build/layer.h"

#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "tests/unit/layer_tar.h"
#include "tests/unit/overlay.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <sys/xattr.h>

/* An empty directory in the private tmpfs; -1 without root. */
static int fresh(const char *name)
{
	if (!overlay_enter() || mkdir(name, 0755) < 0)
		return -1;
	return open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

#define ROOT_OR_SKIP(name)                                                                         \
	auto_fd int root = fresh(name);                                                            \
	struct error err = {0};                                                                    \
                                                                                                   \
	if (root < 0)                                                                              \
	SKIP("needs root and a mount namespace")

TEST(an_ordinary_tree)
{
	ROOT_OR_SKIP("ordinary");
	CHECK_OK(layer_apply(root, &err, {'5', ".", .mode = 0711, .mtime = 11},
			     {'5', "usr", .mtime = 12},
			     {0, "usr/tool", "#!", .mode = 06755, .uid = 5, .gid = 6, .mtime = 13},
			     {'2', "usr/link", "tool", .uid = 7, .gid = 8, .mtime = 14},
			     {'1', "usr/second", "usr/tool"}, {'6', "usr/fifo", .mode = 0600},
			     {0, "usr/empty"}),
		 err);
	CHECK_TEXT(look(root, "usr/tool"), "#!");
	CHECK_TEXT(look(root, "usr/link"), "<tool>");
	CHECK_TEXT(look(root, "usr/second"), "#!");
	CHECK_TEXT(look(root, "usr/empty"), "");
	struct stat top = stat_of(root, ".");
	struct stat usr = stat_of(root, "usr");
	struct stat tool = stat_of(root, "usr/tool");
	struct stat link = stat_of(root, "usr/link");

	CHECK((top.st_mode & 07777) == 0711 && top.st_mtime == 11);
	CHECK((usr.st_mode & 07777) == 0755 && usr.st_mtime == 12);
	CHECK((tool.st_mode & 07777) == 06755 && tool.st_mtime == 13 && tool.st_nlink == 2);
	CHECK(tool.st_uid == 5 && tool.st_gid == 6);
	CHECK(link.st_uid == 7 && link.st_gid == 8 && link.st_mtime == 14);
	CHECK(S_ISFIFO(stat_of(root, "usr/fifo").st_mode));
	CHECK(unpack_stats.n_entries == 7 && unpack_stats.n_bytes == 2);
	CHECK(unpack_notes.n == 0);
}

TEST(implied_directories)
{
	ROOT_OR_SKIP("implied");
	CHECK_OK(layer_apply(root, &err, {0, "a/b/c", "c", .mtime = 77, .uid = 5}), err);
	struct stat a = stat_of(root, "a");
	struct stat b = stat_of(root, "a/b");

	CHECK((a.st_mode & 07777) == 0755 && a.st_uid == 0 && a.st_mtime == 77);
	CHECK((b.st_mode & 07777) == 0755 && b.st_uid == 0 && b.st_mtime == 77);
}

TEST(names_that_lead_outside)
{
	ROOT_OR_SKIP("names");
	CHECK_OK(layer_apply(root, &err, {0, "../x1", "1"}, {0, "/x2", "2"}, {0, "a/../../x3", "3"},
			     {0, "./b//./c", "4"}, {0, "/../../d/x5", "5"}),
		 err);
	CHECK_TEXT(look(root, "x1"), "1");
	CHECK_TEXT(look(root, "x2"), "2");
	CHECK_TEXT(look(root, "x3"), "3");
	CHECK_TEXT(look(root, "b/c"), "4");
	CHECK_TEXT(look(root, "d/x5"), "5");
	CHECK_TEXT(look(root, "../x1"), "(none)");
	CHECK_TEXT(note(0),
		   "names that lead out of the image, taken inside of it: 4 (first: '../x1')");
}

TEST(links_that_lead_outside)
{
	ROOT_OR_SKIP("links");
	CHECK_OR_STOP(mkdir("outside", 0755) == 0);
	CHECK_OK(layer_apply(root, &err, {'2', "absolute", "/mnt/outside"},
			     {'2', "relative", "../outside"}, {0, "absolute/x", "1"},
			     {0, "relative/y", "2"}, {'5', "relative/.."}),
		 err);
	CHECK_TEXT(look(AT_FDCWD, "outside/x"), "(none)");
	CHECK_TEXT(look(AT_FDCWD, "outside/y"), "(none)");
	/* the links lead to nothing inside, so what they name is made */
	CHECK_TEXT(look(root, "mnt/outside/x"), "1");
	CHECK_TEXT(look(root, "outside/y"), "2");
	CHECK_TEXT(look(root, "absolute"), "</mnt/outside>");
}

TEST(chains_of_links_that_lead_nowhere)
{
	ROOT_OR_SKIP("chains");
	CHECK_OK(layer_apply(root, &err, {'2', "a", "b"}, {'2', "b", "c/d"}, {0, "a/x", "1"}), err);
	CHECK_TEXT(look(root, "c/d/x"), "1");
	CHECK(!layer_apply(root, &err, {'2', "l1", "l2"}, {'2', "l2", "l1"}, {0, "l1/x", "1"}));
	CHECK(err.code == ERROR_BUILD);
	CHECK_TEXT(err.message, "opening 'l1': Too many levels of symbolic links");
	CHECK_OK(layer_apply(root, &err, {'2', "g", "h/g"}, {0, "g/x", "1"}), err);
	CHECK_TEXT(look(root, "h/g/x"), "1");
}

TEST(hard_links)
{
	ROOT_OR_SKIP("hard");
	CHECK_OR_STOP(mkdir("secret", 0755) == 0);
	CHECK_OR_STOP(file_write("secret/key", "key", 3, 0600, &err));
	CHECK(!layer_apply(root, &err, {'1', "a", "b"}));
	CHECK_TEXT(err.message, "link 'a' -> 'b': no such file in the image");
	CHECK(err.code == ERROR_BUILD);
	CHECK(!layer_apply(root, &err, {'1', "a", "../secret/key"}));
	CHECK_TEXT(err.message, "link 'a' -> '../secret/key': no such file in the image");
	CHECK(!layer_apply(root, &err, {'2', "l", "/mnt/secret"}, {'1', "a", "l/key"}));
	CHECK_TEXT(err.message, "link 'a' -> 'l/key': no such file in the image");
	CHECK(!layer_apply(root, &err, {'5', "d"}, {'1', "a", "d"}));
	CHECK_TEXT(err.message, "link 'a' -> 'd': the target is a directory");
	CHECK(!layer_apply(root, &err, {'1', "a", "."}));
	CHECK_TEXT(err.message, "link 'a' -> '.': the target is a directory");
	CHECK(!layer_apply(root, &err, {0, "e/f", "f"}, {'1', "e", "e/f"}));
	CHECK_TEXT(err.message, "link 'e' -> 'e/f': the link replaces its own target");
	CHECK_OK(layer_apply(root, &err, {0, "f", "f"}, {'1', "f", "./f"}, {0, "g", "g"},
			     {'1', "g", "/f"}, {'2', "s", "f"}, {'1', "t", "s"}),
		 err);
	CHECK_TEXT(look(root, "f"), "f");
	CHECK_TEXT(look(root, "g"), "f");
	CHECK_TEXT(look(root, "t"), "<f>");
}

TEST(the_root_is_a_directory)
{
	static const char *const names[] = {".", "/", "a/.."};
	ROOT_OR_SKIP("root-entry");

	for (size_t i = 0; i < array_len(names); i++) {
		CHECK(!layer_apply(root, &err, {'2', names[i], "/etc"}));
		CHECK(strstr(err.message, "the root of an image must be a directory"));
	}
}

TEST(whiteouts_without_a_name)
{
	static const char *const names[] = {".wh.", "a/.wh.", ".wh..", ".wh..."};
	ROOT_OR_SKIP("nameless");

	for (size_t i = 0; i < array_len(names); i++) {
		CHECK(!layer_apply(root, &err, {0, names[i]}));
		CHECK(strstr(err.message, "': a whiteout without a name"));
		CHECK(err.code == ERROR_BUILD);
	}
	CHECK(!layer_apply(root, &err, {0, ".wh.x/y"}));
	CHECK_TEXT(err.message, "unpacking '.wh.x': a directory cannot be named '.wh....'");
}

TEST(what_aufs_left)
{
	ROOT_OR_SKIP("aufs");
	CHECK_OK(layer_apply(root, &err, {0, ".wh..wh.aufs"}, {'5', ".wh..wh.plnk"},
			     {0, ".wh..wh.plnk/17.3", "x"}, {0, ".wh.missing"}, {0, "no/.wh.such"},
			     {0, "nor/.wh..wh..opq"}),
		 err);
	auto_strings names = {0};

	CHECK_OK(directory_list(root, &names, &err), err);
	CHECK(names.n == 0);
}

TEST(types_replace_each_other)
{
	static const struct member kinds[] = {
		{0, "x", "new"}, {'5', "x"}, {'2', "x", "to"}, {'6', "x"}, {'1', "x", "other"}};
	static const char *const seen[] = {"new", "(directory)", "<to>", "(other)", "other"};
	ROOT_OR_SKIP("types");

	for (size_t i = 0; i < array_len(kinds); i++) {
		for (size_t j = 0; j < array_len(kinds); j++) {
			struct member two[] = {{0, "other", "other"}, kinds[i], kinds[j]};
			struct layer_unpack_options o = {.root_fd = root};

			CHECK_OK(layer_apply_as(o, two, 3, &err), err);
			CHECK_TEXT(look(root, "x"), seen[j]);
		}
	}
	/* with something in it */
	CHECK_OK(layer_apply(root, &err, {0, "x/y/z", "z"}, {0, "x", "file"}), err);
	CHECK_TEXT(look(root, "x"), "file");
}

TEST(names_that_occur_twice)
{
	ROOT_OR_SKIP("twice");
	CHECK_OK(layer_apply(root, &err, {0, "a", "1"}, {'5', "d"}, {0, "a", "2"},
			     {'5', "d", .mode = 0700}, {0, "./a", "3"}),
		 err);
	CHECK_TEXT(look(root, "a"), "3");
	CHECK((stat_of(root, "d").st_mode & 07777) == 0700);
	CHECK_TEXT(note(0), "names that occur more than once, the last one used: 2 (first: 'a')");
}

TEST(below_a_file_of_the_same_layer)
{
	ROOT_OR_SKIP("obstacle");
	CHECK_OK(layer_apply(root, &err, {0, "a", "file"}, {0, "a/b", "below"}), err);
	CHECK_TEXT(look(root, "a/b"), "below");
	/* a link to a file is in the way as well, and its target is left alone */
	CHECK_OK(layer_apply(root, &err, {0, "f", "file"}, {'2', "l", "f"}, {0, "l/x", "x"}), err);
	CHECK_TEXT(look(root, "f"), "file");
	CHECK_TEXT(look(root, "l/x"), "x");
}

TEST(lengths)
{
	ROOT_OR_SKIP("lengths");
	auto_free char *part = xprintf("%0255d", 0);
	auto_free char *longer = xprintf("%0256d", 0);
	auto_text deep = {0};

	CHECK_OK(layer_apply(root, &err, {0, part, "1"}), err);
	CHECK(!layer_apply(root, &err, {0, longer, "1"}));
	CHECK(!layer_apply(root, &err, {'1', "x", longer}));
	CHECK(err.code == ERROR_BUILD);
	/* a directory whose own path reaches the system's 4,096 bytes is refused, not lost */
	for (size_t i = 0; i < 2045; i++)
		text_add(&deep, "d/");
	text_add(&deep, "x");
	CHECK(!layer_apply(root, &err, {0, text_str(&deep), "1"}));
	CHECK_TEXT(err.message, "a path of the layer is too long for this place");
}

TEST(any_bytes)
{
	ROOT_OR_SKIP("bytes");
	CHECK_OK(layer_apply(root, &err, {0, "\xff\x1b[31m", "1"}, {0, "a\nb", "2"}), err);
	CHECK_TEXT(look(root, "\xff\x1b[31m"), "1");
	CHECK_TEXT(look(root, "a\nb"), "2");
	CHECK(!layer_apply(root, &err, {'1', "\x1b[31m", "no\nthing"}));
	CHECK_TEXT(err.message, "link '\\x1b[31m' -> 'no\\x0athing': no such file in the image");
}

TEST(attributes)
{
	static const unsigned char v3[24] = {1, 0, 0, 3, 0, 0x20, [20] = 0x80, 0x84, 0x1e, 0};
	static const unsigned char v2[20] = {1, 0, 0, 2, 0, 0x20};
	unsigned char got[64];
	ROOT_OR_SKIP("attributes");

	CHECK_OK(layer_apply(root, &err, {0, "cap", .xattr = {"security.capability", v3, 24}},
			     {0, "mine", .xattr = {"user.mine", "1", 1}},
			     {0, "opaque", .xattr = {"trusted.overlay.opaque", "y", 1}},
			     {0, "user", .xattr = {"user.overlay.opaque", "y", 1}},
			     {0, "selinux", .xattr = {"security.selinux", "y", 1}},
			     {0, "acl", .xattr = {"system.posix_acl_access", "y", 1}}),
		 err);
	CHECK(getxattr("attributes/cap", "security.capability", got, sizeof(got)) == 20);
	CHECK(memcmp(got, v2, 20) == 0);
	CHECK(getxattr("attributes/mine", "user.mine", got, sizeof(got)) == 1);
	CHECK(getxattr("attributes/opaque", "trusted.overlay.opaque", got, sizeof(got)) < 0);
	CHECK(getxattr("attributes/user", "user.overlay.opaque", got, sizeof(got)) < 0);
	CHECK(getxattr("attributes/selinux", "security.selinux", got, sizeof(got)) < 0);
	CHECK_TEXT(note(0), "access control lists left out: 1 (first: 'acl')");
	CHECK(!layer_apply(root, &err, {0, "bad", .xattr = {"security.capability", v3, 23}}));
	CHECK_TEXT(err.message, "unpacking 'bad': its capabilities are malformed");
	/* links have no user attributes: left out, not a failure */
	CHECK_OK(layer_apply(root, &err, {'2', "l", "cap", .xattr = {"user.mine", "1", 1}}), err);
	CHECK_TEXT(note(0), "extended attributes that cannot be set here: 1 (first: 'l')");
	CHECK(unpack_stats.n_skipped == 1);
}

TEST(devices)
{
	ROOT_OR_SKIP("devices");
	struct layer_unpack_options o = {.root_fd = root};
	struct member members[] = {{'3', "null", .device_minor = 3, .mode = 0666},
				   {'4', "disk", .device_minor = 1},
				   {'3', "whiteout"}, /* 0:0 means "deleted" to overlayfs */
				   {'6', "fifo"}};

	CHECK_OK(layer_apply_as(o, members, array_len(members), &err), err);
	CHECK_TEXT(look(root, "null"), "(none)");
	CHECK_TEXT(look(root, "disk"), "(none)");
	CHECK_TEXT(look(root, "whiteout"), "(none)");
	CHECK_TEXT(note(0), "device files left out: 3 (first: 'null')");
	CHECK(unpack_stats.n_skipped == 3);
	CHECK(S_ISFIFO(stat_of(root, "fifo").st_mode));
}

TEST(owners_that_are_no_ids)
{
	ROOT_OR_SKIP("no-ids");
	CHECK_OK(layer_apply(root, &err, {0, "last", .uid = 0xfffffffe, .gid = 0xfffffffe}), err);
	CHECK(stat_of(root, "last").st_uid == 0xfffffffe);
	CHECK(!layer_apply(root, &err, {0, "x", .uid = 0xffffffff}));
	CHECK(err.code == ERROR_BUILD);
	CHECK(!layer_apply(root, &err, {0, "x", .gid = 0xffffffff}));
	CHECK(err.code == ERROR_BUILD);
}

static bool write_once(const char *path, const char *text)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	struct error ignored; /* the caller only needs to know whether */

	return fd >= 0 && fd_write_all(fd, text, strlen(text), &ignored);
}

/* As an ordinary user in a namespace with one id: in a child, whose checks are its exit status. */
static void single_id_checks(int root)
{
	struct error err = {0};
	struct layer_unpack_options o = {.root_fd = root};
	struct member own = {0, "own", "1"};
	struct member other = {0, "other", "2", .uid = 5, .gid = 6, .mode = 04755};

	CHECK_OK(layer_apply_as(o, &own, 1, &err), err);
	CHECK(!layer_apply_as(o, &other, 1, &err));
	CHECK_TEXT(err.message,
		   "unpacking 'other': its owner 5:6 is outside of the ids given to this user");
	CHECK_TEXT(err.hint, "give the user a larger range in /etc/subuid and /etc/subgid");
	o.ids_are_squashed = true;
	struct member many[] = {other,
				{'3', "dev", .device_minor = 3},
				{'5', "closed", .mode = 0500, .uid = 9},
				{0, "closed/x", "3"}};

	CHECK_OK(layer_apply_as(o, many, array_len(many), &err), err);
	struct stat st = stat_of(root, "other");

	CHECK(st.st_uid == 0 && st.st_gid == 0 && (st.st_mode & 07777) == 04755);
	CHECK_TEXT(look(root, "dev"), "(none)");
	CHECK_TEXT(look(root, "closed/x"), "3");
}

TEST(one_id_only)
{
	int status = 1;
	ROOT_OR_SKIP("single");

	CHECK_OR_STOP(fchown(root, 65534, 65534) == 0);
	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0 ||
		    /* a change of ids gives /proc/self to root */
		    prctl(PR_SET_DUMPABLE, 1) < 0 || unshare(CLONE_NEWUSER) < 0 ||
		    !write_once("/proc/self/setgroups", "deny") ||
		    !write_once("/proc/self/uid_map", "0 65534 1") ||
		    !write_once("/proc/self/gid_map", "0 65534 1"))
			_exit(77);
		single_id_checks(root);
		fflush(stdout);
		_exit(tap_failed);
	}
	CHECK_OK(process_wait(child, &status, &err), err);
	if (status == 77)
		SKIP("no unprivileged user namespaces here");
	CHECK(status == 0);
}

TEST(what_is_cut_short)
{
	ROOT_OR_SKIP("cut");
	auto_text tar = {0};
	struct layer_unpack_options o = {.root_fd = root, .limits = tar_limits_default};

	CHECK_OK(layer_tar((struct member[]){{0, "a", "content"}, {0, "b", "content"}}, 2, &tar,
			   &err),
		 err);
	for (size_t len = 1600; len < 2048; len += 100) {
		struct memory bytes = {text_str(&tar), len};

		CHECK(!layer_unpack(&o, source_of_memory(&bytes), &unpack_stats, &unpack_notes,
				    &err));
		CHECK(err.code == ERROR_BUILD);
	}
}
