/* SPDX-License-Identifier: MIT
 * Completion in the shell: the script asks `chutes __complete WORD...`, whose answers are a walk
 * over the rows. Where nothing is answered, the shell completes file names.
 */
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <string.h>

/* bash splits words at "=" and ":"; what stands before the cursor's own piece is left alone. */
static const char bash_script[] =
	"_chutes()\n"
	"{\n"
	"\tlocal IFS=$'\\n'\n"
	"\tCOMPREPLY=($(\"$1\" __complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null))\n"
	"}\n"
	"complete -o bashdefault -o default -F _chutes chutes\n";

static bool run_script(struct call *call maybe_unused, struct error *err)
{
	if (strcmp(call->args.items[0], "bash") != 0)
		return fail(err, ERROR_USAGE, "there is no completion for '%s'",
			    call->args.items[0]) ||
		       fail_hint(err, "write 'chutes completion bash'");
	if (print_result())
		json_out_text(print_result(), "script", bash_script);
	else
		print_bytes(bash_script, sizeof(bash_script) - 1);
	return true;
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "SHELL",
	.summary = "print a completion script for bash",
	.about = "Prints a script that completes commands, options and their values in bash.\n"
		 "It asks this program, so it never is out of date.",
	.examples = {"source <(chutes completion bash)",
		     "chutes completion bash > ~/.local/share/bash-completion/completions/chutes"},
	.see_also = {"help"},
	.group = GROUP_TOOLS,
	.run = run_script,
};

/* --- __complete */

static void offer(const char *prefix, const char *before, const char *word)
{
	auto_free char *whole = xprintf("%s%s", before, word);

	if (text_starts_with(whole, prefix))
		print_line("%s", whole);
}

static void offer_choices(const char *prefix, const char *choices)
{
	auto_strings words = {0};

	strings_split(&words, choices, '|');
	for (size_t i = 0; i < words.n; i++)
		offer(prefix, "", words.items[i]);
}

static void offer_options(const char *prefix, const struct option_row *rows)
{
	for (const struct option_row *r = rows; r && r->name; r++) {
		offer(prefix, "--", r->name);
		if (r->type != OPTION_FLAG)
			continue;
		/* the opposite only when it was begun, or the list gets twice as long */
		if (text_starts_with(prefix, "--no-"))
			offer(prefix, "--no-", r->name);
	}
}

/* The row that `word` ("--format", "-t") names, if it takes a value. */
static const struct option_row *valued_row(const struct command *c, const char *word)
{
	const struct option_row *tables[] = {c->options, c->fallback ? c->fallback->options : NULL,
					     global_rows};

	for (size_t t = 0; t < array_len(tables); t++)
		for (const struct option_row *r = tables[t]; r && r->name; r++)
			if (r->type != OPTION_FLAG &&
			    ((word[0] == '-' && word[1] == '-' && strcmp(word + 2, r->name) == 0) ||
			     (word[0] == '-' && r->key && word[1] == r->key && !word[2])))
				return r;
	return NULL;
}

/* The images of the store; none when it cannot be read: a completion does not complain. */
static void offer_images(const char *prefix, const struct call *call)
{
	auto_store struct store *store = NULL;
	auto_store_images list = {0};
	struct error ignored;

	if (!project_store(call, &store, &ignored) || !store_images_list(store, &list, &ignored))
		return;
	for (size_t i = 0; i < list.n; i++)
		if (!text_starts_with(list.items[i].name, "sha256:"))
			offer(prefix, "", list.items[i].name);
}

static void offer_values(const char *prefix, const struct call *call, const struct command *c,
			 const struct option_row *row)
{
	if (row->offset == offsetof(struct globals, format) && strcmp(row->name, "format") == 0)
		offer_choices(prefix, command_formats(c));
	else if (row->type == OPTION_CHOICE)
		offer_choices(prefix, row->argument);
	else if (strcmp(row->argument, "IMAGE") == 0)
		offer_images(prefix, call);
}

static void offer_commands(const char *prefix, const struct command *parent)
{
	for (const struct command *const *s = parent->sub; s && *s; s++)
		if (!(*s)->is_hidden)
			offer(prefix, "", (*s)->name);
}

static void offer_words(const char *prefix, const struct call *call, const struct command *c)
{
	offer_commands(prefix, c);
	if (c->arguments && text_starts_with(c->arguments, "IMAGE"))
		offer_images(prefix, call);
	if (c == &command_completion)
		offer(prefix, "", "bash");
	if (c != &command_help)
		return;
	offer_commands(prefix, call->root);
	for (size_t i = 0; help_topic_at(i); i++)
		offer(prefix, "", help_topic_at(i)->name);
}

static bool run_complete(struct call *call, struct error *err maybe_unused)
{
	const struct command *c = call->root;
	const struct option_row *open = NULL; /* an option that waits for its value */
	const struct strings *words = &call->behind;
	const char *last = words->n ? words->items[words->n - 1] : "";

	for (size_t i = 0; i + 1 < words->n; i++) {
		const char *word = words->items[i];

		if (strcmp(word, "--") == 0)
			return true; /* what follows is not ours */
		if (strcmp(word, "=") == 0)
			continue;
		if (open) {
			open = NULL;
			continue;
		}
		open = valued_row(c, word);
		if (word[0] != '-' && command_find(c, word))
			c = command_find(c, word);
	}
	if (strcmp(last, "=") == 0)
		last = "";
	if (open)
		offer_values(last, call, c, open);
	else if (last[0] == '-') {
		offer_options(last, c->options);
		offer_options(last, c->fallback ? c->fallback->options : NULL);
		offer_options(last, global_rows);
	} else {
		offer_words(last, call, c);
	}
	return true;
}

const struct command command_complete = {
	.name = "__complete",
	.arguments = "[-- WORD...]",
	.summary = "answer a completion script",
	.about = "Prints what may stand in place of the last WORD, one candidate per line.\n"
		 "For completion scripts.",
	.group = GROUP_TOOLS,
	.is_hidden = true,
	.run = run_complete,
};
