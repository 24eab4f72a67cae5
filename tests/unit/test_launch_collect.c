/* SPDX-License-Identifier: MIT */
#include "lib/launch/collect.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct places {
	char *root;
	char *from;
	char *to;
};

static struct places places_new(void)
{
	char *root = xstrdup("/tmp/chutes-collect-XXXXXX");

	if (!mkdtemp(root))
		abort();
	struct places p = {root, path_join(root, "from"), path_join(root, "to")};

	CHECK(mkdir(p.from, 0755) == 0 && mkdir(p.to, 0755) == 0);
	return p;
}

static void places_release(struct places *p)
{
	struct error err;

	CHECK_OK(tree_remove_path(p->root, &err), err);
	free(p->root);
	free(p->from);
	free(p->to);
}
#define auto_places __attribute__((cleanup(places_release))) struct places

static void put(const char *directory, const char *name, const char *text, mode_t mode)
{
	auto_free char *path = path_join(directory, name);
	auto_free char *parent = path_directory(path);
	struct error err;

	CHECK_OK(directory_make(parent, 0755, &err), err);
	CHECK_OK(file_create(path, text, strlen(text), 0600, &err), err);
	CHECK(chmod(path, mode) == 0);
}

static void check_file(const char *directory, const char *name, const char *expected)
{
	auto_free char *path = path_join(directory, name);
	auto_text text = {0};
	struct error err;

	CHECK_OK(file_read(path, 100, &text, &err), err);
	CHECK_TEXT(text_str(&text), expected);
}

TEST(files_links_and_directories_move)
{
	auto_places p = places_new();
	auto_free char *link = path_join(p.from, "a/link");
	auto_free char *fifo = path_join(p.from, "fifo");
	auto_free char *moved_fifo = path_join(p.to, "fifo");
	auto_free char *moved = path_join(p.to, "a/link");
	auto_free char *program = path_join(p.to, "program");
	char target[16] = {0};
	struct stat st;
	struct error err;

	put(p.from, "model.bin", "weights", 0);
	put(p.from, "program", "suid", 04711);
	put(p.from, "a/b/c", "deep", 0644);
	put(p.to, "model.bin", "old", 0644);
	put(p.to, "a/kept", "kept", 0644);
	CHECK(symlink("b/c", link) == 0 && mkfifo(fifo, 0644) == 0);
	CHECK_OK(collect(p.from, p.to, &err), err);
	check_file(p.to, "model.bin", "weights");
	check_file(p.to, "a/b/c", "deep");
	check_file(p.to, "a/kept", "kept");
	CHECK(readlink(moved, target, sizeof(target)) == 3);
	CHECK_TEXT(target, "b/c");
	CHECK(stat(program, &st) == 0 && (st.st_mode & 07777) == 0711);
	CHECK(!file_exists(moved_fifo));
}

TEST(links_lead_nowhere)
{
	auto_places p = places_new();
	auto_free char *victim = path_join(p.root, "victim");
	auto_free char *link = path_join(p.to, "x");
	struct error err;

	CHECK(mkdir(victim, 0755) == 0);
	put(victim, "passwd", "mine", 0644);
	CHECK(symlink(victim, link) == 0);
	put(p.from, "x/passwd", "theirs", 0644);
	CHECK_OK(collect(p.from, p.to, &err), err);
	check_file(victim, "passwd", "mine");
	check_file(p.to, "x/passwd", "theirs");
}

TEST(a_file_does_not_replace_a_directory)
{
	auto_places p = places_new();
	struct error err;

	put(p.from, "x", "file", 0644);
	put(p.from, "z", "collected", 0644);
	put(p.to, "x/y", "kept", 0644);
	CHECK(!collect(p.from, p.to, &err));
	CHECK(err.code == ERROR_CONFLICT);
	CHECK_TEXT(err.message, "collecting 'x': there is a directory of that name");
	check_file(p.to, "x/y", "kept");
	check_file(p.to, "z", "collected");
}

TEST(depth_has_a_limit)
{
	for (int more = 0; more < 2; more++) {
		auto_places p = places_new();
		auto_text name = {0};
		struct error err;

		for (int i = 1; i < COLLECT_DEPTH_LIMIT + more; i++)
			text_add(&name, "d/");
		text_add(&name, "f");
		put(p.from, text_str(&name), "deep", 0644);
		CHECK(collect(p.from, p.to, &err) == (more == 0));
		if (more)
			CHECK_TEXT(err.message, "collecting: more than 64 levels of directories");
		else
			check_file(p.to, text_str(&name), "deep");
	}
}

TEST(from_another_file_system)
{
	auto_places p = places_new();
	char shm[] = "/dev/shm/chutes-collect-XXXXXX";
	struct error err;

	if (!mkdtemp(shm)) {
		tap_skip_reason = "no /dev/shm";
		return;
	}
	auto_free char *link = path_join(shm, "link");

	put(shm, "d/f", "bytes", 0600);
	CHECK(symlink("d/f", link) == 0);
	CHECK_OK(collect(shm, p.to, &err), err);
	check_file(p.to, "d/f", "bytes");
	check_file(p.to, "link", "bytes");
	CHECK_OK(tree_remove_path(shm, &err), err);
}

/* A full disk, as far as one test process can have it. */
TEST(no_half_of_a_file)
{
	auto_places p = places_new();
	char shm[] = "/dev/shm/chutes-collect-XXXXXX";
	auto_free char *big = path_join(p.to, "big");
	struct rlimit old;
	struct error err;

	if (!mkdtemp(shm))
		SKIP("no /dev/shm");
	auto_free char *text = xprintf("%0*d", 4000, 0);

	put(shm, "big", text, 0644);
	put(shm, "small", "bytes", 0644);
	signal(SIGXFSZ, SIG_IGN);
	CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
	CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, old.rlim_max}) == 0);
	bool ok = collect(shm, p.to, &err);

	CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
	CHECK(!ok && text_starts_with(err.message, "collecting 'big': "));
	CHECK(!file_exists(big));
	check_file(p.to, "small", "bytes");
	CHECK_OK(tree_remove_path(shm, &err), err);
}
