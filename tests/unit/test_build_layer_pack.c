/* SPDX-License-Identifier: MIT
 * Upper directories made by hand: what of a file is part of a layer. Real overlays are in
 * test_build_layer_pack_overlay.c.
 */
#include "lib/build/layer.h"

#include "lib/base/tree.h"
#include "tests/unit/layer_listing.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

static char top[] = "/tmp/chutes-pack-XXXXXX";

__attribute__((constructor)) static void enter(void)
{
	if (!mkdtemp(top) || chdir(top) < 0)
		abort();
}

__attribute__((destructor)) static void leave(void)
{
	struct error ignored; /* what is left is in /tmp */

	if (chdir("/") == 0 && !tree_remove_path(top, &ignored))
		printf("# %s\n", ignored.message);
}

/* A new upper directory as working directory, packed as ".". */
static void upper(const char *name)
{
	CHECK(chdir(top) == 0);
	make_directory(name);
	CHECK(chdir(name) == 0);
}

static const struct layer_pack_options plain = {.upper = "."};

static void check_fails(const struct layer_pack_options *o, enum error_code code, const char *want)
{
	struct error err = {0};

	CHECK(!pack_with(o, &err));
	CHECK(err.code == code);
	CHECK_TEXT(err.message, want);
}

TEST(nothing)
{
	upper("nothing");
	check_layer(&plain, "");
	CHECK(pack_stats.n_entries == 0 && pack_tar.len == 1024);
}

TEST(order_is_by_bytes_and_depth_first)
{
	upper("order");
	make_directory("b");
	make_file("b/2", "");
	make_file("b/1", "x");
	make_file("b-", "");
	make_file("B", "");
	make_file("\xc3\xa9", "");
	make_directory("b/0");
	make_file("b/0/z", "");
	check_layer(&plain, "0 0644 B\n5 0755 b\n5 0755 b/0\n0 0644 b/0/z\n0 0644 b/1 1\n"
			    "0 0644 b/2\n0 0644 b-\n0 0644 \xc3\xa9\n");
	CHECK(pack_stats.n_entries == 8 && pack_stats.n_bytes == 1);
}

TEST(kinds)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};

	upper("kinds");
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(mkfifo("fifo", 0600) == 0 && chmod("fifo", 0600) == 0);
	CHECK(symlink("to/nowhere", "link") == 0);
	make_file("setuid", "x");
	CHECK(chmod("setuid", 06755) == 0);
	make_directory("sticky");
	CHECK(chmod("sticky", 01777) == 0);
	check_layer(&plain, "6 0600 fifo\n2 link -> to/nowhere\n0 6755 setuid 1\n5 1777 sticky\n");
	CHECK(pack_stats.n_skipped == 1 && pack_notes.n == 1);
	CHECK_TEXT(pack_notes.n ? pack_notes.items[0] : "",
		   "sockets left out: 1 (first: 'socket')");
}

TEST(devices)
{
	upper("devices");
	if (mknod("null", S_IFCHR | 0666, makedev(1, 3)) < 0)
		SKIP("needs root");
	CHECK(chmod("null", 0666) == 0);
	CHECK(mknod("disk", S_IFBLK | 0600, makedev(8, 300)) == 0);
	check_layer(&plain, "4 0600 disk 8:300\n3 0666 null 1:3\n");
}

TEST(hard_links)
{
	upper("links");
	make_directory("a");
	make_file("a/z", "content");
	CHECK(link("a/z", "b") == 0 && link("a/z", "a/y") == 0);
	make_file("alone", "x");
	CHECK(link("alone", "../outside") == 0); /* its other name is in no layer */
	CHECK(symlink("x", "s") == 0 && link("s", "t") == 0);
	check_layer(&plain, "5 0755 a\n0 0644 a/y 7\n1 a/z -> a/y\n0 0644 alone 1\n1 b -> a/y\n"
			    "2 s -> x\n1 t -> s\n");
}

static int64_t mtime_of(const char *path)
{
	struct memory m = {text_str(&pack_tar), pack_tar.len};
	auto_tar_reader struct tar_reader *r = NULL;
	struct tar_entry e;
	struct error err;

	if (!tar_reader_open(source_of_memory(&m), NULL, &r, &err))
		return -1;
	while (tar_reader_next(r, &e, &err) > 0)
		if (strcmp(e.path, path) == 0)
			return e.mtime;
	return -1;
}

static void set_mtime(const char *path, int64_t seconds)
{
	const struct timespec times[2] = {{.tv_sec = seconds, .tv_nsec = 999999999},
					  {.tv_sec = seconds, .tv_nsec = 999999999}};

	CHECK(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0);
}

TEST(times)
{
	struct layer_pack_options o = plain;
	struct error err;

	upper("times");
	make_file("old", "");
	make_file("new", "");
	make_file("ancient", "");
	make_directory("d");
	set_mtime("old", 1000);
	set_mtime("new", 3000);
	set_mtime("d", 3000);
	set_mtime("ancient", -5);
	CHECK_OK(pack_with(&o, &err), err);
	CHECK(mtime_of("old") == 1000 && mtime_of("new") == 3000 && mtime_of("ancient") == 0);
	o.has_epoch = true;
	o.epoch = 2000;
	CHECK_OK(pack_with(&o, &err), err);
	CHECK(mtime_of("old") == 1000 && mtime_of("new") == 2000 && mtime_of("d") == 2000);
	o.is_exactly_epoch = true;
	CHECK_OK(pack_with(&o, &err), err);
	CHECK(mtime_of("old") == 2000 && mtime_of("new") == 2000 && mtime_of("ancient") == 2000);
}

TEST(attributes)
{
	/* cap_net_raw+ep in both versions */
	static const unsigned char v2[20] = {1, 0, 0, 2, 0, 0x20};
	static const unsigned char v3[24] = {1, 0, 0, 3, 0, 0x20, [20] = 0x80, 0x84, 0x1e, 0};
	struct tar_entry e;
	struct error err = {0};

	upper("attributes");
	make_file("f", "x");
	if (setxattr("f", "security.capability", v3, sizeof(v3), 0) < 0 ||
	    setxattr("f", "user.note", "\0z", 2, 0) < 0)
		SKIP("needs root and a file system with attributes");
	CHECK(setxattr("f", "user.also", "y", 1, 0) == 0);
	CHECK(setxattr("f", "user.empty", "", 0, 0) == 0);
	CHECK(setxattr("f", "user.a=b", "1", 1, 0) == 0);
	CHECK(setxattr("f", "user.overlay.origin", "1", 1, 0) == 0);
	CHECK(setxattr("f", "trusted.note", "1", 1, 0) == 0);
	CHECK_OK(pack_with(&plain, &err), err);
	struct memory m = {text_str(&pack_tar), pack_tar.len};
	auto_tar_reader struct tar_reader *r = NULL;

	CHECK_OK(tar_reader_open(source_of_memory(&m), NULL, &r, &err), err);
	CHECK_OK(tar_reader_next(r, &e, &err) == 1, err);
	/* the reader lists the last record first */
	CHECK_OR_STOP(e.n_xattrs == 3);
	CHECK_TEXT(e.xattrs[2].name, "security.capability");
	CHECK(e.xattrs[2].size == sizeof(v2) && memcmp(e.xattrs[2].value, v2, sizeof(v2)) == 0);
	CHECK_TEXT(e.xattrs[1].name, "user.also");
	CHECK_TEXT(e.xattrs[0].name, "user.note");
	CHECK(e.xattrs[0].size == 2 && memcmp(e.xattrs[0].value, "\0z", 2) == 0);
	CHECK(pack_stats.n_skipped == 2 && pack_notes.n == 1);
	CHECK_TEXT(pack_notes.n ? pack_notes.items[0] : "",
		   "extended attributes that no archive can hold: 2 (first: 'f')");
}

TEST(access_control_lists)
{
	/* version 2: owner rw, user 1000 r, group r, mask r, other r (linux/posix_acl_xattr.h) */
	static const unsigned char acl[] = {2,   0,   0,   0,   1,   0,   6,  0,   255, 255, 255,
					    255, 2,   0,   4,   0,   232, 3,  0,   0,   4,   0,
					    4,   0,   255, 255, 255, 255, 16, 0,   4,   0,   255,
					    255, 255, 255, 32,  0,   4,   0,  255, 255, 255, 255};

	upper("acl");
	make_file("f", "");
	if (setxattr("f", "system.posix_acl_access", acl, sizeof(acl), 0) < 0)
		SKIP("this file system has no ACLs");
	check_layer(&plain, "0 0644 f\n");
	CHECK_TEXT(pack_notes.n ? pack_notes.items[0] : "",
		   "access control lists left out: 1 (first: 'f')");
}

TEST(attributes_of_a_foreign_mount)
{
	upper("foreign");
	make_directory("d");
	if (setxattr("d", "user.overlay.redirect", "/e", 2, 0) < 0)
		SKIP("this file system has no user attributes");
	check_fails(&plain, ERROR_BUILD,
		    "packing '/d': has 'user.overlay.redirect', which no mount of ours makes: the "
		    "store was mounted by something else");
	CHECK(removexattr("d", "user.overlay.redirect") == 0);
	make_file("d/f", "");
	CHECK(setxattr("d/f", "user.overlay.metacopy", "", 0, 0) == 0);
	check_fails(
		&plain, ERROR_BUILD,
		"packing '/d/f': has 'user.overlay.metacopy', which no mount of ours makes: the "
		"store was mounted by something else");
}

TEST(names_that_mean_deletion)
{
	upper("whiteout-names");
	make_directory("etc");
	make_file("etc/.wh", "");
	make_file("etc/.wha", "");
	check_layer(&plain, "5 0755 etc\n0 0644 etc/.wh\n0 0644 etc/.wha\n");
	make_file("etc/.wh.motd", "");
	check_fails(&plain, ERROR_BUILD,
		    "packing '/etc': the name '.wh.motd' cannot be part of an image, where '.wh.' "
		    "marks deleted files");
}

TEST(the_root)
{
	const char *const lowers[] = {"../root-lower"};
	const struct layer_pack_options over = {.upper = ".", .lowers = lowers, .n_lowers = 1};

	upper("root-lower");
	upper("root");
	check_layer(&plain, "");
	check_layer(&over, "");
	CHECK(chmod(".", 0700) == 0);
	check_layer(&plain, "5 0700 .\n");
	check_layer(&over, "5 0700 .\n");
	CHECK(chmod("../root-lower", 0700) == 0);
	check_layer(&over, "");
	if (setxattr(".", "user.note", "1", 1, 0) < 0)
		SKIP("this file system has no user attributes");
	check_layer(&over, "5 0700 .\n");
	CHECK(setxattr("../root-lower", "user.note", "1", 1, 0) == 0);
	check_layer(&over, "");
	CHECK(setxattr("../root-lower", "user.note", "2", 1, 0) == 0);
	check_layer(&over, "5 0700 .\n");
}

TEST(logs)
{
	struct layer_pack_options o = plain;
	static const char *const directories[] = {
		"var",     "var/cache",   "var/cache/apt",     "var/cache/ldconfig",
		"var/lib", "var/lib/apt", "var/lib/apt/lists", "var/lib/apt/lists/partial",
		"var/log", "var/log/apt", "var/lib/dbus",      "var/cache/apt/archives"};
	static const char *const dropped[] = {
		"var/cache/apt/pkgcache.bin", "var/cache/ldconfig/aux-cache",
		"var/lib/apt/lists/lock",     "var/lib/apt/lists/partial/x",
		"var/log/apt/history.log",    "var/log/dpkg.log",
		"var/log/alternatives.log",   "var/lib/dbus/machine-id"};

	upper("logs");
	for (size_t i = 0; i < array_len(directories); i++)
		make_directory(directories[i]);
	for (size_t i = 0; i < array_len(dropped); i++)
		make_file(dropped[i], "x");
	make_file("var/log/app.log", "x");
	make_file("var/cache/apt/archives/x.bin", "x");
	o.drops_logs = true;
	check_layer(&o, "5 0755 var\n5 0755 var/cache\n5 0755 var/cache/apt\n"
			"5 0755 var/cache/apt/archives\n0 0644 var/cache/apt/archives/x.bin 1\n"
			"5 0755 var/cache/ldconfig\n5 0755 var/lib\n5 0755 var/lib/apt\n"
			"5 0755 var/lib/apt/lists\n5 0755 var/lib/dbus\n5 0755 var/log\n"
			"0 0644 var/log/app.log 1\n5 0755 var/log/apt\n");
	o.drops_logs = false;
	CHECK(pack_with(&o, &(struct error){0}) && pack_stats.n_entries == 22);
}

/* Deleted logs stay deleted, whatever is left out. */
TEST(deleted_logs)
{
	const char *const lowers[] = {"../lists-lower"};
	const struct layer_pack_options o = {
		.upper = ".", .lowers = lowers, .n_lowers = 1, .drops_logs = true};

	upper("lists-lower");
	make_directory("var");
	make_directory("var/log");
	make_file("var/log/dpkg.log", "x");
	upper("lists");
	make_directory("var");
	make_directory("var/log");
	if (mknod("var/log/dpkg.log", S_IFCHR, makedev(0, 0)) < 0)
		SKIP("needs root");
	check_layer(&o, "5 0755 var\n5 0755 var/log\n0 0000 var/log/.wh.dpkg.log\n");
}

TEST(sparse_files_are_written_in_full)
{
	upper("sparse");
	make_file("f", "");
	CHECK(truncate("f", 1 << 20) == 0);
	check_layer(&plain, "0 0644 f 1048576\n");
	CHECK(pack_tar.len == 512 + (1 << 20) + 1024);
}

/* A sink that changes the file behind the walker's back, after its header. */
static off_t changed_size;
static bool change_then_take(void *context, const void *bytes, size_t len, struct error *err)
{
	struct text *out = context;

	CHECK(truncate("f", changed_size) == 0);
	return sink_of_text(out).write(out, bytes, len, err);
}

TEST(files_that_change)
{
	static const off_t sizes[] = {0, 299999, 300001, 600000};

	upper("changes");
	for (size_t i = 0; i < array_len(sizes); i++) {
		auto_text out = {0};
		struct error err = {0};

		make_file("f", "");
		CHECK(truncate("f", 300000) == 0);
		changed_size = sizes[i];
		CHECK(!layer_pack(&plain, (struct sink){change_then_take, &out}, &pack_stats,
				  &pack_notes, &err));
		CHECK(err.code == ERROR_BUILD);
		CHECK_TEXT(err.message, "packing '/f': changed while it was read");
	}
}

/* Paths of 4096 and 4097 bytes: 20 directories of 200, then 76 and 77. */
TEST(long_paths)
{
	const struct layer_pack_options o = {.upper = "long"};
	char name[201] = {0};
	char file[78] = {0};
	struct error err = {0};

	upper("long");
	memset(name, 'd', 200);
	memset(file, 'f', 76);
	for (int i = 0; i < 20; i++) {
		make_directory(name);
		CHECK_OR_STOP(chdir(name) == 0);
	}
	auto_fd int deepest = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	make_file(file, "");
	CHECK(chdir(top) == 0);
	CHECK_OK(pack_with(&o, &err), err);
	CHECK(fchdir(deepest) == 0);
	file[76] = 'f';
	make_file(file, "");
	CHECK(chdir(top) == 0);
	CHECK(!pack_with(&o, &err) && err.code == ERROR_BUILD);
	CHECK(text_ends_with(err.message, ": a path of more than 4096 bytes"));
}

/* Deeper than the descriptors that a process may have, as far as a path may be long. */
TEST(a_deep_tree)
{
	const struct layer_pack_options o = {.upper = "deep"};
	struct rlimit old;
	struct error err = {0};

	upper("deep");
	for (int i = 0; i < 2000; i++) {
		make_directory("d");
		CHECK_OR_STOP(chdir("d") == 0);
	}
	CHECK(chdir(top) == 0);
	CHECK_OR_STOP(getrlimit(RLIMIT_NOFILE, &old) == 0);
	const struct rlimit few = {.rlim_cur = 30, .rlim_max = old.rlim_max};

	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	CHECK_OK(pack_with(&o, &err), err);
	CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
	CHECK(pack_stats.n_entries == 2000);
}

TEST(a_missing_upper)
{
	const struct layer_pack_options o = {.upper = "/nowhere/at/all"};

	check_fails(&o, ERROR_NOT_FOUND, "opening '/nowhere/at/all': No such file or directory");
}

TEST(a_missing_lower)
{
	const char *const lowers[] = {"/nowhere"};
	const struct layer_pack_options o = {.upper = ".", .lowers = lowers, .n_lowers = 1};

	upper("missing");
	check_fails(&o, ERROR_NOT_FOUND, "looking below '/': No such file or directory");
}

TEST(a_full_sink)
{
	auto_text out = {.max = 100};
	struct error err = {0};

	upper("full");
	make_file("f", "x");
	CHECK(!layer_pack(&plain, sink_of_text(&out), &pack_stats, &pack_notes, &err));
	CHECK_TEXT(err.message, "more than the limit of 100 bytes");
}
