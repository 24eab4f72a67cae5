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
/* 1 and what it is, 0 when there is none that lives (what was left of it is removed), -1. */
must_use int entry_load(const char *name, struct local_chute *out, uint64_t *start_ticks,
			struct error *err);
/* Does the process that holds it, or one of its own, still live? */
bool entry_is_held(const char *name);
must_use bool entry_names(struct strings *out, struct error *err); /* sorted; the stale ones too */
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

/* --- where it listens: listener.c */

must_use bool listener_open(const char *address, int *fd, char **actual, struct error *err);

#endif
