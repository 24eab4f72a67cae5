/* SPDX-License-Identifier: MIT */
#include "cli/running.h"

#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <string.h>
#include <unistd.h>

#define MODELS_INSIDE "/cache" /* where the platform has HF_HOME */

void running_release(struct running *r)
{
	build_result_release(&r->built);
	strings_release(&r->env);
	for (size_t i = 0; i < r->n_mounts; i++)
		launch_mount_release(&r->mounts[i]);
	free(r->mounts);
	strings_release(&r->files);
	free(r->address);
	spec_release(&r->spec);
	store_close(r->store);
	*r = (struct running){0};
}

/* --- environment: the spec's, then files, then single variables */

static bool add_spec_env_file(struct running *r, struct error *err)
{
	const struct spec_dev *dev = &r->spec.dev;
	auto_strings entries = {0};

	if (!dev->env_file)
		return true;
	auto_free char *path = path_join(r->spec.directory, dev->env_file);

	if (!launch_env_file(path, &entries, err))
		return fail_in(err, "'dev.env_file'");
	strings_env_set_all(&r->env, &entries);
	/* what the spec says itself is nearer than a file that it names */
	for (size_t i = 0; i < dev->env.n; i++)
		strings_env_set(&r->env, dev->env.items[i].name, dev->env.items[i].value);
	return true;
}

static bool add_env(struct running *r, struct error *err)
{
	const struct strings *files = &r->options->chute->env_files;

	if (!add_spec_env_file(r, err))
		return false;
	for (size_t i = 0; i < files->n; i++) {
		auto_free char *path = realpath(files->items[i], NULL);

		if (!launch_env_file(files->items[i], &r->env, err))
			return false;
		if (path)
			strings_add_taken(&r->files, take(path));
	}
	strings_env_set_all(&r->env, &r->options->chute->env);
	return true;
}

/* --- mounts */

static void add_mount(struct running *r, struct launch_mount *mount)
{
	r->mounts = xrealloc(r->mounts, (r->n_mounts + 1) * sizeof(*r->mounts));
	r->mounts[r->n_mounts++] = *mount;
	*mount = (struct launch_mount){0};
}

static bool add_written(struct running *r, const char *text, const char *directory,
			struct error *err)
{
	const char *home = env_get(ENV_HOME);
	auto_free char *whole = home && text_starts_with(text, "~/")
					? xprintf("%s%s", home, text + 1)
					: xstrdup(text);
	struct launch_mount mount;

	if (!launch_mount_parse(whole, directory, &mount, err))
		return false;
	add_mount(r, &mount);
	return true;
}

static bool is_mounted(const struct running *r, const char *target)
{
	for (size_t i = 0; i < r->n_mounts; i++)
		if (path_is_below(target, r->mounts[i].target))
			return true;
	return false;
}

/* Models that are on this machine already need not be fetched again. */
static bool add_models(struct running *r, struct error *err)
{
	const char *home = env_get(ENV_HOME);
	auto_free char *cache = home ? path_join(home, ".cache/huggingface") : NULL;

	if (!cache || !directory_exists(cache) || is_mounted(r, MODELS_INSIDE) ||
	    strings_env_find(&r->env, "HF_HOME"))
		return true;
	auto_free char *text = xprintf("%s:%s", cache, MODELS_INSIDE);

	if (strchr(cache, ':') || !add_written(r, text, "/", err))
		return strchr(cache, ':') != NULL;
	r->mounts[r->n_mounts - 1].is_lent = true;
	strings_env_set(&r->env, "HF_HOME", MODELS_INSIDE);
	r->has_models = true;
	return true;
}

static bool add_mounts(struct running *r, struct error *err)
{
	const struct strings *volumes = &r->options->chute->volumes;
	const struct field_texts *mounts = &r->spec.dev.mounts;
	auto_free char *here = realpath(".", NULL);

	for (size_t i = 0; i < mounts->n; i++)
		if (!add_written(r, mounts->items[i], r->spec.directory, err))
			return fail_in(err, "'dev.mounts'");
	for (size_t i = 0; i < volumes->n; i++)
		if (!add_written(r, volumes->items[i], here ? here : ".", err))
			return fail_in(err, "--volume");
	return add_models(r, err);
}

/* --- the image */

static bool has_gpu(void) { return file_exists("/dev/nvidiactl") || file_exists("/dev/nvidia0"); }

/* Before anything is said of an image that is not there: it would not help. */
static bool check_template(const struct running *r, struct error *err)
{
	auto_spec spec = {0};
	auto_findings ignored_findings = {0};
	const struct spec_options o = {.file = r->call->globals.file,
				       .overlay = r->call->globals.overlay};
	struct error ignored; /* told when it is loaded for good */

	if (r->options->is_stub || (o.file && strcmp(o.file, "-") == 0) ||
	    !spec_load(&o, &spec, &ignored_findings, &ignored) || spec.mode != SPEC_TEMPLATE ||
	    spec.node_selector.gpu_count == 0 || has_gpu())
		return true;
	const char *asked = r->options->chute->gpus;
	const char *gpus = asked ? asked : spec.dev.gpus;

	if (gpus && strcmp(gpus, "none") == 0) /* its engine is one for CPUs */
		return true;
	fail(err, ERROR_MISSING, "'%s' needs a GPU, and this machine shows none", spec.name);
	return fail_hint(err, "--stub answers its cords from their schemas and examples");
}

static bool build(struct running *r, struct error *err)
{
	const struct running_options *o = r->options;
	struct build_options bo = {
		.store = r->store,
		.spec = &r->spec,
		.compression = COMPRESSION_GZIP,
		.runtime = o->chute->runtime,
		.must_be_cached = o->chute->no_build,
		.timeout_ms = r->call->globals.timeout_ms,
	};

	return o->is_stub || project_build(&bo, true, &r->built, err);
}

static bool load_spec(struct running *r, struct error *err)
{
	const struct running_options *o = r->options;

	return o->is_stub ? project_any_spec(r->call, &r->spec, err)
			  : project_spec_to_run(r->call, r->store, &r->spec, err);
}

/* What a launch needs, as far as the spec and the command line say it. */
static bool fill_launch(struct running *r, struct launch_options *out, struct error *err)
{
	const struct running_options *o = r->options;
	const struct spec *spec = &r->spec;
	const char *asked = o->chute->gpus;
	const char *gpus = asked ? asked : spec->dev.gpus;

	if (!add_env(r, err) || !add_mounts(r, err) || !build(r, err))
		return false;
	*out = (struct launch_options){
		.store = r->store,
		.spec = spec,
		.image = r->built.name,
		.manifest = o->is_stub ? NULL : &r->built.manifest.digest,
		.version = CHUTES_VERSION,
		.runtime = o->chute->runtime,
		.env = &r->env,
		.mounts = r->mounts,
		.n_mounts = r->n_mounts,
		.gpus = asked || spec->node_selector.gpu_count > 0 ? gpus : "none",
		.allows_egress = o->chute->allow_egress,
		.stop_fd = -1,
	};
	return true;
}

/* --- changes */

bool running_reload(const struct running *r, struct launch_options *out, struct error *err)
{
	struct running *next = xcalloc(1, sizeof(*next));

	*next = (struct running){.call = r->call, .options = r->options, .store = out->store};
	return load_spec(next, err) && fill_launch(next, out, err);
}

bool running_load(struct running *r, const struct call *call, const struct running_options *o,
		  struct error *err)
{
	r->call = call;
	r->options = o;
	interrupt_catch();
	return project_check_env(&o->chute->env, err) &&
	       (!o->name || local_check_name(o->name, err)) && check_template(r, err) &&
	       (o->is_stub || project_store(call, &r->store, err)) && load_spec(r, err);
}

bool running_fill(struct running *r, struct error *err)
{
	const struct running_options *o = r->options;

	if (!fill_launch(r, &r->local.launch, err))
		return false;
	r->address =
		o->address ? xstrdup(o->address) : xprintf("127.0.0.1:%d", (int)r->spec.dev.port);
	r->local.name = o->name;
	r->local.address = r->address;
	r->local.is_stub = o->is_stub;
	r->local.explains_errors = o->explains_errors;
	r->local.logs_requests = o->logs_requests;
	r->local.cors_origin = o->cors_origin;
	r->local.timeout_ms = r->call->globals.timeout_ms;
	r->local.files = (const char *const *)r->files.items;
	r->local.n_files = r->files.n;
	return true;
}

/* --- which one */

/* Of the caller; NULL: there is no spec here. */
static char *find_directory(const struct call *call)
{
	auto_free char *file = call->globals.file ? xstrdup(call->globals.file) : NULL;
	struct error ignored; /* then it is not said by where we are */

	if (!file && !spec_find(NULL, &file, &ignored))
		return NULL;
	auto_free char *real = realpath(file, NULL);

	return real ? path_directory(real) : NULL;
}

bool running_find_here(const struct call *call, struct local_chute *out)
{
	auto_local_chutes list = {0};
	auto_free char *directory = find_directory(call);
	struct error ignored; /* as above */

	if (!directory || !local_list(&list, &ignored))
		return false;
	struct local_chute *found = NULL;

	for (size_t i = 0; i < list.n; i++)
		if (strcmp(list.items[i].directory, directory) == 0) {
			if (found) /* several of one spec: one must be named */
				return false;
			found = &list.items[i];
		}
	if (!found)
		return false;
	*out = *found;
	*found = (struct local_chute){0};
	return true;
}

bool running_choose(const struct call *call, const char *name, char **out, struct error *err)
{
	auto_local_chute chute = {0};
	auto_free char *directory = name ? NULL : find_directory(call);

	if (name)
		chute.name = xstrdup(name);
	else if (!running_find_here(call, &chute) && !local_find(NULL, &chute, err))
		return false;
	if (directory && strcmp(directory, chute.directory) != 0) {
		fail(err, ERROR_NOT_FOUND, "the chute of this directory does not run");
		return fail_hint(err, "'%s' runs, that of '%s': name it", chute.name,
				 chute.directory);
	}
	*out = take(chute.name);
	return true;
}
