/* SPDX-License-Identifier: MIT
 * The state of a supervisor, and the processes it has.
 */
#ifndef CHUTES_LOCAL_SUPERVISE_H
#define CHUTES_LOCAL_SUPERVISE_H

#include "lib/local/local_internal.h"

/* The process of a generation, from outside. */
struct child {
	unsigned number;
	int pidfd;   /* -1: there is none */
	int control; /* see struct generation; to write */
	bool is_prepared;
	bool is_rebuilt; /* its image, for more than a file that is added to it */
	bool has_failed; /* and said why */
	bool is_ending;
	uint64_t kill_at; /* clock_ms(); 0: not */
	char *changed;    /* why it was made; NULL: it is the first */
	uint64_t changed_ms;
	char digest[160]; /* of the image */
};
/* What a child that is gone looks like. */
#define NO_CHILD ((struct child){.pidfd = -1, .control = -1})
static inline bool child_is_alive(const struct child *c) { return c->pidfd >= 0; }
void child_forget(struct child *c);
void child_end(struct child *c);  /* killed and waited for */
void child_kill(struct child *c); /* that, and forgotten */

struct supervisor {
	const struct local_options *options;
	struct entry entry;
	struct log_writer log;
	struct local_chute chute; /* as the entry says it; its texts are borrowed */
	char *address;
	char *image;
	int listener;
	int events[2];
	int output[2];
	int starter; /* of a detached one: to be told, until it said that it heard; -1 */
	struct child current;
	struct child next;
	unsigned n_generations;
	bool was_ready;                                   /* told so */
	char digest[sizeof(((struct child *)0)->digest)]; /* of what was ready last */
	char *late;        /* what changed while one ends for the next; NULL: nothing */
	uint64_t grace_ms; /* of the chute */
	uint64_t timeout_at;
	struct text line; /* of output, not ended yet */
	bool was_return;
	bool is_ending;
	bool has_failed;
	struct error failure;
};

/* Start the process of the next generation. */
must_use bool child_start(struct supervisor *s, const char *changed, struct error *err);
/* All of local_run(); `starter`: see above. */
must_use bool supervise(const struct local_options *o, int starter, struct error *err);
/* Of what can be read: is it his word that he heard, or his end without it? start.c */
bool starter_has_heard(int starter);
/* To on_event, and into the log. */
void supervisor_tell(struct supervisor *s, enum local_event_kind kind, const char *text,
		     const char *hint);
/* --- supervise_output.c: what the chute writes, as lines */
bool supervisor_take_output(struct supervisor *s); /* false: there is none now */
void supervisor_end_output(struct supervisor *s);

#endif
