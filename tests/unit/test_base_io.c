/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"

#include "lib/base/memory.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(a_named_pipe_is_not_waited_for)
{
	char directory[] = "/tmp/chutes-io-XXXXXX";
	auto_text text = {0};
	struct error err;

	CHECK_OR_STOP(mkdtemp(directory));
	auto_free char *path = xprintf("%s/fifo", directory);
	auto_free char *wanted = xprintf("'%s' is a named pipe", path);

	CHECK(mkfifo(path, 0600) == 0);
	CHECK(!file_read(path, 10, &text, &err));
	CHECK_TEXT(err.message, wanted);
	CHECK(unlink(path) == 0 && rmdir(directory) == 0);
}

TEST(a_pipe_of_a_shell_is_read)
{
	auto_text text = {0};
	struct error err;
	int fds[2];

	CHECK_OR_STOP(pipe(fds) == 0);
	auto_free char *path = xprintf("/dev/fd/%d", fds[0]);

	CHECK(write(fds[1], "name: a", 7) == 7);
	close(fds[1]);
	CHECK_OK(file_read(path, 7, &text, &err), err);
	CHECK_TEXT(text_str(&text), "name: a");
	close(fds[0]);
}

TEST(only_files_are_opened)
{
	char file[] = "/tmp/chutes-io-XXXXXX";
	auto_fd int made = mkstemp(file);
	auto_fd int fd = -1;
	struct error err;

	CHECK_OR_STOP(made >= 0);
	CHECK_OK(file_open(file, &fd, &err), err);
	CHECK(fd >= 0);
	CHECK(unlink(file) == 0);
	CHECK(!file_open(file, &fd, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK(!file_open("/dev/zero", &fd, &err));
	CHECK_TEXT(err.message, "'/dev/zero' is not a regular file");
	CHECK(!file_open("/", &fd, &err));
	CHECK_TEXT(err.message, "'/' is not a regular file");
	CHECK_OR_STOP(mkfifo(file, 0600) == 0);
	CHECK(!file_open(file, &fd, &err));
	CHECK(unlink(file) == 0);
}

TEST(limits_of_reading)
{
	auto_text text = {0};
	struct error err;

	CHECK(!file_read("/dev/zero", 1000, &text, &err));
	CHECK_TEXT(err.message, "'/dev/zero': more than the limit of 1000 bytes");
	CHECK(!file_read("/", 1000, &text, &err));
	CHECK_TEXT(err.message, "'/': reading: Is a directory");
	CHECK(!file_read("/nothere", 1000, &text, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "cannot open '/nothere': No such file or directory");
}

static void check_file(const char *path, const char *wanted, mode_t mode)
{
	auto_text text = {0};
	struct stat st;
	struct error err;

	CHECK_OK(file_read(path, 100, &text, &err), err);
	CHECK_TEXT(text_str(&text), wanted);
	CHECK(lstat(path, &st) == 0 && (st.st_mode & 07777) == mode);
}

TEST(a_rewritten_file_keeps_mode_and_links)
{
	char directory[] = "/tmp/chutes-io-XXXXXX";
	struct error err;

	CHECK_OR_STOP(mkdtemp(directory));
	auto_free char *file = xprintf("%s/file", directory);
	auto_free char *link = xprintf("%s/link", directory);
	auto_free char *wanted = xprintf("'%s': No such file or directory", link);

	CHECK_OK(file_rewrite(file, "a", 1, &err), err);
	check_file(file, "a", 0644);
	CHECK(chmod(file, 0600) == 0 && symlink("file", link) == 0);
	CHECK_OK(file_rewrite(link, "bc", 2, &err), err);
	check_file(file, "bc", 0600);
	CHECK(readlink(link, (char[1]){0}, 1) == 1);
	CHECK(unlink(file) == 0);
	CHECK(!file_rewrite(link, "d", 1, &err));
	CHECK_TEXT(err.message, wanted);
	CHECK(!file_exists(file));
	CHECK(unlink(link) == 0 && rmdir(directory) == 0);
}

/* Whoever saves to /dev/null as root still has one afterwards. */
TEST(what_is_no_file_is_written_through)
{
	char directory[] = "/tmp/chutes-io-XXXXXX";
	struct stat st;
	struct error err;
	char got[8] = "";

	CHECK_OR_STOP(mkdtemp(directory));
	auto_free char *pipe_path = xprintf("%s/pipe", directory);
	auto_free char *file = xprintf("%s/file", directory);
	auto_free char *link = xprintf("%s/link", directory);

	CHECK_OR_STOP(mkfifo(pipe_path, 0600) == 0 && symlink("file", link) == 0);
	auto_fd int reader = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	CHECK(!file_save("", "abc", 3, 0644, &err));
	CHECK_TEXT(err.message, "opening '': No such file or directory");
	CHECK_OK(file_save(pipe_path, "abc", 3, 0644, &err), err);
	CHECK(read(reader, got, sizeof(got)) == 3 && memcmp(got, "abc", 3) == 0);
	CHECK(lstat(pipe_path, &st) == 0 && S_ISFIFO(st.st_mode));
	CHECK_OK(file_save(link, "long text", 9, 0644, &err), err); /* it leads nowhere yet */
	CHECK_OK(file_save(link, "text", 4, 0600, &err), err);
	CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
	check_file(file, "text", 0644);
	CHECK_OK(file_save(file, "new", 3, 0600, &err), err);
	check_file(file, "new", 0600);
	CHECK(!file_save(directory, "x", 1, 0600, &err));
	auto_free char *message = xprintf("opening '%s': Is a directory", directory);

	CHECK_TEXT(err.message, message);
	CHECK_OK(tree_remove_path(directory, &err), err);
}

/* As on a disk that is full: nothing stays of a file that could not be written. */
TEST(a_new_file_is_whole_or_not_there)
{
	char directory[] = "/tmp/chutes-io-XXXXXX";
	struct rlimit before;
	struct rlimit small;
	struct error err;

	CHECK_OR_STOP(mkdtemp(directory) && getrlimit(RLIMIT_FSIZE, &before) == 0);
	auto_free char *file = xprintf("%s/file", directory);

	small = before;
	small.rlim_cur = 2;
	signal(SIGXFSZ, SIG_IGN);
	CHECK_OR_STOP(setrlimit(RLIMIT_FSIZE, &small) == 0);
	CHECK(!file_create(file, "abc", 3, 0644, &err));
	CHECK(!file_exists(file));
	CHECK(!file_write(file, "abc", 3, 0644, &err));
	CHECK(!file_exists(file));
	CHECK_OK(file_create(file, "ab", 2, 0644, &err), err);
	CHECK(!file_create(file, "a", 1, 0644, &err) && err.code == ERROR_CONFLICT);
	CHECK(!file_write(file, "abc", 3, 0644, &err));
	CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
	check_file(file, "ab", 0644);
	CHECK(unlink(file) == 0 && rmdir(directory) == 0);
}

/* A process of the same number, which is usual in containers, was killed while it wrote. */
TEST(what_was_left_is_not_in_the_way)
{
	char directory[] = "/tmp/chutes-io-XXXXXX";
	auto_text text = {0};
	struct error err;

	CHECK_OR_STOP(mkdtemp(directory));
	auto_free char *path = xprintf("%s/f", directory);

	for (int i = 0; i < 40; i++) {
		auto_free char *left = xprintf("%s.%d.%d.tmp", path, (int)getpid(), i);

		CHECK_OK(file_create(left, "", 0, 0600, &err), err);
	}
	CHECK_OK(file_write_new(path, "new", 3, 0600, &err), err);
	CHECK_OK(file_write(path, "newer", 5, 0600, &err), err);
	CHECK_OK(file_read(path, 10, &text, &err), err);
	CHECK_TEXT(text_str(&text), "newer");
	CHECK_OK(tree_remove_path(directory, &err), err);
}

TEST(write_new)
{
	char directory[] = "/tmp/chutes-test-XXXXXX";
	struct error err = {0};
	struct stat st;

	CHECK_OR_STOP(mkdtemp(directory) != NULL);
	auto_free char *file = xprintf("%s/a", directory);
	auto_free char *link_path = xprintf("%s/b", directory);
	auto_text text = {0};

	CHECK_OK(file_write_new(file, "one", 3, 0600, &err), err);
	CHECK(stat(file, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_nlink == 1);
	CHECK(!file_write_new(file, "two", 3, 0600, &err) && err.code == ERROR_CONFLICT);
	CHECK_OK(file_read(file, 3, &text, &err), err);
	CHECK_TEXT(text_str(&text), "one");
	CHECK(symlink("nowhere", link_path) == 0);
	CHECK(!file_write_new(link_path, "two", 3, 0600, &err) && err.code == ERROR_CONFLICT);
	/* nothing beside them */
	CHECK(unlink(file) == 0 && unlink(link_path) == 0 && rmdir(directory) == 0);
}

TEST(what_is_left_of_a_message)
{
	static const struct {
		size_t n;
		const char *left;
	} cases[] = {{0, "abcde"}, {1, "bcde"}, {2, "cde"}, {3, "de"}, {5, ""}};

	for (size_t i = 0; i < array_len(cases); i++) {
		char first[] = "ab", second[] = "cde";
		struct iovec parts[] = {{first, 2}, {first, 0}, {second, 3}};
		struct msghdr message = {.msg_iov = parts, .msg_iovlen = array_len(parts)};
		auto_text left = {0};

		message_skip(&message, cases[i].n);
		for (size_t k = 0; k < message.msg_iovlen; k++)
			text_add_bytes(&left, message.msg_iov[k].iov_base,
				       message.msg_iov[k].iov_len);
		CHECK_TEXT(text_str(&left), cases[i].left);
		CHECK(*cases[i].left || message.msg_iovlen == 0);
	}
}
