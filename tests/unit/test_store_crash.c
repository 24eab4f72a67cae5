/* SPDX-License-Identifier: MIT
 * Several processes in one store at once, processes that are killed at any instant, and a full
 * disk: what was acknowledged stays, what was not leaves nothing behind.
 */
#include "lib/store/store.h"

#include "lib/store/store_internal.h"
#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

enum { N_WRITERS = 6, N_IMAGES = 5, N_ROUNDS = 20 };

/* A writer: images "w<writer>:<i>", with a collector now and then. */
static int write_images(const char *dir, int writer)
{
	struct store *s = NULL;
	struct error err;

	if (!store_open(dir, &s, &err))
		return 1;
	for (int i = 0; i < N_IMAGES; i++) {
		auto_free char *name = xprintf("w%d:%d", writer, i);
		auto_free char *word = xprintf("writer %d of this image", writer * (i % 2) + i);
		struct store_gc_report report;

		if (!image_tag(s, name, word, 3000, &err) ||
		    (i == writer % N_IMAGES && !store_gc(s, &report, &err))) {
			printf("# writer %d: %s\n", writer, err.message);
			fflush(stdout);
			return 1;
		}
	}
	store_close(s);
	return 0;
}

TEST(many_processes_commit_and_collect_at_once)
{
	auto_directory char *dir = directory_new();
	pid_t children[N_WRITERS];
	auto_store_images list = {0};
	struct store_gc_report report;
	struct error err;

	/* the first of them also create the store */
	for (int i = 0; i < N_WRITERS; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(write_images(dir, i));
	}
	for (int i = 0; i < N_WRITERS; i++) {
		int status = -1;

		CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
	}
	auto_store struct store *s = store_of(dir);

	CHECK_OR_STOP(s);
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK_OK(store_images_list(s, &list, &err), err);
	CHECK(list.n == N_WRITERS * N_IMAGES);
	CHECK_OK(store_is_sound(s, &err), err);
}

/* Tag without end; each acknowledged number goes into the pipe. */
static void tag_for_ever(const char *dir, int acknowledged)
{
	struct store *s = NULL;
	struct error err;

	if (!store_open(dir, &s, &err))
		_exit(1);
	for (int i = 0;; i++) {
		auto_free char *name = xprintf("round:%d", i % 7);
		auto_free char *word = xprintf("%d", i);
		struct store_gc_report report;

		s->has_no_tmpfile = i % 2;
		if (!image_tag(s, name, word, 20000, &err) ||
		    (i % 3 == 2 && !store_gc(s, &report, &err)) ||
		    write(acknowledged, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

static size_t names_in(struct store *s, const char *directory)
{
	auto_strings names = {0};
	struct error err;

	CHECK_OK(store_list(s, directory, &names, &err), err);
	return names.n;
}

/* Open again: sound, the last acknowledged image is there, nothing is left over. */
static void check_after_kill(const char *dir, int last)
{
	auto_store struct store *s = store_of(dir);
	struct store_gc_report report;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK_OK(store_is_sound(s, &err), err);
	CHECK(names_in(s, "tmp") == 0);
	if (last >= 0) {
		auto_free char *name = xprintf("round:%d", last % 7);
		auto_store_image image = {0};
		auto_manifest m = {0};
		auto_image_config c = {0};

		CHECK(store_image_find(s, name, &image, &err) == 1);
		CHECK_OK(store_image_load(s, &image.manifest.digest, &m, &c, &err), err);
		CHECK(strtol(c.author, NULL, 10) >= last);
	}
	CHECK_OK(store_gc(s, &report, &err), err);
	CHECK(names_in(s, "leases") == 0 && store_is_sound(s, &err));
}

TEST(a_killed_process_loses_nothing_acknowledged)
{
	auto_directory char *dir = directory_new();
	unsigned seed = (unsigned)time(NULL);

	printf("# seed %u\n", seed);
	for (int round = 0; round < N_ROUNDS; round++) {
		int pipe_fds[2];
		int last = -1;
		int next = 0;

		CHECK_OR_STOP(pipe(pipe_fds) == 0);
		pid_t child = fork();

		if (child == 0)
			tag_for_ever(dir, pipe_fds[1]);
		close(pipe_fds[1]);
		usleep((useconds_t)rand_r(&seed) % 60000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(pipe_fds[0], &next, sizeof(next)) == sizeof(next))
			last = next;
		close(pipe_fds[0]);
		check_after_kill(dir, last);
	}
}

/* Write until the disk is full. */
static void check_full_disk(const char *dir)
{
	auto_store struct store *s = store_of(dir);
	struct store_gc_report report = {0};
	struct error err = {0};
	auto_free char *name = NULL;
	int n = 0;

	CHECK_OR_STOP(s);
	do {
		auto_free char *word = xprintf("image %d", n);

		free(take(name));
		name = xprintf("full:%d", n++);
		if (!image_tag(s, name, word, 100000, &err))
			break;
	} while (n < 1000);
	CHECK(n > 5 && n < 1000);
	CHECK(strstr(err.message, dir) != NULL && strstr(err.message, "No space left") != NULL);
	CHECK_TEXT(err.hint, "free space there: 'chutes images delete' does in the store, which "
			     "--store puts elsewhere");
	CHECK(names_in(s, "tmp") <= 1); /* our own directory at most */
	CHECK_OK(store_is_sound(s, &err), err);
	auto_store_images list = {0};

	CHECK_OK(store_images_list(s, &list, &err), err);
	CHECK(list.n == (size_t)n - 1);

	/* fill the last block: deleting must still be possible */
	auto_free char *filler = path_join(dir, "log/filler");
	auto_fd int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	while (write(fd, "x", 1) == 1)
		;
	auto_store struct store *cleaner = store_of(dir);

	CHECK_OK(store_untag(cleaner, "full:0", &err), err);
	CHECK_OK(store_gc(cleaner, &report, &err), err);
	CHECK_OK(store_is_sound(s, &err), err);
}

TEST(a_full_disk_keeps_what_was_acknowledged)
{
	auto_directory char *dir = directory_new();
	int status = 0;

	if (geteuid() != 0)
		SKIP("mounting needs root");
	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("small", dir, "tmpfs", 0, "size=2m") < 0)
			_exit(77);
		check_full_disk(dir);
		fflush(stdout);
		_exit(tap_failed);
	}
	CHECK(waitpid(child, &status, 0) == child);
	if (WEXITSTATUS(status) == 77)
		SKIP("mounts are refused here");
	CHECK(status == 0);
}
