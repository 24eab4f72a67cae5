/* SPDX-License-Identifier: MIT
 * A shell, or one command, in an image: on a writable copy that is thrown away. The exit status is
 * the command's own, so that ours are told apart as docker does: 125, 126, 127.
 */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/terminal.h"
#include "lib/base/inside.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/build/plan.h"
#include "lib/container/container.h"
#include "lib/oci/oci.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
	STATUS_OURS = 125,
	MESSAGE_RESULT = 1,
	GRACE_MS = 2000,
	CLEANING_MS = 3000, /* the sandbox has so much longer than the command */
};

struct shell_command {
	const char *image;
	struct strings env;
	struct strings volumes;
	const char *user;
	bool no_build;
	const char *runtime;
};

static const struct option_row rows[] = {
	OPT(0, "image", TEXT, shell_command, image, "IMAGE",
	    "an image of the store (default: the chute's, built if needed)"),
	OPT('e', "env", REPEAT, shell_command, env, "NAME=VALUE", "set a variable (repeat)"),
	OPT('v', "volume", REPEAT, shell_command, volumes, "HOST:DIR[:ro]",
	    "show a file or directory of this machine as DIR (repeat)"),
	OPT('u', "user", TEXT, shell_command, user, "USER[:GROUP]", "default: the image's"),
	OPT(0, "no-build", FLAG, shell_command, no_build, NULL,
	    "fail if the image is not built yet"),
	OPT_ENV(0, "runtime", TEXT, shell_command, runtime, "PROGRAM",
		"the OCI runtime that runs the container", ENV_CHUTES_RUNTIME),
	OPT_END,
};

struct session {
	const struct shell_command *o;
	uint64_t timeout_ms;
	struct store *store;
	char *scratch;
	struct digest manifest;
	struct image_config config;
	struct strings argv; /* empty: the image's shell */
	struct strings env;
	struct strings paths; /* of mounts: source, target, source … */
	struct mount *mounts;
	size_t n_mounts;
	bool has_terminal;
	struct terminal terminal;
	struct run_result result;
};

static void session_release(struct session *s)
{
	store_close(s->store);
	free(s->scratch);
	image_config_release(&s->config);
	strings_release(&s->argv);
	strings_release(&s->env);
	strings_release(&s->paths);
	free(s->mounts);
}
#define auto_session __attribute__((cleanup(session_release))) struct session

/* --- options */

static bool parse_volume(struct session *s, const char *text, struct mount *out, struct error *err)
{
	auto_strings parts = {0};

	strings_split(&parts, text, ':');
	const char *mode = parts.n == 3 ? parts.items[2] : "rw";

	if (parts.n < 2 || parts.n > 3 || parts.items[1][0] != '/' ||
	    (strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0)) {
		fail(err, ERROR_USAGE, "--volume '%s' is not HOST:DIR[:ro]", text);
		return fail_hint(err, "DIR is absolute: -v \"$PWD/data:/data:ro\"");
	}
	char *source = realpath(parts.items[0], NULL);

	if (!source)
		return fail_errno(err, "--volume '%s'", parts.items[0]);
	strings_add_taken(&s->paths, source);
	strings_add_taken(&s->paths, path_clean(parts.items[1]));
	out->is_writable = strcmp(mode, "rw") == 0;
	return true;
}

static bool parse_volumes(struct session *s, struct error *err)
{
	const struct strings *volumes = &s->o->volumes;

	s->mounts = xcalloc(volumes->n + 1, sizeof(*s->mounts));
	for (size_t i = 0; i < volumes->n; i++)
		if (!parse_volume(s, volumes->items[i], &s->mounts[i], err))
			return false;
	s->n_mounts = volumes->n;
	for (size_t i = 0; i < s->n_mounts; i++) {
		s->mounts[i].source = s->paths.items[2 * i];
		s->mounts[i].target = s->paths.items[2 * i + 1];
	}
	return true;
}

static void choose_env(struct session *s)
{
	strings_add_all(&s->env, &s->config.env);
	if (!strings_env_find(&s->env, "PATH"))
		strings_env_set(&s->env, "PATH", PLAN_DEFAULT_PATH);
	if (s->has_terminal && env_get(ENV_TERM))
		strings_env_set(&s->env, "TERM", env_get(ENV_TERM));
	strings_env_set_all(&s->env, &s->o->env);
}

/* --- which image */

static bool find_image(struct session *s, const char *name, struct error *err)
{
	auto_store_image image = {0};

	if (!project_image(s->store, name, &image, err))
		return false;
	s->manifest = image.manifest.digest;
	return true;
}

static bool build_image(struct session *s, const struct call *call, struct error *err)
{
	auto_spec spec = {0};
	struct build_result built = {0};

	if (!project_spec_to_run(call, s->store, &spec, err))
		return false;
	struct build_options o = {
		.store = s->store,
		.spec = &spec,
		.compression = COMPRESSION_GZIP,
		.runtime = s->o->runtime,
		.must_be_cached = s->o->no_build,
		.timeout_ms = s->timeout_ms,
	};
	bool ok = project_build(&o, true, &built, err);

	if (ok)
		s->manifest = built.manifest.digest;
	build_result_release(&built);
	return ok;
}

static bool open_image(struct session *s, const struct call *call, struct error *err)
{
	auto_manifest manifest = {0};
	const char *tmp;

	/* out here, where our process id says who owns the directory */
	if (!project_store(call, &s->store, err) || !store_tmp(s->store, &tmp, err))
		return false;
	s->scratch = path_join(tmp, "shell");
	return (s->o->image ? find_image(s, s->o->image, err) : build_image(s, call, err)) &&
	       store_image_load(s->store, &s->manifest, &manifest, &s->config, err);
}

/* --- inside */

static bool choose_program(struct session *s, const struct root *root, struct error *err)
{
	auto_fd int fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening '%s'", root->path);
	if (s->argv.n > 0)
		return true;
	auto_fd int bash = inside_open(fd, "bin/bash", O_PATH, 0);

	strings_add(&s->argv, bash >= 0 ? "/bin/bash" : "/bin/sh");
	return true;
}

struct run_use {
	struct session *session;
	struct sandbox *inside;
};

static bool run_in(void *context, const struct root *root, struct error *err)
{
	const struct run_use *use = context;
	struct session *s = use->session;
	struct sandbox *inside = use->inside;
	const char *user = s->o->user ? s->o->user : s->config.user;
	struct run_options run = {
		.root = root,
		.runtime = s->o->runtime,
		.cwd = s->config.working_dir && *s->config.working_dir ? s->config.working_dir
								       : NULL,
		.hostname = "chute",
		.mounts = s->mounts,
		.n_mounts = s->n_mounts,
		.has_terminal = s->has_terminal,
		.fd_in = STDIN_FILENO,
		.fd_out = STDOUT_FILENO,
		.fd_err = STDERR_FILENO,
		.grace_ms = GRACE_MS,
	};

	if (!choose_program(s, root, err) ||
	    !user_resolve(root->path, user ? user : "", &run.user, err))
		return false;
	if (!strings_env_find(&s->env, "HOME"))
		strings_env_set(&s->env, "HOME", run.user.home);
	run.argv = strings_argv(&s->argv);
	run.env = strings_argv(&s->env);
	return container_run(inside, &run, &s->result, err);
}

static bool run_on_copy(struct session *s, struct sandbox *inside, struct error *err)
{
	auto_strings lowers = {0};

	if (!image_trees(inside, s->store, &s->manifest, &lowers, err))
		return false;
	struct root_options o = {.lowers = (const char *const *)strings_argv(&lowers),
				 .n_lowers = lowers.n,
				 .scratch = s->scratch};

	struct run_use use = {s, inside};

	return root_use(inside, &o, run_in, &use, NULL, err);
}

static bool work(struct sandbox *inside, void *arg, struct error *err)
{
	struct session *s = arg;
	struct error late; /* the first failure counts */

	if (!directory_make(s->scratch, 0755, err))
		return false;
	bool ok = run_on_copy(s, inside, err);
	/* in here, since its files may belong to sub-ids */
	bool is_removed = tree_remove_path(s->scratch, ok ? err : &late);

	return ok && is_removed &&
	       sandbox_send(inside, MESSAGE_RESULT, &s->result, sizeof(s->result), -1, err);
}

/* --- outside */

static bool on_message(void *context, int type, const void *bytes, size_t len, int fd,
		       struct error *err)
{
	struct session *s = context;

	if (type == RUN_MESSAGE_TERMINAL)
		return terminal_join(&s->terminal, fd, err);
	fd_close(&fd);
	if (type == MESSAGE_RESULT && len == sizeof(s->result))
		memcpy(&s->result, bytes, len);
	return true;
}

static bool on_readable(void *context, struct error *err)
{
	struct session *s = context;

	return terminal_carry(&s->terminal, err);
}

static bool enter(struct session *s, struct error *err)
{
	struct sandbox_options o = {
		.on_message = on_message,
		.context = s,
		.timeout_ms = s->timeout_ms,
		.grace_ms = GRACE_MS + CLEANING_MS,
	};

	if (!sandbox_probe(&o.ids, err))
		return false;
	if (!s->has_terminal)
		return sandbox_run(&o, work, s, err);
	if (!terminal_open(&s->terminal, err))
		return false;
	o.on_readable = on_readable;
	o.extra_fd = s->terminal.poll_fd;
	bool ok = sandbox_run(&o, work, s, err);

	terminal_close(&s->terminal);
	return ok;
}

static bool conclude(const struct session *s, struct call *call, struct error *err)
{
	const char *program = s->argv.n ? s->argv.items[0] : "/bin/sh";

	call->exit_status = s->result.status;
	if (s->result.is_not_found)
		return fail(err, ERROR_NOT_FOUND, "program '%s' is not in the image", program);
	if (s->result.is_not_executable)
		return fail(err, ERROR_BUILD, "'%s' cannot be executed", program);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	auto_session s = {.o = call->options,
			  .timeout_ms = call->globals.timeout_ms,
			  .has_terminal = terminal_is_ours()};

	interrupt_catch();
	strings_add_all(&s.argv, &call->behind);
	if (parse_volumes(&s, err) && project_check_env(&s.o->env, err) &&
	    open_image(&s, call, err)) {
		choose_env(&s);
		if (enter(&s, err))
			return conclude(&s, call, err);
	}
	if (err->code != ERROR_INTERRUPTED && err->code != ERROR_TIMEOUT)
		call->exit_status = STATUS_OURS;
	return false;
}

const struct command command_shell = {
	.name = "shell",
	.arguments = "[-- COMMAND...]",
	.summary = "a shell or one command in the image",
	.about = "Runs COMMAND, or a shell, in the image, on a copy that is thrown away. With\n"
		 "a terminal it is interactive. The exit status is the command's own; 127 when\n"
		 "there is no such program, 126 when it cannot be executed, 125 when we fail\n"
		 "ourselves.",
	.options = rows,
	.options_size = sizeof(struct shell_command),
	.formats = "text",
	.examples = {"chutes shell", "chutes shell -- python3 -c 'import fastapi'",
		     "tar -c data | chutes shell --image hello -- tar -x -C /tmp"},
	.exits = {ERROR_TIMEOUT, ERROR_INTERRUPTED},
	.see_also = {"build", "run", "images"},
	.group = GROUP_BUILD,
	.run = run,
};
