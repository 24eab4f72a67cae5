/* SPDX-License-Identifier: MIT
 * The inside of a launch: the image's trees under an overlay that is thrown away, and in it the
 * process, again and again as 'server.restart' says.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/build/build.h"
#include "lib/launch/door.h"
#include "lib/launch/launch_internal.h"
#include "lib/launch/relay.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As the generated module has it: so many within so long. */
enum { RESTARTS = 3, RESTART_WINDOW_MS = 600000 };

struct work {
	struct launch *launch;
	struct sandbox *inside;
	uint64_t restarted_ms[RESTARTS]; /* clock_ms(); 0: not */
	struct root *lent;               /* for each mount of the user's; empty where it is not */
};

/* The chute's output as it is, but never our terminal. */
static bool run_relayed(const struct work *w, struct run_options *run, struct run_result *result,
			struct error *err)
{
	struct relay *out = NULL;
	struct relay *errors = NULL;
	bool is_one = run->fd_out == run->fd_err;
	bool ok = relay_open(run->fd_err, w->launch->tail, &errors, err) &&
		  (is_one || relay_open(run->fd_out, w->launch->tail, &out, err));

	if (ok) {
		run->fd_err = relay_fd(errors);
		run->fd_out = relay_fd(is_one ? errors : out);
		ok = container_run(w->inside, run, result, err);
	}
	relay_close(errors);
	relay_close(out);
	return ok;
}

/* The number of the next restart, 0 when there is none. */
static unsigned may_restart(struct work *w, const struct run_result *r)
{
	const struct spec *spec = w->launch->options->spec;
	uint64_t now = clock_ms();
	unsigned n = 0;
	size_t free_slot = RESTARTS;

	if (w->launch->job || spec->mode != SPEC_SERVER ||
	    spec->server.restart != SPEC_RESTART_ON_FAILURE || r->status == 0 || r->was_stopped ||
	    r->is_not_found || r->is_not_executable)
		return 0;
	for (size_t i = 0; i < RESTARTS; i++)
		if (w->restarted_ms[i] && now - w->restarted_ms[i] < RESTART_WINDOW_MS)
			n++;
		else
			free_slot = i;
	if (free_slot == RESTARTS)
		return 0;
	w->restarted_ms[free_slot] = now;
	return n + 1;
}

static bool run_again_and_again(struct work *w, const struct run_options *o, struct error *err)
{
	struct ended ended = {0};

	do {
		struct run_options run = *o;

		if (!sandbox_send(w->inside, MESSAGE_STARTED, NULL, 0, -1, err) ||
		    !run_relayed(w, &run, &ended.result, err))
			return false;
		ended.restart = may_restart(w, &ended.result);
		if (!sandbox_send(w->inside, MESSAGE_ENDED, &ended, sizeof(ended), -1, err))
			return false;
	} while (ended.restart > 0);
	return true;
}

/* What is lent, what a job writes, the GPUs, then the user's own. */
static struct mount *list_mounts(const struct work *w, size_t *n)
{
	const struct launch *l = w->launch;
	const struct launch_options *o = l->options;
	struct mount *mounts = xcalloc(3 + l->gpus.n_mounts + o->n_mounts, sizeof(*mounts));

	*n = 0;
	mounts[(*n)++] = (struct mount){l->directory, LENT_DIRECTORY, false, false};
	if (l->job) {
		mounts[(*n)++] = (struct mount){l->job->output_scratch, JOB_OUTPUT, true, false};
		mounts[(*n)++] = (struct mount){l->job->result_scratch, JOB_RESULT, true, false};
	}
	for (size_t i = 0; i < l->gpus.n_mounts; i++) {
		const struct cdi_mount *m = &l->gpus.mounts[i];

		mounts[(*n)++] = (struct mount){m->source, m->target, m->is_writable, m->is_device};
	}
	for (size_t i = 0; i < o->n_mounts; i++) {
		const struct launch_mount *m = &o->mounts[i];
		const char *lent = w->lent[i].path;

		mounts[(*n)++] =
			(struct mount){lent ? lent : m->source, m->target, m->is_writable, false};
	}
	return mounts;
}

static bool choose_user(struct work *w, const struct root *root, struct user_ids *out,
			struct error *err)
{
	struct launch *l = w->launch;
	const char *user = l->config.user && *l->config.user ? l->config.user : "root";

	if (sandbox_ids_of(w->inside) == SANDBOX_SINGLE)
		user = "root";
	if (!user_resolve(root->path, user, out, err))
		return false;
	for (size_t i = 0; i < l->gpus.n_groups && out->n_groups < USER_GROUPS_LIMIT; i++)
		out->groups[out->n_groups++] = l->gpus.groups[i];
	if (!strings_env_find(&l->env, "HOME"))
		strings_env_set(&l->env, "HOME", out->home);
	return true;
}

/* A file, or a directory that belongs to the user, is bound as it is. */
static bool needs_lending(const struct launch_mount *m, const struct user_ids *user)
{
	struct stat st;

	return m->is_lent && m->is_writable && user->uid != 0 && stat(m->source, &st) == 0 &&
	       S_ISDIR(st.st_mode) && st.st_uid != user->uid;
}

static bool lend_mounts(struct work *w, const struct user_ids *user, struct error *err)
{
	const struct launch_options *o = w->launch->options;
	const char *tmp;

	if (!store_tmp(o->store, &tmp, err))
		return false;
	for (size_t i = 0; i < o->n_mounts; i++) {
		auto_free char *scratch = xprintf("%s/lent-%zu", tmp, i);

		if (needs_lending(&o->mounts[i], user) &&
		    (!directory_make(scratch, 0755, err) ||
		     !root_lend(w->inside, o->mounts[i].source, scratch, user, &w->lent[i], err)))
			return false;
	}
	return true;
}

static bool end_lending(struct work *w, struct error *err)
{
	bool ok = true;
	struct error late; /* the first failure is the one that counts */

	for (size_t i = 0; i < w->launch->options->n_mounts; i++) {
		auto_free char *path = w->lent[i].path ? path_directory(w->lent[i].path) : NULL;

		if (path && (!root_unmount(w->inside, &w->lent[i], ok ? err : &late) ||
			     !tree_remove_path(path, ok ? err : &late)))
			ok = false;
	}
	return ok;
}

static bool run_mounted(struct work *w, const struct root *root, const struct user_ids *user,
			struct error *err)
{
	struct launch *l = w->launch;
	const struct launch_options *o = l->options;
	int fds[] = {o->door ? door_listener(o->door) : -1, l->cords_fd};
	struct network *network = NULL;
	size_t n_mounts;
	auto_free struct mount *mounts = list_mounts(w, &n_mounts);
	struct run_options run = {
		.root = root,
		.runtime = o->runtime,
		.argv = strings_argv(&l->argv),
		.user = *user,
		.cwd = l->cwd,
		.hostname = "chute",
		.mounts = mounts,
		.n_mounts = n_mounts,
		.hooks = l->gpus.hooks,
		.n_hooks = l->gpus.n_hooks,
		.is_service = true,
		.fd_in = -1,
		.fd_out = o->fd_out,
		.fd_err = o->fd_err,
		.fds = fds,
		.n_fds = fds[0] >= 0 ? array_len(fds) : 0,
		.stop_signal = l->stop_signal,
		.grace_ms = l->grace_ms,
	};

	if (!launch_network(l, w->inside, &network, err))
		return false;
	run.network = network;
	run.env = strings_argv(&l->env);
	return (!o->door || door_keep(o->door, network, err)) && run_again_and_again(w, &run, err);
}

static bool run_in(void *context, const struct root *root, struct error *err)
{
	struct work *w = context;
	struct user_ids user = {0};
	struct error late; /* the first failure is the one that counts */

	if (!choose_user(w, root, &user, err))
		return false;
	w->lent = xcalloc(w->launch->options->n_mounts + 1, sizeof(*w->lent));
	bool ok = lend_mounts(w, &user, err) && run_mounted(w, root, &user, err);
	bool is_clean = end_lending(w, ok ? err : &late);

	free(w->lent);
	return ok && is_clean;
}

bool launch_work(struct sandbox *inside, void *launch, struct error *err)
{
	struct work w = {.launch = launch, .inside = inside};
	const struct launch_options *o = w.launch->options;
	const char *tmp;
	auto_strings lowers = {0};

	if (!store_tmp(o->store, &tmp, err) ||
	    !image_trees(inside, o->store, o->manifest, &lowers, err))
		return false;
	auto_free char *scratch = path_join(tmp, "run");
	struct root_options ro = {.lowers = (const char *const *)strings_argv(&lowers),
				  .n_lowers = lowers.n,
				  .scratch = scratch};
	struct error late; /* the first failure is the one that counts */

	if (!directory_make(scratch, 0755, err))
		return false;
	bool ok = root_use(inside, &ro, run_in, &w, NULL, err);
	bool is_collected = !w.launch->job || job_collect(w.launch, ok ? err : &late);
	bool is_removed = tree_remove_path(scratch, ok && is_collected ? err : &late);

	return ok && is_collected && is_removed;
}
