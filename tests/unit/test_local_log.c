/* SPDX-License-Identifier: MIT */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *begin(void)
{
	char path[] = "/tmp/chutes-local-XXXXXX";

	CHECK(mkdtemp(path) != NULL);
	setenv("XDG_RUNTIME_DIR", path, 1);
	return xstrdup(path);
}

static void end(char *path)
{
	struct error err;

	CHECK_OK(tree_remove_path(path, &err), err);
	free(path);
}

static bool collect(void *context, const char *bytes, size_t len, struct error *err maybe_unused)
{
	text_add_bytes(context, bytes, len);
	return true;
}

static void check_logs(const char *name, int64_t n, const char *want)
{
	struct error err;
	auto_text got = {0};

	CHECK_OK(local_logs(name, n, false, collect, &got, &err), err);
	CHECK_TEXT(text_str(&got), want);
}

TEST(last_lines)
{
	char *runtime = begin();
	struct log_writer w;
	struct error err;

	CHECK_OK(log_writer_open("one", &w, &err), err);
	check_logs("one", -1, "");
	CHECK_OK(log_writer_add(&w, "a\nb\nc\n", 6, &err), err);
	check_logs("one", -1, "a\nb\nc\n");
	check_logs("one", 0, "");
	check_logs("one", 1, "c\n");
	check_logs("one", 2, "b\nc\n");
	check_logs("one", 3, "a\nb\nc\n");
	check_logs("one", 99, "a\nb\nc\n");
	CHECK_OK(log_writer_add(&w, "last", 4, &err), err);
	check_logs("one", 2, "c\nlast");
	log_writer_close(&w);
	/* the next one begins with nothing */
	CHECK_OK(log_writer_open("one", &w, &err), err);
	check_logs("one", -1, "");
	log_writer_close(&w);
	auto_text got = {0};

	CHECK(!local_logs("two", -1, false, collect, &got, &err) && err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "there is no log of a chute 'two'");
	end(runtime);
}

static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

TEST(two_files_of_limited_size)
{
	enum { PIECE = 1 << 20, N_PIECES = LOG_FILE_BYTES / PIECE };
	char *runtime = begin();
	auto_free char *piece = xcalloc(1, PIECE);
	struct log_writer w;
	struct error err;

	memset(piece, 'x', PIECE);
	piece[PIECE - 1] = '\n';
	CHECK_OK(log_writer_open("one", &w, &err), err);
	auto_free char *path = xstrdup(w.path);
	auto_free char *older = xprintf("%s~", path);

	for (int i = 0; i < N_PIECES; i++)
		CHECK_OK(log_writer_add(&w, piece, PIECE, &err), err);
	CHECK(size_of(path) == LOG_FILE_BYTES && size_of(older) == -1);
	CHECK_OK(log_writer_add(&w, "1\n", 2, &err), err);
	CHECK(size_of(path) == 2 && size_of(older) == LOG_FILE_BYTES);
	for (int i = 0; i < N_PIECES; i++)
		CHECK_OK(log_writer_add(&w, piece, PIECE, &err), err);
	CHECK(size_of(path) + size_of(older) <= 2 * LOG_FILE_BYTES);
	CHECK_OK(log_writer_add(&w, "2\n", 2, &err), err);
	auto_text got = {0};

	CHECK_OK(local_logs("one", -1, false, collect, &got, &err), err);
	CHECK(text_ends_with(text_str(&got), "\n2\n") && got.len > LOG_FILE_BYTES / 2);
	log_writer_close(&w);
	end(runtime);
}

TEST(a_disk_that_is_full)
{
	char *runtime = begin();
	struct log_writer w;
	struct error err;

	CHECK_OK(log_writer_open("one", &w, &err), err);
	fd_close(&w.fd);
	struct log_writer full = {.path = w.path, .fd = open("/dev/full", O_WRONLY)};

	CHECK(!log_writer_add(&full, "a\n", 2, &err));
	CHECK_TEXT(err.message,
		   "the log of the chute ends here: writing 2 bytes: No space left on device");
	/* told once, and the chute goes on */
	CHECK_OK(log_writer_add(&full, "b\n", 2, &err), err);
	log_writer_close(&full);
	end(runtime);
}

/* A follower gets every line of a log that changes its file meanwhile, and ends with the chute. */
TEST(followed)
{
	enum { N_LINES = 3000, WIDTH = 8000 };
	char *runtime = begin();
	struct entry e = {.fd = -1};
	struct log_writer w;
	struct error err;
	auto_free char *line = xcalloc(1, WIDTH + 1);

	CHECK_OK(log_writer_open("one", &w, &err), err);
	CHECK_OK(entry_claim("one", &e, &err), err);
	pid_t pid = fork();

	if (pid == 0) {
		memset(line, '.', WIDTH);
		line[WIDTH - 1] = '\n';
		for (int i = 0; i < N_LINES; i++) {
			line[snprintf(line, WIDTH, "%d", i)] = ' ';
			if (!log_writer_add(&w, line, WIDTH, &err))
				_exit(1);
			if (i % 100 == 0) /* a reader that is slower than two files loses */
				sleep_ms(5);
		}
		_exit(0); /* without a word, as when it is killed */
	}
	fd_close(&e.fd);
	auto_text got = {0};

	CHECK_OK(local_logs("one", 0, true, collect, &got, &err), err);
	waitpid(pid, NULL, 0);
	auto_free char *last = xprintf("%d ", N_LINES - 1);

	CHECK(got.len >= WIDTH);
	CHECK(strncmp(text_str(&got) + got.len - WIDTH, last, strlen(last)) == 0);
	log_writer_close(&w);
	entry_remove(&e);
	end(runtime);
}
