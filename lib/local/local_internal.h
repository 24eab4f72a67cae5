/* SPDX-License-Identifier: MIT
 * What the files of this room share: entries of the runtime directory, logs, listener, messages,
 * generations.
 */
#ifndef CHUTES_LOCAL_LOCAL_INTERNAL_H
#define CHUTES_LOCAL_LOCAL_INTERNAL_H

#include "lib/local/local.h"

#include <sys/types.h>

/* --- entries: entry.c. "<runtime>/run/<name>/state.json", its directory locked by the supervisor
 * and, until the last of them is gone, by every process that it forked. */

struct entry {
	char *name;
	char *path;
	int fd; /* the locked directory; the caller sets -1 before the first use */
};
/* CONFLICT when it runs already. */
must_use bool entry_claim(const char *name, struct entry *out, struct error *err);
must_use bool entry_save(const struct entry *e, const struct local_chute *chute, struct error *err);
void entry_remove(struct entry *e); /* and unlock */
/* 1 and what it is, 0 when there is none that lives (what was left of it is removed) or none can
 * have that name, -1. */
must_use int entry_load(const char *name, struct local_chute *out, uint64_t *start_ticks,
			struct error *err);
/* Does the process that holds it, or one of its own, still live? */
bool entry_is_held(const char *name);
/* Names of files in a folder of the runtime directory, sorted; in "run" the stale entries too. */
must_use bool entry_names(const char *folder, struct strings *out, struct error *err);
/* Add to a failure which of `names` may have been meant: the nearest, else all of them, else
 * `otherwise`. False. */
bool fail_among(const struct strings *names, const char *name, const char *otherwise,
		struct error *err);
/* "<runtime>/<folder>/<name>", the folder made; a name may hold slashes, a file name not. */
must_use bool entry_path(const char *folder, const char *name, char **out, struct error *err);

/* --- log: log.c. "<runtime>/log/<name>", and "…~" before it. */

enum { LOG_FILE_BYTES = 10 << 20 };
struct log_writer {
	char *path;
	int fd; /* -1: cannot be written */
	uint64_t size;
};
must_use bool log_writer_open(const char *name, struct log_writer *out, struct error *err);
/* False once, when it cannot be written any more: the chute goes on without. */
must_use bool log_writer_add(struct log_writer *w, const char *bytes, size_t len,
			     struct error *err);
void log_writer_close(struct log_writer *w);

/* --- what the processes of a chute tell the supervisor, and that its starter: report.c. Packets,
 * so that many may write to one socket. */

enum report_kind {
	REPORT_PREPARED, /* of a generation: text is the image's digest; it waits for its turn */
	REPORT_READY,    /* of its gateway */
	REPORT_DOWN,     /* the chute ended, and its gateway says so: error */
	REPORT_FAILED,   /* the generation ends: error */
	REPORT_CHANGED,  /* text: the file */
	REPORT_NOTE,
	REPORT_REQUEST,
	REPORT_OUTPUT,
};
struct report {
	enum report_kind kind;
	unsigned generation;
	bool is_rebuilt; /* REPORT_PREPARED: the recipe of the image changed */
	struct error error;
	char text[8192];
};
must_use bool report_open(int sockets[2], struct error *err); /* to read, to write */
/* Waits unless `may_lose`; false when it was lost. */
bool report_send(int fd, const struct report *m, bool may_lose);
bool report_send_text(int fd, enum report_kind kind, unsigned generation, const char *text);
bool report_send_error(int fd, enum report_kind kind, unsigned generation, const struct error *why);
/* 1, 0 when there is none now, -1 when nobody can send any more. */
int report_receive(int fd, struct report *m);

/* --- files that a chute is made from: watch.c */

struct watch;
must_use bool watch_open(const struct local_options *o, const struct launch_options *launch,
			 struct watch **out, struct error *err);
void watch_free(struct watch *w);
/* Wait until the content of a file changed since the last time (or watch_open): its path as people
 * know it; the caller's to free. */
must_use bool watch_next(struct watch *w, char **changed, struct error *err);

/* --- one generation: what runs between two restarts. Its process prepares it, starts a gateway and
 * a watcher beside itself, launches the chute, and ends when its gateway has. generation.c */

struct generation {
	unsigned number; /* from 1 */
	const struct local_options *options;
	struct launch_options launch;
	const char *changed; /* what made it; NULL for the first */
	int listener;
	int events;  /* REPORT_*: to write */
	int control; /* how long the gateway may drain, in ms, ends it; to read. A byte before that:
			it is the generation's turn */
	int output;  /* of the chute; to write */
	int states;  /* to its gateway, once there is one; -1 */
	pid_t watcher; /* 0: none */
};
/* In a process of its own, whose parent it dies with. */
_Noreturn void generation_run(struct generation *g);
/* Die with the parent, leave signals of the terminal to it. */
void process_attach(pid_t parent, const char *name);

/* --- its gateway: gateway_process.c. Beside control, `states` tells it about the chute. */

struct gateway_frame {
	uint32_t kind; /* enum gateway_state, or GATEWAY_CORDS */
	uint32_t len;  /* of the text that follows */
};
enum { GATEWAY_CORDS = 100 };
_Noreturn void gateway_process_run(const struct generation *g, int states);
bool gateway_tell(int states, uint32_t kind, const char *text);

/* --- where it listens: listener.c */

must_use bool local_listen(const char *address, int *fd, char **actual, struct error *err);

#endif
