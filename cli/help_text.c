/* SPDX-License-Identifier: MIT
 * Building blocks of help texts: wrapped words, two columns.
 */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 79, COLUMN = 26 };

/* `at`: columns already used on the current line. */
static void add_words(struct text *out, size_t indent, size_t at, const char *words)
{
	bool is_first = true;

	while (*words) {
		size_t len = strcspn(words, " \n");

		if (!is_first && at + 1 + len > WIDTH) {
			text_addf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!is_first) {
			text_add_char(out, ' ');
			at++;
		}
		text_add_bytes(out, words, len);
		at += len;
		is_first = false;
		words += len;
		/* a line break of the source is a blank; an empty line begins a paragraph, a line
		 * that begins with a blank stays as it is */
		bool is_paragraph = words[0] == '\n' && words[1] == '\n' && words[2];
		bool is_verbatim = words[0] == '\n' && words[1] == ' ';

		if (is_paragraph || is_verbatim) {
			text_addf(out, is_paragraph ? "\n\n%*s" : "\n%*s", (int)indent, "");
			at = indent;
			is_first = true;
			words += is_paragraph;
		}
		words += *words != '\0';
		for (; is_verbatim && *words == ' '; words++, at++)
			text_add_char(out, ' ');
	}
	text_add_char(out, '\n');
}

void help_add_wrapped(struct text *out, size_t indent, const char *words)
{
	text_addf(out, "%*s", (int)indent, "");
	add_words(out, indent, indent, words);
}

/* A name and its explanation beside it, or below when the name is too long. */
void help_add_pair(struct text *out, const char *name, const char *explanation)
{
	size_t len = strlen(name);

	text_addf(out, "  %s", name);
	if (len + 4 > COLUMN)
		text_addf(out, "\n%*s", COLUMN, "");
	else
		text_addf(out, "%*s", (int)(COLUMN - len - 2), "");
	add_words(out, COLUMN, COLUMN, explanation);
}

void help_add_option_name(struct text *out, const struct option_row *row)
{
	text_addf(out, "--%s", row->name);
	if (row->argument)
		text_addf(out, " %s", row->argument);
}

void help_add_option_help(struct text *out, const struct option_row *row)
{
	text_add(out, row->help);
	if (row->has_env)
		text_addf(out, " [%s]", env_row(row->env)->variable);
}

void help_add_options(struct text *out, const struct option_row *rows)
{
	for (const struct option_row *r = rows; r && r->name; r++) {
		auto_text name = {0};
		auto_text help = {0};

		if (r->key)
			text_addf(&name, "-%c, ", r->key);
		else
			text_add(&name, "    ");
		help_add_option_name(&name, r);
		help_add_option_help(&help, r);
		help_add_pair(out, text_str(&name), text_str(&help));
	}
}

bool help_exit_at(const struct command *command, size_t i, int *status, const char **sentence)
{
	static const enum error_code always[] = {ERROR_FAILURE, ERROR_USAGE};
	enum error_code code = ERROR_FAILURE;

	if (i == 0) {
		*status = 0;
		*sentence = "done";
		return true;
	}
	i--;
	if (i < array_len(always)) {
		code = always[i];
	} else {
		i -= array_len(always);
		if (i >= array_len(command->exits) || command->exits[i] == ERROR_FAILURE)
			return false;
		code = command->exits[i];
	}
	*status = error_row(code)->exit_status;
	*sentence = error_row(code)->sentence;
	return true;
}
