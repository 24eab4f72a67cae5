/* SPDX-License-Identifier: MIT
 * The table of what ADD does, each row on a fresh root.
 */
#include "lib/build/context.h"

#include "lib/archive/archive.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[64];
static char context_root[80];
static char image_root[80];

static void put(const char *root, const char *name, const char *content)
{
	auto_free char *path = path_join(root, name);
	auto_free char *directory = path_directory(path);
	struct error err;

	CHECK_OK(directory_make(directory, 0755, &err), err);
	CHECK_OK(file_write_cache(path, content, strlen(content), 0644, &err), err);
}

static void put_link(const char *root, const char *name, const char *target)
{
	auto_free char *path = path_join(root, name);

	CHECK(symlink(target, path) == 0);
}

static void set_up(void)
{
	auto_free char *script = NULL;

	snprintf(base, sizeof(base), "/tmp/test-context-add-XXXXXX");
	CHECK(mkdtemp(base));
	snprintf(context_root, sizeof(context_root), "%s/c", base);
	snprintf(image_root, sizeof(image_root), "%s/i", base);
	put(context_root, "a.txt", "a");
	put(context_root, "b.txt", "b");
	put(context_root, "run.sh", "#!/bin/sh\n");
	script = xprintf("%s/run.sh", context_root);
	CHECK(chmod(script, 0700) == 0);
	put(context_root, "src/x.py", "x");
	put(context_root, "src/lib/y.py", "y");
	put_link(context_root, "src/link", "lib/y.py");
	put(context_root, "bins/bin/tool", "t");
	put_link(context_root, "to-a", "a.txt");
	put(image_root, "usr/bin/sh", "sh");
	put_link(image_root, "bin", "usr/bin");
	put(image_root, "etc/passwd", "root");
	put_link(image_root, "data", "/var/data");
	put_link(image_root, "conf", "etc/passwd");
	put_link(image_root, "out", "../../../../tmp");
}

static void tear_down(void)
{
	struct error err;

	CHECK_OK(tree_remove_path(base, &err), err);
}

/* Everything in the image, one line each: "/app/ 755", "/app/x 644 content", "/l -> target". */
/* NOLINTNEXTLINE(misc-no-recursion): a small tree of our own */
static void show(int fd, const char *path, struct text *out)
{
	auto_strings names = {0};
	struct error err;

	CHECK_OK(directory_list(fd, &names, &err), err);
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *name = xprintf("%s/%s", path, names.items[i]);
		auto_text content = {0};
		char target[100];
		struct stat st;

		CHECK(fstatat(fd, names.items[i], &st, AT_SYMLINK_NOFOLLOW) == 0);
		if (S_ISLNK(st.st_mode)) {
			ssize_t len = readlinkat(fd, names.items[i], target, sizeof(target));

			text_addf(out, "%s -> %.*s\n", name, (int)len, target);
			continue;
		}
		auto_fd int below = openat(fd, names.items[i], O_RDONLY | O_CLOEXEC);

		if (S_ISDIR(st.st_mode)) {
			text_addf(out, "%s/ %o\n", name, st.st_mode & 07777);
			show(below, name, out);
			continue;
		}
		CHECK_OK(fd_read_all(below, 1000, &content, &err), err);
		text_addf(out, "%s %o %s\n", name, st.st_mode & 07777, text_str(&content));
	}
}

static void show_image(struct text *out)
{
	auto_fd int fd = open(image_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	show(fd, "", out);
}

static bool add(const char *source, const char *dest, const char *chmod_text, struct error *err)
{
	struct context_options o = {.root = context_root};
	auto_fd int root = open(image_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct add_options ao = {.root_fd = root,
				 .dest = dest,
				 .workdir = "/app",
				 .chmod = chmod_text,
				 .uid = geteuid(),
				 .gid = getegid(),
				 .has_epoch = true,
				 .epoch = 86400};
	auto_context struct context *c = NULL;
	auto_selection s = {0};
	auto_strings notes = {0};

	return context_open(&o, &c, err) && context_select(c, source, NULL, 0, &s, err) &&
	       context_add(c, &s, &ao, &notes, err);
}

/* Lines of `after` that `before` does not have. */
static void difference(const struct text *before, const struct text *after, struct text *out)
{
	auto_strings old = {0};
	auto_strings new = {0};

	strings_split(&old, text_str(before), '\n');
	strings_split(&new, text_str(after), '\n');
	for (size_t i = 0; i < new.n; i++)
		if (!strings_has(&old, new.items[i]))
			text_addf(out, "%s\n", new.items[i]);
}

struct row {
	const char *source;
	const char *dest;
	const char *chmod;
	const char *result; /* new lines, or the error */
};

static void check_row(const struct row *r)
{
	auto_text before = {0};
	auto_text after = {0};
	auto_text got = {0};
	struct error err;

	set_up();
	show_image(&before);
	if (add(r->source, r->dest, r->chmod, &err)) {
		show_image(&after);
		difference(&before, &after, &got);
	} else {
		text_add(&got, err.message);
	}
	CHECK_TEXT(text_str(&got), r->result);
	tear_down();
}

TEST(files)
{
	static const struct row rows[] = {
		{"a.txt", "/d", NULL, "/d 644 a\n"},
		{"a.txt", "/d/", NULL, "/d/ 755\n/d/a.txt 644 a\n"},
		{"a.txt", "/etc", NULL, "/etc/a.txt 644 a\n"},
		{"a.txt", "/etc/passwd", NULL, "/etc/passwd 644 a\n"},
		{"a.txt", "/x/y/z", NULL, "/x/ 755\n/x/y/ 755\n/x/y/z 644 a\n"},
		{"a.txt", "rel", NULL, "/app/ 755\n/app/rel 644 a\n"},
		{"a.txt", ".", NULL, "/app/ 755\n/app/a.txt 644 a\n"},
		{"a.txt", "/", NULL, "/a.txt 644 a\n"},
		{"a.txt", "/../../x", NULL, "/x 644 a\n"},
		{"run.sh", "/", NULL, "/run.sh 755 #!/bin/sh\n"},
		{"run.sh", "/r", "u=rwX,go=rX", "/r 755 #!/bin/sh\n"},
		{"run.sh", "/r", "4711", "/r 4711 #!/bin/sh\n"},
		{"a.txt", "/r", "u=rwX,go=", "/r 600 a\n"},
		{"*.txt", "/d", NULL, "/d/ 755\n/d/a.txt 644 a\n/d/b.txt 644 b\n"},
		{"[a]*.txt", "/d", NULL, "/d 644 a\n"},
		{"to-a", "/d/", NULL, "/d/ 755\n/d/to-a 644 a\n"},
		{"a.txt", "/bin/", NULL, "/usr/bin/a.txt 644 a\n"},
		{"a.txt", "/bin/sh", NULL, "/usr/bin/sh 644 a\n"},
		{"a.txt", "/conf", NULL, "/etc/passwd 644 a\n"},
		{"a.txt", "/etc/passwd/x", NULL,
		 "opening '/etc/passwd' in the image: Not a directory"},
		{"a.txt", "/etc/passwd/", NULL,
		 "opening '/etc/passwd' in the image: Not a directory"},
		{"*.txt", "/etc/passwd", NULL,
		 "opening '/etc/passwd' in the image: Not a directory"},
		{"a.txt", "/x", "rwx", "'rwx' is no mode"},
	};

	for (size_t i = 0; i < array_len(rows); i++)
		check_row(&rows[i]);
}

TEST(directories)
{
	static const struct row rows[] = {
		{"src", "/app", NULL,
		 "/app/ 755\n/app/lib/ 755\n/app/lib/y.py 644 y\n/app/link -> lib/y.py\n"
		 "/app/x.py 644 x\n"},
		{"src/", "/app/", NULL,
		 "/app/ 755\n/app/lib/ 755\n/app/lib/y.py 644 y\n/app/link -> lib/y.py\n"
		 "/app/x.py 644 x\n"},
		{"src/lib", "/etc", NULL, "/etc/y.py 644 y\n"},
		{"src/lib", "/bin", NULL, "/usr/bin/y.py 644 y\n"},
		{"src/lib", "/n/m", "700", "/n/ 755\n/n/m/ 755\n/n/m/y.py 700 y\n"},
		{"src", "/etc/passwd", NULL,
		 "'/etc/passwd' is a file in the image, and 'src' is a directory"},
		{"bins", "/", NULL,
		 "'/bin' is a link to 'usr/bin' in the image, and a directory here"},
		{"bins/bin", "/bin", NULL, "/usr/bin/tool 644 t\n"},
		{"src/l*", "/n", NULL, "/n/ 755\n/n/link 644 y\n/n/y.py 644 y\n"},
	};

	for (size_t i = 0; i < array_len(rows); i++)
		check_row(&rows[i]);
}

TEST(over_each_other)
{
	struct error err;

	set_up();
	put(context_root, "one/x/file", "1");
	put(context_root, "two/x", "2");
	CHECK_OK(add("one", "/t", NULL, &err), err);
	CHECK(!add("two", "/t", NULL, &err));
	CHECK_TEXT(err.message, "'/t/x' is a directory in the image");
	CHECK_OK(add("two", "/u", NULL, &err), err);
	CHECK(!add("one", "/u", NULL, &err));
	CHECK_TEXT(err.message, "'/u/x' is a file in the image, and a directory here");
	/* a directory of the image takes the mode of the one that is added onto it */
	auto_free char *inner = xprintf("%s/t/x", image_root);
	auto_free char *outer = xprintf("%s/t", image_root);
	struct stat st;

	CHECK(chmod(inner, 0700) == 0 && chmod(outer, 0700) == 0);
	CHECK_OK(add("one", "/t", NULL, &err), err);
	CHECK(stat(inner, &st) == 0 && (st.st_mode & 07777) == 0755);
	CHECK(stat(outer, &st) == 0 && (st.st_mode & 07777) == 0700);
	tear_down();
}

TEST(links_of_the_image_stay_inside)
{
	struct error err;
	struct stat st;

	set_up();
	auto_free char *inside = xprintf("%s/tmp/x", image_root);
	auto_free char *data = xprintf("%s/var/data/x", image_root);
	auto_free char *file = xprintf("%s/var/data", image_root);

	CHECK(!add("a.txt", "/out/x", NULL, &err));
	CHECK_TEXT(err.message, "opening '/out' in the image: No such file or directory");
	put(image_root, "tmp/y", "");
	CHECK_OK(add("a.txt", "/out/x", NULL, &err), err);
	CHECK(stat(inside, &st) == 0);
	/* a dangling link as the destination of a file is followed to where it will be */
	CHECK_OK(add("a.txt", "/data", NULL, &err), err);
	CHECK(stat(file, &st) == 0 && S_ISREG(st.st_mode));
	CHECK(unlink(file) == 0);
	put(image_root, "var/data/y", "");
	CHECK_OK(add("a.txt", "/data/", NULL, &err), err);
	CHECK_OK(add("a.txt", "/data/x", NULL, &err), err);
	CHECK(stat(data, &st) == 0);
	tear_down();
}

TEST(times_and_owners)
{
	auto_fd int root = -1;
	struct context_options o = {0};
	auto_context struct context *c = NULL;
	auto_selection s = {0};
	auto_strings notes = {0};
	struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = -3, .tv_nsec = 500000000}};
	struct stat st;
	struct error err;

	set_up();
	o.root = context_root;
	root = open(image_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *source = xprintf("%s/src/x.py", context_root);
	auto_free char *pipe_path = xprintf("%s/src/pipe", context_root);
	struct add_options ao = {.root_fd = root,
				 .dest = "/n/m",
				 .workdir = "",
				 .uid = geteuid() ? geteuid() : 1000,
				 .gid = geteuid() ? getegid() : 1001};

	CHECK(utimensat(AT_FDCWD, source, times, 0) == 0 && mkfifo(pipe_path, 0600) == 0);
	CHECK_OK(context_open(&o, &c, &err), err);
	CHECK_OK(context_select(c, "src", NULL, 0, &s, &err), err);
	CHECK_OK(context_add(c, &s, &ao, &notes, &err), err);
	CHECK(notes.n == 1 && strcmp(notes.items[0], s.notes.items[0]) == 0);
	CHECK(fstatat(root, "n/m/pipe", &st, 0) < 0);
	CHECK(fstatat(root, "n/m/x.py", &st, 0) == 0);
	CHECK(st.st_mtim.tv_sec == -3 && st.st_mtim.tv_nsec == 500000000);
	CHECK(st.st_uid == ao.uid && st.st_gid == ao.gid);
	CHECK(fstatat(root, "n", &st, 0) == 0 && st.st_uid == ao.uid && st.st_gid == ao.gid);
	CHECK(fstatat(root, "n/m/link", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == ao.uid);
	ao.has_epoch = true;
	ao.epoch = 12345;
	ao.dest = "/e";
	CHECK_OK(context_add(c, &s, &ao, &notes, &err), err);
	static const char *const names[] = {"e", "e/x.py", "e/link", "e/lib", "e/lib/y.py"};

	for (size_t i = 0; i < array_len(names); i++)
		CHECK(fstatat(root, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		      (st.st_mtim.tv_sec == 12345 || i == 0) && st.st_uid == ao.uid);
	tear_down();
}

TEST(a_file_that_changed_is_noticed)
{
	static const char *const changes[] = {"X", "longer"};

	for (size_t i = 0; i < array_len(changes); i++) {
		auto_fd int root = -1;
		struct context_options o = {.root = context_root};
		auto_context struct context *c = NULL;
		auto_selection s = {0};
		auto_strings notes = {0};
		struct error err;

		set_up();
		root = open(image_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct add_options ao = {
			.root_fd = root, .dest = "/n", .workdir = "/", .ids_are_squashed = true};

		CHECK_OK(context_open(&o, &c, &err), err);
		CHECK_OK(context_select(c, "src", NULL, 0, &s, &err), err);
		put(context_root, "src/x.py", changes[i]);
		CHECK(!context_add(c, &s, &ao, &notes, &err));
		CHECK(err.code == ERROR_BUILD);
		CHECK_TEXT(err.message, i == 0 ? "'src/x.py' changed during the build"
					       : "'src/x.py' changed while it was read");
		tear_down();
	}
}

/* --- archives */
static bool write_to_file(void *context, const void *bytes, size_t len, struct error *err)
{
	return fd_write_all(*(int *)context, bytes, len, err);
}

static void put_archive(const char *name, enum compression compression, const char *member)
{
	auto_free char *path = path_join(context_root, name);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct pipeline_options o = {
		.compression = compression, .n_threads = 1, .out = {write_to_file, &fd}};
	struct pipeline_result result;
	struct pipeline *p = pipeline_new(&o);
	struct error err;

	auto_tar_writer struct tar_writer *w = tar_writer_new(pipeline_sink(p));
	struct tar_entry directory = {
		.path = "d", .type = '5', .mode = 0750, .uid = geteuid(), .gid = getegid()};
	struct tar_entry file = {.path = member,
				 .type = '0',
				 .mode = 0640,
				 .uid = geteuid(),
				 .gid = getegid(),
				 .size = 1,
				 .mtime = 77};

	CHECK_OK(tar_writer_entry(w, &directory, &err) && tar_writer_entry(w, &file, &err) &&
			 tar_writer_data(w, "f", 1, &err) && tar_writer_finish(w, &err) &&
			 pipeline_finish(p, &result, &err),
		 err);
	pipeline_free(p);
}

static void check_archive(const char *name, const char *dest, const char *want)
{
	auto_text before = {0};
	auto_text after = {0};
	auto_text got = {0};
	struct error err;

	show_image(&before);
	if (add(name, dest, NULL, &err)) {
		show_image(&after);
		difference(&before, &after, &got);
	} else {
		text_add(&got, err.message);
	}
	CHECK_TEXT(text_str(&got), want);
}

TEST(archives_are_unpacked)
{
	struct error err;

	set_up();
	put_archive("plain.tar", COMPRESSION_NONE, "d/f");
	put_archive("named.bin", COMPRESSION_GZIP, "d/f");
	put_archive("z.tar.zst", COMPRESSION_ZSTD, "../../d/f");
	put_archive("wh.tar", COMPRESSION_NONE, "d/.wh.f");
	check_archive("plain.tar", "/p", "/p/ 755\n/p/d/ 750\n/p/d/f 640 f\n");
	check_archive("named.bin", "/q/r/", "/q/ 755\n/q/r/ 755\n/q/r/d/ 750\n/q/r/d/f 640 f\n");
	check_archive("z.tar.zst", "/bin", "/usr/bin/d/ 750\n/usr/bin/d/f 640 f\n");
	check_archive("wh.tar", "/w",
		      "'wh.tar': unpacking 'd/.wh.f': a name that begins with .wh. means a "
		      "deletion in an image");
	CHECK(!add("plain.tar", "/x", "644", &err));
	CHECK_TEXT(err.message, "chmod does not apply to 'plain.tar', an archive that is unpacked");
	tear_down();
}

TEST(what_is_no_archive)
{
	char gzip[] = "\x1f\x8b\x08 and then something that is no deflate stream at all";
	char xz[] = "\xfd"
		    "7zXZ and so on, long enough to be looked at, at least by name";

	set_up();
	put(context_root, "x.gz", gzip);
	put(context_root, "x.xz", xz);
	put(context_root, "x.tar.xz", xz);
	put(context_root, "y.tar.xz", "a text file with a strange name, not compressed");
	check_archive("x.tar.xz", "/x/",
		      "'x.tar.xz' is compressed with xz, which cannot be unpacked");
	check_archive("y.tar.xz", "/y", "/y 644 a text file with a strange name, not compressed\n");
	auto_text ignored = {0};
	struct error err;

	CHECK_OK(add("x.gz", "/g", NULL, &err), err);
	CHECK_OK(add("x.xz", "/h", NULL, &err), err);
	show_image(&ignored);
	CHECK(strstr(text_str(&ignored), "/g 644 \x1f\x8b"));
	tear_down();
}

TEST(destinations)
{
	static const struct {
		const char *dest;
		const char *workdir;
		const char *path;
		bool is_directory;
	} rows[] = {
		{"/a", "/w", "/a", false},  {"/a/", "/w", "/a", true},
		{"a", "/w", "/w/a", false}, {".", "/w", "/w", true},
		{"./", "/w", "/w", true},   {"..", "/w/x", "/w", true},
		{"a/..", "/w", "/w", true}, {"../../x", "/w", "/x", false},
		{"a", "", "/a", false},     {"/", "/w", "/", true},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		bool is_directory;
		auto_free char *path =
			add_destination(rows[i].dest, rows[i].workdir, &is_directory);

		CHECK_TEXT(path, rows[i].path);
		CHECK(is_directory == rows[i].is_directory);
	}
}
