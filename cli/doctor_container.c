/* SPDX-License-Identifier: MIT
 * chutes doctor: what containers need. Nothing is guessed from versions: a program is run in a
 * container as a build step is, with the store's own disk below it.
 */
#include "cli/doctor.h"

#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/process.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/store/store.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION_LIMIT = 4096, CONTAINER_TIMEOUT_MS = 20000 };

/* --- the runtime */

void doctor_runtime(struct doctor *d, struct report *r)
{
	auto_free char *path = NULL;
	auto_text version = {0};
	struct error err;

	if (!runtime_find(NULL, &path, &err)) {
		report_error(r, "D141", &err);
		doctor_needs(d, "crun");
		return;
	}
	char *const argv[] = {path, (char[]){"--version"}, NULL};

	if (!process_capture(argv, NULL, VERSION_LIMIT, &version, NULL, &err)) {
		report_error(r, "D141", &err);
		return;
	}
	text_addf(&r->summary, "%s, %.*s", path, (int)strcspn(text_str(&version), "\n"),
		  text_str(&version));
}

/* --- namespaces */

static void tell_single(struct doctor *d, struct report *r)
{
	const struct passwd *user = getpwuid(getuid());
	const char *missing = sandbox_subids_missing();
	struct finding *f = findings_add(
		&r->findings, "D143", "one user id only: %s",
		missing ? missing : "the ids of /etc/subuid and /etc/subgid cannot be mapped");
	auto_free char *newuidmap = program_find("newuidmap");

	if (!newuidmap) {
		doctor_needs(d, "uidmap");
		finding_hint(f, "install it: apt-get install uidmap");
	} else if (missing) {
		finding_hint(f,
			     "run as root: usermod --add-subuids 100000-165535 --add-subgids "
			     "100000-165535 %s (other numbers where these are taken)",
			     user ? user->pw_name : "USER");
	}
}

void doctor_namespaces(struct doctor *d, struct report *r)
{
	static const char *const who[] = {"root, no user namespace needed",
					  "user namespace with ids of /etc/subuid",
					  "user namespace with one id"};

	if (!doctor_sandbox(d)) {
		report_error(r, "D142", &d->sandbox_error);
		return;
	}
	text_add(&r->summary, who[d->ids]);
	if (d->ids == SANDBOX_SINGLE)
		tell_single(d, r);
}

/* --- a program in a container */

/* The host's own programs, lent to an empty tree. */
static const char *const lent[] = {"/usr", "/bin", "/lib", "/lib64"};

struct trial {
	struct store *store; /* NULL: there is none that can be used, and `place` is ours */
	char *place;
	char *tree;
	char *scratch;
	struct mount mounts[array_len(lent)];
	size_t n_mounts;
};

static void trial_release(struct trial *t)
{
	struct error err;

	if (t->place && !t->store && !tree_remove_path(t->place, &err))
		log_debug("doctor: %s", err.message);
	store_close(t->store);
	free(t->place);
	free(t->tree);
	free(t->scratch);
}

char *doctor_store_place(const struct doctor *d)
{
	char *place = NULL;
	struct error ignored; /* the check of the store tells it */

	if (!store_path_find(d->call->globals.store, &place, &ignored))
		return xstrdup(path_temporary());
	while (!directory_exists(place)) {
		char *above = path_directory(place);

		free(place);
		place = above;
	}
	return place;
}

/* In the store; where there is none yet, on the disk that it would be on, or a temporary one. */
static bool find_place(const struct doctor *d, struct trial *t, struct error *err)
{
	auto_free char *below = doctor_store_place(d);
	auto_free char *wanted = NULL;
	const char *tmp = NULL;
	struct error ignored; /* then it is another place */

	if (store_path_find(d->call->globals.store, &wanted, &ignored) &&
	    directory_exists(wanted) && store_open(wanted, &t->store, &ignored)) {
		if (!store_tmp(t->store, &tmp, err))
			return false;
		t->place = xstrdup(tmp);
		return true;
	}
	const char *chosen = access(below, W_OK) == 0 ? below : path_temporary();

	t->place = xprintf("%s/.chutes-doctor-XXXXXX", chosen);
	if (mkdtemp(t->place))
		return true;
	free(take(t->place));
	return fail_errno(err, "making a directory in '%s'", chosen);
}

/* A merged /usr has links where others have directories. */
static bool lend_directory(struct trial *t, const char *path, struct error *err)
{
	auto_free char *in_tree = xprintf("%s%s", t->tree, path);
	char target[256];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len > 0) {
		target[len] = '\0';
		return symlink(target, in_tree) == 0 || fail_errno(err, "making '%s'", in_tree);
	}
	if (!directory_exists(path))
		return true;
	t->mounts[t->n_mounts++] = (struct mount){.source = path, .target = path};
	return directory_make(in_tree, 0755, err);
}

static bool prepare(const struct doctor *d, struct trial *t, struct error *err)
{
	if (!find_place(d, t, err))
		return false;
	t->tree = path_join(t->place, "tree");
	t->scratch = path_join(t->place, "scratch");
	if (!directory_make(t->tree, 0755, err) || !directory_make(t->scratch, 0755, err))
		return false;
	for (size_t i = 0; i < array_len(lent); i++)
		if (!lend_directory(t, lent[i], err))
			return false;
	return true;
}

struct use {
	struct sandbox *inside;
	const struct trial *trial;
};

static bool use_root(void *context, const struct root *root, struct error *err)
{
	const struct use *u = context;
	char *const argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, (char[]){"exit 0"}, NULL};
	char *const env[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};
	const struct run_options o = {.root = root,
				      .argv = argv,
				      .env = env,
				      .mounts = u->trial->mounts,
				      .n_mounts = u->trial->n_mounts,
				      .fd_in = -1,
				      .fd_out = -1,
				      .fd_err = -1};
	struct run_result result = {0};

	if (!container_run(u->inside, &o, &result, err))
		return false;
	return result.status == 0 ||
	       fail(err, ERROR_MISSING, "/bin/sh ended with %d in a container", result.status);
}

static bool work(struct sandbox *inside, void *arg, struct error *err)
{
	const struct trial *t = arg;
	const char *const lowers[] = {t->tree};
	struct root_options o = {.lowers = lowers, .n_lowers = 1, .scratch = t->scratch};
	struct use u = {inside, t};
	auto_free char *upper = NULL;
	struct error late;

	bool ok = root_use(inside, &o, use_root, &u, &upper, err);

	/* what belongs to sub-ids can be removed here only */
	if (!tree_remove_path(t->scratch, &late))
		log_debug("doctor: %s", late.message);
	return ok;
}

void doctor_container(struct doctor *d, struct report *r)
{
	struct trial t = {0};
	auto_free char *runtime = NULL;
	struct error err;

	if (!doctor_sandbox(d) || !runtime_find(NULL, &runtime, &err)) {
		r->is_absent = true;
		text_add(&r->summary, "not tried: see above");
		return;
	}
	const struct sandbox_options o = {.ids = d->ids, .timeout_ms = CONTAINER_TIMEOUT_MS};
	uint64_t start = clock_ms();

	if (prepare(d, &t, &err) && sandbox_run(&o, work, &t, &err))
		text_addf(&r->summary, "a shell ran on overlayfs in %llu ms",
			  (unsigned long long)(clock_ms() - start));
	else
		report_error(r, "D144", &err);
	trial_release(&t);
}

/* --- its network */

static bool connect_inside(struct sandbox *inside, void *arg maybe_unused, struct error *err)
{
	struct network n = {0};

	if (!network_open(&(struct network_options){.has_outside = true}, &n, err))
		return false;
	bool ok = sandbox_send(inside, 0, n.program, strlen(n.program), -1, err);

	network_release(&n);
	return ok;
}

static bool on_message(void *context, int type maybe_unused, const void *bytes, size_t len, int fd,
		       struct error *err maybe_unused)
{
	text_add_bytes(context, bytes, len);
	fd_close(&fd);
	return true;
}

/* Both programs need this device. */
static const char *tun_remedy(void)
{
	static const char device[] = "/dev/net/tun";

	if (!file_exists(device))
		return "run 'modprobe tun' as root: there is no /dev/net/tun";
	if (access(device, R_OK | W_OK) < 0)
		return "run 'chmod 666 /dev/net/tun' as root: you may not open it";
	return "chutes run in this machine's network, and their egress is not locked";
}

void doctor_network(struct doctor *d, struct report *r)
{
	auto_text program = {0};
	auto_free char *pasta = program_find("pasta");
	auto_free char *slirp = program_find("slirp4netns");
	struct error err;

	if (!pasta && !slirp) {
		struct finding *f =
			findings_add(&r->findings, "D151",
				     "neither pasta nor slirp4netns is here: chutes run "
				     "in this machine's network");

		finding_hint(f, "install one: apt-get install passt");
		doctor_needs(d, "passt");
		return;
	}
	if (!doctor_sandbox(d)) {
		r->is_absent = true;
		text_add(&r->summary, "not tried: see above");
		return;
	}
	const struct sandbox_options o = {.ids = d->ids,
					  .on_message = on_message,
					  .context = &program,
					  .timeout_ms = CONTAINER_TIMEOUT_MS};

	if (sandbox_run(&o, connect_inside, NULL, &err))
		text_addf(&r->summary, "a network of its own, with a way outside by %s",
			  text_str(&program));
	else
		finding_hint(report_error(r, "D151", &err), "%s", tun_remedy());
}
