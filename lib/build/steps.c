/* SPDX-License-Identifier: MIT */
#include "lib/build/steps.h"

#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/build/message.h"
#include "lib/build/output.h"
#include "lib/spec/step_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void on_line(void *context, const char *line)
{
	struct execution *x = context;
	struct message m = {.kind = BUILD_EVENT_LINE, .step = x->step};
	struct error ignored; /* the outside is gone: we are about to die */

	if (!message_send(x->workshop.inside, &m, line, &ignored))
		return;
}

static const char *user_or_root(const char *user) { return *user ? user : "root"; }

/* In the single-id map every user is root. */
static bool find_user(struct execution *x, const char *root, const char *user, struct user_ids *out,
		      struct error *err)
{
	if (sandbox_ids_of(x->workshop.inside) == SANDBOX_SINGLE)
		user = "root";
	return user_resolve(root, user_or_root(user), out, err);
}

/* --- run */

static bool lend_requirements(struct execution *x, size_t i, const char *directory,
			      struct error *err)
{
	const struct builder *b = x->builder;
	const char *file = b->plan.steps[i].requirements;
	auto_text bytes = {0};
	char hash[SHA256_HEX_SIZE];
	auto_free char *path = path_join(directory, path_name(STEP_REQUIREMENTS_PATH));

	if (!file)
		return true;
	if (!step_requirements(b, i, &bytes, hash, err))
		return false;
	if (strcmp(hash, b->states[i].requirements) != 0)
		return context_changed(file, err);
	return file_create(path, text_str(&bytes), bytes.len, 0644, err);
}

static bool lend_settings(struct execution *x, const struct root *root, const char *directory,
			  struct error *err)
{
	auto_fd int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening '%s'", root->path);
	auto_free char *suite = lend_suite(fd);

	return lend_write(&x->builder->lend, directory, LEND_TARGET, suite, err);
}

/* Everything the step sees: its own first, then what tools need, then what the host lends. */
static void compose_env(struct execution *x, const struct plan_step *step,
			const struct user_ids *user, struct strings *out)
{
	strings_add_all(out, &step->env);
	if (!strings_env_find(out, "PATH"))
		strings_env_set(out, "PATH", PLAN_DEFAULT_PATH);
	if (!strings_env_find(out, "HOME"))
		strings_env_set(out, "HOME", user->home);
	/* a .pyc of a mere import carries the real time: never the same twice, and stale once
	 * times are clamped */
	if (!strings_env_find(out, "PYTHONDONTWRITEBYTECODE"))
		strings_env_set(out, "PYTHONDONTWRITEBYTECODE", "1");
	if (x->builder->has_epoch && !strings_env_find(out, "SOURCE_DATE_EPOCH"))
		strings_addf(out, "SOURCE_DATE_EPOCH=%lld", (long long)x->builder->base.created);
	lend_env(&x->builder->lend, out);
}

static void explain(struct error *err, const char *tail, const struct root *root)
{
	struct statvfs st;

	if (strstr(tail, "No space left on device") ||
	    (statvfs(root->upper, &st) == 0 && st.f_bavail * st.f_frsize < 1 << 20))
		fail_hint(err, "the disk of the store is full: free some space, or name another "
			       "place with --store");
	else if (strstr(tail, "CERTIFICATE_VERIFY_FAILED") ||
		 strstr(tail, "No matching distribution found"))
		fail_hint(
			err,
			"if this machine is behind a proxy or a private mirror, set "
			"https_proxy, SSL_CERT_FILE and pip's own settings on it: steps get them");
}

static bool report_failure(struct execution *x, const struct run_result *result,
			   const struct plan_step *step, const struct root *root,
			   const struct text *tail, struct error *err)
{
	struct message m = {.kind = BUILD_EVENT_FAILED, .step = x->step};

	if (!message_send(x->workshop.inside, &m, text_str(tail), err))
		return false;
	if (result->is_not_found) {
		fail(err, ERROR_BUILD, "step '%s': '%s' is not in the image", step->title,
		     step->argv.items[0]);
		return fail_hint(err,
				 "install it in an earlier step, or choose a base that has it");
	}
	if (result->is_not_executable)
		return fail(err, ERROR_BUILD, "step '%s': '%s' cannot be executed", step->title,
			    step->argv.items[0]);
	if (result->status > 128)
		fail(err, ERROR_BUILD, "step '%s' was killed by signal %d", step->title,
		     result->status - 128);
	else
		fail(err, ERROR_BUILD, "step '%s' ended with exit status %d", step->title,
		     result->status);
	explain(err, text_str(tail), root);
	return false;
}

static bool run_container(struct execution *x, const struct plan_step *step,
			  const struct run_options *run, const struct root *root, struct error *err)
{
	struct output_options oo = {.log_fd = x->builder->log_fd, .on_line = on_line, .context = x};
	struct output *output = NULL;
	struct run_options o = *run;
	struct run_result result = {0};
	auto_text tail = {.max = 32000};

	if (!output_open(&oo, &output, err))
		return false;
	o.fd_in = -1;
	o.fd_out = o.fd_err = output_fd(output);
	bool ok = container_run(x->workshop.inside, &o, &result, err);

	output_close(output, &tail);
	if (!ok)
		return fail_in(err, "step '%s'", step->title);
	return result.status == 0 || report_failure(x, &result, step, root, &tail, err);
}

/* On the sandbox's own tmpfs: passwords of an index never reach a disk. */
#define LENT_DIRECTORY "/run/chutes-lent"

static bool step_run_command(struct execution *x, size_t i, const struct root *root,
			     struct error *err)
{
	struct builder *b = x->builder;
	const struct plan_step *step = &b->plan.steps[i];
	auto_strings env = {0};
	struct user_ids user;

	if (!find_user(x, root->path, step->user, &user, err))
		return fail_in(err, "step '%s'", step->title);
	if (!tree_remove_path(LENT_DIRECTORY, err) || !directory_make(LENT_DIRECTORY, 0755, err) ||
	    !lend_settings(x, root, LENT_DIRECTORY, err) ||
	    !lend_requirements(x, i, LENT_DIRECTORY, err))
		return false;
	compose_env(x, step, &user, &env);
	struct mount mounts[] = {{.source = LENT_DIRECTORY, .target = LEND_TARGET}};
	struct run_options o = {
		.root = root,
		.runtime = b->options->runtime,
		.argv = strings_argv(&step->argv),
		.env = strings_argv(&env),
		.cwd = step->cwd,
		.user = user,
		.hostname = BUILD_HOSTNAME,
		.mounts = mounts,
		.n_mounts = array_len(mounts),
	};

	return run_container(x, step, &o, root, err);
}

/* --- add */

/* "USER[:GROUP]" of the step; without one the files are root's, as docker has it. */
static bool step_add(struct execution *x, size_t i, const struct root *root, struct error *err)
{
	struct builder *b = x->builder;
	const struct plan_step *step = &b->plan.steps[i];
	const struct spec_add *add = &step->spec->add;
	auto_fd int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings notes = {0};
	struct user_ids owner = {0};

	if (fd < 0)
		return fail_errno(err, "opening '%s'", root->path);
	if (add->chown && !find_user(x, root->path, add->chown, &owner, err))
		return fail_in(err, "step '%s'", step->title);
	struct add_options o = {
		.root_fd = fd,
		.dest = add->dest,
		.workdir = step->cwd,
		.chmod = add->chmod,
		.uid = owner.uid,
		.gid = owner.gid,
		.has_owner = add->chown != NULL,
		.ids_are_squashed = sandbox_ids_of(x->workshop.inside) == SANDBOX_SINGLE,
		.has_epoch = b->has_epoch,
		.epoch = b->epoch,
	};
	bool ok = context_add(b->context, &b->states[i].selection, &o, &notes, err);

	for (size_t k = 0; k < notes.n; k++)
		x->workshop.note(x->workshop.context, notes.items[k]);
	return ok || fail_in(err, "step '%s'", step->title);
}

/* --- workdir */

/* One directory more; *fd moves to it. */
static bool enter(int *fd, const char *name, const struct user_ids *owner, struct error *err)
{
	bool is_made = mkdirat(*fd, name, 0755) == 0;

	if (!is_made && errno != EEXIST)
		return fail_errno(err, "creating '%s'", name);
	if (is_made && (owner->uid || owner->gid) &&
	    fchownat(*fd, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_errno(err, "changing the owner of '%s'", name);
	int next = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (next < 0)
		return fail_errno(err, "opening '%s'", name);
	fd_close(fd);
	*fd = next;
	return true;
}

/* As far as the path exists links are followed inside the root; the rest is made, and belongs to
 * the step's user. */
static bool step_workdir(struct execution *x, size_t i, const struct root *root, struct error *err)
{
	const struct plan_step *step = &x->builder->plan.steps[i];
	auto_fd int root_fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings parts = {0};
	auto_text so_far = {0};
	auto_fd int at = -1;
	struct user_ids owner;

	if (root_fd < 0 || (at = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return fail_errno(err, "opening '%s'", root->path);
	if (!find_user(x, root->path, step->user, &owner, err))
		return fail_in(err, "step '%s'", step->title);
	strings_split(&parts, step->cwd, '/');
	for (size_t k = 0; k < parts.n; k++) {
		if (parts.items[k][0] == '\0')
			continue;
		text_addf(&so_far, "/%s", parts.items[k]);
		int next = inside_open(root_fd, text_str(&so_far),
				       O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

		if (next < 0 && errno != ENOENT)
			return fail_errno(err, "step '%s': '%s'", step->title, text_str(&so_far));
		if (next >= 0) {
			fd_close(&at);
			at = next;
		} else if (!enter(&at, parts.items[k], &owner, err)) {
			return fail_in(err, "step '%s'", step->title);
		}
	}
	return true;
}

bool step_run(struct execution *x, size_t i, const struct root *root, struct error *err)
{
	switch (x->builder->plan.steps[i].kind) {
	case PLAN_RUN:
		return step_run_command(x, i, root, err);
	case PLAN_ADD:
		return step_add(x, i, root, err);
	case PLAN_MKDIR:
		return step_workdir(x, i, root, err);
	case PLAN_META:
		break;
	}
	return true;
}
