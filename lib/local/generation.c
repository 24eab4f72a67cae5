/* SPDX-License-Identifier: MIT
 * The process of one generation. It has no threads, so that it can make sandboxes: to build what
 * changed, then to run the chute. Gateway and watcher are processes beside it that die with it.
 */
#include "lib/local/local_internal.h"

#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/gateway/gateway.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the callbacks of a launch need. */
struct launching {
	const struct generation *generation;
	int states;
};

void process_attach(pid_t parent, const char *name)
{
	static const int theirs[] = {SIGINT, SIGTERM, SIGHUP};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before */
		_exit(EXIT_FAILURE);
	prctl(PR_SET_NAME, name);
	interrupt_reset();
	for (size_t i = 0; i < array_len(theirs); i++)
		signal(theirs[i], SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

/* --- its helpers */

static _Noreturn void watch_files(const struct generation *g, struct watch *w)
{
	struct error err;
	char *changed;

	while (watch_next(w, &changed, &err)) {
		report_send_text(g->events, REPORT_CHANGED, g->number, changed);
		free(changed);
	}
	auto_free char *note = xprintf("changes are not seen any more: %s", err.message);

	report_send_text(g->events, REPORT_NOTE, g->number, note);
	_exit(EXIT_FAILURE);
}

static bool start_watcher(struct generation *g, struct error *err)
{
	struct watch *w = NULL;
	pid_t parent = getpid();

	if (!g->options->reload)
		return true;
	if (!watch_open(g->options, &g->launch, &w, err))
		return false;
	pid_t pid = fork();

	if (pid == 0) {
		process_attach(parent, "chutes-watch");
		watch_files(g, w);
	}
	watch_free(w);
	g->watcher = pid;
	return pid > 0 || fail_errno(err, "starting the watcher");
}

static bool start_gateway(const struct generation *g, int *states, struct error *err)
{
	int sockets[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return fail_errno(err, "making a socket");
	pid_t pid = fork();

	if (pid == 0) {
		process_attach(parent, "chutes-gateway");
		close(sockets[0]);
		gateway_process_run(g, sockets[1]);
	}
	close(sockets[1]);
	*states = sockets[0];
	return pid > 0 || fail_errno(err, "starting the gateway");
}

/* --- the chute */

static void on_phase(void *context, enum launch_phase phase)
{
	const struct launching *l = context;

	if (phase == LAUNCH_READY)
		gateway_tell(l->states, GATEWAY_READY, "");
	else
		gateway_tell(l->states, GATEWAY_STARTING,
			     phase == LAUNCH_STARTING ? "the chute is starting"
						      : "the chute has ended and is restarted");
}

static void on_cords(void *context, const char *json)
{
	const struct launching *l = context;

	gateway_tell(l->states, GATEWAY_CORDS, json);
}

static void on_note(void *context, const char *text)
{
	const struct launching *l = context;

	report_send_text(l->generation->events, REPORT_NOTE, l->generation->number, text);
}

/* The gateway was told to end, or did. */
static bool has_no_gateway(int states)
{
	struct pollfd fd = {.fd = states, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

static void wait_for_gateway(int states)
{
	struct pollfd fd = {.fd = states, .events = POLLIN};

	while (poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
}

static bool serve(struct generation *g, int states, struct error *err)
{
	struct launching launching = {g, states};
	struct launch_options o = g->launch;

	if (g->options->is_stub) {
		gateway_tell(states, GATEWAY_READY, "");
		wait_for_gateway(states);
		return true;
	}
	o.fd_out = g->output;
	o.fd_err = g->output;
	o.timeout_ms = 0;
	o.stop_fd = states;
	o.on_phase = on_phase;
	o.on_cords = on_cords;
	o.on_note = on_note;
	o.context = &launching;
	return launch_run(&o, err) || has_no_gateway(states);
}

/* The chute has ended by itself. Who watches is told by every request, until a change comes. */
static bool stay_down(const struct generation *g, int states, const struct error *why)
{
	if (!g->options->reload)
		return false;
	report_send_error(g->events, REPORT_DOWN, g->number, why);
	gateway_tell(states, GATEWAY_DOWN, why->message);
	wait_for_gateway(states);
	return true;
}

/* --- its life */

/* Its scratch directory carries our process id, so the store is opened anew. */
static bool prepare(struct generation *g, struct error *err)
{
	const struct local_options *o = g->options;
	const char *tmp;

	if (!o->is_stub) {
		struct store *store = NULL;

		if (!store_open(store_path(g->launch.store), &store, err) ||
		    !store_tmp(store, &tmp, err))
			return false;
		g->launch.store = store;
	}
	return !g->changed || o->reload(o->context, g->changed, &g->launch, err);
}

/* Did what the image is made with change, or only a file that it is made of? */
static bool is_recipe(const struct spec *spec, const char *changed)
{
	const struct spec_steps *steps = &spec->image.steps;

	for (size_t i = 0; i < steps->n; i++)
		if (steps->items[i].kind == STEP_PIP && steps->items[i].pip.requirements &&
		    strcmp(path_name(steps->items[i].pip.requirements), path_name(changed)) == 0)
			return true;
	return strcmp(changed, path_name(spec->file)) == 0 || strcmp(changed, "chute.lock") == 0 ||
	       (spec->image.dockerfile && strcmp(changed, spec->image.dockerfile) == 0);
}

static bool wait_turn(const struct generation *g)
{
	const struct digest *manifest = g->launch.manifest;
	struct report r = {.kind = REPORT_PREPARED,
			   .generation = g->number,
			   .is_rebuilt = g->changed && is_recipe(g->launch.spec, g->changed)};
	char byte;

	snprintf(r.text, sizeof(r.text), "%s", manifest ? manifest->text : "");
	report_send(g->events, &r, false);
	return recv(g->control, &byte, 1, 0) == 1;
}

static bool live(struct generation *g, struct error *err)
{
	if (!prepare(g, err) || !start_watcher(g, err))
		return false;
	if (!wait_turn(g))
		return true;
	if (!g->options->is_stub && !launch_door_open(&g->launch.door, g->launch.spec, err))
		return false;
	return start_gateway(g, &g->states, err) &&
	       (serve(g, g->states, err) || stay_down(g, g->states, err));
}

void generation_run(struct generation *g)
{
	struct error err;
	bool ok = live(g, &err);

	if (!ok)
		report_send_error(g->events, REPORT_FAILED, g->number, &err);
	if (g->launch.door)
		launch_door_close(g->launch.door);
	if (!g->options->is_stub)
		store_close(g->launch.store);
	/* a gateway ends with its socket; nobody else is to collect what we started */
	if (g->watcher > 0)
		kill(g->watcher, SIGKILL);
	fd_close(&g->states);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	_exit(ok ? EXIT_SUCCESS : EXIT_FAILURE);
}
