/* SPDX-License-Identifier: MIT */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A runtime directory of the test's own. */
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

static struct local_chute chute_of(const char *name)
{
	return (struct local_chute){.name = xstrdup(name),
				    .address = xstrdup("127.0.0.1:8000"),
				    .image = xstrdup("hello:1"),
				    .directory = xstrdup("/work \"x\""),
				    .state = LOCAL_RESTARTING,
				    .is_stub = true,
				    .pid = getpid(),
				    .started_unix = 17,
				    .stop_ms = 300};
}

/* A process that holds an entry until it is told to end. */
static pid_t hold(const char *name)
{
	int ready[2];
	char byte;

	CHECK(pipe(ready) == 0);
	pid_t pid = fork();

	if (pid == 0) {
		struct entry e = {.fd = -1};
		struct error err;
		auto_local_chute chute = chute_of(name);

		if (!entry_claim(name, &e, &err) || !entry_save(&e, &chute, &err) ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

TEST(names)
{
	struct error err;
	char longest[129];

	memset(longest, 'a', sizeof(longest));
	longest[127] = '\0';
	CHECK_OK(local_check_name(longest, &err), err);
	longest[127] = 'a';
	longest[128] = '\0';
	CHECK(!local_check_name(longest, &err) && err.code == ERROR_USAGE);
	CHECK_OK(local_check_name("unsloth/Llama-3.2_1B", &err), err);
	static const char *const wrong[] = {"", ".", "..", ".a", "/a", "-a", "a b", "a%b", "a\n"};

	for (size_t i = 0; i < array_len(wrong); i++)
		CHECK(!local_check_name(wrong[i], &err));
	CHECK_TEXT(err.message, "'a\n' cannot be the name of a chute that runs here");
}

TEST(saved_and_found)
{
	char *runtime = begin();
	struct entry e = {.fd = -1};
	struct error err;
	auto_local_chute chute = chute_of("team/hello");
	auto_local_chute found = {0};
	auto_local_chutes list = {0};

	CHECK_OK(entry_claim("team/hello", &e, &err), err);
	CHECK_OK(local_list(&list, &err), err);
	CHECK(list.n == 0); /* nothing is said of it yet */
	local_chutes_release(&list);
	CHECK_OK(entry_save(&e, &chute, &err), err);
	CHECK_OK(local_find(NULL, &found, &err), err);
	CHECK_TEXT(found.name, "team/hello");
	CHECK_TEXT(found.address, "127.0.0.1:8000");
	CHECK_TEXT(found.image, "hello:1");
	CHECK_TEXT(found.directory, "/work \"x\"");
	CHECK(found.state == LOCAL_RESTARTING && found.is_stub && found.pid == getpid());
	CHECK(found.started_unix == 17 && found.stop_ms == 300);
	entry_remove(&e);
	CHECK_OK(local_list(&list, &err), err);
	CHECK(list.n == 0);
	auto_free char *path = xprintf("%s/chutes/run/team%%hello", runtime);

	CHECK(!file_exists(path));
	end(runtime);
}

/* These would be the runtime directory itself, or the one of all entries. */
TEST(names_of_no_entry)
{
	char *runtime = begin();
	struct entry e = {.fd = -1};
	struct error err;
	auto_local_chute found = {0};
	uint64_t ticks;

	CHECK_OK(entry_claim("one", &e, &err), err);
	static const char *const wrong[] = {"", ".", ".."};

	for (size_t i = 0; i < array_len(wrong); i++) {
		CHECK(entry_load(wrong[i], &found, &ticks, &err) == 0);
		CHECK(!local_stop(wrong[i], 0, &err) && err.code == ERROR_NOT_FOUND);
		CHECK(!entry_is_held(wrong[i]));
		CHECK(file_exists(e.path));
	}
	entry_remove(&e);
	end(runtime);
}

/* What another version left is no reason to show nothing. */
TEST(an_entry_that_cannot_be_read)
{
	char *runtime = begin();
	auto_free char *state = xprintf("%s/chutes/run/old/state.json", runtime);
	auto_free char *wanted = xprintf("reading '%s': 'name' is missing", state);
	auto_local_chutes list = {0};
	pid_t pids[] = {hold("old"), hold("new")};
	struct error err;

	CHECK_OK(file_write(state, "{}", 2, 0600, &err), err);
	CHECK_OK(local_list(&list, &err), err);
	CHECK_OR_STOP(list.n == 1);
	CHECK_TEXT(list.items[0].name, "new");
	CHECK(!local_stop("old", 0, &err));
	CHECK_TEXT(err.message, wanted);
	for (size_t i = 0; i < array_len(pids); i++)
		CHECK(kill(pids[i], SIGKILL) == 0 && waitpid(pids[i], NULL, 0) == pids[i]);
	end(runtime);
}

TEST(held_by_another)
{
	char *runtime = begin();
	struct entry e = {.fd = -1};
	struct error err;
	pid_t pid = hold("one");

	CHECK(!entry_claim("one", &e, &err));
	CHECK(err.code == ERROR_CONFLICT);
	CHECK_TEXT(err.message, "a chute 'one' is running here already");
	CHECK_OK(entry_claim("two", &e, &err), err);
	entry_remove(&e);
	/* killed: the entry is stale, goes with the next look and can be had again */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	auto_local_chutes list = {0};
	auto_free char *path = xprintf("%s/chutes/run/one", runtime);

	CHECK(file_exists(path));
	CHECK_OK(local_list(&list, &err), err);
	CHECK(list.n == 0 && !file_exists(path));
	pid = hold("one");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK_OK(entry_claim("one", &e, &err), err);
	entry_remove(&e);
	end(runtime);
}

TEST(many_claim_one_name)
{
	enum { PROCESSES = 8, PATIENCE_MS = 30000 };
	char *runtime = begin();
	atomic_uint *n_tried = mmap(NULL, sizeof(*n_tried), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int n_got = 0;
	pid_t pids[PROCESSES];
	int gate[2];

	CHECK(pipe(gate) == 0);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct entry e = {.fd = -1};
			struct error err;
			char byte;

			close(gate[1]);
			(void)!read(gate[0], &byte, 1); /* all at once */
			bool ok = entry_claim("same", &e, &err);

			(*n_tried)++;
			/* held until all have tried */
			for (int ms = 0; ok && *n_tried < PROCESSES && ms < PATIENCE_MS; ms++)
				sleep_ms(1);
			if (!ok && err.code != ERROR_CONFLICT)
				_exit(2);
			_exit(ok ? 0 : 1);
		}
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		CHECK(waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status));
		CHECK(WEXITSTATUS(status) != 2);
		n_got += WEXITSTATUS(status) == 0;
	}
	CHECK(n_got == 1);
	munmap(n_tried, sizeof(*n_tried));
	end(runtime);
}

TEST(not_found)
{
	char *runtime = begin();
	struct error err;
	auto_local_chute found = {0};

	CHECK(!local_find(NULL, &found, &err) && err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "no chute runs here");
	CHECK_TEXT(err.hint, "'chutes run -d' starts one");
	pid_t one = hold("one");
	pid_t two = hold("two");

	CHECK(!local_find("three", &found, &err) && err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "no chute 'three' runs here");
	CHECK_TEXT(err.hint, "there is: one, two");
	CHECK(!local_find(NULL, &found, &err) && err.code == ERROR_USAGE);
	CHECK_TEXT(err.message, "2 chutes run here: which one is not said");
	CHECK(!local_stop("three", 0, &err) && err.code == ERROR_NOT_FOUND);
	CHECK_OK(local_stop("one", 1000, &err), err);
	waitpid(one, NULL, 0);
	CHECK_OK(local_stop("two", 1000, &err), err);
	waitpid(two, NULL, 0);
	end(runtime);
}

TEST(a_directory_that_others_can_use)
{
	char *runtime = begin();
	auto_free char *path = path_join(runtime, "chutes");
	auto_local_chutes list = {0};
	struct error err;

	CHECK(mkdir(path, 0777) == 0 && chmod(path, 0755) == 0);
	CHECK(!local_list(&list, &err) && err.code == ERROR_AUTH);
	CHECK(strstr(err.message, "is not a directory that only you can use") != NULL);
	end(runtime);
}
