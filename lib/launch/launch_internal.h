/* SPDX-License-Identifier: MIT
 * One launch, as the files of this room share it: what is prepared before the fork, what the inside
 * tells, and what the outside makes of it.
 */
#ifndef CHUTES_LAUNCH_LAUNCH_INTERNAL_H
#define CHUTES_LAUNCH_LAUNCH_INTERNAL_H

#include "lib/launch/launch.h"
#include "lib/launch/ready.h"
#include "lib/launch/tail.h"
#include "lib/oci/oci.h"

/* Where the container finds what is lent to it. */
#define LENT_DIRECTORY "/run/chutes"

/* Where a job finds what it may write to. */
#define JOB_OUTPUT LENT_DIRECTORY "/output"
#define JOB_RESULT LENT_DIRECTORY "/result"

/* How the runner ends: lib/sdk/chutes_run/failure.py. */
enum {
	EXIT_PACKAGE_MISSING = 15, /* its words name the step that brings it */
	EXIT_JOB = 17,             /* its words name the job */
};

/* What the inside tells the outside. */
enum {
	MESSAGE_STARTED = 1, /* a process begins */
	MESSAGE_ENDED,       /* struct ended */
	MESSAGE_NOTE,        /* text for people */
	MESSAGE_WAY_OUT,     /* a pidfd to kill once the chute is ready */
};
struct ended {
	struct run_result result;
	unsigned restart; /* the number of the one that follows; 0: none */
};

struct launch {
	const struct launch_options *options;

	/* before the fork */
	struct image_config config;
	char *directory; /* what is lent to the container, in the store's scratch */
	struct strings argv;
	struct strings env;
	char *cwd;
	int stop_signal;
	uint64_t grace_ms;
	struct tail *tail;
	struct cdi_edits gpus;
	const char *subject;          /* of what failed: "the chute", "job 'train'" */
	bool is_run_by_us;            /* by the runner, in Python */
	struct launch_job_files *job; /* NULL: it serves */
	int cords_fd; /* a file in memory that the module writes its cords to; -1: none */

	/* outside */
	const char *ready_path;
	int ready_status;
	uint64_t ready_ms;    /* how long it may take */
	uint64_t interval_ms; /* between two questions, at most */
	struct probe probe;
	int epoll;
	int timer;
	uint64_t pause_ms; /* before the next question */
	uint64_t ask_at;   /* clock_ms(); 0: not */
	uint64_t unready_at;
	uint64_t kill_at;
	int way_out;     /* pidfd of what leads to the outside; -1: nothing is to be locked */
	int last_status; /* of the last answer; 0: none came */
	const char *last_fault; /* why the last answer was none of HTTP, static; NULL */
	unsigned n_restarts;
	uint64_t memory_kills; /* of the kernel when the process began */
	uint64_t started_at;   /* clock_ms() */
	bool has_told_ports;
	bool is_ready;
	bool was_told_to_stop; /* by stop_fd */
	bool has_ended;
	struct sandbox *outside;
	struct ended ended;
};

/* --- prepare.c */
must_use bool launch_prepare(struct launch *l, struct error *err);
void launch_release(struct launch *l);
/* The environment of every process of Python that the runner runs. */
void prepare_python(struct launch *l);
/* --- loop.c: the outside */
must_use bool launch_loop(struct launch *l, struct error *err);
/* --- job.c */
struct launch_job_files {
	const struct spec_job *job;
	const char *args_json;
	char *output;         /* where the job's files go in the end: absolute */
	char *output_scratch; /* where it writes them */
	char *result_scratch; /* where its result goes */
	int result_fd;        /* a file in memory */
	uint64_t timeout_ms;
	uint64_t late_at; /* clock_ms(); 0: never */
	bool is_late;
};
must_use bool job_prepare(struct launch *l, struct error *err);
/* Inside, when it has ended: hand over what it left. */
must_use bool job_collect(struct launch *l, struct error *err);
/* --- module.c */
/* Write the generated module, the runner and the SDK below `directory`, readable by every user.
 * `target`, the caller's to free: "app.py:chute", the file in code/ and its Chute. */
must_use bool module_write(const struct launch_options *o, const char *directory, char **target,
			   struct error *err);
/* --- work.c: the inside */
must_use bool launch_work(struct sandbox *inside, void *launch, struct error *err);
/* --- network.c */
/* Inside: the chute's own network, or NULL: the host's, and then that is told. */
must_use bool launch_network(struct launch *l, struct sandbox *inside, struct network **out,
			     struct error *err);
/* Outside: no way out any more. */
must_use bool launch_lock(struct launch *l, struct error *err);
/* --- ended.c */
/* Why it ended although nobody asked it to: START. */
bool fail_ended(const struct launch *l, struct error *err);
/* Why it does not get ready: START. */
bool fail_unready(const struct launch *l, struct error *err);
/* Which ports a server listens to when that of the spec is not among them. */
bool describe_other_ports(const struct launch *l, struct text *out);
/* How many processes the kernel has killed because memory ran out. */
uint64_t memory_kills(void);
/* Tell the last lines of output, before a failure of the chute's own. */
void tell_last_lines(const struct launch *l);

#endif
