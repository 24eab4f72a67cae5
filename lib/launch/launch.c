/* SPDX-License-Identifier: MIT */
#include "lib/launch/launch.h"

#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/build/build.h"
#include "lib/build/plan.h"
#include "lib/launch/relay.h"

#include <string.h>
#include <unistd.h>

#define INSIDE_DIRECTORY "/run/chutes"

enum {
	MESSAGE_ENDED = 1, /* struct run_result */
	TICK_MS = 50,
	HANDLERS_READY_MS = 600000,
	HANDLERS_GRACE_MS = 25000, /* the platform's runtime has 30 s for everything */
};

struct launch {
	const struct launch_options *options;
	struct image_config config;
	char *directory; /* what is lent to the container, in the store's scratch */
	struct strings argv;
	struct strings env;
	char *cwd;
	int64_t port;
	const char *ready_path;
	int ready_status;
	uint64_t ready_ms; /* how long it may take */
	uint64_t probe_ms; /* between two probes */
	uint64_t grace_ms;
	uint64_t started_ms;
	bool is_ready;
	bool has_ended;
	struct run_result result;
};

/* --- what to run */

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
		auto_free char *prefix = xprintf("%s=", secret->name);
		const char *entry;
		size_t at = 0;

		if (env_next(prefix, &at, &entry)) {
			strings_env_set(&l->env, secret->name, entry + strlen(prefix));
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
	add_env(l, &spec->env);
	if (spec->mode == SPEC_SERVER)
		add_env(l, &spec->server.env);
	add_env(l, &spec->dev.env);
	add_secrets(l);
	strings_env_set_all(&l->env, l->options->env);
}

static void prepare_module(struct launch *l, const char *target)
{
	const char *python = env_get(ENV_CHUTES_PYTHON);

	strings_add(&l->argv, python ? python : "python3");
	strings_add(&l->argv, "-m");
	strings_add(&l->argv, "chutes_run");
	strings_add(&l->argv, "serve");
	/* the file itself, not its name as a module: the author's own copy may lie in the image */
	strings_addf(&l->argv, INSIDE_DIRECTORY "/code/%s", target);
	strings_add(&l->argv, "--host");
	strings_add(&l->argv, "127.0.0.1");
	strings_add(&l->argv, "--port");
	strings_addf(&l->argv, "%d", (int)l->options->port);
	strings_env_set(&l->env, "PYTHONPATH", INSIDE_DIRECTORY "/sdk");
	strings_env_set(&l->env, "PYTHONUNBUFFERED", "1");
	strings_env_set(&l->env, "PYTHONDONTWRITEBYTECODE", "1");
	l->cwd = xstrdup(l->config.working_dir && *l->config.working_dir ? l->config.working_dir
									 : "/");
	l->port = l->options->port;
	l->ready_path = "/_ping";
	l->ready_status = 200;
	l->ready_ms = HANDLERS_READY_MS;
	l->probe_ms = TICK_MS;
	l->grace_ms = HANDLERS_GRACE_MS;
}

static void prepare_server(struct launch *l)
{
	const struct spec_server *server = &l->options->spec->server;

	for (size_t i = 0; i < server->command.n; i++)
		strings_add(&l->argv, server->command.items[i]);
	l->cwd = xstrdup(server->workdir);
	l->port = server->port;
	l->ready_path = server->ready.path;
	l->ready_status = (int)server->ready.status;
	l->ready_ms = server->ready.timeout_ms;
	l->probe_ms = server->ready.interval_ms;
	l->grace_ms = server->stop.grace_ms;
}

static bool prepare_process(struct launch *l, struct error *err)
{
	auto_free char *target = NULL;

	if (l->options->spec->mode == SPEC_SERVER) {
		prepare_server(l);
		return true;
	}
	if (!module_write(l->options, l->directory, &target, err))
		return false;
	prepare_module(l, target);
	return true;
}

static bool prepare(struct launch *l, struct error *err)
{
	const struct launch_options *o = l->options;
	struct manifest m = {0};
	const char *scratch;
	bool ok = store_image_load(o->store, o->manifest, &m, &l->config, err);

	manifest_release(&m);
	if (!ok || !store_tmp(o->store, &scratch, err))
		return false;
	l->directory = path_join(scratch, "lent");
	prepare_env(l);
	return directory_make(l->directory, 0755, err) && prepare_process(l, err) &&
	       port_check(l->port, err);
}

/* --- inside */

/* The chute's output as it is, but never our terminal. */
static bool run_relayed(struct launch *l, struct sandbox *inside, struct run_options *run,
			struct error *err)
{
	struct relay *out = NULL;
	struct relay *errors = NULL;
	bool is_one = run->fd_out == run->fd_err;
	bool ok = !isatty(run->fd_err) || relay_open(run->fd_err, &errors, err);

	if (ok && !is_one && isatty(run->fd_out))
		ok = relay_open(run->fd_out, &out, err);
	if (errors)
		run->fd_err = relay_fd(errors);
	if (out || is_one)
		run->fd_out = out ? relay_fd(out) : run->fd_err;
	ok = ok && container_run(inside, run, &l->result, err);
	relay_close(errors);
	relay_close(out);
	return ok;
}

struct run_use {
	struct launch *launch;
	struct sandbox *inside;
};

static bool run_in(void *context, const struct root *root, struct error *err)
{
	const struct run_use *use = context;
	struct launch *l = use->launch;
	struct sandbox *inside = use->inside;
	const struct launch_options *o = l->options;
	size_t n_mounts = o->n_mounts + 1;
	auto_free struct mount *mounts = xcalloc(n_mounts, sizeof(*mounts));
	struct run_options run = {
		.root = root,
		.runtime = o->runtime,
		.argv = strings_argv(&l->argv),
		.cwd = l->cwd,
		.hostname = "chute",
		.mounts = mounts,
		.n_mounts = n_mounts,
		.is_service = true,
		.fd_in = -1,
		.fd_out = o->fd_out,
		.fd_err = o->fd_err,
		.grace_ms = l->grace_ms,
	};
	const char *user = l->config.user && *l->config.user ? l->config.user : "root";

	if (sandbox_ids_of(inside) == SANDBOX_SINGLE)
		user = "root";
	mounts[0] = (struct mount){.source = l->directory, .target = INSIDE_DIRECTORY};
	for (size_t i = 0; i < o->n_mounts; i++)
		mounts[i + 1] = o->mounts[i];
	if (!user_resolve(root->path, user, &run.user, err))
		return false;
	if (!strings_env_find(&l->env, "HOME"))
		strings_env_set(&l->env, "HOME", run.user.home);
	run.env = strings_argv(&l->env);
	return run_relayed(l, inside, &run, err);
}

static bool work(struct sandbox *inside, void *arg, struct error *err)
{
	struct launch *l = arg;
	const char *tmp;
	auto_strings lowers = {0};

	if (!store_tmp(l->options->store, &tmp, err) ||
	    !image_trees(inside, l->options->store, l->options->manifest, &lowers, err))
		return false;
	auto_free char *scratch = path_join(tmp, "run");
	struct root_options ro = {.lowers = (const char *const *)strings_argv(&lowers),
				  .n_lowers = lowers.n,
				  .scratch = scratch};
	struct run_use use = {l, inside};
	struct error late; /* the first failure is the one that counts */

	if (!directory_make(scratch, 0755, err))
		return false;
	bool ok = root_use(inside, &ro, run_in, &use, NULL, err);

	if (!tree_remove_path(scratch, ok ? err : &late))
		ok = false;
	return ok && sandbox_send(inside, MESSAGE_ENDED, &l->result, sizeof(l->result), -1, err);
}

/* --- outside */

static bool on_message(void *context, int type, const void *bytes, size_t len, int fd,
		       struct error *err)
{
	struct launch *l = context;

	fd_close(&fd);
	if (type != MESSAGE_ENDED || len != sizeof(l->result))
		return fail(err, ERROR_FAILURE, "the sandbox sent an unknown message %d", type);
	memcpy(&l->result, bytes, len);
	l->has_ended = true;
	return true;
}

static bool on_tick(void *context, struct sandbox *outside maybe_unused, struct error *err)
{
	struct launch *l = context;

	if (l->is_ready || l->has_ended)
		return true;
	if (ready_probe(l->port, l->ready_path) == l->ready_status) {
		l->is_ready = true;
		l->options->on_ready(l->options->context, l->port);
		return true;
	}
	if (clock_ms() - l->started_ms < l->ready_ms)
		return true;
	fail(err, ERROR_START, "the chute did not get ready in %llu s: GET %s at port %d",
	     (unsigned long long)(l->ready_ms / 1000), l->ready_path, (int)l->port);
	return fail_hint(err, l->options->spec->mode == SPEC_SERVER
				      ? "its output stands above; see 'server.ready' of the spec"
				      : "its output stands above: do its startup hooks end?");
}

/* The process has ended although nobody asked it to. */
static bool explain_end(const struct launch *l, struct error *err)
{
	const struct run_result *r = &l->result;
	const char *when = l->is_ready ? "" : " before it was ready";

	if (r->is_not_found) {
		fail(err, ERROR_START, "'%s' is not in the image", l->argv.items[0]);
		return fail_hint(err, "install it in a step of 'image.steps'");
	}
	if (r->is_not_executable)
		return fail(err, ERROR_START, "'%s' cannot be executed", l->argv.items[0]);
	if (r->status == 128 + 9) {
		fail(err, ERROR_START, "the chute was killed%s", when);
		return fail_hint(err, "that is what happens when memory runs out: see 'dmesg'");
	}
	if (r->status > 128)
		return fail(err, ERROR_START, "the chute died of signal %d%s", r->status - 128,
			    when);
	fail(err, ERROR_START, "the chute ended with status %d%s", r->status, when);
	return fail_hint(err, "its output stands above");
}

static bool serve(struct launch *l, struct error *err)
{
	enum sandbox_ids ids;

	if (!prepare(l, err) || !sandbox_probe(&ids, err))
		return false;
	struct sandbox_options so = {
		.ids = ids,
		.on_message = on_message,
		.extra_fd = -1,
		.on_tick = on_tick,
		.tick_ms = l->probe_ms > TICK_MS ? l->probe_ms : TICK_MS,
		.context = l,
		.timeout_ms = l->options->timeout_ms,
		/* one second more than the process has, to clean up */
		.grace_ms = l->grace_ms + 1000,
	};

	l->started_ms = clock_ms();
	return sandbox_run(&so, work, l, err) && explain_end(l, err);
}

bool launch_run(const struct launch_options *o, struct error *err)
{
	struct launch l = {.options = o};
	bool ok = serve(&l, err);

	image_config_release(&l.config);
	strings_release(&l.argv);
	strings_release(&l.env);
	free(l.cwd);
	free(l.directory);
	return ok;
}
