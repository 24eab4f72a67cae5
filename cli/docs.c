/* SPDX-License-Identifier: MIT
 * The rows as man pages: chutes(1), one page per command, chute.yaml(5), chutes-config(5),
 * chutes-exit-codes(7); and the keys of chute.yaml and the settings as Markdown. The build runs
 * `chutes __docs`, so they cannot be out of date.
 */
#include "cli/commands.h"
#include "cli/docs_internal.h"
#include "cli/help.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <ctype.h>
#include <string.h>

/* Text as roff: dashes that can be copied, no accidental request at the start of a line. */
static void add_roff(struct text *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		text_add(out, "\\&");
	for (; *s; s++)
		if (*s == '\\')
			text_add(out, "\\e");
		else if (*s == '-')
			text_add(out, "\\-");
		else if (*s == '\n' && (s[1] == '.' || s[1] == '\''))
			text_add(out, "\n\\&");
		else
			text_add_char(out, *s);
}

void docs_add_line(struct text *out, const char *request, const char *s)
{
	text_add(out, request);
	add_roff(out, s);
	text_add_char(out, '\n');
}

void docs_add_head(struct text *out, const char *page, int section, const char *summary)
{
	text_add(out, ".TH ");
	for (const char *c = page; *c; c++)
		text_add_char(out, (char)toupper((unsigned char)*c));
	text_addf(out, " %d \"\" \"chutes %s\" \"%s\"\n", section, CHUTES_VERSION,
		  section == 1 ? "User commands" : "Chutes");
	text_add(out, ".nh\n.ad l\n.SH NAME\n");
	add_roff(out, page);
	text_add(out, " \\- ");
	add_roff(out, summary);
	text_add_char(out, '\n');
}

/* ".TP", a bold term, its explanation */
void docs_add_term(struct text *out, const char *term, const char *explanation)
{
	text_add(out, ".TP\n");
	docs_add_line(out, ".B ", term);
	docs_add_line(out, "", explanation);
}

static void add_options(struct text *out, const char *title, const struct option_row *rows)
{
	if (!rows || !rows->name)
		return;
	text_addf(out, "%s\n", title);
	for (const struct option_row *r = rows; r->name; r++) {
		auto_text term = {0};
		auto_text help = {0};

		if (r->key)
			text_addf(&term, "-%c, ", r->key);
		help_add_option_name(&term, r);
		help_add_option_help(&help, r);
		docs_add_term(out, text_str(&term), text_str(&help));
	}
}

static void add_exits(struct text *out, const struct command *c)
{
	int status;
	const char *sentence;

	text_add(out, ".SH EXIT STATUS\n");
	for (size_t i = 0; help_exit_at(c, i, &status, &sentence); i++) {
		auto_free char *number = xprintf("%d", status);

		docs_add_term(out, number, sentence);
	}
}

static void add_examples(struct text *out, const struct command *c)
{
	if (!c->examples[0])
		return;
	text_add(out, ".SH EXAMPLES\n.nf\n");
	for (size_t i = 0; i < array_len(c->examples) && c->examples[i]; i++)
		docs_add_line(out, "$ ", c->examples[i]);
	text_add(out, ".fi\n");
}

/* "images list" is explained on the page of "images". */
static void add_see_also(struct text *out, const struct command *c)
{
	text_add(out, ".SH SEE ALSO\n");
	for (size_t i = 0; i < array_len(c->see_also) && c->see_also[i]; i++) {
		const char *name = c->see_also[i];

		text_addf(out, ".BR chutes\\-%.*s (1),\n", (int)strcspn(name, " "), name);
	}
	text_add(out, ".BR chutes (1),\n.BR chute.yaml (5),\n.BR chutes\\-exit\\-codes (7)\n");
}

static void add_usage(struct text *out, const struct command *c, const char *name)
{
	auto_free char *usage = xprintf("chutes %s%s%s%s [OPTION]...", name,
					c->fallback ? " [COMMAND]"
					: c->sub    ? " COMMAND"
						    : "",
					c->arguments ? " " : "", c->arguments ? c->arguments : "");

	docs_add_line(out, ".B ", usage);
}

static void write_command(struct text *out, const struct command *c)
{
	auto_free char *page = xprintf("chutes-%s", c->name);

	docs_add_head(out, page, 1, c->summary);
	text_add(out, ".SH SYNOPSIS\n");
	add_usage(out, c, c->name);
	text_add(out, ".SH DESCRIPTION\n");
	docs_add_line(out, "", c->about);
	add_options(out, ".SH OPTIONS", c->options);
	for (const struct command *const *s = c->sub; s && *s; s++) {
		auto_free char *name = xprintf("%s %s", c->name, (*s)->name);

		if ((*s)->is_hidden)
			continue;
		text_addf(out, ".SH %s\n", (*s)->name);
		add_usage(out, *s, name);
		text_add(out, ".PP\n");
		docs_add_line(out, "", (*s)->about);
		add_options(out, ".PP", (*s)->options);
	}
	add_examples(out, c);
	add_exits(out, c);
	add_see_also(out, c);
}

static void write_root(struct text *out, const struct command *root)
{
	docs_add_head(out, "chutes", 1, root->summary);
	text_add(out, ".SH SYNOPSIS\n.B chutes\nCOMMAND [ARGUMENT]... [OPTION]...\n"
		      ".SH DESCRIPTION\n");
	docs_add_line(out, "", root->about);
	text_add(out, ".SH COMMANDS\n");
	for (const struct command *const *c = root->sub; *c; c++)
		if (!(*c)->is_hidden)
			docs_add_term(out, (*c)->name, (*c)->summary);
	add_options(out, ".SH OPTIONS", global_rows);
	text_add(out, ".SH ENVIRONMENT\n");
	for (int i = 0; i < ENV_N_NAMES; i++) {
		const struct env_row *row = env_row((enum env_name)i);

		if (row->meaning)
			docs_add_term(out, row->variable, row->meaning);
	}
	add_examples(out, root);
	add_exits(out, root);
	text_add(out, ".SH SEE ALSO\n");
	for (const struct command *const *c = root->sub; *c; c++)
		if (!(*c)->is_hidden)
			text_addf(out, ".BR chutes\\-%s (1),\n", (*c)->name);
	text_add(out, ".BR chute.yaml (5),\n.BR chutes\\-exit\\-codes (7)\n");
}

static void write_exit_codes(struct text *out)
{
	docs_add_head(out, "chutes-exit-codes", 7, "exit statuses of chutes");
	text_add(out, ".SH DESCRIPTION\n");
	docs_add_term(out, "0", "done, or already in the wanted state");
	for (int i = 0; i < ERROR_N_CODES; i++) {
		const struct error_row *row = error_row((enum error_code)i);
		auto_free char *status = xprintf("%d", row->exit_status);
		auto_free char *sentence = xprintf(
			"%s%s", row->sentence, row->is_retryable ? "; trying again may help" : "");

		docs_add_term(out, status, sentence);
	}
	text_add(out, ".SH SEE ALSO\n.BR chutes (1)\n");
}

static bool save(const char *directory, const char *page, const char *section,
		 const struct text *text, struct error *err)
{
	auto_free char *name = xprintf("%s.%s", page, section);
	auto_free char *path = path_join(directory, name);

	return file_write_cache(path, text_str(text), text->len, 0644, err);
}

/* All sections but 1, which has a page for each command. */
static const struct {
	const char *section;
	const char *name;
	void (*write)(struct text *out);
} pages[] = {{"5", "chute.yaml", docs_write_spec},
	     {"5", "chutes-config", docs_write_settings},
	     {"7", "chutes-exit-codes", write_exit_codes},
	     {"md", "chute.yaml", docs_write_spec_markdown},
	     {"md", "settings", docs_write_settings_markdown}};

static bool run(struct call *call, struct error *err)
{
	const char *section = call->args.items[0];
	const char *directory = call->args.items[1];
	bool is_found = false;

	if (!directory_make(directory, 0755, err))
		return false;
	for (size_t i = 0; i < array_len(pages); i++) {
		auto_text page = {0};

		if (strcmp(section, pages[i].section) != 0)
			continue;
		is_found = true;
		pages[i].write(&page);
		if (!save(directory, pages[i].name, section, &page, err))
			return false;
	}
	if (is_found)
		return true;
	auto_text page = {0};

	write_root(&page, call->root);
	if (!save(directory, "chutes", section, &page, err))
		return false;
	for (const struct command *const *c = call->root->sub; *c; c++) {
		auto_free char *name = xprintf("chutes-%s", (*c)->name);

		if ((*c)->is_hidden)
			continue;
		text_clear(&page);
		write_command(&page, *c);
		if (!save(directory, name, section, &page, err))
			return false;
	}
	return true;
}

const struct command command_docs = {
	.name = "__docs",
	.arguments = "SECTION DIR",
	.summary = "write the man pages of a section",
	.about = "Writes the man pages of section 1, 5 or 7, or the reference as Markdown (md),\n"
		 "into DIR. For the build.",
	.group = GROUP_TOOLS,
	.is_hidden = true,
	.run = run,
};
