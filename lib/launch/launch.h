/* SPDX-License-Identifier: MIT
 * A chute in its container on this machine: what is mounted, which process runs with which
 * environment and network, when it is ready, and why it ended. Must not know HTTP beyond the
 * readiness probe: the gateway is another room's.
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

/* How the chute's web server is reached from outside its network: a listening unix socket that the
 * module inherits (handlers, python, template), or connections that are opened inside and handed
 * out (server). Made before anything is forked; inherited by who runs the gateway. It outlives the
 * chute: a restarted one takes it up again. */
struct launch_door;
must_use bool launch_door_open(struct launch_door **out, const struct spec *spec,
			       struct error *err);
void launch_door_close(struct launch_door *d);
/* A connection to the chute; the caller's. Thread-safe, also in a forked process, at most 5 s.
 * NETWORK when nobody answers. The form of gateway_options.connect. */
must_use bool launch_door_connect(void *door, int *fd, struct error *err);

/* One mount of the user's: "HOST:CONTAINER[:ro]", a relative HOST from `directory`. */
struct launch_mount {
	char *source; /* absolute; exists */
	char *target;
	bool is_writable;
	/* Where the chute's user may not write, what it writes is thrown away instead. */
	bool is_lent;
};
must_use bool launch_mount_parse(const char *text, const char *directory, struct launch_mount *out,
				 struct error *err);
void launch_mount_release(struct launch_mount *m);
/* A file of NAME=value lines as docker reads it: comments, and bare NAMEs from our environment. */
must_use bool launch_env_file(const char *path, struct strings *out, struct error *err);

enum launch_phase {
	LAUNCH_STARTING, /* the container is made */
	LAUNCH_READY,    /* it answers; egress is locked where that is asked for */
	LAUNCH_ENDED,    /* the process is gone; what follows is a restart or the end */
};

struct launch_options {
	struct store *store;
	const struct spec *spec;
	const char *image; /* "name:tag", for the generated module */
	const struct digest *manifest;
	const char *version;       /* of this program */
	const char *runtime;       /* NULL: CHUTES_RUNTIME, crun, runc */
	struct launch_door *door;  /* NULL for a job */
	const struct strings *env; /* "NAME=value" over everything else */
	const struct launch_mount *mounts;
	size_t n_mounts;
	const char *gpus;   /* "all", "none", "0,1"; by CDI */
	bool allows_egress; /* whatever the spec says */
	int fd_out;         /* of the chute's process */
	int fd_err;
	uint64_t timeout_ms; /* 0: until it ends or we are told to stop */
	/* Readable when the chute is to be stopped although no signal came (a changed file); -1:
	 * none. launch_run() then succeeds. */
	int stop_fd;
	void (*on_phase)(void *context, enum launch_phase phase);
	/* The cords that a module registered itself, as JSON, before READY; may be NULL. */
	void (*on_cords)(void *context, const char *json);
	void (*on_note)(void *context, const char *text); /* a warning for people */
	/* Its last lines of output, before it fails by itself (START, JOB); may be NULL. */
	void (*on_last_lines)(void *context, const char *text);
	void *context;
};

/* Serve until the process ends (START: it should not, with why and its last lines), a signal comes
 * (INTERRUPTED), the time is over (TIMEOUT), or `stop_fd` says so (true). START when it does not
 * get ready in time. Restarts as 'server.restart' says. Nothing is left running or mounted, also
 * after kill -9 of this process. Called from a process without threads. */
must_use bool launch_run(const struct launch_options *o, struct error *err);

/* Run one job to its end. `args_json`: an object, checked already. What the job left in its output
 * directory is in `output` (a directory, made when missing) afterwards, also when it failed. JOB
 * when it failed, was cancelled or took too long; INTERRUPTED after a signal. `result` gets the
 * JSON it returned, or stays empty. */
must_use bool launch_job(const struct launch_options *o, const struct spec_job *job,
			 const char *args_json, const char *output, struct text *result,
			 struct error *err);

#endif
