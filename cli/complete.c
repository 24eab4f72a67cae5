/* SPDX-License-Identifier: MIT
 * What may stand in place of a word: the answers to completion scripts are a walk over the rows.
 */
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/findings.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/config/config.h"
#include "lib/local/local.h"
#include "lib/spec/spec.h"

#include <string.h>

struct complete_options {
	bool describes;
};
static const struct option_row rows[] = {
	OPT(0, "describe", FLAG, complete_options, describes, NULL,
	    "add a tab and a description; ':file' or ':directory' when such a name is wanted"),
	OPT_END};

struct answer {
	const struct call *call;
	const char *prefix; /* what was begun */
	const char *before; /* stands in front of each candidate: "--format=" */
	bool describes;
};

static void offer(const struct answer *a, const char *word, const char *help)
{
	auto_free char *whole = xprintf("%s%s", a->before, word);
	auto_text line = {0};

	if (!text_starts_with(whole, a->prefix))
		return;
	text_add_printable(&line, whole, strlen(whole), false);
	if (a->describes && help)
		text_addf(&line, "\t%s", help);
	text_add_char(&line, '\n');
	print_bytes(text_str(&line), line.len);
}

static void offer_choices(const struct answer *a, const char *choices)
{
	auto_strings words = {0};

	strings_split(&words, choices, '|');
	for (size_t i = 0; i < words.n; i++)
		offer(a, words.items[i], NULL);
}

static void offer_options(const struct answer *a, const struct option_row *options)
{
	for (const struct option_row *r = options; r && r->name; r++) {
		auto_free char *name = xprintf("--%s", r->name);
		auto_free char *opposite = xprintf("--no-%s", r->name);

		offer(a, name, r->help);
		/* the opposite only when it was begun, or the list gets twice as long */
		if (r->type == OPTION_FLAG && text_starts_with(a->prefix, "--no-"))
			offer(a, opposite, NULL);
	}
}

/* --- what programs and files know: nothing when they cannot be read, a completion does not
 * complain */

static void offer_images(const struct answer *a)
{
	auto_store struct store *store = NULL;
	auto_store_images list = {0};
	struct error ignored;

	if (!project_store(a->call, &store, &ignored) || !store_images_list(store, &list, &ignored))
		return;
	for (size_t i = 0; i < list.n; i++)
		if (!text_starts_with(list.items[i].name, "sha256:"))
			offer(a, list.items[i].name, NULL);
}

static void offer_chutes(const struct answer *a)
{
	auto_local_chutes list = {0};
	struct error ignored;

	if (!local_list(&list, &ignored))
		return;
	for (size_t i = 0; i < list.n; i++)
		offer(a, list.items[i].name, list.items[i].address);
}

static void offer_overlays(const struct answer *a)
{
	auto_spec spec = {0};
	auto_findings ignored_findings = {0};
	struct error ignored;

	if (!spec_load(&(struct spec_options){0}, &spec, &ignored_findings, &ignored))
		return;
	for (size_t i = 0; i < spec.environments.n; i++)
		offer(a, spec.environments.items[i].name, NULL);
}

static void offer_codes(const struct answer *a)
{
	for (size_t i = 0; finding_row_at(i); i++)
		offer(a, finding_row_at(i)->code, finding_row_at(i)->title);
}

static void offer_profiles(const struct answer *a)
{
	auto_config c = {0};
	struct error ignored;

	if (!config_load(&(struct config_options){0}, &c, &ignored))
		return;
	for (size_t i = 0; i < c.profiles.n; i++)
		offer(a, c.profiles.items[i], NULL);
}

static void offer_settings(const struct answer *a)
{
	for (int i = 0; i < CONFIG_N_SETTINGS; i++)
		offer(a, config_row((enum config_setting)i)->name,
		      config_row((enum config_setting)i)->help);
}

static void offer_shells(const struct answer *a)
{
	for (size_t i = 0; completion_shell_at(i); i++)
		offer(a, completion_shell_at(i), NULL);
}

static void offer_key(void *context, const char *path, const struct field *row)
{
	offer(context, path, row->help);
}

/* Tell the shell to complete names of its own. */
static void want_file(const struct answer *a)
{
	if (a->describes)
		print_bytes(":file\n", strlen(":file\n"));
}

static void want_directory(const struct answer *a)
{
	if (a->describes)
		print_bytes(":directory\n", strlen(":directory\n"));
}

/* What stands for the word of a command's arguments, or of an option's. */
static const struct {
	const char *word;
	void (*offer)(const struct answer *a);
} arguments[] = {
	{"FILE", want_file},     {"DIR", want_directory},     {"PATH", want_file},
	{"SOURCE", want_file},   {"PROGRAM", want_file},      {"IMAGE", offer_images},
	{"CODE", offer_codes},   {"SHELL", offer_shells},     {"OVERLAY", offer_overlays},
	{"CHUTE", offer_chutes}, {"PROFILE", offer_profiles}, {"SETTING", offer_settings},
};

static void offer_argument(const struct answer *a, const char *word, size_t len)
{
	for (size_t i = 0; i < array_len(arguments); i++)
		if (strlen(arguments[i].word) == len && strncmp(arguments[i].word, word, len) == 0)
			arguments[i].offer(a);
}

static void offer_values(const struct answer *a, const struct command *c,
			 const struct option_row *row)
{
	if (row->offset == offsetof(struct globals, format) && strcmp(row->name, "format") == 0)
		offer_choices(a, command_formats(c));
	else if (row->offset == offsetof(struct globals, overlay) &&
		 strcmp(row->name, "overlay") == 0)
		offer_overlays(a);
	else if (row->type == OPTION_CHOICE)
		offer_choices(a, row->argument);
	else
		offer_argument(a, row->argument, strlen(row->argument));
}

static void offer_commands(const struct answer *a, const struct command *parent)
{
	for (const struct command *const *s = parent->sub; s && *s; s++)
		if (!(*s)->is_hidden)
			offer(a, (*s)->name, (*s)->summary);
}

/* The n-th argument of "NAME [FILE]...", of which the last may be repeated. */
static void offer_nth(const struct answer *a, const char *words, size_t n)
{
	while (words && *words) {
		const char *word = words + (*words == '[');
		size_t len = strcspn(word, "]. ");
		bool repeats = strncmp(word + len + (word[len] == ']'), "...", 3) == 0;

		if (n == 0 || repeats) {
			offer_argument(a, word, len);
			return;
		}
		n--;
		words += strcspn(words, " ");
		words += *words == ' ';
	}
}

/* `n`: arguments that the command has already. */
static void offer_words(const struct answer *a, const struct command *c, size_t n,
			const char *before)
{
	if (n == 0)
		offer_commands(a, c);
	if (n == 0 && c->fallback)
		offer_nth(a, c->fallback->arguments, n);
	if (c != &command_help) {
		offer_nth(a, c->arguments, n);
	} else if (n == 0) {
		offer_commands(a, a->call->root);
		for (size_t i = 0; help_topic_at(i); i++)
			offer(a, help_topic_at(i)->name, help_topic_at(i)->summary);
		offer_codes(a);
	} else if (n == 1 && strcmp(before, "spec") == 0) {
		struct answer copy = *a;

		spec_keys(offer_key, &copy);
	}
}

/* --- where the line stands */

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

struct position {
	const struct command *command;
	const struct option_row *open; /* an option that waits for its value */
	size_t n_arguments;
	const char *before; /* the last argument */
	bool is_behind;     /* "--": what follows is not ours */
};

static struct position find_position(const struct call *call)
{
	const struct strings *words = &call->behind;
	struct position p = {.command = call->root, .before = ""};

	for (size_t i = 0; i + 1 < words->n; i++) {
		const char *word = words->items[i];

		p.is_behind |= strcmp(word, "--") == 0;
		if (strcmp(word, "=") == 0)
			continue;
		if (p.open) {
			p.open = NULL;
			continue;
		}
		p.open = valued_row(p.command, word);
		if (word[0] == '-')
			continue;
		if (p.n_arguments == 0 && command_find(p.command, word)) {
			p.command = command_find(p.command, word);
		} else {
			p.n_arguments++;
			p.before = word;
		}
	}
	return p;
}

/* "--format=j": the value of an option in one word. */
static bool offer_joined(struct answer *a, const struct command *c)
{
	size_t len = strcspn(a->prefix, "=");

	if (!text_starts_with(a->prefix, "--") || !a->prefix[len])
		return false;
	auto_free char *name = xstrndup(a->prefix, len);
	auto_free char *before = xstrndup(a->prefix, len + 1);
	const struct option_row *row = valued_row(c, name);

	a->before = before;
	if (row)
		offer_values(a, c, row);
	a->before = "";
	return true;
}

static bool run(struct call *call, struct error *err maybe_unused)
{
	const struct complete_options *o = call->options;
	const struct strings *words = &call->behind;
	const char *last = words->n ? words->items[words->n - 1] : "";
	struct position p = find_position(call);
	const struct command *c = p.command;
	struct answer a = {.call = call,
			   .prefix = strcmp(last, "=") == 0 ? "" : last,
			   .before = "",
			   .describes = o->describes};

	if (p.is_behind)
		return true;
	if (p.open) {
		offer_values(&a, c, p.open);
	} else if (offer_joined(&a, c)) {
		return true;
	} else if (last[0] == '-') {
		offer_options(&a, c->options);
		offer_options(&a, c->fallback ? c->fallback->options : NULL);
		offer_options(&a, global_rows);
	} else {
		offer_words(&a, c, p.n_arguments, p.before);
	}
	return true;
}

const struct command command_complete = {
	.name = "__complete",
	.arguments = "[-- WORD...]",
	.summary = "answer a completion script",
	.about = "Prints what may stand in place of the last WORD, one candidate per line.\n"
		 "For completion scripts.",
	.options = rows,
	.options_size = sizeof(struct complete_options),
	.group = GROUP_TOOLS,
	.is_hidden = true,
	.run = run,
};
