/* SPDX-License-Identifier: MIT
 * chutes fmt: one look for every spec.
 */
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/diff.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/data/yaml_format.h"
#include "lib/spec/spec.h"

#include <string.h>

struct fmt_options {
	bool check;
	bool diff;
};
static const struct option_row rows[] = {
	OPT(0, "check", FLAG, fmt_options, check, NULL,
	    "write nothing; exit 10 when the spec would change"),
	OPT(0, "diff", FLAG, fmt_options, diff, NULL, "write nothing; show what would change"),
	OPT_END};

/* The file's text and what it becomes. */
static bool format(const char *path, struct text *before, struct text *after, struct error *err)
{
	auto_arena arena = {0};
	auto_findings f = {0};

	if (!file_read(path, YAML_MAX_BYTES, before, err))
		return false;
	struct yaml_source source = yaml_source_new(path, text_str(before), before->len, &arena);

	if (yaml_format(&source, spec_key_rank, after, &f, err))
		return true;
	if (f.n > 0)
		print_findings(&f);
	return fail_in(err, "'%s'", path);
}

static bool run(struct call *call, struct error *err)
{
	const struct fmt_options *o = call->options;
	const char *file = call->args.n ? call->args.items[0] : call->globals.file;
	auto_free char *found = NULL;
	auto_text before = {0};
	auto_text after = {0};
	auto_text diff = {0};

	if (!file) {
		if (!spec_find(NULL, &found, err))
			return false;
		file = found;
	}
	if (!format(file, &before, &after, err))
		return false;
	bool is_stream = strcmp(file, "-") == 0;
	bool is_same = strcmp(text_str(&before), text_str(&after)) == 0;

	if (o->diff)
		text_add_diff(&diff, file, text_str(&before), text_str(&after));
	if (print_result()) {
		json_out_text(print_result(), "file", file);
		json_out_bool(print_result(), "changed", !is_same);
		if (o->diff)
			json_out_text(print_result(), "diff", text_str(&diff));
		else if (is_stream && !o->check)
			json_out_text(print_result(), "text", text_str(&after));
	} else if (o->diff) {
		print_bytes(text_str(&diff), diff.len);
	} else if (is_stream && !o->check) {
		print_bytes(text_str(&after), after.len);
	} else if (!is_same) {
		print_line("%s", file);
	}
	if (!o->check && !o->diff) {
		if (is_same || is_stream)
			return true;
		print_changed();
		return file_rewrite(file, text_str(&after), after.len, err);
	}
	if (!o->check || is_same)
		return true;
	fail(err, ERROR_DIFFERENT, "'%s' is not formatted", file);
	return fail_hint(err, "run 'chutes fmt'");
}

const struct command command_fmt = {
	.name = "fmt",
	.arguments = "[FILE]",
	.summary = "give a spec its usual look",
	.about = "Moves the keys of the top level into the order of the reference, with the\n"
		 "comments above them, indents by two, and removes blanks that say nothing.\n"
		 "Quotes, comments and texts behind '|' stay as they are. The result is read\n"
		 "again and compared: a spec never means something else afterwards. '-' reads\n"
		 "standard input and writes standard output. Prints the file's name when it\n"
		 "changes.",
	.options = rows,
	.options_size = sizeof(struct fmt_options),
	.examples = {"chutes fmt", "chutes fmt --check --diff"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND, ERROR_DIFFERENT},
	.see_also = {"validate", "init"},
	.group = GROUP_START,
	.run = run,
};
