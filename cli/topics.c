/* SPDX-License-Identifier: MIT
 * Help topics: what holds for all commands.
 */
#include "cli/help.h"

#include "lib/base/findings.h"
#include "lib/base/memory.h"

static void write_exit_codes(struct text *out)
{
	help_add_wrapped(out, 0,
			 "Every command ends with one of these statuses. 'Again' marks those where "
			 "trying again later may help.");
	text_add_char(out, '\n');
	help_add_pair(out, "0", "done, or already in the wanted state");
	for (int i = 0; i < ERROR_N_CODES; i++) {
		const struct error_row *row = error_row((enum error_code)i);
		auto_free char *status = xprintf("%d", row->exit_status);
		auto_free char *sentence =
			xprintf("%s%s", row->sentence, row->is_retryable ? " (again)" : "");

		help_add_pair(out, status, sentence);
	}
	help_add_pair(out, "141", "the reader of our output went away");
	text_add_char(out, '\n');
	help_add_wrapped(out, 0,
			 "'chutes shell' hands on the status of its command; it ends with 125 when "
			 "we failed, 126 when the command cannot be executed, 127 when there is no "
			 "such command.");
}

static void write_environment(struct text *out)
{
	help_add_wrapped(out, 0, "A flag wins over the variable that sets its default.");
	text_add_char(out, '\n');
	for (int i = 0; i < ENV_N_NAMES; i++) {
		const struct env_row *row = env_row((enum env_name)i);

		if (row->meaning)
			help_add_pair(out, row->variable, row->meaning);
	}
}

static void write_output(struct text *out)
{
	static const char *const paragraphs[] = {
		"Standard output carries the result and nothing else. Progress, warnings and "
		"errors go to standard error.",
		"With --format json (or --json) standard output is exactly one JSON document, "
		"whether the command succeeds or fails:",
		"  {\"schema\":\"chutes.build/v1\",\"ok\":true,\"result\":{...},\"warnings\":[]}\n"
		"  {\"schema\":\"chutes.error/v1\",\"ok\":false,\"error\":{\"code\":\"not_found\",\n"
		"   \"message\":\"...\",\"hint\":null,\"where\":null,\"retryable\":false,\n"
		"   \"exit_code\":5,\"changed\":false},\"warnings\":[]}",
		"Where a spec has findings, they are the list \"findings\" of that document, each "
		"with code, severity, message, hint and where. A new member may appear at any time; "
		"a member that goes or changes its meaning gives the schema a new number.",
		"Tables are aligned; on a terminal the last column is cut at its edge, elsewhere "
		"nothing is cut. --plain puts one tab between cells, --no-header leaves out the "
		"titles.",
		"Colour is used on a terminal only, and never with NO_COLOR or TERM=dumb; --color "
		"decides over both. --progress says how progress is shown: 'tty' redraws one line, "
		"'plain' prints lines, 'none' is silent, 'auto' chooses.",
		"A question is asked on a terminal only, and never with --no-input or where CI is "
		"set; elsewhere it is an error that names the option that answers, such as --yes.",
	};

	for (size_t i = 0; i < array_len(paragraphs); i++) {
		if (i)
			text_add_char(out, '\n');
		help_add_wrapped(out, 0, paragraphs[i]);
	}
}

static void write_options(struct text *out)
{
	help_add_wrapped(
		out, 0,
		"These options work with every command and may stand anywhere on its line. "
		"Each flag --x has a --no-x. '--' ends the options.");
	text_add_char(out, '\n');
	help_add_options(out, global_rows);
	text_add_char(out, '\n');
	help_add_wrapped(
		out, 0,
		"'chutes foo' runs the program chutes-foo of PATH where no command is called foo. "
		"What stands behind foo is its own; options in front of it reach it as the "
		"variables named above.");
}

static void write_findings(struct text *out)
{
	help_add_wrapped(
		out, 0,
		"What 'chutes validate', 'chutes build' and 'chutes doctor' may find. E stands for "
		"errors, W for advice, I for rules of the image, D for what is with this machine; "
		"--strict makes errors of all.");
	for (size_t i = 0; finding_row_at(i); i++) {
		const struct finding_row *row = finding_row_at(i);

		text_add_char(out, '\n');
		help_add_finding(out, row);
	}
}

void help_add_finding(struct text *out, const struct finding_row *row)
{
	text_addf(out, "%s  %s\n", row->code, row->title);
	help_add_wrapped(out, 6, row->explain);
}

static const struct help_topic topics[] = {
	{"options", "options of every command", write_options},
	{"exit-codes", "what the exit statuses mean", write_exit_codes},
	{"environment", "variables that are read", write_environment},
	{"output", "streams, JSON, tables, colour", write_output},
	{"spec", "the keys of chute.yaml", help_add_spec},
	{"settings", "server, profiles, keys: what 'config' knows", help_add_settings},
	{"signing", "what requests are signed with, and for whom", help_add_signing},
	{"findings", "what the codes of findings mean", write_findings},
};

const struct help_topic *help_topic_at(size_t i)
{
	return i < array_len(topics) ? &topics[i] : NULL;
}
