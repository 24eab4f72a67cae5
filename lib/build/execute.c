/* SPDX-License-Identifier: MIT
 * Inside the sandbox: run what the cache does not have, one step after the other. Each finished
 * step leaves a tree, a blob and a record before the next one begins, so that nothing finished is
 * lost however this process ends.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/build/message.h"
#include "lib/build/steps.h"

#include <string.h>

static void on_note(void *context, const char *text)
{
	struct execution *x = context;
	struct message m = {.kind = BUILD_EVENT_NOTE, .step = x->step};
	struct error ignored; /* the outside is gone: we are about to die */

	if (!message_send(x->workshop.inside, &m, text, &ignored))
		return;
}

static bool tell(struct execution *x, enum build_event_kind kind, bool is_cached, uint64_t ms,
		 struct error *err)
{
	struct message m = {kind, x->step, is_cached, ms};

	return message_send(x->workshop.inside, &m, NULL, err);
}

/* The content that step `i` starts from: diff_ids of all layers so far. */
static void state_key(const struct execution *x, char out[KEY_HEX_SIZE])
{
	auto_key k = {0};

	key_begin(&k, "state");
	key_number(&k, "layers", (int64_t)x->layers.n);
	for (size_t i = 0; i < x->layers.n; i++)
		key_text(&k, "diff_id", x->layers.items[i].diff_id.text);
	key_hex(&k, out);
}

/* A record under either key: 1, 0, -1. */
static int find_record(struct execution *x, size_t i, const char *result_key, struct error *err)
{
	struct builder *b = x->builder;
	struct step_state *state = &b->states[i];

	if (b->options->ignores_cache)
		return 0;
	int found = step_record_get(b->store, state->key, &state->record, err);

	if (found != 0)
		return found;
	found = step_record_get(b->store, result_key, &state->record, err);
	if (found > 0 && !step_record_put(b->store, state->key, &state->record, err))
		return -1;
	return found;
}

/* Use a recorded step: its blob, made from its tree if this epoch or compression is new. 1; 0 when
 * neither can be had, so that it must run again. */
static int reuse(struct execution *x, size_t i, struct error *err)
{
	struct layer layer;
	size_t missing;
	bool is_empty = false;
	auto_strings paths = {0};

	if (!step_layer(x->builder, i, &layer))
		return 1;
	int found = pack_find(x->builder->store, x->workshop.compression, &layer, err);

	if (found < 0)
		return -1;
	if (found == 0) {
		layers_add(&x->layers, &layer);
		found = trees_find(&x->workshop, &x->layers, x->layers.n, &paths, &missing, err);
		x->layers.n--;
		if (found <= 0)
			return found;
		size_t last = --paths.n;
		auto_free char *path = take(paths.items[last]);

		if (!tree_pack(&x->workshop, &x->layers, &layer, path, &paths, &is_empty, err))
			return -1;
	}
	if (!is_empty)
		layers_add(&x->layers, &layer);
	return 1;
}

/* Pack what the step left in `upper`, file it, record it. */
static bool keep(struct execution *x, size_t i, const char *upper, const struct strings *lowers,
		 uint64_t ms, const char *result_key, struct error *err)
{
	struct builder *b = x->builder;
	struct step_state *state = &b->states[i];
	struct layer layer = step_layer_start(b, i);
	auto_free char *path = NULL;
	bool is_empty = false;

	if (!tree_pack(&x->workshop, &x->layers, &layer, upper, lowers, &is_empty, err) ||
	    (!is_empty && !tree_file(&x->workshop, &layer, upper, &path, err)))
		return false;
	if (!is_empty)
		layers_add(&x->layers, &layer);
	state->record = (struct step_record){.created = clock_unix(), .ms = ms};
	memcpy(state->record.tree, layer.tree, sizeof(layer.tree));
	return step_record_put(b->store, state->key, &state->record, err) &&
	       step_record_put(b->store, result_key, &state->record, err);
}

struct step_use {
	struct execution *x;
	size_t i;
};

static bool use_root(void *context, const struct root *root, struct error *err)
{
	struct step_use *use = context;

	return step_run(use->x, use->i, root, err);
}

/* 1, 0 when a layer below was lost, -1. */
static int execute(struct execution *x, size_t i, const char *result_key, struct error *err)
{
	auto_strings lowers = {0};
	auto_free char *scratch = NULL;
	auto_free char *upper = NULL;
	size_t missing;
	uint64_t start = clock_ms();
	struct error late; /* the first failure is the one that counts */
	int found = trees_find(&x->workshop, &x->layers, x->layers.n, &lowers, &missing, err);

	if (found <= 0)
		return found;
	if (!tell(x, BUILD_EVENT_BEGIN, false, 0, err) ||
	    !workshop_directory(&x->workshop, &scratch, err))
		return -1;
	struct step_use use = {x, i};
	struct root_options ro = {.lowers = (const char *const *)strings_argv(&lowers),
				  .n_lowers = lowers.n,
				  .scratch = scratch};
	bool ok = root_use(x->workshop.inside, &ro, use_root, &use, &upper, err);
	uint64_t ms = clock_ms() - start;

	ok = ok && keep(x, i, upper, &lowers, ms, result_key, err) &&
	     tell(x, BUILD_EVENT_END, false, ms, err);
	return workshop_clean(&x->workshop, scratch, ok ? err : &late) && ok ? 1 : -1;
}

/* 1, 0 when a layer below was lost, -1. */
static int do_step(struct execution *x, size_t i, struct error *err)
{
	struct builder *b = x->builder;
	struct step_state *state = &b->states[i];
	auto_fd int lock = -1;
	char parent[KEY_HEX_SIZE];
	char result_key[KEY_HEX_SIZE];

	x->step = (int)i;
	if (b->plan.steps[i].kind == PLAN_META)
		return tell(x, BUILD_EVENT_END, true, 0, err) ? 1 : -1;
	state_key(x, parent);
	step_key(b, i, parent, result_key);
	/* another process may be running this very step: wait, then take its result */
	if (!store_lock_key(b->store, state->key, &lock, err))
		return -1;
	int found = find_record(x, i, result_key, err);

	if (found > 0)
		found = reuse(x, i, err);
	if (found > 0)
		return tell(x, BUILD_EVENT_END, true, state->record.ms, err) ? 1 : -1;
	return found < 0 ? -1 : execute(x, i, result_key, err);
}

static bool sweep(struct execution *x, struct error *err)
{
	auto_strings names = {0};

	if (!store_garbage(x->builder->store, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!store_garbage_remove(x->builder->store, names.items[i], err))
			return false;
	return true;
}

/* Make the base's layers. Another process may be making them: wait, then take its result. */
static bool make_base(struct execution *x, bool *was_ready, struct error *err)
{
	struct builder *b = x->builder;
	auto_fd int lock = -1;

	if (!store_lock_key(b->store, b->base.key, &lock, err))
		return false;
	int ready = base_is_ready(b->store, x->workshop.compression, &b->base, err);

	*was_ready = ready > 0;
	if (ready != 0)
		return ready > 0;
	return tell(x, BUILD_EVENT_BEGIN, false, 0, err) &&
	       base_make(&x->workshop, &b->base, &b->lend, b->log_fd, err);
}

static bool do_base(struct execution *x, struct error *err)
{
	struct builder *b = x->builder;
	uint64_t start = clock_ms();

	x->step = MESSAGE_BASE;
	base_forget(&b->base);
	int ready = base_is_ready(b->store, x->workshop.compression, &b->base, err);
	bool was_ready = ready > 0;

	if (ready < 0 || (ready == 0 && !make_base(x, &was_ready, err)))
		return false;
	for (size_t i = 0; i < b->base.layers.n; i++)
		layers_add(&x->layers, &b->base.layers.items[i]);
	return tell(x, BUILD_EVENT_END, was_ready, clock_ms() - start, err);
}

/* All of it once: 1, 0 when a layer was lost, -1. */
static int do_all(struct execution *x, struct error *err)
{
	int done = do_base(x, err) ? 1 : -1;

	for (size_t i = 0; done > 0 && i < x->builder->plan.n; i++)
		done = do_step(x, i, err);
	layers_release(&x->layers);
	return done;
}

bool builder_work(struct sandbox *inside, void *arg, struct error *err)
{
	struct builder *b = arg;
	struct execution x = {.builder = b, .step = MESSAGE_BASE};

	x.workshop = (struct workshop){
		.inside = inside,
		.store = b->store,
		.compression = b->options->compression,
		.note = on_note,
		.context = &x,
	};
	if (!store_tmp(b->store, &x.workshop.scratch, err) || !sweep(&x, err))
		return false;
	/* a layer whose blob turned out to be damaged is made again from where it was made first */
	for (size_t i = 0; i <= b->base.layers.n + b->plan.n; i++) {
		int done = do_all(&x, err);

		if (done == 0)
			continue;
		/* whatever went wrong in here, what the caller sees is a build that failed */
		if (done < 0 && err->code == ERROR_FAILURE)
			err->code = ERROR_BUILD;
		return done > 0;
	}
	fail(err, ERROR_CONFLICT, "layers disappear from the store while building");
	return fail_hint(err, "run the build again");
}
