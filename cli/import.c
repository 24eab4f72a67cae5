/* SPDX-License-Identifier: MIT
 * A module written for the platform's SDK becomes a spec beside it.
 */
#include "lib/import/import.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/spec/spec.h"

#include <string.h>
#include <unistd.h>

struct import_command {
	const char *output;
	const char *mode;
	struct strings env;
	bool no_exec;
	bool yes;
	bool allow_lossy;
	bool force;
};

static const struct import_command defaults = {.mode = "auto"};

static const struct option_row rows[] = {
	OPT('o', "output", TEXT, import_command, output, "FILE",
	    "the spec, beside the module (default chute.yaml); - prints it and writes nothing"),
	OPT(0, "mode", CHOICE, import_command, mode, "auto|template|handlers|python",
	    "what the spec shall be (default auto: the first of these that fits)"),
	OPT('e', "env", REPEAT, import_command, env, "NAME=VALUE",
	    "set a variable that the module reads"),
	OPT(0, "no-exec", FLAG, import_command, no_exec, NULL, "never run the module"),
	OPT('y', "yes", FLAG, import_command, yes, NULL, "run the module without asking"),
	OPT(0, "allow-lossy", FLAG, import_command, allow_lossy, NULL,
	    "write the spec although something would be lost"),
	OPT(0, "force", FLAG, import_command, force, NULL, "replace files that exist"),
	OPT_END};

static enum import_mode mode_of(const char *word)
{
	static const char *const words[] = {"auto", "template", "handlers", "python"};
	size_t i = 0;

	while (strcmp(words[i], word) != 0)
		i++;
	return (enum import_mode)i;
}

static const char *const mode_names[] = {"auto", "template", "handlers", "python"};

/* "FILE.py:chute" */
static void split_target(const char *target, char **file, char **object)
{
	const char *colon = strrchr(target, ':');

	*object = colon && !strchr(colon, '/') ? xstrdup(colon + 1) : NULL;
	*file = *object ? xprintf("%.*s", (int)(colon - target), target) : xstrdup(target);
}

/* Reading was not enough: ask, or say what stays unknown. */
static bool may_run(const struct import_command *o, const struct import_result *r, const char *file,
		    struct error *err)
{
	auto_text question = {0};

	for (size_t i = 0; i < r->unknown.n && i < 5; i++)
		print_status("unknown", "%s", r->unknown.items[i]);
	if (o->no_exec) {
		fail(err, ERROR_SPEC, "reading '%s' is not enough: %s", file, r->unknown.items[0]);
		return fail_hint(err, "write the values in place, use --mode python, or leave "
				      "--no-exec out");
	}
	text_addf(&question, "reading '%s' is not enough: run it in a sandbox?", file);
	return confirm(text_str(&question), "--yes", err);
}

static bool convert(const struct import_command *o, struct import_options *io,
		    struct import_result *out, struct error *err)
{
	io->may_execute = o->yes && !o->no_exec;
	if (!import_chute(io, out, err))
		return false;
	if (!out->needs_execution)
		return true;
	if (!may_run(o, out, io->file, err))
		return false;
	import_result_release(out);
	io->may_execute = true;
	return import_chute(io, out, err);
}

/* --- writing */

static bool check_absent(const char *path, bool is_forced, struct error *err)
{
	if (is_forced || !file_exists(path))
		return true;
	fail(err, ERROR_CONFLICT, "'%s' exists", path);
	return fail_hint(err, "--force replaces it, -o names another file");
}

static bool write_one(const char *path, const char *text, bool is_forced, struct error *err)
{
	auto_free char *directory = path_directory(path);

	if (!directory_make(directory, 0777, err))
		return false;
	return is_forced ? file_write(path, text, strlen(text), 0644, err)
			 : file_create(path, text, strlen(text), 0644, err);
}

/* All or nothing as far as what exists goes. */
static bool write_all(const struct import_result *r, const char *spec, bool is_forced,
		      struct error *err)
{
	auto_free char *directory = path_directory(spec);

	if (!check_absent(spec, is_forced, err))
		return false;
	for (size_t i = 0; i < r->n_files; i++) {
		auto_free char *path = path_join(directory, r->files[i].name);

		if (!check_absent(path, is_forced, err))
			return false;
	}
	for (size_t i = 0; i < r->n_files; i++) {
		auto_free char *path = path_join(directory, r->files[i].name);

		if (!write_one(path, r->files[i].text, is_forced, err))
			return false;
		print_changed();
	}
	return write_one(spec, text_str(&r->yaml), is_forced, err);
}

/* What was written is checked as any spec. */
static bool check_written(struct import_result *r, const char *spec, struct error *err)
{
	struct spec_options so = {.file = spec};
	auto_spec loaded = {0};
	auto_findings f = {0};
	struct error why;
	bool is_valid = spec_load(&so, &loaded, &f, &why);

	findings_move(&r->findings, &f);
	findings_sort(&r->findings);
	print_findings(&r->findings);
	if (is_valid)
		return true;
	*err = why;
	return fail_hint(err,
			 "'%s' was written: mend what stands above, then run 'chutes "
			 "validate'",
			 spec);
}

static void report(const struct import_result *r, const char *spec)
{
	struct json_out *j = print_result();
	auto_text files = {0};

	if (j) {
		json_out_text(j, "file", spec);
		json_out_text(j, "mode", mode_names[r->mode]);
		json_out_array(j, "files");
		for (size_t i = 0; i < r->n_files; i++)
			json_out_text(j, NULL, r->files[i].name);
		json_out_array_end(j);
		return;
	}
	for (size_t i = 0; i < r->n_files; i++)
		text_addf(&files, " %s", r->files[i].name);
	print_line("created %s%s  (%s)", spec, text_str(&files), mode_names[r->mode]);
	print_next("chutes validate");
}

static bool choose_output(const char *file, const char *given, char **out, struct error *err)
{
	auto_free char *directory = path_directory(file);

	if (!given) {
		*out = path_join(directory, "chute.yaml");
		return true;
	}
	auto_free char *there = path_directory(given);
	auto_free char *clean = path_clean(there);
	auto_free char *beside = path_clean(directory);

	if (strcmp(clean, beside) != 0) {
		fail(err, ERROR_USAGE, "'%s' does not lie beside '%s'", given, file);
		return fail_hint(err, "the spec names the module and its files from where it is");
	}
	*out = xstrdup(given);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct import_command *o = call->options;
	auto_free char *file = NULL;
	auto_free char *object = NULL;
	auto_free char *output = NULL;
	auto_import_result result = {0};
	bool is_printed = o->output && strcmp(o->output, "-") == 0;

	split_target(call->args.items[0], &file, &object);
	if (!project_check_env(&o->env, err) ||
	    (!is_printed && !choose_output(file, o->output, &output, err)))
		return false;
	interrupt_catch();
	struct import_options io = {
		.file = file,
		.object = object,
		.mode = mode_of(o->mode),
		.allows_loss = o->allow_lossy,
		.timeout_ms = call->globals.timeout_ms,
		.env = &o->env,
	};

	if (!convert(o, &io, &result, err)) {
		print_findings(&result.findings);
		return false;
	}
	if (is_printed) {
		print_findings(&result.findings);
		print_bytes(text_str(&result.yaml), result.yaml.len);
		return true;
	}
	if (!write_all(&result, output, o->force, err))
		return false;
	print_changed();
	if (!check_written(&result, output, err))
		return false;
	report(&result, output);
	return true;
}

const struct command command_import = {
	.name = "import",
	.arguments = "FILE[:OBJECT]",
	.summary = "make a spec of a module written for the platform's SDK",
	.about = "Reads FILE.py and writes chute.yaml beside it: a template where the module\n"
		 "calls one, plain handlers where its functions can be taken out of their\n"
		 "wiring, else the module as it is. OBJECT names the chute where the file has\n"
		 "several.\n"
		 "\n"
		 "The module is not run as long as reading tells all that counts. Otherwise you\n"
		 "are asked, and it runs in a sandbox: no network, nothing can be written, 60\n"
		 "seconds, 4 GiB. What was repaired or left out is a comment in the spec and a\n"
		 "warning. The spec is compared with what the module registers; a difference is\n"
		 "an error.\n"
		 "\n"
		 "Needs Python 3.10 or newer on this machine, without any package.",
	.options = rows,
	.options_size = sizeof(struct import_command),
	.defaults = &defaults,
	.examples = {"chutes import llama1b.py", "chutes import app.py:chute --mode python",
		     "chutes import flux.py --yes -e HF_HOME=/cache"},
	.exits = {ERROR_SPEC, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_TIMEOUT, ERROR_MISSING},
	.see_also = {"init", "validate", "render"},
	.group = GROUP_START,
	.run = run,
};
