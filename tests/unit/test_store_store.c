/* SPDX-License-Identifier: MIT */
#include "lib/store/store.h"

#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

static bool write_file(const char *dir, const char *name, const char *text)
{
	auto_free char *path = path_join(dir, name);
	struct error err;

	return file_write_cache(path, text, strlen(text), 0600, &err);
}

static bool exists(const char *dir, const char *name)
{
	auto_free char *path = path_join(dir, name);

	return file_exists(path);
}

TEST(a_new_store_is_an_empty_layout)
{
	auto_directory char *dir = directory_new();
	auto_free char *path = path_join(dir, "a/b");
	auto_store struct store *s = store_of(path);
	auto_free char *layout = path_join(path, "oci/oci-layout");
	auto_free char *index = path_join(path, "oci/index.json");
	auto_text text = {0};
	struct error err;
	struct stat st;

	CHECK_OR_STOP(s);
	CHECK_TEXT(store_path(s), path);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK_OK(file_read(layout, 100, &text, &err), err);
	CHECK_TEXT(text_str(&text), "{\"imageLayoutVersion\":\"1.0.0\"}");
	text_clear(&text);
	CHECK_OK(file_read(index, 1000, &text, &err), err);
	CHECK_TEXT(text_str(&text),
		   "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX "\",\"manifests\":[]}");
	CHECK(exists(path, "VERSION") && exists(path, "reserve"));
}

TEST(a_store_that_was_half_made_is_finished)
{
	auto_directory char *dir = directory_new();
	auto_free char *blobs = path_join(dir, "oci/blobs");
	struct error err;

	CHECK_OK(directory_make(blobs, 0700, &err), err);
	auto_store struct store *s = store_of(dir);

	CHECK(s && exists(dir, "VERSION"));
}

static void check_refused(const char *dir, enum error_code code, const char *message,
			  const char *hint)
{
	struct store *s = NULL;
	struct error err = {0};

	CHECK(!store_open(dir, &s, &err) && !s);
	CHECK(err.code == code);
	CHECK_TEXT(err.message, message);
	CHECK_TEXT(err.hint, hint);
}

TEST(versions_are_checked)
{
	static const struct {
		const char *version;
		const char *message; /* with %s for the directory */
		const char *hint;
	} cases[] = {
		{"chutes-store 2\n", "the store '%s' has version 2, newer than 1",
		 "update chutes, or name another store with --store"},
		{"chutes-store 0\n", "'%s/VERSION' is not the version of a store",
		 "name another directory with --store"},
		{"1.0\n", "'%s/VERSION' is not the version of a store",
		 "name another directory with --store"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_directory char *dir = directory_new();
		auto_text message = {0};
		const char *at = strstr(cases[i].message, "%s");

		text_add_bytes(&message, cases[i].message, (size_t)(at - cases[i].message));
		text_addf(&message, "%s%s", dir, at + 2);
		CHECK(write_file(dir, "VERSION", cases[i].version));
		check_refused(dir, ERROR_CONFLICT, text_str(&message), cases[i].hint);
	}
}

TEST(a_directory_with_other_things_is_no_store)
{
	auto_directory char *dir = directory_new();
	auto_free char *message =
		xprintf("'%s' is no store and not empty: it has 'thesis.txt'", dir);

	CHECK(write_file(dir, "thesis.txt", "x"));
	check_refused(dir, ERROR_CONFLICT, message,
		      "name an empty or a new directory with --store");
	CHECK(!exists(dir, "oci") && exists(dir, "thesis.txt"));
}

TEST(a_store_of_another_owner_is_refused)
{
	auto_directory char *dir = directory_new();

	if (geteuid() != 0)
		SKIP("only root can give files away");
	auto_free char *message =
		xprintf("the store '%s' belongs to user 4711, not to user 0", dir);

	CHECK(chown(dir, 4711, 4711) == 0);
	check_refused(dir, ERROR_AUTH, message,
		      "name a store of your own with --store or CHUTES_STORE");
}

/* In a mount namespace of its own where `dir` is read-only; the child's exit status tells. */
static void check_read_only(const char *dir)
{
	struct descriptor d;
	struct error err = {0};
	auto_text text = {0};
	auto_store struct store *s = store_of(dir);
	const char *tmp = NULL;
	auto_free char *message = xprintf("the store '%s' is read-only", dir);

	CHECK_OR_STOP(s);
	CHECK_OK(store_is_sound(s, &err), err);
	text_add(&text, "x");
	CHECK(!store_blob_put(s, "x", &text, &d, &err) && err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, message);
	CHECK_TEXT(err.hint, "name a store that you can write with --store or CHUTES_STORE");
	CHECK(!store_untag(s, "a:1", &err) && err.code == ERROR_AUTH);
	CHECK(!store_tmp(s, &tmp, &err) && err.code == ERROR_AUTH);
	CHECK(!store_gc(s, &(struct store_gc_report){0}, &err));
	CHECK(!store_record_put(s, "steps", "abcdef", &text, &err));
	CHECK(!store_lease(s, &(struct digest){"sha256:0"}, &err));
	CHECK_TEXT(err.message, message);
	CHECK(store_record_get(s, "steps", "abcdef", &text, &err) == 0);
}

TEST(a_read_only_store_can_be_read)
{
	auto_directory char *dir = directory_new();
	int status = 0;
	struct error err;

	if (geteuid() != 0)
		SKIP("mounting needs root");
	struct store *s = store_of(dir);

	CHECK_OR_STOP(s);
	CHECK_OK(image_tag(s, "a:1", "one", 10, &err), err);
	store_close(s);
	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount(dir, dir, NULL, MS_BIND, NULL) < 0 ||
		    mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
			_exit(77);
		check_read_only(dir);
		fflush(stdout);
		_exit(tap_failed);
	}
	CHECK(waitpid(child, &status, 0) == child);
	if (WEXITSTATUS(status) == 77)
		SKIP("mounts are refused here");
	CHECK(status == 0);
}

TEST(scratch_directories_go_with_their_owner)
{
	auto_directory char *dir = directory_new();
	struct store *s = store_of(dir);
	auto_store struct store *other = store_of(dir);
	auto_strings garbage = {0};
	const char *mine = NULL;
	const char *again = NULL;
	const char *theirs = NULL;
	struct error err;

	CHECK_OR_STOP(s && other);
	CHECK_OK(store_tmp(s, &mine, &err) && store_tmp(other, &theirs, &err), err);
	CHECK_OK(store_tmp(s, &again, &err), err);
	CHECK(mine == again && strcmp(mine, theirs) != 0);
	CHECK(directory_exists(mine) && directory_exists(theirs));
	CHECK_OK(store_garbage(s, &garbage, &err), err);
	CHECK(garbage.n == 0);
	CHECK_OK(store_garbage_remove(s, path_name(theirs), &err), err);
	CHECK(directory_exists(theirs)); /* its owner lives */
	auto_free char *gone = xstrdup(mine);

	store_close(s);
	CHECK(!file_exists(gone));
	CHECK(!store_garbage_remove(other, "../oci", &err));
	CHECK_TEXT(err.message, "'../oci' is not a name in tmp");
}

TEST(garbage_of_the_killed_is_swept)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	int ready[2];
	auto_strings garbage = {0};
	struct error err;
	char path[200] = "";

	CHECK_OR_STOP(s && pipe(ready) == 0);
	pid_t child = fork();

	if (child == 0) {
		struct store *own = store_of(dir);
		const char *tmp = NULL;
		struct digest d = digest_of("x", 1);

		if (!own || !store_tmp(own, &tmp, &err) || !store_lease(own, &d, &err) ||
		    !write_file(tmp, "upper", "x") ||
		    write(ready[1], tmp, strlen(tmp)) != (ssize_t)strlen(tmp))
			_exit(1);
		for (;;)
			pause();
	}
	CHECK(read(ready[0], path, sizeof(path) - 1) > 0);
	CHECK_OK(store_garbage(s, &garbage, &err), err);
	CHECK(garbage.n == 0 && file_exists(path));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CHECK_OK(store_garbage(s, &garbage, &err), err);
	CHECK_OR_STOP(garbage.n == 1);
	CHECK_TEXT(garbage.items[0], path_name(path));

	struct store *sweeper = store_of(dir);

	CHECK(!file_exists(path));
	store_close(sweeper);
}

TEST(a_key_is_locked_by_one)
{
	auto_directory char *dir = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_fd int lock = -1;
	struct error err;
	int status = 0;

	CHECK_OR_STOP(s);
	CHECK_OK(store_lock_key(s, "0123456789abcdef0", &lock, &err), err);
	pid_t child = fork();

	if (child == 0) {
		fd_close(&lock);
		/* waits for the parent; the alarm is a failure */
		alarm(20);
		_exit(store_lock_key(s, "0123456789abcdef1", &lock, &err) ? 0 : 1);
	}
	usleep(50000);
	CHECK(waitpid(child, &status, WNOHANG) == 0);
	fd_close(&lock);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

TEST(the_default_place)
{
	auto_directory char *dir = directory_new();
	auto_free char *xdg = path_join(dir, "xdg");
	auto_free char *want = path_join(xdg, "chutes/store");
	auto_free char *named = path_join(dir, "named");

	unsetenv("CHUTES_STORE");
	setenv("XDG_DATA_HOME", xdg, 1);
	auto_store struct store *s = store_of(NULL);

	CHECK_OR_STOP(s);
	CHECK_TEXT(store_path(s), want);
	setenv("CHUTES_STORE", named, 1);
	auto_store struct store *other = store_of(NULL);

	CHECK_OR_STOP(other);
	CHECK_TEXT(store_path(other), named);
}
