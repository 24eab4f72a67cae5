/* SPDX-License-Identifier: MIT */
#include "lib/base/interrupt.h"
#include "lib/base/time.h"
#include "tests/unit/container_fixture.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>

typedef bool (*work_function)(struct sandbox *inside, void *arg, struct error *err);

#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return fail(err, ERROR_FAILURE, "line %d: %s", __LINE__, #condition);      \
	} while (0)

static bool run_with(struct sandbox_options o, work_function work, void *arg, struct error *err)
{
	return test_ids(&o.ids) && sandbox_run(&o, work, arg, err);
}

static bool world_inside(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	auto_text mounts = {0};
	char self[32] = "";

	EXPECT(getpid() == 1 && getuid() == 0 && geteuid() == 0 && getgid() == 0);
	EXPECT(getsid(0) == 1);
	EXPECT(readlink("/proc/self", self, sizeof(self) - 1) == 1 && self[0] == '1');
	EXPECT(file_read("/proc/mounts", 1 << 20, &mounts, err));
	EXPECT(strstr(text_str(&mounts), "tmpfs /sys/fs/cgroup tmpfs"));
	EXPECT(strstr(text_str(&mounts), "tmpfs /run tmpfs"));
	EXPECT(access("/run/chutes-sandbox", W_OK) == 0);
	EXPECT(sandbox_ids_of(inside) == SANDBOX_ROOT || sandbox_ids_of(inside) == SANDBOX_SUBIDS ||
	       sandbox_ids_of(inside) == SANDBOX_SINGLE);
	return true;
}

/* Entries of a directory, sorted. */
static void list(const char *path, struct strings *names)
{
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error err;

	CHECK_OK(directory_list(fd, names, &err), err);
}

static bool run_is_kept(struct sandbox *inside maybe_unused, void *arg, struct error *err)
{
	const struct strings *outside = arg;
	auto_strings names = {0};

	list("/run", &names);
	for (size_t i = 0; i < outside->n; i++)
		EXPECT(strings_has(&names, outside->items[i]));
	return true;
}

TEST(the_world_inside)
{
	auto_strings names = {0};
	struct error err;

	CHECK_OK(run_with((struct sandbox_options){0}, world_inside, NULL, &err), err);
	list("/run", &names);
	CHECK_OK(run_with((struct sandbox_options){0}, run_is_kept, &names, &err), err);
}

static bool fails_inside(struct sandbox *inside maybe_unused, void *arg maybe_unused,
			 struct error *err)
{
	fail(err, ERROR_MONEY, "a message from '%s'", "inside");
	return fail_hint(err, "and a hint");
}

TEST(failure_comes_out_whole)
{
	struct error err = {0};

	CHECK(!run_with((struct sandbox_options){0}, fails_inside, NULL, &err));
	CHECK(err.code == ERROR_MONEY);
	CHECK_TEXT(err.message, "a message from 'inside'");
	CHECK_TEXT(err.hint, "and a hint");
}

static bool dies_inside(struct sandbox *inside maybe_unused, void *arg maybe_unused,
			struct error *err maybe_unused)
{
	_exit(3);
}

static bool kills_inside(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	/* process 1 cannot be killed from inside: ask the outside to */
	if (!sandbox_send(inside, 5, NULL, 0, -1, err))
		return false;
	for (;;)
		pause();
}

static bool kill_child(void *context maybe_unused, int type maybe_unused,
		       const void *bytes maybe_unused, size_t len maybe_unused, int fd,
		       struct error *err maybe_unused)
{
	auto_free char *path = xprintf("/proc/self/task/%d/children", (int)getpid());
	auto_text children = {0};
	struct error ignored;

	fd_close(&fd);
	CHECK(file_read(path, 4096, &children, &ignored));
	CHECK(kill((pid_t)strtol(text_str(&children), NULL, 10), SIGKILL) == 0);
	return true;
}

TEST(a_sandbox_that_dies)
{
	struct error err = {0};

	CHECK(!run_with((struct sandbox_options){0}, dies_inside, NULL, &err));
	CHECK_TEXT(err.message, "the sandbox ended with 3");
	CHECK(!run_with((struct sandbox_options){.on_message = kill_child}, kills_inside, NULL,
			&err));
	CHECK_TEXT(err.message, "the sandbox was killed: is memory short?");
}

/* --- a machine that refuses */

static bool write_line(const char *path, const char *line)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);
}

/* In a user namespace of our own its switch is ours to turn; then the capabilities go. */
static int probe_where_refused(const char *expected_hint)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
	auto_free char *map = xprintf("0 %u 1", (unsigned)geteuid());
	enum sandbox_ids ids;
	struct error err;

	if (unshare(CLONE_NEWUSER) < 0 || !write_line("/proc/self/uid_map", map) ||
	    !write_line("/proc/sys/user/max_user_namespaces", "0") ||
	    syscall(SYS_capset, &header, none) < 0)
		return 77;
	if (sandbox_probe(&ids, &err) || err.code != ERROR_MISSING)
		return 1;
	return strcmp(err.hint, expected_hint) == 0 ? 0 : 2;
}

TEST(refused_namespaces_name_the_switch)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(probe_where_refused(
			"run 'sysctl -w user.max_user_namespaces=10000' as root"));
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 77)
		SKIP("no user namespaces here");
	CHECK(status == 0);
}

/* --- messages */

struct received {
	size_t n;
	size_t bytes;
	int last_type;
	char text[64];
	bool refuses;
};

static bool receive(void *context, int type, const void *bytes, size_t len, int fd,
		    struct error *err)
{
	struct received *r = context;

	r->n++;
	r->bytes += len;
	r->last_type = type;
	if (fd >= 0) {
		ssize_t n = pread(fd, r->text, sizeof(r->text) - 1, 0);

		CHECK(n > 0);
	} else if (len < sizeof(r->text)) {
		memcpy(r->text, bytes, len);
		r->text[len] = '\0';
	}
	fd_close(&fd);
	return !r->refuses || fail(err, ERROR_CALL, "the callee refused");
}

static bool sends_inside(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	static char large[SANDBOX_MESSAGE_LIMIT + 1];
	auto_fd int fd = memfd_create("x", MFD_CLOEXEC);

	EXPECT(write(fd, "from a file", 11) == 11);
	EXPECT(!sandbox_send(inside, 1, large, sizeof(large), -1, err));
	EXPECT(strstr(err->message, "65537 bytes is above the limit of 65536"));
	for (int i = 0; i < 20; i++)
		if (!sandbox_send(inside, 1, large, sizeof(large) - 1, -1, err))
			return false;
	return sandbox_send(inside, 2, "", 0, -1, err) &&
	       sandbox_send(inside, 3, "abc", 3, fd, err);
}

TEST(messages)
{
	struct received r = {0};
	struct sandbox_options o = {.on_message = receive, .context = &r};
	struct error err;

	CHECK_OK(run_with(o, sends_inside, NULL, &err), err);
	CHECK(r.n == 22 && r.bytes == 20 * SANDBOX_MESSAGE_LIMIT + 3 && r.last_type == 3);
	CHECK_TEXT(r.text, "from a file");
	/* nobody listens: they are dropped */
	CHECK_OK(run_with((struct sandbox_options){0}, sends_inside, NULL, &err), err);
}

static bool sends_and_waits(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	if (!sandbox_send(inside, 1, "x", 1, -1, err))
		return false;
	for (;;)
		pause();
}

TEST(a_callback_that_refuses_ends_it)
{
	struct received r = {.refuses = true};
	struct sandbox_options o = {.on_message = receive, .context = &r};
	struct error err = {0};

	CHECK(!run_with(o, sends_and_waits, NULL, &err));
	CHECK_TEXT(err.message, "the callee refused");
}

/* --- threads */

static void *thread_inside(void *arg)
{
	struct error ignored;

	for (int i = 0; i < 50; i++)
		if (!sandbox_send(arg, 1, "0123456789", 10, -1, &ignored))
			return NULL;
	return arg;
}

static bool threads_inside(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	pthread_t threads[4];

	for (size_t i = 0; i < array_len(threads); i++)
		EXPECT(pthread_create(&threads[i], NULL, thread_inside, inside) == 0);
	for (size_t i = 0; i < array_len(threads); i++) {
		void *result;

		EXPECT(pthread_join(threads[i], &result) == 0 && result);
	}
	return true;
}

TEST(threads_may_send)
{
	struct received r = {0};
	struct sandbox_options o = {.on_message = receive, .context = &r};
	struct error err;

	CHECK_OK(run_with(o, threads_inside, NULL, &err), err);
	CHECK(r.n == 200 && r.bytes == 2000);
	CHECK_TEXT(r.text, "0123456789");
}

/* --- other descriptors, ticks, stopping */

static int n_calls;

static bool readable(void *context, struct error *err maybe_unused)
{
	uint64_t value;

	CHECK(read(*(int *)context, &value, sizeof(value)) == (ssize_t)sizeof(value));
	n_calls++;
	return true;
}

static bool writes_inside(struct sandbox *inside maybe_unused, void *arg, struct error *err)
{
	for (int i = 0; i < 3; i++) {
		EXPECT(eventfd_write(*(int *)arg, 1) == 0);
		sleep_ms(30);
	}
	return true;
}

TEST(another_descriptor)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct sandbox_options o = {.on_readable = readable, .extra_fd = fd, .context = &fd};
	struct error err;

	n_calls = 0;
	CHECK_OK(run_with(o, writes_inside, &fd, &err), err);
	CHECK(n_calls >= 1 && n_calls <= 3);
	fd_close(&fd);
}

static bool stop_at_third(void *context, struct sandbox *outside, struct error *err maybe_unused)
{
	if (++*(int *)context == 3)
		sandbox_stop(outside);
	return true;
}

static bool until_stopped(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	struct pollfd fd = {.fd = sandbox_stop_fd(inside), .events = POLLIN};

	EXPECT(poll(&fd, 1, 0) == 0);
	EXPECT(poll(&fd, 1, 20000) == 1);
	return true;
}

TEST(ticks_and_stop)
{
	int n = 0;
	struct sandbox_options o = {.on_tick = stop_at_third, .tick_ms = 50, .context = &n};
	struct error err;

	CHECK_OK(run_with(o, until_stopped, NULL, &err), err);
	CHECK(n == 3 || n == 4);
}

static bool ignores_stop(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	if (!until_stopped(inside, NULL, err))
		return false;
	for (;;)
		pause();
}

TEST(timeout)
{
	struct error err = {0};
	struct sandbox_options o = {.timeout_ms = 100, .grace_ms = 20000};
	uint64_t start = clock_ms();

	/* in order */
	CHECK(!run_with(o, until_stopped, NULL, &err));
	CHECK(err.code == ERROR_TIMEOUT && clock_ms() - start < 10000);
	CHECK_TEXT(err.message, "not finished after 0.1 s");
	/* by force */
	o.grace_ms = 100;
	CHECK(!run_with(o, ignores_stop, NULL, &err));
	CHECK(err.code == ERROR_TIMEOUT);
	o.grace_ms = 0;
	CHECK(!run_with(o, ignores_stop, NULL, &err));
	CHECK(err.code == ERROR_TIMEOUT);
}

static bool interrupt_us(void *context maybe_unused, struct sandbox *outside maybe_unused,
			 struct error *err maybe_unused)
{
	kill(getpid(), SIGTERM);
	return true;
}

/* The flag of an interrupt cannot be taken back: in a process of its own. */
static int interrupted(uint64_t grace_ms, work_function work)
{
	struct sandbox_options o = {
		.on_tick = interrupt_us, .tick_ms = 100000, .grace_ms = grace_ms};
	struct error err = {0};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		interrupt_catch();
		bool ok = run_with(o, work, NULL, &err);

		_exit(!ok && err.code == ERROR_INTERRUPTED ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return status;
}

TEST(signals)
{
	CHECK(interrupted(0, ignores_stop) == 0);
	CHECK(interrupted(100, ignores_stop) == 0);
	CHECK(interrupted(20000, until_stopped) == 0);
}

/* --- nothing is left */

static size_t count_entries(const char *path)
{
	auto_strings names = {0};

	list(path, &names);
	return names.n;
}

TEST(no_descriptor_and_no_zombie_is_left)
{
	size_t before = count_entries("/proc/self/fd");
	struct error err;

	for (int i = 0; i < 20; i++)
		CHECK(run_with((struct sandbox_options){0}, i % 2 ? world_inside : sends_inside,
			       NULL, &err));
	CHECK(!run_with((struct sandbox_options){0}, fails_inside, NULL, &err));
	CHECK(count_entries("/proc/self/fd") == before);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

/* Processes but `self` whose command line has `word`, zombies not counted. */
static size_t count_processes(const char *word)
{
	auto_strings names = {0};
	size_t n = 0;

	list("/proc", &names);
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *path = xprintf("/proc/%s/cmdline", names.items[i]);
		auto_text text = {0};
		struct error ignored;

		if (names.items[i][0] < '0' || names.items[i][0] > '9' ||
		    !file_read(path, 1 << 20, &text, &ignored))
			continue;
		for (size_t j = 0; j < text.len; j += strlen(text.bytes + j) + 1)
			n += strcmp(text.bytes + j, word) == 0;
	}
	return n;
}

static bool is_mounted_anywhere(const char *path)
{
	auto_strings names = {0};

	list("/proc", &names);
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *file = xprintf("/proc/%s/mountinfo", names.items[i]);
		auto_text text = {0};
		struct error ignored;

		if (file_read(file, 1 << 22, &text, &ignored) && strstr(text_str(&text), path))
			return true;
	}
	return false;
}

/* A process that holds a lock and runs a container in a sandbox; killed after `us`. The word is the
 * container's own, to find it again. */
static void kill_round(struct place *p, const char *lock, const char *word, unsigned us)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct job j = {.place = p};
		int fd = open(lock, O_RDWR | O_CREAT, 0600);

		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
			_exit(9); /* held: the round before left something */
		bool ok maybe_unused =
			job_run(&j, WORDS("guest", "touch", "/x", "daemon", "sleep", word));
		_exit(1);
	}
	usleep(us);
	kill(pid, SIGKILL);
	int status;

	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static bool lock_is_free(const char *lock)
{
	auto_fd int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static bool is_clean(const char *word, const char *path, const char *lock)
{
	return count_processes(word) == 0 && lock_is_free(lock) && !is_mounted_anywhere(path);
}

TEST(killed_at_any_instant)
{
	const char *rounds = getenv("CHUTES_TEST_ROUNDS");
	unsigned seed = (unsigned)clock_unix();
	size_t n_rounds = rounds ? strtoul(rounds, NULL, 10) : 20;
	auto_free char *word = xprintf("left-by-%d", (int)getpid());

	printf("# seed %u\n", seed);
	for (size_t i = 0; i < n_rounds; i++) {
		auto_place p = place_new();
		auto_free char *lock = path_join(p.path, "lock");

		kill_round(&p, lock, word, (unsigned)rand_r(&seed) % 60000);
		uint64_t start = clock_ms();

		while (!is_clean(word, p.path, lock) && clock_ms() - start < 5000)
			sleep_ms(5);
		if (!CHECK(is_clean(word, p.path, lock)))
			return;
	}
}
