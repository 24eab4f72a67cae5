/* SPDX-License-Identifier: MIT
 * That a second build reads nothing again, and that it is never fooled.
 */
#include "lib/build/stat_index.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/build/context.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <unistd.h>

static char base[64];

static void set_up(void)
{
	struct error err;
	auto_free char *root = NULL;

	snprintf(base, sizeof(base), "/tmp/test-stat-index-XXXXXX");
	CHECK(mkdtemp(base));
	root = xprintf("%s/c/d/e", base);
	CHECK_OK(directory_make(root, 0755, &err), err);
}

static void tear_down(void)
{
	struct error err;

	CHECK_OK(tree_remove_path(base, &err), err);
}

static void put(const char *name, const char *content)
{
	auto_free char *path = xprintf("%s/c/%s", base, name);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct error err;

	CHECK(fd >= 0);
	CHECK_OK(fd_write_all(fd, content, strlen(content), &err), err);
}

static void select_and_save(const char *source, const char *ignore, bool has_index,
			    char out[SHA256_HEX_SIZE])
{
	auto_free char *root = xprintf("%s/c", base);
	auto_free char *stat_directory = xprintf("%s/stat", base);
	struct context_options o = {.root = root,
				    .ignore_file = ignore,
				    .stat_directory = has_index ? stat_directory : NULL};
	auto_context struct context *c = NULL;
	auto_selection s = {0};
	struct error err;

	*out = '\0';
	CHECK_OK(context_open(&o, &c, &err), err);
	CHECK_OK(context_select(c, source, NULL, 0, &s, &err), err);
	CHECK_OK(context_save(c, &err), err);
	memcpy(out, s.sha256, sizeof(s.sha256));
}

/* The index's file; NULL: there is none. */
static char *index_file(void)
{
	auto_free char *directory = xprintf("%s/stat", base);
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error err;

	if (fd < 0 || !directory_list(fd, &names, &err) || names.n != 1)
		return NULL;
	return path_join(directory, names.items[0]);
}

static int64_t index_time(void)
{
	auto_free char *path = index_file();
	struct stat st = {0};

	CHECK(path && stat(path, &st) == 0);
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

TEST(nothing_new_nothing_written)
{
	char first[SHA256_HEX_SIZE];
	char second[SHA256_HEX_SIZE];

	set_up();
	put("a", "a");
	put("d/e/b", "b");
	sleep_ms(60); /* settled on a file system with fine timestamps */
	select_and_save(".", NULL, true, first);
	int64_t written = index_time();

	sleep_ms(5);
	select_and_save(".", NULL, true, second);
	CHECK_TEXT(second, first);
	CHECK(index_time() == written);
	select_and_save("d", NULL, true, second);
	CHECK(index_time() == written);
	put("d/e/b", "c");
	select_and_save(".", NULL, true, second);
	CHECK(strcmp(first, second) != 0);
	CHECK(index_time() != written);
	select_and_save(".", NULL, false, first);
	CHECK_TEXT(second, first);
	tear_down();
}

/* The same size, and the old mtime put back: only ctime and the racy rule can tell. */
TEST(a_change_right_after_the_build_is_seen)
{
	char first[SHA256_HEX_SIZE];
	char second[SHA256_HEX_SIZE];
	auto_free char *path = NULL;

	set_up();
	path = xprintf("%s/c/a", base);
	for (int i = 0; i < 50; i++) {
		struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

		put("a", i % 2 ? "xxxx" : "yyyy");
		CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
		select_and_save(".", NULL, true, first);
		put("a", i % 2 ? "yyyy" : "xxxx");
		CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
		select_and_save(".", NULL, true, second);
		CHECK(strcmp(first, second) != 0);
	}
	tear_down();
}

TEST(names_that_come_and_go)
{
	static const char *const steps[] = {"d/new", "d/e/new", "new"};
	char with[SHA256_HEX_SIZE];
	char again[SHA256_HEX_SIZE];

	set_up();
	put("a", "a");
	put("d/e/b", "b");
	for (size_t i = 0; i < array_len(steps); i++) {
		auto_free char *path = xprintf("%s/c/%s", base, steps[i]);

		for (int is_there = 0; is_there < 2; is_there++) {
			if (is_there)
				put(steps[i], "n");
			else
				unlink(path);
			sleep_ms(60);
			select_and_save(".", NULL, true, with);
			select_and_save(".", NULL, true, again);
			CHECK_TEXT(again, with);
			select_and_save(".", NULL, false, again);
			CHECK_TEXT(again, with);
		}
	}
	tear_down();
}

TEST(other_rules_list_again)
{
	char all[SHA256_HEX_SIZE];
	char less[SHA256_HEX_SIZE];
	char again[SHA256_HEX_SIZE];
	auto_free char *ignore = NULL;

	set_up();
	put("a", "a");
	put("d/e/b", "b");
	put("../rules", "b\n");
	ignore = xprintf("%s/rules", base);
	sleep_ms(60);
	select_and_save(".", NULL, true, all);
	select_and_save(".", ignore, true, less);
	CHECK(strcmp(all, less) != 0);
	select_and_save(".", ignore, true, again);
	CHECK_TEXT(again, less);
	select_and_save(".", NULL, true, again);
	CHECK_TEXT(again, all);
	tear_down();
}

TEST(parts_that_were_not_looked_at_are_kept)
{
	char first[SHA256_HEX_SIZE];
	char again[SHA256_HEX_SIZE];

	set_up();
	put("a", "a");
	put("d/e/b", "b");
	put("d/c", "c");
	sleep_ms(60);
	select_and_save(".", NULL, true, first);
	put("a", "b");
	sleep_ms(60);
	select_and_save("a", NULL, true, again); /* rewrites without looking into d */
	int64_t written = index_time();

	sleep_ms(5);
	select_and_save("d", NULL, true, again);
	CHECK(index_time() == written);
	select_and_save("d", NULL, false, first);
	CHECK_TEXT(again, first);
	tear_down();
}

TEST(damage_is_a_missing_index)
{
	char first[SHA256_HEX_SIZE];
	char again[SHA256_HEX_SIZE];
	struct error err;

	set_up();
	put("a", "a");
	put("d/e/b", "b");
	sleep_ms(60);
	select_and_save(".", NULL, true, first);
	auto_free char *path = index_file();
	auto_text good = {0};

	CHECK_OR_STOP(path);
	CHECK_OK(file_read(path, 1 << 20, &good, &err), err);
	for (size_t i = 0; i < good.len; i += 7) {
		auto_text bad = {0};

		text_add_bytes(&bad, good.bytes, good.len);
		bad.bytes[i] ^= 0x20;
		CHECK_OK(file_write_cache(path, bad.bytes, i % 2 ? i : bad.len, 0600, &err), err);
		select_and_save(".", NULL, true, again);
		CHECK_TEXT(again, first);
	}
	tear_down();
}

TEST(rows)
{
	struct file_stat root = {.dev = 1, .ino = 2};
	auto_stat_index x = {.header = {.root_dev = 1, .root_ino = 2, .written_ns = 1000000000},
			     .grain_ns = STAT_FINE_GRAIN_NS};
	struct file_stat st = {.dev = 1, .mtime_ns = 949999999, .ctime_ns = 5};
	struct stat_row row = {.st = st};

	CHECK(stat_row_is_settled(&x, &row));
	row.st.ctime_ns = 950000000;
	CHECK(!stat_row_is_settled(&x, &row));
	row.st = st;
	row.st.dev = 7; /* another file system: two seconds */
	CHECK(!stat_row_is_settled(&x, &row));
	row.st.mtime_ns = -1000000001;
	row.st.ctime_ns = -1000000001;
	CHECK(stat_row_is_settled(&x, &row));
	stat_index_add(&x, "", &root);
	CHECK_TEXT(stat_index_name(&x, &x.rows[0]), "");
	CHECK(x.rows[0].end == 1);
}
