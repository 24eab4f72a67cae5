/* SPDX-License-Identifier: MIT */
#include "lib/build/output.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static void collect(void *context, const char *line) { strings_add(context, line); }

/* What `bytes` become when a step writes them. */
static void feed(const char *bytes, struct strings *lines, struct text *tail)
{
	struct output_options o = {.log_fd = -1, .on_line = collect, .context = lines};
	struct output *output = NULL;
	struct error err;

	CHECK_OK(output_open(&o, &output, &err), err);
	CHECK_OK(fd_write_all(output_fd(output), bytes, strlen(bytes), &err), err);
	output_close(output, tail);
}

TEST(lines_are_cleaned)
{
	auto_strings lines = {0};
	auto_text tail = {0};

	feed("plain\n\x1b[31mred\x1b[0m\n"
	     " 10%\r 50%\r100%\nbar 1\rbar 2\r\ndos\r\n\x1b]0;title\atext\nbell\a\nunfinished",
	     &lines, &tail);
	CHECK_TEXT(lines.items[lines.n - 1], "unfinished");
	CHECK_TEXT(text_str(&tail), "plain\nred\n100%\nbar 2\ndos\ntext\nbell\\x07\nunfinished\n");
}

TEST(the_tail_is_bounded)
{
	auto_strings lines = {0};
	auto_text tail = {0};
	auto_text many = {0};

	for (int i = 0; i < 100; i++)
		text_addf(&many, "line %d\n", i);
	feed(text_str(&many), &lines, &tail);
	CHECK(lines.n < 100); /* nobody reads them that fast */
	CHECK_TEXT(lines.items[lines.n - 1], "line 99");
	CHECK(text_starts_with(text_str(&tail), "line 60\n"));
	CHECK(text_ends_with(text_str(&tail), "line 99\n"));
}

TEST(a_long_line_is_cut)
{
	auto_strings lines = {0};
	auto_text tail = {0};
	auto_free char *longer = xcalloc(1, OUTPUT_LINE_BYTES + 101);

	memset(longer, 'x', OUTPUT_LINE_BYTES + 100);
	feed(longer, &lines, &tail);
	CHECK(lines.n == 1 && strlen(lines.items[0]) == OUTPUT_LINE_BYTES + 3);
	CHECK(text_ends_with(lines.items[0], "x..."));
}

TEST(the_log_has_a_cap)
{
	char path[] = "/tmp/chutes-output-XXXXXX";
	int fd = mkstemp(path);
	struct output_options o = {.log_fd = fd, .max_log_bytes = 10};
	struct output *output = NULL;
	struct error err;
	auto_text log = {0};

	CHECK_OR_STOP(fd >= 0);
	CHECK_OK(output_open(&o, &output, &err), err);
	CHECK_OK(fd_write_all(output_fd(output), "0123456789abcde", 15, &err), err);
	output_close(output, NULL);
	CHECK_OK(file_read(path, 1000, &log, &err), err);
	CHECK_TEXT(text_str(&log), "0123456789\n[5 more bytes of output are not kept]\n");
	close(fd);
	unlink(path);
}

/* A daemon that a step leaves behind holds the pipe open: nobody waits for it. */
TEST(a_held_pipe_does_not_block)
{
	struct output_options o = {.log_fd = -1};
	struct output *output = NULL;
	struct error err;

	CHECK_OK(output_open(&o, &output, &err), err);
	int held = dup(output_fd(output));

	CHECK_OK(fd_write_all(held, "last words", 10, &err), err);
	auto_text tail = {0};

	output_close(output, &tail);
	CHECK_TEXT(text_str(&tail), "last words\n");
	close(held);
}
