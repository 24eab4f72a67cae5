/* SPDX-License-Identifier: MIT
 * A root file system that holds one static program (guest.c), and a way to run it there as whoever
 * the test is: root, a user with sub-ids, a user with one id.
 */
#ifndef CHUTES_TESTS_CONTAINER_FIXTURE_H
#define CHUTES_TESTS_CONTAINER_FIXTURE_H

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "lib/container/container.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory with tree/ (the image) and scratch/ (one container's). */
struct place {
	char *path;
	char *tree;
	char *scratch;
};

static bool remove_inside(struct sandbox *inside maybe_unused, void *arg, struct error *err)
{
	return tree_remove_path(arg, err);
}

/* Which ids the tests run with, or NULL ids and the reason to skip. */
static inline bool test_ids(enum sandbox_ids *ids)
{
	static char reason[512];
	struct error err;

	if (sandbox_probe(ids, &err))
		return true;
	snprintf(reason, sizeof(reason), "%s", err.message);
	tap_skip_reason = reason;
	return false;
}

/* In a sandbox, since the files may belong to sub-ids. */
static inline void place_release(struct place *p)
{
	enum sandbox_ids ids;
	struct error err;

	if (p->path && test_ids(&ids))
		CHECK_OK(sandbox_run(&(struct sandbox_options){.ids = ids}, remove_inside, p->path,
				     &err),
			 err);
	free(p->path);
	free(p->tree);
	free(p->scratch);
}
#define auto_place __attribute__((cleanup(place_release))) struct place

static inline void put_file(const char *directory, const char *name, const char *text, mode_t mode)
{
	auto_free char *path = path_join(directory, name);
	auto_free char *parent = path_directory(path);
	struct error err;

	CHECK_OK(directory_make(parent, 0755, &err), err);
	CHECK_OK(file_create(path, text, strlen(text), mode, &err), err);
}

static inline struct place place_new(void)
{
	const char *base = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	auto_free char *directory = xprintf("%s/chutes-test-XXXXXX", base);
	struct error err;

	umask(022);
	if (!mkdtemp(directory))
		abort();
	chmod(directory, 0755);
	struct place p = {
		.path = xstrdup(directory),
		.tree = path_join(directory, "tree"),
		.scratch = path_join(directory, "scratch"),
	};
	auto_free char *guest = path_join(p.tree, "bin/guest");

	put_file(p.tree, "bin/plain", "not a program\n", 0644);
	put_file(p.tree, "etc/passwd",
		 "root:x:0:0:root:/root:/bin/sh\nworker:x:7:8::/home/worker:/bin/sh\n", 0644);
	put_file(p.tree, "etc/group", "root:x:0:\nworker:x:8:\nextra:x:9:worker\n", 0644);
	CHECK(mkdir(p.scratch, 0755) == 0);
	const char *program = getenv("CHUTES_TEST_GUEST"); /* meson says where */
	auto_fd int from = program ? open(program, O_RDONLY | O_CLOEXEC) : -1;
	auto_fd int to = open(guest, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	if (from < 0)
		abort();
	CHECK_OK(fd_copy(from, to, NULL, &err), err);
	return p;
}

enum { FIXTURE_RESULT = 1 };

/* One container: fill `run` (argv, root, env and the output are ours) and `options`. */
struct job {
	const struct place *place;
	struct run_options run;
	struct sandbox_options options;
	struct run_result result;
	struct error err;
	struct text output;     /* stdout and stderr */
	struct strings changed; /* names at the top of the upper directory */
	int out_fd;
	int n_ticks;          /* of a test that counts them */
	const char *variable; /* one more of the environment */
};

static inline void job_release(struct job *j)
{
	text_release(&j->output);
	strings_release(&j->changed);
}
#define auto_job __attribute__((cleanup(job_release))) struct job

static bool job_message(void *context, int type, const void *bytes, size_t len, int fd,
			struct error *err maybe_unused)
{
	struct job *j = context;

	fd_close(&fd);
	if (type == FIXTURE_RESULT && len == sizeof(j->result))
		memcpy(&j->result, bytes, len);
	return true;
}

static bool job_inside(struct sandbox *inside, void *arg, struct error *err)
{
	struct job *j = arg;
	const char *lowers[] = {j->place->tree};
	struct root_options o = {.lowers = lowers, .n_lowers = 1, .scratch = j->place->scratch};
	struct root root;

	if (!root_mount(inside, &o, &root, err))
		return false;
	j->run.root = &root;
	return container_run(inside, &j->run, &j->result, err) &&
	       root_unmount(inside, &root, err) &&
	       sandbox_send(inside, FIXTURE_RESULT, &j->result, sizeof(j->result), -1, err);
}

/* Run `guest` with these words (NULL-terminated). */
static inline bool job_run(struct job *j, const char *const *words)
{
	auto_strings env = {0};
	auto_strings argv = {0};
	auto_fd int out = memfd_create("output", MFD_CLOEXEC);
	struct error ignored;

	for (size_t i = 0; words[i]; i++)
		strings_add(&argv, words[i]);
	if (!j->run.argv)
		j->run.argv = strings_argv(&argv);
	strings_add(&env, "PATH=/bin");
	strings_add(&env, "WORD=value");
	if (j->variable)
		strings_add(&env, j->variable);
	j->run.env = strings_argv(&env);
	j->run.fd_in = -1;
	j->run.fd_out = out;
	j->run.fd_err = out;
	if (!j->options.on_message) {
		j->options.on_message = job_message;
		j->options.context = j;
	}
	bool ok = test_ids(&j->options.ids) && sandbox_run(&j->options, job_inside, j, &j->err);

	lseek(out, 0, SEEK_SET);
	CHECK(fd_read_all(out, 1 << 20, &j->output, &ignored));
	auto_free char *upper = path_join(j->place->scratch, "upper");
	auto_fd int fd = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		CHECK(directory_list(fd, &j->changed, &ignored));
	return ok;
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
