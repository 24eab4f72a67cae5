/* SPDX-License-Identifier: MIT
 * chutes validate: everything that is wrong with a spec, at once.
 */
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "lib/lower/lower.h"
#include "lib/spec/lock.h"
#include "lib/spec/spec.h"

#include <string.h>

struct validate_options {
	struct strings allow;
};
static const struct option_row rows[] = {OPT(0, "allow", LIST, validate_options, allow, "CODE",
					     "say nothing about warnings of this code (repeat)"),
					 OPT_END};

static bool check_codes(const struct strings *codes, struct error *err)
{
	for (size_t i = 0; i < codes->n; i++) {
		const struct finding_row *row = finding_row_find(codes->items[i]);

		if (!row)
			return fail(err, ERROR_USAGE, "--allow: there is no code '%s'",
				    codes->items[i]) ||
			       fail_hint(err, "'chutes help findings' lists the codes");
		if (row->severity == SEVERITY_ERROR)
			return fail(err, ERROR_USAGE, "--allow: '%s' is an error, not a warning",
				    codes->items[i]);
	}
	return true;
}

/* As --allow and --strict want it. */
static void judge(const struct call *call, struct findings *f)
{
	const struct validate_options *o = call->options;

	for (size_t i = 0; i < o->allow.n; i++)
		findings_allow(f, o->allow.items[i]);
	if (call->globals.strict)
		findings_strict(f);
}

/* Findings of one spec, behind those of others. false when it cannot be read at all. */
static bool check_file(const struct call *call, const char *file, struct findings *all,
		       struct error *err)
{
	auto_spec spec = {0};
	auto_findings f = {0};
	const struct spec_options o = {
		.file = file, .overlay = call->globals.overlay, .checks_all_files = true};
	bool is_good = spec_load(&o, &spec, &f, err);
	bool is_read = is_good || findings_count(&f, SEVERITY_ERROR) > 0;

	if (is_good) {
		lower_check_schemas(&spec, &f);
		spec_check_lock(&spec, &f);
	}
	judge(call, &f);
	is_good = is_good && findings_count(&f, SEVERITY_ERROR) == 0;
	if (is_good && print_result())
		json_out_text(print_result(), NULL, spec.file);
	else if (is_good && !call->globals.quiet && strcmp(call->globals.format, "sarif") != 0)
		print_line("%s: '%s' is valid", spec.file, spec.name);
	findings_move(all, &f);
	return is_read;
}

static bool check_files(const struct call *call, struct findings *all, struct error *err)
{
	if (call->args.n == 0)
		return check_file(call, call->globals.file, all, err);
	for (size_t i = 0; i < call->args.n; i++)
		if (!check_file(call, call->args.items[i], all, err))
			return false;
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct validate_options *o = call->options;
	auto_findings all = {0};

	if (!check_codes(&o->allow, err))
		return false;
	if (print_result())
		json_out_array(print_result(), "valid");
	bool is_read = check_files(call, &all, err);

	if (print_result())
		json_out_array_end(print_result());
	if (is_read || all.n > 0)
		print_findings(&all);
	if (!is_read)
		return false;
	if (findings_pass(&all, err))
		return true;
	/* rules of the image count as the spec's here: nothing was built */
	err->code = ERROR_SPEC;
	return false;
}

const struct command command_validate = {
	.name = "validate",
	.arguments = "[FILE]...",
	.summary = "check a spec and the files that it names",
	.about = "Reads chute.yaml, or each FILE, and reports everything that is wrong with\n"
		 "it: text, keys, values, rules between them, files. Nothing is executed and\n"
		 "nothing is fetched, so it is safe for a spec from a stranger.",
	.options = rows,
	.options_size = sizeof(struct validate_options),
	.formats = "text|json|github|sarif",
	.examples = {"chutes validate", "chutes validate --strict --format github */chute.yaml",
		     "chutes validate --format sarif > chute.sarif"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"explain", "schema", "init", "build"},
	.group = GROUP_START,
	.run = run,
};
