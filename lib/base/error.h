/* SPDX-License-Identifier: MIT
 * One failure, as a value. Everything that can fail is `bool verb(inputs, out, struct error *err)`:
 * true is success and leaves `err` alone; false means `err` was filled. Knows nothing of who
 * prints it.
 */
#ifndef CHUTES_BASE_ERROR_H
#define CHUTES_BASE_ERROR_H

#include "lib/base/compiler.h"

/* What the caller could do about it: one code per exit status of the programs. */
enum error_code {
	ERROR_FAILURE,     /* unexpected or unclassified */
	ERROR_USAGE,       /* the command line is wrong */
	ERROR_SPEC,        /* chute.yaml is invalid */
	ERROR_AUTH,        /* not authenticated or not allowed */
	ERROR_NOT_FOUND,   /* the object does not exist */
	ERROR_CONFLICT,    /* same name, other content; lock held; port in use */
	ERROR_MONEY,       /* payment, quota */
	ERROR_NOT_YET,     /* asked for state not reached yet */
	ERROR_TIMEOUT,     /* --timeout elapsed */
	ERROR_DIFFERENT,   /* differences exist */
	ERROR_NETWORK,     /* DNS, connect, TLS, proxy */
	ERROR_SERVER,      /* the server failed */
	ERROR_BUILD,       /* a step failed; a broken or hostile image */
	ERROR_START,       /* the chute died or never got ready */
	ERROR_MISSING,     /* a local prerequisite is missing */
	ERROR_CALL,        /* a call or test failed */
	ERROR_JOB,         /* a job failed or was cancelled */
	ERROR_POLICY,      /* refused by platform policy */
	ERROR_INTERRUPTED, /* a signal asked us to stop */
	ERROR_N_CODES
};

struct error {
	enum error_code code;
	char message[512]; /* "reading 'a.yaml': line 3: unknown key 'gpus'" */
	char hint[256];    /* what to do about it, imperative; or empty */
	bool is_full;      /* a disk or a quota is: who knows better where may give the hint */
};

/* What one code means to the outside; the man page prints these rows. */
struct error_row {
	enum error_code code;
	int exit_status;
	int http_status;
	const char *name;     /* stable word for JSON: "not_found" */
	const char *sentence; /* for the man page, without full stop */
	bool is_retryable;
};
const struct error_row *error_row(enum error_code code);

/* Fill `err` and return false: `return fail(err, ERROR_SPEC, "line %zu: …", line);`
 * Messages: no capital, no full stop, quotes around names, what failed first. Too long is cut
 * with "...". */
bool fail(struct error *err, enum error_code code, const char *fmt, ...) printf_like(3, 4);
/* The same from errno, whose text is added behind ": ". The code is chosen from errno
 * (ENOENT → NOT_FOUND, EACCES → AUTH …); ERROR_FAILURE for the rest. */
bool fail_errno(struct error *err, const char *fmt, ...) printf_like(2, 3);
/* Put context in front of a failure on its way up: "reading 'x': " + message. */
bool fail_in(struct error *err, const char *fmt, ...) printf_like(2, 3);
/* Set the hint of a failure. */
bool fail_hint(struct error *err, const char *fmt, ...) printf_like(2, 3);

#endif
