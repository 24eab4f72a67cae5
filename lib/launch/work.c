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
#include <unistd.h>

/* As the generated module has it: so many within so long. */
enum { RESTARTS = 3, RESTART_WINDOW_MS = 600000 };

struct work {
	struct launch *launch;
	struct sandbox *inside;
	uint64_t restarted_ms[RESTARTS]; /* clock_ms(); 0: not */
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

	if (spec->mode != SPEC_SERVER || spec->server.restart != SPEC_RESTART_ON_FAILURE ||
	    r->status == 0 || r->was_stopped || r->is_not_found || r->is_not_executable)
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

static bool run_in(void *context, const struct root *root, struct error *err)
{
	struct work *w = context;
	struct launch *l = w->launch;
	const struct launch_options *o = l->options;
	size_t n_mounts = o->n_mounts + 1;
	auto_free struct mount *mounts = xcalloc(n_mounts, sizeof(*mounts));
	struct network *network = NULL;
	int fds[] = {door_listener(o->door), l->cords_fd};
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
		.fds = fds,
		.n_fds = fds[0] >= 0 ? array_len(fds) : 0,
		.stop_signal = l->stop_signal,
		.grace_ms = l->grace_ms,
	};
	const char *user = l->config.user && *l->config.user ? l->config.user : "root";

	if (sandbox_ids_of(w->inside) == SANDBOX_SINGLE)
		user = "root";
	mounts[0] = (struct mount){.source = l->directory, .target = LENT_DIRECTORY};
	for (size_t i = 0; i < o->n_mounts; i++)
		mounts[i + 1] = (struct mount){o->mounts[i].source, o->mounts[i].target,
					       o->mounts[i].is_writable};
	if (!user_resolve(root->path, user, &run.user, err) ||
	    !launch_network(l, w->inside, &network, err))
		return false;
	run.network = network;
	if (!strings_env_find(&l->env, "HOME"))
		strings_env_set(&l->env, "HOME", run.user.home);
	run.env = strings_argv(&l->env);
	return door_keep(o->door, run.network, err) && run_again_and_again(w, &run, err);
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
	bool is_removed = tree_remove_path(scratch, ok ? err : &late);

	return ok && is_removed;
}
