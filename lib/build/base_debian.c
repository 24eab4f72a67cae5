/* SPDX-License-Identifier: MIT
 * The Debian base as layers: what mmdebstrap makes, and on top of it the user, the working
 * directory and the permissions that the image rules ask for. Bootstrapped once, shared by all
 * projects.
 */
#include "lib/build/base.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/build/debian.h"
#include "lib/build/plan.h"

#include <fcntl.h>
#include <unistd.h>

static struct debian_options options_of(const struct base *b)
{
	const struct spec_base *spec = b->spec;

	return (struct debian_options){
		.suite = spec->suite,
		.packages = spec->packages.items,
		.n_packages = spec->packages.n,
		.is_minimal = spec->variant == DEBIAN_MINIMAL,
		.components = spec->components.items,
		.n_components = spec->components.n,
		.mirror = spec->mirror,
	};
}

bool base_debian_find(struct base *b, struct error *err)
{
	struct debian_options o = options_of(b);
	auto_text shown = {0};

	if (!debian_check(&o, err))
		return false;
	debian_key(&o, platform_architecture(), b->key);
	b->created = debian_epoch(o.suite);
	/* as old as the release: one base for all, whatever the epoch of a build on it */
	struct layer layer = {.has_epoch = true, .epoch = b->created};

	layers_add(&b->layers, &layer);
	text_addf(&shown, "debian %s", o.suite);
	for (size_t i = 0; i < o.n_packages; i++)
		text_addf(&shown, " %s", o.packages[i]);
	base_history(b, text_str(&shown));
	strings_env_set(&b->config.env, "PATH", PLAN_DEFAULT_PATH);
	if (o.is_minimal)
		return true;
	layers_add(&b->layers, &layer);
	base_history(b, "debian: user chutes, working directory /app");
	b->config.user = "chutes";
	b->config.working_dir = "/app";
	return true;
}

static bool bootstrap(struct workshop *w, struct base *b, const struct lend *lend, int log_fd,
		      const char *directory, struct error *err)
{
	struct debian_options o = options_of(b);
	auto_free char *upper = path_join(directory, "upper");
	auto_free char *scratch = path_join(directory, "scratch");
	auto_strings none = {0};
	auto_strings notes = {0};
	struct layer_stats stats = {0};

	o.lend = lend;
	o.scratch = scratch;
	if (!directory_make(upper, 0755, err) || !directory_make(scratch, 0755, err))
		return false;
	auto_fd int fd = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening '%s'", upper);
	struct layer_unpack_options tree = workshop_unpack_options(w, fd);

	bool ok =
		debian_bootstrap(sandbox_ids_of(w->inside), &o, &tree, log_fd, &stats, &notes, err);

	workshop_note_all(w, &notes);
	return ok && base_layer_keep(w, b, 0, upper, &none, err);
}

static bool customize_root(void *context, const struct root *root, struct error *err)
{
	const struct base *b = context;
	auto_fd int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening '%s'", root->path);
	return debian_customize(fd, b->spec->suite, b->ids == SANDBOX_SINGLE, err);
}

static bool customize(struct workshop *w, struct base *b, const char *directory, struct error *err)
{
	struct layers first = {.items = b->layers.items, .n = 1};
	auto_strings lowers = {0};

	if (!trees_get(w, &first, first.n, &lowers, err))
		return false;
	struct root_options ro = {.lowers = (const char *const *)lowers.items,
				  .n_lowers = lowers.n,
				  .scratch = directory};

	auto_free char *upper = NULL;
	bool ok = root_use(w->inside, &ro, customize_root, b, &upper, err);

	return ok && base_layer_keep(w, b, 1, upper, &lowers, err);
}

bool base_debian_make(struct workshop *w, struct base *b, const struct lend *lend, int log_fd,
		      struct error *err)
{
	struct error late; /* the first failure is the one that counts */

	for (size_t i = 0; i < b->layers.n; i++) {
		auto_free char *directory = NULL;

		/* made by an earlier build that did not get to the end */
		if (digest_is_set(&b->layers.items[i].diff_id))
			continue;
		if (!workshop_directory(w, &directory, err))
			return false;
		bool ok = i == 0 ? bootstrap(w, b, lend, log_fd, directory, err)
				 : customize(w, b, directory, err);

		if (!workshop_clean(w, directory, ok ? err : &late) || !ok)
			return false;
	}
	return true;
}
