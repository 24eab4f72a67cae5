/* SPDX-License-Identifier: MIT
 * chutes sign: the headers of one signed request, for other programs to send. Only what a request
 * is made of is ever signed, never a text that somebody gives.
 */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/signed.h"
#include "cli/signer.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <string.h>

struct sign_options {
	struct signer_options signer;
	struct signed_options request;
	const char *scheme;
	bool headers;
	bool curl;
};
static const struct option_row rows[] = {
	OPT(0, "scheme", CHOICE, sign_options, scheme, "btauth|chutes",
	    "how it is signed (default: as the profile's server wants it)"),
	SIGNED_ROWS(sign_options),
	OPT(0, "headers", FLAG, sign_options, headers, NULL, "one header in a line (the default)"),
	OPT(0, "curl", FLAG, sign_options, curl, NULL, "a command line that sends the request"),
	SIGNER_ROWS(sign_options),
	OPT_END};

static bool is_input(const char *path) { return path && strcmp(path, "-") == 0; }

static bool check_options(const struct sign_options *o, struct error *err)
{
	if (o->curl && o->headers)
		return fail(err, ERROR_USAGE, "--curl and --headers exclude each other");
	if (o->curl && !o->request.url)
		return fail(err, ERROR_USAGE, "--curl needs --url: where the request goes");
	if (o->curl && is_input(o->request.body)) {
		fail(err, ERROR_USAGE, "curl cannot read again what came from standard input");
		return fail_hint(err, "save the body in a file, and name that with --body");
	}
	if (is_input(o->request.body) && is_input(o->signer.password_file))
		return fail(err, ERROR_USAGE,
			    "--body and --password-file cannot both be standard input");
	return true;
}

/* An own wish is heard where nothing is lost: btauth says more than the other scheme, and X-Chutes
 * headers for a server of btauth could be used with the platform. */
static bool choose_scheme(const char *wanted, struct sign_server *server, struct error *err)
{
	if (!wanted || (server->scheme && strcmp(wanted, server->scheme) == 0))
		return true;
	if (strcmp(wanted, sign_scheme_name(SIGN_CHUTES)) == 0) {
		fail(err, ERROR_AUTH, "'%s' is no server of scheme 'chutes'", server->base_url);
		return fail_hint(err,
				 "who gets such headers can use them with the hosted platform: "
				 "choose its profile with --profile, or leave out --scheme");
	}
	server->scheme = wanted;
	return true;
}

/* Whom it is for, at `url`, which a path becomes. */
static bool find_peer(const struct sign_options *o, const struct config *c, char **url,
		      struct sign_peer *out, struct error *err)
{
	struct sign_server server = {.base_url = c->values[CONFIG_BASE_URL].text,
				     .scheme = c->values[CONFIG_SCHEME].text,
				     .key = c->values[CONFIG_SERVER_KEY].text};
	const char *said = o->request.url;
	bool is_whole = said && *said != '/';

	*url = xprintf("%s%s", is_whole ? "" : server.base_url, said ? said : "");
	return choose_scheme(o->scheme, &server, err) && sign_server_check(&server, *url, out, err);
}

/* What makes curl send exactly what was signed: no part of the address is a pattern, and dots in
 * the path stay. */
static char *curl_line(const struct sign_options *o, const struct signed_request *r,
		       const char *url, const struct strings *headers)
{
	bool has_pattern = strpbrk(url, "[]{}");
	bool is_head = strcmp(r->request.method, "HEAD") == 0;
	auto_text line = {0};

	text_addf(&line, "curl%s%s", has_pattern ? " --globoff" : "",
		  strstr(url, "/.") ? " --path-as-is" : "");
	if (is_head)
		text_add(&line, " --head");
	else
		text_addf(&line, " -X %s", r->request.method);
	for (size_t i = 0; i < headers->n; i++) {
		text_add(&line, " -H ");
		text_add_shell(&line, headers->items[i]);
	}
	if (o->request.body) {
		auto_free char *data = xprintf("@%s", o->request.body);

		text_add(&line, " -H 'Content-Type: application/json' --data-binary ");
		text_add_shell(&line, data);
	}
	text_add_char(&line, ' ');
	text_add_shell(&line, url);
	return text_take(&line);
}

/* As it is, for names of files may be anything. */
static void print_command(const char *line)
{
	print_bytes(line, strlen(line));
	print_bytes("\n", 1);
}

static void write_json(struct json_out *j, enum sign_scheme scheme, const struct signed_request *r,
		       const struct strings *headers, const char *line)
{
	json_out_text(j, "scheme", sign_scheme_name(scheme));
	json_out_text(j, "method", r->request.method);
	json_out_object(j, "headers");
	for (size_t i = 0; i < headers->n; i++) {
		const char *header = headers->items[i];
		auto_free char *name = xstrndup(header, strcspn(header, ":"));

		json_out_text(j, name, header + strlen(name) + strlen(": "));
	}
	json_out_object_end(j);
	json_out_text(j, "curl", line);
}

static bool run(struct call *call, struct error *err)
{
	const struct sign_options *o = call->options;
	auto_config config = {0};
	auto_signed_request request = {0};
	auto_signer signer = {0};
	auto_sr25519_key struct sr25519_key *key = NULL;
	auto_strings headers = {0};
	auto_free char *url = NULL;
	auto_free char *line = NULL;
	struct sign_peer peer;

	if (!check_options(o, err) ||
	    !signer_settings_load(call, &o->signer, SETTINGS_TO_SEND, &config, err) ||
	    !find_peer(o, &config, &url, &peer, err) ||
	    !signed_request_read(&o->request, peer.scheme, &request, err) ||
	    !signer_find(&config, &signer, err) ||
	    !signer_key(&signer, &o->signer, &config, &key, err) ||
	    !sign_make(&peer, key, &request.request, clock_unix_ns(), &headers, err))
		return false;
	if (o->curl)
		line = curl_line(o, &request, url, &headers);
	if (print_result())
		write_json(print_result(), peer.scheme, &request, &headers, line);
	else if (line)
		print_command(line);
	for (size_t i = 0; i < headers.n && !line; i++)
		print_line("%s", headers.items[i]);
	return true;
}

const struct command command_sign = {
	.name = "sign",
	.summary = "sign a request that another program sends",
	.about = "Prints the headers that show who sends a request, one in a line, as\n"
		 "'curl -H @-' reads them. They are for one request to the profile's server, and\n"
		 "for a short time: 10 minutes with scheme 'chutes', 10 seconds with 'btauth',\n"
		 "which also needs the --url. With --curl a whole command line, whose body is\n"
		 "JSON. Nothing but requests is ever signed. See 'chutes help signing'.",
	.options = rows,
	.options_size = sizeof(struct sign_options),
	.examples = {"chutes sign --wallet me --url /users/me --curl",
		     "chutes sign --purpose me | curl -H @- https://api.chutes.ai/users/me"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND, ERROR_MISSING},
	.see_also = {"verify-signature", "config list"},
	.group = GROUP_TOOLS,
	.run = run,
};
