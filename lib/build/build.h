/* SPDX-License-Identifier: MIT
 * From a checked spec to an image in the local store: plan, cache, steps, layers, manifest. Steps
 * run in a sandbox that dies with us; a build where everything is cached enters none. Never prints:
 * what happens is told through build_events.
 */
#ifndef CHUTES_BUILD_BUILD_H
#define CHUTES_BUILD_BUILD_H

#include "lib/archive/archive.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/findings.h"
#include "lib/base/strings.h"
#include "lib/container/container.h"
#include "lib/spec/spec.h"
#include "lib/store/store.h"

enum build_event_kind {
	BUILD_EVENT_BEGIN, /* title of a base or step that now runs */
	BUILD_EVENT_END,   /* the same, done: is_cached, ms, detail */
	BUILD_EVENT_LINE,  /* a line of output of the running step */
	BUILD_EVENT_TICK,  /* the base or step still runs: once a second */
	BUILD_EVENT_NOTE,  /* something the user should know: owners squashed, file left out … */
	BUILD_EVENT_FAILED /* the step failed: `text` are its last lines */
};

struct build_event {
	enum build_event_kind kind;
	const char *label; /* "base", "step" */
	const char *title; /* "pip fastapi uvicorn" */
	const char *text;  /* LINE, NOTE, FAILED; else NULL */
	bool is_cached;
	bool is_config; /* the step only changes the config: there is nothing to run */
	uint64_t ms;
	struct place place; /* in the spec */
};

struct build_events {
	void (*on_event)(void *context, const struct build_event *event);
	void *context;
};

struct build_options {
	struct store *store;
	const struct spec *spec;
	const char *name; /* "name:tag" instead of the spec's, or NULL */
	enum compression compression;
	const char *runtime; /* NULL: CHUTES_RUNTIME, crun, runc */
	bool ignores_cache;
	bool must_be_cached; /* run nothing: NOT_FOUND when a step is not cached */
	bool lends_nothing;  /* --no-host-network-config */
	bool checks_rules;   /* look into the image afterwards and fill result.rules */
	/* What the base's digest is meant to be, NULL: anything. Another one is told as a note. */
	const char *locked_base;
	uint64_t timeout_ms;
};

struct build_result {
	char *name; /* "hello:3f9c0a1b22de" */
	struct descriptor manifest;
	uint64_t size_bytes; /* config and layers, compressed */
	size_t n_steps;
	size_t n_cached;
	char *log_path;        /* of the steps that ran; NULL when all were cached */
	struct findings rules; /* what the image rules say (I1xx), errors as errors */
};
void build_result_release(struct build_result *r);

/* SPEC for a base that this machine cannot get; BUILD for a failed step; MISSING for a missing
 * program or kernel feature; TIMEOUT; NETWORK. After a failure `out->log_path` is set when there is
 * a log. Finished steps are kept. */
must_use bool build_run(const struct build_options *o, const struct build_events *events,
			struct build_result *out, struct error *err);

/* What the spec's base is now: the digest of the chosen image's manifest, whose blobs come into the
 * store as in a build; of a tar's bytes; of the recipe of a base that is bootstrapped here. Unset
 * for scratch. SPEC for a base in a registry. */
must_use bool build_base_digest(struct store *s, const struct spec *spec, struct digest *out,
				struct error *err);

/* Trees of an image in the store, bottom first, as directories; unpacked from the blobs where they
 * are missing. Inside a sandbox. */
must_use bool image_trees(struct sandbox *inside, struct store *s, const struct digest *manifest,
			  struct strings *lowers, struct error *err);

#endif
