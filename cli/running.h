/* SPDX-License-Identifier: MIT
 * From a command line to a chute that can be run here: its spec, its image, what it is lent. What
 * `run` and `test` have in common.
 */
#ifndef CHUTES_CLI_RUNNING_H
#define CHUTES_CLI_RUNNING_H

#include "cli/command.h"
#include "lib/build/build.h"
#include "lib/local/local.h"

/* What both take: a member `chute` of their options, and its rows. */
struct running_chute {
	struct strings volumes;
	struct strings env; /* "NAME=VALUE" */
	struct strings env_files;
	const char *gpus; /* NULL: the spec's dev.gpus */
	bool allow_egress;
	bool no_build;
	const char *runtime;
};
#define RUNNING_CHUTE_ROWS(where)                                                                  \
	OPT('v', "volume", REPEAT, where, chute.volumes, "HOST:DIR[:ro]",                          \
	    "show a file or directory of this machine as DIR (repeat)"),                           \
		OPT('e', "env", REPEAT, where, chute.env, "NAME=VALUE",                            \
		    "set a variable of the chute (repeat)"),                                       \
		OPT(0, "env-file", REPEAT, where, chute.env_files, "FILE",                         \
		    "set those of a file with lines NAME=VALUE (repeat)"),                         \
		OPT(0, "gpus", TEXT, where, chute.gpus, "all|none|0,1",                            \
		    "which GPUs it gets (default: dev.gpus, where the chute asks for some)"),      \
		OPT(0, "allow-egress", FLAG, where, chute.allow_egress, NULL,                      \
		    "leave it the network after its start, whatever the spec says"),               \
		OPT(0, "no-build", FLAG, where, chute.no_build, NULL,                              \
		    "fail if the image is not built yet"),                                         \
		OPT_ENV(0, "runtime", TEXT, where, chute.runtime, "PROGRAM",                       \
			"the OCI runtime that runs the container", ENV_CHUTES_RUNTIME)

/* What the command line says. All borrowed. */
struct running_options {
	const struct running_chute *chute;
	const char *name;    /* NULL: the spec's */
	const char *address; /* NULL: 127.0.0.1 and the spec's dev.port */
	const char *cors_origin;
	bool is_stub;
	bool explains_errors;
	bool logs_requests;
};

struct running {
	const struct call *call;
	const struct running_options *options;
	struct store *store;
	struct spec spec;
	struct build_result built;
	struct strings env;
	struct launch_mount *mounts;
	size_t n_mounts;
	struct strings files; /* further files to watch */
	char *address;
	bool has_models;            /* the cache of models is mounted */
	struct local_options local; /* without callbacks: for local_run, local_start */
};
/* The spec; `r` is to be released in any case. */
must_use bool running_load(struct running *r, const struct call *call,
			   const struct running_options *o, struct error *err);
/* The rest: environment, mounts, the image (built if needed). */
must_use bool running_fill(struct running *r, struct error *err);
void running_release(struct running *r);
/* The same anew, for a chute whose files changed, in a process of its own: what it allocates stays
 * until that ends. What local_options.reload is for. */
must_use bool running_reload(const struct running *r, struct launch_options *out,
			     struct error *err);
#define auto_running __attribute__((cleanup(running_release))) struct running

/* The chute whose spec is here (or at --file), under whichever name it runs; false when none does,
 * or several do. */
must_use bool running_find_here(const struct call *call, struct local_chute *out);
/* The chute that a command means: `name`, else the running one of the spec in this directory, else
 * the only one where no spec is here. NOT_FOUND. The caller frees. */
must_use bool running_choose(const struct call *call, const char *name, char **out,
			     struct error *err);

#endif
