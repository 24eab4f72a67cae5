/* SPDX-License-Identifier: MIT
 * Chutes that run on this machine: one supervisor process each, with its gateway beside it and its
 * state in the runtime directory; found, followed and stopped by name. Never prints.
 *
 * The supervisor holds a lock as long as it lives; an entry that nobody holds is stale and goes
 * with the next look. When the supervisor dies, however, everything of the chute dies with it.
 */
#ifndef CHUTES_LOCAL_LOCAL_H
#define CHUTES_LOCAL_LOCAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/launch/launch.h"
#include "lib/spec/spec.h"
#include "lib/store/store.h"

enum local_state { LOCAL_STARTING, LOCAL_READY, LOCAL_RESTARTING, LOCAL_STOPPING };
const char *local_state_name(enum local_state state);

/* What a running chute tells who started it. */
struct local_event {
	enum {
		LOCAL_EVENT_LISTENING,  /* text: address */
		LOCAL_EVENT_READY,      /* text: address */
		LOCAL_EVENT_RESTARTING, /* text: why */
		LOCAL_EVENT_REQUEST,    /* text: a line of the access log */
		LOCAL_EVENT_NOTE,       /* text: a warning */
	} kind;
	const char *text;
};

struct local_options {
	struct launch_options launch; /* without door, stop_fd and callbacks, which are ours */
	const char *name;             /* of the entry; NULL: the spec's */
	const char *address;          /* "127.0.0.1:8000"; port 0: the kernel's choice */
	bool is_stub;                 /* no container at all */
	bool explains_errors;
	const char *cors_origin;
	/* Watch the files that the spec names; when one changes, `reload` gives what to run from
	 * then on (a new build, too), or false with why, which is noted, and the old one goes on.
	 */
	bool (*reload)(void *context, const char *changed, struct launch_options *out,
		       struct error *err);
	void (*on_event)(void *context, const struct local_event *e);
	void *context;
};
/* In the foreground, until it ends or a signal comes. CONFLICT: the name runs already, or the port
 * is taken. */
must_use bool local_run(const struct local_options *o, struct error *err);
/* In the background: returns when it is ready (`address`, the caller's to free), or why it is not,
 * with its last lines of output. What it writes goes to its log. */
must_use bool local_start(const struct local_options *o, char **address, struct error *err);

struct local_chute {
	char *name;
	char *address;
	char *image;
	char *directory; /* of the spec */
	enum local_state state;
	bool is_stub;
	int64_t pid;
	int64_t started_unix;
};
struct local_chutes {
	struct local_chute *items;
	size_t n;
};
void local_chutes_release(struct local_chutes *c);
#define auto_local_chutes __attribute__((cleanup(local_chutes_release))) struct local_chutes
must_use bool local_list(struct local_chutes *out, struct error *err); /* by name */
/* `name` NULL: the only one. NOT_FOUND with the names there are. */
must_use bool local_find(const char *name, struct local_chute *out, struct error *err);
void local_chute_release(struct local_chute *c);
/* Ask it to end and wait; KILL after `grace_ms` more than the chute itself has. */
must_use bool local_stop(const char *name, uint64_t grace_ms, struct error *err);
/* Its output: the last `n_lines` (-1: all), then, if `follows`, what comes until it ends or a
 * signal comes. */
must_use bool local_logs(const char *name, int64_t n_lines, bool follows,
			 bool (*on_bytes)(void *context, const char *bytes, size_t len,
					  struct error *err),
			 void *context, struct error *err);

#endif
