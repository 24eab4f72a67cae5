/* SPDX-License-Identifier: MIT
 * Files as bodies: read from anywhere, as often as wanted, and never another file's bytes.
 */
#include "lib/http/http.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/tap.h"

static char path[] = "/tmp/chutes-test-XXXXXX";

static int new_file(const char *content)
{
	snprintf(path, sizeof(path), "/tmp/chutes-test-XXXXXX");
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
	return fd;
}

static bool read_at(const struct http_file *f, uint64_t offset, size_t room, const char *want,
		    struct error *err)
{
	const struct http_body *body = http_file_body(f);
	char bytes[64] = {0};
	size_t len = 0;

	return body->read(body->context, offset, bytes, room, &len, err) && len == strlen(want) &&
	       memcmp(bytes, want, len) == 0;
}

TEST(a_file_is_read_from_anywhere)
{
	auto_fd maybe_unused int fd = new_file("0123456789");
	auto_http_file struct http_file *f = NULL;
	struct error err;

	CHECK_OK(http_file_open(path, 3, &f, &err), err);
	CHECK(http_file_body(f)->len == 10);
	CHECK(read_at(f, 0, 4, "0123", &err));
	CHECK(read_at(f, 8, 4, "89", &err));
	CHECK(read_at(f, 0, 10, "0123456789", &err));
	unlink(path);
}

TEST(a_file_that_is_changed_is_not_sent)
{
	static const char *const changes[] = {"", "x"};

	for (size_t i = 0; i < array_len(changes); i++) {
		auto_fd int fd = new_file("0123456789");
		auto_http_file struct http_file *f = NULL;
		struct error err = {0};

		CHECK_OK(http_file_open(path, 3, &f, &err), err);
		if (*changes[i])
			CHECK(write(fd, changes[i], 1) == 1);
		else
			CHECK(ftruncate(fd, 3) == 0);
		CHECK(!read_at(f, 0, 4, "0123", &err) && err.code == ERROR_CONFLICT);
		CHECK(strstr(err.message, "was changed while it was sent"));
		unlink(path);
	}
}

/* Standard input is a pipe with "abc". */
static bool open_pipe(uint64_t limit, struct http_file **out, struct error *err)
{
	auto_fd int kept = dup(STDIN_FILENO);
	int ends[2];

	if (!CHECK(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3))
		return false;
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	bool ok = http_file_open("-", limit, out, err);

	dup2(kept, STDIN_FILENO);
	return ok;
}

TEST(a_copy_has_a_limit)
{
	auto_http_file struct http_file *f = NULL;
	struct error err = {0};

	CHECK(!open_pipe(2, &f, &err) && err.code == ERROR_USAGE && !f);
	CHECK_TEXT(err.message, "'-': more than the limit of 2 bytes");
	CHECK_TEXT(err.hint, "save it in a file, and name that: it may have any size");
}

TEST(standard_input_can_be_sent_again)
{
	auto_http_file struct http_file *f = NULL;
	struct error err;

	CHECK_OK(open_pipe(3, &f, &err), err);
	CHECK_OR_STOP(f);
	for (int i = 0; i < 2; i++)
		CHECK(http_file_body(f)->len == 3 && read_at(f, 0, 3, "abc", &err));
}

TEST(what_is_no_file)
{
	auto_http_file struct http_file *f = NULL;
	struct error err;

	CHECK(!http_file_open("/nonexistent", 3, &f, &err) && err.code == ERROR_NOT_FOUND);
	CHECK(!http_file_open("/tmp", 3, &f, &err));
	CHECK(!http_file_open("/dev/zero", 3, &f, &err) && err.code == ERROR_USAGE);
	CHECK_TEXT(err.message, "'/dev/zero' is a device, and no file");
	CHECK(!f);
	CHECK_OK(http_file_open("/dev/null", 3, &f, &err), err);
	CHECK(f && http_file_body(f)->len == 0);
}
