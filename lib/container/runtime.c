/* SPDX-License-Identifier: MIT
 * One container through the OCI runtime: the bundle beside the runtime's state, the process, stop,
 * and what its end means.
 */
#include "lib/base/env.h"
#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/process.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/container/container_internal.h"
#include "lib/data/json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATE_OPTION "--root=" SANDBOX_DIRECTORY "/state"

enum { HOST_FILE_LIMIT = 64 * 1024, STATE_LIMIT = 64 * 1024 };
enum { TEXT_LIMIT = 128 * 1024 - 1 }; /* MAX_ARG_STRLEN of execve(2), of which one is the end */

struct run {
	struct sandbox *inside;
	const struct run_options *o;
	char *runtime;
	char *directory; /* of the bundle and the runtime's log; SANDBOX_DIRECTORY/ID */
	char *log;
	char *console; /* socket */
	const char *id;
	int console_fd; /* listens; -1 */
	int pidfd;
	pid_t pid;
	uint64_t kill_at; /* clock_ms(); 0: not stopping */
	bool was_stopped;
};

static void run_release(struct run *r)
{
	fd_close(&r->console_fd);
	fd_close(&r->pidfd);
	free(r->runtime);
	free(r->directory);
	free(r->log);
	free(r->console);
}
#define auto_run __attribute__((cleanup(run_release))) struct run

/* --- which runtime */

static bool is_kind(const char *path, const char *name)
{
	return text_starts_with(path_name(path), name);
}

bool runtime_find(const char *name, char **path, struct error *err)
{
	static const char *const known[] = {"crun", "runc"};
	const char *wanted = name ? name : env_get(ENV_CHUTES_RUNTIME);

	for (size_t i = 0; i < (wanted ? 1 : array_len(known)); i++) {
		char *found = program_find(wanted ? wanted : known[i]);

		if (!found)
			continue;
		*path = found;
		return true;
	}
	if (wanted)
		fail(err, ERROR_MISSING, "OCI runtime '%s' not found", wanted);
	else
		fail(err, ERROR_MISSING, "no OCI runtime found: neither crun nor runc");
	return fail_hint(err, "install one: apt-get install crun");
}

/* runc wants real cgroups and copes with hybrid ones; crun wants to see none. The sandbox covered
 * them, once. */
static void show_cgroups(const char *runtime)
{
	static bool is_shown;

	if (is_kind(runtime, "runc") && !__atomic_test_and_set(&is_shown, __ATOMIC_SEQ_CST) &&
	    umount2("/sys/fs/cgroup", MNT_DETACH) < 0)
		log_debug("container: uncovering /sys/fs/cgroup: %s", strerror(errno));
}

/* --- the files of a bundle */

static bool write_file(const struct run *r, const char *name, const struct text *bytes,
		       struct error *err)
{
	auto_free char *path = path_join(r->directory, name);

	return file_create(path, text_str(bytes), bytes->len, 0644, err);
}

/* The host's file, or nothing when it cannot be read. */
static void add_host_file(struct text *out, const char *path)
{
	struct error ignored;

	if (!file_read(path, HOST_FILE_LIMIT, out, &ignored))
		text_clear(out);
}

static bool write_names(const struct run *r, struct error *err)
{
	const char *hostname = r->o->hostname ? r->o->hostname : "chutes";
	auto_text resolver = {0};
	auto_text hosts = {0};
	auto_text name = {0};

	if (r->o->network)
		text_add(&resolver, text_str(&r->o->network->resolv_conf));
	else if (!r->o->has_no_network)
		add_host_file(&resolver, "/etc/resolv.conf");
	if (!r->o->has_no_network)
		add_host_file(&hosts, "/etc/hosts");
	if (hosts.len == 0)
		text_add(&hosts, "127.0.0.1 localhost\n::1 localhost\n");
	text_addf(&hosts, "%s127.0.1.1 %s\n", text_ends_with(text_str(&hosts), "\n") ? "" : "\n",
		  hostname);
	text_addf(&name, "%s\n", hostname);
	return write_file(r, "resolv.conf", &resolver, err) &&
	       write_file(r, "hosts", &hosts, err) && write_file(r, "hostname", &name, err);
}

static bool write_bundle(const struct run *r, struct error *err)
{
	struct bundle bundle = {r->o, r->inside, r->directory};
	auto_text config = {0};

	if (mkdir(r->directory, 0700) < 0)
		return fail_errno(err, "creating '%s'", r->directory);
	bundle_format(&bundle, &config);
	return write_names(r, err) && write_file(r, "config.json", &config, err);
}

/* What a bundle says is JSON, and so UTF-8. */
static bool check_text(const char *text, const char *what, struct error *err)
{
	size_t len = strlen(text);

	if (!utf8_is_valid(text, len)) {
		fail(err, ERROR_USAGE, "%s is not UTF-8 text", what);
		return fail_hint(err, "encode it, for instance with base64");
	}
	if (len <= TEXT_LIMIT)
		return true;
	fail(err, ERROR_USAGE, "%s is longer than the kernel's limit of %d bytes", what,
	     TEXT_LIMIT);
	return fail_hint(err, "pass it in a file");
}

/* A value may be a secret: it is not told. */
static bool check_texts(const struct run_options *o, struct error *err)
{
	for (size_t i = 0; o->argv[i]; i++) {
		auto_free char *what = xprintf("argument %zu of the command", i);

		if (!check_text(o->argv[i], what, err))
			return false;
	}
	for (size_t i = 0; o->env[i]; i++) {
		auto_free char *what =
			xprintf("variable '%.*s'", (int)strcspn(o->env[i], "="), o->env[i]);

		if (!check_text(o->env[i], what, err))
			return false;
	}
	return true;
}

/* A runtime would create it, and so it would be in the layer. */
static bool check_cwd(const struct run_options *o, struct error *err)
{
	auto_fd int root = open(o->root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int fd = -1;

	if (root < 0)
		return fail_errno(err, "opening '%s'", o->root->path);
	for (size_t i = 0; o->cwd && i < o->n_mounts; i++)
		if (path_is_below(o->cwd, o->mounts[i].target))
			return true;
	fd = inside_open(root, o->cwd ? o->cwd : "/", O_PATH | O_DIRECTORY, 0);
	if (fd >= 0)
		return true;
	if (errno == ENOENT)
		return fail(err, ERROR_BUILD, "working directory '%s' is not in the image", o->cwd);
	if (errno == ENOTDIR)
		return fail(err, ERROR_BUILD, "working directory '%s' is no directory", o->cwd);
	return fail_errno(err, "working directory '%s'", o->cwd);
}

/* --- terminal */

static bool listen_for_console(struct run *r, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(r->console) >= sizeof(address.sun_path))
		return fail(err, ERROR_FAILURE, "'%s' is too long for a socket", r->console);
	memcpy(address.sun_path, r->console, strlen(r->console) + 1);
	r->console_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (r->console_fd < 0 ||
	    bind(r->console_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(r->console_fd, 1) < 0)
		return fail_errno(err, "listening on '%s'", r->console);
	return true;
}

/* The runtime connects once and sends the master of the pseudo terminal. */
static bool pass_terminal(struct run *r, struct error *err)
{
	auto_fd int connection = accept4(r->console_fd, NULL, NULL, SOCK_CLOEXEC);
	auto_fd int master = -1;

	fd_close(&r->console_fd);
	if (connection < 0)
		return fail_errno(err, "taking the terminal from the runtime");
	if (!descriptor_receive(connection, &master, err))
		return fail_in(err, "taking the terminal from the runtime");
	return sandbox_send(r->inside, RUN_MESSAGE_TERMINAL, NULL, 0, master, err);
}

/* --- the process */

static bool start(struct run *r, struct error *err)
{
	const struct run_options *o = r->o;
	bool is_crun = is_kind(r->runtime, "crun");
	auto_strings argv = {0};
	auto_strings env = {0};

	strings_add(&argv, r->runtime);
	strings_add(&argv, STATE_OPTION);
	strings_addf(&argv, is_crun ? "--log=file:%s" : "--log=%s", r->log);
	strings_add(&argv, "--log-format=json");
	if (is_crun)
		strings_add(&argv, "--cgroup-manager=disabled");
	strings_add(&argv, "run");
	if (o->has_terminal)
		strings_addf(&argv, "--console-socket=%s", r->console);
	if (o->n_fds > 0)
		strings_addf(&argv, "--preserve-fds=%zu", o->n_fds);
	strings_addf(&argv, "--bundle=%s", r->directory);
	strings_add(&argv, r->id);
	if (env_get(ENV_PATH))
		strings_env_set(&env, "PATH", env_get(ENV_PATH));
	struct process_options p = {
		.argv = strings_argv(&argv),
		.env = strings_argv(&env),
		.fd_in = o->has_terminal ? -1 : o->fd_in,
		.fd_out = o->has_terminal ? -1 : o->fd_out,
		.fd_err = o->has_terminal ? -1 : o->fd_err,
		.fds = o->fds,
		.n_fds = o->n_fds,
	};

	if (!process_start(&p, &r->pid, err))
		return false;
	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	if (r->pidfd >= 0)
		return true;
	fail_errno(err, "watching the runtime");
	kill(r->pid, SIGKILL);
	return false;
}

/* KILL to the container's process 1, and so to all in its pid namespace; the runtime itself then
 * ends. Not with --all, which does nothing in crun without cgroups. */
static void kill_container(struct run *r)
{
	auto_strings argv = {0};
	auto_text output = {0};
	struct error err;

	strings_add(&argv, r->runtime);
	strings_add(&argv, STATE_OPTION);
	strings_add(&argv, "kill");
	strings_add(&argv, r->id);
	strings_add(&argv, "KILL");
	r->kill_at = UINT64_MAX;
	if (!process_capture(strings_argv(&argv), NULL, 4096, &output, NULL, &err)) {
		/* it is not there yet, or not any more: without the runtime nothing comes after */
		log_debug("container: %s", err.message);
		kill(r->pid, SIGKILL);
	}
}

/* The container's first process; 0 when it is not there yet, or not any more. */
static pid_t first_process(const struct run *r)
{
	auto_strings argv = {0};
	auto_text output = {0};
	auto_json struct json *state = NULL;
	struct error err;

	strings_add(&argv, r->runtime);
	strings_add(&argv, STATE_OPTION);
	strings_add(&argv, "state");
	strings_add(&argv, r->id);
	if (process_capture(strings_argv(&argv), NULL, STATE_LIMIT, &output, NULL, &err) &&
	    json_parse(text_str(&output), output.len, STATE_LIMIT, &state, &err))
		return (pid_t)json_integer_of(json_find(state, "pid"));
	log_debug("container: %s", err.message);
	return 0;
}

static void begin_stop(struct run *r)
{
	int number = r->o->stop_signal ? r->o->stop_signal : SIGTERM;

	r->was_stopped = true;
	r->kill_at = clock_ms() + r->o->grace_ms;
	if (r->o->grace_ms == 0 || number == SIGKILL ||
	    !stop_signal_send(r->pid, first_process(r), number))
		kill_container(r);
}

static int wait_time(const struct run *r) { return ms_until_first(&r->kill_at, 1); }

static bool watch(struct run *r, struct error *err)
{
	for (;;) {
		struct pollfd fds[] = {
			{.fd = r->pidfd, .events = POLLIN},
			{.fd = r->was_stopped ? -1 : sandbox_stop_fd(r->inside), .events = POLLIN},
			{.fd = r->console_fd, .events = POLLIN},
		};

		if (poll(fds, array_len(fds), wait_time(r)) < 0 && errno != EINTR)
			return fail_errno(err, "waiting for the runtime");
		/* a short program may have ended already: its output is in the terminal still */
		if (fds[2].revents && !pass_terminal(r, err))
			return false;
		if (fds[0].revents)
			return true;
		if (fds[1].revents)
			begin_stop(r);
		if (wait_time(r) == 0)
			kill_container(r);
	}
}

/* --- its end */

/* The signal that ended the runtime itself, not the container; 0: none. */
static int killed_by(const struct run *r)
{
	siginfo_t info = {0};

	if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOWAIT) < 0 || info.si_code == CLD_EXITED)
		return 0;
	return info.si_status;
}

static bool conclude(struct run *r, struct run_result *out, struct error *err)
{
	struct run_result result = {.was_stopped = r->was_stopped};
	auto_text failure = {0};
	int number = killed_by(r);

	if (number) /* what it ran goes on without it */
		kill_container(r);
	if (!process_wait(r->pid, &result.status, err))
		return false;
	if (number && !r->was_stopped)
		return fail(err, ERROR_FAILURE, "the OCI runtime '%s' was killed by signal %d",
			    r->runtime, number);
	if (result.status != 0 && !r->was_stopped)
		runtime_read_failure(r->log, &failure);
	if (failure.len > 0 && !runtime_explain(text_str(&failure), &result))
		return fail(err, ERROR_BUILD, "OCI runtime '%s': %s", r->runtime,
			    text_str(&failure));
	*out = result;
	return true;
}

static bool run(struct run *r, struct run_result *out, struct error *err)
{
	if (r->o->has_terminal && !listen_for_console(r, err))
		return false;
	if (!start(r, err))
		return fail_in(err, "starting a container");
	if (watch(r, err))
		return conclude(r, out, err);
	struct run_result ignored_result;
	struct error ignored;

	kill_container(r);
	bool is_over maybe_unused = conclude(r, &ignored_result, &ignored);

	return false;
}

static bool run_in_root(struct run *r, struct run_result *out, struct error *err)
{
	const char *path = r->o->root->path;
	auto_targets targets = {.root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)};

	if (targets.root_fd < 0)
		return fail_errno(err, "opening '%s'", path);
	for (size_t i = 0; bundle_files[i]; i++) {
		auto_free char *target = path_join("/etc", bundle_files[i]);

		targets_add(&targets, target);
	}
	for (size_t i = 0; i < r->o->n_mounts; i++)
		targets_add(&targets, r->o->mounts[i].target);
	bool ok = run(r, out, err);

	targets_clean(&targets);
	return ok;
}

bool container_run(struct sandbox *inside, const struct run_options *o, struct run_result *out,
		   struct error *err)
{
	static unsigned counter;
	char id[32];
	auto_run r = {.inside = inside, .o = o, .console_fd = -1, .pidfd = -1, .id = id};

	if (!check_texts(o, err) || !check_cwd(o, err) ||
	    !runtime_find(o->runtime, &r.runtime, err))
		return false;
	snprintf(id, sizeof(id), "c%u", __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED));
	r.directory = xprintf("%s/%s", SANDBOX_DIRECTORY, id);
	r.log = path_join(r.directory, "log");
	r.console = path_join(r.directory, "console");
	show_cgroups(r.runtime);
	bool ok = write_bundle(&r, err) && run_in_root(&r, out, err);
	struct error ignored; /* it is on our tmpfs, which vanishes soon */
	bool is_removed maybe_unused = tree_remove_path(r.directory, &ignored);

	return ok;
}
