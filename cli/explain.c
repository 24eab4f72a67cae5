/* SPDX-License-Identifier: MIT
 * chutes explain: the long text of a finding's code.
 */
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"
#include "lib/base/findings.h"
#include "lib/base/memory.h"

/* Codes are written in capitals; nobody has to. */
static const struct finding_row *find_row(const char *word)
{
	auto_free char *code = xstrdup(word);

	for (char *c = code; *c; c++)
		*c = ascii_upper(*c);
	return finding_row_find(code);
}

static bool unknown(const char *word, struct error *err)
{
	auto_strings codes = {0};

	for (size_t i = 0; finding_row_at(i); i++)
		strings_add(&codes, finding_row_at(i)->code);
	const char *near = text_nearest(word, (const char *const *)strings_argv(&codes));

	fail(err, ERROR_USAGE, "there is no code '%s'", word);
	return near ? fail_hint(err, "did you mean 'chutes explain %s'?", near)
		    : fail_hint(err, "'chutes help findings' lists the codes");
}

static void add_json(struct json_out *j, const struct finding_row *row)
{
	json_out_object(j, NULL);
	json_out_text(j, "code", row->code);
	json_out_text(j, "severity", row->severity == SEVERITY_ERROR ? "error" : "warning");
	json_out_text(j, "title", row->title);
	json_out_text(j, "text", row->explain);
	json_out_number(j, "exit_code", error_row(row->error)->exit_status);
	json_out_object_end(j);
}

static bool run(struct call *call, struct error *err)
{
	auto_text out = {0};

	for (size_t i = 0; i < call->args.n; i++)
		if (!find_row(call->args.items[i]))
			return unknown(call->args.items[i], err);
	if (print_result())
		json_out_array(print_result(), "codes");
	for (size_t i = 0; i < call->args.n; i++) {
		const struct finding_row *row = find_row(call->args.items[i]);

		text_add(&out, i ? "\n" : "");
		help_add_finding(&out, row);
		if (print_result())
			add_json(print_result(), row);
	}
	if (print_result())
		json_out_array_end(print_result());
	else
		print_bytes(text_str(&out), out.len);
	return true;
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "CODE...",
	.summary = "tell what the code of a finding means",
	.about = "Tells what a code such as E110 means and how to repair what it stands for.\n"
		 "'chutes help findings' tells it of all codes.",
	.examples = {"chutes explain E110",
		     "chutes explain W301 --json | jq -r '.result.codes[].text'"},
	.see_also = {"validate", "help"},
	.group = GROUP_START,
	.run = run,
};
