/* SPDX-License-Identifier: MIT
 * Private to lib/build: one build in progress. The outside plans, looks up and commits; the inside
 * (a fork of it, in the sandbox) executes what was missed and leaves records behind.
 */
#ifndef CHUTES_BUILD_BUILDER_H
#define CHUTES_BUILD_BUILDER_H

#include "lib/build/base.h"
#include "lib/build/build.h"
#include "lib/build/context.h"
#include "lib/build/lend.h"
#include "lib/build/plan.h"

/* What a step sees as its host name: always the same. */
#define BUILD_HOSTNAME "chutes-build"

struct step_state {
	char key[KEY_HEX_SIZE]; /* definition key */
	bool is_hit;            /* as far as is known from outside */
	struct step_record record;
	struct selection selection;         /* of an add step */
	char requirements[SHA256_HEX_SIZE]; /* content hash of a pip step's file, or "" */
};

struct builder {
	const struct build_options *options;
	const struct build_events *events;
	struct store *store;
	bool has_epoch;
	int64_t epoch;
	enum sandbox_ids ids;
	struct base base;
	struct plan plan;
	struct context *context;
	struct step_state *states; /* one per plan step */
	struct lend lend;
	int log_fd;
	/* told by the inside */
	size_t n_executed;    /* steps that ran */
	int running;          /* step of the plan, MESSAGE_BASE; MESSAGE_NONE */
	struct strings lines; /* its last lines */
};

/* In place of a step's number. */
enum { MESSAGE_BASE = -1, MESSAGE_NONE = -2 };

/* The requirements file of pip step `i`, and its hash. */
must_use bool step_requirements(const struct builder *b, size_t i, struct text *bytes,
				char hash[SHA256_HEX_SIZE], struct error *err);
/* Keys of all steps from the base's key on. */
must_use bool builder_key_steps(struct builder *b, struct error *err);
/* Key of step `i` as if its parent were `parent` (a definition key, or the state's content). */
void step_key(const struct builder *b, size_t i, const char *parent, char out[KEY_HEX_SIZE]);
/* A layer of step `i`, not packed and without a tree yet. */
struct layer step_layer_start(const struct builder *b, size_t i);
/* The layer that a step's record stands for; false when it changed no file. */
bool step_layer(const struct builder *b, size_t i, struct layer *out);
/* Everything is recorded and packed: 1 and all layers, 0, -1. */
must_use int builder_look_up(struct builder *b, struct layers *layers, struct error *err);
/* The `work` of the sandbox: arg is the builder. */
bool builder_work(struct sandbox *inside, void *arg, struct error *err);
/* Outside: what the inside sends. */
bool builder_on_message(void *context, int type, const void *bytes, size_t len, int fd,
			struct error *err);
/* Outside, once a second: that the running base or step still runs. */
bool builder_on_tick(void *context, struct sandbox *outside, struct error *err);
/* Manifest, config and tag from what is recorded. */
must_use bool builder_commit(struct builder *b, const struct layers *layers, const char *name,
			     struct build_result *out, struct error *err);

/* What the image rules say of these layers, errors as errors. */
must_use bool builder_rules(struct builder *b, const struct layers *layers, struct findings *out,
			    struct error *err);

#endif
