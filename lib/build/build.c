/* SPDX-License-Identifier: MIT
 * One build from the outside: who the base is, what the plan is, what is cached; if anything is
 * missing, a sandbox that makes it; then the commit.
 */
#include "lib/build/build.h"

#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/build/builder.h"
#include "lib/build/inputs.h"
#include "lib/build/message.h"

#include <string.h>
#include <unistd.h>

void build_result_release(struct build_result *r)
{
	free(r->name);
	free(r->log_path);
	findings_release(&r->rules);
	*r = (struct build_result){0};
}

static void builder_release(struct builder *b)
{
	for (size_t i = 0; b->states && i < b->plan.n; i++)
		selection_release(&b->states[i].selection);
	free(b->states);
	context_close(b->context);
	plan_release(&b->plan);
	base_release(&b->base);
	lend_release(&b->lend);
	strings_release(&b->lines);
	fd_close(&b->log_fd);
}

static bool needs_context(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == PLAN_ADD || p->steps[i].requirements)
			return true;
	return false;
}

static bool open_context(struct builder *b, struct error *err)
{
	return !needs_context(&b->plan) ||
	       inputs_open_context(b->store, b->options->spec, &b->context, err);
}

static void check_lock(const struct builder *b)
{
	const struct message note = {.kind = BUILD_EVENT_NOTE, .step = MESSAGE_BASE};
	const char *locked = b->options->locked_base;

	if (locked && strcmp(locked, b->base.pin.text) != 0)
		message_deliver(b, &note,
				"it is not what was locked; if that is meant, run 'chutes lock "
				"--update base'");
}

static bool builder_start(struct builder *b, struct error *err)
{
	const struct spec *spec = b->options->spec;
	int epoch = source_date_epoch(&b->epoch, err);

	if (epoch < 0 || !sandbox_probe(&b->ids, err))
		return false;
	b->has_epoch = epoch > 0;
	struct base_options base = {&spec->image.base, spec->directory, b->ids, b->has_epoch,
				    b->epoch};

	if (!base_find(b->store, &base, &b->base, err))
		return false;
	check_lock(b);
	plan_make(&spec->image, &b->base.config, &b->plan);
	b->states = xcalloc(b->plan.n, sizeof(*b->states));
	return open_context(b, err) && builder_key_steps(b, err);
}

/* "name:tag"; tag auto is the first 12 digits of the hash of everything that goes in. */
static char *image_name(const struct builder *b)
{
	const struct spec_image *image = &b->options->spec->image;
	const char *parent = b->base.key;
	auto_key k = {0};
	auto_text config = {0};
	char hex[KEY_HEX_SIZE];

	if (b->options->name)
		return xstrdup(b->options->name);
	if (strcmp(image->tag, "auto") != 0)
		return xprintf("%s:%s", image->name, image->tag);
	for (size_t i = 0; i < b->plan.n; i++)
		if (b->plan.steps[i].kind != PLAN_META)
			parent = b->states[i].key;
	image_config_format(&b->plan.config, &config);
	key_begin(&k, "tag");
	key_text(&k, "parent", parent);
	key_text(&k, "config", text_str(&config));
	key_hex(&k, hex);
	return xprintf("%s:%.12s", image->name, hex);
}

/* What is missing on this machine is said before a base is bootstrapped for nothing. */
static bool check_runtime(const struct builder *b, struct error *err)
{
	auto_free char *runtime = NULL;

	for (size_t i = 0; i < b->plan.n; i++)
		if (b->plan.steps[i].kind == PLAN_RUN && !b->states[i].is_hit)
			return runtime_find(b->options->runtime, &runtime, err);
	return true;
}

static bool run_sandbox(struct builder *b, struct build_result *out, struct error *err)
{
	struct lend_options lo = {.has_no_host_config = b->options->lends_nothing,
				  .ids_are_squashed = b->ids == SANDBOX_SINGLE};
	struct sandbox_options so = {
		.ids = b->ids,
		.on_message = builder_on_message,
		.on_tick = builder_on_tick,
		.tick_ms = 1000,
		.extra_fd = -1,
		.context = b,
		.timeout_ms = b->options->timeout_ms,
	};

	const char *scratch;

	if (!check_runtime(b, err) || !store_tmp(b->store, &scratch, err) ||
	    !lend_prepare(&lo, &b->lend, err) ||
	    !store_log_create(b->store, &b->log_fd, &out->log_path, err))
		return false;
	if (b->ids == SANDBOX_SINGLE) {
		struct message m = {.kind = BUILD_EVENT_NOTE, .step = MESSAGE_BASE};

		message_deliver(b, &m,
				"this user has no range in /etc/subuid: all files of the "
				"image belong to 0:0");
	}
	if (sandbox_run(&so, builder_work, b, err))
		return true;
	if (err->code == ERROR_TIMEOUT)
		message_unfinished(b, err);
	return false;
}

/* Everything was cached: say so step by step. */
static void tell_cached(const struct builder *b)
{
	struct message m = {BUILD_EVENT_END, MESSAGE_BASE, true, 0};

	message_deliver(b, &m, NULL);
	for (size_t i = 0; i < b->plan.n; i++) {
		m.step = (int)i;
		m.ms = b->states[i].record.ms;
		message_deliver(b, &m, NULL);
	}
}

static bool build(struct builder *b, struct build_result *out, struct error *err)
{
	struct layers layers = {0};
	struct error late;

	if (!builder_start(b, err))
		return false;
	int ready = b->options->ignores_cache ? 0 : builder_look_up(b, &layers, err);

	if (ready < 0)
		return false;
	if (ready > 0)
		tell_cached(b);
	else if (b->options->must_be_cached)
		return fail(err, ERROR_NOT_FOUND, "the image is not built as the spec says now"),
		       fail_hint(err, "run 'chutes build'");
	else if (!run_sandbox(b, out, err))
		return false;
	else
		ready = builder_look_up(b, &layers, err);
	if (ready == 0)
		fail(err, ERROR_CONFLICT, "a layer disappeared from the store while building"),
			fail_hint(err, "run the build again");
	out->name = image_name(b);
	out->n_steps = b->plan.n;
	out->n_cached = b->plan.n - b->n_executed;
	bool ok = ready > 0 && builder_commit(b, &layers, out->name, out, err) &&
		  (!b->options->checks_rules || builder_rules(b, &layers, &out->rules, err));

	layers_release(&layers);
	/* when nobody waits for a step: a restart of the machine then costs no unpacking */
	if (ok && b->n_executed == 0 && !store_trees_sync(b->store, &late))
		log_debug("build: %s", late.message);
	return ok;
}

bool build_run(const struct build_options *o, const struct build_events *events,
	       struct build_result *out, struct error *err)
{
	struct builder b = {.options = o,
			    .events = events,
			    .store = o->store,
			    .log_fd = -1,
			    .running = MESSAGE_NONE};
	bool ok = build(&b, out, err);

	builder_release(&b);
	return ok;
}
