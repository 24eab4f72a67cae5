/* SPDX-License-Identifier: MIT */
#include "lib/base/inside.h"

#include "lib/base/io.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tree with a file, and links that try to leave it. */
static int make_tree(char *path)
{
	struct error err;

	if (!mkdtemp(path))
		return -1;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || mkdirat(fd, "etc", 0755) < 0 || symlinkat("/etc", fd, "absolute") < 0 ||
	    symlinkat("../../../../etc", fd, "relative") < 0 ||
	    symlinkat("nowhere", fd, "dangling") < 0 || symlinkat("loop", fd, "loop") < 0 ||
	    mkfifoat(fd, "fifo", 0600) < 0)
		return -1;
	auto_fd int file = openat(fd, "etc/passwd", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return file >= 0 && fd_write_all(file, "inside", 6, &err) ? fd : -1;
}

TEST(links_stay_inside)
{
	char path[] = "/tmp/chutes-inside-XXXXXX";
	auto_fd int root = make_tree(path);
	static const char *const names[] = {"etc/passwd", "/etc/passwd", "absolute/passwd",
					    "relative/passwd", "../../etc/passwd"};
	struct error err;

	CHECK_OR_STOP(root >= 0);
	for (size_t i = 0; i < array_len(names); i++) {
		auto_text content = {0};

		CHECK_OK(inside_read(root, names[i], 100, &content, &err) == 1, err);
		CHECK_TEXT(text_str(&content), "inside");
	}
	CHECK_OK(tree_remove_path(path, &err), err);
}

TEST(what_is_no_file)
{
	char path[] = "/tmp/chutes-inside-XXXXXX";
	auto_fd int root = make_tree(path);
	auto_text content = {0};
	struct error err;

	CHECK_OR_STOP(root >= 0);
	CHECK(inside_read(root, "dangling", 100, &content, &err) == 0);
	CHECK(inside_read(root, "etc/passwd/x", 100, &content, &err) == 0);
	CHECK(inside_read(root, "loop", 100, &content, &err) == -1);
	CHECK_TEXT(err.message, "opening 'loop' in the image: Too many levels of symbolic links");
	CHECK(inside_read(root, "fifo", 100, &content, &err) == -1);
	CHECK_TEXT(err.message, "'fifo' in the image is not a regular file");
	CHECK(inside_read(root, "etc/passwd", 6, &content, &err) == 1);
	text_clear(&content);
	CHECK(inside_read(root, "etc/passwd", 5, &content, &err) == -1);
	CHECK_TEXT(err.message,
		   "reading 'etc/passwd' in the image: more than the limit of 5 bytes");
	CHECK_OK(tree_remove_path(path, &err), err);
}

TEST(the_root_itself)
{
	char path[] = "/tmp/chutes-inside-XXXXXX";
	auto_fd int root = make_tree(path);
	struct stat want;
	struct error err;

	CHECK_OR_STOP(root >= 0 && fstat(root, &want) == 0);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"", "/", "absolute/.."};
		struct stat got;
		auto_fd int fd = inside_open(root, names[i], O_PATH | O_DIRECTORY, 0);

		CHECK(fd >= 0 && fstat(fd, &got) == 0 && got.st_ino == want.st_ino);
	}
	CHECK_OK(tree_remove_path(path, &err), err);
}

TEST(beneath_refuses_what_leads_out)
{
	static const struct {
		const char *path;
		int flags;
		int number; /* errno, or 0 */
	} rows[] = {
		{"etc/passwd", O_RDONLY, 0},
		{"", O_RDONLY, 0},
		{"etc/../etc/passwd", O_RDONLY, 0},
		{"absolute/passwd", O_RDONLY, EXDEV},
		{"relative/passwd", O_RDONLY, EXDEV},
		{"../x", O_RDONLY, EXDEV},
		{"/etc/passwd", O_RDONLY, EXDEV},
		{"dangling", O_RDONLY, ENOENT},
		{"loop", O_RDONLY, ELOOP},
		{"absolute", O_RDONLY | O_NOFOLLOW, ELOOP},
	};
	char path[] = "/tmp/chutes-inside-XXXXXX";
	auto_fd int root = make_tree(path);
	struct error err;

	CHECK_OR_STOP(root >= 0);
	for (size_t i = 0; i < array_len(rows); i++) {
		auto_fd int fd = beneath_open(root, rows[i].path, rows[i].flags);

		if (!CHECK(rows[i].number ? fd < 0 && errno == rows[i].number : fd >= 0))
			printf("#   '%s': %s\n", rows[i].path, strerror(errno));
	}
	CHECK_OK(tree_remove_path(path, &err), err);
}
