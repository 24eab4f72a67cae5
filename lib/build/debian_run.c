/* SPDX-License-Identifier: MIT
 * mmdebstrap as a stream: its tar is read by the layer unpacker, its diagnostics go to the log, and
 * the last of them into the error.
 */
#include "lib/build/debian_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 16 << 10, TAIL_LINES = 40, SHOWN_LINES = 3 };

struct debian {
	pid_t pid;
	int out_fd; /* -1 at the end of the tar */
	int err_fd;
	int log_fd; /* the caller's; -1: none */
	char *suite;
	struct text line;    /* of stderr, not ended yet */
	struct strings tail; /* the last lines */
};

/* --- what went wrong */

static const struct {
	const char *text;
	enum error_code code;
	const char *hint;
} known[] = {
	{"Unable to locate package", ERROR_BUILD, "correct the names below 'packages:'"},
	{"has no installation candidate", ERROR_BUILD, "correct the names below 'packages:'"},
	{"Version '", ERROR_BUILD, "correct the versions below 'packages:'"},
	{"does not have a Release file", ERROR_BUILD,
	 "correct the suite, or name a 'mirror:' that has it"},
	{"Certificate verification failed", ERROR_NETWORK,
	 "name the CA bundle of your network in SSL_CERT_FILE"},
	{"Could not resolve", ERROR_NETWORK,
	 "check the network, set https_proxy, or name a 'mirror:' for the base"},
	{"Temporary failure resolving", ERROR_NETWORK,
	 "check the network, set https_proxy, or name a 'mirror:' for the base"},
	{"Could not connect", ERROR_NETWORK,
	 "check the network, set https_proxy, or name a 'mirror:' for the base"},
	{"Unable to connect", ERROR_NETWORK,
	 "check the network, set https_proxy, or name a 'mirror:' for the base"},
	{"Failed to fetch", ERROR_NETWORK,
	 "check the network, set https_proxy, or name a 'mirror:' for the base"},
	{"NO_PUBKEY", ERROR_BUILD, "install debian-archive-keyring, or name another 'mirror:'"},
	{"No space left on device", ERROR_FAILURE,
	 "free some space there, or name another place with --store"},
};

/* A line that we know the meaning of; what mmdebstrap says at its end explains nothing. */
static const char *find_known(const struct debian *d, size_t *which)
{
	for (*which = 0; *which < array_len(known); (*which)++)
		for (size_t i = 0; i < d->tail.n; i++)
			if (strstr(d->tail.items[i], known[*which].text))
				return d->tail.items[i];
	return NULL;
}

/* The last errors among the last lines, else the last line. */
static void add_errors(const struct debian *d, struct text *out)
{
	auto_strings errors = {0};

	for (size_t i = 0; i < d->tail.n; i++)
		if (text_starts_with(d->tail.items[i], "E: ") &&
		    strcmp(d->tail.items[i], "E: mmdebstrap failed to run") != 0)
			strings_add(&errors, d->tail.items[i]);
	if (errors.n == 0 && d->tail.n > 0)
		strings_add(&errors, d->tail.items[d->tail.n - 1]);
	for (size_t i = errors.n > SHOWN_LINES ? errors.n - SHOWN_LINES : 0; i < errors.n; i++) {
		text_add(out, out->len > 0 ? "; " : "");
		text_add_printable(out, errors.items[i], strlen(errors.items[i]), false);
	}
}

static bool describe(const struct debian *d, int status, struct error *err)
{
	auto_text shown = {.max = 400};
	size_t which;
	const char *line = find_known(d, &which);

	if (!line) {
		add_errors(d, &shown);
		return fail(err, ERROR_BUILD,
			    "bootstrapping Debian '%s': mmdebstrap ended with %d: %s", d->suite,
			    status, shown.len > 0 ? text_str(&shown) : "it said nothing");
	}
	line += strspn(line, " ");
	text_add_printable(&shown, line, strlen(line), false);
	fail(err, known[which].code, "bootstrapping Debian '%s': %s", d->suite, text_str(&shown));
	return fail_hint(err, "%s", known[which].hint);
}

/* --- its diagnostics */

/* A user namespace may not mount sysfs; mmdebstrap goes on without. */
static bool is_harmless(const char *line)
{
	return strstr(line, "/sys: permission denied") != NULL;
}

static bool end_line(struct debian *d, struct error *err)
{
	const char *line = text_str(&d->line);
	bool ok = true;

	if (*line && !is_harmless(line)) {
		if (d->tail.n == TAIL_LINES) {
			free(d->tail.items[0]);
			memmove(d->tail.items, d->tail.items + 1, d->tail.n * sizeof(char *));
			d->tail.n--;
		}
		strings_add(&d->tail, line);
		text_add_char(&d->line, '\n');
		ok = d->log_fd < 0 ||
		     fd_write_all(d->log_fd, text_str(&d->line), d->line.len, err) ||
		     fail_in(err, "the log");
	}
	text_clear(&d->line);
	return ok;
}

static bool read_errors(struct debian *d, struct error *err)
{
	char bytes[4096];
	ssize_t n = read(d->err_fd, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ||
		       fail_errno(err, "reading from mmdebstrap");
	if (n == 0) {
		fd_close(&d->err_fd);
		return end_line(d, err);
	}
	for (ssize_t i = 0; i < n; i++)
		if (bytes[i] != '\n' && bytes[i] != '\r' && d->line.len < LINE_MAX_BYTES)
			text_add_char(&d->line, bytes[i]);
		else if (!end_line(d, err))
			return false;
	return true;
}

/* One piece of the tar, or its end; diagnostics that come meanwhile are handled. */
static bool read_tar(void *context, void *bytes, size_t size, size_t *got, struct error *err)
{
	struct debian *d = context;

	*got = 0;
	while (d->out_fd >= 0 || d->err_fd >= 0) {
		struct pollfd fds[2] = {{.fd = d->out_fd, .events = POLLIN},
					{.fd = d->err_fd, .events = POLLIN}};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return fail_errno(err, "waiting for mmdebstrap");
		if (fds[1].revents && !read_errors(d, err))
			return false;
		if (!fds[0].revents)
			continue;
		ssize_t n = read(d->out_fd, bytes, size);

		if (n < 0 && errno != EINTR)
			return fail_errno(err, "reading from mmdebstrap");
		if (n > 0) {
			*got = (size_t)n;
			return true;
		}
		if (n == 0)
			fd_close(&d->out_fd);
	}
	return true;
}

struct source debian_source(struct debian *d)
{
	return (struct source){.read = read_tar, .context = d};
}

/* --- its life */

static bool start(struct debian *d, enum sandbox_ids ids, const struct strings *argv,
		  const struct strings *env, struct error *err)
{
	int out_pipe[2];
	int err_pipe[2];

	if (pipe2(out_pipe, O_CLOEXEC) < 0)
		return fail_errno(err, "starting mmdebstrap");
	d->out_fd = out_pipe[0];
	auto_fd int out = out_pipe[1];

	if (pipe2(err_pipe, O_CLOEXEC) < 0)
		return fail_errno(err, "starting mmdebstrap");
	d->err_fd = err_pipe[0];
	auto_fd int errors = err_pipe[1];
	struct process_options o = {
		.argv = strings_argv(argv),
		.env = strings_argv(env),
		.cwd = "/",
		.fd_in = -1,
		.fd_out = out,
		.fd_err = errors,
		.own_session = true,
		.before_exec = ids == SANDBOX_SINGLE ? debian_filter_install : NULL,
	};

	if (process_start(&o, &d->pid, err))
		return true;
	if (err->code == ERROR_NOT_FOUND) {
		fail(err, ERROR_MISSING, "a Debian base needs the program mmdebstrap");
		return fail_hint(err, "install it: apt-get install mmdebstrap");
	}
	return false;
}

static void release(struct debian *d)
{
	fd_close(&d->out_fd);
	fd_close(&d->err_fd);
	free(d->suite);
	text_release(&d->line);
	strings_release(&d->tail);
	free(d);
}

bool debian_open(enum sandbox_ids ids, const struct debian_options *o, int log_fd,
		 struct debian **out, struct error *err)
{
	auto_strings argv = {0};
	auto_strings env = {0};

	if (!debian_prepare(o, ids, &argv, &env, err))
		return fail_in(err, "preparing the Debian base");
	struct debian *d = xcalloc(1, sizeof(*d));

	d->out_fd = d->err_fd = -1;
	d->log_fd = log_fd;
	d->suite = xstrdup(o->suite);
	if (!start(d, ids, &argv, &env, err)) {
		release(d);
		return false;
	}
	*out = d;
	return true;
}

bool debian_close(struct debian *d, struct error *err)
{
	bool is_complete = d->out_fd < 0;
	int status = 0;

	/* its children are in its session; the sandbox's own end takes whoever left it */
	if (!is_complete)
		kill(-d->pid, SIGKILL);
	bool ok = process_wait(d->pid, &status, err);

	if (ok && !is_complete)
		ok = fail(err, ERROR_BUILD, "bootstrapping Debian '%s': ended early", d->suite);
	else if (ok && status != 0)
		ok = describe(d, status, err);
	release(d);
	return ok;
}

/* --skip=output/dev leaves out /dev itself; runtimes mount over all of these. */
static bool add_mount_points(int root_fd, int64_t epoch, struct error *err)
{
	static const char *const names[] = {"dev", "proc", "sys", "run"};
	const struct timespec times[2] = {{.tv_sec = epoch}, {.tv_sec = epoch}};

	for (size_t i = 0; i < array_len(names); i++) {
		if (mkdirat(root_fd, names[i], 0755) < 0 && errno != EEXIST)
			return fail_errno(err, "creating '%s'", names[i]);
		if (utimensat(root_fd, names[i], times, AT_SYMLINK_NOFOLLOW) < 0)
			return fail_errno(err, "setting the time of '%s'", names[i]);
	}
	return utimensat(root_fd, ".", times, 0) == 0 || fail_errno(err, "setting a time");
}

bool debian_bootstrap(enum sandbox_ids ids, const struct debian_options *o,
		      const struct layer_unpack_options *tree, int log_fd,
		      struct layer_stats *stats, struct strings *notes, struct error *err)
{
	struct debian *d = NULL;
	struct error unpack_error = {0};

	if (!debian_open(ids, o, log_fd, &d, err))
		return false;
	assert(d);
	bool is_unpacked = layer_unpack(tree, debian_source(d), stats, notes, &unpack_error);
	bool is_complete = d->out_fd < 0;
	bool is_closed = debian_close(d, err);

	/* a tar that breaks off is mmdebstrap's failure, of which it has more to say */
	if (!is_unpacked && (is_closed || !is_complete)) {
		*err = unpack_error;
		return fail_in(err, "bootstrapping Debian '%s'", o->suite);
	}
	return is_closed && add_mount_points(tree->root_fd, debian_epoch(o->suite), err);
}
