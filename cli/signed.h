/* SPDX-License-Identifier: MIT
 * Which request a signature is for, as options say it: the same words where one is made and where
 * it is checked.
 */
#ifndef CHUTES_CLI_SIGNED_H
#define CHUTES_CLI_SIGNED_H

#include "cli/command.h"
#include "lib/sign/sign.h"

/* A member `request` of a command's options, and its rows. */
struct signed_options {
	const char *method;
	const char *url;
	const char *body;
	const char *purpose;
};
#define SIGNED_ROWS(where)                                                                         \
	OPT(0, "method", CHOICE, where, request.method, "GET|POST|PUT|PATCH|DELETE|HEAD",          \
	    "method of the request (default: POST with --body, else GET)"),                        \
		OPT(0, "url", TEXT, where, request.url, "URL",                                     \
		    "where the request goes: an address, or a path at the server"),                \
		OPT(0, "body", TEXT, where, request.body, "FILE",                                  \
		    "the body, whose hash is signed; '-' is standard input"),                      \
		OPT(0, "purpose", TEXT, where, request.purpose, "WORD",                            \
		    "what is signed in place of a body, with scheme 'chutes'")

/* What is signed; `request` points into the rest. */
struct signed_request {
	struct sign_request request;
	char *target;
	unsigned char body_hash[SHA256_BYTES];
};
#define auto_signed_request __attribute__((cleanup(signed_request_release))) struct signed_request
void signed_request_release(struct signed_request *r);
/* Decide, and read the body, of any size. With scheme 'chutes' and an address the platform's rule
 * for the endpoint counts. USAGE for what is not enough or too much; AUTH where the platform takes
 * no hotkey. `out` is {0} before. */
must_use bool signed_request_read(const struct signed_options *o, enum sign_scheme scheme,
				  struct signed_request *out, struct error *err);

#endif
