/* SPDX-License-Identifier: MIT
 * The cords of a chute over HTTP on this machine, as the platform serves them: matched, their input
 * checked, their number limited, relayed byte for byte, counted, described. Knows nothing of
 * containers: a function gives it connections to the chute.
 */
#ifndef CHUTES_GATEWAY_GATEWAY_H
#define CHUTES_GATEWAY_GATEWAY_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/spec/spec.h"

struct gateway;

enum gateway_state {
	GATEWAY_STARTING, /* 503 with Retry-After and the state's text */
	GATEWAY_READY,
	GATEWAY_DOWN, /* 502 with the state's text: why, and what to do */
};

/* One line for each request, for people. */
struct gateway_request {
	const char *method;
	const char *target;
	const char *peer;
	int status; /* 499: the client has gone */
	uint64_t bytes;
	double seconds;
};

struct gateway_options {
	const struct spec *spec; /* borrowed while the gateway lives */
	/* A new connection to the chute's web server, blocking or not as it likes, at most 5 s; the
	 * gateway's to close. Thread-safe. NULL with `is_stub`. */
	bool (*connect)(void *context, int *fd, struct error *err);
	/* May be NULL. Thread-safe. */
	void (*log)(void *context, const struct gateway_request *r);
	void *context;
	bool is_stub;            /* answer from schemas and examples, no chute behind it */
	bool explains_errors;    /* 400 says which field and why */
	const char *cors_origin; /* NULL: no CORS headers */
	bool allows_any_host;    /* Host is not checked: the caller listens beyond loopback */
};
must_use bool gateway_new(struct gateway **out, const struct gateway_options *o, struct error *err);
/* "127.0.0.1:8000"; CONFLICT when it is taken. */
must_use bool gateway_listen(struct gateway *g, const char *address, struct error *err);
const char *gateway_address(const struct gateway *g); /* with the port the kernel gave */
/* Serve until gateway_stop(), on threads of its own. Call it in the process that keeps it. */
must_use bool gateway_run(struct gateway *g, struct error *err);
void gateway_stop(struct gateway *g, unsigned drain_ms); /* async-signal-safe */
void gateway_free(struct gateway *g);
/* Thread-safe. `text` is copied; may be NULL. Leaving READY closes the pooled connections. */
void gateway_set_state(struct gateway *g, enum gateway_state state, const char *text);
/* What a module says of itself, as the JSON that the runner records: {"cords": list in the form of
 * a deployment's request, "concurrency": n}, or that list alone. Of it counts what the spec leaves
 * to the module: the cords (spec.cords.is_imported), the concurrency (spec.scaling). Again after a
 * restart; requests under way end as they began. SPEC. */
must_use bool gateway_set_cords(struct gateway *g, const char *json, struct error *err);

#endif
