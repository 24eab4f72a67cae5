/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/memory.h"

#include <stdio.h>
#include <string.h>

static void add_overview(struct text *out, const struct command *root)
{
	text_add(out, "Usage: chutes COMMAND [ARGUMENT]... [OPTION]...\n\n");
	help_add_wrapped(out, 0, root->about);
	for (int group = 0; group < GROUP_N; group++) {
		bool has_title = false;

		for (const struct command *const *c = root->sub; *c; c++) {
			if ((*c)->is_hidden || (int)(*c)->group != group)
				continue;
			if (!has_title)
				text_addf(out, "\n%s:\n",
					  command_group_title((enum command_group)group));
			has_title = true;
			help_add_pair(out, (*c)->name, (*c)->summary);
		}
	}
	text_add(out, "\nTopics:\n");
	for (size_t i = 0; help_topic_at(i); i++)
		help_add_pair(out, help_topic_at(i)->name, help_topic_at(i)->summary);
	text_add(out, "\n'chutes help NAME' tells more about a command or topic.\n");
}

static void add_usage(struct text *out, const struct command *c, const char *name)
{
	text_addf(out, "Usage: chutes %s", name);
	if (c->sub)
		text_add(out, c->fallback ? " [COMMAND]" : " COMMAND");
	if (c->arguments)
		text_addf(out, " %s", c->arguments);
	text_add(out, " [OPTION]...\n\n");
	help_add_wrapped(out, 0, c->about);
}

static void add_examples(struct text *out, const struct command *c)
{
	if (!c->examples[0])
		return;
	text_add(out, "\nExamples:\n");
	for (size_t i = 0; i < array_len(c->examples) && c->examples[i]; i++)
		text_addf(out, "  $ %s\n", c->examples[i]);
}

static void add_command(struct text *out, const struct command *c, const char *name)
{
	int status;
	const char *sentence;

	add_usage(out, c, name);
	for (const struct command *const *s = c->sub; s && *s; s++) {
		if (s == c->sub)
			text_add(out, "\nCommands:\n");
		if (!(*s)->is_hidden)
			help_add_pair(out, (*s)->name, (*s)->summary);
	}
	const struct option_row *rows = c->fallback ? c->fallback->options : c->options;

	if (rows && rows->name) {
		text_add(out, "\nOptions:\n");
		help_add_options(out, rows);
	}
	if (c->formats)
		text_addf(out, "%s      --format %s\n", rows ? "" : "\nOptions:\n", c->formats);
	add_examples(out, c);
	text_add(out, "\nExit status:\n");
	for (size_t i = 0; help_exit_at(c, i, &status, &sentence); i++) {
		auto_free char *number = xprintf("%d", status);

		help_add_pair(out, number, sentence);
	}
	auto_text others = {0};

	text_add(&others, "See also: ");
	for (size_t i = 0; i < array_len(c->see_also) && c->see_also[i]; i++)
		text_addf(&others, "chutes %s, ", c->see_also[i]);
	text_add(&others, "chutes help options");
	text_add_char(out, '\n');
	help_add_wrapped(out, 0, text_str(&others));
}

bool help_command(struct call *call, struct error *err maybe_unused)
{
	auto_text out = {0};

	if (print_is_json())
		help_add_json(&out, call->root, call->command);
	else if (call->command == call->root)
		add_overview(&out, call->root);
	else
		add_command(&out, call->command, call->name);
	if (print_is_json())
		print_document(text_str(&out));
	else
		print_bytes(text_str(&out), out.len);
	return true;
}

void help_overview(const struct command *root)
{
	auto_text out = {0};

	add_overview(&out, root);
	fputs(text_str(&out), stderr);
}

/* --- chutes help */

static bool unknown(const struct call *call, size_t i, struct error *err)
{
	const char *word = call->args.items[i];
	auto_strings names = {0};

	for (const struct command *const *c = call->root->sub; i == 0 && *c; c++)
		if (!(*c)->is_hidden)
			strings_add(&names, (*c)->name);
	for (size_t k = 0; i == 0 && help_topic_at(k); k++)
		strings_add(&names, help_topic_at(k)->name);
	const char *near = text_nearest(word, (const char *const *)strings_argv(&names));

	fail(err, ERROR_USAGE, "there is no help about '%s'", word);
	return near ? fail_hint(err, "did you mean 'chutes help %s'?", near)
		    : fail_hint(err, "see 'chutes help'");
}

static void show(const struct text *out)
{
	if (print_result())
		json_out_text(print_result(), "text", text_str(out));
	else
		print_bytes(text_str(out), out->len);
}

/* A topic, or a finding's code; false when the word is neither. */
static bool show_text(const char *word)
{
	const struct finding_row *finding = finding_row_find(word);
	auto_text out = {0};

	if (finding)
		help_add_finding(&out, finding);
	for (size_t i = 0; help_topic_at(i); i++)
		if (strcmp(help_topic_at(i)->name, word) == 0)
			help_topic_at(i)->write(&out);
	if (out.len == 0)
		return false;
	show(&out);
	return true;
}

static bool show_key(const char *word, struct error *err)
{
	auto_text out = {0};

	if (!help_add_spec_key(&out, word, err))
		return false;
	show(&out);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	if (call->args.n == 2 && strcmp(call->args.items[0], "spec") == 0)
		return show_key(call->args.items[1], err);
	if (call->args.n == 1 && show_text(call->args.items[0]))
		return true;
	struct call target = {.root = call->root, .command = call->root};
	bool ok = true;

	for (size_t i = 0; i < call->args.n && ok; i++) {
		const struct command *found = command_find(target.command, call->args.items[i]);

		if (found)
			command_enter(&target, found);
		else
			ok = unknown(call, i, err);
	}
	ok = ok && help_command(&target, err);
	call_release(&target);
	return ok;
}

const struct command command_help = {
	.name = "help",
	.arguments = "[NAME]...",
	.summary = "explain a command, a topic or a finding",
	.about = "Shows the help of a command, a topic, or what the code of a finding means;\n"
		 "'chutes help spec KEY' that of a key of chute.yaml.\n"
		 "'chutes help' alone lists commands and topics. With --json it describes the\n"
		 "command, or the whole command line.",
	.examples = {"chutes help build", "chutes help spec node_selector",
		     "chutes help --json | jq -r '.commands[].name'"},
	.see_also = {"completion"},
	.group = GROUP_TOOLS,
	.run = run,
};
