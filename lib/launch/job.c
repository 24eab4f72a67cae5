/* SPDX-License-Identifier: MIT
 * A job: a function through the runner, or a command with what the generated module passes it.
 */
#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/launch/collect.h"
#include "lib/launch/launch_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESULT_FILE "result.json"
#define ARGS_FILE   "args.json"

enum { GRACE_MS = 10000, RESULT_LIMIT = 16 << 20 };

/* --- before */

static bool make_writable(const char *path, struct error *err)
{
	if (!directory_make(path, 0755, err))
		return false;
	/* whoever the image's user is; the directory around it is ours */
	return chmod(path, 0777) == 0 || fail_errno(err, "'%s'", path);
}

static bool make_places(struct launch *l, struct error *err)
{
	struct launch_job_files *j = l->job;
	static const char *const targets[] = {"output", "result"};
	const char *scratch;

	if (!store_tmp(l->options->store, &scratch, err))
		return false;
	j->output_scratch = path_join(scratch, "job-output");
	j->result_scratch = path_join(scratch, "job-result");
	for (size_t i = 0; i < array_len(targets); i++) {
		auto_free char *target = path_join(l->directory, targets[i]);

		if (!directory_make(target, 0755, err))
			return false;
	}
	j->result_fd = memfd_create("result", MFD_CLOEXEC);
	if (j->result_fd < 0)
		return fail_errno(err, "making a file for the result");
	return make_writable(j->output_scratch, err) && make_writable(j->result_scratch, err) &&
	       directory_make(j->output, 0755, err);
}

static bool prepare_function(struct launch *l, struct error *err)
{
	const struct launch_job_files *j = l->job;
	const char *python = env_get(ENV_CHUTES_PYTHON);
	auto_free char *args = path_join(l->directory, ARGS_FILE);
	auto_free char *target = NULL;

	if (!module_write(l->options, l->directory, &target, err) ||
	    !file_create(args, j->args_json, strlen(j->args_json), 0644, err))
		return false;
	auto_free char *module = path_join(LENT_DIRECTORY "/code", target);
	const char *const words[] = {
		python ? python : "python3",
		"-m",
		"chutes_run",
		"job",
		module,
		j->job->function,
		"--args",
		LENT_DIRECTORY "/" ARGS_FILE,
		"--output",
		JOB_OUTPUT,
		"--result",
		JOB_RESULT "/" RESULT_FILE,
	};

	for (size_t i = 0; i < array_len(words); i++)
		strings_add(&l->argv, words[i]);
	l->is_run_by_us = true;
	return true;
}

/* As lib/lower/python/commands.py has it. */
static void prepare_command(struct launch *l)
{
	const struct launch_job_files *j = l->job;

	for (size_t i = 0; i < j->job->command.n; i++)
		strings_add(&l->argv, j->job->command.items[i]);
	strings_env_set(&l->env, "JOB_ARGS", j->args_json);
	strings_env_set(&l->env, "OUTPUT_DIR", JOB_OUTPUT);
	strings_env_set(&l->env, "TMPDIR", JOB_OUTPUT);
	l->job->timeout_ms = j->job->timeout_ms; /* the runner minds that of a function */
}

bool job_prepare(struct launch *l, struct error *err)
{
	l->grace_ms = GRACE_MS;
	if (!make_places(l, err))
		return false;
	if (l->job->job->command.n == 0 && !prepare_function(l, err))
		return false;
	if (l->job->job->command.n > 0)
		prepare_command(l);
	prepare_python(l);
	return true;
}

/* --- after, inside */

static bool collect_result(const struct launch_job_files *j, struct error *err)
{
	auto_free char *path = path_join(j->result_scratch, RESULT_FILE);
	auto_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	/* none is an answer too; what is no file is none */
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return true;
	if (st.st_size > RESULT_LIMIT)
		return fail(err, ERROR_JOB, "the job's result is above the limit of %d MiB",
			    RESULT_LIMIT >> 20);
	return fd_copy(fd, j->result_fd, NULL, err);
}

bool job_collect(struct launch *l, struct error *err)
{
	const struct launch_job_files *j = l->job;
	struct error late; /* the first failure is the one that counts */
	bool ok = collect_result(j, err);

	if (!collect(j->output_scratch, j->output, ok ? err : &late))
		ok = false;
	if (!tree_remove_path(j->output_scratch, ok ? err : &late) ||
	    !tree_remove_path(j->result_scratch, ok ? err : &late))
		ok = false;
	return ok;
}

/* --- after, outside */

static bool conclude(struct launch *l, bool ok, struct error *err)
{
	const struct spec_job *job = l->job->job;
	bool is_missing = l->is_run_by_us && l->ended.result.status == EXIT_PACKAGE_MISSING;

	if (l->job->is_late)
		return fail(err, ERROR_JOB, "%s took more than %g s", l->subject,
			    (double)job->timeout_ms / 1000);
	if (l->was_told_to_stop)
		return fail(err, ERROR_JOB, "%s was cancelled", l->subject);
	if (!ok || l->ended.result.status == 0)
		return ok;
	fail_ended(l, err);
	/* an image that cannot run the job at all is another matter */
	if (!is_missing && !l->ended.result.is_not_found && !l->ended.result.is_not_executable)
		err->code = ERROR_JOB;
	tell_last_lines(l);
	return false;
}

static bool run_job(struct launch *l, struct text *result, struct error *err)
{
	bool ok = conclude(l, launch_loop(l, err), err);
	struct error late; /* the first failure is the one that counts */

	if (l->job->result_fd < 0)
		return ok;
	lseek(l->job->result_fd, 0, SEEK_SET);
	if (!fd_read_all(l->job->result_fd, RESULT_LIMIT, result, ok ? err : &late))
		ok = false;
	return ok;
}

bool launch_job(const struct launch_options *o, const struct spec_job *job, const char *args_json,
		const char *output, struct text *result, struct error *err)
{
	struct launch_job_files files = {.job = job, .args_json = args_json, .result_fd = -1};
	auto_free char *subject = xprintf("job '%s'", job->function);
	struct launch l = {.options = o,
			   .subject = subject,
			   .job = &files,
			   .cords_fd = -1,
			   .epoll = -1,
			   .timer = -1,
			   .way_out = -1};

	if (!directory_make(output, 0755, err))
		return false;
	files.output = realpath(output, NULL);
	bool ok = files.output ? run_job(&l, result, err) : fail_errno(err, "'%s'", output);

	launch_release(&l);
	fd_close(&files.result_fd);
	free(files.output);
	free(files.output_scratch);
	free(files.result_scratch);
	return ok;
}
