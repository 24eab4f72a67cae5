/* SPDX-License-Identifier: MIT */
#include "lib/launch/relay.h"

#include "lib/base/io.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

TEST(everything_arrives_before_the_end)
{
	auto_fd int to = memfd_create("terminal", MFD_CLOEXEC);
	struct relay *r = NULL;
	auto_text got = {0};
	struct error err;

	CHECK_OR_STOP(to >= 0);
	CHECK_OK(relay_open(to, NULL, &r, &err), err);
	CHECK(!isatty(relay_fd(r)));
	CHECK_OK(fd_write_all(relay_fd(r), "50%\r", 4, &err), err);
	CHECK_OK(fd_write_all(relay_fd(r), "100%\n", 5, &err), err);
	relay_close(r);
	lseek(to, 0, SEEK_SET);
	CHECK_OK(fd_read_all(to, 100, &got, &err), err);
	CHECK_TEXT(text_str(&got), "50%\r100%\n");
}

TEST(a_terminal_that_is_gone_stops_nobody)
{
	static const char block[65536] = {0};
	auto_fd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct relay *r = NULL;
	struct error err;

	CHECK_OR_STOP(full >= 0);
	signal(SIGPIPE, SIG_IGN);
	CHECK_OK(relay_open(full, NULL, &r, &err), err);
	for (int i = 0; i < 32; i++)
		CHECK_OK(fd_write_all(relay_fd(r), block, sizeof(block), &err), err);
	relay_close(r);
	relay_close(NULL);
}
