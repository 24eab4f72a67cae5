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

enum local_state {
	LOCAL_STARTING,
	LOCAL_READY,
	LOCAL_RESTARTING,
	LOCAL_DOWN, /* watched: it ended, and a change starts it again */
	LOCAL_STOPPING,
};
const char *local_state_name(enum local_state state);

/* What a running chute tells who started it. */
struct local_event {
	enum local_event_kind {
		LOCAL_EVENT_LISTENING, /* text: address */
		LOCAL_EVENT_READY,     /* text: address */
		LOCAL_EVENT_RESTARTED, /* text: "restarted in 0.8 s: app.py changed" */
		LOCAL_EVENT_REFUSED, /* text, hint: why a change is not taken up; what runs stays */
		LOCAL_EVENT_DOWN,    /* text, hint: why it ended; a change starts it again */
		LOCAL_EVENT_REQUEST, /* text: a line of the access log */
		LOCAL_EVENT_NOTE,    /* text: a warning */
		LOCAL_EVENT_OUTPUT,  /* text: a line of the chute's own output */
	} kind;
	const char *text;
	const char *hint; /* "" where there is none */
};

/* "8000", "127.0.0.1:8000", "[::1]:0" … */
enum { LOCAL_ADDRESS_SIZE = 64 };

struct local_options {
	struct launch_options launch; /* without door, stop_fd and callbacks, which are ours */
	const char *name;             /* of the entry; NULL: the spec's */
	const char *address;          /* "127.0.0.1:8000"; port 0: the kernel's choice */
	bool is_stub;                 /* no container at all */
	bool explains_errors;
	bool logs_requests;
	const char *cors_origin; /* NULL: none */
	uint64_t timeout_ms;     /* of all of it; 0: none */
	bool dies_with_us; /* in the background, too: asked to end when its starter has ended */
	/* NULL: nothing is watched. Else the files that the spec names are; when one changes,
	 * `reload` gives what to run from then on (a new build, too), or false with why, which is
	 * told, and the old one goes on. Called in a process of its own, which never returns to the
	 * caller: what it allocates stays. `out` comes with what runs now. */
	bool (*reload)(void *context, const char *changed, struct launch_options *out,
		       struct error *err);
	const char *const *files; /* absolute; what else is watched */
	size_t n_files;
	void (*on_event)(void *context, const struct local_event *e);
	void *context;
};
/* In the foreground, until it ends or a signal comes. CONFLICT: the name runs already, or the port
 * is taken. */
must_use bool local_run(const struct local_options *o, struct error *err);
/* In the background: returns when it is ready (`address`, the caller's to free), or why it is not,
 * after the last lines of its output as events. What it writes goes to its log. */
must_use bool local_start(const struct local_options *o, char **address, struct error *err);

struct local_chute {
	char *name;
	char *address;   /* "" while it is not known */
	char *image;     /* "" for a stub */
	char *directory; /* of the spec */
	enum local_state state;
	bool is_stub;
	int64_t pid; /* of the supervisor */
	int64_t started_unix;
	uint64_t stop_ms; /* how long it may take to end */
};
void local_chute_release(struct local_chute *c);
#define auto_local_chute __attribute__((cleanup(local_chute_release))) struct local_chute
struct local_chutes {
	struct local_chute *items;
	size_t n;
	size_t capacity;
};
void local_chutes_release(struct local_chutes *c);
#define auto_local_chutes __attribute__((cleanup(local_chutes_release))) struct local_chutes
/* Sorted by name; one that cannot be read is left out with a warning in the log. */
must_use bool local_list(struct local_chutes *out, struct error *err);
/* `name` NULL: the only one. NOT_FOUND with the names there are. */
must_use bool local_find(const char *name, struct local_chute *out, struct error *err);
/* USAGE for what cannot be the name of an entry. */
must_use bool local_check_name(const char *name, struct error *err);
/* Ask it to end and wait; KILL after `grace_ms` more than the chute itself has. */
must_use bool local_stop(const char *name, uint64_t grace_ms, struct error *err);
/* Is there a log of that name? */
bool local_has_log(const char *name);
/* Its output: the last `n_lines` (-1: all), then, if `follows`, what comes until it ends or a
 * signal comes. Also of one that has ended, until the next of that name starts. NOT_FOUND when
 * there is none. */
must_use bool local_logs(const char *name, int64_t n_lines, bool follows,
			 bool (*on_bytes)(void *context, const char *bytes, size_t len,
					  struct error *err),
			 void *context, struct error *err);

#endif
