/* SPDX-License-Identifier: MIT
 * What the files of `chutes invoke` share.
 */
#ifndef CHUTES_CLI_INVOKE_H
#define CHUTES_CLI_INVOKE_H

#include "cli/command.h"
#include "lib/call/call.h"

enum { INVOKE_ANSWER_MAX = 512 * 1024 * 1024 };

struct invoke_command {
	struct strings inputs;
	const char *data;
	const char *output;
	bool streams;
	bool is_raw;
	const char *url;
	bool traces;
	int64_t repeat;      /* 0: once, and the answer is shown */
	int64_t concurrency; /* 0: one at a time */
};

/* One call, ready to be made as often as wanted. */
struct invocation {
	const struct invoke_command *o;
	const struct call_cord *cord;
	struct call_request request;
	struct http_request http; /* borrows from `request` */
	const char *target;       /* "POST /hello", for people */
};

/* Make the call and show or save its answer. CALL when that is a failure. */
must_use bool invoke_once(const struct invocation *v, struct error *err);
/* Make it --repeat times and tell how long it took. */
must_use bool invoke_often(const struct invocation *v, struct error *err);
/* The failure that an answer other than 2xx is. False. */
bool invoke_fail(const struct invocation *v, const struct http_answer *answer,
		 const struct text *body, struct error *err);

#endif
