/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/forward.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"
#include "lib/launch/launch.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { PORT_OF_SPEC = -1, PORT_MAX = 65535 };

struct run_command {
	int64_t port;
	struct strings env;
	bool no_build;
	const char *runtime;
};

static const struct run_command defaults = {.port = PORT_OF_SPEC};

static const struct option_row rows[] = {
	OPT('p', "port", NUMBER, run_command, port, "PORT",
	    "listen there on 127.0.0.1 (handlers; default 8000 or dev.port)"),
	OPT('e', "env", REPEAT, run_command, env, "NAME=VALUE", "set a variable of the chute"),
	OPT(0, "no-build", FLAG, run_command, no_build, NULL, "fail if the image is not built yet"),
	OPT_ENV(0, "runtime", TEXT, run_command, runtime, "PROGRAM",
		"the OCI runtime that runs the container", ENV_CHUTES_RUNTIME),
	OPT_END};

struct session {
	const struct spec *spec;
	int64_t port;
};

static void on_phase(void *context, enum launch_phase phase)
{
	const struct session *s = context;
	auto_text routes = {0};

	if (phase != LAUNCH_READY)
		return;
	for (size_t i = 0; i < s->spec->cords.n; i++) {
		const struct spec_cord *cord = &s->spec->cords.items[i];
		/* without the gateway a server's own routes are what answers */
		const struct spec_route *route =
			s->spec->mode == SPEC_SERVER ? &cord->forward : &cord->public_route;

		if (route->path)
			text_addf(&routes, "   %s %s%s", route->method, route->path,
				  cord->is_stream ? " (stream)" : "");
	}
	print_status("ready", "http://127.0.0.1:%d%s", (int)s->port, text_str(&routes));
	print_next("Ctrl-C stops");
}

static void on_note(void *context maybe_unused, const char *text) { print_warning("%s", text); }

/* What the spec asks for and a plain run does not give: said, never dropped silently. */
static void tell_limits(const struct spec *spec)
{
	const struct {
		const char *key;
		bool is_set;
	} limits[] = {
		{"server.headers", spec->server.headers.n > 0},
		{"dev.mounts", spec->dev.mounts.n > 0},
		{"dev.env_file", spec->dev.env_file != NULL},
	};

	for (size_t i = 0; i < array_len(limits); i++)
		if (limits[i].is_set)
			print_warning("'%s' has no effect in 'chutes run'", limits[i].key);
	if (spec->node_selector.gpu_count > 0)
		print_warning("the chute asks for GPUs, and 'chutes run' passes none");
}

static bool launch(struct call *call, struct store *store, const struct spec *spec,
		   const struct build_result *built, struct error *err)
{
	const struct run_command *o = call->options;
	struct session session = {spec, o->port == PORT_OF_SPEC ? spec->dev.port : o->port};
	struct launch_door *door = NULL;
	struct launch_options lo = {
		.store = store,
		.spec = spec,
		.image = built->name,
		.manifest = &built->manifest.digest,
		.version = CHUTES_VERSION,
		.runtime = o->runtime,
		.env = &o->env,
		.fd_out = STDERR_FILENO,
		.fd_err = STDERR_FILENO,
		.timeout_ms = call->globals.timeout_ms,
		.stop_fd = -1,
		.on_phase = on_phase,
		.on_note = on_note,
		.context = &session,
	};

	if (spec->mode == SPEC_SERVER)
		session.port = spec->server.port;
	if (!launch_door_open(&door, spec, err))
		return false;
	lo.door = door;
	bool ok = forward_start(session.port, door, err) && launch_run(&lo, err);

	launch_door_close(door);
	return ok;
}

static bool serve(struct call *call, struct store *store, const struct spec *spec,
		  struct error *err)
{
	const struct run_command *o = call->options;
	struct build_result built = {0};
	struct build_options bo = {.store = store,
				   .spec = spec,
				   .compression = COMPRESSION_GZIP,
				   .runtime = o->runtime,
				   .must_be_cached = o->no_build,
				   .timeout_ms = call->globals.timeout_ms};

	interrupt_catch();
	bool ok = project_build(&bo, true, &built, err) && launch(call, store, spec, &built, err);

	build_result_release(&built);
	return ok;
}

/* A template's engine and an imported module need the platform's own runtime. */
static bool check_mode(const struct spec *spec, struct error *err)
{
	if ((spec->mode == SPEC_HANDLERS || spec->mode == SPEC_SERVER) && spec->jobs.n == 0)
		return true;
	fail(err, ERROR_SPEC, "'%s': there is nothing that this machine could serve", spec->file);
	return fail_hint(err, "'chutes run' takes chutes with cords, of handlers or a server");
}

static bool run(struct call *call, struct error *err)
{
	const struct run_command *o = call->options;
	auto_store struct store *store = NULL;
	auto_spec spec = {0};

	if (o->port != PORT_OF_SPEC && (o->port < 1 || o->port > PORT_MAX))
		return fail(err, ERROR_USAGE, "--port must be 1 to %d, not %" PRId64, PORT_MAX,
			    o->port);
	if (!project_check_env(&o->env, err) || !project_store(call, &store, err) ||
	    !project_spec_to_run(call, store, &spec, err) || !check_mode(&spec, err))
		return false;
	if (o->port != PORT_OF_SPEC && spec.mode == SPEC_SERVER && o->port != spec.server.port) {
		fail(err, ERROR_USAGE, "--port: this chute is a server with a port of its own");
		return fail_hint(err, "change 'server.port' (now %d) in the spec",
				 (int)spec.server.port);
	}
	tell_limits(&spec);
	return serve(call, store, &spec, err);
}

const struct command command_run = {
	.name = "run",
	.summary = "serve the chute on this machine",
	.about = "Builds the image if needed and serves the chute from a container: handlers at\n"
		 "127.0.0.1:8000, a server at its own port. Everything ends with this command.",
	.options = rows,
	.options_size = sizeof(struct run_command),
	.defaults = &defaults,
	.examples = {"chutes run", "chutes run --port 9000 -e LOG=debug 2>run.log &"},
	.exits = {ERROR_SPEC, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_TIMEOUT, ERROR_BUILD,
		  ERROR_START, ERROR_MISSING, ERROR_INTERRUPTED},
	.see_also = {"build", "shell", "validate"},
	.group = GROUP_BUILD,
	.hints_module = true,
	.run = run,
};
