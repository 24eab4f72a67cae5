/* SPDX-License-Identifier: MIT
 * One call of a cord, or many with the times they take.
 */
#include "cli/invoke.h"

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/running.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/local/local.h"

#include <inttypes.h>
#include <string.h>

enum { DATA_MAX = 512 * 1024 * 1024, REPEAT_MAX = 1000000, CONCURRENCY_MAX = 256 };

static const struct option_row rows[] = {
	OPT('i', "input", REPEAT, invoke_command, inputs, "NAME=VALUE",
	    "a field of the input; NAME=@FILE takes a file's content (repeat)"),
	OPT('d', "data", TEXT, invoke_command, data, "JSON",
	    "the whole input; @FILE takes it from a file, - from standard input"),
	OPT('o', "output", TEXT, invoke_command, output, "FILE",
	    "save the answer, or the files in it; %d in FILE counts them, - is standard output"),
	OPT(0, "stream", FLAG, invoke_command, streams, NULL,
	    "the cord of this route that streams (default: whichever there is)"),
	OPT(0, "raw", FLAG, invoke_command, is_raw, NULL, "print the answer's bytes as they come"),
	OPT(0, "url", TEXT, invoke_command, url, "URL",
	    "where the chute answers (default: the one that runs here)"),
	OPT(0, "trace", FLAG, invoke_command, traces, NULL,
	    "show the request, the answer's head and the times on standard error"),
	OPT(0, "repeat", NUMBER, invoke_command, repeat, "N",
	    "call N times, and tell how long it takes"),
	OPT(0, "concurrency", NUMBER, invoke_command, concurrency, "N",
	    "how many calls at a time (default 1)"),
	OPT_END};
/* Rows whose absence means something else than their value does. */
enum { STREAM_BIT = 1 << 3, REPEAT_BIT = 1 << 7, CONCURRENCY_BIT = 1 << 8 };

/* Where the chute of a spec (NULL: whichever) answers on this machine: the one that runs, by the
 * spec's name or another, else where `chutes run` would serve it. */
static char *local_url(const struct call *call, const struct spec *spec)
{
	auto_local_chute chute = {0};
	struct error ignored; /* then it is asked where it would be */

	if (local_find(spec ? spec->name : NULL, &chute, &ignored) ||
	    (spec && running_find_here(call, &chute)))
		return xprintf("http://%s", chute.address);
	return xprintf("http://127.0.0.1:%" PRId64, spec ? spec->dev.port : 8000);
}

/* The spec, where there is one: an address is enough for a call. */
static bool load_spec(const struct call *call, bool *has_spec, struct spec *out, struct error *err)
{
	auto_free char *file = NULL;
	struct error ignored; /* there is none */

	*has_spec = call->globals.file || spec_find(NULL, &file, &ignored);
	return !*has_spec || project_any_spec(call, out, err);
}

/* The cords of the spec; without one, or where a module registers its own, the chute is asked. A
 * path can be called without knowing it. */
static bool find_cords(const struct call *call, const struct spec *spec, const char *url,
		       struct call_cords *out, struct error *err)
{
	const char *name = call->args.items[0];

	if (spec && !spec->cords.is_imported)
		return call_cords_of(spec, out, err);
	if (strchr(name, '/') || call_ask_cords(url, out, err))
		return true;
	if (err->code != ERROR_SPEC)
		return false;
	fail(err, ERROR_NOT_FOUND, "%s does not say which cords it has, and no chute.yaml does",
	     url);
	return fail_hint(err, "name a path: /%.60s", name);
}

static bool read_data(const char *data, struct text *out, struct error *err)
{
	auto_json struct json *json = NULL;
	bool is_file = data[0] == '@' || strcmp(data, "-") == 0;

	if (is_file && !file_read(data[0] == '@' ? data + 1 : data, DATA_MAX, out, err))
		return fail_in(err, "--data");
	if (!is_file)
		text_add(out, data);
	if (json_parse(text_str(out), out->len, DATA_MAX, &json, err))
		return true;
	err->code = ERROR_USAGE;
	return fail_in(err, "--data is no JSON");
}

/* The input as JSON; nothing where nothing is said and nobody knows better. */
static bool read_input(const struct invoke_command *o, const struct call_cord *cord,
		       struct text *out, struct error *err)
{
	if (o->data && o->inputs.n > 0)
		return fail(err, ERROR_USAGE, "--data and --input exclude each other");
	if (o->data)
		return read_data(o->data, out, err);
	return call_input(cord, &o->inputs, out, err);
}

static bool check_numbers(const struct call *call, struct error *err)
{
	const struct invoke_command *o = call->options;

	if (call->given & REPEAT_BIT && (o->repeat < 1 || o->repeat > REPEAT_MAX))
		return fail(err, ERROR_USAGE, "--repeat must be 1 to %d, not %" PRId64, REPEAT_MAX,
			    o->repeat);
	if (call->given & CONCURRENCY_BIT &&
	    (o->concurrency < 1 || o->concurrency > CONCURRENCY_MAX))
		return fail(err, ERROR_USAGE, "--concurrency must be 1 to %d, not %" PRId64,
			    CONCURRENCY_MAX, o->concurrency);
	if ((o->repeat || o->concurrency) && o->output)
		return fail(err, ERROR_USAGE, "--output has nothing to save with --repeat");
	return true;
}

/* "/path" and "METHOD /path" of a cord that nobody describes. `method` is the caller's. */
static bool split_target(const char *name, char **method, struct call_cord *out, struct error *err)
{
	const char *slash = strchr(name, '/');
	size_t len = slash ? (size_t)(slash - name) : 0;

	while (len > 0 && name[len - 1] == ' ')
		len--;
	if (!slash || strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != len) {
		fail(err, ERROR_USAGE, "'%.100s' is no path", name);
		return fail_hint(err, "write '/hello' or 'GET /hello'");
	}
	*method = len > 0 ? xstrndup(name, len) : xstrdup("POST");
	*out = (struct call_cord){.method = *method, .path = slash};
	return true;
}

/* A route that nobody names may be there all the same. */
static bool choose_cord(const struct call *call, const struct call_cords *cords,
			const struct call_cord **out, struct error *err)
{
	const struct invoke_command *o = call->options;
	const char *name = call->args.items[0];
	int is_stream = !(call->given & STREAM_BIT) ? -1 : o->streams;

	return call_find_cord(cords, name, is_stream, out, err) ||
	       (strchr(name, '/') && is_stream < 0);
}

static bool send_it(const struct call *call, struct invocation *v, const char *target,
		    struct error *err)
{
	const struct invoke_command *o = call->options;

	v->target = target;
	v->http = (struct http_request){
		.method = v->request.method,
		.url = v->request.url,
		.headers = &v->request.headers,
		.body = v->request.has_body ? text_str(&v->request.body) : NULL,
		.body_len = v->request.body.len,
		.timeout_ms = call->globals.timeout_ms,
		.limit = INVOKE_ANSWER_MAX,
	};
	return o->repeat || o->concurrency ? invoke_often(v, err) : invoke_once(v, err);
}

static bool invoke(const struct call *call, const struct spec *spec, const char *url,
		   struct error *err)
{
	struct invocation v = {.o = call->options};
	auto_call_cords cords = {0};
	auto_free char *method = NULL;
	struct call_cord unknown = {0};
	auto_text input = {0};

	if (!find_cords(call, spec, url, &cords, err) || !choose_cord(call, &cords, &v.cord, err) ||
	    (!v.cord && !split_target(call->args.items[0], &method, &unknown, err)))
		return false;
	if (!v.cord)
		v.cord = &unknown;
	if (!read_input(v.o, v.cord, &input, err) ||
	    !call_request_make(url, v.cord, text_str(&input), &v.request, err))
		return false;
	auto_free char *target = xprintf("%s %s", v.cord->method, v.cord->path);
	bool ok = send_it(call, &v, target, err);

	call_request_release(&v.request);
	return ok;
}

static bool run(struct call *call, struct error *err)
{
	const struct invoke_command *o = call->options;
	auto_spec spec = {0};
	bool has_spec = false;

	if (!check_numbers(call, err) || !load_spec(call, &has_spec, &spec, err))
		return false;
	const struct spec *known = has_spec ? &spec : NULL;
	auto_free char *url = o->url ? xstrdup(o->url) : local_url(call, known);

	interrupt_catch();
	bool ok = invoke(call, known, url, err);

	if (!ok && err->code == ERROR_NETWORK && !err->hint[0])
		fail_hint(err, "does the chute run there? 'chutes run' starts it, --url names "
			       "another place");
	return ok;
}

const struct command command_invoke = {
	.name = "invoke",
	.arguments = "CORD|PATH",
	.summary = "call a cord of a running chute",
	.about = "Sends one request to a chute that 'chutes run' serves, or to any at --url, and\n"
		 "shows its answer: JSON laid out on a terminal, events as they come, files with\n"
		 "-o. Fields are typed as the cord's input says: NAME=@FILE is base64 for a file,\n"
		 "text for text. Where the input is not known, what reads as JSON is JSON.\n"
		 "NAME=@@x is the text @x.",
	.options = rows,
	.options_size = sizeof(struct invoke_command),
	.examples = {"chutes invoke hello -i name=Ada",
		     "chutes invoke generate -i prompt=hello -i image=@in.png -o out.png",
		     "chutes invoke 'GET /models' --url http://127.0.0.1:9000 --raw | jq .",
		     "chutes invoke hello -i name=Ada --repeat 1000 --concurrency 8"},
	.exits = {ERROR_SPEC, ERROR_NOT_FOUND, ERROR_TIMEOUT, ERROR_NETWORK, ERROR_SERVER,
		  ERROR_MISSING, ERROR_CALL, ERROR_INTERRUPTED},
	.see_also = {"run", "test", "validate"},
	.group = GROUP_BUILD,
	.run = run,
};
