/* SPDX-License-Identifier: MIT
 * The cords that a gateway serves, whoever says them: the spec, a template's record, or a module
 * that has registered its own. Must not know HTTP messages or connections.
 */
#ifndef CHUTES_GATEWAY_CORDS_H
#define CHUTES_GATEWAY_CORDS_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/gateway/meters.h"
#include "lib/spec/spec.h"

enum {
	CORDS_CALL_LIMIT_MS = 1800 * 1000, /* of the platform, for one call */
	CORDS_JSON_MAX_BYTES = 8 * 1024 * 1024,
	CORDS_MAX = 1000,
};

struct cord {
	const char *function;
	const char *method; /* public: "POST" */
	const char *path;   /* public */
	bool is_stream;
	/* Where it goes in a server; NULL: as it came. */
	const char *forward_method;
	const char *forward_path;
	/* What the running chute checks as well; NULL: the chute alone does. */
	const struct field_schemas *fields;
	uint64_t limit_ms;
	bool aborts_upstream;     /* tell an sglang server that nobody waits any more */
	const char *content_type; /* of the answer, as declared; or NULL */
	/* Schemas as the platform stores them, as JSON; NULL: none. */
	const char *input_json;
	const char *minimal_json;
	const char *output_json;
	const char *example_json; /* NULL: none */
	/* Another one with the same route: `stream` in the input decides between the two. */
	const struct cord *twin;
	struct meter *meter;
};

struct cords {
	struct arena arena;
	struct cord *items; /* those with a public route */
	size_t n;
	int64_t concurrency; /* as the module says it; 0: it does not */
};
void cords_free(struct cords *c); /* accepts NULL */
static inline void cords_free_slot(struct cords **c) { cords_free(*c); }
#define auto_cords __attribute__((cleanup(cords_free_slot)))

/* Those of a spec, which they borrow from; none for a module that registers its own. */
must_use bool cords_of_spec(const struct spec *spec, struct cords **out, struct error *err);
/* Those of a module: the list of what it registers in the form of a deployment's request, or
 * {"cords": [...], "concurrency": 8}. SPEC. */
must_use bool cords_of_json(const char *json, size_t len, struct cords **out, struct error *err);
/* Of the same JSON only the concurrency; 0: it does not say it. SPEC. */
must_use bool cords_concurrency(const char *json, size_t len, int64_t *out, struct error *err);

/* The first with that route, method and path compared exactly; NULL: none, and `allow` gets the
 * methods that the path has ("GET, POST"), nothing for an unknown path. */
const struct cord *cords_find(const struct cords *c, const char *method, const char *path,
			      struct text *allow);
/* Does its input come as a body? Else as a query. */
bool cord_takes_body(const struct cord *cord);
/* Of a cord and its twin the one that streams, or does not. */
const struct cord *cord_for_stream(const struct cord *cord, bool wants_stream);

#endif
