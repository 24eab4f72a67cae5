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

struct formatted {
	const char *file;
	struct text before;
	struct text after;
	bool is_stream;
	bool is_same;
};

static void report(const struct fmt_options *o, const struct formatted *f)
{
	struct json_out *j = print_result();
	bool is_asked_for_text = f->is_stream && !o->check && !o->diff;
	auto_text diff = {0};

	if (o->diff)
		text_add_diff(&diff, f->file, text_str(&f->before), text_str(&f->after));
	if (j) {
		json_out_text(j, "file", f->file);
		json_out_bool(j, "changed", !f->is_same);
		if (o->diff)
			json_out_text(j, "diff", text_str(&diff));
		else if (is_asked_for_text)
			json_out_text(j, "text", text_str(&f->after));
	} else if (o->diff) {
		print_bytes(text_str(&diff), diff.len);
	} else if (is_asked_for_text) {
		print_bytes(text_str(&f->after), f->after.len);
	} else if (!f->is_same) {
		print_line("%s", f->file);
	}
}

static bool write_file(const struct formatted *f, struct error *err)
{
	if (!file_rewrite(f->file, text_str(&f->after), f->after.len, err))
		return false;
	print_changed();
	return true;
}

static bool format_file(const struct fmt_options *o, struct formatted *f, struct error *err)
{
	if (!format(f->file, &f->before, &f->after, err))
		return false;
	f->is_stream = strcmp(f->file, "-") == 0;
	f->is_same = strcmp(text_str(&f->before), text_str(&f->after)) == 0;
	bool is_written = !o->check && !o->diff && !f->is_stream && !f->is_same;

	if (is_written && !write_file(f, err))
		return false;
	report(o, f);
	if (!o->check || f->is_same)
		return true;
	fail(err, ERROR_DIFFERENT, "'%s' is not formatted", f->file);
	return fail_hint(err, "run 'chutes fmt'");
}

static bool run(struct call *call, struct error *err)
{
	const char *file = call->args.n ? call->args.items[0] : call->globals.file;
	auto_free char *found = NULL;

	if (!file && !spec_find(NULL, &found, err))
		return false;
	struct formatted f = {.file = file ? file : found};
	bool ok = format_file(call->options, &f, err);

	text_release(&f.before);
	text_release(&f.after);
	return ok;
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
