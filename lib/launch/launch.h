/* SPDX-License-Identifier: MIT
 * A chute in its container on this machine: what is mounted, which process runs with which
 * environment, and when it is ready. Must not know HTTP beyond the readiness probe: the gateway is
 * another room's.
 */
#ifndef CHUTES_LAUNCH_LAUNCH_H
#define CHUTES_LAUNCH_LAUNCH_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/container/container.h"
#include "lib/spec/spec.h"
#include "lib/store/store.h"

struct launch_options {
	struct store *store;
	const struct spec *spec;
	const char *image; /* "name:tag", for the generated module */
	const struct digest *manifest;
	const char *version; /* of this program */
	const char *runtime; /* NULL: CHUTES_RUNTIME, crun, runc */
	int64_t port;        /* handlers: where to listen; server: ignored, the spec's own counts */
	const struct strings *env; /* "NAME=value" over everything else */
	const struct mount *mounts;
	size_t n_mounts;
	int fd_out; /* of the chute's process */
	int fd_err;
	uint64_t timeout_ms; /* 0: until it ends or we are told to stop */
	/* Called once, when the chute answers. */
	void (*on_ready)(void *context, int64_t port);
	void (*on_note)(void *context, const char *text);
	void *context;
};

/* Serve until the process ends (START: it should not), a signal comes (INTERRUPTED), or the time is
 * over (TIMEOUT). CONFLICT when the port is in use; START when it does not get ready in time.
 * Nothing is left running or mounted, also after kill -9 of this process. */
must_use bool launch_run(const struct launch_options *o, struct error *err);

/* --- parts, for tests */

/* GET `path` at 127.0.0.1:`port`: the status of the reply, 0 when nobody answers properly (yet). */
int ready_probe(int64_t port, const char *path);
/* CONFLICT when somebody listens there already. */
must_use bool port_check(int64_t port, struct error *err);
/* Write the generated module and the SDK below `directory` as code/ and sdk/, readable by every
 * user. `target`, the caller's to free: "app.py:chute", the file in code/ and its Chute. */
must_use bool module_write(const struct launch_options *o, const char *directory, char **target,
			   struct error *err);

#endif
