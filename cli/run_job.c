/* SPDX-License-Identifier: MIT
 * chutes run --job: one job, its arguments checked as the platform's order would be.
 */
#include "cli/run.h"

#include "cli/print.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/spec/value.h"

#include <string.h>
#include <unistd.h>

enum { ARGS_LIMIT = 16 << 20 };

/* --- which job */

static const struct spec_job *find_job(const struct spec *spec, const char *name, struct error *err)
{
	auto_free const char **names = xcalloc(spec->jobs.n + 1, sizeof(*names));
	auto_text all = {.max = 200};
	const struct spec_job *job = spec_find_job(spec, name);

	if (job)
		return job;
	for (size_t i = 0; i < spec->jobs.n; i++) {
		names[i] = spec->jobs.items[i].function;
		text_addf(&all, "%s%s", i ? ", " : "", names[i]);
	}
	const char *near = text_nearest(name, names);

	fail(err, ERROR_NOT_FOUND, "'%s' has no job '%s'", spec->name, name);
	if (near)
		fail_hint(err, "did you mean '%s'?", near);
	else if (spec->jobs.n)
		fail_hint(err, "there is: %s", text_str(&all));
	else
		fail_hint(err, "it has cords: 'chutes run' serves them");
	return NULL;
}

/* --- its arguments */

static bool read_args(const char *given, struct text *out, struct error *err)
{
	if (given[0] == '@')
		return file_read(given + 1, ARGS_LIMIT, out, err);
	if (strcmp(given, "-") == 0)
		return file_read("-", ARGS_LIMIT, out, err);
	text_add(out, given);
	return true;
}

static bool parse_args(const char *given, struct json **out, struct error *err)
{
	auto_text text = {0};
	auto_json struct json *args = NULL;

	if (!read_args(given, &text, err))
		return fail_in(err, "--args");
	if (!json_parse(text_str(&text), text.len, ARGS_LIMIT, &args, err) ||
	    !json_expect(args, JSON_KIND_OBJECT, "the arguments", err)) {
		err->code = ERROR_USAGE;
		fail_in(err, "--args");
		return fail_hint(err,
				 "write a JSON object, @FILE with one, or - for standard input");
	}
	*out = take(args);
	return true;
}

static void add_member(struct text *out, const char *name, const char *json)
{
	text_add(out, out->len > 1 ? "," : "");
	text_add_json(out, name);
	text_addf(out, ":%s", json);
}

/* dev.job_args, `given` (NULL: nothing) laid over them. */
static void merge_args(const struct spec *spec, const struct json *given, struct text *out)
{
	const struct field_values *defaults = &spec->dev.job_args;
	void *position = NULL;
	const struct json *value;
	const char *key;

	text_add_char(out, '{');
	for (size_t i = 0; i < defaults->n; i++)
		if (!given || !json_find(given, defaults->items[i].name))
			add_member(out, defaults->items[i].name, defaults->items[i].value);
	while (given && json_next(given, &position, &key, &value)) {
		auto_text written = {0};

		json_write(value, &written);
		add_member(out, key, text_str(&written));
	}
	text_add_char(out, '}');
}

static void add_misfit(void *context, const char *name, const char *problem)
{
	struct text *t = context;

	text_addf(t, "%s'%s' %s", t->len ? "; " : "", name, problem);
}

/* A name that is no field, but nearly one. */
static bool hint_nearest(const struct spec_job *job, const struct json *args, struct error *err)
{
	auto_free const char **names = xcalloc(job->args.n + 1, sizeof(*names));
	void *position = NULL;
	const struct json *value;
	const char *key;

	for (size_t i = 0; i < job->args.n; i++)
		names[i] = job->args.items[i].name;
	while (json_next(args, &position, &key, &value)) {
		const char *near =
			spec_find_field(&job->args, key) ? NULL : text_nearest(key, names);

		if (near) {
			fail_hint(err, "did you mean '%s' instead of '%s'?", near, key);
			return true;
		}
	}
	return false;
}

static bool check_args(const struct spec_job *job, const char *json, struct error *err)
{
	auto_text problems = {.max = 400};
	const struct value_rules rules = {true, add_misfit, &problems};
	auto_json struct json *args = NULL;

	if (job->args.n == 0) /* anything goes */
		return true;
	if (!json_parse(json, strlen(json), ARGS_LIMIT, &args, err))
		return false;
	if (value_fits_fields(args, &job->args, &rules))
		return true;
	fail(err, ERROR_USAGE, "arguments of job '%s': %s", job->function, text_str(&problems));
	if (hint_nearest(job, args, err))
		return false;
	return fail_hint(err, "--args '{\"%s\": …}'; see 'jobs' in the spec",
			 job->args.items[0].name);
}

static bool prepare_args(const struct spec *spec, const struct spec_job *job, const char *given,
			 struct text *out, struct error *err)
{
	auto_json struct json *args = NULL;

	if (given && !parse_args(given, &args, err))
		return false;
	merge_args(spec, args, out);
	return check_args(job, text_str(out), err);
}

/* --- run */

static void on_note(void *context maybe_unused, const char *text) { print_warning("%s", text); }

static void print_outcome(const struct spec_job *job, const char *output, const struct text *result)
{
	struct json_out *j = print_result();

	print_status("job", "%s is done; its files are in '%s'", job->function, output);
	if (j) {
		json_out_text(j, "job", job->function);
		json_out_raw(j, "result", result->len ? text_str(result) : "null");
		json_out_text(j, "output", output);
	} else if (result->len) {
		print_line("%s", text_str(result));
	}
}

bool run_job(const struct call *call, const struct running_options *o, const char *name,
	     const char *args, const char *output, struct error *err)
{
	auto_running r = {0};
	auto_text json = {0};
	auto_text result = {0};
	const char *directory = output ? output : "out";

	if (!running_load(&r, call, o, err))
		return false;
	const struct spec_job *job = find_job(&r.spec, name, err);

	/* what is wrong with the arguments is told before anything is built */
	if (!job || !prepare_args(&r.spec, job, args, &json, err) || !running_fill(&r, err))
		return false;
	struct launch_options launch = r.local.launch;

	launch.fd_out = STDERR_FILENO;
	launch.fd_err = STDERR_FILENO;
	launch.timeout_ms = call->globals.timeout_ms;
	launch.on_note = on_note;
	print_status("job", "%s", job->function);
	print_live_end();
	bool ok = launch_job(&launch, job, text_str(&json), directory, &result, err);

	if (ok)
		print_outcome(job, directory, &result);
	return ok;
}
