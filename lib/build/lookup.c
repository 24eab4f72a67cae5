/* SPDX-License-Identifier: MIT
 * Cache keys of the steps, and what is already there. A step's definition key follows from the base
 * and the steps before it, so it is known before anything runs; its result key follows from the
 * content that it starts from, so a step that was run again with the same outcome lets everything
 * after it hit.
 */
#include "lib/build/builder.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <string.h>

enum { REQUIREMENTS_LIMIT = 1 << 20 };

/* Owners are not what they should be where there is one id only. */
static void key_ids(struct key *k, const struct builder *b)
{
	key_text(k, "ids", b->ids == SANDBOX_SINGLE ? "squashed" : "full");
}

static void key_run(struct key *k, const struct builder *b, const struct plan_step *step,
		    const struct step_state *state)
{
	key_list(k, "argv", step->argv.items, step->argv.n);
	/* env is a map: its order must not matter */
	auto_strings env = {0};

	strings_add_all(&env, &step->env);
	strings_sort(&env);
	key_list(k, "env", env.items, env.n);
	key_text(k, "user", step->user);
	key_text(k, "cwd", step->cwd);
	key_ids(k, b);
	key_text(k, "requirements", state->requirements);
	/* tools inside see the base's time when an epoch was given */
	key_number(k, "has_epoch", b->has_epoch);
	key_number(k, "epoch", b->has_epoch ? b->base.created : 0);
}

static void key_add(struct key *k, const struct builder *b, const struct plan_step *step,
		    const struct step_state *state)
{
	const struct spec_add *add = &step->spec->add;

	key_text(k, "source", add->source);
	key_text(k, "dest", add->dest);
	key_text(k, "cwd", step->cwd);
	key_text(k, "chown", add->chown);
	key_text(k, "chmod", add->chmod);
	key_ids(k, b);
	key_text(k, "content", state->selection.sha256);
}

void step_key(const struct builder *b, size_t i, const char *parent, char out[KEY_HEX_SIZE])
{
	static const char *const kinds[] = {[PLAN_META] = "meta",
					    [PLAN_RUN] = "run",
					    [PLAN_ADD] = "add",
					    [PLAN_MKDIR] = "mkdir"};
	const struct plan_step *step = &b->plan.steps[i];
	auto_key k = {0};

	key_begin(&k, kinds[step->kind]);
	key_text(&k, "parent", parent);
	key_text(&k, "platform", platform_architecture());
	switch (step->kind) {
	case PLAN_META:
		break;
	case PLAN_RUN:
		key_run(&k, b, step, &b->states[i]);
		break;
	case PLAN_ADD:
		key_add(&k, b, step, &b->states[i]);
		break;
	case PLAN_MKDIR:
		key_text(&k, "path", step->cwd);
		key_text(&k, "user", step->user);
		key_ids(&k, b);
		break;
	}
	key_hex(&k, out);
}

bool step_requirements(const struct builder *b, size_t i, struct text *bytes,
		       char hash[SHA256_HEX_SIZE], struct error *err)
{
	const char *file = b->plan.steps[i].requirements;
	auto_fd int fd = -1;
	unsigned char digest[SHA256_BYTES];

	if (!context_open_file(b->context, file, &fd, err) ||
	    !fd_read_all(fd, REQUIREMENTS_LIMIT, bytes, err))
		return fail_in(err, "requirements '%s'", file);
	sha256_of(text_str(bytes), bytes->len, digest);
	sha256_hex(digest, hash);
	return true;
}

static bool hash_requirements(struct builder *b, size_t i, struct error *err)
{
	auto_text ignored = {0}; /* it is read again when the step runs */

	return !b->plan.steps[i].requirements ||
	       step_requirements(b, i, &ignored, b->states[i].requirements, err);
}

static bool select_files(struct builder *b, size_t i, struct error *err)
{
	const struct spec_add *add = &b->plan.steps[i].spec->add;

	return context_select(b->context, add->source, add->exclude.items, add->exclude.n,
			      &b->states[i].selection, err);
}

bool builder_key_steps(struct builder *b, struct error *err)
{
	const char *parent = b->base.key;

	for (size_t i = 0; i < b->plan.n; i++) {
		const struct plan_step *step = &b->plan.steps[i];

		/* what only changes the config is in the keys of the steps that see it */
		if (step->kind == PLAN_META)
			continue;
		if (!hash_requirements(b, i, err) ||
		    (step->kind == PLAN_ADD && !select_files(b, i, err)))
			return false;
		step_key(b, i, parent, b->states[i].key);
		parent = b->states[i].key;
	}
	return !b->context || context_save(b->context, err);
}

struct layer step_layer_start(const struct builder *b, size_t i)
{
	return (struct layer){
		.times = b->plan.steps[i].kind == PLAN_ADD ? TIMES_EPOCH : TIMES_CLAMPED,
		.has_epoch = b->has_epoch,
		.epoch = b->epoch,
	};
}

bool step_layer(const struct builder *b, size_t i, struct layer *out)
{
	const struct step_state *state = &b->states[i];

	if (b->plan.steps[i].kind == PLAN_META || state->record.tree[0] == '\0')
		return false;
	*out = step_layer_start(b, i);
	memcpy(out->tree, state->record.tree, sizeof(out->tree));
	return true;
}

int builder_look_up(struct builder *b, struct layers *layers, struct error *err)
{
	int ready = base_is_ready(b->store, b->options->compression, &b->base, err);

	for (size_t i = 0; ready > 0 && i < b->base.layers.n; i++)
		layers_add(layers, &b->base.layers.items[i]);
	for (size_t i = 0; ready >= 0 && i < b->plan.n; i++) {
		struct step_state *state = &b->states[i];
		struct layer layer;

		if (b->plan.steps[i].kind == PLAN_META)
			continue;
		int found = step_record_get(b->store, state->key, &state->record, err);

		state->is_hit = found > 0;
		if (found > 0 && step_layer(b, i, &layer)) {
			found = pack_find(b->store, b->options->compression, &layer, err);
			layers_add(layers, &layer);
		}
		if (found <= 0)
			ready = found;
	}
	if (ready <= 0)
		layers_release(layers);
	return ready;
}
