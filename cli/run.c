/* SPDX-License-Identifier: MIT
 * chutes run: what happens is told on stderr, in the order in which it happens.
 */
#include "cli/run.h"

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/publish.h"
#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <inttypes.h>
#include <string.h>

#define PORT_OF_SPEC INT64_MIN

enum { PORT_MAX = 65535, PLATFORM_PORT = 8000 };

struct run_command {
	bool detach;
	const char *name;
	const char *publish;
	int64_t port;
	struct running_chute chute;
	bool watch;
	bool stub;
	const char *job;
	const char *args;
	const char *output;
	bool explain_errors;
	const char *cors;
	bool access_log;
};

static const struct run_command defaults = {.port = PORT_OF_SPEC, .access_log = true};

static const struct option_row rows[] = {
	OPT('d', "detach", FLAG, run_command, detach, NULL,
	    "return when it is ready; see ps, logs and stop"),
	OPT(0, "name", TEXT, run_command, name, "NAME", "what ps calls it (default: the spec's)"),
	OPT('p', "publish", TEXT, run_command, publish, "[ADDRESS:]PORT[:CORDPORT]",
	    "where it is reached; 0: any free port (default: 127.0.0.1, dev.port or 8000)"),
	OPT(0, "port", NUMBER, run_command, port, "PORT", "the same, for a port alone"),
	OPT(0, "watch", FLAG, run_command, watch, NULL,
	    "restart it when its files change, build what is needed for that"),
	OPT(0, "stub", FLAG, run_command, stub, NULL,
	    "no container: answer from schemas and examples"),
	RUNNING_CHUTE_ROWS(run_command),
	OPT(0, "job", TEXT, run_command, job, "NAME", "run this job to its end instead"),
	OPT(0, "args", TEXT, run_command, args, "JSON|@FILE|-",
	    "the job's arguments, laid over dev.job_args"),
	OPT('o', "output", TEXT, run_command, output, "DIR",
	    "where the job's files go (default: out)"),
	OPT(0, "explain-errors", FLAG, run_command, explain_errors, NULL,
	    "say in a 400 which field is wrong; the platform does not"),
	OPT(0, "cors", TEXT, run_command, cors, "ORIGIN",
	    "let pages of ORIGIN call it, such as http://localhost:3000; '*': of any"),
	OPT(0, "access-log", FLAG, run_command, access_log, NULL,
	    "a line for each request (default; --no-access-log: none)"),
	OPT_END};

struct session {
	const struct run_command *o;
	struct running running;
};

static void session_release(struct session *s) { running_release(&s->running); }
#define auto_session __attribute__((cleanup(session_release))) struct session

/* --- what happens */

static void add_routes(struct text *out, const struct spec *spec)
{
	for (size_t i = 0; i < spec->cords.n; i++) {
		const struct spec_cord *cord = &spec->cords.items[i];

		if (cord->public_route.path)
			text_addf(out, "   %s %s%s", cord->public_route.method,
				  cord->public_route.path, cord->is_stream ? " (stream)" : "");
	}
}

static void tell_ready(const struct session *s, const char *address)
{
	const struct running *r = &s->running;
	auto_text routes = {0};

	add_routes(&routes, &r->spec);
	print_status(r->local.is_stub ? "stub" : "ready", "http://%s%s", address,
		     text_str(&routes));
	for (size_t i = 0; i < r->n_mounts && !r->local.is_stub; i++)
		print_status("mount", "%s -> %s%s", r->mounts[i].source, r->mounts[i].target,
			     r->mounts[i].is_writable ? "" : " (read-only)");
	if (!s->o->detach)
		print_next("Ctrl-C stops; docs at http://%s/", address);
}

/* A server's own output beside what we tell: marked, so that nobody takes one for the other. */
static void tell_output(const struct session *s, const char *text)
{
	auto_free char *line =
		s->running.spec.mode == SPEC_SERVER ? xprintf("server | %s", text) : xstrdup(text);

	print_log(line, strlen(line));
}

static void on_event(void *context, const struct local_event *e)
{
	const struct session *s = context;

	switch (e->kind) {
	case LOCAL_EVENT_LISTENING:
		print_live("start  %s", s->running.spec.name);
		break;
	case LOCAL_EVENT_READY:
		tell_ready(s, e->text);
		break;
	case LOCAL_EVENT_RESTARTED:
		print_status("watch", "%s", e->text);
		break;
	case LOCAL_EVENT_REFUSED:
		print_problem(e->text, e->hint);
		print_status("watch", "what runs goes on as it was");
		break;
	case LOCAL_EVENT_DOWN:
		print_problem(e->text, e->hint);
		print_status("watch", "waiting for a change");
		break;
	case LOCAL_EVENT_REQUEST:
		print_log(e->text, strlen(e->text));
		break;
	case LOCAL_EVENT_NOTE:
		print_warning("%s", e->text);
		break;
	case LOCAL_EVENT_OUTPUT:
		tell_output(s, e->text);
		break;
	}
}

static bool reload(void *context, const char *changed maybe_unused, struct launch_options *out,
		   struct error *err)
{
	const struct session *s = context;

	return running_reload(&s->running, out, err);
}

/* --- run */

static bool choose_address(const struct run_command *o, char **out, struct error *err)
{
	if (o->publish && o->port != PORT_OF_SPEC)
		return fail(err, ERROR_USAGE, "--publish and --port say the same: take one");
	if (o->port != PORT_OF_SPEC && (o->port < 0 || o->port > PORT_MAX))
		return fail(err, ERROR_USAGE, "--port must be 0 to %d, not %" PRId64, PORT_MAX,
			    o->port);
	if (o->port != PORT_OF_SPEC)
		*out = xprintf("127.0.0.1:%" PRId64, o->port);
	return !o->publish || publish_parse(o->publish, PLATFORM_PORT, out, err);
}

/* As browsers write it: anything else would never be the same text. */
static bool check_origin(const char *origin, struct error *err)
{
	const char *authority = origin ? strstr(origin, "://") : NULL;

	if (!origin || strcmp(origin, "*") == 0 || strcmp(origin, "null") == 0 ||
	    (authority && authority > origin && authority[3] && !strpbrk(authority + 3, "/?# ")))
		return true;
	fail(err, ERROR_USAGE, "--cors '%.200s' is no origin", origin);
	return fail_hint(err, "write http://localhost:3000, without a path, or '*' for all pages");
}

static bool check_options(const struct call *call, struct error *err)
{
	const struct run_command *o = call->options;
	const struct {
		const char *name;
		bool is_given;
	} serving[] = {
		{"--detach", o->detach},     {"--publish", o->publish != NULL},
		{"--watch", o->watch},       {"--port", o->port != PORT_OF_SPEC},
		{"--stub", o->stub},         {"--cors", o->cors != NULL},
		{"--name", o->name != NULL},
	};

	for (size_t i = 0; o->job && i < array_len(serving); i++)
		if (serving[i].is_given)
			return fail(err, ERROR_USAGE, "%s means nothing with --job",
				    serving[i].name);
	if (!o->job && (o->args || o->output)) {
		fail(err, ERROR_USAGE, "%s belongs to a job", o->args ? "--args" : "--output");
		return fail_hint(err, "name it with --job");
	}
	return check_origin(o->cors, err);
}

/* Without --job there must be something to serve. */
static bool check_cords(const struct spec *spec, struct error *err)
{
	auto_text names = {.max = 200};

	if (spec->jobs.n == 0)
		return true;
	for (size_t i = 0; i < spec->jobs.n; i++)
		text_addf(&names, "%s%s", i ? ", " : "", spec->jobs.items[i].function);
	fail(err, ERROR_USAGE, "'%s' has jobs: which one is not said", spec->name);
	return fail_hint(err, "name one with --job: %s", text_str(&names));
}

static bool start(struct session *s, struct error *err)
{
	auto_free char *address = NULL;
	const char *name = s->o->name ? s->o->name : s->running.spec.name;

	if (!local_start(&s->running.local, &address, err))
		return false;
	print_changed();
	struct json_out *j = print_result();

	tell_ready(s, address);
	print_next("chutes logs -f %s; chutes stop %s", name, name);
	if (j) {
		json_out_text(j, "name", name);
		json_out_text(j, "address", address);
		auto_free char *url = xprintf("http://%s", address);

		json_out_text(j, "url", url);
		json_out_text(j, "image", s->running.built.name);
		json_out_bool(j, "stub", s->running.local.is_stub);
	}
	print_line("http://%s", address);
	return true;
}

static bool serve(struct call *call, const struct running_options *ro, struct error *err)
{
	auto_session s = {.o = call->options};
	struct local_options *local = &s.running.local;

	if (!running_load(&s.running, call, ro, err) || !check_cords(&s.running.spec, err) ||
	    !running_fill(&s.running, err))
		return false;
	local->on_event = on_event;
	local->context = &s;
	if (s.o->watch)
		local->reload = reload;
	if (!address_is_loopback(local->address))
		print_warning("other machines can reach the chute at %s, and nothing asks who they "
			      "are",
			      local->address);
	return s.o->detach ? start(&s, err) : local_run(local, err);
}

static bool run(struct call *call, struct error *err)
{
	const struct run_command *o = call->options;
	auto_free char *address = NULL;

	if (!check_options(call, err) || !choose_address(o, &address, err))
		return false;
	const struct running_options ro = {
		.chute = &o->chute,
		.name = o->name,
		.address = address,
		.cors_origin = o->cors,
		.is_stub = o->stub,
		.explains_errors = o->explain_errors,
		.logs_requests = o->access_log && !call->globals.quiet,
	};

	return o->job ? run_job(call, &ro, o->job, o->args, o->output, err) : serve(call, &ro, err);
}

const struct command command_run = {
	.name = "run",
	.summary = "serve the chute on this machine, as deployment would",
	.about = "Builds the image if needed, runs the chute in a container and serves its\n"
		 "cords at 127.0.0.1:8000: the platform's routes, input checks and limits, and\n"
		 "a page to try them at /. Everything ends with this command, or with 'stop'.",
	.options = rows,
	.options_size = sizeof(struct run_command),
	.defaults = &defaults,
	.examples = {"chutes run --watch", "chutes run -d -p 9000 -e LOG=debug -v ./data:/data",
		     "chutes run --job train --args @args.json -o out", "url=$(chutes run -dp 0)"},
	.exits = {ERROR_SPEC, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_TIMEOUT, ERROR_BUILD,
		  ERROR_START, ERROR_MISSING, ERROR_JOB, ERROR_INTERRUPTED},
	.see_also = {"ps", "logs", "stop", "build", "shell"},
	.group = GROUP_BUILD,
	.hints_module = true,
	.run = run,
};
