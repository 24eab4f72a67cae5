/* SPDX-License-Identifier: MIT */
#include "lib/base/time.h"
#include "tests/unit/container_fixture.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define HAS(text) CHECK(strstr(text_str(&j.output), text) != NULL)

static void show_unless(bool ok, const struct job *j)
{
	if (!ok)
		printf("#   output: %s\n", text_str(&j->output));
}

TEST(status_and_output)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};

	CHECK_OK(job_run(&j, WORDS("guest", "say", "hello", "env", "WORD", "exit", "7")), j.err);
	CHECK_TEXT(text_str(&j.output), "hello\nvalue\n");
	CHECK(j.result.status == 7 && !j.result.was_stopped);
	CHECK(!j.result.is_not_found && !j.result.is_not_executable);
	CHECK(j.changed.n == 0);
}

TEST(status_of_a_signal)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};

	CHECK_OK(job_run(&j, WORDS("guest", "kill", "11")), j.err);
	CHECK(j.result.status == 128 + SIGSEGV);
}

TEST(status_one_is_the_programs_own)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};

	CHECK_OK(job_run(&j, WORDS("guest", "exit", "1")), j.err);
	CHECK(j.result.status == 1 && !j.result.is_not_found);
}

TEST(programs_that_cannot_run)
{
	static const struct {
		const char *program;
		int status;
	} cases[] = {
		{"nothere", 127},    {"/bin/nothere", 127}, {"/bin/guest/x", 127},
		{"/bin/plain", 126}, {"plain", 126},        {"/etc", 126},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_place p = place_new();
		auto_job j = {.place = &p};

		CHECK_OK(job_run(&j, WORDS(cases[i].program)), j.err);
		if (!CHECK(j.result.status == cases[i].status))
			printf("#   '%s' gave %d\n", cases[i].program, j.result.status);
		CHECK(j.result.is_not_found == (cases[i].status == 127));
		CHECK(j.result.is_not_executable == (cases[i].status == 126));
	}
}

TEST(what_json_cannot_say_is_refused)
{
	auto_place p = place_new();
	auto_place other = place_new();
	auto_job word = {.place = &p};
	auto_job variable = {.place = &other, .variable = "SECRET=hush\xff"};

	CHECK(!job_run(&word, WORDS("guest", "say", "\xff")));
	CHECK_TEXT(word.err.message, "argument 2 of the command is not UTF-8 text");
	CHECK(!job_run(&variable, WORDS("guest", "env", "SECRET")));
	CHECK_TEXT(variable.err.message, "variable 'SECRET' is not UTF-8 text");
	CHECK(variable.err.code == ERROR_USAGE && variable.err.hint[0]);
}

TEST(what_the_kernel_does_not_take_is_refused)
{
	enum { LIMIT = 128 * 1024 - 1 };

	for (int more = 0; more < 2; more++) {
		auto_place p = place_new();
		auto_free char *variable = xprintf("X=%0*d", LIMIT - 2 + more, 0);
		auto_job j = {.place = &p, .variable = variable};

		CHECK(job_run(&j, WORDS("guest", "exit", "0")) == (more == 0));
		if (more) {
			CHECK(j.err.code == ERROR_USAGE);
			CHECK_TEXT(j.err.message, "variable 'X' is longer than the kernel's limit "
						  "of 131071 bytes");
		}
	}
}

TEST(a_step_sees_its_world)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .run = {.cwd = "/bin", .hostname = "built"}};

	CHECK_OK(job_run(&j, WORDS("guest", "report", "cat", "/etc/hostname", "cat", "/etc/hosts")),
		 j.err);
	/* with one id the caller's groups cannot be dropped */
	if (j.options.ids == SANDBOX_SINGLE)
		HAS("uid=0 gid=0 groups=");
	else
		HAS("uid=0 gid=0 groups=\n");
	HAS("pid=1 nnp=1 soft=1024 umask=22\n");
	HAS("cwd=/bin\n");
	HAS("hostname=built\nbuilt\n");
	HAS("127.0.0.1");
	HAS("127.0.1.1 built\n");
	CHECK(j.changed.n == 0);
	show_unless(!tap_failed, &j);
}

TEST(no_network_no_resolver)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .run = {.has_no_network = true}};

	CHECK_OK(job_run(&j, WORDS("guest", "say", "<", "cat", "/etc/resolv.conf", "say", ">",
				   "cat", "/proc/net/dev")),
		 j.err);
	HAS("<\n>\n");
	HAS("lo:");
	CHECK(!strstr(text_str(&j.output), "eth0"));
}

TEST(what_a_step_may)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};

	CHECK_OK(job_run(&j, WORDS("guest", "try")), j.err);
	HAS("mount=EPERM\nunshare=EPERM\nclone3=ENOSYS\nclone=EPERM\n");
	HAS("chown=ok\nsetgroups=ok\n");
	HAS("fifo=ok\n");
	HAS("vsock=EPERM\n");
	/* with one id it is answered; nobody makes a device */
	if (j.options.ids == SANDBOX_SINGLE)
		HAS("mknod=ok\n");
	else
		HAS("mknod=EPERM\n");
	show_unless(!tap_failed, &j);
}

TEST(a_service_may_less)
{
	auto_place p = place_new();
	auto_job j = {.place = &p,
		      .run = {.is_service = true,
			      .may_gain_privileges = true,
			      .user = {.uid = 7, .gid = 8, .groups = {9}, .n_groups = 1}}};

	CHECK_OK(job_run(&j, WORDS("guest", "report", "cat", "/proc/self/status")), j.err);
	if (j.options.ids == SANDBOX_SINGLE)
		HAS("uid=0 gid=0");
	else
		HAS("uid=7 gid=8 groups=9\n");
	HAS("nnp=1");
	HAS("CapPrm:\t0000000000000000");
	HAS("CapBnd:\t0000000000000000");
	show_unless(!tap_failed, &j);
}

TEST(privileges_may_be_gained)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .run = {.may_gain_privileges = true}};

	CHECK_OK(job_run(&j, WORDS("guest", "report")), j.err);
	HAS("nnp=0");
}

TEST(changes_are_in_the_upper_directory)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};

	CHECK_OK(job_run(&j, WORDS("guest", "touch", "/new", "rm", "/bin/plain")), j.err);
	CHECK(j.changed.n == 2 && strcmp(j.changed.items[0], "bin") == 0);
	CHECK_TEXT(text_str(&j.output), "rm=ok\n");
	auto_free char *below = path_join(p.tree, "bin/plain");

	CHECK(file_exists(below));
}

TEST(mounts)
{
	auto_place p = place_new();
	auto_free char *lent = path_join(p.path, "lent");
	struct mount mounts[] = {{lent, "/run/chutes", false}, {lent, "/run/secrets", true}};
	auto_job j = {.place = &p, .run = {.mounts = mounts, .n_mounts = 2}};

	put_file(lent, "file", "lent text\n", 0644);
	CHECK_OK(job_run(&j, WORDS("guest", "cat", "/run/chutes/file", "touch", "/run/chutes/new",
				   "touch", "/run/secrets/made", "cat", "/run/chutes/made")),
		 j.err);
	CHECK_TEXT(text_str(&j.output), "lent text\n/run/chutes/new=EROFS\n");
	auto_free char *made = path_join(lent, "made");

	CHECK(file_exists(made));
	CHECK(j.changed.n == 0);
}

TEST(targets_of_mounts_are_not_left)
{
	auto_place p = place_new();
	auto_free char *lent = path_join(p.path, "lent");
	auto_free char *file = path_join(lent, "file");
	auto_free char *etc = path_join(p.tree, "etc/resolv.conf");
	struct mount mounts[] = {{lent, "/new/deep/directory", false},
				 {file, "/bin/made", false},
				 {lent, "/filled/mount", false},
				 {file, "/link", false}};
	auto_free char *link = path_join(p.tree, "link");
	auto_job j = {.place = &p, .run = {.mounts = mounts, .n_mounts = 4}};

	put_file(lent, "file", "lent text\n", 0644);
	CHECK(symlink("../run/resolver/stub.conf", etc) == 0);
	CHECK(symlink("/elsewhere/far", link) == 0);
	CHECK_OK(job_run(&j, WORDS("guest", "cat", "/new/deep/directory/file", "cat", "/bin/made",
				   "cat", "/elsewhere/far", "touch", "/filled/own")),
		 j.err);
	CHECK_TEXT(text_str(&j.output), "lent text\nlent text\nlent text\n");
	/* directories that had something put in or taken out are copies, with their old times */
	auto_free char *upper = path_join(p.scratch, "upper");
	auto_fd int fd = open(upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat below;
	struct stat copy;

	CHECK(faccessat(fd, "new", F_OK, 0) < 0 && faccessat(fd, "elsewhere", F_OK, 0) < 0);
	CHECK(faccessat(fd, "bin/made", F_OK, 0) < 0);
	CHECK(faccessat(fd, "run/resolver", F_OK, 0) < 0);
	CHECK(faccessat(fd, "filled/own", F_OK, 0) == 0);
	CHECK(faccessat(fd, "filled/mount", F_OK, 0) < 0);
	auto_free char *bin = path_join(p.tree, "bin");

	CHECK(stat(bin, &below) == 0 && fstatat(fd, "bin", &copy, 0) == 0);
	CHECK(below.st_mtim.tv_sec == copy.st_mtim.tv_sec &&
	      below.st_mtim.tv_nsec == copy.st_mtim.tv_nsec);
}

TEST(read_only)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .run = {.is_read_only = true}};

	CHECK_OK(job_run(&j, WORDS("guest", "touch", "/new")), j.err);
	CHECK_TEXT(text_str(&j.output), "/new=EROFS\n");
}

TEST(working_directory_must_exist)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .run = {.cwd = "/nothere"}};
	auto_job k = {.place = &p, .run = {.cwd = "/bin/plain"}};

	CHECK(!job_run(&j, WORDS("guest", "say", "x")));
	CHECK(j.err.code == ERROR_BUILD);
	CHECK_TEXT(j.err.message, "working directory '/nothere' is not in the image");
	CHECK(!job_run(&k, WORDS("guest", "say", "x")));
}

TEST(missing_runtime)
{
	struct error err;
	char *path = NULL;

	CHECK(!runtime_find("no-such-runtime", &path, &err));
	CHECK(err.code == ERROR_MISSING && !path);
	CHECK_TEXT(err.message, "OCI runtime 'no-such-runtime' not found");
	CHECK_TEXT(err.hint, "install one: apt-get install crun");
}

TEST(a_runtime_that_fails_is_a_build_error)
{
	auto_place p = place_new();
	struct mount mounts[] = {{"/no/such/source", "/mnt", false}};
	auto_job j = {.place = &p, .run = {.mounts = mounts, .n_mounts = 1}};

	CHECK(!job_run(&j, WORDS("guest", "say", "x")));
	CHECK(j.err.code == ERROR_BUILD);
	if (!CHECK(strstr(j.err.message, "/no/such/source") != NULL))
		printf("#   %s\n", j.err.message);
}

TEST(other_runtime)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .run = {.runtime = "runc"}};
	auto_job k = {.place = &p, .run = {.runtime = "runc"}};
	char *path = NULL;
	struct error err;

	if (!runtime_find("runc", &path, &err))
		SKIP("there is no runc");
	free(path);
	CHECK_OK(job_run(&j, WORDS("guest", "try", "exit", "7")), j.err);
	CHECK(j.result.status == 7);
	HAS("mount=EPERM\n");
	show_unless(!tap_failed, &j);
	auto_place q = place_new();

	k.place = &q;
	CHECK_OK(job_run(&k, WORDS("nothere")), k.err);
	CHECK(k.result.is_not_found && k.result.status == 127);
}

/* A runtime that is killed once its container runs; what it ran is not left alone. */
static const char killed_runtime[] =
	"#!/bin/sh\n"
	"for id; do :; done\n"
	"case \" $* \" in *' run '*)\n"
	"	(until crun --root=/run/chutes-sandbox/state state $id | grep -q running\n"
	"	 do :; done; kill -9 $$) > /dev/null 2>&1 &\n"
	"esac\n"
	"exec crun \"$@\"\n";

TEST(a_runtime_that_is_killed)
{
	auto_place p = place_new();
	auto_free char *runtime = path_join(p.path, "crun-killed");
	auto_job j = {.place = &p, .run = {.runtime = runtime}};
	auto_free char *found = NULL;
	struct error err;

	if (!runtime_find("crun", &found, &err))
		SKIP("there is no crun");
	put_file(p.path, "crun-killed", killed_runtime, 0755);
	CHECK(!job_run(&j, WORDS("guest", "sleep")));
	if (!CHECK(strstr(j.err.message, "crun-killed' was killed by signal 9") != NULL))
		printf("#   %s\n", j.err.message);
}

TEST(daemons_end_with_the_program)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};
	uint64_t start = clock_ms();

	CHECK_OK(job_run(&j, WORDS("guest", "daemon", "say", "done")), j.err);
	CHECK_TEXT(text_str(&j.output), "done\n");
	CHECK(clock_ms() - start < 5000);
}

/* --- stopping */

static bool stop_once(void *context, struct sandbox *outside, struct error *err maybe_unused)
{
	struct job *j = context;

	if (++j->n_ticks == 2)
		sandbox_stop(outside);
	return true;
}

/* Process 1 of a container gets a TERM only once it has a handler: give it time on a busy machine.
 */
TEST(stop_is_term)
{
	auto_place p = place_new();
	auto_job j = {.place = &p,
		      .run = {.grace_ms = 20000},
		      .options = {.on_tick = stop_once, .tick_ms = 3000}};

	CHECK_OK(job_run(&j, WORDS("guest", "on-term", "sleep")), j.err);
	CHECK(j.result.was_stopped);
	CHECK(j.result.status == 5);
}

TEST(stop_is_kill_when_term_does_not_help)
{
	auto_place p = place_new();
	auto_job j = {.place = &p,
		      .run = {.grace_ms = 100},
		      .options = {.on_tick = stop_once, .tick_ms = 3000}};

	CHECK_OK(job_run(&j, WORDS("guest", "daemon", "sleep")), j.err);
	CHECK(j.result.was_stopped);
	CHECK(j.result.status == 128 + SIGKILL);
}

/* The stop may come before there is anything to stop. */
static bool stop_at_once(void *context maybe_unused, struct sandbox *outside,
			 struct error *err maybe_unused)
{
	sandbox_stop(outside);
	return true;
}

TEST(an_early_stop_is_not_lost)
{
	auto_place p = place_new();
	auto_job j = {.place = &p,
		      .run = {.grace_ms = 2000},
		      .options = {.on_tick = stop_at_once, .tick_ms = 60000}};

	CHECK_OK(job_run(&j, WORDS("guest", "sleep")), j.err);
	CHECK(j.result.was_stopped);
	CHECK(j.result.status > 128);
}

TEST(timeout)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .options = {.timeout_ms = 700}};

	CHECK(!job_run(&j, WORDS("guest", "sleep")));
	CHECK(j.err.code == ERROR_TIMEOUT);
	CHECK_TEXT(j.err.message, "not finished after 0.7 s");
}

/* --- terminal */

static int terminal = -1;

static bool take_terminal(void *context, int type, const void *bytes, size_t len, int fd,
			  struct error *err)
{
	struct winsize size = {.ws_col = 81, .ws_row = 26};

	if (type != RUN_MESSAGE_TERMINAL)
		return job_message(context, type, bytes, len, fd, err);
	CHECK(ioctl(fd, TIOCSWINSZ, &size) == 0);
	terminal = fd;
	return true;
}

TEST(a_terminal)
{
	auto_place p = place_new();
	auto_job j = {.place = &p, .run = {.has_terminal = true}};
	char buffer[256] = "";

	j.options.on_message = take_terminal;
	j.options.context = &j;
	CHECK_OK(job_run(&j, WORDS("guest", "size", "exit", "3")), j.err);
	CHECK(j.result.status == 3);
	CHECK_OR_STOP(terminal >= 0);
	CHECK(read(terminal, buffer, sizeof(buffer) - 1) > 0);
	CHECK_TEXT(buffer, "tty=1 81x26\r\n");
	fd_close(&terminal);
}

/* A hook of the host's runs, and a device of the host's works. */
TEST(hooks_and_devices)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};
	auto_free char *mark = path_join(p.path, "mark");
	char at[] = "createRuntime";
	/* it reads what crun writes, which fails when a hook ends before */
	char path[] = "/usr/bin/cp";
	const struct mount mounts[] = {{.source = "/dev/zero",
					.target = "/dev/gpu0",
					.is_writable = true,
					.is_device = true}};
	struct cdi_hook hook = {.when = at, .path = path};

	strings_add(&hook.args, "cp");
	strings_add(&hook.args, "/dev/stdin");
	strings_add(&hook.args, mark);
	j.run.mounts = mounts;
	j.run.n_mounts = 1;
	j.run.hooks = &hook;
	j.run.n_hooks = 1;
	CHECK_OK(job_run(&j, WORDS("guest", "touch", "/dev/gpu0", "exit", "0")), j.err);
	CHECK(j.result.status == 0 && j.output.len == 0);
	show_unless(j.output.len == 0, &j);
	CHECK(file_exists(mark));
	strings_release(&hook.args);
}

/* Process 1 that does nothing about TERM ends at once, not when the grace is over. */
TEST(a_signal_that_is_not_caught)
{
	auto_place p = place_new();
	auto_job j = {.place = &p};
	uint64_t start = clock_ms();

	j.run.grace_ms = 60000;
	j.options.grace_ms = 61000;
	j.options.timeout_ms = 1000;
	CHECK(!job_run(&j, WORDS("guest", "sleep", "50")));
	CHECK(j.err.code == ERROR_TIMEOUT);
	CHECK(clock_ms() - start < 30000);
}
