/* SPDX-License-Identifier: MIT */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "tests/unit/tap.h"

TEST(a_free_port)
{
	struct error err;
	auto_fd int fd = -1;
	auto_fd int again = -1;
	auto_free char *address = NULL;
	auto_free char *ignored = NULL;

	CHECK_OK(local_listen("127.0.0.1:0", &fd, &address, &err), err);
	CHECK(text_starts_with(address, "127.0.0.1:") && !text_ends_with(address, ":0"));
	auto_free char *want = xprintf("%s is in use", address);

	CHECK(!local_listen(address, &again, &ignored, &err) && err.code == ERROR_CONFLICT);
	CHECK_TEXT(err.message, want);
	CHECK(strstr(err.hint, "-p 0") != NULL);
}

TEST(wrong_addresses)
{
	static const char *const wrong[] = {"8000", ":8000", "localhost:8000", "127.0.0.1:http",
					    "[::1:80"};
	struct error err;
	auto_fd int fd = -1;

	for (size_t i = 0; i < array_len(wrong); i++) {
		auto_free char *address = NULL;

		CHECK(!local_listen(wrong[i], &fd, &address, &err));
		CHECK(err.code == ERROR_USAGE);
		CHECK(strstr(err.message, "is not ADDRESS:PORT") != NULL);
	}
}
