/* SPDX-License-Identifier: MIT
 * chutes request: one call of the API as it is, signed.
 */
#include "cli/request.h"

#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"
#include "lib/base/url.h"
#include "lib/spec/spec.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum { RETRIES_MAX = 100 };
/* of a body that is not a file, and is kept until it is sent */
#define COPY_MAX ((uint64_t)1 << 30)

static const struct option_row rows[] = {
	OPT('X', "method", TEXT, request_command, method, "METHOD", "the same as METHOD in front"),
	OPT('d', "data", TEXT, request_command, data, "TEXT",
	    "the body; @FILE takes it from a file of any size, - from standard input (from a pipe "
	    "at most 1 GiB, which TMPDIR keeps)"),
	OPT('H', "header", REPEAT, request_command, headers, "NAME: VALUE",
	    "one more header (repeat); not those of credentials, host and length"),
	OPT(0, "purpose", TEXT, request_command, purpose, "PURPOSE",
	    "what is signed where there is no body, on the hosted platform (default: what the "
	    "path is known to want)"),
	OPT(0, "auth", CHOICE, request_command, auth, "auto|hotkey|key|none",
	    "what is shown: a signature, the API key, nothing (default auto: what the path "
	    "accepts, the hotkey first)"),
	OPT('i', "include", FLAG, request_command, shows_head, NULL,
	    "show the answer's status and headers, too"),
	OPT(0, "paginate", FLAG, request_command, takes_pages, NULL,
	    "ask for all pages of a list, and show them as one"),
	OPT('o', "output", TEXT, request_command, output, "FILE",
	    "save the answer's body, unless it is a refusal; - is standard output"),
	OPT(0, "retries", NUMBER, request_command, retries, "N",
	    "how often GET, PUT and DELETE are sent again, signed anew, after 408, 429, 502, 503, "
	    "504 and broken connections (default 5)"),
	OPT('n', "dry-run", FLAG, request_command, is_dry, NULL,
	    "show what would be sent; nothing is signed or sent"),
	CLIENT_ROWS(request_command),
	OPT_END};
static const struct request_command defaults = {.retries = PLATFORM_RETRIES};

/* --- what is asked */

static const char *find_method(const char *word)
{
	static const char *const methods[] = {"GET",   "HEAD",   "POST",   "PUT",
					      "PATCH", "DELETE", "OPTIONS"};

	for (size_t i = 0; i < array_len(methods); i++)
		if (strcasecmp(word, methods[i]) == 0)
			return methods[i];
	return NULL;
}

static bool read_method(const struct call *call, const char **out, struct error *err)
{
	const struct request_command *o = call->options;
	const char *first = call->args.n > 1 ? call->args.items[0] : NULL;
	const char *word = first ? first : o->method;

	if (first && o->method)
		return fail(err, ERROR_USAGE, "METHOD and --method exclude each other");
	*out = word ? find_method(word) : o->data ? "POST" : "GET";
	if (*out)
		return true;
	fail(err, ERROR_USAGE, "'%.40s' is no method", word);
	fail_hint(err, "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
	return false;
}

/* The path of an address below the server's; NULL: it is another one's. */
static const char *path_below(const char *base_url, const char *url)
{
	size_t len = strlen(base_url);

	if (strncasecmp(url, base_url, len) != 0)
		return NULL;
	return strchr("/?#", url[len]) ? url + len : NULL;
}

static bool read_target(const char *word, const struct client *c, char **out, struct error *err)
{
	bool is_url = strncasecmp(word, "http:", 5) == 0 || strncasecmp(word, "https:", 6) == 0;
	const char *path = is_url ? path_below(c->server.base_url, word) : word;

	if (!path) {
		auto_text shown = {.max = 200};

		url_show(word, &shown);
		fail(err, ERROR_AUTH, "'%s' is not on %s, the server of this profile",
		     text_str(&shown), c->server.base_url);
		if (strchr(word, '@'))
			return fail_hint(err, "leave out what stands in front of '@': who asks is "
					      "said with --auth");
		return fail_hint(err, "name a path; --api-url or --profile name another server");
	}
	if (find_method(path)) {
		fail(err, ERROR_USAGE, "a path is missing behind '%s'", path);
		return fail_hint(err, "write 'chutes request %s /PATH'", path);
	}
	*out = xprintf("%s%s", *path == '/' ? "" : "/", path);
	return platform_target_check(*out, err);
}

static enum platform_auth read_auth(const char *word)
{
	static const enum platform_auth all[] = {PLATFORM_AUTH_HOTKEY, PLATFORM_AUTH_KEY,
						 PLATFORM_AUTH_NONE};

	for (size_t i = 0; word && i < array_len(all); i++)
		if (strcmp(word, platform_auth_name(all[i])) == 0)
			return all[i];
	return PLATFORM_AUTH_AUTO;
}

static bool check_options(const struct request_command *o, const char *method, struct error *err)
{
	if (o->retries < 0 || o->retries > RETRIES_MAX)
		return fail(err, ERROR_USAGE, "--retries must be 0 to %d, not %" PRId64,
			    RETRIES_MAX, o->retries);
	if (o->takes_pages && (strcmp(method, "GET") != 0 || o->data || o->shows_head))
		return fail(err, ERROR_USAGE,
			    "--paginate is for GET, without --data and --include");
	for (size_t i = 0; i < o->headers.n; i++)
		if (!platform_header_check(o->headers.items[i], err))
			return false;
	return true;
}

/* --- the body */

struct data {
	struct http_file *file; /* NULL: the text itself */
	const char *text;
	struct http_body body;
};
static void data_release(struct data *d) { http_file_close(d->file); }
#define auto_data __attribute__((cleanup(data_release))) struct data

static bool read_text(void *context, uint64_t offset, void *bytes, size_t room, size_t *len,
		      struct error *err maybe_unused)
{
	const struct data *data = context;
	size_t left = strlen(data->text) - (size_t)offset;

	*len = left < room ? left : room;
	memcpy(bytes, data->text + offset, *len);
	return true;
}

static bool open_data(const char *data, struct data *out, const struct http_body **body,
		      struct error *err)
{
	bool is_file = data && (*data == '@' || strcmp(data, "-") == 0);

	if (!data)
		return true;
	if (is_file && !http_file_open(*data == '@' ? data + 1 : data, COPY_MAX, &out->file, err))
		return fail_in(err, "--data");
	out->text = data;
	out->body = (struct http_body){.len = strlen(data), .read = read_text, .context = out};
	*body = is_file ? http_file_body(out->file) : &out->body;
	return true;
}

/* --- what would be sent */

static void tell(const char *name, const char *value)
{
	if (print_result())
		json_out_text(print_result(), name, value);
	else if (value)
		print_line("%s: %s", name, value);
}

static bool check_server(const struct asking *a, enum platform_auth auth, struct error *err)
{
	auto_free char *url = xprintf("%s%s", a->client->server.base_url, a->request.target);
	struct sign_peer peer;

	if (auth == PLATFORM_AUTH_KEY)
		return client_key_check(a->client, err);
	return auth != PLATFORM_AUTH_HOTKEY ||
	       sign_server_check(&a->client->server, url, &peer, err);
}

static bool tell_body(const struct asking *a, struct error *err)
{
	const struct http_body *body = a->request.body;
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX_SIZE];

	if (!body)
		return true;
	if (!platform_body_hash(body, hash, err))
		return false;
	sha256_hex(hash, hex);
	if (print_result())
		json_out_number(print_result(), "body_bytes", (int64_t)body->len);
	else
		print_line("body_bytes: %" PRIu64, body->len);
	tell("body_sha256", hex);
	return true;
}

static bool show_plan(const struct asking *a, enum platform_auth auth, struct error *err)
{
	const struct platform p = {.server = a->client->server, .sdk_version = SPEC_SDK_VERSION};
	auto_free char *url = xprintf("%s%s", a->client->server.base_url, a->request.target);
	auto_strings headers = {0};

	if (!check_server(a, auth, err) ||
	    !platform_headers(&p, &a->request, PLATFORM_AUTH_NONE, NULL, &headers, err))
		return false;
	tell("method", a->request.method);
	tell("url", url);
	tell("auth", platform_auth_name(auth));
	tell("credential", auth == PLATFORM_AUTH_HOTKEY ? a->client->signer.source
			   : auth == PLATFORM_AUTH_KEY  ? a->client->key_source
							: NULL);
	tell("scheme", auth == PLATFORM_AUTH_HOTKEY ? a->client->server.scheme : NULL);
	if (print_result())
		json_out_array(print_result(), "headers");
	for (size_t i = 0; i < headers.n; i++)
		if (print_result())
			json_out_text(print_result(), NULL, headers.items[i]);
		else
			print_line("%s", headers.items[i]);
	if (print_result())
		json_out_array_end(print_result());
	return tell_body(a, err);
}

/* --- the command */

static void on_retry(void *context maybe_unused, const char *why, uint64_t wait_ms)
{
	print_status("again", "in %.1f s: %s", (double)wait_ms / 1000, why);
}

static bool ask(struct asking *a, struct error *err)
{
	const struct client *c = a->client;
	enum platform_auth auth;

	if (!platform_auth_choose(&c->server, &a->request, client_has_hotkey(c), client_has_key(c),
				  &auth, err))
		return false;
	if (a->o->is_dry)
		return show_plan(a, auth, err);
	if (!client_open(a->client, &a->o->signer, auth, &a->platform, err))
		return false;
	a->request.auth = auth;
	interrupt_catch();
	return a->o->takes_pages ? request_pages(a, err) : request_once(a, err);
}

static bool run(struct call *call, struct error *err)
{
	const struct request_command *o = call->options;
	const char *method = "GET";
	auto_client client = {0};
	auto_free char *target = NULL;
	auto_data data = {0};
	const struct http_body *body = NULL;

	if (!read_method(call, &method, err) || !check_options(o, method, err) ||
	    !client_load(call, &o->signer, o->uses_netrc, SETTINGS_TO_SEND, &client, err) ||
	    !read_target(call->args.items[call->args.n - 1], &client, &target, err) ||
	    !open_data(o->data, &data, &body, err))
		return false;
	struct asking a = {
		.o = o,
		.client = &client,
		.request = {.method = method,
			    .target = target,
			    .auth = read_auth(o->auth),
			    .purpose = o->purpose,
			    .headers = &o->headers,
			    .body = body,
			    .retries = (unsigned)o->retries,
			    .timeout_ms = call->globals.timeout_ms,
			    .on_retry = on_retry},
	};

	return ask(&a, err);
}

const struct command command_request = {
	.name = "request",
	.arguments = "[METHOD] PATH",
	.summary = "ask the API, signed",
	.about = "Sends one request to the server of the profile and shows its answer's body:\n"
		 "JSON laid out on a terminal, the bytes as they are to a pipe. METHOD is GET,\n"
		 "or POST with --data. A refusal is shown likewise, told on standard error, and\n"
		 "is the exit status. With --json the answer is part of the one document.\n"
		 "Redirects are not followed; POST and PATCH are sent once.",
	.options = rows,
	.options_size = sizeof(struct request_command),
	.defaults = &defaults,
	.examples = {"chutes request /users/me",
		     "chutes request GET '/chutes/?include_public=true' --paginate | jq '.items[]'",
		     "chutes request POST /secrets/ -d @secret.json",
		     "chutes request DELETE /images/ID --dry-run"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_MONEY,
		  ERROR_TIMEOUT, ERROR_NETWORK, ERROR_SERVER, ERROR_MISSING, ERROR_INTERRUPTED},
	.see_also = {"auth status", "config", "invoke"},
	.group = GROUP_TOOLS,
	.run = run,
};
