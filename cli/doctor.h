/* SPDX-License-Identifier: MIT
 * What the checks of `chutes doctor` share. A check is a row: it looks at one thing, says in one
 * line what it found, and adds a finding for each fault. It repairs only what --fix allows, and
 * says so.
 */
#ifndef CHUTES_CLI_DOCTOR_H
#define CHUTES_CLI_DOCTOR_H

#include "cli/command.h"
#include "lib/base/compiler.h"
#include "lib/base/findings.h"
#include "lib/base/text.h"
#include "lib/config/config.h"
#include "lib/container/container.h"

#include <sys/stat.h>

/* Of one check. */
struct report {
	struct text summary;    /* what there is, one line */
	bool is_absent;         /* nothing is there, and nothing has to be */
	struct strings details; /* more of it, shown to who asks for this check alone */
	struct strings fixed;   /* what was done about it */
	struct findings findings;
};

struct doctor {
	const struct call *call;
	bool fixes;
	bool is_named;           /* the check that runs was asked for by its name */
	bool is_online;          /* servers that nobody has configured are asked, too */
	struct strings packages; /* of Debian, that would help */

	/* what several checks need, found by the first of them */
	bool has_looked_at_config;
	bool has_config;
	struct config config;
	struct error config_error; /* unless has_config */
	bool has_probed;
	bool has_sandbox;
	enum sandbox_ids ids;
	struct error sandbox_error; /* unless has_sandbox */
};

struct doctor_check {
	const char *name; /* "runtime" */
	const char *what; /* "the program that runs containers" */
	void (*run)(struct doctor *d, struct report *r);
};

extern const struct doctor_check doctor_checks[]; /* ended by a row without a name */

/* NULL when it cannot be read, which the check of the configuration tells. */
const struct config *doctor_config(struct doctor *d);
/* Can there be containers? `d->ids` says as whom. */
bool doctor_sandbox(struct doctor *d);
/* `package` would help. */
void doctor_needs(struct doctor *d, const char *package);

/* A failure as a finding, with its hint. */
struct finding *report_error(struct report *r, const char *code, const struct error *err);
void report_detail(struct report *r, const char *fmt, ...) printf_like(2, 3);

/* A file that nobody else may read, or with `is_for_others_to_read` that nobody else may write: a
 * finding when somebody may, or the repair with --fix. */
void doctor_check_mode(struct doctor *d, struct report *r, const char *path,
		       bool is_for_others_to_read);

/* The directory of the store, or what exists of its path. Caller frees. */
must_use char *doctor_store_place(const struct doctor *d);
/* "~/.config" for people. Caller frees. */
must_use char *doctor_path(const char *path);

void doctor_settings(struct doctor *d, struct report *r);
void doctor_wallets(struct doctor *d, struct report *r);
void doctor_hotkey(struct doctor *d, struct report *r);
void doctor_proxy(struct doctor *d, struct report *r);
void doctor_server(struct doctor *d, struct report *r);
void doctor_runtime(struct doctor *d, struct report *r);
void doctor_namespaces(struct doctor *d, struct report *r);
void doctor_container(struct doctor *d, struct report *r);
void doctor_network(struct doctor *d, struct report *r);
void doctor_lent(struct doctor *d, struct report *r);
void doctor_debian(struct doctor *d, struct report *r);
void doctor_gpu(struct doctor *d, struct report *r);
void doctor_store(struct doctor *d, struct report *r);
void doctor_spec(struct doctor *d, struct report *r);
void doctor_python(struct doctor *d, struct report *r);
void doctor_libraries(struct doctor *d, struct report *r);

#endif
