/* SPDX-License-Identifier: MIT
 * What the files of `chutes request` share.
 */
#ifndef CHUTES_CLI_REQUEST_H
#define CHUTES_CLI_REQUEST_H

#include "cli/client.h"
#include "cli/command.h"

struct request_command {
	const char *method;
	const char *data;
	struct strings headers;
	const char *purpose;
	const char *auth;
	bool shows_head;
	bool takes_pages;
	const char *output;
	int64_t retries;
	bool is_dry;
	struct signer_options signer;
	bool uses_netrc;
};

/* One request, ready to be sent. */
struct asking {
	const struct request_command *o;
	struct client *client;
	struct platform platform;
	struct platform_request request;
};

/* Send it, and show or save what is answered; a refusal is shown, and is the failure. */
must_use bool request_once(struct asking *a, struct error *err);
/* All pages of a list as one. SERVER where the answer is none. */
must_use bool request_pages(struct asking *a, struct error *err);
/* The failure that an answer is, with its facts for print_end(). False. */
bool request_fail(const struct asking *a, const struct platform_answer *answer, struct error *err);
/* An answer and its collected body as the result: laid out where it is JSON and a person reads. */
must_use bool request_show(const struct asking *a, const struct http_answer *answer,
			   const struct text *body, struct error *err);

#endif
