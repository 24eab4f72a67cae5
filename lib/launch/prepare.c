/* SPDX-License-Identifier: MIT
 * Before anything runs: the command, its environment, what is lent, and when it counts as ready.
 */
#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/build/plan.h"
#include "lib/launch/door.h"
#include "lib/launch/launch_internal.h"
#include "lib/launch/proxies.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	PROBE_LIMIT_MS = 2000, /* as the generated module has it */
	MODULE_READY_MS = 600000,
	MODULE_INTERVAL_MS = 50,
	MODULE_GRACE_MS = 25000, /* the platform's runtime has 30 s for everything */
};

static void add_env(struct launch *l, const struct field_pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++)
		strings_env_set(&l->env, pairs->items[i].name, pairs->items[i].value);
}

/* Secrets are named in the spec and taken from our own environment; never written anywhere. */
static void add_secrets(struct launch *l)
{
	const struct launch_options *o = l->options;

	for (size_t i = 0; i < o->spec->secrets.n; i++) {
		const struct spec_secret *secret = &o->spec->secrets.items[i];
		const char *value = env_find(secret->name);

		if (value) {
			strings_env_set(&l->env, secret->name, value);
		} else if (secret->is_required && !strings_env_find(o->env, secret->name)) {
			auto_free char *note = xprintf("secret '%s' is not set: export %s before "
						       "running, or pass it with -e",
						       secret->name, secret->name);

			o->on_note(o->context, note);
		}
	}
}

static void prepare_env(struct launch *l)
{
	const struct spec *spec = l->options->spec;

	strings_add_all(&l->env, &l->config.env);
	if (!strings_env_find(&l->env, "PATH"))
		strings_env_set(&l->env, "PATH", PLAN_DEFAULT_PATH);
	strings_env_set_all(&l->env, &l->gpus.env);
	add_env(l, &spec->env);
	if (spec->mode == SPEC_SERVER)
		add_env(l, &spec->server.env);
	add_env(l, &spec->dev.env);
	add_secrets(l);
	strings_env_set_all(&l->env, l->options->env);
	proxies_add(&l->env);
}

/* The runner comes first; the SDK is only for images that have none of their own. */
void prepare_python(struct launch *l)
{
	const char *path = strings_env_find(&l->env, "PYTHONPATH");
	auto_free char *ours =
		xprintf(LENT_DIRECTORY "/runner%s%s", path && *path ? ":" : "", path ? path : "");

	strings_env_set(&l->env, "PYTHONPATH", ours);
	strings_env_set(&l->env, "PYTHONUNBUFFERED", "1");
	strings_env_set(&l->env, "PYTHONDONTWRITEBYTECODE", "1");
	l->cwd = xstrdup(l->config.working_dir && *l->config.working_dir ? l->config.working_dir
									 : "/");
}

static bool prepare_module(struct launch *l, struct error *err)
{
	const char *python = env_get(ENV_CHUTES_PYTHON);
	auto_free char *target = NULL;

	if (!module_write(l->options, l->directory, &target, err))
		return false;
	l->cords_fd = memfd_create("cords", MFD_CLOEXEC);
	if (l->cords_fd < 0)
		return fail_errno(err, "making a file for the cords");
	strings_add(&l->argv, python ? python : "python3");
	strings_add(&l->argv, "-m");
	strings_add(&l->argv, "chutes_run");
	strings_add(&l->argv, "serve");
	/* the file itself, not its name as a module: the author's own copy may lie in the image */
	strings_addf(&l->argv, LENT_DIRECTORY "/code/%s", target);
	strings_add(&l->argv, "--fd");
	strings_add(&l->argv, "3");
	strings_add(&l->argv, "--cords-fd");
	strings_add(&l->argv, "4");
	strings_add(&l->argv, "--quiet"); /* the gateway has an access log */
	prepare_python(l);
	l->is_run_by_us = true;
	l->ready_path = "/_ping";
	l->ready_status = 200;
	l->ready_ms = MODULE_READY_MS;
	l->interval_ms = MODULE_INTERVAL_MS;
	l->grace_ms = MODULE_GRACE_MS;
	return true;
}

static int signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
		{"TERM", SIGTERM}, {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"HUP", SIGHUP},
		{"KILL", SIGKILL}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2},
	};

	for (size_t i = 0; i < array_len(signals); i++)
		if (strcmp(signals[i].name, name) == 0)
			return signals[i].number;
	return SIGTERM;
}

static void prepare_server(struct launch *l)
{
	const struct spec_server *server = &l->options->spec->server;

	for (size_t i = 0; i < server->command.n; i++)
		strings_add(&l->argv, server->command.items[i]);
	l->cwd = xstrdup(server->workdir);
	l->ready_path = server->ready.path;
	l->ready_status = (int)server->ready.status;
	l->ready_ms = server->ready.timeout_ms;
	l->interval_ms = server->ready.interval_ms;
	l->probe.limit_ms = PROBE_LIMIT_MS;
	l->stop_signal = signal_number(server->stop.signal);
	l->grace_ms = server->stop.grace_ms;
}

static bool find_gpus(struct launch *l, struct error *err)
{
	const char *gpus = l->options->gpus;

	return !gpus || !*gpus || strcmp(gpus, "none") == 0 ||
	       cdi_find(cdi_directories, "nvidia.com/gpu", gpus, &l->gpus, err);
}

bool launch_prepare(struct launch *l, struct error *err)
{
	const struct launch_options *o = l->options;
	struct manifest m = {0};
	const char *scratch;
	bool ok = store_image_load(o->store, o->manifest, &m, &l->config, err);

	manifest_release(&m);
	if (!ok || !tail_new(&l->tail, err) || !store_tmp(o->store, &scratch, err))
		return false;
	l->directory = path_join(scratch, "lent");
	if (!find_gpus(l, err) || !directory_make(l->directory, 0755, err))
		return false;
	prepare_env(l);
	if (l->job)
		return job_prepare(l, err);
	if (o->spec->mode == SPEC_SERVER)
		prepare_server(l);
	else if (!prepare_module(l, err))
		return false;
	l->probe.path = l->ready_path;
	l->probe.door = o->door;
	return true;
}

void launch_release(struct launch *l)
{
	struct error ignored; /* what stays goes with the store's scratch */
	bool is_removed maybe_unused = l->directory && tree_remove_path(l->directory, &ignored);

	probe_end(&l->probe);
	fd_close(&l->epoll);
	fd_close(&l->timer);
	fd_close(&l->cords_fd);
	fd_close(&l->way_out);
	image_config_release(&l->config);
	cdi_edits_release(&l->gpus);
	strings_release(&l->argv);
	strings_release(&l->env);
	tail_free(l->tail);
	free(l->cwd);
	free(l->directory);
}
